import { openDatabase, transaction } from '../../src/store/open.ts';
import { openStore } from '../../src/store/store.ts';
import type { Connection, Snapshot } from '../../src/types/snapshot.ts';

const NETNS = '4026531840';

/** A record as the screen finds it: `open` connections of a family, and `closed` ones of the last month. */
export function makeRecord(path: string, open: number, closed: number): void {
  const at = Date.now();
  const store = openStore({ path });
  store.recordCycle(
    aSnapshot(
      at,
      Array.from({ length: open }, (_, index) => aConnection(index, at)),
    ),
    [],
    'agent',
  );
  store.close();
  const database = openDatabase(path);
  try {
    // Copies of real rows, text and all: what makes a record large is the text.
    const copy = database.prepare(
      `INSERT INTO connections (key, ordinal, coverage_id, process_id, inode, gateway_id, direction, remote_address, payload,
         owner, first_at, last_at, closed_at, bytes_out, bytes_in)
       SELECT key, ordinal, coverage_id, process_id, inode, gateway_id, direction, remote_address, payload, owner,
         ? - 60000, ?, ?, 100, 100 FROM connections WHERE closed_at IS NULL LIMIT ?`,
    );
    const step = Math.min(open, closed);
    for (let made = 0; made < closed; made += step) {
      const closedAt = at - 30 * 86_400_000 + Math.floor((made / closed) * 30 * 86_400_000);
      transaction(database, () => copy.run(closedAt, closedAt, closedAt, Math.min(step, closed - made)));
    }
    database.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

/** Closes and opens `changes / 2` connections each; returns a function that does it once more. */
export function makeChanges(path: string, changes: number): { step(): void; close(): void } {
  const database = openDatabase(path);
  const half = Math.ceil(changes / 2);
  const ids = database.prepare<{ id: number }>(
    'SELECT id FROM connections INDEXED BY connections_open WHERE closed_at IS NULL ORDER BY id LIMIT ?',
  );
  const end = database.prepare('UPDATE connections SET closed_at = ?, last_at = ? WHERE id = ?');
  const begin = database.prepare(
    `INSERT INTO connections (key, ordinal, coverage_id, process_id, inode, gateway_id, direction, remote_address, payload,
       owner, first_at, bytes_out, bytes_in)
     SELECT key || ' ' || ?, 0, coverage_id, process_id, inode, gateway_id, direction, remote_address, payload, owner, ?, 1, 1
     FROM connections WHERE id = ?`,
  );
  let serial = 0;
  return {
    step() {
      const now = Date.now();
      transaction(database, () => {
        for (const { id } of ids.all(half)) {
          begin.run(String(serial++), now, id);
          end.run(now, now, id);
        }
        database.prepare('UPDATE cycles SET at = ?').run(now);
      });
    },
    close: () => database.close(),
  };
}

function aConnection(index: number, at: number): Connection {
  const local = { address: '192.0.2.10', port: 1024 + (index % 60_000) };
  const remote = { address: `198.51.100.${index % 250}`, port: 443 };
  const name = `host-${index % 997}.example.com`;
  const pid = 1000 + (index % 100);
  return {
    source: 'netlink',
    seenAt: at,
    netns: NETNS,
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    local,
    remote,
    inode: 100_000 + index,
    uid: 1000,
    key: `${NETNS} tcp ${local.address} ${local.port} ${remote.address} ${remote.port} ${index}`,
    direction: 'outbound',
    remoteClass: 'public',
    gatewayId: 'default',
    destination: { name, source: 'dns', confidence: 'likely', domain: 'example.com', ageMs: 1200 },
    verdict: index % 100 === 0 ? 'unknown' : 'expected',
    verdictReason: 'provider anthropic is configured',
    since: { at, basis: 'observed' },
    bytesOut: index,
    bytesIn: index * 3,
    owner: {
      process: {
        pid,
        startTicks: 1,
        ppid: 1,
        uid: 1000,
        comm: 'node',
        argv: ['node', `/srv/openclaw/worker-${pid}.mjs`],
        markers: {},
      },
      role: 'gateway',
      gatewayId: 'default',
      confidence: 'certain',
      lineage: [{ pid, comm: 'node' }],
    },
  };
}

function aSnapshot(at: number, connections: Connection[]): Snapshot {
  return {
    at,
    durationMs: 5,
    host: 'bench',
    telemetry: 'T0',
    sources: ['netlink'],
    gateways: [],
    listeners: [],
    connections,
    processes: [],
    family: [],
    interfaces: [{ netns: NETNS, address: '127.0.0.1', family: 4, up: true }],
    addressContext: {},
    blindSpots: [],
  };
}
