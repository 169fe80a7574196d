import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { ReadProcess } from './process-reader.ts';

const SOURCE = 'procfs';

/** What the process source could not see in one call, each cause once. */
export function processBlindSpots(look: {
  entries: Iterable<ReadProcess>;
  processes: ReadonlyMap<number, ProcessFact>;
  /** Processes that are listed but whose `stat` may not be read. */
  hidden: number;
  /** Our own pid below this `/proc`; `undefined` when we are not in it (a recorded machine). */
  ownPid: number | undefined;
  ownUid: number;
  listCode?: string;
}): BlindSpot[] {
  const spots: BlindSpot[] = [];
  if (look.listCode !== undefined) spots.push(noListSpot(look.listCode));
  // With hidepid=2 others are not even listed; then pid 1, which every pid namespace has, is missing.
  const isFiltered = look.ownPid !== undefined && look.processes.has(look.ownPid) && !look.processes.has(1);
  if (isFiltered || look.hidden > 0) spots.push(hidepidSpot(look.hidden));
  let denied = 0;
  for (const entry of look.entries) if (entry.denied) denied += 1;
  if (denied > 0) spots.push(deniedSpot(denied, look.ownUid));
  return spots;
}

function noListSpot(code: string): BlindSpot {
  return {
    id: 'proc.unreadable',
    source: SOURCE,
    what: 'all processes',
    why: `/proc cannot be listed (${code})`,
    fix: 'mount procfs: mount -t proc proc /proc',
    essential: true,
  };
}

function hidepidSpot(hidden: number): BlindSpot {
  return {
    id: 'proc.hidepid',
    source: SOURCE,
    what: hidden > 0 ? `${hidden} processes of other users` : 'processes of other users',
    why: '/proc is mounted with hidepid, so only our own processes are visible',
    fix: 'run ClawWatch with sudo, or as a member of the group in the gid= option of the /proc mount',
    essential: true,
  };
}

function deniedSpot(count: number, ownUid: number): BlindSpot {
  const others = ownUid === 0 ? '' : ' of other users';
  return {
    id: 'proc.details.denied',
    source: SOURCE,
    what: `program, working directory and OpenClaw markers of ${count} ${count === 1 ? 'process' : 'processes'}${others}`,
    why: ownUid === 0 ? 'the kernel denies it even to root' : 'only their owner and root may read them',
    fix:
      ownUid === 0
        ? 'run outside the container, or with CAP_SYS_PTRACE'
        : 'run as the user who owns OpenClaw, or with sudo',
    essential: false,
  };
}
