import { readdirSync, readlinkSync, statSync } from 'node:fs';
import type { ProcessTable } from '../../types/collector.ts';
import type { Observation } from '../../types/socket.ts';
import { scanOpenSockets, scanThreadSockets, socketInode } from './open-sockets.ts';

/** Who of the family holds which socket of the tables. */
export interface FamilyHolders {
  /** Pids by inode, ascending; `undefined` when no member holds it. Shared between looks: never to be changed. */
  get(inode: number): number[] | undefined;
  has(inode: number): boolean;
  entries(): Iterable<[inode: number, pids: readonly number[]]>;
}

/** Finds the sockets of the family's processes, in every look. */
export interface FamilySockets {
  scan(request: {
    observations: readonly Observation[];
    table: ProcessTable;
    family: ReadonlySet<number>;
  }): FamilyHolders;
}

/** Processes with fewer descriptors that are known to be sockets are read whole in every look: it costs less than remembering. */
const MANY_DESCRIPTORS = 128;
/** Of many descriptors that seem unchanged this part is read again in each look, in turn. */
const TURNS = 64;

/** A socket of the tables. */
interface TableSocket {
  inode: number;
  /** Number of the last look whose tables had it, and of the last one in which no member held it. */
  seenIn: number;
  unheldIn: number;
  /** Members that hold it; replaced and never changed, because observations share it. */
  pids: number[];
}

/** Descriptors of one process as last read. */
interface Remembered {
  startTicks: number;
  descriptors: number[];
  /** What each of them is, where it was a socket of the tables. */
  held: (TableSocket | undefined)[];
  /** How many of them are sockets of any kind. */
  sockets: number;
  /** How many descriptors there were, when `held` has all of them. */
  count?: number;
}

