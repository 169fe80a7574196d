import type { ProcessTable } from '../../../types/collector.ts';
import type { ProcessFact } from '../../../types/process.ts';
import type { Birth, Kin } from './kin.ts';

const MS_PER_TICK = 10;
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
      makers.set(step.pid, step.ppid);
      // Alive it stands for itself; those who made it may be gone all the same.
      if (!table.processes.has(step.pid) && added.size < MAX_ENDED)
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

/** As read while it lived, else what the events tell. Its arguments are not among that. */
function factOf(birth: Birth, maker: Birth | undefined, bootAt: number): ProcessFact {
  const { pid, bornAt, filename, fact } = birth;
  const ppid = isOrphan(birth, maker) ? ADOPTER : birth.ppid;
  if (fact !== undefined) return { ...fact, ppid };
  const name = filename?.slice(filename.lastIndexOf('/') + 1);
  return {
    pid,
    startTicks: Math.max(1, Math.floor((bornAt - bootAt) / MS_PER_TICK)),
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
