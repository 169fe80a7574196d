import { describe, expect, test } from 'vitest';
import { createLedger } from '../../../src/detect/ledger/ledger.ts';
import { LEDGER_LIMITS } from '../../../src/detect/ledger/limits.ts';
import type { ContactWindow, PastConnection } from '../../../src/types/ledger.ts';
import type { Connection, Snapshot } from '../../../src/types/snapshot.ts';
import { connectionKey } from '../../../src/types/socket.ts';
import { connection, history, listener, NOW, owner, process, snapshot } from '../builders.ts';
import { flow } from './life.ts';

const S = 1000;

function ledgerOf(limits = LEDGER_LIMITS, past: PastConnection[] = []) {
  const ledger = createLedger(limits);
  const known = history({ contactConnections: () => past, lastCycleAt: () => NOW - S });
  const look = (at: number, connections: Connection[], more: Partial<Snapshot> = {}) =>
    ledger.look(snapshot({ at, connections, ...more }), known);
  const only = (): ContactWindow => {
    const all = [...ledger.contacts()];
    expect(all).toHaveLength(1);
    return all[0]!;
  };
  return { ledger, look, only };
}

const open = (at: number, localPort: number, out: number, more: Partial<Connection> = {}) =>
  flow(at, { host: 'api.feed.test', brief: false, localPort, out, in: 10, more });

describe('connections that share the objects of their owner and their place', () => {
  /** Each host with one owner and one place. */
  const shared = (hosts: readonly string[]): Connection[] => {
    const first = new Map<string, Connection>();
    return hosts.map((host, index) => {
      const like = first.get(host) ?? flow(NOW, { host: `www.${host}`, brief: false });
      first.set(host, like);
      return { ...like, local: { ...like.local, port: 1000 + index }, key: `${host} ${index}` };
    });
  };

  test('each count, also when the memory had to make room for others in between', () => {
    const { ledger, look } = ledgerOf({ ...LEDGER_LIMITS, contacts: 2 });
    look(NOW, shared(['a.test', 'bb.test', 'ccc.test', 'a.test', 'a.test']));
    const held = [...ledger.contacts()].find(({ destination }) => destination === 'a.test');
    expect(held?.activity).toHaveLength(2);
    expect(held?.socketKeys).toEqual(['a.test 3', 'a.test 4']);
  });

  test('a name or a verdict that another look gives counts from that look on', () => {
    const { ledger, look } = ledgerOf();
    const [first] = shared(['a.test']);
    look(NOW, [first!]);
    look(NOW + S, [{ ...first!, verdict: 'approved' }]);
    expect([...ledger.contacts()].map(({ verdict }) => verdict)).toEqual(['approved']);
    const destination = { name: 'www.bb.test', domain: 'bb.test', source: 'dns', confidence: 'certain' } as const;
    look(NOW + 2 * S, [{ ...first!, destination }]);
    expect([...ledger.contacts()].map((each) => each.destination)).toEqual(['bb.test']);
  });
});

