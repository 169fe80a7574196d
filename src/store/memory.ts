import type { Destination } from '../types/egress.ts';
import { type ProcessFact, processKey } from '../types/process.ts';
import type { Connection, Listener, Owner, Since } from '../types/snapshot.ts';
import type { Coverage } from './look.ts';
import type { Database } from './open.ts';
import { listSockets, type SocketKind } from './socket-rows.ts';

/** An open socket row, as far as the next cycle needs it. */
export interface OpenSocket {
  id: number;
  firstAt: number;
  /** As first recorded. */
  since: Since;
  coverageId: number;
  inode: number | undefined;
  /** What is stored of the socket, and of its owner; compared to find rows that changed. */
  facts: string;
  owner: string;
  /** The connection from which both were worked out: one that is alike needs no new text. */
  basis?: Connection;
  /** Number of the last cycle of this process that saw it, and of the last one that had it in its list. */
  seen: number;
  metIn?: number;
  /** Row of `destinations` that a connection is counted to, and whether that was by a name. */
  contactId?: number;
  contactNamed?: boolean;
  contact?: KnownContact | undefined;
  /** Bytes as last seen, and as written. */
  bytes?: Bytes;
  writtenBytes: Bytes;
}

export interface Bytes {
  bytesOut: number;
  bytesIn: number;
}

/** A row of `destinations`, as far as the next cycle needs it. */
export interface KnownContact {
  id: number;
  lastAt: number;
  lastDay: number;
  lastLearningDay: number;
  verdict: string | null;
  name: string | null;
  port: number;
  grave: boolean;
  /** Its destination is a name and not an address. */
  named: boolean;
  /** True once it is no longer among `Memory.contacts`. */
  isForgotten: boolean;
}

/** What is open, held beside the database so that an unchanged cycle costs no query per socket. */
export interface Memory {
  sockets: Record<SocketKind, Map<string, OpenSocket>>;
  coverage: Map<number, Coverage>;
  /** Connections closed lately, by key, Unix ms: their TIME_WAIT remains are not new connections. */
  lingering: Map<string, number>;
  /** Rows of remnants that this look and the one before made, by slot: an event that comes late tells whose they were. */
  remnants: Map<string, { id: number; tick: number; bytes: Bytes | undefined }>;
  /** Contacts seen by this process. */
  contacts: Map<string, KnownContact>;
  /** Answers of `History.isLearned`; emptied when anything is written that may change one. */
  learned: Map<string, boolean>;
  /** What is stored of findings, by fingerprint, as far as this process has written or read it. */
  findings: Map<string, string>;
  lastCycle: { id: number; at: number; blindSetId: number } | undefined;
  /** Counts cycles of this process. */
  tick: number;
}

/** How long the kernel may show the remains of a closed connection: 60 s, and as much again for a late look. */
export const LINGER_MS = 120_000;

/** Two sockets at one address and port (SO_REUSEPORT) are told apart by a number. */
export function slotOf(key: string, ordinal: number): string {
  return ordinal === 0 ? key : `${key}#${ordinal}`;
}

/** Reads what is open. */
export function loadMemory(database: Database, path: string): Memory {
  const lastCycle = database
    .prepare<{ id: number; at: number; blindSetId: number }>(
      'SELECT id, at, blind_set_id AS blindSetId FROM cycles ORDER BY id DESC LIMIT 1',
    )
    .get();
  const coverage = database
    .prepare<Coverage>('SELECT id, source, netns, eyes, observer, last_at AS lastAt FROM coverage')
    .all();
  const closed = database
    .prepare<{ key: string; at: number }>('SELECT key, closed_at AS at FROM connections WHERE closed_at >= ?')
    .all((lastCycle?.at ?? 0) - LINGER_MS);
  return {
    sockets: {
      listeners: openSockets(database, 'listeners', path),
      connections: openSockets(database, 'connections', path),
    },
    coverage: new Map(coverage.map((row) => [row.id, row])),
    lingering: new Map(closed.map((row) => [row.key, row.at])),
    remnants: new Map(),
    contacts: new Map(),
    learned: new Map(),
    findings: new Map(),
    lastCycle,
    tick: 0,
  };
}

function openSockets(database: Database, kind: SocketKind, path: string): Map<string, OpenSocket> {
  const open = new Map<string, OpenSocket>();
  for (const { socket, ...row } of listSockets<Listener | Connection>(database, kind, { open: true }, path)) {
    open.set(slotOf(socket.key, row.ordinal), {
      id: row.id,
      firstAt: row.firstAt,
      since: socket.since,
      coverageId: row.coverageId,
      inode: socket.inode,
      facts: factsOf(socket),
      owner: ownerOf(socket),
      seen: 0,
      ...(row.contactId === undefined
        ? {}
        : {
            contactId: row.contactId,
            contactNamed: 'destination' in socket && socket.destination?.name !== undefined,
          }),
      writtenBytes: row.bytes ?? { bytesOut: 0, bytesIn: 0 },
    });
  }
  return open;
}

