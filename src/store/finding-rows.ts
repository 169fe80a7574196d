import { EXIT, UserError } from '../types/error.ts';
import { type Finding, SEVERITIES } from '../types/finding.ts';
import type { FindingEvent, FindingFilter, FindingRecord, FindingStatus } from '../types/store.ts';
import { parsePayload } from './errors.ts';
import type { Database, Value } from './open.ts';

/** A finding's life, without what it says. */
export interface FindingLife {
  id: number;
  fingerprint: string;
  short_id: string;
  rule_id: string;
  verdict: Finding['verdict'];
  gateway_id: string | null;
  status: FindingStatus;
  first_at: number;
  last_at: number;
  resolved_at: number | null;
  count: number;
  missed: number;
  muted_by_policy: number;
  origin: 'agent' | 'scan';
  uid: number;
  blind_set_id: number;
}

export interface FindingRow extends FindingLife {
  payload: string;
}

export const SELECT_FINDINGS =
  'SELECT f.*, d.payload FROM findings AS f JOIN finding_details AS d ON d.finding_id = f.id';

export function toFindingRecord(row: FindingRow, path: string): FindingRecord {
  return withLife(parsePayload<Finding>(row.payload, path), row);
}

export function withLife(finding: Finding, row: FindingLife): FindingRecord {
  return {
    ...finding,
    id: row.short_id,
    status: row.status,
    firstAt: row.first_at,
    lastAt: row.last_at,
    ...(row.resolved_at === null ? {} : { resolvedAt: row.resolved_at }),
    count: row.count,
  };
}

/** Findings that match, worst first, then newest first. */
export function listFindings(database: Database, filter: FindingFilter, path: string): FindingRecord[] {
  const conditions: string[] = [];
  const values: Value[] = [];
  const oneOf = (column: string, allowed: readonly string[]) => {
    conditions.push(`${column} IN (${allowed.map(() => '?').join(', ')})`);
    values.push(...allowed);
  };
  if (filter.status !== undefined) oneOf('f.status', filter.status);
  if (filter.minSeverity !== undefined) oneOf('f.severity', SEVERITIES.slice(SEVERITIES.indexOf(filter.minSeverity)));
  if (filter.sinceAt !== undefined) {
    conditions.push('f.last_at >= ?');
    values.push(filter.sinceAt);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const rank = `CASE f.severity ${SEVERITIES.map((name, index) => `WHEN '${name}' THEN ${index}`).join(' ')} END`;
  return database
    .prepare<FindingRow>(`${SELECT_FINDINGS} ${where} ORDER BY ${rank} DESC, f.last_at DESC, f.id LIMIT ?`)
    .all(...values, filter.limit ?? -1)
    .map((row) => toFindingRecord(row, path));
}

/** What happened to a finding, oldest first. */
export function listFindingEvents(database: Database, fingerprint: string): FindingEvent[] {
  return database
    .prepare<FindingEvent>(
      `SELECT e.at, e.event, e.reason FROM finding_events AS e JOIN findings AS f ON f.id = e.finding_id
       WHERE f.fingerprint = ? ORDER BY e.id`,
    )
    .all(fingerprint);
}

/**
 * A finding by what a person types: the start of its short id in any case, with or without `F-`, with O, I and L read
 * as 0 and 1, or at least six hex digits of its fingerprint.
 *
 * @throws UserError that lists the candidates when several match.
 */
export function findFinding(database: Database, typed: string, path: string): FindingRecord | undefined {
  const text = typed.trim().toUpperCase();
  const digits = text.replace(/^F-/, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  if (digits === '') return undefined;
  const found = new Map<number, FindingRow>();
  const search = (column: string, prefix: string) => {
    const rows = database
      .prepare<FindingRow>(`${SELECT_FINDINGS} WHERE ${column} >= ? AND ${column} < ? ORDER BY f.id LIMIT 10`)
      .all(prefix, `${prefix}~`);
    for (const row of rows) found.set(row.id, row);
  };
  search('f.short_id', `F-${digits}`);
  // A whole id names its finding, also when another one's longer id starts with it.
  for (const row of found.values()) if (row.short_id === `F-${digits}`) return toFindingRecord(row, path);
  if (/^[0-9A-F]{6,64}$/.test(text)) search('f.fingerprint', text.toLowerCase());
  const rows = [...found.values()];
  if (rows.length > 1) {
    throw new UserError(`several findings start like that: ${rows.map((row) => row.short_id).join(', ')}`, {
      hint: 'type more of the id',
      exitCode: EXIT.usage,
    });
  }
  return rows[0] === undefined ? undefined : toFindingRecord(rows[0], path);
}
