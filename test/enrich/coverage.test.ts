import { describe, expect, test } from 'vitest';
import { connectionCoverage, createCoverageMeter, openedIn } from '../../src/enrich/coverage.ts';
import type { Connection, Listener } from '../../src/types/snapshot.ts';

const NETNS = '4026531840';

function connection(key: string, more: Partial<Connection> = {}): Connection {
  return {
    source: 'test',
    seenAt: 0,
    netns: NETNS,
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    local: { address: '192.0.2.10', port: 40_000 },
    remote: { address: '198.51.100.7', port: 443 },
    key,
    direction: 'outbound',
    since: { at: 0, basis: 'observed' },
    ...more,
  };
}

const owner: Connection['owner'] = {
  process: { pid: 1, startTicks: 1, ppid: 0, comm: 'x', argv: [], markers: {} },
  role: 'exec',
  confidence: 'certain',
  lineage: [],
};

const reading = (at: number, activeOpens: number, opened: Connection[] = [], netns = NETNS) => ({
  at,
  netns,
  activeOpens,
  opened,
});

describe('coverage', () => {
  test('counts what is new since the look before, who opened it, and under which name', () => {
    const old = connection('old', { owner });
    const fresh = [
      connection('a', { owner, destination: { name: 'x.test' } }),
      connection('b', { owner }),
      connection('c', { state: 'TIME_WAIT', destination: { name: 'x.test' } }),
      connection('d', { direction: 'internal', owner }),
    ];
    expect(connectionCoverage(reading(1000, 50, [old]), reading(3000, 60, [old, ...fresh]))).toEqual({
      intervalMs: 2000,
      opened: 10,
      seen: 4,
      owned: 3,
      named: 3,
    });
  });

  test.each([
    ['the first look', undefined, reading(2000, 5)],
    ['a counter that went back', reading(1000, 9), reading(2000, 5)],
    ['a wrapped counter', reading(1000, 4_294_967_295), reading(2000, 3)],
    ['another namespace', reading(1000, 1), reading(2000, 5, [], '1')],
    ['a clock that went back', reading(2000, 1), reading(1000, 5)],
    ['two looks at one moment', reading(2000, 1), reading(2000, 5)],
    ['a count that is none', reading(1000, 1), reading(2000, Number.NaN)],
  ])('says nothing for %s', (_, before, now) => expect(connectionCoverage(before, now)).toBeUndefined());

  test('never says that more was seen than opened, and tells why it would have', () => {
    const fresh = [connection('a', { owner }), connection('b', { owner })];
    expect(connectionCoverage(reading(1000, 5), reading(2000, 6, fresh))).toEqual({
      intervalMs: 1000,
      opened: 1,
      seen: 1,
      owned: 1,
      named: 0,
      reason: expect.stringContaining('2 seen where 1'),
    });
  });

  test('a quiet interval is nothing opened, not nothing known', () => {
    expect(connectionCoverage(reading(1000, 5), reading(2000, 5))).toMatchObject({ opened: 0, seen: 0 });
  });
});

test('the opening ends are ours: outbound, and on loopback the end that is no listener', () => {
  const listeners = [{ netns: NETNS, protocol: 'tcp', local: { address: '127.0.0.1', port: 18_789 } } as Listener];
  const connections = [
    connection('out'),
    connection('client', { direction: 'internal', local: { address: '127.0.0.1', port: 50_000 } }),
    connection('server', { direction: 'internal', local: { address: '127.0.0.1', port: 18_789 } }),
    connection('in', { direction: 'inbound' }),
    connection('udp', { protocol: 'udp' }),
    connection('elsewhere', { netns: '1' }),
  ];
  expect(openedIn(NETNS, { connections, listeners }).map(({ key }) => key)).toEqual(['out', 'client']);
});

describe('the meter', () => {
  const look = (at: number, ...keys: string[]) => ({
    at,
    connections: keys.map((key) => connection(key)),
    listeners: [],
  });

  test('counts a remnant that stays in the table for a minute once', () => {
    const meter = createCoverageMeter();
    meter(look(0, 'a'), NETNS, [{ netns: NETNS, count: 1 }]);
    expect(meter(look(2000, 'a', 'b'), NETNS, [{ netns: NETNS, count: 2 }])).toMatchObject({ opened: 1, seen: 1 });
    expect(meter(look(4000, 'a', 'b'), NETNS, [{ netns: NETNS, count: 2 }])).toMatchObject({ opened: 0, seen: 0 });
  });

  test('begins anew after a look without the counter', () => {
    const meter = createCoverageMeter();
    meter(look(0), NETNS, [{ netns: NETNS, count: 1 }]);
    expect(meter(look(2000), NETNS, undefined)).toBeUndefined();
    expect(meter(look(4000), NETNS, [{ netns: NETNS, count: 9 }])).toBeUndefined();
  });
});
