import type { CaseStep } from './case.ts';
import { CONNECTION_STEPS } from './connection-steps.ts';
import { HOST_STEPS } from './host-steps.ts';
import { fillIn, repetitions } from './patterns.ts';
import { type Act, type Plan, type Timed, type Translate, wordsOfStep } from './plan.ts';
import { PROCESS_STEPS } from './process-steps.ts';
import { StepProblem } from './world.ts';

/** Things that may happen in one case: 200,000 make a minute of work. */
const MAX_ACTIONS = 200_000;

const TRANSLATIONS: Translations<Act> = new Map([
  ...Object.entries(PROCESS_STEPS),
  ...Object.entries(CONNECTION_STEPS),
  ...Object.entries(HOST_STEPS),
]);

/** Translations by the words that cases use. */
export type Translations<A> = ReadonlyMap<string, Translate<A>>;

/** What happens in a case, in order, and the time of its key step. */
export interface Script<A = Act> {
  actions: Timed<A>[];
  /** Ms from the start; of the last step where none is marked. */
  keyMs: number;
  /** Ms; when the last thing happens. */
  endMs: number;
}

/** Translates the steps of a case. @throws StepProblem naming a word that is not known or cannot be used. */
export function scriptOf(steps: readonly CaseStep[]): Script {
  return scriptIn(steps, TRANSLATIONS);
}

/** The same in other translations. @throws StepProblem */
export function scriptIn<A>(steps: readonly CaseStep[], translations: Translations<A>): Script<A> {
  const actions: Timed<A>[] = [];
  const key = steps.find((step) => step.key) ?? steps.at(-1);
  let isKey = false;
  const plan: Plan<A> = {
    at(t, act) {
      if (actions.length >= MAX_ACTIONS) throw new StepProblem(`more than ${MAX_ACTIONS} things happen`);
      if (!Number.isFinite(t)) throw new StepProblem('a time that is no number');
      actions.push({ atMs: Math.round(t * 1000), act, isKey });
    },
  };
  for (const step of steps) {
    isKey = step === key;
    translate(step, { plan, translations }, 0);
  }
  actions.sort((a, b) => a.atMs - b.atMs);
  return { actions, keyMs: Math.round((key?.t ?? 0) * 1000), endMs: actions.at(-1)?.atMs ?? 0 };
}

const MAX_DEPTH = 4;

interface Target<A> {
  plan: Plan<A>;
  translations: Translations<A>;
}

function translate<A>(step: CaseStep, target: Target<A>, depth: number): void {
  if (step.do === 'repeat') {
    repeat(step, target, depth);
    return;
  }
  const known = target.translations.get(step.do);
  if (known === undefined) throw new StepProblem(`it does not know what "do: ${step.do.slice(0, 40)}" means`);
  known(wordsOfStep(step), target.plan);
}

function repeat<A>(step: CaseStep, target: Target<A>, depth: number): void {
  if (depth >= MAX_DEPTH) throw new StepProblem('repeat inside repeat, too deep');
  const words = wordsOfStep(step);
  const n = words.number('n', 1);
  if (n > MAX_ACTIONS) throw new StepProblem(`repeat of ${n}`);
  const inner = Array.isArray(step.steps) ? (step.steps as unknown[]) : [step.step];
  const times = repetitions({
    t: step.t,
    n,
    every: words.number('every', 1),
    jitter: words.number('jitter', 0),
    seed: words.number('seed', 0),
  });
  for (const [i, t] of times.entries()) {
    for (const each of inner) {
      const filled = fillIn(each, i) as CaseStep | undefined;
      if (typeof filled?.do !== 'string') throw new StepProblem(`repeat at t=${step.t}: step without do`);
      translate({ ...filled, t: t + (typeof filled.t === 'number' ? filled.t : 0) }, target, depth + 1);
    }
  }
}
