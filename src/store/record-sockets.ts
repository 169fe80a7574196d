import type { Connection, Listener } from '../types/snapshot.ts';
import { covers, type Look } from './look.ts';
import { createLikeness, factsOf, LINGER_MS, type Memory, type OpenSocket, ownerOf, slotOf } from './memory.ts';
import type { Database } from './open.ts';
import type { RecordDestinations } from './record-destinations.ts';
import type { SocketKind } from './socket-rows.ts';
import { createSocketWriter } from './socket-writer.ts';

/** Brings the rows of one kind of sockets in step with a look. Returns how many rows were touched. */
export type RecordSockets = (memory: Memory, look: Look, sockets: readonly (Listener | Connection)[]) => number;

/** Writes only what opened, changed or closed; runs inside the transaction of the cycle. */
export function createRecordSockets(
  database: Database,
  kind: SocketKind,
  destinations?: RecordDestinations,
): RecordSockets {
  const write = createSocketWriter(database, kind);
  let likeness = createLikeness();

  /** One socket that is there now. */
  function see(
    memory: Memory,
    look: Look,
    slot: string,
    socket: Listener | Connection,
    ordinal: number,
    before = memory.sockets[kind].get(slot),
  ): number {
    const open = memory.sockets[kind];
    let touched = 0;
    let known = before;
    if (known !== undefined && kind === 'connections' && isSuccessor(known, socket)) {
      touched += close(memory, look, slot, known, memory.coverage.get(known.coverageId)?.lastAt);
      known = undefined;
    }
    const coverageId = write.coverage(memory, look, socket);
    const basis = 'direction' in socket ? socket : undefined;
    const isSame = basis !== undefined && known?.basis !== undefined && likeness.isAlike(known.basis, basis);
    const facts = isSame ? known!.facts : factsOf(socket);
    const owner = isSame ? known!.owner : ownerOf(socket);
    if (known === undefined) {
      const id = write.insert(socket, ordinal, coverageId, look.at);
      const { since, inode } = socket;
      const life = { id, firstAt: look.at, since, coverageId, inode, facts, owner, seen: memory.tick };
      const opened: OpenSocket = { ...life, writtenBytes: { bytesOut: 0, bytesIn: 0 } };
      open.set(slot, opened);
      if ('direction' in socket) destinations?.see(memory, opened, socket, true);
      return touched + 1;
    }
    // Owners are not looked up in every cycle, and a process lets go of a connection (FIN_WAIT, LAST_ACK) before the kernel
    // does: the same socket, or what is left of it without an inode, still is whose it was.
    const ownerLost = owner === '' && (!socket.inode || known.inode === socket.inode);
    const isChanged = known.facts !== facts || (known.owner !== owner && !ownerLost);
    // Only where the owner is as recorded; and no newer one that is alike, so that old objects stay where they are.
    if (!isSame && basis !== undefined && !ownerLost) known.basis = basis;
    if (isChanged) {
      touched++;
      write.update(known.id, socket, look.at, ownerLost);
      known.facts = facts;
      if (ownerLost) delete known.basis;
      else known.owner = owner;
      if (!ownerLost) known.inode = socket.inode;
      known.since = socket.since;
    }
    const coverage = memory.coverage.get(known.coverageId);
    if (look.eyes !== '' && coverage?.eyes !== look.eyes && coverage?.source === socket.source) {
      // These weaker eyes see it too, so from now on their not seeing it means something.
      write.move(known.id, coverageId);
      known.coverageId = coverageId;
    }
    known.seen = memory.tick;
    if ('direction' in socket) destinations?.see(memory, known, socket, isChanged);
    return touched;
  }

  function close(
    memory: Memory,
    look: Look,
    slot: string,
    known: OpenSocket,
    lastSeenAt = look.at,
    closedAt = look.at,
  ): number {
    const lastAt = Math.max(known.firstAt, lastSeenAt);
    // A numbered slot is one of several sockets with the same key: whose bytes these are is not known.
    destinations?.close(known, look.lastBytes.get(slot));
    write.close(known.id, lastAt, Math.max(lastAt, closedAt));
    memory.sockets[kind].delete(slot);
    if (kind === 'connections') memory.lingering.set(slot, Math.max(lastAt, closedAt));
    return 1;
  }

  /** The kernel keeps a closed connection for a minute: it dates the end, or is all that is left of a short one. */
  function seeRemains(memory: Memory, look: Look, slot: string, socket: Connection, ordinal: number): number {
    const closedAt = look.at - (socket.closedAgoMs ?? 0);
    const known = memory.sockets[kind].get(slot);
    if (known !== undefined) return close(memory, look, slot, known, closedAt, closedAt);
    const before = memory.lingering.get(slot);
    const same =
      before !== undefined && (socket.closedAgoMs === undefined || Math.abs(before - closedAt) < SAME_END_MS);
    if (same) return 0;
    const id = write.insert(socket, ordinal, write.coverage(memory, look, socket), closedAt);
    write.close(id, closedAt, closedAt);
    memory.lingering.set(slot, closedAt);
    memory.remnants.set(slot, { id, tick: memory.tick, bytes: look.lastBytes.get(slot) });
    return 1;
  }

  /** Over before any look saw it: one row that is closed at once. */
  function seeBrief(memory: Memory, look: Look, slot: string, socket: Connection, ordinal: number): number {
    const open = memory.sockets.connections.get(slot);
    if (open !== undefined) return learnLate(memory, look, slot, open, socket);
    // The event may come a moment after the look that saw what the socket left behind.
    const remnant = memory.remnants.get(slot);
    const at = Math.min(socket.openedAt ?? look.at, look.at);
    const id = remnant?.id ?? write.insert(socket, ordinal, write.coverage(memory, look, socket), at);
    if (remnant === undefined) write.close(id, at, at);
    else write.update(id, socket, look.at, false);
    memory.lingering.set(slot, at);
    const bytes = socket.attempts === undefined ? (remnant?.bytes ?? look.lastBytes.get(slot)) : undefined;
    destinations?.seeBrief(memory, id, bytes === undefined ? socket : { ...socket, ...bytes });
    return 1;
  }

  /** A look saw the socket before its event came: now that it is gone, what the event tells of it is all the better. */
  function learnLate(memory: Memory, look: Look, slot: string, open: OpenSocket, socket: Connection): number {
    const { brief: _brief, ...told } = socket;
    const isBetter = open.owner === '' || (told.destination?.name !== undefined && !told.destination.claimed);
    if (!isBetter) return 0;
    // Nobody counted its bytes while nobody knew whose it was.
    const late = { ...told, inode: open.inode, ...look.lastBytes.get(slot) } as Connection;
    write.update(open.id, late, look.at, socket.owner === undefined);
    destinations?.see(memory, open, late, true);
    return 1;
  }

  function seeAny(
    memory: Memory,
    look: Look,
    socket: Listener | Connection,
    ordinal: number,
    known?: OpenSocket,
  ): number {
    const slot = slotOf(socket.key, ordinal);
    if (!('direction' in socket)) return see(memory, look, slot, socket, ordinal, known);
    if (socket.brief) return seeBrief(memory, look, slot, socket, ordinal);
    if (socket.state === 'TIME_WAIT') return seeRemains(memory, look, slot, socket, ordinal);
    return see(memory, look, slot, socket, ordinal, known);
  }

  /** Sockets of which some share a key. */
  function seeNumbered(memory: Memory, look: Look, sockets: readonly (Listener | Connection)[]): number {
    let touched = 0;
    const ordinals = new Map<string, number>();
    // Numbered by inode, so that a table in another order changes nothing.
    for (const socket of [...sockets].sort((a, b) => (a.inode ?? 0) - (b.inode ?? 0))) {
      const ordinal = ordinals.get(socket.key) ?? 0;
      ordinals.set(socket.key, ordinal + 1);
      touched += seeAny(memory, look, socket, ordinal);
    }
    return touched;
  }

  return (memory, look, sockets) => {
    write.begin();
    let touched = 0;
    const rows = rowsOf(memory, kind, sockets);
    if (rows === undefined) touched += seeNumbered(memory, look, sockets);
    else
      for (let index = 0; index < rows.length; index++)
        touched += seeAny(memory, look, sockets[index]!, 0, rows[index]);
    // It holds objects of this look, which are garbage the cheaper the sooner nobody has them.
    likeness = createLikeness();
    for (const [slot, known] of memory.sockets[kind]) {
      if (known.seen === memory.tick) continue;
      const coverage = memory.coverage.get(known.coverageId);
      if (coverage === undefined || covers(look, coverage) || look.at - coverage.lastAt > LOST_SIGHT_MS) {
        touched += close(memory, look, slot, known, coverage?.lastAt);
      }
    }
    if (kind === 'connections') forgetRemains(memory, look.at);
    return touched;
  };
}

