import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { Connection, Owner } from '../../src/types/snapshot.ts';
import type { Store } from '../../src/types/store.ts';
import { at, connection, finding, owner, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const DAY = 86_400;

/** A process of a skill; another pid is the same skill after a restart. */
function skill(name: string, pid = 700): Owner {
  return { ...owner(pid), role: 'skill', skill: name, gatewayId: 'default' };
}

function contact(port: number, more: Partial<Connection> = {}): Connection {
  return connection(port, {
    owner: skill('metrics'),
    gatewayId: 'default',
    destination: { name: 'api.skillmetrics.test', domain: 'skillmetrics.test', source: 'argv', confidence: 'likely' },
    verdict: 'unknown',
    verdictReason: 'nothing in the configuration names it',
    ...more,
  });
}

function fresh(options: { learnDays?: number } = {}): Store {
  return places.closing(openStore({ path: places.file(), ...options }));
}

describe('a contact', () => {
  test('is one row however often gateway, agent and skill restart', () => {
    const path = places.file();
    for (let restart = 0; restart < 10; restart++) {
      const store = openStore({ path });
      const look = [contact(1000 + restart, { owner: skill('metrics', 700 + restart) })];
      store.recordCycle(snapshot(restart * 10, { connections: look }), [], 'agent');
      store.recordCycle(snapshot(restart * 10 + 2, { connections: look }), [], 'agent');
      store.close();
    }
    const rows = places.closing(openStore({ path })).destinations();
    expect(rows).toMatchObject([
      {
        subject: 'skill metrics',
        destination: 'skillmetrics.test',
        role: 'skill',
        skill: 'metrics',
        gatewayId: 'default',
        name: 'api.skillmetrics.test',
        nameSource: 'argv',
        address: '198.51.100.7',
        port: 443,
        firstAt: at(0),
        connections: 10,
        days: 1,
        verdict: 'unknown',
        verdictReason: 'nothing in the configuration names it',
      },
    ]);
  });

  test('of an agent that restarts while the connection is open counts that once', () => {
    const path = places.file();
    for (const second of [0, 2]) {
      const store = openStore({ path });
      store.recordCycle(snapshot(second, { connections: [contact(1, { bytesOut: 500, bytesIn: 9 })] }), [], 'agent');
      store.close();
    }
    expect(places.closing(openStore({ path })).destinations()).toMatchObject([
      { connections: 1, bytesOut: 500, bytesIn: 9 },
    ]);
  });

  test('is told apart by skill, by role and by registrable domain, and by nothing else', () => {
    const store = fresh();
    const look = [
      contact(1),
      contact(2, { destination: { name: 'eu.skillmetrics.test', domain: 'skillmetrics.test' } }),
      contact(3, { owner: skill('weather') }),
      contact(4, { owner: { ...owner(9), role: 'exec', gatewayId: 'default' } }),
      contact(5, { destination: {}, remote: { address: '2001:db8::5', port: 8443 } }),
    ];
    store.recordCycle(snapshot(0, { connections: look }), [], 'agent');
    const rows = store
      .destinations()
      .map(({ subject, destination, connections }) => [subject, destination, connections]);
    expect(rows.sort()).toEqual([
      ['exec', 'skillmetrics.test', 1],
      ['skill metrics', '[2001:db8::5]:8443', 1],
      ['skill metrics', 'skillmetrics.test', 2],
      ['skill weather', 'skillmetrics.test', 1],
    ]);
  });

  test('is nothing that others do, nor what comes in', () => {
    const store = fresh();
    const look = [
      contact(1, { owner: { ...owner(9), role: 'other' } }),
      contact(2, { direction: 'inbound' }),
      contact(3, { direction: 'internal' }),
    ];
    const { owner: _, ...nobodys } = contact(4);
    store.recordCycle(snapshot(0, { connections: [...look, nobodys] }), [], 'agent');
    expect(store.destinations()).toEqual([]);
  });

  test('whose name becomes known late moves to the name, and keeps it when the name is no longer told', () => {
    const store = fresh();
    const nameless = contact(1, { destination: {}, bytesOut: 100, bytesIn: 5 });
    store.recordCycle(snapshot(0, { connections: [nameless] }), [], 'agent');
    expect(store.destinations()).toMatchObject([{ destination: '198.51.100.7:443', bytesOut: 100 }]);
    store.recordCycle(snapshot(2, { connections: [contact(1, { bytesOut: 100, bytesIn: 5 })] }), [], 'agent');
    store.recordCycle(snapshot(4, { connections: [nameless] }), [], 'agent');
    expect(store.destinations().map((row) => row.destination)).toEqual(['skillmetrics.test']);
    store.recordCycle(snapshot(6, { connections: [nameless, contact(2, { destination: {} })] }), [], 'agent');
    expect(store.destinations().map((row) => [row.destination, row.connections, row.bytesOut])).toEqual([
      ['198.51.100.7:443', 1, 0],
      ['skillmetrics.test', 1, 100],
    ]);
  });

  test('sums the bytes of its connections once each, up to their last sight', () => {
    const store = fresh();
    for (let look = 0; look <= 40; look++) {
      const open = [contact(1, { bytesOut: look * 1000, bytesIn: look * 10 })];
      if (look < 20) open.push(contact(2, { bytesOut: look * 7, bytesIn: look }));
      store.recordCycle(snapshot(look * 2, { connections: open }), [], 'agent');
    }
    store.recordCycle(snapshot(90), [], 'agent');
    expect(store.destinations()).toMatchObject([{ connections: 2, bytesOut: 40_000 + 133, bytesIn: 400 + 19 }]);
    const bytes = store.connections().map((row) => [row.connection.bytesOut, row.connection.bytesIn]);
    expect(bytes).toEqual([
      [133, 19],
      [40_000, 400],
    ]);
  });

  test('has what a connection sent after its last sight, where the kernel told it at the end', () => {
    const store = fresh();
    const ended = (socket: ReturnType<typeof contact>, bytesOut: number, bytesIn: number) => {
      const { netns, local, remote } = socket;
      return {
        at: at(3),
        family: 4 as const,
        protocol: 'tcp' as const,
        netns,
        local,
        remote: remote!,
        bytesOut,
        bytesIn,
        cookie: '1',
      };
    };
    const [late, aborted, uncounted] = [
      contact(1, { bytesOut: 10, bytesIn: 1 }),
      contact(2, { bytesOut: 500, bytesIn: 5 }),
      contact(3, { owner: { ...owner(9), role: 'other' } }),
    ];
    store.recordCycle(snapshot(0, { connections: [late, aborted, uncounted] }), [], 'agent');
    // An abort clears its own counters; the second end under the same key is of a connection that no look saw.
    const closedSockets = [ended(late, 9000, 70), ended(late, 1, 1), ended(aborted, 0, 0), ended(uncounted, 4, 4)];
    store.recordCycle(snapshot(4, { closedSockets }), [], 'agent');
    const rows = store.connections().map((row) => [row.connection.local.port, row.connection.bytesOut]);
    expect(new Map(rows as [number, number][])).toEqual(
      new Map([
        [late.local.port, 9000],
        [aborted.local.port, 500],
        [uncounted.local.port, undefined],
      ]),
    );
    expect(store.destinations()).toMatchObject([{ connections: 2, bytesOut: 9500, bytesIn: 75 }]);
  });

  test('counts days and not connections, also when the clock is set back', () => {
    const store = fresh();
    for (const day of [0, 0.1, 1, 1.2, 3, 2, 3.1]) {
      store.recordCycle(snapshot(day * DAY, { connections: [contact(1)] }), [], 'agent');
    }
    expect(store.history().destinationDays('skill metrics', 'skillmetrics.test')).toBe(3);
    expect(store.history().destinationFirstSeenAt('skill metrics', 'skillmetrics.test')).toBe(at(0));
    expect(store.history().destinationDays('skill metrics', 'other.test')).toBe(0);
  });

  test('a steady connection costs no row changes in each look', () => {
    const store = fresh();
    for (let second = 0; second < 40; second += 2) {
      store.recordCycle(snapshot(second, { connections: [contact(1)] }), [], 'agent');
    }
    expect(store.destinations()[0]?.lastAt).toBe(at(0));
    store.recordCycle(snapshot(62, { connections: [contact(1)] }), [], 'agent');
    expect(store.destinations()[0]?.lastAt).toBe(at(62));
  });
});

describe('the connection itself', () => {
  test('keeps name, verdict, skill and tool call, and follows when they change', () => {
    const store = fresh();
    store.recordCycle(snapshot(0, { connections: [contact(1, { destination: {} })] }), [], 'agent');
    const toolCall = { tool: 'exec', id: 'call_1', confidence: 'likely' as const };
    store.recordCycle(snapshot(2, { connections: [contact(1, { toolCall, verdict: 'approved' })] }), [], 'agent');
    expect(store.connections()[0]?.connection).toMatchObject({
      destination: { name: 'api.skillmetrics.test', source: 'argv' },
      verdict: 'approved',
      toolCall,
      owner: { skill: 'metrics', role: 'skill' },
    });
  });
});

describe('learning', () => {
  const look = (store: Store, day: number, found: ReturnType<typeof finding>[] = []) =>
    store.recordCycle(snapshot(day * DAY, { connections: [contact(1)] }), found, 'agent');
  const learned = (store: Store) => store.history().isLearned('skill metrics', 'skillmetrics.test');

  test('begins with the first recorded look and lasts as long as configured', () => {
    const store = fresh({ learnDays: 3 });
    expect(store.history().learningSince()).toBeUndefined();
    look(store, 0);
    look(store, 1);
    expect(store.learningSince()).toBe(at(0));
    expect(store.history().learningUntil()).toBe(at(3 * DAY));
  });

  test('takes two different days', () => {
    const store = fresh();
    look(store, 0);
    look(store, 0.2);
    expect(learned(store)).toBe(false);
    look(store, 2);
    expect(learned(store)).toBe(true);
  });

  test('does not learn after its period', () => {
    const store = fresh({ learnDays: 1 });
    look(store, 0);
    for (const day of [2, 3, 4]) look(store, day);
    expect(learned(store)).toBe(false);
    expect(store.history().destinationDays('skill metrics', 'skillmetrics.test')).toBe(4);
  });

  test('does not learn what a finding of medium or graver rests on, and learns beside a milder one', () => {
    const [mild, bad] = [fresh(), fresh()];
    for (const [store, severity] of [[mild, 'low'] as const, [bad, 'medium'] as const]) {
      look(store, 0);
      look(store, 1, [finding('x', { severity, socketKeys: [contact(1).key] })]);
      look(store, 2);
    }
    expect([learned(mild), learned(bad)]).toEqual([true, false]);
  });

  test('what was answered before counts no more once something grave, a review or another process says otherwise', () => {
    const path = places.file();
    const open = () => places.closing(openStore({ path }));
    const [grave, refused] = [open(), open()];
    for (const store of [grave, refused]) {
      look(store, 0);
      look(store, 1);
      look(store, 2);
      expect(learned(store)).toBe(true);
    }
    refused.rejectDestinations([refused.destinations()[0]!.id], at(2 * DAY));
    expect(learned(refused)).toBe(false);
    // As each look begins: it asks for the last cycle.
    grave.history().lastCycleAt();
    expect(learned(grave)).toBe(false);

    const other = fresh();
    for (const day of [0, 1, 2]) look(other, day);
    expect(learned(other)).toBe(true);
    look(other, 2.1, [finding('x', { severity: 'medium', socketKeys: [contact(1).key] })]);
    expect(learned(other)).toBe(false);
    // It is no new contact for all that, unless a person refused it.
    const familiar = (store: Store) => store.history().isFamiliar?.('skill metrics', 'skillmetrics.test');
    expect([familiar(other), familiar(refused)]).toEqual([true, false]);
  });

  test('does not learn what the review refused, until learning starts anew', () => {
    const store = fresh();
    look(store, 0);
    look(store, 1);
    store.rejectDestinations([store.destinations()[0]!.id], at(DAY));
    expect(learned(store)).toBe(false);
    store.restartLearning(at(2 * DAY));
    expect(store.learningSince()).toBe(at(2 * DAY));
    look(store, 2);
    expect(learned(store)).toBe(false);
    look(store, 3);
    expect(learned(store)).toBe(true);
  });
});

test('contacts outlive their connections, go after a year, and take no connection along', () => {
  const store = fresh();
  store.recordCycle(snapshot(0, { connections: [contact(1)] }), [], 'agent');
  store.recordCycle(snapshot(10), [], 'agent');
  store.retain({ days: 30, megabytes: 100 }, at(100 * DAY));
  expect([store.connections().length, store.destinations().length]).toEqual([0, 1]);
  store.retain({ days: 30, megabytes: 100 }, at(366 * DAY));
  expect(store.destinations()).toEqual([]);
  store.recordCycle(snapshot(366 * DAY, { connections: [contact(1)] }), [], 'agent');
  expect(store.destinations()).toMatchObject([{ connections: 1, firstAt: at(366 * DAY) }]);
});

test('coverage is summed by hour', () => {
  const store = fresh();
  const measured = (opened: number) => ({ intervalMs: 2000, opened, seen: opened - 1, owned: 1, named: 1 });
  store.recordCycle(snapshot(0), [], 'agent');
  for (const second of [2, 4, 3604]) store.recordCycle(snapshot(second, { coverage: measured(second) }), [], 'agent');
  expect(store.coverage(at(0))).toEqual([
    { fromAt: at(0), toAt: at(4), intervalMs: 4000, opened: 6, seen: 4, owned: 2, named: 2 },
    { fromAt: at(3602), toAt: at(3604), intervalMs: 2000, opened: 3604, seen: 3603, owned: 1, named: 1 },
  ]);
  expect(store.coverage(at(10))).toHaveLength(1);
});

test('a flood of names cannot outgrow the limit of the record, and the rules of the user stay', () => {
  const store = fresh();
  store.addPolicyRule({
    action: 'allow',
    scope: { kind: 'everywhere' },
    pattern: 'a.test',
    reason: 'x',
    createdAt: at(0),
    origin: 'user',
  });
  for (let round = 0; round < 8; round++) {
    const connections = Array.from({ length: 1000 }, (_, index) => {
      const name = `n${round}-${index}.test`;
      return contact(round * 1000 + index, { destination: { name, domain: name, source: 'dns' } });
    });
    store.recordCycle(snapshot(round * 2, { connections }), [], 'agent');
  }
  store.recordCycle(snapshot(20), [], 'agent');
  store.retain({ days: 30, megabytes: 1 }, at(30));
  expect(store.size()).not.toHaveProperty('overLimitBytes');
  expect(store.size().rows.destinations).toBeLessThan(6000);
  expect(store.policy()).toHaveLength(1);
  expect(store.history().unknownContacts(at(0)).length).toBeLessThanOrEqual(2000);
});
