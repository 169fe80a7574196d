import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBriefs } from '../../../../src/collect/linux/sensor/brief.ts';
import type { ConnectEvent } from '../../../../src/types/sensor.ts';
import type { Observation } from '../../../../src/types/socket.ts';
import { aStatus } from '../../../sensor/link.ts';
import { numRuns } from '../fuzz.ts';
import { at, connect, exit, FAR, fork, GATEWAY, NETNS, STRANGER, socket, useStories } from './story.ts';

const NOW = at(9);
const local = (port: number) => ({ address: '192.0.2.1', port });
const read = (sockets: Observation[], connects: ConnectEvent[]) =>
  createBriefs().join(sockets, connects, { netnsOf: () => NETNS, seenAt: NOW, isTold: true });

describe('an event and its socket', () => {
  test('that is still open: the socket gets the moment of its opening, and nothing is added', () => {
    const open = socket(40_000, { pids: [5] });
    const { observations } = read([open], [connect(1, 5, { local: local(40_000) })]);
    expect(observations).toEqual([{ ...socket(40_000, { pids: [5] }), openedAt: at(1) }]);
  });

  test('that is being opened, by process and far end since its port is not known yet', () => {
    const { outcome: _, ...early } = connect(1, 5);
    const opening = socket(40_000, { state: 'SYN_SENT', pids: [5] });
    expect(read([opening], [early]).observations).toHaveLength(1);
    const others = socket(40_000, { state: 'SYN_SENT', pids: [6] });
    expect(read([others], [early]).observations).toHaveLength(2);
  });

  test('without a port stands for as many sockets as it says, and for none that was there before', () => {
    const { outcome: _, ...early } = connect(1, 5);
    const opening = (port: number) => socket(port, { state: 'SYN_SENT', pids: [5], inode: port });
    // Three attempts, of which one is in the tables.
    const { observations } = read([opening(40_000)], [early, early, early]);
    expect(observations).toMatchObject([
      { state: 'SYN_SENT', openedAt: at(1) },
      { brief: true, attempts: 2 },
    ]);
    // The answer came too late for the event.
    expect(read([socket(40_000, { pids: [5] })], [early]).observations).toHaveLength(1);
    const briefs = createBriefs();
    const join = (seenAt: number, sockets: Observation[], ...connects: ConnectEvent[]) =>
      briefs.join(sockets, connects, { netnsOf: () => NETNS, seenAt, isTold: true }).observations;
    join(at(0), [opening(40_000)]);
    expect(join(at(2), [opening(40_000)], early)).toHaveLength(2);
    expect(join(at(4), [{ ...opening(40_000), inode: 7 }], { ...early, at: at(3) })).toHaveLength(1);
  });

  test('without a port that comes late stays by itself, with the port that the look saw', () => {
    const { outcome: _, ...early } = connect(1, 5);
    const briefs = createBriefs();
    const context = { netnsOf: () => NETNS, isTold: true };
    briefs.join([socket(40_000, { pids: [5] }), socket(40_001, { pids: [6] })], [], { ...context, seenAt: at(2) });
    const { observations } = briefs.join([], [early, early], { ...context, seenAt: at(4) });
    expect(observations).toMatchObject([
      { brief: true, local: local(40_000), pids: [5] },
      { brief: true, local: { port: 0 } },
    ]);
  });

  test('that left a remnant: the remnant gets an owner', () => {
    const remnant = socket(40_000, { state: 'TIME_WAIT', closedAgoMs: 300 });
    const { observations } = read([remnant], [connect(1, 5, { local: local(40_000) })]);
    expect(observations).toEqual([
      {
        source: 'sensor',
        seenAt: NOW,
        netns: NETNS,
        protocol: 'tcp',
        family: 4,
        state: 'CLOSE',
        local: local(40_000),
        remote: FAR,
        pids: [5],
        openedAt: at(1),
        brief: true,
        outcome: 'established',
      },
    ]);
  });

  test('whose socket has no file any more: the socket gets who opened it', () => {
    const orphan = socket(40_000, { state: 'FIN_WAIT2' });
    const { observations } = read([orphan], [connect(1, 5, { local: local(40_000) })]);
    expect(observations).toMatchObject([{ state: 'FIN_WAIT2', pids: [5], openedAt: at(1) }]);
  });

  test('of another port, another far end or another protocol is another connection', () => {
    const sockets = [
      socket(40_001),
      socket(40_000, { remote: { ...FAR, port: 80 } }),
      socket(40_000, { remote: { address: '192.0.2.8', port: 443 } }),
      socket(40_000, { protocol: 'udp' }),
      socket(40_000, { state: 'LISTEN' }),
    ];
    const { observations } = read(sockets, [connect(1, 5, { local: local(40_000) })]);
    expect(observations.map(({ brief }) => brief === true)).toEqual([false, false, false, false, false, true]);
  });

  test('no event changes nothing', () => {
    const sockets = [socket(1), socket(2)];
    expect(read(sockets, [])).toEqual({ observations: sockets, left: 0 });
  });
});

