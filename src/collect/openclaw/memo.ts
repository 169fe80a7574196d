import type { FileStamp, FileView } from './file-view.ts';

/**
 * Results of reading files, kept as long as the files stay as they are. A cycle every two seconds on a steady machine
 * then costs one `stat` for each file, and nothing is parsed twice.
 */
export interface FileMemo<T> {
  /** The result for these files; computed again when any of their stamps differs from the last time. */
  get(key: string, view: FileView, paths: readonly string[], compute: () => T): T;
  /** The same for a stamp that the caller has just taken. */
  getAt(key: string, view: FileView, stamp: string, compute: () => T): T;
}

/** Entries before everything is forgotten at once: names come from outside and must not fill our memory. */
const MAX_ENTRIES = 2_048;

export function createFileMemo<T>(): FileMemo<T> {
  const known = new Map<string, { stamp: string; value: T }>();
  const memo: FileMemo<T> = {
    get: (key, view, paths, compute) =>
      memo.getAt(key, view, paths.map((path) => stampKey(view.stat(path))).join('\n'), compute),
    getAt(key, view, stamp, compute) {
      const id = `${view.root}\u0000${key}`;
      const entry = known.get(id);
      if (entry?.stamp === stamp) return entry.value;
      const value = compute();
      if (known.size >= MAX_ENTRIES) known.clear();
      known.set(id, { stamp, value });
      return value;
    },
  };
  return memo;
}

function stampKey(stamp: FileStamp | 'missing' | 'denied'): string {
  return typeof stamp === 'string' ? stamp : stamp.key;
}
