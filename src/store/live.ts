import { SEVERITIES } from '../types/finding.ts';
import type { FindingCount, LiveReader, SkillTraffic } from '../types/live.ts';
import type { Connection, Listener } from '../types/snapshot.ts';
import type { StoreReader } from '../types/store.ts';
import { type DestinationRow, toContactRecord } from './destinations.ts';
import { storeError } from './errors.ts';
import { type FindingRow, SELECT_FINDINGS, toFindingRecord } from './finding-rows.ts';
import { createListChanges } from './live-changes.ts';
import type { Database, Statement } from './open.ts';
import { createReader, openRecord } from './reader.ts';
import { type SocketRow, selectSockets, toStoredSocket } from './socket-rows.ts';

const RANK = `CASE f.severity ${SEVERITIES.map((name, index) => `WHEN '${name}' THEN ${index}`).join(' ')} END`;
/** Closed connections that are told at once; what is beyond shows when all are compared. */
const MOST_CLOSED = 2_000;
/** Rows by their numbers, given as one JSON text: a statement per number of rows would fill the library's cache. */
const NUMBERED = 'IN (SELECT value FROM json_each(?))';

/** The reader of a screen that stays open; apart, because nothing else loads its questions. @throws UserError as `openStoreReader`. */
export function openLiveReader({ path }: { path: string }): LiveReader {
  return openRecord(path, (database, file) => ({ ...createReader(database, file), ...createLive(database, file) }));
}

/** The questions of a screen that stays open; all statements are made once. */
function createLive(database: Database, path: string): Omit<LiveReader, keyof StoreReader> {
  const prepared = new Map<string, Statement<never>>();
  // Made when first asked: a pane that nobody opens costs nothing at start.
  const all = <Row>(sql: string, ...values: (string | number)[]): Row[] => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = database.prepare<never>(sql);
      prepared.set(sql, statement);
    }
    try {
      return statement.all(...values);
    } catch (error) {
      throw storeError(error, path);
    }
  };
  const ids = (sql: string, ...values: number[]) => all<{ id: number }>(sql, ...values).map(({ id }) => id);
  const newest = (rows: number[]) => rows.sort((a, b) => b - a);
  let changes: ReturnType<typeof createListChanges> | undefined;

  const live: Omit<LiveReader, keyof StoreReader> = {
    version: () => Number(database.pragma('data_version')),
    // By name of the index: SQLite has no statistics, and through the table it would read every closed row.
    openConnections: () =>
      newest(ids('SELECT id FROM connections INDEXED BY connections_open WHERE closed_at IS NULL')),
    newestConnection: () => all<{ id: number | null }>('SELECT max(id) AS id FROM connections')[0]?.id ?? 0,
    connectionsSince(row, closedAt) {
      const fresh = ids('SELECT id FROM connections WHERE id > ? AND closed_at IS NULL ORDER BY id DESC', row);
      const closed = all<{ id: number; closedAt: number }>(
        `SELECT id, closed_at AS closedAt FROM connections WHERE closed_at IS NOT NULL AND closed_at >= ?
         ORDER BY closed_at DESC LIMIT ?`,
        closedAt,
        MOST_CLOSED,
      );
      return {
        fresh,
        gone: closed.map(({ id }) => id),
        row: fresh[0] ?? row,
        closedAt: closed[0]?.closedAt ?? closedAt,
      };
    },
    openListeners: () => newest(ids('SELECT id FROM listeners INDEXED BY listeners_open WHERE closed_at IS NULL')),
    presentFindings: (limit) =>
      ids(`SELECT f.id FROM findings AS f WHERE f.resolved_at IS NULL ORDER BY ${RANK} DESC, f.id DESC LIMIT ?`, limit),
    connectionRows: (rows) =>
      all<SocketRow>(`${selectSockets('connections')} WHERE s.id ${NUMBERED}`, JSON.stringify(rows)).map((row) => {
        const { id, socket, ...life } = toStoredSocket<Connection>(row, path);
        return { row: id, connection: socket, ...lifeOf(life) };
      }),
    listenerRows: (rows) =>
      all<SocketRow>(`${selectSockets('listeners')} WHERE s.id ${NUMBERED}`, JSON.stringify(rows)).map((row) => {
        const { id, socket, ...life } = toStoredSocket<Listener>(row, path);
        return { row: id, listener: socket, ...lifeOf(life) };
      }),
    findingRows: (rows) =>
      all<FindingRow>(`${SELECT_FINDINGS} WHERE f.id ${NUMBERED}`, JSON.stringify(rows)).map((row) => ({
        ...toFindingRecord(row, path),
        row: row.id,
      })),
    findingCounts: () =>
      all<FindingCount>(
        `SELECT severity, status, verdict, count(*) AS count FROM findings
         WHERE resolved_at IS NULL GROUP BY severity, status, verdict`,
      ),
    connectionsBetween(fromAt, toAt, limit) {
      const open = live.openConnections().slice(0, limit);
      const closed = ids(
        'SELECT id FROM connections WHERE closed_at IS NOT NULL AND closed_at >= ? ORDER BY closed_at LIMIT ?',
        fromAt,
        limit,
      );
      return live
        .connectionRows([...open, ...closed])
        .filter(({ firstAt }) => firstAt <= toAt)
        .sort((a, b) => b.row - a.row)
        .slice(0, limit);
    },
    skillTraffic: () =>
      all<SkillTraffic>(
        `SELECT skill, count(*) AS hosts, sum(coalesce(verdict, 'unknown') = 'unknown') AS unknown,
           sum(bytes_out) AS bytesOut, sum(bytes_in) AS bytesIn, max(last_at) AS lastAt
         FROM destinations WHERE skill IS NOT NULL GROUP BY skill`,
      ),
    contactOf(fingerprint) {
      const row = all<DestinationRow>('SELECT * FROM destinations WHERE fingerprint = ? LIMIT 1', fingerprint)[0];
      return row && toContactRecord(row);
    },
    changes(limit) {
      changes ??= createListChanges(database);
      return changes(limit);
    },
    opened: (fromAt, bucketMs, buckets) => byRowNumber(all, fromAt, bucketMs, buckets),
    found(fromAt, bucketMs, buckets) {
      const counts = new Array<number>(buckets).fill(0);
      const rows = all<{ bucket: number; count: number }>(
        `SELECT (first_at - ?) / ? AS bucket, count(*) AS count FROM findings
         WHERE first_at >= ? AND verdict = 'finding' GROUP BY bucket`,
        fromAt,
        bucketMs,
        fromAt,
      );
      for (const { bucket, count } of rows) if (bucket >= 0 && bucket < buckets) counts[Math.floor(bucket)] = count;
      return counts;
    },
  };
  return live;
}

