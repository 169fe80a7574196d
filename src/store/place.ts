import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, UserError } from '../types/error.ts';
import { APPLICATION_ID } from './application-id.ts';
import { storeError } from './errors.ts';

// The header of https://www.sqlite.org/fileformat.html#the_database_header.
const HEAD_BYTES = 100;
const APPLICATION_ID_OFFSET = 68;

/** User on whose behalf files are made; `undefined` where the system has no such numbers (Windows). */
export function currentUid(): number | undefined {
  return process.geteuid?.();
}

/**
 * Makes sure that the database file exists, is ours and stays ours: directory 0700, file 0600. The `-wal` and `-shm`
 * files take their mode from it. Returns the path with its directory resolved.
 *
 * A skill that runs as an ordinary user would like a ClawWatch run by root to write into a file of the skill's choice,
 * so root refuses every directory, up to the top, in which somebody else could exchange a name.
 *
 * @throws UserError when the place cannot be trusted or made.
 */
export function preparePlace(path: string, uid = currentUid()): string {
  const file = resolve(path);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const directory = realpathSync(dirname(file));
    const real = join(directory, basename(file));
    if (uid !== undefined) {
      if (uid === 0) checkDirectories(directory);
      checkFiles(real, uid);
    }
    createFile(real);
    return real;
  } catch (error) {
    throw placeError(error, file);
  }
}

/** A place where no file can be made (`/proc`, a link in a circle) is trouble with the record, not a bug in the look. */
function placeError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined || !/^(ENOENT|EEXIST|EISDIR|ELOOP|ENAMETOOLONG|EINVAL)$/.test(code)) {
    return storeError(error, file);
  }
  return new UserError(`the record cannot be made (${code}): ${file}`, {
    hint: 'give another place with --db',
    exitCode: EXIT.internal,
    cause: error,
  });
}

function checkDirectories(directory: string): void {
  for (let at = directory, first = true; ; at = dirname(at), first = false) {
    const stat = lstatSync(at);
    const sticky = (stat.mode & 0o1000) !== 0;
    if (stat.uid !== 0) refuse(`belongs to user ${stat.uid}`, at);
    // In a sticky directory above, nobody can exchange our directory; in the last one, others could still add a -wal.
    if ((stat.mode & 0o022) !== 0 && (first || !sticky)) refuse('can be written by other users', at);
    if (dirname(at) === at) return;
  }
}

function checkFiles(file: string, uid: number): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) {
    const stat = find(path);
    if (stat === undefined) continue;
    if (!stat.isFile()) refuse(stat.isSymbolicLink() ? 'is a symbolic link' : 'is not a plain file', path);
    if (stat.uid !== uid) refuse(`belongs to user ${stat.uid}`, path);
    if (uid === 0 && stat.nlink > 1) refuse('has a second name (hard link)', path);
    if ((stat.mode & 0o077) === 0) continue;
    if (uid === 0 && (stat.mode & 0o022) !== 0) refuse('can be written by other users', path);
    // A mistyped `--db /etc/passwd` must not close that file to everybody; opening it refuses it a moment later.
    if (path === file && !isRecordOrEmpty(path)) return;
    chmodSync(path, 0o600);
  }
}

/** Whether a file starts like a database that we made, or holds nothing yet. */
function isRecordOrEmpty(path: string): boolean {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const read = readSync(file, head, 0, HEAD_BYTES, 0);
    if (read === 0) return true;
    const id = head.readUInt32BE(APPLICATION_ID_OFFSET);
    // No id: made by SQLite a moment ago, its first migration not yet committed.
    return head.toString('latin1', 0, 16) === 'SQLite format 3\0' && (id === APPLICATION_ID || id === 0);
  } finally {
    closeSync(file);
  }
}

function createFile(file: string): void {
  if (find(file) !== undefined) return;
  // Never through a link, and never with a moment in which others could open it.
  closeSync(openSync(file, constants.O_CREAT | constants.O_RDWR | (constants.O_NOFOLLOW ?? 0), 0o600));
}

function find(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function refuse(why: string, path: string): never {
  throw new UserError(`will not keep the record here: ${path} ${why}`, {
    hint: 'run as the user who owns it, or give a place of your own with --db',
    exitCode: EXIT.usage,
  });
}
