import { contactFingerprint, contactOf } from '../types/contact.ts';
import { compareSeverity, type Finding } from '../types/finding.ts';
import type { Connection } from '../types/snapshot.ts';
import { dayOf } from './learning.ts';
import type { Bytes, KnownContact, Memory, OpenSocket } from './memory.ts';
import type { Database } from './open.ts';

/** Keeps one row for each contact in step with its connections, and bytes with theirs. */
export interface RecordDestinations {
  begin(memory: Memory, at: number, isLearning: boolean): void;
  /** A connection that is open in this look, after its own row was written. `isChanged`: more than its bytes differ. */
  see(memory: Memory, known: OpenSocket, connection: Connection, isChanged: boolean): void;
  /** It closed: what was held back of its bytes is written, and the last count where the kernel told it. */
  close(known: OpenSocket, last?: Bytes): void;
  /** A connection that is over already, after its own row was written. */
  seeBrief(memory: Memory, rowId: number, connection: Connection): void;
  /** Writes contacts that changed, and marks those on which a finding of medium or graver rests. */
  end(memory: Memory, findings: readonly Finding[]): number;
}

/** A row's last sight may lag this much behind: a steady connection costs no write in each look. */
const SIGHT_MS = 60_000;
/** Each open connection writes its growing counters once in so many looks, and whenever it closes. */
const BYTES_EVERY = 16;
/** Rows kept beside the database; a flood of names must not fill the memory. */
const MAX_KNOWN = 20_000;

