import type { EgressVerdict } from '../types/egress.ts';
import type { PastConnection } from '../types/ledger.ts';
import type { Role } from '../types/snapshot.ts';
import type { Database } from './open.ts';

interface Row {
  key: string;
  subject: string;
  destination: string;
  role: Role;
  skill: string | null;
  gateway_id: string | null;
  name: string | null;
  verdict: EgressVerdict | null;
  verdict_reason: string | null;
  first_at: number;
  last_at: number;
  closed_at: number | null;
  inode: number | null;
  bytes_out: number | null;
  bytes_in: number | null;
}

/**
 * Connections of contacts that were open at some time since then, oldest first; the newest `limit` of them. From columns
 * alone: the text of fifty thousand rows would take a start seconds to read.
 */
export function createListContactConnections(database: Database): (sinceAt: number, limit: number) => PastConnection[] {
  const list = database.prepare<Row>(
    `SELECT c.key, d.subject, d.destination, d.role, d.skill, d.gateway_id, d.name, d.verdict, d.verdict_reason,
       c.first_at, coalesce(c.last_at, max(c.first_at, v.last_at)) AS last_at, c.closed_at, c.inode, c.bytes_out, c.bytes_in
     FROM connections AS c JOIN destinations AS d ON d.id = c.destination_id JOIN coverage AS v ON v.id = c.coverage_id
     WHERE c.closed_at IS NULL OR c.last_at >= ? ORDER BY c.id DESC LIMIT ?`,
  );
  return (sinceAt, limit) =>
    list
      .all(sinceAt, limit)
      .map(toPastConnection)
      .sort((a, b) => a.firstAt - b.firstAt);
}

function toPastConnection(row: Row): PastConnection {
  return {
    key: row.key,
    subject: row.subject,
    destination: row.destination,
    role: row.role,
    ...(row.skill === null ? {} : { skill: row.skill }),
    ...(row.gateway_id === null ? {} : { gatewayId: row.gateway_id }),
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.verdict === null ? {} : { verdict: row.verdict }),
    ...(row.verdict_reason === null ? {} : { verdictReason: row.verdict_reason }),
    firstAt: row.first_at,
    lastAt: row.last_at,
    isOpen: row.closed_at === null,
    ...(row.inode === null ? {} : { inode: row.inode }),
    bytesOut: row.bytes_out ?? 0,
    bytesIn: row.bytes_in ?? 0,
  };
}