const NOBODY: number[] = [];

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
  const sockets = new Map<number, TableSocket>();
  const known = new Map<number, Remembered>();
  /** The usual list of holders, one for each member: what is unchanged stays the same object. */
  const alone = new Map<number, number[]>();
  let look = 0;

  function inTables(inode: number): TableSocket | undefined {
    const socket = inode > 0 ? sockets.get(inode) : undefined;
    return socket?.seenIn === look ? socket : undefined;
  }

  function isSettled(socket: TableSocket | undefined, descriptor: number): boolean {
    return socket !== undefined && socket.seenIn === look && descriptor % TURNS !== look % TURNS;
  }

  /** Takes in what the tables have now; forgets what they have not. */
  function noteTables(observations: readonly Observation[]): TableSocket[] {
    const present: TableSocket[] = [];
    for (const { inode } of observations) {
      if (inode === undefined || inode <= 0) continue;
      let socket = sockets.get(inode);
      if (socket === undefined) {
        socket = { inode, seenIn: 0, unheldIn: 0, pids: NOBODY };
        sockets.set(inode, socket);
      }
      if (socket.seenIn !== look) present.push(socket);
      socket.seenIn = look;
    }
    if (sockets.size > present.length) {
      for (const [inode, { seenIn }] of sockets) if (seenIn !== look) sockets.delete(inode);
    }
    return present;
  }

  /** The same descriptors looked through once more; `undefined` when one of them is gone. */
  function reread(before: Remembered, directory: string): Remembered | undefined {
    const { descriptors, held } = before;
    let again: Remembered | undefined;
    for (let index = 0; index < descriptors.length; index += 1) {
      if (isSettled(held[index], descriptors[index]!)) continue;
      const inode = readInode(`${directory}/${descriptors[index]}`);
      if (inode < 0) return undefined;
      const socket = inTables(inode);
      if (socket === held[index]) continue;
      again ??= { ...before, held: [...held] };
      again.held[index] = socket;
    }
    return again ?? before;
  }

  /** `undefined`: it has to be read whole. */
  function rescan(pid: number, startTicks: number): Remembered | undefined {
    const before = known.get(pid);
    if (before === undefined || before.startTicks !== startTicks || before.sockets < MANY_DESCRIPTORS) {
      return undefined;
    }
    const directory = `${procRoot}/${pid}/fd`;
    if (before.count !== undefined && countDescriptors(directory) === before.count) {
      const again = reread(before, directory);
      if (again) return again;
    }
    let names: string[];
    try {
      names = readdirSync(directory);
    } catch {
      return undefined;
    }
    const old = new Map(before.descriptors.map((descriptor, index) => [descriptor, before.held[index]]));
    const descriptors = names.map(Number);
    const held = descriptors.map((descriptor) => {
      const socket = old.get(descriptor);
      return isSettled(socket, descriptor) ? socket : inTables(readInode(`${directory}/${descriptor}`));
    });
    return { startTicks, descriptors, held, sockets: before.sockets, count: names.length };
  }

  function scanWhole(pid: number, startTicks: number): Remembered {
    const descriptors: number[] = [];
    const held: (TableSocket | undefined)[] = [];
    const directory = `${procRoot}/${pid}`;
    const scan = scanOpenSockets(directory, (inode, name) => {
      descriptors.push(Number(name));
      held.push(inTables(inode));
    });
    if (scan !== 'gone') return { startTicks, descriptors, held, sockets: held.length };
    // Threads are not remembered, so that they are read whole in the next look as well.
    scanThreadSockets(directory, (inode) => held.push(inTables(inode)));
    return { startTicks, descriptors: [], held, sockets: 0 };
  }

  function hold(socket: TableSocket, pid: number): void {
    if (socket.pids.length === 0) {
      const own = alone.get(pid) ?? [pid];
      alone.set(pid, own);
      socket.pids = own;
    } else if (!socket.pids.includes(pid)) socket.pids = [...socket.pids, pid].sort((a, b) => a - b);
  }

  function drop(socket: TableSocket | undefined, pid: number): void {
    if (socket === undefined || !socket.pids.includes(pid)) return;
    const left = socket.pids.filter((each) => each !== pid);
    const [first] = left;
    socket.pids = first === undefined ? NOBODY : ((left.length === 1 ? alone.get(first) : undefined) ?? left);
  }

  function remember(pid: number, now: Remembered | undefined): void {
    const before = known.get(pid);
    if (now === before) return;
    for (const socket of before?.held ?? []) drop(socket, pid);
    for (const socket of now?.held ?? []) if (socket !== undefined) hold(socket, pid);
    if (now !== undefined) known.set(pid, now);
    else {
      known.delete(pid);
      alone.delete(pid);
    }
  }

  return {
    scan({ observations, table, family }) {
      look += 1;
      const present = noteTables(observations);
      const partly = new Map<number, number>();
      for (const pid of known.keys()) if (!family.has(pid) || !table.processes.has(pid)) remember(pid, undefined);
      for (const pid of family) {
        const startTicks = table.processes.get(pid)?.startTicks;
        if (startTicks === undefined) continue;
        const again = rescan(pid, startTicks);
        if (again !== undefined) partly.set(pid, startTicks);
        remember(pid, again ?? scanWhole(pid, startTicks));
      }
      const isNews = ({ pids, unheldIn }: TableSocket) => pids.length === 0 && unheldIn !== look - 1;
      if (partly.size > 0 && present.some(isNews)) {
        for (const [pid, startTicks] of partly) remember(pid, scanWhole(pid, startTicks));
      }
      for (const socket of present) if (socket.pids.length === 0) socket.unheldIn = look;
      return {
        get(inode) {
          const pids = sockets.get(inode)?.pids;
          return pids === undefined || pids.length === 0 ? undefined : pids;
        },
        has: (inode) => (sockets.get(inode)?.pids.length ?? 0) > 0,
        *entries() {
          for (const { inode, pids } of present) if (pids.length > 0) yield [inode, pids];
        },
      };
    },
  };
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
