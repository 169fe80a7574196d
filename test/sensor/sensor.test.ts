import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createNameHistory } from '../../src/sensor/name-history.ts';
import { createSensor, type EventSource } from '../../src/sensor/sensor.ts';
import type { SensorServer } from '../../src/sensor/server.ts';
import type { NameEvent, SensorEvent } from '../../src/types/sensor.ts';
import { until } from './link.ts';

const connect = (count?: number): SensorEvent => ({
  kind: 'connect',
  at: 1,
  pid: 5,
  protocol: 'tcp',
  family: 4,
  remote: { address: '192.0.2.1', port: 443 },
  ...(count !== undefined && { count }),
});
const named = (address: string, more: Partial<NameEvent> = {}): NameEvent => ({
  kind: 'name',
  at: 1_000,
  address,
  name: 'a.test',
  source: 'dns',
  ...more,
});

/** A source that gives what the test puts into it; an error is thrown once. */
function source(more: Partial<EventSource> = {}) {
  const waiting: (SensorEvent | Error)[] = [];
  const made = {
    waiting,
    closed: 0,
    drained: 0,
    sources: ['tcp'] as EventSource['sources'],
    missing: [] as EventSource['missing'],
    drain(): SensorEvent[] {
      made.drained++;
      const all = waiting.splice(0);
      const error = all.find((one) => one instanceof Error);
      if (error !== undefined) throw error;
      return all as SensorEvent[];
    },
    close: () => void made.closed++,
    ...more,
  };
  return made;
}

function run(sources: EventSource[], now: () => number = () => 1_000) {
  const stop = new AbortController();
  const told: SensorEvent[] = [];
  const errors: unknown[] = [];
  let statuses = 0;
  let closed = 0;
  const server: SensorServer = {
    publish: (events) => void told.push(...events),
    tellStatus: () => void statuses++,
    readers: () => 0,
    dropped: () => 3,
    close: () => void closed++,
  };
  const sensor = createSensor({ sources, now, pid: 7, stop: stop.signal, onError: (error) => errors.push(error) });
  const ended = sensor.run(server);
  return { sensor, told, errors, stop, ended, statuses: () => statuses, closed: () => closed };
}

describe('the loop of the sensor', () => {
  test('tells what the sources saw, and a last time when it is stopped', async () => {
    const [one, two] = [source(), source()];
    const it = run([one, two]);
    one.waiting.push(connect());
    two.waiting.push(named('192.0.2.1'));
    await until(() => it.told.length === 2);
    one.waiting.push(connect(4));
    it.stop.abort();
    await it.ended;
    expect(it.told).toEqual([connect(), named('192.0.2.1'), connect(4)]);
    expect([one.closed, two.closed, it.closed()]).toEqual([1, 1, 1]);
  });

  test('counts connections, names, listeners and losses, those of slow readers included', async () => {
    const only = source({ blindness: () => ({ dot: 1, doh: 2, ech: 0, malformed: 4 }) });
    const it = run([only, source({ blindness: () => ({ dot: 1, doh: 0, ech: 5, malformed: 0 }) })]);
    const listen: SensorEvent = { kind: 'listen', at: 1, family: 4, local: { address: '0.0.0.0', port: 1 } };
    const loss: SensorEvent = { kind: 'loss', source: 'names', fromAt: 1, toAt: 2, why: 'x', count: 10 };
    only.waiting.push(connect(), connect(99), listen, named('192.0.2.1'), loss);
    await until(() => it.told.length === 5);
    it.stop.abort();
    await it.ended;
    expect(it.sensor.status()).toEqual({
      version: 1,
      pid: 7,
      startedAt: 1_000,
      sources: ['tcp'],
      missing: [],
      nameBlindness: { dot: 2, doh: 2, ech: 5, malformed: 4 },
      counts: { connects: 100, listens: 1, names: 1, lost: 13 },
    });
    expect(it.sensor.past()).toEqual([named('192.0.2.1')]);
  });

  test('tells its status now and then', async () => {
    let at = 1_000;
    const it = run([source()], () => at);
    await delay(120);
    expect(it.statuses()).toBe(0);
    at += 10_000;
    await until(() => it.statuses() === 1);
    // Backwards too: a clock that was set back must not silence it.
    at -= 60_000;
    await until(() => it.statuses() === 2);
    it.stop.abort();
    await it.ended;
  });

  test('stopped before it began, it looks once and closes', async () => {
    const only = source();
    only.waiting.push(connect());
    const stop = new AbortController();
    stop.abort();
    const sensor = createSensor({ sources: [only], now: () => 1, pid: 1, stop: stop.signal });
    const told: SensorEvent[] = [];
    const server = { publish: (events: readonly SensorEvent[]) => void told.push(...events), close: () => {} };
    await sensor.run(server as unknown as SensorServer);
    expect([told, only.closed]).toEqual([[connect()], 1]);
  });
});

