import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, opendirSync, openSync, readSync, type Stats } from 'node:fs';

/** One entry below a skill's directory, in the order in which the tree hash takes them. */
export interface TreeEntry {
  /** Relative, with forward slashes. */
  path: string;
  type: 'directory' | 'file' | 'other';
  /** Device, inode, size and times: while it is the same, the content is taken as the same. */
  stamp: string;
  size: number;
  links: number;
  /** Newer of mtime and ctime, Unix ms. */
  changedAt: number;
}

export interface Tree {
  entries: TreeEntry[];
  /** False when limits or rights cut the walk short. */
  complete: boolean;
}

const MAX_ENTRIES = 2_000;
const MAX_DEPTH = 12;
const MAX_FILE_BYTES = 16 * 1024 ** 2;

/** The installer's own notes, which it writes after hashing. */
const NOTES: ReadonlySet<string> = new Set(['.clawhub', '.clawdhub']);

/** Everything below a directory but the installer's notes. Links are listed and never followed. */
export function readTree(root: string): Tree {
  const tree: Tree = { entries: [], complete: true };
  walk(root, '', 0, tree);
  return tree;
}

function walk(root: string, below: string, depth: number, tree: Tree): void {
  for (const name of namesIn(below === '' ? root : `${root}/${below}`, tree)) {
    if (below === '' && NOTES.has(name)) continue;
    if (tree.entries.length >= MAX_ENTRIES) {
      tree.complete = false;
      return;
    }
    const path = below === '' ? name : `${below}/${name}`;
    const stats = statOf(`${root}/${path}`, tree);
    if (stats === undefined) continue;
    tree.entries.push(entryOf(path, stats));
    if (!stats.isDirectory()) continue;
    if (depth < MAX_DEPTH) walk(root, path, depth + 1, tree);
    else tree.complete = false;
  }
}

function statOf(path: string, tree: Tree): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    tree.complete = false;
    return undefined;
  }
}

/** Sorted by UTF-16 code units, as OpenClaw sorts. */
function namesIn(directory: string, tree: Tree): string[] {
  const names: string[] = [];
  try {
    const handle = opendirSync(directory);
    try {
      for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) {
        if (names.length >= MAX_ENTRIES) {
          tree.complete = false;
          break;
        }
        names.push(entry.name);
      }
    } finally {
      handle.closeSync();
    }
  } catch {
    tree.complete = false;
  }
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function entryOf(path: string, stats: Stats): TreeEntry {
  return {
    path,
    type: stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other',
    stamp: `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`,
    size: stats.size,
    links: stats.nlink,
    changedAt: Math.max(stats.mtimeMs, stats.ctimeMs),
  };
}

/**
 * The tree hash of ClawHub installs: SHA-256 of the JSON text of all entries, directories included. Source: OpenClaw
 * 2026.9.6, `skill-tree-digest`; it gives no hash to a tree with links or special files.
 */
export function treeDigest(
  entries: readonly Pick<TreeEntry, 'path' | 'type'>[],
  hashOf: (path: string) => string,
): string {
  const listed = entries.map(({ path, type }) =>
    type === 'file' ? { path, type, sha256: hashOf(path) } : { path, type },
  );
  return createHash('sha256').update(JSON.stringify(listed)).digest('hex');
}

/** SHA-256 of a regular file, hexadecimal; `undefined` when it is none, is too large or changes under our eyes. */
export function hashFile(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(descriptor);
    if (!fstatSync(descriptor).isFile() || size > MAX_FILE_BYTES) return undefined;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(65_536);
    let total = 0;
    for (let count = read(descriptor, buffer); count > 0; count = read(descriptor, buffer)) {
      total += count;
      if (total > size) return undefined;
      hash.update(buffer.subarray(0, count));
    }
    return total === size ? hash.digest('hex') : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function read(descriptor: number, buffer: Buffer): number {
  return readSync(descriptor, buffer, 0, buffer.length, null);
}
