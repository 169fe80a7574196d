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

  test('sums up the last ten minutes, whatever the number of looks', () => {
    const meter = createCoverageMeter();
    let count = 0;
    const at = (ms: number) => {
      // More at first, in the part that is forgotten.
      count += ms < 200_000 ? 50 : 1;
      return meter(look(ms), NETNS, [{ netns: NETNS, count }]);
    };
    for (let ms = 0; ms < 900_000; ms += 2_000) at(ms);
    const { spanMs, opened, seen } = at(900_000)!.lately!;
    expect(spanMs).toBeGreaterThanOrEqual(600_000);
    expect(spanMs).toBeLessThan(662_000);
    expect({ opened, seen }).toEqual({ opened: spanMs / 2_000, seen: 0 });
    meter(look(902_000), NETNS, undefined);
    at(904_000);
    expect(at(906_000)!.lately).toEqual({ spanMs: 2_000, opened: 1, seen: 0 });
  });

  /** A host that opens connections which are gone before any look, and a sensor whose word is `late` ones behind. */
  function watched(meter: ReturnType<typeof createCoverageMeter>) {
    let at = 0;
    let count = 0;
    return (opened: number, witnessed: number, connections: Connection[] = [], owned = witnessed) => {
      at += 2_000;
      count += opened;
      const opens = { opens: [{ netns: NETNS, opened: witnessed, owned }] };
      return meter({ at, connections, listeners: [] }, NETNS, [{ netns: NETNS, count }], opens);
    };
  }

  test('with a sensor everything is seen, also when its last word comes a look late', () => {
    const next = watched(createCoverageMeter());
    next(1, 0);
    const first = next(100, 95);
    expect(first).toMatchObject({ opened: 100, seen: 95, owned: 95 });
    const second = next(0, 5);
    expect(second).toMatchObject({ opened: 0, seen: 5, owned: 5 });
    expect(first!.opened + second!.opened).toBe(100);
    expect(first!.seen + second!.seen).toBe(100);
  });

  test('over many looks with a word that is always late neither too much nor too little is seen', () => {
    const next = watched(createCoverageMeter());
    next(0, 0);
    const looks = [100, 40, 0, 250, 3, 0].map((opened, index, all) => {
      const late = (of: number) => Math.min(of, 5);
      return next(opened, opened - late(opened) + late(all[index - 1] ?? 0))!;
    });
    const sum = (of: 'opened' | 'seen' | 'owned') => looks.reduce((total, one) => total + one[of], 0);
    expect([sum('opened'), sum('seen'), sum('owned')]).toEqual([393, 393, 393]);
  });

  test('what was missed two looks ago is not made up for by what cannot be it', () => {
    const next = watched(createCoverageMeter());
    next(0, 0);
    expect(next(100, 60)).toMatchObject({ seen: 60 });
    expect(next(0, 0)).toMatchObject({ seen: 0 });
    expect(next(10, 50)).toMatchObject({ opened: 10, seen: 10, reason: expect.stringContaining('50 seen where 10') });
  });

  test('a sensor that knows no process has seen and does not own', () => {
    const next = watched(createCoverageMeter());
    next(0, 0);
    expect(next(10, 10, [], 4)).toMatchObject({ seen: 10, owned: 4 });
  });

  test('short connections of the record count with their attempts, and again under the same key', () => {
    const next = watched(createCoverageMeter());
    const brief = (attempts: number) =>
      connection('port 0', { brief: true, attempts, owner, destination: { name: 'x.test' }, state: 'CLOSE' });
    next(0, 0);
    expect(next(30, 0, [brief(30)])).toMatchObject({ opened: 30, seen: 30, owned: 30, named: 30 });
    expect(next(12, 12, [brief(12)])).toMatchObject({ opened: 12, seen: 12, owned: 12, named: 12 });
  });

  test('whoever knows of more has seen more: connections in other namespaces and without a sensor count as before', () => {
    const meter = createCoverageMeter();
    const counted = (count: number) => [{ netns: NETNS, count }];
    meter(look(0), NETNS, counted(0), { opens: [] });
    const elsewhere = { opens: [{ netns: '7', opened: 50, owned: 50 }] };
    expect(meter(look(2_000, 'a', 'b'), NETNS, counted(5), elsewhere)).toMatchObject({ opened: 5, seen: 2 });
    expect(meter(look(4_000, 'c'), NETNS, counted(9))).toMatchObject({ opened: 4, seen: 1 });
  });
});