export function createRecordDestinations(database: Database): RecordDestinations {
  const find = database.prepare<KnownRow>(
    `SELECT id, last_at AS lastAt, last_day AS lastDay, last_learning_day AS lastLearningDay, verdict, name, port, grave
     FROM destinations WHERE subject = ? AND destination = ?`,
  );
  const insert = database.prepare(
    `INSERT INTO destinations (subject, destination, fingerprint, role, address, port, first_at, last_at, last_day, days,
       learning_days, last_learning_day, connections, bytes_out, bytes_in)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0)`,
  );
  const update = database.prepare(
    `UPDATE destinations SET role = ?, skill = ?, gateway_id = ?, name = coalesce(?, name),
       name_source = coalesce(?, name_source), address = ?, port = ?, last_at = max(first_at, ?), last_day = ?,
       days = days + ?,
       learning_days = learning_days + ?, last_learning_day = ?, verdict = ?, verdict_reason = ? WHERE id = ?`,
  );
  const add = database.prepare(
    `UPDATE destinations SET connections = connections + ?, bytes_out = bytes_out + ?, bytes_in = bytes_in + ?
     WHERE id = ?`,
  );
  const removeEmpty = database.prepare('DELETE FROM destinations WHERE id = ? AND connections <= 0');
  const attach = database.prepare('UPDATE connections SET destination_id = ? WHERE id = ?');
  const writeBytes = database.prepare('UPDATE connections SET bytes_out = ?, bytes_in = ? WHERE id = ?');
  const markGrave = database.prepare('UPDATE destinations SET grave = 1 WHERE id = ?');
  let at = 0;
  let day = 0;
  let isLearning = false;
  let touched = 0;
  const sums = new Map<number, { connections: number; bytesOut: number; bytesIn: number }>();
  /** Contacts that lost a connection to another one, and may have none left. */
  const left = new Set<number>();
  /** Contacts of this look's connections that are over already: no open row leads to them. */
  const briefContacts = new Map<string, number>();

  function contactFor(memory: Memory, connection: Connection): KnownContact | undefined {
    const contact = contactOf(connection);
    if (contact === undefined) return undefined;
    // With its length, since a skill may put anything into its name.
    const key = `${contact.subject.length} ${contact.subject}${contact.destination}`;
    const cached = memory.contacts.get(key);
    if (cached !== undefined) return cached;
    let row = find.get(contact.subject, contact.destination);
    if (row === undefined) {
      const { role } = connection.owner!;
      const { address, port } = connection.remote!;
      const { subject, destination } = contact;
      const made = insert.run(subject, destination, contactFingerprint(contact), role, address, port, at, at, day - 1);
      row = {
        id: Number(made.lastInsertRowid),
        lastAt: Number.NEGATIVE_INFINITY,
        lastDay: day - 1,
        lastLearningDay: 0,
        verdict: null,
        name: null,
        port,
        grave: 0,
      };
      touched++;
    }
    const known: KnownContact = {
      ...row,
      grave: row.grave === 1,
      named: connection.destination?.name !== undefined,
      isForgotten: false,
    };
    memory.contacts.set(key, known);
    return known;
  }

  /** The contact that an open connection counts to; looked up again only when something about the connection changed. */
  function currentContact(memory: Memory, known: OpenSocket, connection: Connection, isChanged: boolean) {
    if (!isChanged && known.contact !== undefined && !known.contact.isForgotten) return known.contact;
    // A name that was known once is not forgotten when it is no longer told.
    if (known.contactNamed === true && connection.destination?.name === undefined) return undefined;
    known.contact = contactFor(memory, connection);
    return known.contact;
  }

  /** Writes what the latest connection says, when it says something new or the sight is a minute old. */
  function refresh(memory: Memory, contact: KnownContact, connection: Connection): void {
    const name = connection.destination?.name ?? null;
    const verdict = connection.verdict ?? null;
    const { port } = connection.remote!;
    const isNewDay = day > contact.lastDay;
    const isNewLearningDay = isLearning && day > contact.lastLearningDay;
    const changed =
      isNewDay ||
      isNewLearningDay ||
      verdict !== contact.verdict ||
      (name !== null && name !== contact.name) ||
      port !== contact.port;
    // Backwards too: after a corrected clock the sight must not stay in the future.
    if (!changed && Math.abs(at - contact.lastAt) < SIGHT_MS) return;
    const owner = connection.owner!;
    const lastDay = Math.max(day, contact.lastDay);
    const lastLearningDay = isNewLearningDay ? day : contact.lastLearningDay;
    update.run(
      owner.role,
      owner.skill ?? null,
      connection.gatewayId ?? owner.gatewayId ?? null,
      name,
      connection.destination?.source ?? null,
      connection.remote!.address,
      port,
      at,
      lastDay,
      isNewDay ? 1 : 0,
      isNewLearningDay ? 1 : 0,
      lastLearningDay,
      verdict,
      connection.verdictReason ?? null,
      contact.id,
    );
    if (changed) touched++;
    if (isNewLearningDay) memory.learned.clear();
    Object.assign(contact, { lastAt: at, lastDay, lastLearningDay, verdict, port });
    if (name !== null) contact.name = name;
  }

  /** Counts a connection to its contact; one whose name became known late moves from the address to the name. */
  function move(known: OpenSocket, contact: KnownContact): void {
    const { bytesOut, bytesIn } = known.writtenBytes;
    if (known.contactId !== undefined) {
      sum(known.contactId, -1, -bytesOut, -bytesIn);
      left.add(known.contactId);
    }
    attach.run(contact.id, known.id);
    sum(contact.id, 1, bytesOut, bytesIn);
    known.contactId = contact.id;
    known.contactNamed = contact.named;
    touched++;
  }

  /** Sums are written once for each contact at the end of the look. */
  function sum(id: number, connections: number, bytesOut: number, bytesIn: number): void {
    const so = sums.get(id) ?? { connections: 0, bytesOut: 0, bytesIn: 0 };
    so.connections += connections;
    so.bytesOut += bytesOut;
    so.bytesIn += bytesIn;
    sums.set(id, so);
  }

  function writeSums(memory: Memory): void {
    for (const [id, { connections, bytesOut, bytesIn }] of sums) add.run(connections, bytesOut, bytesIn, id);
    for (const id of left) if (removeEmpty.run(id).changes > 0) forget(memory, id);
  }

  function flushBytes(known: OpenSocket): void {
    const { bytes, writtenBytes } = known;
    if (bytes === undefined) return;
    const out = bytes.bytesOut - writtenBytes.bytesOut;
    const received = bytes.bytesIn - writtenBytes.bytesIn;
    if (out === 0 && received === 0) return;
    writeBytes.run(bytes.bytesOut, bytes.bytesIn, known.id);
    if (known.contactId !== undefined) sum(known.contactId, 0, out, received);
    known.writtenBytes = bytes;
  }

  return {
    begin(memory, now, learning) {
      [at, day, isLearning, touched] = [now, dayOf(now), learning, 0];
      sums.clear();
      left.clear();
      briefContacts.clear();
      if (memory.contacts.size <= MAX_KNOWN) return;
      for (const contact of memory.contacts.values()) contact.isForgotten = true;
      memory.contacts.clear();
    },
    see(memory, known, connection, isChanged) {
      const { bytesOut, bytesIn } = connection;
      if (bytesOut !== undefined || bytesIn !== undefined) raise(known, bytesOut ?? 0, bytesIn ?? 0);
      // Without an owner it counts to whom it counted before, and says nothing new of it.
      const contact = connection.owner === undefined ? undefined : currentContact(memory, known, connection, isChanged);
      if (contact !== undefined) {
        if (known.contactId !== contact.id) move(known, contact);
        refresh(memory, contact, connection);
      }
      const isFirst = known.writtenBytes.bytesOut === 0 && known.writtenBytes.bytesIn === 0;
      if (isFirst || (known.id + memory.tick) % BYTES_EVERY === 0) flushBytes(known);
    },
    close(known, last) {
      // Those of connections that nobody counts would cost a write each.
      if (last !== undefined && known.bytes !== undefined) raise(known, last.bytesOut, last.bytesIn);
      flushBytes(known);
    },
    seeBrief(memory, rowId, connection) {
      const contact = contactFor(memory, connection);
      const { bytesOut = 0, bytesIn = 0, attempts = 1 } = connection;
      if (bytesOut > 0 || bytesIn > 0) writeBytes.run(bytesOut, bytesIn, rowId);
      if (contact === undefined) return;
      attach.run(contact.id, rowId);
      sum(contact.id, attempts, bytesOut, bytesIn);
      refresh(memory, contact, connection);
      briefContacts.set(connection.key, contact.id);
      touched++;
    },
    end(memory, findings) {
      writeSums(memory);
      const grave = findings.filter(
        ({ verdict, severity }) => verdict === 'finding' && compareSeverity(severity, 'medium') >= 0,
      );
      const byId = new Map([...memory.contacts.values()].map((contact) => [contact.id, contact]));
      for (const key of grave.flatMap(({ socketKeys }) => socketKeys)) {
        const id = memory.sockets.connections.get(key)?.contactId ?? briefContacts.get(key);
        const contact = id === undefined ? undefined : byId.get(id);
        if (id === undefined || contact?.grave) continue;
        markGrave.run(id);
        memory.learned.clear();
        if (contact !== undefined) contact.grave = true;
        touched++;
      }
      return touched;
    },
  };
}

/** A count never falls while a socket lives; a look without counters, or an abort that clears them, must not look like it. */
function raise(known: OpenSocket, bytesOut: number, bytesIn: number): void {
  const { bytes } = known;
  if (bytes !== undefined && bytesOut <= bytes.bytesOut && bytesIn <= bytes.bytesIn) return;
  known.bytes = {
    bytesOut: Math.max(bytesOut, bytes?.bytesOut ?? 0),
    bytesIn: Math.max(bytesIn, bytes?.bytesIn ?? 0),
  };
}

function forget(memory: Memory, id: number): void {
  memory.learned.clear();
  for (const [key, contact] of memory.contacts) {
    if (contact.id !== id) continue;
    contact.isForgotten = true;
    memory.contacts.delete(key);
  }
}

/** As SQLite gives it: a flag is a number there. */
type KnownRow = Omit<KnownContact, 'grave' | 'named' | 'isForgotten'> & { grave: number };
