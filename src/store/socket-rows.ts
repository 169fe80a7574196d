import type { ProcessFact } from '../types/process.ts';
import type { Connection, Listener, Owner } from '../types/snapshot.ts';
import { parsePayload } from './errors.ts';
import type { Database, Value } from './open.ts';

/** The two kinds of sockets that are recorded alike. */
export type SocketKind = 'listeners' | 'connections';

/** A row as `selectSockets` reads it. */
export interface SocketRow {
  id: number;
  ordinal: number;
  coverage_id: number;
  payload: string;
  owner: string | null;
  process: string | null;
  first_at: number;
  last_at: number;
  closed_at: number | null;
  destination_id?: number | null;
  bytes_out?: number | null;
  bytes_in?: number | null;
}

/** A stored socket with its life, newest first. An open one was last seen by the last look that covered it. */
export interface StoredSocket<Socket> {
  id: number;
  ordinal: number;
  coverageId: number;
  socket: Socket;
  firstAt: number;
  lastAt: number;
  closedAt?: number;
  /** Connections only. */
  contactId?: number;
  bytes?: { bytesOut: number; bytesIn: number };
}

export function listSockets<Socket extends Listener | Connection>(
  database: Database,
  kind: SocketKind,
  filter: { open?: boolean; sinceAt?: number; limit?: number },
  path: string,
): StoredSocket<Socket>[] {
  const conditions: string[] = [];
  const values: Value[] = [];
  if (filter.open !== undefined) conditions.push(`s.closed_at IS ${filter.open ? '' : 'NOT '}NULL`);
  if (filter.sinceAt !== undefined) {
    conditions.push('coalesce(s.last_at, max(s.first_at, v.last_at)) >= ?');
    values.push(filter.sinceAt);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return database
    .prepare<SocketRow>(`${selectSockets(kind)} ${where} ORDER BY s.id DESC LIMIT ?`)
    .all(...values, filter.limit ?? -1)
    .map((row) => toStoredSocket<Socket>(row, path));
}

/** The question for sockets `s` with their process and coverage `v`; conditions follow. */
export function selectSockets(kind: SocketKind): string {
  const more = kind === 'connections' ? ', s.destination_id, s.bytes_out, s.bytes_in' : '';
  return `SELECT s.id, s.ordinal, s.coverage_id, s.payload, s.owner, p.payload AS process, s.first_at, s.closed_at,
      coalesce(s.last_at, max(s.first_at, v.last_at)) AS last_at${more}
    FROM ${kind} AS s JOIN coverage AS v ON v.id = s.coverage_id LEFT JOIN processes AS p ON p.id = s.process_id`;
}

export function toStoredSocket<Socket extends Listener | Connection>(
  row: SocketRow,
  path: string,
): StoredSocket<Socket> {
  const socket = { ...parsePayload<Socket>(row.payload, path), seenAt: row.last_at };
  if (row.owner !== null && row.process !== null) {
    const process = parsePayload<ProcessFact>(row.process, path);
    socket.owner = { ...parsePayload<Omit<Owner, 'process'>>(row.owner, path), process };
  }
  const bytes = row.bytes_out == null || row.bytes_in == null ? undefined : bytesOf(row.bytes_out, row.bytes_in);
  // The columns are newer than the text of the row, which is written when something else changes.
  Object.assign(socket, bytes);
  return {
    id: row.id,
    ordinal: row.ordinal,
    coverageId: row.coverage_id,
    socket,
    firstAt: row.first_at,
    lastAt: row.last_at,
    ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
    ...(row.destination_id == null ? {} : { contactId: row.destination_id }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

function bytesOf(bytesOut: number, bytesIn: number) {
  return { bytesOut, bytesIn };
}
