import type { Snapshot } from '../types/snapshot.ts';
import type { BlindPeriod } from '../types/store.ts';
import type { Database } from './open.ts';

/** Two processes record looks out of order by as much as a look takes; only more than this is the clock's doing. */
const DISORDER_MS = 2_000;

/** Records a stretch without a look. The end is never before the start; the same stretch is kept once. */
export function addBlindPeriod(database: Database, { fromAt, toAt, cause }: BlindPeriod): void {
  database
    .prepare('INSERT OR IGNORE INTO blind_periods (from_at, to_at, cause) VALUES (?, ?, ?)')
    .run(Math.min(fromAt, toAt), Math.max(fromAt, toAt), cause);
}

/**
 * Notes when the clock moved back since the last cycle: the order of what follows rests on row numbers and not on
 * times, and ages around here are wrong. A gap forwards is the agent's to report: only it knows when it meant to look.
 *
 * @returns rows written.
 */
export function recordClock(
  database: Database,
  lastAt: number | undefined,
  look: Pick<Snapshot, 'at' | 'durationMs'>,
): number {
  if (lastAt === undefined || lastAt - (look.at + look.durationMs) <= DISORDER_MS) return 0;
  const seconds = Math.round((lastAt - look.at) / 1000);
  addBlindPeriod(database, { fromAt: look.at, toAt: lastAt, cause: `clock moved back by ${seconds} s` });
  return 1;
}
