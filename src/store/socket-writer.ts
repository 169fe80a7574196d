import type { ProcessFact } from '../types/process.ts';
import type { Connection, Listener } from '../types/snapshot.ts';
import type { Coverage, Look } from './look.ts';
import { identityOf, type Memory } from './memory.ts';
import type { Database } from './open.ts';
import type { SocketKind } from './socket-rows.ts';

/** The statements behind the rows of one kind of sockets, with the coverage and the process that each row belongs to. */
export function createSocketWriter(database: Database, kind: SocketKind) {
  const extra = kind === 'connections' ? ', direction, remote_address' : '';
  const insert = database.prepare(
    `INSERT INTO ${kind} (key, ordinal, coverage_id, process_id, inode, gateway_id, payload, owner, first_at${extra})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?${extra && ', ?, ?'})`,
  );
  const update = database.prepare(`UPDATE ${kind} SET payload = ?, gateway_id = ?, inode = ? WHERE id = ?`);
  // What is only known of an owner (gateway, destination, verdict, call) stays where this look knows none.
  const updateKept = database.prepare(
    `UPDATE ${kind} SET payload = json_patch(payload, ?), gateway_id = coalesce(?, gateway_id), inode = coalesce(?, inode)
     WHERE id = ?`,
  );
  const updateOwner = database.prepare(`UPDATE ${kind} SET process_id = ?, owner = ? WHERE id = ?`);
  const move = database.prepare(`UPDATE ${kind} SET coverage_id = ? WHERE id = ?`);
  const close = database.prepare(`UPDATE ${kind} SET last_at = ?, closed_at = ? WHERE id = ?`);
  const addCoverage = database.prepare<{ id: number }>(
    'INSERT INTO coverage (source, netns, eyes, observer, last_at) VALUES (?, ?, ?, ?, ?) RETURNING id',
  );
  const process = database.prepare<{ id: number }>(
    `INSERT INTO processes (identity, payload, first_at) VALUES (?, ?, ?)
     ON CONFLICT (identity) DO UPDATE SET payload = excluded.payload RETURNING id`,
  );
  let coverageIds = new Map<string, number>();
  let latest: { source: string; netns: string; id: number } | undefined;
  let processIds = new Map<ProcessFact, number>();

  function processId(socket: Listener | Connection, at: number): number | null {
    const fact = socket.owner?.process;
    if (fact === undefined) return null;
    const id = processIds.get(fact) ?? process.get(identityOf(fact), JSON.stringify(fact), at)!.id;
    processIds.set(fact, id);
    return id;
  }

  return {
    /** Ids are remembered for one cycle only: a transaction that failed takes its rows along. */
    begin(): void {
      coverageIds = new Map();
      latest = undefined;
      processIds = new Map();
    },
    insert(socket: Listener | Connection, ordinal: number, coverageId: number, at: number): number {
      const inbound = 'direction' in socket ? [socket.direction, socket.remote?.address ?? null] : [];
      const result = insert.run(
        socket.key,
        ordinal,
        coverageId,
        processId(socket, at),
        socket.inode ?? null,
        socket.gatewayId ?? null,
        payloadOf(socket),
        ownerPayload(socket),
        at,
        ...inbound,
      );
      return Number(result.lastInsertRowid);
    },
    update(id: number, socket: Listener | Connection, at: number, keepOwner: boolean): void {
      const write = keepOwner ? updateKept : update;
      write.run(payloadOf(socket), socket.gatewayId ?? null, socket.inode || null, id);
      if (!keepOwner) updateOwner.run(processId(socket, at), ownerPayload(socket), id);
    },
    move: (id: number, coverageId: number) => void move.run(coverageId, id),
    close: (id: number, lastAt: number, closedAt: number) => void close.run(lastAt, closedAt, id),
    /** The row of `coverage` that this socket belongs to, made when it is the first. */
    coverage(memory: Memory, look: Look, socket: { source: string; netns: string }): number {
      if (latest?.source === socket.source && latest.netns === socket.netns) return latest.id;
      const name = `${socket.source}\n${socket.netns}\n${look.eyes}`;
      const id = coverageIds.get(name) ?? makeCoverage(memory, look, socket, name);
      latest = { source: socket.source, netns: socket.netns, id };
      return id;
    },
  };

  function makeCoverage(memory: Memory, look: Look, socket: { source: string; netns: string }, name: string): number {
    let found = [...memory.coverage.values()].find((each) => `${each.source}\n${each.netns}\n${each.eyes}` === name);
    if (found === undefined) {
      const { source, netns } = socket;
      const { id } = addCoverage.get(source, netns, look.eyes, look.observer, look.at)!;
      found = { id, source, netns, eyes: look.eyes, observer: look.observer, lastAt: look.at } satisfies Coverage;
      memory.coverage.set(id, found);
    }
    coverageIds.set(name, found.id);
    return found.id;
  }
}

function payloadOf(socket: Listener | Connection): string {
  const { owner: _owner, ...rest } = socket;
  return JSON.stringify(rest);
}

function ownerPayload({ owner }: Listener | Connection): string | null {
  if (owner === undefined) return null;
  const { process: _process, ...rest } = owner;
  return JSON.stringify(rest);
}