describe('activity', () => {
  test('is one event for each new connection, dated by its opening', () => {
    const { look, only } = ledgerOf();
    const first = open(NOW - 3 * S, 1000, 500);
    look(NOW, [first]);
    look(NOW + 2 * S, [first, flow(NOW + S, { host: 'x.feed.test', out: 70, in: 9 })]);
    expect(only()).toMatchObject({
      subject: 'skill stock-feed',
      destination: 'feed.test',
      port: 443,
      role: 'skill',
      program: 'feed.py',
      activity: [NOW - 3 * S, NOW + S],
      activityBytes: [
        { bytesOut: 500, bytesIn: 10 },
        { bytesOut: 70, bytesIn: 9 },
      ],
    });
  });

  test('is one for bytes after a silence, and none for bytes that follow each other', () => {
    const { look, only } = ledgerOf();
    let out = 100;
    for (let second = 0; second < 120; second += 2) {
      if (second % 30 < 4) out += 60;
      look(NOW + second * S, [open(NOW, 1000, out)]);
    }
    expect(only().activity).toEqual([0, 30, 60, 90].map((second) => NOW + second * S));
    expect(only().activityBytes.map(({ bytesOut }) => bytesOut)).toEqual([220, 120, 120, 120]);
  });

  test('knows a port used again by its inode', () => {
    const { look, only } = ledgerOf();
    look(NOW, [open(NOW, 1000, 5, { inode: 7 })]);
    look(NOW + 2 * S, [open(NOW + 2 * S, 1000, 3, { inode: 8 })]);
    expect(only().activity).toHaveLength(2);
  });

  test('goes on through a look that did not see the connection', () => {
    const { look, only } = ledgerOf();
    look(NOW, [open(NOW, 1000, 5)]);
    look(NOW + 2 * S, []);
    look(NOW + 4 * S, [open(NOW, 1000, 5)]);
    expect(only().activity).toHaveLength(1);
    expect(only().socketKeys).toHaveLength(1);
  });

  test('moves with its bytes when the name becomes known late', () => {
    const { look, only } = ledgerOf();
    look(NOW, [flow(NOW, { brief: false, localPort: 1000, out: 50 })]);
    expect(only().destination).toBe('198.51.100.80:443');
    look(NOW + 2 * S, [open(NOW, 1000, 80)]);
    look(NOW + 4 * S, [flow(NOW, { brief: false, localPort: 1000, out: 90 })]);
    expect(only()).toMatchObject({ destination: 'feed.test', activity: [NOW] });
    expect(only().bytesSince(NOW)).toEqual({ bytesOut: 90, bytesIn: 10 });
  });

  test('is not told twice when the event comes after the look', () => {
    const { look, only } = ledgerOf();
    look(NOW, [open(NOW - S, 1000, 50)]);
    look(NOW + 2 * S, [flow(NOW - S, { host: 'api.feed.test', localPort: 1000 })]);
    expect(only().activity).toHaveLength(1);
  });

  test('takes what the kernel counted at the end', () => {
    const { look, only } = ledgerOf();
    const last = open(NOW, 1000, 50);
    look(NOW, [last]);
    const { family, netns, local, remote } = last;
    const end = { at: NOW + S, family, netns, local, remote: remote!, protocol: 'tcp' as const, cookie: '1' };
    look(NOW + 2 * S, [], { closedSockets: [{ ...end, bytesOut: 9000, bytesIn: 30 }] });
    expect(only().activityBytes).toEqual([{ bytesOut: 9000, bytesIn: 30 }]);
  });

  test('is nobody else’s: strangers and visitors leave nothing', () => {
    const { ledger, look } = ledgerOf();
    const visitor = connection(['192.168.50.10', 18789], ['198.51.100.9', 40_000]);
    look(NOW, [flow(NOW, { role: 'other' }), { ...visitor, owner: owner('gateway', process(812)) }]);
    expect([...ledger.contacts(), ...ledger.subjects()]).toEqual([]);
  });
});

describe('bytes', () => {
  test('are kept to the minute for two hours, and to the hour for a week', () => {
    const { look, only } = ledgerOf();
    const start = Date.UTC(2026, 10, 20);
    const minutes = 30 * 60;
    for (let minute = 0; minute < minutes; minute++) {
      look(start + minute * 60 * S, [flow(start + minute * 60 * S, { host: 'a.feed.test', out: 10, in: 1 })]);
    }
    const end = start + (minutes - 1) * 60 * S;
    expect(only().bytesSince(end - 9 * 60 * S)).toEqual({ bytesOut: 100, bytesIn: 10 });
    const day = only().bytesSince(end - 24 * 3600 * S).bytesOut;
    expect(day).toBeGreaterThanOrEqual(24 * 600);
    expect(day).toBeLessThanOrEqual(25 * 600 + 10);
    expect(only().bytesSince(0).bytesOut).toBe(minutes * 10);
  });
});