describe('many events', () => {
  test('of one process to one end are one, with their number; failures apart', () => {
    const connects = [
      connect(1, 5, { local: local(1) }),
      connect(2, 5, { local: local(2) }),
      connect(3, 5, { count: 40, localPorts: [3, 4] }),
      connect(4, 5, { outcome: 'failed' }),
      connect(5, 6),
      connect(6, 5, { protocol: 'udp' }),
    ];
    const { observations, left } = read([], connects);
    expect(left).toBe(0);
    expect(observations.map(({ pids, protocol, outcome, attempts }) => [pids, protocol, outcome, attempts])).toEqual([
      [[5], 'tcp', 'established', 42],
      [[5], 'tcp', 'failed', undefined],
      [[6], 'tcp', 'established', undefined],
      [[5], 'udp', 'established', undefined],
    ]);
    expect(observations[0]).toMatchObject({ openedAt: at(1), local: { port: 0 } });
  });

  test('summed up before: those that are open still are taken off', () => {
    const sockets = [socket(3), socket(4, { state: 'TIME_WAIT' })];
    const { observations } = read(sockets, [connect(1, 5, { count: 10, localPorts: [3, 4, 5] })]);
    expect(observations).toHaveLength(2);
    expect(observations[0]).toMatchObject({ state: 'ESTABLISHED', openedAt: at(1) });
    expect(observations[1]).toMatchObject({ brief: true, attempts: 9 });
  });

  test('to more ends than a list holds are counted', () => {
    const connects = Array.from({ length: 5_000 }, (_, index) =>
      connect(1, 5, { remote: { address: FAR.address, port: index + 1 }, count: 2 }),
    );
    const { observations, left } = read([], connects);
    expect([observations.length, left]).toEqual([2_000, 6_000]);
  });
});

