import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventClock } from '../../../src/sensor/tracefs/clock.ts';
import { createProcessMap } from '../../../src/sensor/tracefs/processes.ts';
import { createTimeline, type Stream } from '../../../src/sensor/tracefs/timeline.ts';
import type { SensorEvent } from '../../../src/types/sensor.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';
import {
  eventBytes,
  execBytes,
  long,
  numRuns,
  pageBytes,
  recordedPages,
  short,
  single,
  stream,
  viewOf,
} from './pages.ts';

const DONE = 1e12;
let proc: FakeProc;

beforeAll(() => {
  proc = createFakeProc();
  proc.add(50, 1);
});
afterAll(() => proc.close());

function create(baseNs = 0n) {
  let isStarted = false;
  // The clock's base is what it says first; afterwards it is late enough for every event to be in the past.
  const monotonicNs = () => {
    if (isStarted) return baseNs + BigInt(DONE);
    isStarted = true;
    return baseNs;
  };
  const clock = createEventClock(() => 1e6, monotonicNs);
  const processes = createProcessMap(proc.root);
  const timeline = createTimeline(clock, processes);
  const add = (page: Buffer, from: Stream = stream()) => timeline.addPage(from, viewOf(page), page.length);
  return { timeline, add, processes };
}

const fork = (tid: number, child: number, flags = 0) =>
  eventBytes('fork', { common_pid: tid, pid: child, clone_flags: flags, comm: Buffer.from('a\nb\0') });
const exit = (tid: number) => eventBytes('exit', { common_pid: tid, pid: tid, group_dead: 1 });
const connect = (tid: number, last: number, socket = 0xffff_8881_0000_1000n) =>
  eventBytes('tcp', {
    common_pid: tid,
    skaddr: socket,
    oldstate: 7,
    newstate: 2,
    family: 2,
    protocol: 6,
    dport: 443,
    daddr: Buffer.from([203, 0, 113, last]),
  });

