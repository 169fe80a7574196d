import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { loadMigrations, migrate } from '../../src/store/schema.ts';
import { openStore } from '../../src/store/store.ts';
import { at, connection, owner, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();

test('a record of the first release keeps its connections and begins to learn with the next look', () => {
  const path = places.file();
  openStore({ path }).close();
  // What the first release had written, in its own schema.
  const old = places.file();
  const raw = openDatabase(old);
  migrate(raw, loadMigrations().slice(0, 1), old, 1);
  raw.exec(`
    INSERT INTO blind_sets (id, members) VALUES (1, '');
    INSERT INTO cycles (at, duration_ms, origin, blind_set_id, connections, connections_owned, changes) VALUES (${at(0)}, 1, 'agent', 1, 1, 1, 1);
    INSERT INTO coverage (id, source, netns, eyes, observer, last_at) VALUES (1, 'procfs', '4026531840', '', 'agent:0', ${at(0)});`);
  const { owner: _, ...was } = connection(1);
  raw
    .prepare(
      `INSERT INTO connections (key, ordinal, coverage_id, inode, direction, remote_address, payload, first_at)
       VALUES (?, 0, 1, ?, 'outbound', '198.51.100.7', ?, ?)`,
    )
    .run(was.key, was.inode ?? null, JSON.stringify(was), at(0));
  raw.close();
  const store = places.closing(openStore({ path: old, uid: 0 }));
  expect(store.connections()).toMatchObject([{ firstAt: at(0), connection: { key: was.key } }]);
  expect(store.learningSince()).toBeUndefined();
  const now = connection(1, { owner: { ...owner(7), role: 'exec', gatewayId: 'd' }, verdict: 'unknown' });
  store.recordCycle(snapshot(2, { connections: [now] }), [], 'agent');
  expect(store.connections()).toHaveLength(1);
  expect(store.destinations()).toMatchObject([{ destination: '198.51.100.7:443', connections: 1 }]);
  expect(store.learningSince()).toBe(at(2));
});