describe('what the kernel keeps of a connection for a minute', () => {
  const remnant = (port: number, closedAgoMs: number) => socket(port, { state: 'TIME_WAIT', closedAgoMs });
  const remnantAt = (seconds: number, closed: number, port = 40_000): Observation => ({
    ...remnant(port, (seconds - closed) * 1_000),
    seenAt: at(seconds),
  });
  const looks = (isTold = true) => {
    const briefs = createBriefs();
    return (seconds: number, sockets: Observation[], ...connects: ConnectEvent[]) =>
      briefs.join(sockets, connects, { netnsOf: () => NETNS, seenAt: at(seconds), isTold }).observations;
  };
  const aConnect = connect(1, 5, { local: local(40_000) });

  test('is no other connection in the looks after the one that explained it', () => {
    const look = looks();
    expect(look(2, [remnantAt(2, 1)], aConnect)).toMatchObject([{ brief: true, pids: [5] }]);
    expect(look(4, [remnantAt(4, 1)])).toEqual([]);
    expect(look(58, [remnantAt(58, 1)])).toEqual([]);
  });

  test('also when it was told among others, or when nothing was there yet to explain', () => {
    const look = looks();
    look(0, []);
    const many = connect(1, 5, { count: 3, localPorts: [40_000, 40_001, 40_002] });
    expect(look(2, [], many)).toMatchObject([{ attempts: 3 }]);
    expect(
      look(
        4,
        [40_000, 40_001, 40_002, 40_003].map((port) => remnantAt(4, 1, port)),
      ),
    ).toMatchObject([{ state: 'TIME_WAIT', local: local(40_003) }]);
  });

  test('is another one when it ended later, as those do that nobody told of', () => {
    const look = looks();
    look(2, [], aConnect);
    expect(look(10, [remnantAt(10, 5)])).toMatchObject([{ state: 'TIME_WAIT' }]);
  });

  test('is another one after the time that the kernel keeps it', () => {
    const look = looks();
    look(2, [], aConnect);
    look(100, [], connect(99, 5, { local: local(40_001) }));
    expect(look(101, [{ ...remnantAt(101, 1), closedAgoMs: 99_500 }])).toHaveLength(1);
  });

  test('waits for its word while it is young, and is there when none comes', () => {
    const look = looks();
    look(0, []);
    expect(look(2, [remnantAt(2, 1.95)])).toEqual([]);
    expect(look(4, [remnantAt(4, 1.95)])).toMatchObject([{ state: 'TIME_WAIT' }]);
    expect(look(6, [remnantAt(6, 5.9, 40_001)])).toEqual([]);
    expect(look(8, [], { ...aConnect, at: at(5.8), local: local(40_001) })).toMatchObject([{ brief: true }]);
    // Looks so far apart that the kernel has forgotten it.
    expect(look(10, [remnantAt(10, 9.9, 40_002)])).toEqual([]);
    expect(look(80, [])).toMatchObject([{ state: 'TIME_WAIT', local: local(40_002) }]);
    expect(look(160, [])).toEqual([]);
  });

  test('waits for nothing at a first look, without a sensor, and where somebody called here', () => {
    expect(looks()(2, [remnantAt(2, 1.95)])).toHaveLength(1);
    const blind = looks(false);
    blind(0, []);
    expect(blind(2, [remnantAt(2, 1.95)])).toHaveLength(1);
    const look = looks();
    look(0, []);
    expect(look(2, [remnantAt(2, 1.95), socket(40_000, { state: 'LISTEN' })])).toHaveLength(2);
  });

  test('a flood with a remnant each is counted once, whenever its words arrive', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            closed: fc.double({ min: 0, max: 20, noNaN: true }),
            lateMs: fc.integer({ min: 0, max: 900 }),
            openMs: fc.constantFrom(0, 0, 1, 500, 3_000),
          }),
          { maxLength: 60 },
        ),
        (flood) => {
          const look = looks();
          const keys = new Map<string, number>();
          for (let seconds = -4; seconds <= 26; seconds += 2) {
            const words = flood.flatMap(({ closed, lateMs, openMs }, index) => {
              const opened = closed - openMs / 1_000;
              const word = opened + lateMs / 1_000;
              if (word > seconds || word <= seconds - 2) return [];
              return [connect(opened, 5, { local: local(index + 1) })];
            });
            const sockets = flood.flatMap(({ closed, openMs }, index) => {
              const opened = closed - openMs / 1_000;
              if (opened > seconds) return [];
              const found = closed > seconds ? socket(index + 1, { pids: [5] }) : remnantAt(seconds, closed, index + 1);
              return [{ ...found, seenAt: at(seconds) }];
            });
            for (const each of look(seconds, sockets, ...words)) {
              // The record knows an open one again by its ends.
              const key = each.attempts === undefined ? `${each.local.port}` : `sum of ${seconds}`;
              keys.set(key, each.attempts ?? 1);
            }
          }
          const counted = [...keys.values()].reduce((sum, count) => sum + count, 0);
          expect(counted).toBe(flood.length);
        },
      ),
      { numRuns },
    );
  });
});

