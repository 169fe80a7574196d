import { DifferentSchema, type ForeignDatabase, type Row } from '../sqlite.ts';
import { type Ledger, WINDOW_MS } from './ledger.ts';

/** Rows of one look; what is left waits for the next. */
const MAX_ROWS = 1_000;
const MAX_SKILLS = 1_000;
const MAX_TEXT = 4_096;

export interface TableProgress {
  cursor: number;
  /** True when rows are left for the next look. */
  more: boolean;
}

/**
 * Reads what is new in `audit_events` and `skill_usage` of `state/openclaw.sqlite`. Every statement steps along the
 * primary key and stops after a number of rows, whatever the rows say: filters run here, so that a table made to match
 * nothing cannot keep SQLite searching.
 *
 * @param cursor last `sequence` read; `undefined` at the first look, which begins some rows before the end.
 */
export function readStateTables(
  database: ForeignDatabase,
  ledger: Ledger,
  cursor: number | undefined,
  now: number,
): TableProgress & { different?: string } {
  const progress = readAudit(database, ledger, cursor, now);
  try {
    readSkillUsage(database, ledger, now);
    return progress;
  } catch (error) {
    // The other table is worth having without it.
    if (error instanceof DifferentSchema) return { ...progress, different: error.message };
    throw error;
  }
}

function readAudit(database: ForeignDatabase, ledger: Ledger, cursor: number | undefined, now: number): TableProgress {
  database.demand('audit_events', ['sequence', 'occurred_at', 'action', 'session_id', 'tool_call_id', 'tool_name']);
  const last = lastOf(database, 'SELECT max(sequence) AS last FROM audit_events LIMIT 1');
  // Smaller than what was read: the table was emptied or replaced.
  let at = cursor === undefined || last < cursor ? Math.max(0, last - MAX_ROWS) : cursor;
  const rows = database.rows(
    `SELECT sequence, occurred_at, action, substr(session_id, 1, 200) AS session, substr(tool_call_id, 1, 200) AS hash,
      substr(tool_name, 1, 200) AS tool FROM audit_events WHERE sequence > ? ORDER BY sequence LIMIT ${MAX_ROWS}`,
    at,
  );
  for (const row of rows) {
    if (typeof row.sequence === 'number') at = Math.max(at, row.sequence);
    auditLine(row, ledger, now);
  }
  return { cursor: at, more: at < last };
}

function auditLine(row: Row, ledger: Ledger, now: number): void {
  const { occurred_at: occurredAt, action, hash, tool } = row;
  if (action !== 'tool.action.started' && action !== 'tool.action.finished') return;
  if (typeof hash !== 'string' || typeof tool !== 'string' || typeof occurredAt !== 'number') return;
  if (occurredAt <= now - WINDOW_MS) return;
  const line = { session: typeof row.session === 'string' ? row.session : '', hash, tool, at: occurredAt };
  if (action === 'tool.action.started') ledger.auditStarted(line);
  else ledger.auditFinished(line);
}

function readSkillUsage(database: ForeignDatabase, ledger: Ledger, now: number): void {
  database.demand('skill_usage', ['skill_file', 'last_used_at_ms']);
  const rows = database.rows(
    `SELECT substr(skill_file, 1, ${MAX_TEXT + 1}) AS file, last_used_at_ms AS at FROM skill_usage
      ORDER BY rowid DESC LIMIT ${MAX_SKILLS}`,
  );
  for (const { file, at } of rows) {
    if (typeof file !== 'string' || file.length > MAX_TEXT || typeof at !== 'number') continue;
    if (at > now - WINDOW_MS) ledger.skillUsed(file, at);
  }
}

export function lastOf(database: ForeignDatabase, sql: string): number {
  for (const { last } of database.rows(sql)) return typeof last === 'number' && Number.isSafeInteger(last) ? last : 0;
  return 0;
}
