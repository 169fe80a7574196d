import { readdirSync, readlinkSync, statSync } from 'node:fs';
import type { ProcessTable } from '../../types/collector.ts';
import type { Observation } from '../../types/socket.ts';
import { scanOpenSockets, scanThreadSockets, socketInode } from './open-sockets.ts';
import type { Holders } from './owner-memory.ts';

/** Finds the sockets of the family's processes, in every look. */
export interface FamilySockets {
  scan(request: { observations: readonly Observation[]; table: ProcessTable; family: ReadonlySet<number> }): Holders;
}

/** Processes with fewer descriptors that are known to be sockets are read whole in every look: it costs less than remembering. */
const MANY_DESCRIPTORS = 128;
/** Of many descriptors that seem unchanged this part is read again in each look, in turn. */
const TURNS = 16;

/** Descriptors of one process as last read. */
interface Remembered {
  startTicks: number;
  /** Socket inode by descriptor; 0 for everything else. */
  inodes: Map<string, number>;
  /** How many descriptors there were, when `inodes` has all of them. */
  count?: number;
}

/**
 * To read ten thousand links in every look costs more than all the rest of it. So of a process with many descriptors
 * only those are read again that are new (they are listed only where their number changed), that were no socket in the tables, or whose turn it is. A socket in the tables
 * that was in nobody's hands before makes this look read everything, so that a new connection has its owner at once;
 * only a socket that one member hands to another, over a descriptor which held another open socket, is noticed late: a
 * member had it all the time.
 */
export function createFamilySockets(
  procRoot: string,
  countDescriptors: (directory: string) => number = sizeOf,
): FamilySockets {
  let known = new Map<number, Remembered>();
  /** Inodes in the tables that no member held, as of the last look. */
  let unheld = new Set<number>();
  let turn = 0;

  /** `undefined`: it has to be read whole. */
  function rescan(pid: number, startTicks: number, isInTables: (inode: number) => boolean): Remembered | undefined {
    const before = known.get(pid);
    if (before === undefined || before.startTicks !== startTicks || before.inodes.size < MANY_DESCRIPTORS) {
      return undefined;
    }
    const directory = `${procRoot}/${pid}/fd`;
    const isSettled = (name: string, inode: number | undefined): inode is number =>
      inode !== undefined && Number(name) % TURNS !== turn && isInTables(inode);
    if (before.count !== undefined && countDescriptors(directory) === before.count) {
      const again = reread(before, directory, isSettled);
      if (again) return again;
    }
    let names: string[];
    try {
      names = readdirSync(directory);
    } catch {
      return undefined;
    }
    const inodes = new Map<string, number>();
    for (const name of names) {
      const inode = before.inodes.get(name);
      inodes.set(name, isSettled(name, inode) ? inode : Math.max(0, readInode(`${directory}/${name}`)));
    }
    return { startTicks, inodes, count: names.length };
  }

  function scanWhole(pid: number, startTicks: number): Remembered {
    const inodes = new Map<string, number>();
    const directory = `${procRoot}/${pid}`;
    const scan = scanOpenSockets(directory, (inode, name) => inodes.set(name, inode));
    // Under names that no descriptor has: threads are not remembered.
    if (scan === 'gone') scanThreadSockets(directory, (inode) => inodes.set(`thread ${inode}`, inode));
    return { startTicks, inodes };
  }

  return {
    scan({ observations, table, family }) {
      turn = (turn + 1) % TURNS;
      const inTables = new Set<number>();
      for (const { inode } of observations) if (inode !== undefined && inode > 0) inTables.add(inode);
      const isInTables = (inode: number) => inTables.has(inode);
      const looks = new Map<number, Remembered>();
      const whole = new Set<number>();
      for (const pid of family) {
        const fact = table.processes.get(pid);
        if (fact === undefined) continue;
        const again = rescan(pid, fact.startTicks, isInTables);
        if (again === undefined) whole.add(pid);
        looks.set(pid, again ?? scanWhole(pid, fact.startTicks));
      }
      let holders = holdersOf(looks, inTables);
      let left = without(inTables, holders);
      if (whole.size < looks.size && !isSubset(left, unheld)) {
        for (const [pid, { startTicks }] of looks) if (!whole.has(pid)) looks.set(pid, scanWhole(pid, startTicks));
        holders = holdersOf(looks, inTables);
        left = without(inTables, holders);
      }
      unheld = left;
      known = looks;
      return holders;
    },
  };
}

/** The same descriptors looked through once more; `undefined` when one of them is gone. */
function reread(
  { startTicks, inodes, count }: Remembered,
  directory: string,
  isSettled: (name: string, inode: number) => boolean,
): Remembered | undefined {
  for (const [name, inode] of inodes) {
    if (isSettled(name, inode)) continue;
    const now = readInode(`${directory}/${name}`);
    if (now < 0) return undefined;
    if (now !== inode) inodes.set(name, now);
  }
  return { startTicks, inodes, ...(count === undefined ? {} : { count }) };
}

/** -1 when there is no such descriptor any more, or it may not be read. */
function readInode(path: string): number {
  try {
    return socketInode(readlinkSync(path));
  } catch {
    return -1;
  }
}

/** Linux 6.2 and later give the number as the size of the directory; before, and where it is unknown, it is 0. */
function sizeOf(directory: string): number {
  return statSync(directory, { throwIfNoEntry: false })?.size ?? 0;
}

function holdersOf(looks: ReadonlyMap<number, Remembered>, inTables: ReadonlySet<number>): Holders {
  const holders: Holders = new Map();
  for (const [pid, { inodes }] of looks) {
    for (const inode of inodes.values()) {
      if (!inTables.has(inode)) continue;
      const pids = holders.get(inode);
      if (pids === undefined) holders.set(inode, new Set([pid]));
      else pids.add(pid);
    }
  }
  return holders;
}

function without(inodes: ReadonlySet<number>, holders: Holders): Set<number> {
  const left = new Set<number>();
  for (const inode of inodes) if (!holders.has(inode)) left.add(inode);
  return left;
}

function isSubset(some: ReadonlySet<number>, all: ReadonlySet<number>): boolean {
  for (const each of some) if (!all.has(each)) return false;
  return true;
}
