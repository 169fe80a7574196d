import { readdirSync, readlinkSync } from 'node:fs';
import type { ShareFiles } from '../../native/shared-files.ts';
import { errorCode, isDenied } from './file-reader.ts';

/** Threads read in one search: 100 browsers with 100 threads each must not cost seconds. */
export const MAX_THREADS = 2000;

/** Different tables of one process that a thread is compared with; one that shares none of these is read. */
const MAX_COMPARED = 8;

/** `gone` covers a process that ended meanwhile and a thread without files of its own. */
export type FdScan = 'read' | 'denied' | 'gone';

/**
 * Calls `found` with the inode of every socket that a process holds open, per open descriptor.
 *
 * @param directory `/proc/PID` or `/proc/PID/task/TID`.
 */
export function scanOpenSockets(directory: string, found: (inode: number, descriptor: string) => void): FdScan {
  let names: string[];
  try {
    names = readdirSync(`${directory}/fd`);
  } catch (error) {
    return isDenied(errorCode(error)) ? 'denied' : 'gone';
  }
  for (const name of names) {
    try {
      const inode = socketInode(readlinkSync(`${directory}/fd/${name}`));
      if (inode > 0) found(inode, name);
    } catch (error) {
      // A descriptor closed meanwhile is nothing. Listing and following take two different rights, and that to follow is
      // one for the whole task: to ask for hundreds more would only make as many errors.
      if (isDenied(errorCode(error))) return 'denied';
    }
  }
  return names.length === 0 ? 'gone' : 'read';
}

/**
 * The same for every thread of a process. Threads usually share their descriptors, but need not: a main thread that ends
 * early leaves `/proc/PID/fd` empty while the others go on, and a thread can take a table of its own
 * (unshare(CLONE_FILES)). `ss` and `lsof` see neither, so somebody who wants to hide a socket would do just that.
 *
 * @param known.share tells who shares; a thread that does with one that was read need not be read again.
 * @param known.read threads that were read already.
 */
export function scanThreadSockets(
  directory: string,
  found: (inode: number) => void,
  budget: { threads: number } = { threads: MAX_THREADS },
  known: { share?: ShareFiles | undefined; read?: readonly number[] } = {},
): FdScan {
  let threads: string[];
  try {
    threads = readdirSync(`${directory}/task`);
  } catch (error) {
    return isDenied(errorCode(error)) ? 'denied' : 'gone';
  }
  let result: FdScan = 'gone';
  const read = [...(known.read ?? [])];
  for (const thread of threads) {
    const tid = Number(thread);
    if (known.share !== undefined && read.some((other) => known.share?.(other, tid))) continue;
    if (budget.threads <= 0) break;
    budget.threads -= 1;
    const scan = scanOpenSockets(`${directory}/task/${thread}`, found);
    if (scan === 'read' && read.length < MAX_COMPARED) read.push(tid);
    if (scan === 'denied' || (scan === 'read' && result === 'gone')) result = scan;
  }
  return result;
}

/** Inode in `socket:[123]`; 0 for every other target. A file can be named like that, but only with a path before it. */
export function socketInode(target: string): number {
  if (!target.startsWith('socket:[') || !target.endsWith(']')) return 0;
  const inode = Number(target.slice(8, -1));
  return Number.isSafeInteger(inode) && inode > 0 ? inode : 0;
}
