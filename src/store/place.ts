import { chmodSync, closeSync, constants, lstatSync, mkdirSync, openSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, UserError } from '../types/error.ts';
import { storeError } from './errors.ts';

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
    throw storeError(error, file);
  }
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
    chmodSync(path, 0o600);
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
