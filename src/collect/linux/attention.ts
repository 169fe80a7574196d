import type { ProcessFact } from '../../types/process.ts';

const FAMILY_WORD = /openclaw|clawdbot/i;

/**
 * Processes worth a closer look in each cycle: those that look like OpenClaw by arguments, name or markers, those the
 * caller asks for, and everything below them. Being in this set decides how soon a change is noticed and nothing else, so
 * a process that puts "openclaw" into its name only makes us look at it more often.
 */
export function findAttended(
  processes: ReadonlyMap<number, ProcessFact>,
  watched: ReadonlySet<number>,
  looksLikeFamily: (fact: ProcessFact) => boolean,
): Set<number> {
  const attended = new Set<number>();
  const plain = new Set<number>();
  for (const start of processes.keys()) {
    const path: number[] = [];
    let pid: number | undefined = start;
    let found = false;
    // A parent chain ends at 0; a table read while processes come and go can still hold a ring, hence `plain`.
    while (pid !== undefined && !plain.has(pid)) {
      const fact: ProcessFact | undefined = processes.get(pid);
      if (fact === undefined) break;
      path.push(pid);
      plain.add(pid);
      if (attended.has(pid) || watched.has(pid) || looksLikeFamily(fact)) {
        found = true;
        break;
      }
      pid = fact.ppid;
    }
    if (pid !== undefined && attended.has(pid)) found = true;
    if (found) for (const member of path) attended.add(member);
  }
  return attended;
}

/** Arguments are only searched at their beginning, where a program and its script are. */
export function looksLikeFamily(fact: ProcessFact): boolean {
  if (FAMILY_WORD.test(fact.comm)) return true;
  for (let index = 0; index < 3; index += 1) {
    if (FAMILY_WORD.test(fact.argv[index]?.slice(0, 4096) ?? '')) return true;
  }
  return Object.keys(fact.markers).some((name) => name.startsWith('OPENCLAW_') || name.startsWith('CLAWWATCH_'));
}
