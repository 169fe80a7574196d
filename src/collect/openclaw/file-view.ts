import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';

/** What identifies one state of a file or directory: while `key` is the same, its content is taken as the same. */
export interface FileStamp {
  key: string;
  kind: 'file' | 'directory' | 'other';
  uid: number;
  /** Unix ms of the last change of content; whoever owns the file can set it. */
  modifiedAt: number;
  /** Unix ms of the last change of the inode; only the kernel sets it. */
  changedAt: number;
  /** Device and inode: the same for two names of one directory. */
  identity: string;
}

/** Why a file was not read. `refused`: it is there, and reading it would be a trap. */
export type NotRead = 'missing' | 'denied' | 'refused';

export type FileReading =
  | { ok: true; text: string; stamp: FileStamp; validUtf8: boolean }
  | { ok: false; reason: NotRead; why: string };

/**
 * One file system as a process sees it: the host's, or that of a container behind `/proc/PID/root`.
 *
 * Other people's homes are hostile ground, and ClawWatch may run as root. So nothing here waits (a FIFO is never
 * opened), nothing is read but regular files of limited size, and a symbolic link leads only to files of the one who
 * made the link, unless root made it: `~/.openclaw/openclaw.json -> /etc/shadow` is refused.
 * Links are resolved inside the view, so an absolute link in a container never leads to a file of the host.
 */
export interface FileView {
  /** Directory that is `/` for this view; `''` is the real one. */
  root: string;
  place: 'host' | 'container';
  stat(path: string): FileStamp | Exclude<NotRead, 'refused'>;
  /** @param readerUid the user whose program would read it; a file that user could not read is refused. */
  read(path: string, maxBytes: number, readerUid?: number): FileReading;
  /** Names in a directory, at most `limit`. */
  list(path: string, limit: number): string[] | NotRead;
}

/** Symbolic links followed in one path; the kernel's own limit is 40. */
const MAX_LINKS = 16;

export function createFileView(root = '', place: FileView['place'] = 'host'): FileView {
  return {
    root,
    place,
    stat(path) {
      try {
        // On the host the kernel resolves links well enough for a mere stamp; elsewhere it would leave the container.
        const real = root === '' ? path : resolveInside(root, path).real;
        const stats = statSync(real, { throwIfNoEntry: false });
        return stats === undefined ? 'missing' : stampOf(stats);
      } catch (error) {
        return reasonOf(error) === 'denied' ? 'denied' : 'missing';
      }
    },
    read(path, maxBytes, readerUid) {
      try {
        return readRegularFile(resolveInside(root, path), maxBytes, readerUid);
      } catch (error) {
        const reason = reasonOf(error);
        return { ok: false, reason, why: error instanceof Refusal ? error.message : WORDS[reason] };
      }
    },
    list(path, limit) {
      try {
        const target = resolveInside(root, path);
        const stats = lstatSync(target.real);
        if (!stats.isDirectory() || !belongsToLinkMakers(stats, target.linkOwners)) return 'refused';
        return readNames(target.real, limit);
      } catch (error) {
        return reasonOf(error);
      }
    },
  };
}

/** A view in which one user owns everything: of a recorded machine, whose files now belong to whoever checked it out. */
export function ownedBy(view: FileView, uid: number): FileView {
  return {
    ...view,
    stat(path) {
      const stamp = view.stat(path);
      return typeof stamp === 'string' ? stamp : { ...stamp, uid };
    },
    read(path, maxBytes) {
      const reading = view.read(path, maxBytes);
      return reading.ok ? { ...reading, stamp: { ...reading.stamp, uid } } : reading;
    },
  };
}

const WORDS: Record<NotRead, string> = { missing: 'no such file', denied: 'permission denied', refused: 'refused' };

class Refusal extends Error {}

/** Thrown for every name that does not exist, many times a cycle: made once, because a stack costs more than a stat. */
const MISSING = Object.assign(new Error('no such file'), { code: 'ENOENT' });

interface Resolved {
  real: string;
  /** Owners of the links passed on the way, root's left out. */
  linkOwners: number[];
}

