import { describe, expect, test } from 'vitest';
import { createLedger } from '../../src/detect/ledger/ledger.ts';
import { openStore } from '../../src/store/store.ts';
import type { Connection } from '../../src/types/snapshot.ts';
import { at, connection, owner, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const fresh = (path = places.file()) => places.closing(openStore({ path }));

function contact(port: number, more: Partial<Connection> = {}): Connection {
  return connection(port, {
    owner: { ...owner(700), role: 'skill', skill: 'metrics', gatewayId: 'default' },
    destination: { name: 'api.skillmetrics.test', domain: 'skillmetrics.test', source: 'dns', confidence: 'certain' },
    verdict: 'unknown',
    verdictReason: 'nothing names it',
    ...more,
  });
}

describe('connections of contacts', () => {
  test('come back with their contact, oldest first, with how they ended', () => {
    const store = fresh();
    store.recordCycle(snapshot(0, { connections: [contact(1, { bytesOut: 900, bytesIn: 50 })] }), [], 'agent');
    store.recordCycle(snapshot(60, { connections: [contact(2)] }), [], 'agent');
    const known = store.history().contactConnections!(at(0), 10);
    expect(known).toMatchObject([
      {
        subject: 'skill metrics',
        destination: 'skillmetrics.test',
        role: 'skill',
        skill: 'metrics',
        name: 'api.skillmetrics.test',
        verdict: 'unknown',
        verdictReason: 'nothing names it',
        firstAt: at(0),
        isOpen: false,
        bytesOut: 900,
        bytesIn: 50,
      },
      { firstAt: at(60), isOpen: true, inode: 50_002 },
    ]);
    expect(known[0]!.key.split(' ').at(-1)).toBe('443');
  });

  test('are the newest where there are more than asked for, and none of before', () => {
    const store = fresh();
    for (let i = 0; i < 5; i++) store.recordCycle(snapshot(i * 10, { connections: [contact(i)] }), [], 'agent');
    store.recordCycle(snapshot(50), [], 'agent');
    expect(store.history().contactConnections!(at(0), 2).map(({ firstAt }) => firstAt)).toEqual([at(30), at(40)]);
    expect(store.history().contactConnections!(at(45), 10)).toEqual([]);
  });

  test('are those of contacts alone: a stranger has none', () => {
    const store = fresh();
    store.recordCycle(snapshot(0, { connections: [connection(1), contact(2)] }), [], 'agent');
    expect(store.history().contactConnections!(at(0), 10)).toHaveLength(1);
  });

  test('give a new agent the events of the old one', () => {
    const path = places.file();
    const before = openStore({ path });
    for (let i = 0; i < 6; i++) {
      before.recordCycle(snapshot(i * 60, { connections: [contact(i)] }), [], 'agent');
      before.recordCycle(snapshot(i * 60 + 2), [], 'agent');
    }
    before.close();
    const history = fresh(path).history();
    const ledger = createLedger();
    ledger.look(snapshot(360, { connections: [contact(9)] }), history);
    const [known] = [...ledger.contacts()];
    expect(known!.activity).toEqual([0, 60, 120, 180, 240, 300, 360].map(at));
    expect(ledger.since()).toBe(at(0));
  });
});