/** Two ends this far apart belong to two connections: the kernel's timer is exact to a tick, looks are seconds apart. */
const SAME_END_MS = 5_000;

/** A socket that no look was able to check for a day is closed with its last sight; it would stay open for ever. */
const LOST_SIGHT_MS = 86_400_000;

function forgetRemains(memory: Memory, at: number): void {
  for (const [slot, closedAt] of memory.lingering) {
    if (Math.abs(at - closedAt) > LINGER_MS) memory.lingering.delete(slot);
  }
  for (const [slot, { tick }] of memory.remnants) if (tick < memory.tick) memory.remnants.delete(slot);
}

/** The same four addresses with another inode are another connection: an ephemeral port used again. */
function isSuccessor(known: OpenSocket, socket: Connection | Listener): boolean {
  return Boolean(known.inode) && Boolean(socket.inode) && known.inode !== socket.inode;
}

/** The open row of each socket, where there is one; `undefined` when several sockets share a key. */
function rowsOf(
  memory: Memory,
  kind: SocketKind,
  sockets: readonly { key: string }[],
): (OpenSocket | undefined)[] | undefined {
  const open = memory.sockets[kind];
  const rows: (OpenSocket | undefined)[] = [];
  // Those without a row are few; the others are told by their rows, which costs no set of ten thousand texts.
  const fresh = new Set<string>();
  for (const { key } of sockets) {
    const row = open.get(key);
    if (row === undefined ? fresh.has(key) : row.metIn === memory.tick) return undefined;
    if (row === undefined) fresh.add(key);
    else row.metIn = memory.tick;
    rows.push(row);
  }
  return rows;
}
