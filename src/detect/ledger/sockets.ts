import { contactOf } from '../../types/contact.ts';
import type { Attempt } from '../../types/ledger.ts';
import type { Connection, Owner, Snapshot } from '../../types/snapshot.ts';
import { connectionKey, type Endpoint } from '../../types/socket.ts';
import { programName } from '../subjects.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { ContactBook } from './contact-book.ts';
import type { ContactState } from './contact-state.ts';
import type { LedgerLimits } from './limits.ts';

/** Silence on an open connection after which further bytes are a new event: at least this, and this share of the usual gap. */
const SILENCE_MS = 5_000;
const SILENCE_SHARE = 0.2;
/** A healthy handshake takes less; what waits longer has had no answer. */
const HANDSHAKE_MS = 1_000;
/** A connection may be out of sight for so long (a look that saw less) and still be the same. */
const LINGER_MS = 120_000;

/** What is remembered of a connection between looks. */
interface Followed {
  contact?: ContactState;
  /** Its latest event. */
  eventAt: number;
  attempt?: Attempt;
  inode?: number;
  /** Unix ms of the last look that saw it, and its number. */
  seenAt: number;
  tick: number;
  lastSentAt: number;
  bytesOut: number;
  bytesIn: number;
}

interface Bytes {
  bytesOut: number;
  bytesIn: number;
}

interface LastSight {
  connection: Connection;
  state: ContactState;
}

export interface SocketsOptions {
  contacts: ContactBook;
  attempts: AttemptLog;
  limits: LedgerLimits;
}

/** Turns the connections of one look after the other into events, bytes and attempts. */
export class FollowedSockets {
  readonly #followed = new Map<string, Followed>();
  readonly #options: SocketsOptions;
  #tick = 0;
  #at = 0;
  #serverEnds: Set<string> | undefined;
  #lastBytes = new Map<string, Bytes>();
  /** Contacts of this look by the objects that connections of one owner to one place share. */
  #sights = new Map<Owner, Map<Endpoint, LastSight>>();
  #removals = 0;

  constructor(options: SocketsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#followed.size;
  }

