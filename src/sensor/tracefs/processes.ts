import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Which process a thread belongs to. The kernel's events carry thread numbers; what one wants to know is the process.
 * Filled from `/proc` after the events were switched on, then kept by the events themselves, so that nothing falls between.
 */
export interface ProcessMap {
  /** Process of a thread; looks into `/proc` when it was never heard of. `undefined`: gone, or nobody (0). */
  pidOf(tid: number): number | undefined;
  /** A new task. Answers with the process and its parent, or `undefined` when it is a thread. */
  fork(tid: number, child: number, cloneFlags: number): { pid: number; ppid: number } | undefined;
  /** A thread executed a program: it is the process now, whichever thread it was. */
  exec(pid: number, oldTid: number): void;
  /** A thread ended. Answers with the process when it ended with it. */
  exit(tid: number, isGroupDead: boolean | undefined): number | undefined;
  /** Reads all of `/proc`: at the start, and after events were lost. */
  load(): void;
  /** To be called before each batch: allows `/proc` to be asked again (see `MAX_LOOKUPS`). */
  beginBatch(): void;
  /** Forgets all. Without events of births and ends nothing may be remembered, since numbers are used again. */
  clear(): void;
  /** Threads known. */
  readonly size: number;
}

interface Process {
  pid: number;
  ppid: number;
  threads: number;
}

/** Where the kernel itself stops at 4,194,304. What does not fit is looked up in `/proc` each time. */
const MAX_THREADS = 262_144;
/** Look-ups of unknown threads for each batch: each costs some 40 µs, and somebody may have lost us all of them. */
const MAX_LOOKUPS = 500;

const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x1_0000;

export function createProcessMap(procRoot: string): ProcessMap {
  const threads = new Map<number, Process>();
  /** Threads that the last `load` did not find although they were known: their end may be still to come, or was lost. */
  let suspects = new Set<number>();
  let lookups = MAX_LOOKUPS;

  function add(tid: number, process: Process): void {
    const before = threads.get(tid);
    if (before === process) return;
    if (before === undefined && threads.size >= MAX_THREADS) return;
    if (before !== undefined) before.threads--;
    threads.set(tid, process);
    process.threads++;
  }

  function remove(tid: number): Process | undefined {
    const process = threads.get(tid);
    if (process === undefined) return undefined;
    threads.delete(tid);
    process.threads--;
    return process;
  }

  function born(pid: number, ppid: number): void {
    remove(pid);
    add(pid, { pid, ppid, threads: 0 });
  }

  function loadProcess(pid: number, seen?: Set<number>): Process | undefined {
    const ppid = parentOf(procRoot, pid);
    const tids = numbersIn(join(procRoot, String(pid), 'task'));
    if (ppid === undefined || tids.length === 0) return undefined;
    const known = threads.get(pid);
    const process = known?.pid === pid ? known : { pid, ppid, threads: 0 };
    process.ppid = ppid;
    add(pid, process);
    seen?.add(pid);
    for (const tid of tids) {
      add(tid, process);
      seen?.add(tid);
    }
    return process;
  }

  function find(tid: number): Process | undefined {
    const known = threads.get(tid);
    if (known !== undefined || tid <= 0) return known;
    if (lookups <= 0) return undefined;
    lookups--;
    const pid = leaderOf(procRoot, tid);
    return pid === undefined ? undefined : loadProcess(pid);
  }

  return {
    pidOf: (tid) => find(tid)?.pid,
    fork(tid, child, cloneFlags) {
      const creator = find(tid);
      if ((cloneFlags & CLONE_THREAD) !== 0) {
        // The child's number may have belonged to somebody else: without a creator better nobody than him.
        if (creator === undefined) remove(child);
        else add(child, creator);
        return undefined;
      }
      const ppid = ((cloneFlags & CLONE_PARENT) === 0 ? creator?.pid : creator?.ppid) ?? parentOf(procRoot, child) ?? 0;
      born(child, ppid);
      return { pid: child, ppid };
    },
    exec(pid, oldTid) {
      const before = threads.get(oldTid) ?? threads.get(pid);
      if (oldTid !== pid) remove(oldTid);
      const process = threads.get(pid);
      // All other threads are gone by now, and the one that executes is the leader.
      if (process?.pid === pid) process.threads = 1;
      else born(pid, before?.ppid ?? parentOf(procRoot, pid) ?? 0);
    },
    exit(tid, isGroupDead) {
      const process = threads.get(tid) ?? (isGroupDead === true ? find(tid) : undefined);
      if (process === undefined) return undefined;
      remove(tid);
      const isOver = isGroupDead ?? process.threads <= 0;
      if (!isOver) return undefined;
      // A leader that ended before its threads may have come back by a look into `/proc`, where it stays as long as they.
      if (threads.get(process.pid) === process) remove(process.pid);
      return process.pid;
    },
    load() {
      const seen = new Set<number>();
      for (const pid of numbersIn(procRoot)) loadProcess(pid, seen);
      const unseen = new Set([...threads.keys()].filter((tid) => !seen.has(tid)));
      for (const tid of unseen) if (suspects.has(tid)) remove(tid);
      suspects = unseen;
    },
    beginBatch() {
      lookups = MAX_LOOKUPS;
    },
    clear() {
      threads.clear();
      suspects.clear();
    },
    get size() {
      return threads.size;
    },
  };
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((number) => Number.isInteger(number) && number > 0);
  } catch {
    return []; // Ended meanwhile, or not ours to read: then its threads stay unknown, which the events say.
  }
}

/** `Tgid` of `/proc/TID/status`; `undefined` when the thread is gone. The name above it cannot hold a line break there. */
function leaderOf(procRoot: string, tid: number): number | undefined {
  const found = /^Tgid:\t(\d{1,10})$/m.exec(read(join(procRoot, String(tid), 'status')))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Fourth field of `/proc/PID/stat`, counted from the last parenthesis, since the name may hold some. */
function parentOf(procRoot: string, pid: number): number | undefined {
  const stat = read(join(procRoot, String(pid), 'stat'));
  const found = /^ \S (\d{1,10}) /.exec(stat.slice(stat.lastIndexOf(')') + 1))?.[1];
  return found === undefined ? undefined : Number(found);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Gone.
  }
}
