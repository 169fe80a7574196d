import type { Snapshot } from '../types/snapshot.ts';

/**
 * Work on a look that several rules need, done once for each look. The answer is shared: nobody may change it. It goes
 * with the snapshot, so that nothing is held between looks; with other arguments the work is done anew.
 */
export function perLook<More extends unknown[], Answer>(
  work: (snapshot: Snapshot, ...more: More) => Answer,
): (snapshot: Snapshot, ...more: More) => Answer {
  const answers = new WeakMap<Snapshot, { answer: Answer; more: More }>();
  return (snapshot, ...more) => {
    let known = answers.get(snapshot);
    if (known === undefined || known.more.some((each, index) => each !== more[index])) {
      known = { answer: work(snapshot, ...more), more };
      answers.set(snapshot, known);
    }
    return known.answer;
  };
}