  look(snapshot: Snapshot): void {
    this.#tick++;
    this.#at = snapshot.at;
    this.#serverEnds = undefined;
    this.#lastBytes = lastBytesOf(snapshot);
    for (const connection of snapshot.connections) {
      const { owner, remote, direction } = connection;
      if (owner === undefined || owner.role === 'other' || remote === undefined || direction === 'inbound') continue;
      if (direction === 'internal' && this.#isServerSide(connection, snapshot)) continue;
      if (connection.brief) this.#brief(connection);
      else this.#open(connection);
    }
    this.#end();
    // They hold objects of this look, which are garbage the cheaper the sooner nobody has them.
    this.#sights.clear();
  }

  /** An open connection from the record, which is no new event when it is seen again. */
  resume(key: string, contact: ContactState, past: { eventAt: number; seenAt: number; inode?: number } & Bytes): void {
    if (this.#followed.size >= this.#options.limits.sockets) return;
    const { eventAt, seenAt, inode, bytesOut, bytesIn } = past;
    const life = { eventAt, seenAt, tick: this.#tick, lastSentAt: seenAt, bytesOut, bytesIn };
    this.#followed.set(key, { contact, ...life, ...(inode !== undefined && { inode }) });
  }

  #open(connection: Connection): void {
    const known = this.#followed.get(connection.key);
    if (known !== undefined && !isSuccessor(known, connection, this.#tick)) {
      this.#again(known, connection);
      return;
    }
    if (known !== undefined) this.#finish(connection.key, known);
    const { since, inode, state } = connection;
    const openedAt = connection.openedAt ?? (since.basis === 'observed' ? since.at : this.#at);
    const at = Math.min(openedAt, this.#at);
    const contact = this.#contactOf(connection, at);
    contact?.event(at, this.#options.limits.eventsPerContact);
    contact?.holdsSocket(connection.key);
    const { bytesOut = 0, bytesIn = 0 } = connection;
    if (bytesOut + bytesIn > 0) contact?.addBytes(this.#at, at, bytesOut, bytesIn);
    const attempt = this.#attempt(connection, at, state === 'SYN_SENT' ? undefined : false);
    if (this.#followed.size >= this.#options.limits.sockets) return;
    const life = { eventAt: at, seenAt: this.#at, tick: this.#tick, lastSentAt: this.#at, bytesOut, bytesIn };
    this.#followed.set(connection.key, {
      ...life,
      attempt,
      ...(contact !== undefined && { contact }),
      ...(inode !== undefined && { inode }),
    });
    if (state === 'SYN_SENT') noteHandshake(attempt, state, this.#at);
  }

  #again(known: Followed, connection: Connection): void {
    const contact = this.#moved(known, connection);
    contact?.holdsSocket(connection.key);
    const { bytesOut = 0, bytesIn = 0, state } = connection;
    // A look without counters must not look like a fall of them.
    const sent = Math.max(0, bytesOut - known.bytesOut);
    const received = Math.max(0, bytesIn - known.bytesIn);
    if (contact !== undefined && sent > 0) {
      const silence = Math.max(SILENCE_MS, SILENCE_SHARE * contact.medianGapMs());
      if (this.#at - known.lastSentAt >= silence) {
        contact.event(this.#at, this.#options.limits.eventsPerContact);
        known.eventAt = this.#at;
      }
      known.lastSentAt = this.#at;
    }
    if (contact !== undefined && sent + received > 0) contact.addBytes(this.#at, known.eventAt, sent, received);
    known.bytesOut += sent;
    known.bytesIn += received;
    if (connection.inode !== undefined) known.inode = connection.inode;
    known.seenAt = this.#at;
    known.tick = this.#tick;
    if (known.attempt !== undefined) noteHandshake(known.attempt, state, this.#at);
  }

  /** The contact that it counts to by now: a name that becomes known late takes its event along. */
  #moved(known: Followed, connection: Connection): ContactState | undefined {
    const before = known.contact;
    const isNamed = connection.destination?.name !== undefined;
    // A name that was known once is not forgotten when it is no longer told.
    if (before?.name !== undefined && !isNamed) return before;
    const contact = this.#contactOf(connection, known.eventAt);
    if (contact === before || contact === undefined) return contact ?? before;
    if (before !== undefined) {
      const { bytesOut, bytesIn } = before.takeBack(known.eventAt);
      if (before.activity.length === 0) this.#options.contacts.delete(before);
      contact.event(known.eventAt, this.#options.limits.eventsPerContact);
      contact.addBytes(known.eventAt, known.eventAt, bytesOut, bytesIn);
    } else contact.event(known.eventAt, this.#options.limits.eventsPerContact);
    known.contact = contact;
    return contact;
  }

  /** Known from events alone. One that a look saw before its event came is told of already. */
  #brief(connection: Connection): void {
    const known = connection.local.port === 0 ? undefined : this.#followed.get(connection.key);
    const at = Math.min(connection.openedAt ?? this.#at, this.#at);
    if (known !== undefined && at <= known.seenAt) {
      this.#moved(known, connection);
      return;
    }
    const contact = this.#contactOf(connection, at);
    const last = connection.attempts === undefined ? this.#lastBytes.get(connection.key) : undefined;
    const bytesOut = Math.max(connection.bytesOut ?? 0, last?.bytesOut ?? 0);
    const bytesIn = Math.max(connection.bytesIn ?? 0, last?.bytesIn ?? 0);
    contact?.event(at, this.#options.limits.eventsPerContact);
    contact?.holdsSocket(connection.key);
    if (contact !== undefined && bytesOut + bytesIn > 0) contact.addBytes(at, at, bytesOut, bytesIn);
    const { outcome } = connection;
    this.#attempt(connection, at, outcome === undefined ? undefined : outcome === 'failed');
  }

  /** To say again what the last connection of the same owner to the same place said would change nothing. */
  #contactOf(connection: Connection, at: number): ContactState | undefined {
    const { owner, remote } = connection;
    if (owner === undefined || remote === undefined) return undefined;
    if (this.#removals !== this.#options.contacts.removals) {
      this.#removals = this.#options.contacts.removals;
      this.#sights.clear();
    }
    let ofOwner = this.#sights.get(owner);
    const last = ofOwner?.get(remote);
    if (last !== undefined && isToldAlike(last.connection, connection)) return last.state;
    const state = this.#see(connection, at);
    if (state === undefined) return undefined;
    if (ofOwner === undefined) {
      ofOwner = new Map();
      this.#sights.set(owner, ofOwner);
    }
    ofOwner.set(remote, { connection, state });
    return state;
  }

  #see(connection: Connection, at: number): ContactState | undefined {
    const contact = contactOf(connection);
    const { owner, remote } = connection;
    if (contact === undefined || owner === undefined || remote === undefined) return undefined;
    const state = this.#options.contacts.of(contact, remote.port, owner.role, at);
    const isSame = state.pids.at(-1) === owner.process.pid && state.program !== undefined;
    state.see({
      role: owner.role,
      skill: owner.skill,
      gatewayId: connection.gatewayId ?? owner.gatewayId,
      name: connection.destination?.name,
      program: isSame ? undefined : programName(owner.process),
      address: remote.address,
      remoteClass: connection.remoteClass,
      verdict: connection.verdict,
      verdictReason: connection.verdictReason,
      pid: owner.process.pid,
    });
    return state;
  }

  #attempt(connection: Connection, at: number, failed: boolean | undefined): Attempt {
    const { owner, remote, protocol, remoteClass } = connection;
    const attempt: Attempt = { at, address: remote!.address, port: remote!.port, protocol };
    if (remoteClass !== undefined) attempt.remoteClass = remoteClass;
    if (failed !== undefined) attempt.failed = failed;
    this.#options.attempts.add(owner!.skill === undefined ? owner!.role : `skill ${owner!.skill}`, attempt);
    return attempt;
  }

  /** Connections that this look did not show: their last bytes, and what never had an answer has failed. */
  #end(): void {
    for (const [key, known] of this.#followed) {
      if (known.tick === this.#tick) continue;
      const isOver = this.#lastBytes.has(key) || Math.abs(this.#at - known.seenAt) > LINGER_MS;
      if (known.attempt !== undefined) known.attempt.failed ??= true;
      if (isOver) this.#finish(key, known);
    }
  }

  #finish(key: string, known: Followed): void {
    const last = this.#lastBytes.get(key);
    const sent = Math.max(0, (last?.bytesOut ?? 0) - known.bytesOut);
    const received = Math.max(0, (last?.bytesIn ?? 0) - known.bytesIn);
    if (sent + received > 0) known.contact?.addBytes(this.#at, known.eventAt, sent, received);
    this.#followed.delete(key);
  }

  /** Both ends of a connection inside this host are seen; the one at a listener did not try anything. */
  #isServerSide({ netns, protocol, local }: Connection, snapshot: Snapshot): boolean {
    this.#serverEnds ??= new Set(snapshot.listeners.map((each) => `${each.netns} ${each.protocol} ${each.local.port}`));
    return this.#serverEnds.has(`${netns} ${protocol} ${local.port}`);
  }
}

/** Everything else that a contact is told of a connection; may say no where it is the same. */
function isToldAlike(a: Connection, b: Connection): boolean {
  return (
    a.destination === b.destination &&
    a.direction === b.direction &&
    a.verdict === b.verdict &&
    a.verdictReason === b.verdictReason &&
    a.remoteClass === b.remoteClass &&
    a.gatewayId === b.gatewayId
  );
}

function noteHandshake(attempt: Attempt, state: Connection['state'], at: number): void {
  if (state !== 'SYN_SENT') attempt.failed = false;
  else if (at - attempt.at >= HANDSHAKE_MS) attempt.failed = true;
}

/** The same ends with another socket: an ephemeral port used again. Without inodes, one that was away and opened anew. */
function isSuccessor(known: Followed, { inode, openedAt, since }: Connection, tick: number): boolean {
  if (inode && known.inode) return inode !== known.inode;
  if (known.tick >= tick - 1) return false;
  const at = openedAt ?? (since.basis === 'observed' ? since.at : undefined);
  return at === undefined || at > known.seenAt;
}

/** Of two ends under one key the first is kept, as in the record. */
function lastBytesOf({ closedSockets = [] }: Snapshot): Map<string, Bytes> {
  const last = new Map<string, Bytes>();
  for (const socket of closedSockets) {
    const key = connectionKey(socket);
    if (!last.has(key)) last.set(key, { bytesOut: socket.bytesOut, bytesIn: socket.bytesIn });
  }
  return last;
}