const story = useStories();
const command = (seconds: number, pid: number, ...events: ConnectEvent[]) => [
  fork(seconds, pid, GATEWAY),
  ...events,
  exit(seconds + 0.5, pid),
];

describe('what a look is told', () => {
  test('100,000 connections of one command are one row, quickly', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY));
    const before = process.cpuUsage();
    for (let sent = 0; sent < 100_000; sent++) it.tell(connect(1, 300, { local: local((sent % 60_000) + 1) }));
    it.tell(exit(1.9, 300));
    const look = await it.look(2);
    const { user, system } = process.cpuUsage(before);
    expect(look.brief).toMatchObject([{ attempts: 100_000, pids: [300] }]);
    expect(look.sensor?.opens).toEqual([{ netns: NETNS, opened: 100_000, owned: 100_000 }]);
    const ms = (user + system) / 1_000;
    if (process.env.CLAWWATCH_FIGURES) console.log(`100,000 events in ${ms.toFixed(0)} ms of CPU`);
    expect(ms).toBeLessThan(5_000);
  });

  test('what is beyond that is counted', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY));
    for (let sent = 0; sent < 100_500; sent++) it.tell(connect(1, 300, { count: 2 }));
    const look = await it.look(2);
    expect(look.spots['sensor.unlisted']).toContain('1000 short connections');
    expect(look.brief).toMatchObject([{ attempts: 200_000 }]);
  });

  test('an event that comes after the look that saw its remnant explains it at the next one', async () => {
    const it = story();
    await it.look(0);
    const remnant = () => socket(40_000, { state: 'TIME_WAIT', closedAgoMs: 30 });
    const first = await it.look(2, [], [remnant()]);
    expect(first.observations).toEqual([]);
    it.tell(...command(1.9, 300, connect(1.95, 300, { local: local(40_000) })));
    const second = await it.look(4, [], [remnant()]);
    expect(second.observations).toMatchObject([{ brief: true, local: local(40_000), pids: [300], openedAt: at(1.95) }]);
  });

  test("a stranger's remnant stays nobody's", async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, STRANGER), connect(1.1, 300, { local: local(40_000) }), exit(1.2, 300));
    const look = await it.look(2, [], [socket(40_000, { state: 'TIME_WAIT' })]);
    expect(look.observations).toMatchObject([{ state: 'TIME_WAIT' }]);
  });

  test('a connection of nobody known is in the sums alone', async () => {
    const it = story();
    await it.look(0);
    it.tell(connect(1, undefined, { count: 3 }), connect(1, undefined, { protocol: 'udp' }));
    const look = await it.look(2);
    expect(look.brief).toEqual([]);
    expect(look.sensor?.opens).toEqual([{ netns: NETNS, opened: 3, owned: 0 }]);
  });

  test('names from the wire, of the family’s far ends alone', async () => {
    const it = story();
    await it.look(0);
    const name = { kind: 'name', at: at(1), name: 'a.test', source: 'dns', ttlMs: 60_000 } as const;
    it.tell({ ...name, address: FAR.address }, { ...name, address: '192.0.2.99' });
    it.tell(...command(1, 300, connect(1, 300)));
    const look = await it.look(2);
    expect(look.sensor?.names).toEqual([
      { address: FAR.address, name: 'a.test', source: 'dns', seenAt: at(1), ttlMs: 60_000 },
    ]);
    it.clock.at = at(2 + 24 * 3_600);
    it.tell(...command(2 + 24 * 3_600, 301, connect(2 + 24 * 3_600, 301)));
    expect((await it.look(4 + 24 * 3_600)).sensor?.names).toEqual([]);
  });
});

