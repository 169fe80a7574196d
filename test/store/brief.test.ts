import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { ClosedSocket } from '../../src/types/collector.ts';
import type { Connection } from '../../src/types/snapshot.ts';
import type { Store } from '../../src/types/store.ts';
import { at, connection, finding, owner, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const fresh = () => places.closing(openStore({ path: places.file(), uid: 1000 }));
const NAMED = { name: 'api.metrics.test', domain: 'metrics.test', source: 'sni', confidence: 'certain' } as const;
const OWNED: Partial<Connection> = {
  owner: { ...owner(700), role: 'exec', gatewayId: 'default' },
  pids: [700],
  gatewayId: 'default',
  destination: NAMED,
  verdict: 'unknown',
};

/** As the sensor's events make it: opened a second before the look at which it is told. */
function brief(port: number, lookSeconds: number, more: Partial<Connection> = {}): Connection {
  const { inode: _inode, uid: _uid, ...seen } = connection(port);
  const told: Partial<Connection> = { source: 'sensor', state: 'CLOSE', brief: true, openedAt: at(lookSeconds - 1) };
  return { ...seen, ...told, ...OWNED, outcome: 'established', ...more };
}

function remnant(port: number, closedAgoMs: number): Connection {
  return connection(port, { state: 'TIME_WAIT', inode: 0, closedAgoMs });
}

function ended(port: number, bytesOut: number, bytesIn: number): ClosedSocket {
  const { netns, local, remote } = connection(port);
  const ends = { netns, local, remote: remote! };
  return { at: at(1), family: 4, protocol: 'tcp', ...ends, bytesOut, bytesIn, cookie: String(port) };
}

function look(store: Store, seconds: number, connections: Connection[], closedSockets: ClosedSocket[] = []): void {
  const sources = ['procfs', 'sensor'];
  store.recordCycle(snapshot(seconds, { sources, connections, closedSockets }), [], 'agent');
}

const contacts = (store: Store) =>
  store.destinations().map((row) => [row.destination, row.connections, row.bytesOut, row.bytesIn]);

describe('a connection that is over before any look', () => {
  test('is one closed row with its owner, and one contact', () => {
    const store = fresh();
    look(store, 2, [brief(40_000, 2)]);
    look(store, 4, []);
    expect(store.connections({ open: true })).toEqual([]);
    expect(store.connections()).toMatchObject([
      {
        firstAt: at(1),
        lastAt: at(1),
        closedAt: at(1),
        connection: { brief: true, owner: { role: 'exec', process: { pid: 700 } }, destination: NAMED },
      },
    ]);
    expect(contacts(store)).toEqual([['metrics.test', 1, 0, 0]]);
    expect(store.destinations()[0]).toMatchObject({ firstAt: at(2), verdict: 'unknown', role: 'exec' });
  });

  test('again and again is a row each time', () => {
    const store = fresh();
    for (const second of [2, 4, 6]) look(store, second, [brief(0, second)]);
    expect(store.connections().map(({ firstAt }) => firstAt)).toEqual([at(5), at(3), at(1)]);
    expect(contacts(store)).toEqual([['metrics.test', 3, 0, 0]]);
  });

  test('counts to its contact with all its attempts', () => {
    const store = fresh();
    look(store, 2, [brief(0, 2, { attempts: 300 }), brief(0, 2, { attempts: 4, outcome: 'failed' })]);
    expect(store.connections().map(({ connection: { attempts } }) => attempts)).toEqual([4, 300]);
    expect(contacts(store)).toEqual([['metrics.test', 304, 0, 0]]);
  });

  test('has the bytes that the kernel told at its end, unless it stands for several', () => {
    const store = fresh();
    look(
      store,
      2,
      [brief(40_000, 2), brief(40_001, 2, { attempts: 2 })],
      [ended(40_000, 900, 70), ended(40_001, 5, 5)],
    );
    const rows = store.connections().map((row) => [row.connection.local.port, row.connection.bytesOut]);
    expect(new Map(rows as [number, number][])).toEqual(
      new Map([
        [40_000, 900],
        [40_001, undefined],
      ]),
    );
    expect(contacts(store)).toEqual([['metrics.test', 3, 900, 70]]);
  });

  test('of nobody of the family is a row and no contact', () => {
    const store = fresh();
    const { owner: _owner, ...nobodys } = brief(40_000, 2);
    look(store, 2, [nobodys, brief(40_001, 2, { owner: { ...owner(9), role: 'other' } })]);
    expect([store.connections().length, contacts(store)]).toEqual([2, []]);
  });

  test('told of with a moment in the future is not later than its look', () => {
    const store = fresh();
    look(store, 2, [brief(40_000, 2, { openedAt: at(900) })]);
    expect(store.connections()).toMatchObject([{ firstAt: at(2), closedAt: at(2) }]);
  });

  test('closes nothing that is open beside it', () => {
    const store = fresh();
    look(store, 2, [connection(40_005, OWNED), brief(40_000, 2)]);
    look(store, 4, [connection(40_005, OWNED)]);
    expect(store.connections({ open: true }).map((row) => row.connection.local.port)).toEqual([40_005]);
  });

  test('is never learned when something grave rests on it', () => {
    const store = fresh();
    const one = brief(40_000, 2);
    const grave = finding('exec', { severity: 'high', socketKeys: [one.key] });
    store.recordCycle(snapshot(2, { connections: [one], sources: ['procfs', 'sensor'] }), [grave], 'agent');
    expect(store.destinations()).toMatchObject([{ destination: 'metrics.test', grave: true }]);
  });

  test('is as learned as any other when only something mild does', () => {
    const store = fresh();
    const one = brief(40_000, 2);
    const mild = finding('exec', { severity: 'low', socketKeys: [one.key] });
    store.recordCycle(snapshot(2, { connections: [one] }), [mild], 'agent');
    expect(store.destinations()).toMatchObject([{ grave: false }]);
  });

  test('survives a restart of the agent as what it is', () => {
    const path = places.file();
    const before = openStore({ path });
    look(before, 2, [brief(40_000, 2)]);
    before.close();
    const after = places.closing(openStore({ path }));
    look(after, 4, [remnant(40_000, 3_000)]);
    expect(after.connections()).toHaveLength(1);
    expect(contacts(after)).toEqual([['metrics.test', 1, 0, 0]]);
  });
});

describe('an event that comes a look late', () => {
  test('gives the remnant of its connection an owner, a contact and its bytes, in the same row', () => {
    const store = fresh();
    look(store, 2, [remnant(40_000, 500)], [ended(40_000, 800, 60)]);
    expect(store.connections()[0]?.connection.owner).toBeUndefined();
    look(store, 4, [brief(40_000, 3)]);
    expect(store.connections()).toMatchObject([
      { firstAt: at(1.5), closedAt: at(1.5), connection: { owner: { role: 'exec' }, destination: NAMED } },
    ]);
    expect(contacts(store)).toEqual([['metrics.test', 1, 800, 60]]);
    look(store, 6, [remnant(40_000, 4_500)]);
    expect(store.connections()).toHaveLength(1);
  });

  test('two looks late is another row: then the key may be of another connection', () => {
    const store = fresh();
    look(store, 2, [remnant(40_000, 500)]);
    look(store, 4, [remnant(40_000, 2_500)]);
    look(store, 6, [brief(40_000, 6)]);
    expect(store.connections()).toHaveLength(2);
    expect(contacts(store)).toEqual([['metrics.test', 1, 0, 0]]);
  });

  test('completes the row that is open since the last look, and it is closed with this one', () => {
    const store = fresh();
    look(store, 2, [connection(40_000)]);
    look(store, 4, [brief(40_000, 3)], [ended(40_000, 700, 50)]);
    expect(store.connections()).toMatchObject([
      { firstAt: at(2), closedAt: at(4), connection: { owner: { role: 'exec' }, destination: NAMED, bytesOut: 700 } },
    ]);
    expect(store.connections()[0]?.connection).not.toHaveProperty('brief');
    expect(contacts(store)).toEqual([['metrics.test', 1, 700, 50]]);
  });

  test('takes no owner away, and moves a contact from the address to the name', () => {
    const store = fresh();
    look(store, 2, [connection(40_000, { ...OWNED, destination: {}, bytesOut: 10, bytesIn: 1 })]);
    expect(contacts(store)).toEqual([['198.51.100.7:443', 1, 10, 1]]);
    const { owner: _owner, ...nobodys } = brief(40_000, 3);
    look(store, 4, [nobodys]);
    expect(store.connections()[0]?.connection.owner).toMatchObject({ role: 'exec' });
    const other = fresh();
    look(other, 2, [connection(40_000, { ...OWNED, destination: {}, bytesOut: 10, bytesIn: 1 })]);
    look(other, 4, [brief(40_000, 3)]);
    expect(contacts(other)).toEqual([['metrics.test', 1, 10, 1]]);
  });

  test('that knows nothing better changes nothing', () => {
    const store = fresh();
    look(store, 2, [connection(40_000, OWNED)]);
    const before = store.connections()[0]?.connection;
    look(store, 4, [brief(40_000, 3, { destination: { name: 'claimed.test', claimed: true } })]);
    expect(store.connections()).toHaveLength(1);
    expect(store.connections()[0]?.connection).toMatchObject({ ...before, seenAt: expect.any(Number) });
  });
});
