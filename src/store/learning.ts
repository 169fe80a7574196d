import type { Database } from './open.ts';

const SINCE = 'learning.since';

export const DAY_MS = 86_400_000;

/** Unix ms; `undefined` before the first recorded cycle. */
export function learningSince(database: Database): number | undefined {
  const value = database.prepare<{ value: string }>('SELECT value FROM state WHERE key = ?').get(SINCE)?.value;
  return value === undefined ? undefined : Number(value);
}

/** Learning begins with the first recorded cycle. Runs inside its transaction. */
export function beginLearning(database: Database, at: number): number {
  database.prepare('INSERT OR IGNORE INTO state (key, value) VALUES (?, ?)').run(SINCE, String(at));
  return learningSince(database)!;
}

/** Forgets what was learned, refusals included, and begins anew. Runs inside a transaction. */
export function restartLearning(database: Database, at: number): void {
  database.prepare('INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)').run(SINCE, String(at));
  database.exec('UPDATE destinations SET learning_days = 0, last_learning_day = 0, rejected_at = NULL');
}

/** Days since 1970, UTC: one calendar for everybody, and no day twice when the clock changes for summer. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}
