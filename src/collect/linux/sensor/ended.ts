import type { ProcessTable } from '../../../types/collector.ts';
import type { ProcessFact } from '../../../types/process.ts';
import type { BootClock } from '../boot-clock.ts';
import type { Birth, Kin } from './kin.ts';

const MS_PER_TICK = 10;
/** Ended processes that one look takes in; those that connected come first. */
const MAX_ENDED = 2_000;

/**
 * The table with the processes that came and went since the look before, as far as anything hangs on them: their own
 * connections, or somebody whom they made. A pid that lives again belongs to the living.
 *
 * @param wanted pids that connected.
 */
export function withEnded(table: ProcessTable, kin: Kin, wanted: Iterable<number>, clock: BootClock): ProcessTable {
  const makers = new Map<number, number>();
  const added = new Map<number, ProcessFact>();
  const bootAt = clock.startedAt(0);

  function add(birth: Birth): void {
    for (
      let step: Birth | undefined = birth;
      step !== undefined && !makers.has(step.pid);
      step = kin.birthOf(step.ppid)
    ) {
      makers.set(step.pid, step.ppid);
      // Alive it stands for itself; those who made it may be gone all the same.
      if (!table.processes.has(step.pid) && added.size < MAX_ENDED) added.set(step.pid, factOf(step, bootAt));
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
function factOf(birth: Birth, bootAt: number | undefined): ProcessFact {
  const { pid, ppid, bornAt, filename, fact } = birth;
  // By then it may have been adopted; who made it is what counts.
  if (fact !== undefined) return { ...fact, ppid };
  const name = filename?.slice(filename.lastIndexOf('/') + 1);
  return {
    pid,
    startTicks: bootAt === undefined ? 0 : Math.max(1, Math.round((bornAt - bootAt) / MS_PER_TICK)),
    startedAt: bornAt,
    ppid,
    comm: (name ?? birth.comm).slice(0, 15),
    argv: [],
    ...(filename?.startsWith('/') && { exe: filename }),
    markers: {},
    markersUnread: true,
  };
}
