import type { ContactRecord } from '../types/contact.ts';
import type { EgressVerdict, NameSource } from '../types/egress.ts';
import type { Role } from '../types/snapshot.ts';
import type { ContactFilter } from '../types/store.ts';
import type { Database, Value } from './open.ts';

/** A row of `destinations`. */
export interface DestinationRow {
  id: number;
  subject: string;
  destination: string;
  role: Role;
  skill: string | null;
  gateway_id: string | null;
  name: string | null;
  name_source: NameSource | null;
  address: string;
  port: number;
  first_at: number;
  last_at: number;
  days: number;
  learning_days: number;
  grave: number;
  rejected_at: number | null;
  connections: number;
  bytes_out: number;
  bytes_in: number;
  verdict: EgressVerdict | null;
  verdict_reason: string | null;
}

export function toContactRecord(row: DestinationRow): ContactRecord {
  return {
    id: row.id,
    subject: row.subject,
    destination: row.destination,
    role: row.role,
    ...(row.skill === null ? {} : { skill: row.skill }),
    ...(row.gateway_id === null ? {} : { gatewayId: row.gateway_id }),
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.name_source === null ? {} : { nameSource: row.name_source }),
    address: row.address,
    port: row.port,
    firstAt: row.first_at,
    lastAt: row.last_at,
    days: row.days,
    learningDays: row.learning_days,
    connections: row.connections,
    bytesOut: row.bytes_out,
    bytesIn: row.bytes_in,
    ...(row.verdict === null ? {} : { verdict: row.verdict }),
    ...(row.verdict_reason === null ? {} : { verdictReason: row.verdict_reason }),
    grave: row.grave === 1,
    ...(row.rejected_at === null ? {} : { rejectedAt: row.rejected_at }),
  };
}

/** Contacts that match, newest sight first. */
export function listDestinations(database: Database, filter: ContactFilter): ContactRecord[] {
  const conditions: string[] = [];
  const values: Value[] = [];
  if (filter.subject !== undefined) {
    conditions.push('subject = ?');
    values.push(filter.subject);
  }
  if (filter.verdict !== undefined) {
    conditions.push(`verdict IN (${filter.verdict.map(() => '?').join(', ')})`);
    values.push(...filter.verdict);
  }
  if (filter.sinceAt !== undefined) {
    conditions.push('last_at >= ?');
    values.push(filter.sinceAt);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return database
    .prepare<DestinationRow>(`SELECT * FROM destinations ${where} ORDER BY last_at DESC, id DESC LIMIT ?`)
    .all(...values, filter.limit ?? -1)
    .map(toContactRecord);
}

// Oldest first: whoever floods the record with new names must not push out what was told before.
const MOST_UNKNOWN = 2_000;

/** Contacts last judged unknown and seen since then, oldest contact first. */
export function createListUnknown(database: Database): (sinceAt: number) => ContactRecord[] {
  const list = database.prepare<DestinationRow>(
    `SELECT * FROM destinations WHERE verdict = 'unknown' AND last_at >= ? ORDER BY first_at, id LIMIT ${MOST_UNKNOWN}`,
  );
  return (sinceAt) => list.all(sinceAt).map(toContactRecord);
}

/** One contact by its parts. */
export function createFindDestination(
  database: Database,
): (subject: string, destination: string) => ContactRecord | undefined {
  const find = database.prepare<DestinationRow>('SELECT * FROM destinations WHERE subject = ? AND destination = ?');
  return (subject, destination) => {
    const row = find.get(subject, destination);
    return row === undefined ? undefined : toContactRecord(row);
  };
}

/** Puts what a changed policy says over what the last connection was judged. Runs inside a transaction. */
export function judgeDestinations(
  database: Database,
  verdicts: readonly { id: number; verdict: EgressVerdict; reason: string }[],
): void {
  const judge = database.prepare('UPDATE destinations SET verdict = ?, verdict_reason = ? WHERE id = ?');
  for (const { id, verdict, reason } of verdicts) judge.run(verdict, reason, id);
}

/** Runs inside a transaction. */
export function rejectDestinations(database: Database, ids: readonly number[], at: number): void {
  const reject = database.prepare('UPDATE destinations SET rejected_at = coalesce(rejected_at, ?) WHERE id = ?');
  for (const id of ids) reject.run(at, id);
}
