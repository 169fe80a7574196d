import type { ConnectionCoverage } from '../types/snapshot.ts';
import type { CoverageRecord } from '../types/store.ts';
import type { Database } from './open.ts';

const HOUR_MS = 3_600_000;

/** Adds one interval to the hour in which it ended. Runs inside the transaction of the cycle. */
export function createRecordCoverage(database: Database): (coverage: ConnectionCoverage, at: number) => void {
  const add = database.prepare(
    `INSERT INTO connection_coverage (hour_at, from_at, to_at, interval_ms, opened, seen, owned, named)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (hour_at) DO UPDATE SET from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at),
       interval_ms = interval_ms + excluded.interval_ms, opened = opened + excluded.opened, seen = seen + excluded.seen,
       owned = owned + excluded.owned, named = named + excluded.named`,
  );
  return ({ intervalMs, opened, seen, owned, named }, at) => {
    const ms = Math.round(intervalMs);
    add.run(Math.floor(at / HOUR_MS) * HOUR_MS, at - ms, at, ms, opened, seen, owned, named);
  };
}

/** Hours with anything measured since then, oldest first. */
export function listCoverage(database: Database, sinceAt: number): CoverageRecord[] {
  return database
    .prepare<CoverageRecord>(
      `SELECT from_at AS fromAt, to_at AS toAt, interval_ms AS intervalMs, opened, seen, owned, named
       FROM connection_coverage WHERE to_at >= ? ORDER BY hour_at`,
    )
    .all(sinceAt);
}