function lifeOf({ firstAt, lastAt, closedAt }: { firstAt: number; lastAt: number; closedAt?: number }) {
  return { firstAt, lastAt, ...(closedAt === undefined ? {} : { closedAt }) };
}

/**
 * There is no index on the time at which a connection was first seen, and none is worth its cost at each write: row
 * numbers grow with that time, so twenty probes find the first row of any moment among a million.
 */
function byRowNumber(
  all: <Row>(sql: string, ...values: (string | number)[]) => Row[],
  fromAt: number,
  bucketMs: number,
  buckets: number,
): number[] {
  const ends = all<{ least: number | null; most: number | null }>(
    'SELECT (SELECT min(id) FROM connections) AS least, (SELECT max(id) FROM connections) AS most',
  )[0];
  if (ends?.least == null || ends.most == null) return new Array<number>(buckets).fill(0);
  const last = ends.most + 1;
  const firstRowSince = (at: number, from: number): number => {
    let low = from;
    let high = last;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = all<{ firstAt: number }>(
        'SELECT first_at AS firstAt FROM connections WHERE id >= ? ORDER BY id LIMIT 1',
        middle,
      )[0];
      if (row !== undefined && row.firstAt < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const starts: number[] = [];
  for (let index = 0; index <= buckets; index++) {
    starts.push(firstRowSince(fromAt + index * bucketMs, starts.at(-1) ?? ends.least));
  }
  return starts.slice(1).map((start, index) => start - starts[index]!);
}