/** Walks a path component by component below `root`. Throws what `lstat` throws. */
function resolveInside(root: string, path: string): Resolved {
  const pending = path.split('/').reverse();
  const walked: string[] = [];
  const linkOwners: number[] = [];
  let links = 0;
  while (pending.length > 0) {
    const name = pending.pop()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      walked.pop();
      continue;
    }
    const here = `${root}/${[...walked, name].join('/')}`;
    const stats = lstatSync(here, { throwIfNoEntry: false });
    if (stats === undefined) throw MISSING;
    if (!stats.isSymbolicLink()) {
      walked.push(name);
      continue;
    }
    if (++links > MAX_LINKS) throw new Refusal('too many symbolic links');
    if (stats.uid !== 0) linkOwners.push(stats.uid);
    const target = readlinkSync(here);
    if (target.startsWith('/')) walked.length = 0;
    pending.push(...target.split('/').reverse());
  }
  return { real: `${root}/${walked.join('/')}`, linkOwners };
}

function readRegularFile(target: Resolved, maxBytes: number, readerUid: number | undefined): FileReading {
  // Looked at before it is opened: opening a device can act (a watchdog, a tape), and a FIFO would wait for a writer.
  if (!lstatSync(target.real).isFile()) throw new Refusal('not a regular file');
  const descriptor = openSync(
    target.real,
    constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0) | (constants.O_NOCTTY ?? 0),
  );
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Refusal('not a regular file');
    if (!belongsToLinkMakers(stats, target.linkOwners)) throw new Refusal("a symbolic link to another user's file");
    if (readerUid !== undefined && !mayRead(stats, readerUid)) throw new Refusal("another user's file");
    if (stats.size > maxBytes) throw new Refusal(`larger than ${maxBytes} bytes`);
    const bytes = readAtMost(descriptor, maxBytes);
    const text = bytes.toString('utf8');
    return { ok: true, text, stamp: stampOf(stats), validUtf8: !text.includes('\ufffd') };
  } finally {
    closeSync(descriptor);
  }
}

/** A file can grow between its size and its end, so the limit is kept here once more. */
function readAtMost(descriptor: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(65_536, maxBytes - total + 1));
    const count = readSync(descriptor, chunk, 0, chunk.length, null);
    if (count === 0) return Buffer.concat(chunks, total);
    total += count;
    if (total > maxBytes) throw new Refusal(`larger than ${maxBytes} bytes`);
    chunks.push(chunk.subarray(0, count));
  }
}

function readNames(path: string, limit: number): string[] {
  const directory = opendirSync(path);
  try {
    const names: string[] = [];
    for (let entry = directory.readSync(); entry !== null && names.length < limit; entry = directory.readSync()) {
      names.push(entry.name);
    }
    return names;
  } finally {
    directory.closeSync();
  }
}

/** Unprivileged we read with our own rights only, and no link can lend us more. */
function belongsToLinkMakers(stats: Stats, linkOwners: number[]): boolean {
  return process.getuid?.() !== 0 || linkOwners.every((uid) => uid === stats.uid);
}

/** Groups are not looked up: a group-readable file counts unless it is root's. */
function mayRead(stats: Stats, uid: number): boolean {
  if (uid === 0 || stats.uid === uid || (stats.mode & 0o004) !== 0) return true;
  return (stats.mode & 0o040) !== 0 && stats.uid !== 0;
}

function stampOf(stats: Stats): FileStamp {
  return {
    key: `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`,
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other',
    uid: stats.uid,
    modifiedAt: stats.mtimeMs,
    changedAt: stats.ctimeMs,
    identity: `${stats.dev}:${stats.ino}`,
  };
}

function reasonOf(error: unknown): NotRead {
  if (error instanceof Refusal) return 'refused';
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  // ENOENT, ENOTDIR, ESRCH (the process behind /proc/PID/root ended), a NUL in the path: there is nothing there.
  return code === 'ELOOP' ? 'refused' : 'missing';
}
