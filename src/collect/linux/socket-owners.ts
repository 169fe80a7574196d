import { readlinkSync } from 'node:fs';
import { loadShareFiles, type ShareFiles } from '../../native/shared-files.ts';
import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessTable } from '../../types/collector.ts';
import type { ProcessFact } from '../../types/process.ts';
import { isListening, type Observation } from '../../types/socket.ts';
import { createFamilySockets, type FamilyHolders } from './family-sockets.ts';
import { type FdScan, MAX_THREADS, scanOpenSockets, scanThreadSockets } from './open-sockets.ts';
import { createOwnerMemory, type Holders, type OwnerMemory } from './owner-memory.ts';

/** What `assign` works on. */
export interface OwnerRequest {
  /** Sockets whose `pids` are filled in place. */
  observations: Observation[];
  table: ProcessTable;
  /** Processes of OpenClaw families: searched in every call. */
  family: ReadonlySet<number>;
  /** For which sockets of everybody else an owner is worth a search of the whole host. */
  host: 'all' | 'listeners-and-touched';
  /** Ports whose sockets matter at either end: those of the gateways. */
  touchedPorts: ReadonlySet<number>;
}

/** Finds the processes that hold a socket. */
export interface SocketOwners {
  /**
   * Fills `pids` of each observation, ascending, several where a socket is shared. Left `undefined`: nobody looked,
   * because the socket does not matter or belongs to no process any more (TIME_WAIT). Empty: looked and not found.
   */
  assign(request: OwnerRequest): BlindSpot[];
}

/**
 * Owners by socket inode. The family's descriptors are looked at in every call (about 1 ms); those of the whole host, which
 * cost as much as `ss -p`, only when an inode that matters is in nobody's memory. What was found stays known until the
 * socket or its owner is gone; what was not found is searched again only after a while.
 *
 * @param options.nowMs a clock that only moves forward, ms.
 * @param options.shareFiles tells which threads share descriptors, where the process file system is the one of our kernel.
 */
export function createSocketOwners(
  options: { procRoot?: string; nowMs?: () => number; ownUid?: number; shareFiles?: ShareFiles } = {},
): SocketOwners {
  const procRoot = options.procRoot ?? '/proc';
  const familySockets = createFamilySockets(procRoot);
  const isRoot = (options.ownUid ?? process.getuid?.()) === 0;
  const memory = createOwnerMemory(options.nowMs ?? (() => performance.now()));

  function searchHost(matters: readonly Observation[], request: OwnerRequest, family: FamilyHolders): number {
    const wanted = new Set(matters.map((socket) => socket.inode));
    const found: Holders = new Map();
    const note = (inode: number, pid: number) => wanted.has(inode) && addHolder(found, inode, pid);
    let denied = 0;
    for (const [pid, fact] of request.table.processes) {
      if (request.family.has(pid) || isKernelThread(fact)) continue;
      if (scanProcess(procRoot, pid, (inode) => note(inode, pid)) === 'denied') denied += 1;
    }
    for (const [inode, pids] of family.entries()) for (const pid of pids) note(inode, pid);
    memory.replace(found, request.table);
    return denied;
  }

  /** Last resort, for sockets that no process shows: threads with descriptors of their own. */
  function searchThreads(missing: readonly Observation[], request: OwnerRequest): void {
    const uids = new Set(missing.map((socket) => socket.uid));
    const wanted = new Set(missing.map((socket) => socket.inode));
    const found: Holders = new Map();
    const budget = { threads: MAX_THREADS };
    const share = options.shareFiles ?? (isOurProc(procRoot) ? loadShareFiles() : undefined);
    const isSuspect = (pid: number, fact: ProcessFact) => !request.family.has(pid) && uids.has(fact.uid);
    const others = [...request.table.processes].filter(([pid, fact]) => isSuspect(pid, fact) && !isKernelThread(fact));
    // The family first: it is who has a reason to hide.
    for (const pid of [...request.family, ...others.map(([pid]) => pid)]) {
      const note = (inode: number) => wanted.has(inode) && addHolder(found, inode, pid);
      // Of others the host's search has just read the main thread; of the family only what seemed new.
      const read = request.family.has(pid) ? [] : [pid];
      scanThreadSockets(`${procRoot}/${pid}`, (inode) => note(inode), budget, { share, read });
    }
    memory.add(found, request.table);
  }

  return {
    assign(request) {
      const family = familySockets.scan(request);
      memory.forgetDead(request.table);
      const matters = request.observations.filter((socket) => isWanted(socket, request));
      const isUnknown = (socket: Observation) => !family.has(socket.inode!) && !memory.holders(socket.inode!);
      const unknown = matters.filter((socket) => isUnknown(socket) && memory.isDue(socket.inode!));
      if (unknown.length > 0 || memory.isStale()) {
        const denied = searchHost(matters, request, family);
        const missing = unknown.filter(isUnknown);
        if (missing.length > 0) searchThreads(missing, request);
        memory.noteFailures(missing.filter(isUnknown), denied);
      }
      const stillOpen = fillOwners(request, family, memory);
      if (memory.size > stillOpen) memory.forgetClosed(request.observations);
      return ownerBlindSpots(matters.filter(isUnknown), request.touchedPorts, memory.denied, isRoot);
    },
  };
}