describe('a source that fails', () => {
  test('is blind for a while, on record and in the status, and the others go on', async () => {
    let at = 1_000;
    const [bad, good] = [source(), source({ sources: ['names'] })];
    const it = run([bad, good], () => at);
    bad.waiting.push(new Error('EIO'));
    await until(() => it.told.length === 1);
    const why = 'reading failed: EIO';
    expect(it.told).toEqual([{ kind: 'loss', source: 'kernel-events', fromAt: 1_000, toAt: 1_000, why }]);
    at = 4_000;
    good.waiting.push(named('192.0.2.1'));
    await until(() => it.told.length === 3);
    // It came back: what it missed ends here, and nothing of it is in the status any more.
    expect(it.told.slice(1)).toEqual([
      { kind: 'loss', source: 'kernel-events', fromAt: 1_000, toAt: 4_000, why },
      named('192.0.2.1'),
    ]);
    expect(it.sensor.status().missing).toEqual([]);
    it.stop.abort();
    await it.ended;
  });

  test('again and again fills neither journal nor record', async () => {
    let at = 1_000;
    let tries = 0;
    const bad = source({
      sources: ['names'],
      drain: () => {
        tries++;
        throw new Error('EBADF');
      },
    });
    const it = run([bad], () => at);
    await until(() => tries >= 8);
    expect([it.errors.length, it.told.length]).toEqual([1, 1]);
    const why = 'reading failed: EBADF';
    expect(it.sensor.status().missing).toEqual([{ source: 'names', why }]);
    at = 12_000;
    await until(() => it.told.length === 2);
    expect(it.told[1]).toEqual({ kind: 'loss', source: 'names', fromAt: 1_000, toAt: 12_000, why });
    it.stop.abort();
    await it.ended;
    expect(it.errors).toHaveLength(1);
  });

  test('without an error object fails no worse', async () => {
    const bad = source({
      drain: () => {
        throw undefined;
      },
    });
    const it = run([bad]);
    await until(() => it.told.length === 1);
    expect(it.told).toMatchObject([{ kind: 'loss', why: 'reading failed: without a reason' }]);
    it.stop.abort();
    await it.ended;
  });

  test('two of them are both told', async () => {
    const throwing = (why: string) => () => {
      throw new Error(why);
    };
    const it = run([source({ drain: throwing('one') }), source({ sources: ['names'], drain: throwing('two') })]);
    await until(() => it.told.length === 2);
    expect(it.sensor.status().missing).toMatchObject([{ why: 'reading failed: one' }, { why: 'reading failed: two' }]);
    it.stop.abort();
    await it.ended;
  });
});

describe('names for readers that come later', () => {
  test('are DNS answers alone, each once, in the order of their last sight', () => {
    const history = createNameHistory();
    history.add(named('192.0.2.1'));
    history.add(named('192.0.2.2'));
    history.add(named('192.0.2.3', { source: 'sni' }));
    history.add(named('192.0.2.1', { at: 2_000 }));
    expect(history.recent(2_000)).toEqual([named('192.0.2.2'), named('192.0.2.1', { at: 2_000 })]);
  });

  test('are told apart by who answered, by name and by namespace', () => {
    const history = createNameHistory();
    const all = [{}, { server: '192.0.2.53' }, { name: 'b.test' }, { netns: '1' }].map((more) =>
      named('192.0.2.1', more),
    );
    for (const event of [...all, ...all]) history.add(event);
    expect(history.recent(1_000)).toEqual(all);
  });

  test('are a day old at the most', () => {
    const history = createNameHistory();
    const day = 24 * 60 * 60_000;
    history.add(named('192.0.2.1'));
    expect(history.recent(1_000 + day)).toHaveLength(1);
    expect(history.recent(1_001 + day)).toEqual([]);
  });

  test('of a flood keep the newest', () => {
    const history = createNameHistory(100);
    for (let count = 0; count < 5_000; count++) history.add(named('192.0.2.1', { name: `n${count}.test` }));
    const kept = history.recent(1_000);
    expect(kept).toHaveLength(100);
    expect([kept[0]?.name, kept[99]?.name]).toEqual(['n4900.test', 'n4999.test']);
  });
});
