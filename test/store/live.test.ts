import { expect, test } from 'vitest';
import { openLiveReader } from '../../src/store/live.ts';
import { openStore } from '../../src/store/store.ts';
import { at, connection, finding, listener, owner, snapshot, useDirectories } from './machine.ts';

const directories = useDirectories();

function recorded() {
  const path = directories.file();
  const store = directories.closing(openStore({ path }));
  return { path, store, live: () => directories.closing(openLiveReader({ path })) };
}

test('the version changes with every write of somebody else and with nothing else', () => {
  const { store, live } = recorded();
  store.recordCycle(snapshot(0, { connections: [connection(1)] }), [], 'agent');
  const reader = live();
  const before = reader.version();
  expect(reader.openConnections()).toHaveLength(1);
  expect(reader.version()).toBe(before);
  store.recordCycle(snapshot(2, { connections: [connection(1), connection(2)] }), [], 'agent');
  expect(reader.version()).not.toBe(before);
});

test('open rows are listed newest first, and read by their numbers with their owners', () => {
  const { store, live } = recorded();
  store.recordCycle(
    snapshot(0, { connections: [connection(1), connection(2, { owner: owner(7) })], listeners: [listener(80)] }),
    [],
    'agent',
  );
  store.recordCycle(
    snapshot(2, { connections: [connection(2, { owner: owner(7) }), connection(3)], listeners: [listener(80)] }),
    [],
    'agent',
  );
  const reader = live();
  const rows = reader.connectionRows(reader.openConnections());
  expect(rows.map(({ connection: { local } }) => local.port).sort()).toEqual([2, 3]);
  expect(reader.openConnections()).toEqual(reader.openConnections().toSorted((a, b) => b - a));
  expect(rows.find(({ connection: { local } }) => local.port === 2)?.connection.owner?.process.pid).toBe(7);
  expect(reader.listenerRows(reader.openListeners()).map(({ listener: { local } }) => local.port)).toEqual([80]);
  expect(reader.connectionRows([])).toEqual([]);
});

test('connections between two moments are those that were open in between', () => {
  const { store, live } = recorded();
  store.recordCycle(snapshot(0, { connections: [connection(1)] }), [], 'agent');
  store.recordCycle(snapshot(100, { connections: [connection(2)] }), [], 'agent');
  store.recordCycle(snapshot(200, { connections: [connection(3)] }), [], 'agent');
  const ports = (from: number, to: number) =>
    live()
      .connectionsBetween(at(from), at(to), 100)
      .map(({ connection: { local } }) => local.port)
      .sort();
  expect(ports(150, 250)).toEqual([2, 3]);
  expect(ports(-50, 50)).toEqual([1]);
});

test('findings come the worst first, are counted, and resolved ones are not there', () => {
  const { store, live } = recorded();
  const low = finding('a', { severity: 'low' });
  const high = finding('b', { severity: 'high' });
  store.recordCycle(snapshot(0), [low, high], 'agent');
  store.setFindingStatus(low.fingerprint, 'suppressed', 'a test', at(1));
  const reader = live();
  expect(
    reader
      .findingRows(reader.presentFindings(10))
      .map(({ subject }) => subject)
      .sort(),
  ).toEqual(['a', 'b']);
  expect(reader.findingRows(reader.presentFindings(1)).map(({ subject }) => subject)).toEqual(['b']);
  expect(reader.findingCounts()).toEqual(
    expect.arrayContaining([
      { severity: 'low', status: 'suppressed', verdict: 'finding', count: 1 },
      { severity: 'high', status: 'open', verdict: 'finding', count: 1 },
    ]),
  );
});

test('changes of all kinds are listed newest first, and hours are counted', () => {
  const { store, live } = recorded();
  store.recordCycle(
    snapshot(0, { listeners: [listener(80)], connections: [connection(1), connection(2)] }),
    [finding('a')],
    'agent',
  );
  store.recordCycle(snapshot(3600, { listeners: [], connections: [connection(3)] }), [], 'agent');
  store.recordBlindPeriod({ fromAt: at(100), toAt: at(200), cause: 'suspended' });
  const reader = live();
  const changes = reader.changes(50);
  expect(changes).toEqual(changes.toSorted((a, b) => b.at - a.at));
  expect(changes.map(({ kind, event }) => `${kind} ${event}`)).toEqual(
    expect.arrayContaining(['listener opened', 'listener closed', 'finding new', 'blind not seen']),
  );
  expect(reader.opened(at(0), 3_600_000, 2)).toEqual([2, 1]);
  expect(reader.opened(at(-7200), 3_600_000, 2)).toEqual([0, 0]);
  expect(reader.found(at(0), 3_600_000, 2)).toEqual([1, 0]);
});

test('an empty record answers everything with nothing', () => {
  const { live } = recorded();
  const reader = live();
  expect(reader.openConnections()).toEqual([]);
  expect(reader.opened(0, 1000, 3)).toEqual([0, 0, 0]);
  expect(reader.changes(10)).toEqual([]);
  expect(reader.skillTraffic()).toEqual([]);
  expect(reader.contactOf('none')).toBeUndefined();
});

test('the open rows are found without reading the closed ones', () => {
  const { store, path } = recorded();
  store.recordCycle(snapshot(0, { connections: [connection(1)] }), [], 'agent');
  const reader = directories.closing(openLiveReader({ path }));
  // The index is named in the question: without it this would throw.
  expect(reader.openConnections()).toHaveLength(1);
});
