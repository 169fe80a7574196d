import type { ProcessTable } from '../../../types/collector.ts';
import type { ProcessFact } from '../../../types/process.ts';
import type { Birth, Kin } from './kin.ts';

const MS_PER_TICK = 10;
/** Births by event and by `/proc` may differ by so much where a clock was corrected in between; a tick and a bit else. */
const SAME_START_MS = 2_500;
const CLOCK_ERROR_MS = 50;
/** Ended processes that one look takes in; those that connected come first. */
const MAX_ENDED = 2_000;

/**
 * The table with the processes that came and went since the look before, as far as anything hangs on them: their own
 * connections, or somebody whom they made. A pid that lives again belongs to the living.
 *
 * @param wanted pids that connected.
 * @param bootAt Unix ms of the boot, to the tick.
 */
export function withEnded(table: ProcessTable, kin: Kin, wanted: Iterable<number>, bootAt: number): ProcessTable {
  const makers = new Map<number, number>();
  const added = new Map<number, ProcessFact>();

  function add(birth: Birth): void {
    for (
      let step: Birth | undefined = birth;
      step !== undefined && !makers.has(step.pid);
      step = kin.birthOf(step.ppid)
    ) {
      const living = table.processes.get(step.pid);
      if (living !== undefined && !isThis(living, step, bootAt)) return;
      makers.set(step.pid, step.ppid);
      // Alive it stands for itself; those who made it may be gone all the same.
      if (living === undefined && added.size < MAX_ENDED)
        added.set(step.pid, factOf(step, kin.birthOf(step.ppid), bootAt));
    }
  }

  for (const pid of wanted) {
    const birth = kin.birthOf(pid);
    if (birth !== undefined) add(birth);
  }
  for (const birth of kin.births()) if (table.processes.has(birth.pid) && birth.endedAt === undefined) add(birth);
  if (added.size === 0 && makers.size === 0) return table;
  return { ...table, processes: new Map([...added, ...table.processes]), makers };
}

/** Whether the living process with this pid is the one that was born then, and not one that got its pid after its end. */
function isThis(living: ProcessFact, { bornAt, endedAt, startTicks }: Birth, bootAt: number): boolean {
  if (startTicks !== undefined) return living.startTicks === startTicks;
  const startedAt = bootAt + living.startTicks * MS_PER_TICK;
  return Math.abs(startedAt - bornAt) < SAME_START_MS && startedAt <= (endedAt ?? startedAt) + CLOCK_ERROR_MS;
}

/** As read while it lived, else what the events tell. Its arguments are not among that. */
function factOf(birth: Birth, maker: Birth | undefined, bootAt: number): ProcessFact {
  const { pid, bornAt, filename, fact, startTicks } = birth;
  const ppid = isOrphan(birth, maker) ? ADOPTER : birth.ppid;
  if (fact !== undefined) return { ...fact, ppid };
  const name = filename?.slice(filename.lastIndexOf('/') + 1);
  return {
    pid,
    startTicks: startTicks ?? Math.max(1, Math.floor((bornAt - bootAt) / MS_PER_TICK)),
    startedAt: bornAt,
    ppid,
    comm: (name ?? birth.comm).slice(0, 15),
    argv: [],
    ...(filename?.startsWith('/') && { exe: filename }),
    markers: {},
    markersUnread: true,
  };
}

/** Who adopts orphans; also where it is another one, for nobody asks for more than that. */
const ADOPTER = 1;

/** Whoever made it ended first: then it has left the tree, however short it lived after that. */
function isOrphan({ endedAt = Number.POSITIVE_INFINITY }: Birth, maker: Birth | undefined): boolean {
  return maker?.endedAt !== undefined && maker.endedAt < endedAt;
}