function addHolder(holders: Holders, inode: number, pid: number): void {
  const pids = holders.get(inode);
  if (pids === undefined) holders.set(inode, new Set([pid]));
  else pids.add(pid);
}

function scanProcess(procRoot: string, pid: number, found: (inode: number) => void): FdScan {
  const scan = scanOpenSockets(`${procRoot}/${pid}`, found);
  return scan === 'gone' ? scanThreadSockets(`${procRoot}/${pid}`, found) : scan;
}

/** False for a recording, and for the processes of another pid namespace, whose numbers mean others to the kernel. */
function isOurProc(procRoot: string): boolean {
  try {
    return procRoot === '/proc' && readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

function isWanted(socket: Observation, { host, touchedPorts }: OwnerRequest): boolean {
  if (socket.inode === undefined || socket.inode === 0) return false;
  return host === 'all' || isListening(socket) || isTouched(socket, touchedPorts);
}

function isTouched(socket: Observation, ports: ReadonlySet<number>): boolean {
  return ports.has(socket.local.port) || (socket.remote !== undefined && ports.has(socket.remote.port));
}

/** Threads of the kernel are children of kthreadd, pid 2, which never adopts anybody; they have neither file nor argv. */
function isKernelThread(fact: { pid: number; ppid: number; argv: string[]; exe?: string }): boolean {
  return (fact.pid === 2 || fact.ppid === 2) && fact.argv.length === 0 && fact.exe === undefined;
}

/** Returns how many sockets the memory knew something about. */
function fillOwners(request: OwnerRequest, family: FamilyHolders, memory: OwnerMemory): number {
  let known = 0;
  for (const socket of request.observations) {
    const { inode } = socket;
    if (inode === undefined || inode === 0) continue;
    const members = family.get(inode);
    const others = memory.holders(inode);
    if (members === undefined && others === undefined) {
      if (memory.hasFailed(inode)) {
        socket.pids = [];
        known += 1;
      }
      continue;
    }
    if (others !== undefined) known += 1;
    else if (members !== undefined) {
      socket.pids = members;
      continue;
    }
    const pids = new Set(members);
    // Of the family only this call's answer counts: a member may have closed what it held in the last one.
    for (const pid of others ?? []) if (!request.family.has(pid)) pids.add(pid);
    socket.pids = [...pids].sort((a, b) => a - b);
  }
  return known;
}

// Inside a container root has CAP_SYS_PTRACE only where the runtime gives it.
const ROOT_FIX = 'run on the host instead of in a container, or with the capability CAP_SYS_PTRACE';

function ownerBlindSpots(
  sockets: readonly Observation[],
  touchedPorts: ReadonlySet<number>,
  denied: number,
  isRoot: boolean,
): BlindSpot[] {
  if (sockets.length === 0) return [];
  const essential = sockets.some((socket) => isTouched(socket, touchedPorts));
  const noun = sockets.length === 1 ? 'owner of 1 socket' : `owners of ${sockets.length} sockets`;
  if (denied === 0) {
    return [
      {
        id: 'proc.fd.hidden',
        source: 'procfs',
        what: noun,
        why: 'no visible process holds them: a service of the kernel, another pid namespace, or held through io_uring',
        fix: 'compare with `sudo ss -tunap`; in a container, run ClawWatch on the host',
        essential,
      },
    ];
  }
  const whose = `the open files of ${denied} ${denied === 1 ? 'process' : 'processes'}`;
  return [
    {
      id: 'proc.fd.denied',
      source: 'procfs',
      what: isRoot ? noun : `${noun} of other users`,
      why: isRoot ? `the kernel denies ${whose} even to root` : `${whose} may only be read by their owner and root`,
      fix: isRoot ? ROOT_FIX : 'run as the user who owns OpenClaw, or with sudo',
      essential,
    },
  ];
}
