import { lstatSync, type Stats } from 'node:fs';
import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

/** What may be bound to a `?`, and what a cell holds; other kinds of cell never leave this file. */
export type Cell = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * Why a database was not read.
 * - `missing`: no such file. - `refused`: not a regular file, not its owner's, or larger than any real one.
 * - `other-user`: it is not ours to open. - `busy`: locked just now, the next look tries
 *   again. - `different`: not the tables that we know. - `invalid`: no database, or a damaged one.
 * - `slow`: it took too long and is left alone for a while. - `library`: SQLite does not load on this system.
 */
export type NotReadCause = 'missing' | 'refused' | 'other-user' | 'busy' | 'different' | 'invalid' | 'slow' | 'library';

export type SqliteReading<T> = { ok: true; value: T } | { ok: false; cause: NotReadCause; why: string };

/** An open database in which only plain tables with plain columns can be asked. */
export interface ForeignDatabase {
  /**
   * Demands a table with these columns; other columns may come and go. A view, a virtual table or a generated column
   * of that name does not count: a query on it would run whatever its author wrote.
   *
   * @throws DifferentSchema, which `read` turns into the cause `different`.
   */
  demand(table: string, columns: readonly string[]): ReadonlySet<string>;
  /**
   * Rows of one statement that steps along a key and says LIMIT. Ends early when the time of this look is over; the
   * caller goes on from its cursor with the next look.
   */
  rows(sql: string, ...values: Cell[]): Iterable<Row>;
}

export interface ForeignDatabases {
  /** Changes whenever the content may have changed; two `lstat` calls and nothing opened. `undefined`: no such file. */
  stamp(path: string): string | undefined;
  /**
   * Opens, asks, closes.
   *
   * @param ownerUid user whose program writes this database; a file of anybody else is refused.
   */
  read<T>(path: string, ownerUid: number | undefined, work: (database: ForeignDatabase) => T): SqliteReading<T>;
}

export interface ForeignDatabasesOptions {
  /** Unix ms. */
  now?: () => number;
  /** Milliseconds that only go forward. */
  elapsed?: () => number;
  ownUid?: number | undefined;
}

export class DifferentSchema extends Error {}

// The main file has no part in the cost of a look but through its schema, which SQLite parses at every opening: 50,000
// hostile tables (208 MB) took 1.4 s where the real 171 entries take 1.7 ms. A large -wal costs where its index is lost.
const MAX_BYTES = 1024 ** 3;
const MAX_WAL_BYTES = 256 * 1024 ** 2;

/** How long rows of one look are read before the rest waits for the next look. */
const ROWS_MS = 25;

/** A look that took longer is paid for with a pause of a hundred times that, so a trap never costs more than 1 %. */
const SLOW_MS = 100;
const PAUSE_FACTOR = 100;
const MAX_PAUSE_MS = 3_600_000;

/** A change within the resolution of file times of our stamp may not show in the next stamp. */
const SETTLED_MS = 50;

const BUSY_TIMEOUT_MS = 20;

/**
 * Reads databases that another program writes meanwhile, and that a hostile skill of the same user may have prepared.
 *
 * A handle lives for one look of a few milliseconds: an idle one would keep the writer from tidying up its log when it
 * closes, and would hold a mapping of `-shm` that somebody can truncate under us.
 *
 * Another user's database is not opened, not even by root. SQLite maps its `-shm` file, and whoever owns that can
 * truncate it at any moment: a process that did nothing else stopped the reading one with SIGBUS within three seconds
 * (measured, better-sqlite3 13.2, SQLite 3.54). Against its own user ClawWatch has no such defence to lose: that user
 * can stop it anyway.
 *
 * A read-only handle creates `-wal` and `-shm` where they are missing and leaves them behind (measured), as every reader
 * of that user does; only the databases of running gateways are read, which have both. `immutable` is never used: it
 * would skip the log and read torn pages.
 */
export function createForeignDatabases(options: ForeignDatabasesOptions = {}): ForeignDatabases {
  const now = options.now ?? Date.now;
  const elapsed = options.elapsed ?? (() => performance.now());
  const ownUid = 'ownUid' in options ? options.ownUid : process.getuid?.();
  const pausedUntil = new Map<string, number>();

  return {
    stamp(path) {
      const main = statOf(path);
      if (main === undefined) return undefined;
      const wal = statOf(`${path}-wal`);
      const newest = Math.max(main.mtimeMs, wal?.mtimeMs ?? 0);
      // Not settled yet: a stamp that is never the same twice.
      const moment = Math.abs(now() - newest) < SETTLED_MS ? ` ${now()}` : '';
      return `${stampOf(main)} ${wal === undefined ? '-' : stampOf(wal)}${moment}`;
    },

    read(path, ownerUid, work) {
      const refusal = refusalOf(path, ownerUid, ownUid);
      if (refusal !== undefined) return { ok: false, ...refusal };
      // By the clock that nobody sets: a jump must not stretch a pause.
      if (elapsed() < (pausedUntil.get(path) ?? 0)) {
        return { ok: false, cause: 'slow', why: 'reading it took too long; it is left alone for a while' };
      }
      const startedAt = elapsed();
      try {
        return readOnce(path, work, elapsed);
      } finally {
        const tookMs = elapsed() - startedAt;
        pausedUntil.delete(path);
        if (tookMs > SLOW_MS) {
          if (pausedUntil.size >= 1_024) pausedUntil.clear();
          pausedUntil.set(path, elapsed() + Math.min(tookMs * PAUSE_FACTOR, MAX_PAUSE_MS));
        }
      }
    },
  };
}

