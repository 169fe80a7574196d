import { randomUUID } from 'node:crypto';
import { damaged } from './errors.ts';
import { type Database, transaction } from './open.ts';

/** Notes who has the file open for writing, so that an unclean end is noticed by the next start. */
export interface WriterNote {
  remove(): void;
}

/**
 * Checks the whole file when the last writer did not close it, which costs time in proportion to its size; a clean
 * file, and one that a living agent holds, is not checked. WAL needs no repair either way: the check finds hardware
 * and file system damage while it is fresh.
 *
 * @throws UserError when the check finds damage.
 */
export function noteWriter(database: Database, path: string): WriterNote {
  const rows = database.prepare<{ token: string; pid: number; opened_at: number }>('SELECT * FROM writers').all();
  const dead = rows.filter((row) => !isAlive(row.pid, row.opened_at));
  if (dead.length > 0) checkWhole(database, path);
  const token = randomUUID();
  transaction(database, () => {
    for (const row of dead) database.prepare('DELETE FROM writers WHERE token = ?').run(row.token);
    database
      .prepare('INSERT INTO writers (token, pid, opened_at) VALUES (?, ?, ?)')
      .run(token, process.pid, Date.now());
  });
  return { remove: () => void database.prepare('DELETE FROM writers WHERE token = ?').run(token) };
}

export function checkWhole(database: Database, path: string): void {
  const answer = database.pragma('quick_check(1)');
  if (answer !== 'ok') throw damaged(path, String(answer).split('\n')[0] ?? '');
}

function isAlive(pid: number, openedAt: number): boolean {
  // Real time on both sides, whatever clock the store was given: this compares processes, not looks.
  // In a container every agent has the same small pid: an older note with our own number is of one before us.
  if (pid === process.pid) return openedAt >= performance.timeOrigin - 1_000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