describe('attempts', () => {
  const syn = (at: number, address: string, state: Connection['state'] = 'SYN_SENT') =>
    flow(at, { address, brief: false, localPort: 1000, more: { state } });

  test('that wait, or vanish without an answer, have failed', () => {
    const { ledger, look } = ledgerOf();
    look(NOW, [syn(NOW, '192.168.50.40')]);
    expect(ledger.attempts('skill stock-feed', 0)[0]!.failed).toBeUndefined();
    look(NOW + 2 * S, [syn(NOW, '192.168.50.40')]);
    expect(ledger.attempts('skill stock-feed', 0)[0]!.failed).toBe(true);
    look(NOW + 4 * S, [syn(NOW, '192.168.50.40', 'ESTABLISHED')]);
    expect(ledger.attempts('skill stock-feed', 0)[0]!.failed).toBe(false);
    look(NOW + 6 * S, [syn(NOW + 6 * S, '192.168.50.41')]);
    look(NOW + 8 * S, []);
    expect(ledger.attempts('skill stock-feed', NOW + 5 * S)).toMatchObject([
      { address: '192.168.50.41', failed: true },
    ]);
  });

  test('on loopback count for who made them and not for who was reached', () => {
    const { ledger, look } = ledgerOf();
    const inside = { direction: 'internal' as const, remoteClass: 'loopback' as const };
    const client = flow(NOW, { address: '127.0.0.1', port: 18800, brief: false, more: inside });
    const server = { ...flow(NOW, { role: 'browser', address: '127.0.0.1', brief: false, more: inside }) };
    server.local = { address: '127.0.0.1', port: 18800 };
    server.key = connectionKey(server);
    look(NOW, [client, server], { listeners: [listener('127.0.0.1', 18800, 'loopback')] });
    expect([...ledger.subjects()]).toEqual(['skill stock-feed']);
    expect([...ledger.contacts()]).toEqual([]);
  });
});

describe('questions', () => {
  const ask = (pid: number | undefined, name = 'a.b.test') => ({
    at: NOW,
    name,
    type: 'A',
    ...(pid !== undefined && { pid }),
  });
  const family = [
    {
      pid: 5,
      startTicks: 1,
      gatewayId: 'default',
      basis: 'root' as const,
      ancestors: [],
      detached: false,
      firstSeenAt: 0,
    },
  ];

  test('are kept of the family and of nobody known; a stub resolver hides who asked', () => {
    const { ledger, look } = ledgerOf();
    const processes = [
      process(5, { argv: ['python3', '/home/u/.openclaw/workspace/skills/net-check/scripts/d.py'] }),
      process(6, { comm: 'firefox' }),
      process(7, { comm: 'systemd-resolve' }),
    ];
    look(NOW, [], { family, processes, questions: [ask(5), ask(6), ask(7), ask(undefined)] });
    expect(ledger.questions(0).map(({ subject }) => subject)).toEqual(['skill net-check', undefined, undefined]);
  });

  test('are forgotten after an hour', () => {
    const { ledger, look } = ledgerOf();
    look(NOW, [], { questions: [ask(undefined)] });
    look(NOW + 3601 * S, []);
    expect(ledger.questions(0)).toEqual([]);
  });
});

