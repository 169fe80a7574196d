import type { ProcessTable } from '../../../types/collector.ts';
import type { ProcessFact } from '../../../types/process.ts';
import type { ProcessEvent } from '../../../types/sensor.ts';

/** A process as the sensor saw it come, and perhaps go. */
export interface Birth {
  pid: number;
  /** Process that made it. */
  ppid: number;
  /** Unix ms. */
  bornAt: number;
  endedAt?: number;
  comm: string;
  filename?: string;
  /** Read from the live process soon after it began or executed something; absent when it was gone by then. */
  fact?: ProcessFact;
  /** Its start as the kernel counts it, once it was read. */
  startTicks?: number;
}

/** To whom a process belongs, as far as is known between two looks. */
export type Kinship = 'family' | 'stranger' | 'unknown';

export interface KinOptions {
  /** Reads a living process; `undefined` when it is gone. */
  readFact: (pid: number) => ProcessFact | undefined;
  now: () => number;
}

/**
 * Follows births between two looks, so that whoever comes and goes in between still has parents. Only births in the family
 * cost a read of `/proc`, and only so many in a second: a fork bomb must not make us busy.
 */
export interface Kin {
  take(event: ProcessEvent): void;
  kinshipOf(pid: number): Kinship;
  /** Network namespace, of its maker where nobody looked at it. */
  netnsOf(pid: number): string | undefined;
  birthOf(pid: number): Birth | undefined;
  /** Family births since the last look, those that ended included. */
  births(): Iterable<Birth>;
  /** After a look: who is alive, and who of them is family. What is over and told is forgotten. */
  settle(table: ProcessTable, family: ReadonlySet<number>): void;
}

const MAX_BIRTHS = 20_000;
/** The kernel's own limit of pids is 4 million; between two looks there are some thousands. */
const MAX_PIDS = 500_000;
const READS_A_SECOND = 200;
/** An ended process is kept this long: its last events may still be on their way. */
const LINGER_MS = 2_000;

export function createKin({ readFact, now }: KinOptions): Kin {
  const births = new Map<number, Birth>();
  let known = new Map<number, { kin: Kinship; netns: string | undefined }>();
  /** Family as the last look saw it alive: whoever of them ends before the next one is still somebody's parent. */
  let alive = new Map<number, ProcessFact>();
  let readsLeft = READS_A_SECOND;
  let readsSince = 0;

  function mayRead(): boolean {
    const second = Math.floor(now() / 1000);
    if (second !== readsSince) [readsLeft, readsSince] = [READS_A_SECOND, second];
    return readsLeft-- > 0;
  }

  function lookAt(birth: Birth): void {
    if (birth.endedAt !== undefined || !mayRead()) return;
    const fact = readFact(birth.pid);
    // A pid can have gone to another process by now: only one that started when this one did is this one.
    const isSame = fact?.startedAt === undefined || Math.abs(fact.startedAt - birth.bornAt) < SAME_START_MS;
    if (fact === undefined || !isSame) return;
    birth.fact = fact;
    birth.startTicks = fact.startTicks;
  }

  /** The birth of a process; one that was there at the last look has its birth from there. */
  function birthOf(pid: number): Birth | undefined {
    const fact = births.has(pid) ? undefined : alive.get(pid);
    if (fact === undefined) return births.get(pid);
    return keep(birthFrom(fact));
  }

  function keep(birth: Birth): Birth {
    births.set(birth.pid, birth);
    if (births.size > MAX_BIRTHS) births.delete(births.keys().next().value!);
    return birth;
  }

  function born(pid: number, ppid: number, bornAt: number, comm: string): void {
    // The kernel uses a pid again only after its process ended, so this one is new.
    births.delete(pid);
    alive.delete(pid);
    const maker = known.get(ppid) ?? { kin: 'unknown', netns: undefined };
    const { kin } = maker;
    if (known.size < MAX_PIDS || kin === 'family') known.set(pid, maker);
    if (kin === 'stranger') return;
    const birth = keep({ pid, ppid, bornAt, comm });
    if (kin === 'family') lookAt(birth);
  }

  return {
    take(event) {
      if (event.kind === 'fork') return born(event.pid, event.ppid, event.at, event.comm);
      const birth = birthOf(event.pid);
      if (birth === undefined) return;
      if (event.kind === 'exit') {
        birth.endedAt = event.at;
        return;
      }
      birth.filename = event.filename;
      delete birth.fact;
      if (known.get(event.pid)?.kin === 'family') lookAt(birth);
    },
    kinshipOf: (pid) => known.get(pid)?.kin ?? 'unknown',
    netnsOf: (pid) => births.get(pid)?.fact?.netns ?? known.get(pid)?.netns,
    birthOf: (pid) => births.get(pid),
    births: () => births.values(),
    settle(table, family) {
      const next: typeof known = new Map();
      const members: typeof alive = new Map();
      for (const fact of table.processes.values()) {
        const { pid, netns } = fact;
        next.set(pid, { kin: family.has(pid) ? 'family' : 'stranger', netns });
        if (family.has(pid) && births.get(pid)?.endedAt === undefined) members.set(pid, fact);
      }
      // Gone without a word so far: what it did last may be told after this look.
      for (const [pid, fact] of alive) {
        if (!table.processes.has(pid) && !births.has(pid)) keep({ ...birthFrom(fact), endedAt: now() });
      }
      const oldest = now() - LINGER_MS;
      for (const [pid, birth] of births) {
        const isOver = birth.endedAt !== undefined && birth.endedAt < oldest;
        if (isOver || (birth.endedAt === undefined && next.has(pid))) births.delete(pid);
        // Born after the table was read: what was said of its parent still counts.
        else if (!next.has(pid)) {
          const before = known.get(pid) ?? { kin: 'unknown', netns: undefined };
          next.set(pid, family.has(pid) ? { ...before, kin: 'family' } : before);
        }
      }
      known = next;
      alive = members;
    },
  };
}

function birthFrom(fact: ProcessFact): Birth {
  const { pid, ppid, comm, startTicks, startedAt = 0 } = fact;
  return { pid, ppid, bornAt: startedAt, comm, fact, startTicks };
}

/** `startedAt` from /proc is exact to the second of the boot time. */
const SAME_START_MS = 2_500;
