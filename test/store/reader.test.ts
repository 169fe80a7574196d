import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore, openStoreReader } from '../../src/store/store.ts';
import { at, connection, finding, gateway, listener, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();

function pair() {
  const path = places.file();
  const store = places.closing(openStore({ path }));
  return { path, store, reader: () => places.closing(openStoreReader({ path })) };
}

describe('opening', () => {
  test('without a record it says how to make one, and makes no file', () => {
    const path = places.file();
    const open = () => openStoreReader({ path });
    expect(open).toThrow(expect.objectContaining({ hint: expect.stringContaining('clawwatch scan'), exitCode: 2 }));
    expect(open).toThrow(/no record yet/);
  });

  test('it sees what the writer commits while both are open', () => {
    const { store, reader } = pair();
    store.recordCycle(snapshot(0), [], 'agent');
    const open = reader();
    store.recordCycle(snapshot(2, { listeners: [listener(1)] }), [], 'agent');
    expect(open.lastCycle()).toMatchObject({ id: 2, at: at(2), origin: 'agent', blindSpots: [] });
    expect(open.listeners()).toHaveLength(1);
  });

  test('a directory that cannot be written is no obstacle once the writer has closed', () => {
    const path = places.file();
    const store = openStore({ path });
    store.recordCycle(snapshot(0, { listeners: [listener(1)] }), [], 'agent');
    store.close();
    chmodSync(dirname(path), 0o500);
    expect(places.closing(openStoreReader({ path })).listeners()).toHaveLength(1);
    chmodSync(dirname(path), 0o700);
  });
});

describe('questions', () => {
  test('a cycle comes with its blind spots, stored once however often they repeat', () => {
    const { store, reader } = pair();
    const spots = ['a', 'b'].map((id) => ({ id, source: 's', what: 'w', why: 'y', essential: false }));
    for (const second of [0, 2, 4]) store.recordCycle(snapshot(second, { blindSpots: spots }), [], 'agent');
    expect(reader().lastCycle()?.blindSpots).toEqual(spots);
  });

  test('sockets are filtered by open, time and number', () => {
    const { store, reader } = pair();
    store.recordCycle(snapshot(0, { connections: [connection(1), connection(2)] }), [], 'agent');
    store.recordCycle(snapshot(10, { connections: [connection(2)] }), [], 'agent');
    const ports = (filter: object) =>
      reader()
        .connections(filter)
        .map((row) => row.connection.local.port);
    expect(ports({})).toEqual([2, 1]);
    expect(ports({ open: true })).toEqual([2]);
    expect(ports({ open: false })).toEqual([1]);
    expect(ports({ sinceAt: at(5) })).toEqual([2]);
    expect(ports({ limit: 1 })).toEqual([2]);
  });

  test('findings are filtered by status, severity and time, worst first', () => {
    const { store, reader } = pair();
    const [mild, bad] = [finding('mild', { severity: 'low' }), finding('bad', { severity: 'critical' })];
    store.recordCycle(snapshot(0), [mild, bad], 'agent');
    store.recordCycle(snapshot(10), [mild], 'agent');
    const subjects = (filter: object) =>
      reader()
        .findings(filter)
        .map((each) => each.subject);
    expect(subjects({})).toEqual(['bad', 'mild']);
    expect(subjects({ status: ['open', 'acknowledged'] })).toEqual(['mild']);
    expect(subjects({ minSeverity: 'medium' })).toEqual(['bad']);
    expect(subjects({ sinceAt: at(5) })).toEqual(['mild']);
  });

  test('a finding is found by the start of its id in any case and spelling, and by its fingerprint', () => {
    const { store, reader } = pair();
    const [one] = store.recordCycle(snapshot(0), [finding('one')], 'agent').findings;
    const open = reader();
    const spelled = one!.id.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
    for (const typed of [one!.id, spelled, one!.id.slice(2, 6), one!.fingerprint.slice(0, 6), ` ${one!.fingerprint}`]) {
      expect(open.finding(typed)?.subject, typed).toBe('one');
    }
    for (const typed of ['', 'F-', 'nothing', '%', "'", one!.id.slice(0, 5).concat('~')]) {
      expect(open.finding(typed), typed).toBeUndefined();
    }
  });

  test('a start that fits several findings is refused with the candidates', () => {
    const { store, reader } = pair();
    const same = ['a', 'b'].map((tail) => finding(tail, { fingerprint: `0123456789${tail}`.padEnd(64, '0') }));
    const ids = store.recordCycle(snapshot(0), same, 'agent').findings.map((each) => each.id);
    expect(() => reader().finding(ids[0]!.slice(0, 4))).toThrow(new RegExp(ids.join(', ')));
    expect(() => reader().finding('0123456')).toThrow(/several findings/);
  });

  test('gateways are the present ones, and size counts rows', () => {
    const { store, reader } = pair();
    store.recordCycle(snapshot(0, { gateways: [gateway('default', 1), gateway('ops', 2)] }), [], 'agent');
    store.recordCycle(snapshot(2, { gateways: [gateway('ops', 2)] }), [], 'agent');
    expect(reader().gateways()).toEqual([gateway('ops', 2)]);
    expect(reader().size()).toMatchObject({ bytes: expect.any(Number), rows: { gateways: 2, cycles: 2 } });
  });

  test('the history remembers configurations, peers and earlier listeners', () => {
    const { store } = pair();
    const peer = connection(18789, { direction: 'inbound', gatewayId: 'ops' });
    const look = { gateways: [gateway('ops', 2)], connections: [peer], listeners: [listener(2)] };
    store.recordCycle(snapshot(0, look), [], 'agent');
    store.recordCycle(snapshot(10), [], 'agent');
    const history = store.history();
    expect(history.settledConfig('ops')).toEqual({
      gatewayId: 'ops',
      hash: 'hash-2',
      subset: { port: 2 },
      recordedAt: at(0),
    });
    expect(history.inboundPeers('ops', at(0))).toEqual([{ address: '198.51.100.7', firstAt: at(0), lastAt: at(0) }]);
    expect(history.inboundPeers('ops', at(1))).toEqual([]);
    expect(history.wasListening(listener(2).key, at(0))).toBe(true);
    expect(history.wasListening(listener(2).key, at(1))).toBe(false);
    expect(history.lastCycleAt()).toBe(at(10));
  });
});
