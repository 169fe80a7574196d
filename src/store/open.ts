import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { EXIT, UserError } from '../types/error.ts';
import { storeError } from './errors.ts';

/** What may be bound to a `?` of a statement. */
export type Value = string | number | null;

/** A prepared statement; `Row` is what its SELECT gives back. */
export interface Statement<Row = unknown> {
  run(...values: Value[]): { changes: number; lastInsertRowid: number | bigint };
  get(...values: Value[]): Row | undefined;
  all(...values: Value[]): Row[];
}

/** The little of SQLite that the store uses. Only this file knows the library behind it, so that it can be swapped. */
export interface Database {
  readonly inTransaction: boolean;
  prepare<Row = unknown>(sql: string): Statement<Row>;
  exec(sql: string): void;
  /** First column of the first row. */
  pragma(sql: string): string | number | undefined;
  close(): void;
}

export interface OpenOptions {
  readonly?: boolean;
  /** How long to wait for another writer. */
  busyTimeoutMs?: number;
}

/**
 * Opens a database file, or a serialised one from memory. Sets nothing but what every handle needs: foreign keys, and
 * distrust of the schema, since the file may have been prepared by somebody else.
 *
 * @throws UserError when the library does not load on this system (exit 78) or the file cannot be used (exit 4).
 */
export function openDatabase(place: string | Buffer, options: OpenOptions = {}): Database {
  const name = typeof place === 'string' ? place : 'the database';
  // The library trims file names; another file than the one that was checked must never be opened.
  if (name !== name.trim()) {
    throw new UserError('the path of the database starts or ends with a blank', { hint: 'give it another name' });
  }
  const Library = loadLibrary();
  let handle: BetterSqlite3.Database;
  try {
    handle = new Library(place, {
      readonly: options.readonly ?? false,
      timeout: options.busyTimeoutMs ?? 5_000,
    });
  } catch (error) {
    throw isLoadError(error) ? libraryError(error) : storeError(error, name);
  }
  try {
    for (const setting of ['foreign_keys = ON', 'trusted_schema = OFF', 'cell_size_check = ON']) handle.pragma(setting);
  } catch (error) {
    handle.close();
    throw storeError(error, name);
  }
  return {
    get inTransaction() {
      return handle.inTransaction;
    },
    prepare: <Row>(sql: string) => handle.prepare(sql) as unknown as Statement<Row>,
    exec: (sql) => void handle.exec(sql),
    pragma: (sql) => handle.pragma(sql, { simple: true }) as string | number | undefined,
    close: () => void handle.close(),
  };
}

/** Runs `work` as one transaction that takes the write lock at once: whole or not at all. */
export function transaction<Result>(database: Database, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back after a full disk or an input/output error.
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function loadLibrary(): typeof BetterSqlite3 {
  try {
    // Synchronous and only when a store is opened: a command that needs no store does not pay for the library.
    return createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;
  } catch (error) {
    throw libraryError(error);
  }
}

function isLoadError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ERR_DLOPEN_FAILED' || code === 'MODULE_NOT_FOUND';
}

/** The answer to a library that is missing or does not fit this system. Exported for its test: no machine has both. */
export function libraryError(cause: unknown): UserError {
  return new UserError('SQLite cannot be loaded on this system', {
    hint:
      'its ready-made library needs glibc >= 2.34 or musl on x64 or arm64; ' +
      'with a C++ compiler installed, run: npm rebuild better-sqlite3',
    exitCode: EXIT.environment,
    cause,
  });
}