/** Compares the connections of one look with those of earlier ones. */
export interface Likeness {
  /** Whether `factsOf` and `ownerOf` give the same text for both; may say no where they do. */
  isAlike(before: Connection, now: Connection): boolean;
}

/** Thousands of connections share an owner or a far end; what was compared once in a look is not compared again. */
export function createLikeness(): Likeness {
  const owners = new Map<Owner, Owner>();
  const destinations = new Map<Destination, Destination>();
  return {
    isAlike: (a, b) =>
      a.state === b.state &&
      a.inode === b.inode &&
      a.uid === b.uid &&
      a.gatewayId === b.gatewayId &&
      a.direction === b.direction &&
      a.remoteClass === b.remoteClass &&
      a.verdict === b.verdict &&
      a.verdictReason === b.verdictReason &&
      isSame(destinations, a.destination, b.destination, isSameDestination) &&
      isSameCall(a.toolCall, b.toolCall) &&
      isSame(owners, a.owner, b.owner, isSameOwner) &&
      isSameList(a.pids, b.pids),
  };
}

/** @param known the last object of an earlier look that each of this look was found to be like. */
function isSame<Part>(
  known: Map<Part, Part>,
  before: Part | undefined,
  now: Part | undefined,
  compare: (before: Part, now: Part) => boolean,
): boolean {
  if (before === now) return true;
  if (before === undefined || now === undefined) return false;
  if (known.get(now) === before) return true;
  const answer = compare(before, now);
  if (answer) known.set(now, before);
  return answer;
}

function isSameDestination(a: Destination, b: Destination): boolean {
  return a.name === b.name && a.source === b.source && a.domain === b.domain && isSameList(a.otherNames, b.otherNames);
}

function isSameCall(a: Connection['toolCall'], b: Connection['toolCall']): boolean {
  return a === b || (a?.tool === b?.tool && a?.id === b?.id && a?.confidence === b?.confidence);
}

function isSameOwner(a: Owner, b: Owner): boolean {
  return (
    a.role === b.role &&
    a.gatewayId === b.gatewayId &&
    a.confidence === b.confidence &&
    a.skill === b.skill &&
    (a.process === b.process || identityOf(a.process) === identityOf(b.process))
  );
}

function isSameList(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((each, index) => each === b[index]);
}

/** Everything stored of a socket that can change while it is open, as one text to compare. */
export function factsOf(socket: Listener | Connection): string {
  const common = `${socket.state} ${socket.inode ?? ''} ${socket.uid ?? ''} ${socket.gatewayId ?? ''}`;
  if ('direction' in socket) {
    return `${common} ${socket.direction} ${socket.remoteClass ?? ''}${farEndOf(socket)}`;
  }
  const reachable = socket.reachableAt.map((each) => `${each.address}=${each.reach}`).join(',');
  return `${common} ${socket.service} ${socket.reach} ${socket.place} ${socket.dualStack ?? ''} ${reachable}`;
}

/** What is said of the far end; nothing for most of ten thousand connections, so nothing is what costs nothing. */
function farEndOf({ destination, verdict, verdictReason, toolCall }: Connection): string {
  const name =
    destination?.name === undefined ? '' : ` ${destination.name} ${destination.source} ${destination.domain}`;
  const others = destination?.otherNames === undefined ? '' : ` ${destination.otherNames.join(' ')}`;
  const judged = verdict === undefined ? '' : ` ${verdict} ${verdictReason}`;
  return `${name}${others}${judged}${toolCall === undefined ? '' : ` ${JSON.stringify(toolCall)}`}`;
}

/** The same for who holds it; empty when nobody is known to. */
export function ownerOf({ owner, pids }: Listener | Connection): string {
  if (owner === undefined) return '';
  return `${identityOf(owner.process)} ${owner.role} ${owner.gatewayId ?? ''} ${owner.confidence} ${owner.skill ?? ''} ${pids ?? ''}`;
}

/** Where the start time is unknown a pid alone would join two processes, so name and program are added. */
export function identityOf(process: ProcessFact): string {
  return process.startTicks > 0 ? processKey(process) : `${processKey(process)}:${process.comm}:${process.exe ?? ''}`;
}