describe('restored from the record', () => {
  const past = (more: Partial<PastConnection> = {}): PastConnection => ({
    subject: 'skill stock-feed',
    destination: 'feed.test',
    key: '1 tcp 192.168.50.10 1000 198.51.100.80 443',
    role: 'skill',
    skill: 'stock-feed',
    name: 'api.feed.test',
    verdict: 'unknown',
    firstAt: NOW - 7200 * S,
    lastAt: NOW - 7190 * S,
    isOpen: false,
    bytesOut: 900,
    bytesIn: 100,
    ...more,
  });

  test('it goes on where it was', () => {
    const { ledger, look, only } = ledgerOf(LEDGER_LIMITS, [past(), past({ firstAt: NOW - 3600 * S })]);
    look(NOW, [open(NOW, 1001, 900)]);
    expect(only().activity).toEqual([NOW - 7200 * S, NOW - 3600 * S, NOW]);
    expect(only().bytesSince(0).bytesOut).toBe(2700);
    expect(ledger.since()).toBe(NOW - 7200 * S);
  });

  test('a connection that is still open is no new event, and only its new bytes are new', () => {
    const still = open(NOW - 9 * S, 1000, 1500);
    const { look, only } = ledgerOf(LEDGER_LIMITS, [
      past({ key: still.key, isOpen: true, firstAt: NOW - 9 * S, lastAt: NOW - S }),
    ]);
    look(NOW, [still]);
    expect(only().activity).toEqual([NOW - 9 * S]);
    expect(only().bytesSince(0).bytesOut).toBe(1500);
  });

  test('bytes of a long connection are spread over its life', () => {
    const long = past({ firstAt: NOW - 48 * 3600 * S, lastAt: NOW, bytesOut: 48_000 });
    const { look, only } = ledgerOf(LEDGER_LIMITS, [long]);
    look(NOW, []);
    const lastDay = only().bytesSince(NOW - 24 * 3600 * S).bytesOut;
    expect(lastDay).toBeGreaterThanOrEqual(24_000);
    expect(lastDay).toBeLessThanOrEqual(26_000);
  });

  test('damaged rows are passed over', () => {
    const { ledger, look } = ledgerOf(LEDGER_LIMITS, [past({ key: 'nonsense' }), past({ firstAt: NOW + 1e9 })]);
    look(NOW, []);
    expect([...ledger.contacts()]).toEqual([]);
  });
});

describe('time', () => {
  test('a gap between looks is a new beginning for what silence proves', () => {
    const { ledger, look } = ledgerOf();
    look(NOW, []);
    look(NOW + 3600 * S, []);
    expect(ledger.since()).toBe(NOW + 3600 * S);
  });

  test('a clock that is set back begins anew', () => {
    const { ledger, look } = ledgerOf();
    look(NOW, [flow(NOW, { host: 'a.feed.test' })]);
    look(NOW - 3600 * S, []);
    expect([...ledger.contacts()]).toEqual([]);
    expect(ledger.since()).toBe(NOW - 3600 * S);
  });
});

describe('limits', () => {
  const small = {
    ...LEDGER_LIMITS,
    contacts: 100,
    entries: 600,
    eventsPerContact: 64,
    attemptsPerSubject: 50,
    attempts: 80,
  };

  test('whoever floods pushes out his own single contacts, not a rhythm and not others', () => {
    const { ledger, look } = ledgerOf(small);
    look(NOW, [flow(NOW, { role: 'gateway', host: 'quiet.test' })]);
    for (let i = 0; i < 20; i++) look(NOW + i * S, [flow(NOW + i * S, { host: 'c2.test' })]);
    for (let i = 0; i < 1000; i++) look(NOW + i * S, [flow(NOW + i * S, { host: `n${i}.h${i}.test` })]);
    const kept = [...ledger.contacts()].map(({ destination }) => destination);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept).toContain('c2.test');
    expect(kept).toContain('quiet.test');
    expect(ledger.held().attempts).toBeLessThanOrEqual(80);
  });

  test('events of one contact, and of all, are bounded', () => {
    const { ledger, look } = ledgerOf(small);
    for (let i = 0; i < 3000; i++) {
      look(NOW + i * 61 * S, [flow(NOW + i * 61 * S, { host: `h${i % 20}.t${i % 20}.test`, out: 10 })]);
    }
    const contacts = [...ledger.contacts()];
    expect(Math.max(...contacts.map(({ activity }) => activity.length))).toBeLessThanOrEqual(64);
    expect(contacts.reduce((sum, { activity }) => sum + activity.length, 0)).toBeLessThanOrEqual(1200);
    for (const { activity } of contacts) expect([...activity].sort((a, b) => a - b)).toEqual(activity);
  });

  test('a flood of questions keeps the newest', () => {
    const { ledger, look } = ledgerOf({ ...LEDGER_LIMITS, questions: 100 });
    const questions = Array.from({ length: 500 }, (_, i) => ({ at: NOW + i, name: `n${i}.x.test`, type: 'A' }));
    look(NOW + S, [], { questions });
    expect(ledger.questions(0)).toHaveLength(100);
    expect(ledger.questions(0).at(-1)!.name).toBe('n499.x.test');
  });
});