describe('what should not wait', () => {
  test('is a contact of the family, once a minute for each process and end', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), connect(1, 300));
    it.tell(connect(1, 300), connect(1, 300, { remote: { address: '127.0.0.1', port: 80 } }));
    expect(it.urgent.count).toBe(1);
    it.tell(connect(1, 300, { remote: { ...FAR, port: 80 } }));
    it.tell(fork(1, 301, STRANGER), connect(1, 301), connect(1, 302), connect(1, undefined));
    expect(it.urgent.count).toBe(2);
    it.clock.at = at(62);
    it.tell(connect(62, 300));
    expect(it.urgent.count).toBe(3);
  });

  test('is whoever listens for others, and on loopback the family alone', async () => {
    const it = story();
    await it.look(0);
    const listen = (pid: number | undefined, address: string) =>
      ({ kind: 'listen', at: at(1), family: 4, local: { address, port: 8_080 }, ...(pid && { pid }) }) as const;
    it.tell(listen(STRANGER, '127.0.0.1'));
    expect(it.urgent.count).toBe(0);
    it.tell(listen(STRANGER, '0.0.0.0'), listen(GATEWAY, '127.0.0.1'), listen(undefined, '127.0.0.1'));
    it.tell(listen(STRANGER, '0.0.0.0'));
    expect(it.urgent.count).toBe(3);
  });

  test('is a loss', async () => {
    const it = story();
    it.tell({ kind: 'loss', source: 'datagrams', fromAt: at(0), toAt: at(1), why: 'x' });
    expect(it.urgent.count).toBe(1);
  });
});

describe('what was not seen', () => {
  test('is told by its source and cause, equal ones in sum, once', async () => {
    const it = story();
    const loss = { kind: 'loss', source: 'names', why: 'flood' } as const;
    it.tell({ ...loss, fromAt: at(1), toAt: at(2), count: 5 }, { ...loss, fromAt: at(2), toAt: at(3), count: 7 });
    it.tell({ ...loss, fromAt: at(0), toAt: at(1), why: 'blind' });
    it.gap({ fromAt: at(3), toAt: at(4), why: 'the sensor went away' });
    const look = await it.look(5);
    expect(look.losses).toEqual([
      { source: 'names', why: 'flood', fromAt: at(1), toAt: at(3), count: 12 },
      { source: 'names', why: 'blind', fromAt: at(0), toAt: at(1) },
      { source: 'kernel-events', why: 'the sensor went away', fromAt: at(3), toAt: at(4) },
    ]);
    expect(look.spots['sensor.lost']).toBe('12 events of the kernel');
    expect((await it.look(6)).losses).toEqual([]);
  });

  test('without end is a list with an end', async () => {
    const it = story();
    for (let count = 0; count < 5_000; count++) {
      it.tell({ kind: 'loss', source: 'queue', fromAt: at(1), toAt: at(count), count: 1, why: `reason ${count}` });
    }
    const { losses } = await it.look(5_001);
    expect(losses).toHaveLength(64);
    expect(losses.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(5_000);
  });

  test('a part that the sensor does not watch is a blind spot at each look, and one that went away too', async () => {
    const it = story();
    it.become({
      heard: true,
      status: aStatus({ missing: [{ source: 'names', why: 'no packets', fix: 'run as root' }] }),
    });
    expect((await it.look(1)).blindSpots).toEqual([
      {
        id: 'sensor.part',
        source: 'sensor',
        what: 'names from the kernel',
        why: 'no packets',
        fix: 'run as root',
        essential: false,
      },
    ]);
    it.become({ heard: false, why: 'the sensor ended', lost: true });
    const gone = await it.look(2);
    expect(gone.spots).toHaveProperty(['sensor.gone']);
    expect(gone.sensor).toBeUndefined();
  });

  test('a sensor that never was is no news', async () => {
    const it = story();
    it.become({ heard: false, why: 'no sensor is installed for this user', lost: false });
    const look = await it.look(1);
    expect([look.blindSpots, look.losses, look.sensor]).toEqual([[], [], undefined]);
  });
});