interface Refusal {
  cause: NotReadCause;
  why: string;
}

function refusalOf(path: string, ownerUid: number | undefined, ownUid: number | undefined): Refusal | undefined {
  // The library trims names and has special ones (':memory:', ''): only a plain absolute path is what was looked at.
  if (path !== path.trim() || !/^(?:\/|[A-Za-z]:[\\/])/.test(path) || path.includes('\0')) {
    return { cause: 'refused', why: 'its path is not a plain absolute one' };
  }
  const main = statOf(path);
  if (main === undefined) return { cause: 'missing', why: 'no such file' };
  const wal = statOf(`${path}-wal`);
  const shm = statOf(`${path}-shm`);
  if (main.size > MAX_BYTES || (wal?.size ?? 0) > MAX_WAL_BYTES) {
    return { cause: 'refused', why: 'it is larger than ClawWatch opens' };
  }
  for (const stats of [main, wal, shm]) {
    if (stats === undefined) continue;
    if (!stats.isFile()) return { cause: 'refused', why: 'it is not a regular file' };
    if (ownUid !== undefined && stats.uid !== ownerUid) {
      return { cause: 'refused', why: 'it does not belong to the user of the gateway' };
    }
  }
  const isOwn = ownUid === undefined || ownerUid === ownUid;
  return isOwn
    ? undefined
    : { cause: 'other-user', why: 'it belongs to another user, who could stop ClawWatch with it' };
}

function readOnce<T>(path: string, work: (database: ForeignDatabase) => T, elapsed: () => number): SqliteReading<T> {
  let handle: BetterSqlite3.Database;
  try {
    const Library = loadLibrary();
    handle = new Library(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    return { ok: false, ...causeOf(error) };
  }
  try {
    // No mapping of a file that others truncate; nothing that the schema defines is trusted or run.
    for (const setting of ['query_only = ON', 'trusted_schema = OFF', 'cell_size_check = ON', 'mmap_size = 0']) {
      handle.pragma(setting);
    }
    return { ok: true, value: work(faceOf(handle, elapsed)) };
  } catch (error) {
    return { ok: false, ...causeOf(error) };
  } finally {
    handle.close();
  }
}

function faceOf(handle: BetterSqlite3.Database, elapsed: () => number): ForeignDatabase {
  const deadline = elapsed() + ROWS_MS;
  return {
    demand(table, columns) {
      const kind = handle
        .prepare("SELECT type, rootpage FROM sqlite_schema WHERE name = ? AND type IN ('table', 'view') LIMIT 1")
        .get(table) as { type?: unknown; rootpage?: unknown } | undefined;
      // A virtual table has root page 0.
      if (kind?.type !== 'table' || !kind.rootpage) throw new DifferentSchema(`it has no table ${table}`);
      // Unlike table_xinfo it leaves generated and hidden columns out.
      const known = handle.prepare('SELECT name FROM pragma_table_info(?) LIMIT 200').pluck().all(table) as string[];
      const names = new Set(known);
      const missing = columns.find((column) => !names.has(column));
      if (missing !== undefined) throw new DifferentSchema(`its table ${table} has no column ${missing}`);
      return names;
    },
    *rows(sql, ...values) {
      for (const row of handle.prepare(sql).iterate(...values)) {
        yield row as Row;
        if (elapsed() > deadline) return;
      }
    },
  };
}

function causeOf(error: unknown): Refusal {
  if (error instanceof DifferentSchema) return { cause: 'different', why: error.message };
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (code === 'ERR_DLOPEN_FAILED' || code === 'MODULE_NOT_FOUND') {
    return { cause: 'library', why: 'SQLite cannot be loaded on this system' };
  }
  if (/^SQLITE_(?:BUSY|LOCKED|PROTOCOL)/.test(code)) return { cause: 'busy', why: 'it is locked' };
  if (/^SQLITE_(?:PERM|AUTH|CANTOPEN|READONLY)/.test(code)) {
    return { cause: 'other-user', why: 'it may not be read by this user' };
  }
  // "no such column": something that `demand` did not ask for, such as the rowid of a table without one.
  if (code === 'SQLITE_ERROR') return { cause: 'different', why: 'its tables are other ones than expected' };
  if (/^SQLITE_/.test(code)) return { cause: 'invalid', why: 'it is damaged or no database' };
  throw error;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function stampOf(stats: Stats): string {
  // Without the ctime: SQLite run by root gives the log to its owner at every opening, our own included.
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

function loadLibrary(): typeof BetterSqlite3 {
  // Only when there is a database to read: a look without a gateway does not pay for the library.
  return createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;
}
