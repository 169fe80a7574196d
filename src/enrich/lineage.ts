import type { FamilyMember, ProcessFact, ProcessKey } from '../types/process.ts';
import { processKey } from '../types/process.ts';
import type { Owner } from '../types/snapshot.ts';

// Deeper than any real tree; an attacker can fork a chain, and a chain must not cost a frame.
const MAX_DEPTH = 64;

/** Who descends from whom in one look. */
export interface Lineage {
  process(pid: number): ProcessFact | undefined;
  member(process: ProcessFact): FamilyMember | undefined;
  /**
   * The parent as recorded at first sight, else the one of now. `undefined` when it is gone, or when its pid belongs to
   * a younger process by now.
   */
  parent(process: ProcessFact): ProcessFact | undefined;
  /** The process itself first, then its ancestors up to `isTop`, pid 1 or the end of what is known. */
  chain(process: ProcessFact, isTop: (process: ProcessFact) => boolean): Owner['lineage'];
}

export function createLineage(processes: readonly ProcessFact[], family: readonly FamilyMember[]): Lineage {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const members = new Map<ProcessKey, FamilyMember>(family.map((member) => [processKey(member), member]));
  const byKey = (key: ProcessKey) => {
    const process = byPid.get(Number.parseInt(key, 10));
    return process !== undefined && processKey(process) === key ? process : undefined;
  };

  function parent(process: ProcessFact): ProcessFact | undefined {
    const recorded = members.get(processKey(process))?.ancestors[0];
    if (recorded !== undefined) return byKey(recorded);
    const candidate = byPid.get(process.ppid);
    if (candidate === undefined || candidate.pid === process.pid) return undefined;
    const isYounger = process.startTicks > 0 && candidate.startTicks > process.startTicks;
    return isYounger ? undefined : candidate;
  }

  function chain(process: ProcessFact, isTop: (process: ProcessFact) => boolean): Owner['lineage'] {
    const steps: Owner['lineage'] = [{ pid: process.pid, comm: process.comm }];
    const seen = new Set([process.pid]);
    // Ancestors that ended before this look are still known by number from their last living descendant.
    let recorded = ancestorsOf(process);
    let current: ProcessFact | undefined = process;
    while (steps.length < MAX_DEPTH && !(current !== undefined && (isTop(current) || current.pid <= 1))) {
      const key = recorded.shift();
      const next: ProcessFact | undefined =
        key !== undefined ? byKey(key) : current === undefined ? undefined : parent(current);
      const pid = next?.pid ?? (key === undefined ? undefined : Number.parseInt(key, 10));
      if (pid === undefined || !Number.isInteger(pid) || seen.has(pid)) break;
      seen.add(pid);
      steps.push({ pid, comm: next?.comm ?? '(ended)' });
      if (next !== undefined && recorded.length === 0) recorded = ancestorsOf(next);
      current = next;
    }
    return steps;
  }

  function ancestorsOf(process: ProcessFact): ProcessKey[] {
    return [...(members.get(processKey(process))?.ancestors ?? [])];
  }

  return { process: (pid) => byPid.get(pid), member: (process) => members.get(processKey(process)), parent, chain };
}
