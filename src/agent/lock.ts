import {
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../types/error.ts';
import { safeText, shellQuote } from '../types/text.ts';

/** Who holds the record: the pid alone is not enough, it is given to somebody else after a crash or a reboot. */
export interface LockHolder {
  pid: number;
  /** Clock ticks since boot, field 22 of `/proc/PID/stat`; 0 where there is no `/proc`. */
  startTicks: number;
  /** Unix ms. */
  startedAt: number;
}

/** What is known of processes; `procRoot` and `isAlive` are parameters for tests. */
export interface LockOptions {
  /** The database that is guarded. */
  database: string;
  pid?: number;
  procRoot?: string;
  now: () => number;
  isAlive?: (pid: number) => boolean;
}

/** The lock file lies beside the database, so that two agents over two databases do not disturb each other. */
export function lockPath(database: string): string {
  return `${database}.lock`;
}

/**
 * Takes the lock or says who has it. The lock of a process that is gone is taken over.
 *
 * @returns a function that gives it back.
 * @throws UserError when another agent runs on this database, or when the directory cannot be written.
 */
export function takeLock(options: LockOptions): () => void {
  const path = lockPath(options.database);
  const pid = options.pid ?? process.pid;
  const own: LockHolder = { pid, startTicks: startTicksOf(pid, options.procRoot) ?? 0, startedAt: options.now() };
  const draft = `${path}.${pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    removeIfThere(draft);
    writeFileSync(draft, JSON.stringify(own), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new UserError(`cannot write beside ${safeText(options.database)} (${codeOf(error)})`, {
      hint: `check owner and mode: ls -ld ${shellQuote(dirname(path))}`,
      exitCode: EXIT.internal,
      cause: error,
    });
  }
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      // A hard link appears whole or not at all and never replaces: the file system decides who is first.
      if (linkNew(draft, path)) return () => giveBack(path, own);
      const holder = liveHolder(options);
      if (holder) throw alreadyRuns(holder, options.database);
      clearStale(path, options);
    }
  } finally {
    removeIfThere(draft);
  }
  throw new UserError('another agent is starting on the same database', { hint: 'try again', exitCode: EXIT.usage });
}

/** The agent that runs on this database now, or `undefined`. */
export function liveHolder(options: Omit<LockOptions, 'now'>): LockHolder | undefined {
  const holder = readLock(lockPath(options.database));
  return holder && isRunning(holder, options) ? holder : undefined;
}

function alreadyRuns(holder: LockHolder, database: string): UserError {
  return new UserError(`an agent already runs on ${safeText(database)}: pid ${holder.pid}`, {
    hint: `stop it with: kill ${holder.pid}   or give this one its own database with --db`,
  });
}

/**
 * Removes a lock whose holder is gone. It is moved aside first and looked at again, so that a lock that a third process
 * took in between is put back instead of lost.
 */
function clearStale(path: string, options: LockOptions): void {
  const aside = join(dirname(path), `.stale-lock.${options.pid ?? process.pid}`);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readLock(aside);
  if (moved && isRunning(moved, options)) linkNew(aside, path);
  removeIfThere(aside);
}

function isRunning(holder: LockHolder, options: Omit<LockOptions, 'now'>): boolean {
  const alive = options.isAlive ?? processExists;
  if (!alive(holder.pid)) return false;
  const ticks = startTicksOf(holder.pid, options.procRoot);
  // Without /proc on either side the pid has to do.
  return ticks === undefined || holder.startTicks === 0 || ticks === holder.startTicks;
}

function readLock(path: string): LockHolder | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    const buffer = Buffer.alloc(1024);
    const value: unknown = JSON.parse(buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0)));
    const { pid, startTicks, startedAt } = (value ?? {}) as Partial<LockHolder>;
    if (!Number.isSafeInteger(pid) || pid! <= 0 || !Number.isSafeInteger(startTicks)) return undefined;
    return { pid: pid!, startTicks: startTicks!, startedAt: Number(startedAt) || 0 };
  } catch {
    // Cut off by a crash, or not ours: nobody who runs wrote this.
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Field 22 of `/proc/PID/stat`. The name in field 2 may hold spaces and brackets, so counting starts behind the last one. */
function startTicksOf(pid: number, procRoot = '/proc'): number | undefined {
  try {
    const stat = readFileSync(join(procRoot, String(pid), 'stat'), 'latin1');
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isSafeInteger(ticks) && ticks > 0 ? ticks : undefined;
  } catch {
    return undefined;
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function giveBack(path: string, own: LockHolder): void {
  const holder = readLock(path);
  if (holder?.pid === own.pid && holder.startTicks === own.startTicks) removeIfThere(path);
}

function linkNew(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'error';
}