describe('createTimeline', () => {
  test('tells the recorded program as it was', () => {
    const pages = recordedPages('mixed.pages');
    const base = pages.map((page) => page.readBigUInt64LE(0)).reduce((a, b) => (a < b ? a : b));
    const { timeline, add, processes } = create(base);
    for (const page of pages) add(page);
    const events = timeline.take(DONE);
    const forks = events.filter((event) => event.kind === 'fork');
    const main = forks[0]!.pid;
    const child = forks[1]!.pid;
    expect(forks.map(({ ppid }) => ppid)).toEqual([forks[0]!.ppid, main]);
    const connects = events.flatMap((event) => (event.kind === 'connect' ? [event] : []));
    const line = (event: (typeof connects)[number]) =>
      `${event.pid} ${event.protocol}${event.family} ${event.remote.address} ${event.remote.port} ${event.outcome ?? '-'}`;
    expect(connects.map(line)).toEqual([
      `${main} tcp4 127.0.0.1 7001 established`,
      `${main} tcp6 ::1 7001 established`,
      `${main} tcp6 127.0.0.1 7001 established`,
      `${main} tcp4 127.0.0.1 7002 failed`,
      `${main} tcp4 127.0.0.3 7001 established`,
      `${child} tcp4 127.0.0.4 7001 established`,
      `${main} udp4 127.0.0.5 7005 -`,
      `${main} udp6 ::1 7006 -`,
      `${main} udp4 127.0.0.7 7007 -`,
      `${main} udp4 198.51.100.1 7008 failed`,
      `${main} udp6 2001:db8:ffff::1 7009 failed`,
    ]);
    expect(connects.every((event) => event.count === undefined)).toBe(true);
    expect(connects.slice(0, 6).every((event) => event.local!.port > 1024)).toBe(true);
    expect(events.filter((event) => event.kind === 'listen')).toMatchObject([
      { pid: main, family: 6, local: { address: '::', port: 7001 } },
    ]);
    expect(events.filter((event) => event.kind === 'exec').at(-1)).toMatchObject({
      pid: child,
      filename: '/usr/bin/true',
    });
    expect(events.flatMap((event) => (event.kind === 'exit' ? [event.pid] : []))).toEqual([child, main]);
    expect(processes.size).toBeLessThanOrEqual(1);
    expect(JSON.stringify(events)).not.toMatch(/socket|skaddr/);
  });

  test('knows a fork of one CPU before the connect on another, in whichever order they are read', () => {
    const { timeline, add } = create();
    add(single(2_000, connect(71, 1)));
    expect(timeline.take(1_000)).toEqual([]);
    add(single(1_500, fork(70, 71, 0x1_0000)));
    add(single(1_200, fork(50, 70)));
    const events = timeline.take(DONE);
    expect(events).toMatchObject([
      { kind: 'fork', pid: 70, ppid: 50, comm: 'a\nb' },
      { kind: 'connect', pid: 70, remote: { address: '203.0.113.1', port: 443 } },
    ]);
  });

  test('tells a connect without an answer before the end of its process', () => {
    const { timeline, add } = create();
    add(single(1, fork(50, 70)));
    add(single(2, connect(70, 1)));
    add(single(3, connect(50, 2, 0xffff_8881_0000_2000n)));
    add(single(4, exit(70)));
    expect(timeline.take(5).map((event) => 'pid' in event && [event.kind, event.pid])).toEqual([
      ['fork', 70],
      ['connect', 70],
      ['exit', 70],
    ]);
  });

  test('leaves the pid out when the thread is gone, and when an interrupt hides it', () => {
    const { timeline, add } = create();
    add(single(1, connect(4_000_000, 1)));
    const inInterrupt = connect(50, 2, 0xffff_8881_0000_2000n);
    inInterrupt[2] = 0x10;
    add(single(2, inInterrupt));
    const events = timeline.take(DONE);
    expect(events.map((event) => event.kind)).toEqual(['connect', 'connect']);
    for (const event of events) expect(event).not.toHaveProperty('pid');
  });

  test('counts what was lost, once for each drain, by the counter where a page has no room', () => {
    const { timeline, add } = create();
    let lost = 30;
    const from = stream('datagrams', () => lost);
    add(pageBytes(5_000_000n, [short(0, exit(1))], 'unknown'), from);
    add(pageBytes(6_000_000n, [short(0, exit(1))], 7), from); // The counter was ahead: told already.
    lost = 42;
    add(pageBytes(7_000_000n, [short(0, exit(1))], 12), from);
    add(pageBytes(8_000_000n, [short(0, exit(1))], 9));
    const at = 1e6;
    expect(timeline.take(DONE)).toEqual(
      [
        {
          kind: 'loss',
          source: 'datagrams',
          count: 42,
          fromAt: expect.any(Number),
          toAt: expect.any(Number),
          why: expect.any(String),
        },
        {
          kind: 'loss',
          source: 'kernel-events',
          count: 9,
          fromAt: at - 1e6,
          toAt: at - 1e6 + 8,
          why: expect.any(String),
        },
      ].map((loss) => expect.objectContaining({ kind: loss.kind, source: loss.source, count: loss.count })),
    );
  });

  test('believes nothing of a broken page and says so', () => {
    const { timeline, add } = create();
    const page = pageBytes(0n, [short(0, fork(50, 60)), short(0, exit(50).subarray(0, 8))]);
    add(page);
    const future = single(2 * DONE, fork(50, 61));
    add(future);
    const events = timeline.take(3 * DONE);
    expect(events.map((event) => event.kind)).toEqual(['loss', 'loss']);
    expect(events.every((event) => !('count' in event))).toBe(true);
  });

  test('looks at all processes again after a loss', () => {
    const { timeline, add, processes } = create();
    proc.add(900, 1, [901]);
    add(pageBytes(0n, [short(0, exit(1))], 3));
    timeline.take(DONE);
    proc.remove(900);
    proc.remove(901);
    expect(processes.pidOf(901)).toBe(900);
  });

  test('keeps file names as they are', () => {
    const { timeline, add } = create();
    add(single(1, execBytes({ pid: 50, old_pid: 50 }, Buffer.from('/tmp/x\n[000] 1.0: exit\u001b[2J'))));
    expect(timeline.take(DONE)).toMatchObject([
      { kind: 'exec', pid: 50, filename: '/tmp/x\n[000] 1.0: exit\u001b[2J' },
    ]);
  });

  test('a program name or a file name of any bytes is text of its event, and no other event', () => {
    const text = (maxLength: number) =>
      fc.oneof(
        fc.uint8Array({ maxLength }),
        fc
          .constantFrom('\n<idle>-0 [000] 1.0: exit', '\r\n\0', '\u001b]0;x\u0007', '{"kind":"connect"}')
          .map((line) => {
            return new Uint8Array(Buffer.from(line).subarray(0, maxLength));
          }),
      );
    fc.assert(
      fc.property(text(16), text(200), fc.boolean(), (comm, filename, isForked) => {
        const birth = { common_pid: 50, pid: 60, clone_flags: 0, comm };
        const pid = isForked ? 60 : 50;
        const entries = [
          ...(isForked ? [long(1, eventBytes('fork', birth))] : []),
          long(1, execBytes({ common_pid: pid, pid, old_pid: pid }, filename)),
          long(1, connect(pid, 7)),
        ];
        const { timeline, add } = create();
        add(pageBytes(0n, entries));
        const events = timeline.take(DONE);
        expect(events.map((event) => [event.kind, 'pid' in event && event.pid])).toEqual([
          ...(isForked ? [['fork', 60]] : []),
          ['exec', pid],
          ['connect', pid],
        ]);
        for (const event of events) {
          if (event.kind === 'fork') expect(event.comm.length).toBeLessThanOrEqual(16);
          if (event.kind === 'exec') expect(event.filename.length).toBeLessThanOrEqual(200);
          if (event.kind === 'connect') expect(event.remote).toEqual({ address: '203.0.113.7', port: 443 });
        }
      }),
      { numRuns },
    );
  });

  test('survives flipped bits, and names no process that the page does not name', () => {
    const pages = [...recordedPages('mixed.pages'), ...recordedPages('lost.pages')];
    const flip = fc.tuple(fc.nat(4095), fc.nat(7));
    fc.assert(
      fc.property(fc.constantFrom(...pages), fc.array(flip, { minLength: 1, maxLength: 40 }), (page, flips) => {
        const copy = Buffer.from(page);
        for (const [at, bit] of flips) copy[at]! ^= 1 << bit;
        const { timeline, add } = create(page.readBigUInt64LE(0));
        add(copy);
        for (const event of timeline.take(DONE)) for (const pid of pidsOf(event)) expect(names(copy, pid)).toBe(true);
      }),
      { numRuns },
    );
  });
});

function pidsOf(event: SensorEvent): number[] {
  if (event.kind === 'loss' || event.kind === 'name' || event.kind === 'question') return [];
  if (event.pid === undefined) return [];
  return event.kind === 'fork' ? [event.pid, event.ppid] : [event.pid];
}

/** Whether the number is somewhere in the page; 0 says that a parent is not known, 50 and 1 are in `/proc`. */
function names(page: Buffer, pid: number): boolean {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(pid);
  return pid === 0 || pid === 1 || pid === 50 || page.includes(bytes);
}
