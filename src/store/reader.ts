import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, UserError } from '../types/error.ts';
import type { Gateway } from '../types/gateway.ts';
import type { Connection, Listener } from '../types/snapshot.ts';
import type { BlindPeriod, CycleRecord, StoreReader } from '../types/store.ts';
import { createBlindSets } from './blind-sets.ts';
import { listCoverage } from './connection-coverage.ts';
import { listDestinations } from './destinations.ts';
import { parsePayload, storeError } from './errors.ts';
import { findFinding, listFindingEvents, listFindings } from './finding-rows.ts';
import { learningSince } from './learning.ts';
import { type Database, openDatabase } from './open.ts';
import { listPolicy } from './policy.ts';
import { listSkills } from './record-skills.ts';
import { checkSchema, loadMigrations } from './schema.ts';
import { listSockets, type StoredSocket } from './socket-rows.ts';

/** `state` key under which `retain` leaves by how much it failed. */
export const OVER_LIMIT = 'retention.over_limit_bytes';

const COUNTED = [
  'cycles',
  'listeners',
  'connections',
  'processes',
  'gateways',
  'findings',
  'finding_events',
  'blind_periods',
  'policy_rules',
  'destinations',
];

/**
 * Opens the record for reading only, also while an agent writes, and also in a directory that cannot be written.
 *
 * @throws UserError when there is no record yet, when it cannot be read, or when its schema is not this program's.
 */
export function openStoreReader({ path }: { path: string }): StoreReader {
  return openRecord(path, createReader);
}

/** Opens the record for reading and makes of it what answers. @throws UserError as `openStoreReader`. */
export function openRecord<Reader>(path: string, create: (database: Database, file: string) => Reader): Reader {
  const file = resolve(path);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`the record cannot be a directory: ${file}`, { hint: 'name a file with --db' });
  }
  if (bytesOf(file) === undefined || bytesOf(file) === 0) {
    throw new UserError(`no record yet: ${file}`, { hint: 'look once: clawwatch scan', exitCode: EXIT.usage });
  }
  const database = openForReading(file);
  try {
    database.pragma('query_only = ON');
    checkSchema(database, loadMigrations(), file);
  } catch (error) {
    database.close();
    throw storeError(error, file);
  }
  return create(database, file);
}

/** All questions over an open handle; the store answers its own with it too. */
export function createReader(database: Database, path: string): StoreReader {
  const blindSets = createBlindSets(database, path);
  const answer = <Result>(question: () => Result): Result => {
    try {
      return question();
    } catch (error) {
      throw storeError(error, path);
    }
  };
  return {
    lastCycle: () => answer(() => lastCycle(database, blindSets.read)),
    gateways: () => answer(() => listGateways(database, path)),
    listeners: (filter = {}) =>
      answer(() =>
        listSockets<Listener>(database, 'listeners', filter, path).map((row) => ({
          listener: row.socket,
          ...lifeOf(row),
        })),
      ),
    connections: (filter = {}) =>
      answer(() =>
        listSockets<Connection>(database, 'connections', filter, path).map((row) => ({
          connection: row.socket,
          ...lifeOf(row),
        })),
      ),
    findings: (filter = {}) => answer(() => listFindings(database, filter, path)),
    finding: (idOrPrefix) => answer(() => findFinding(database, idOrPrefix, path)),
    findingEvents: (fingerprint) => answer(() => listFindingEvents(database, fingerprint)),
    skills: () => answer(() => listSkills(database, path)),
    policy: () => answer(() => listPolicy(database)),
    destinations: (filter = {}) => answer(() => listDestinations(database, filter)),
    coverage: (sinceAt) => answer(() => listCoverage(database, sinceAt)),
    learningSince: () => answer(() => learningSince(database)),
    blindPeriods: (sinceAt) =>
      answer(() =>
        database
          .prepare<BlindPeriod>(
            'SELECT from_at AS fromAt, to_at AS toAt, cause FROM blind_periods WHERE to_at >= ? ORDER BY from_at, id',
          )
          .all(sinceAt),
      ),
    size: () => answer(() => measure(database, path)),
    close: () => database.close(),
  };
}

/** Bytes of the main file and its `-wal`. */
export function fileBytes(path: string): number {
  return (bytesOf(path) ?? 0) + (bytesOf(`${path}-wal`) ?? 0);
}

function openForReading(file: string): Database {
  try {
    const database = openDatabase(file, { readonly: true });
    try {
      database.pragma('user_version');
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    const answer = storeError(error, file);
    const code =
      (error as { cause?: { code?: unknown }; code?: unknown }).code ??
      (error as { cause?: { code?: unknown } }).cause?.code;
    // Reading a WAL database needs its -shm file. Where none can be made and nothing waits in a -wal, the main file is
    // whole by itself and is read as it stands.
    const noIndex = typeof code === 'string' && /^SQLITE_(CANTOPEN|READONLY)/.test(code);
    if (!noIndex || (bytesOf(`${file}-wal`) ?? 0) > 0) throw answer;
    return openCopy(file, answer);
  }
}

const COPY_LIMIT_BYTES = 512 * 1024 * 1024;

function openCopy(file: string, otherwise: unknown): Database {
  if ((bytesOf(file) ?? 0) > COPY_LIMIT_BYTES) throw otherwise;
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw storeError(error, file);
  }
  // Bytes 18 and 19 say "WAL" (2); a copy in memory has no WAL and must say "rollback journal" (1).
  if (content[18] === 2) content.fill(1, 18, 20);
  return openDatabase(content, { readonly: true });
}

function bytesOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

interface CycleRow {
  id: number;
  at: number;
  durationMs: number;
  origin: 'agent' | 'scan';
  connections: number;
  connectionsOwned: number;
  blindSetId: number;
}

function lastCycle(
  database: Database,
  blindSpots: (setId: number) => CycleRecord['blindSpots'],
): CycleRecord | undefined {
  const row = database
    .prepare<CycleRow>(
      `SELECT id, at, duration_ms AS durationMs, origin, connections, connections_owned AS connectionsOwned,
         blind_set_id AS blindSetId FROM cycles ORDER BY id DESC LIMIT 1`,
    )
    .get();
  if (row === undefined) return undefined;
  const { blindSetId, ...cycle } = row;
  return { ...cycle, blindSpots: blindSpots(blindSetId) };
}

function lifeOf({ firstAt, lastAt, closedAt }: StoredSocket<unknown>) {
  return { firstAt, lastAt, ...(closedAt === undefined ? {} : { closedAt }) };
}

function listGateways(database: Database, path: string): Gateway[] {
  return database
    .prepare<{ payload: string }>('SELECT payload FROM gateways WHERE gone_at IS NULL ORDER BY id')
    .all()
    .map((row) => parsePayload<Gateway>(row.payload, path));
}

function measure(database: Database, path: string): ReturnType<StoreReader['size']> {
  const rows: Record<string, number> = {};
  for (const table of COUNTED) {
    rows[table] = database.prepare<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
  }
  const over = database.prepare<{ value: string }>('SELECT value FROM state WHERE key = ?').get(OVER_LIMIT)?.value;
  return { bytes: fileBytes(path), rows, ...(over === undefined ? {} : { overLimitBytes: Number(over) }) };
}
