import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { loadLibc } from '../../../src/native/libc.ts';
import { type DestroyStream, openDestroyStream } from '../../../src/native/netlink/destroy-stream.ts';
import type { Received } from '../../../src/native/netlink/socket.ts';
import { numRuns } from '../../collect/linux/fuzz.ts';
import { datagrams, type FakeKernel, fakeKernel } from './recorded.ts';

const open: DestroyStream[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

/** A stream that finds `events` when it is drained; `give` adds more. */
function stream(events: (Buffer | Received)[], options: { limit?: number; everyMs?: number } = {}) {
  const queue = [...events];
  const kernel: FakeKernel = fakeKernel([]);
  let clock = 1000;
  kernel.receive = (buffer) => {
    const next = queue.shift();
    if (next === undefined) return { kind: 'empty' };
    if (!Buffer.isBuffer(next)) return next;
    next.copy(buffer);
    return next.length > buffer.length ? { kind: 'truncated' } : { kind: 'data', length: next.length };
  };
  const groups: number[] = [];
  const opened = openDestroyStream({
    netns: '7',
    everyMs: 0,
    little: true,
    ...options,
    now: () => clock,
    open: (wanted) => {
      groups.push(wanted);
      return kernel;
    },
  });
  if ('why' in opened) throw new Error(opened.why);
  open.push(opened);
  return {
    opened,
    kernel,
    queue,
    groups,
    give: (...more: (Buffer | Received)[]) => queue.push(...more),
    at: (ms: number) => (clock = ms),
  };
}

const LOST: Received = { kind: 'error', errno: 105 };

describe('the stream of ends', () => {
  test('tells each connection that ended with its payload, and no listener or empty socket', () => {
    const { opened, groups } = stream(datagrams('destroy'));
    const { closed, losses } = opened.drain();
    expect(losses).toEqual([]);
    expect(groups).toEqual([0b101]);
    expect(closed.map(({ local, remote, bytesOut, bytesIn }) => [local.port, remote.port, bytesOut, bytesIn])).toEqual([
      [44928, 7005, 5, 0],
      [7005, 44928, 0, 5],
      [7004, 50814, 5000, 8],
      [50814, 7004, 8, 5000],
      // Aborted by the peer: its end without a far end has nothing to tell, ours got five bytes and no FIN.
      [7001, 58026, 0, 4],
    ]);
    expect(closed[2]).toEqual({
      at: 1000,
      family: 6,
      protocol: 'tcp',
      netns: '7',
      local: { address: '::1', port: 7004 },
      remote: { address: '::1', port: 50814 },
      bytesOut: 5000,
      bytesIn: 8,
      cookie: '4315',
    });
    expect(opened.drain()).toEqual({ closed: [], losses: [] });
  });

  test('says from when to when ends may be missing, and goes on', () => {
    const { opened, give, at } = stream([]);
    at(2000);
    opened.drain();
    at(5000);
    give(LOST, LOST, datagrams('destroy')[0]!);
    const { closed, losses } = opened.drain();
    expect(closed).toHaveLength(1);
    expect(losses).toEqual([{ fromAt: 2000, toAt: 5000, why: 'connections ended faster than they were fetched' }]);
  });

  test('holds no more than its limit, and says so', () => {
    const one = datagrams('destroy')[0]!;
    const { opened } = stream(new Array(30).fill(one), { limit: 7 });
    const { closed, losses } = opened.drain();
    expect(closed).toHaveLength(7);
    expect(losses).toMatchObject([{ why: expect.stringContaining('held in memory') }]);
  });

  test('reads only so much at once, and the rest at the next call', () => {
    const { opened } = stream(new Array(10_500).fill(datagrams('destroy')[0]!));
    expect(opened.drain().closed).toHaveLength(10_000);
    expect(opened.drain().closed).toHaveLength(500);
  });

  test('reads by itself between two calls, and not after its end', async () => {
    const { opened, kernel, queue, give } = stream([], { everyMs: 5 });
    give(datagrams('destroy')[0]!);
    await expect.poll(() => queue.length, { timeout: 2000 }).toBe(0);
    expect(opened.drain().closed).toHaveLength(1);
    opened.close();
    opened.close();
    expect(kernel.closes).toBe(1);
    give(datagrams('destroy')[0]!);
    await delay(20);
    expect(queue).toHaveLength(1);
    expect(opened.drain()).toEqual({ closed: [], losses: [] });
  });

  test('that cannot be opened says why', () => {
    expect(openDestroyStream({ open: () => ({ why: 'not allowed' }) })).toEqual({ why: 'not allowed' });
  });

  test('survives every damage, and what it tells is possible', () => {
    const recorded = datagrams('destroy');
    const damaged = fc
      .tuple(fc.constantFrom(...recorded), fc.array(fc.tuple(fc.nat(5000), fc.nat(7)), { maxLength: 6 }), fc.nat(600))
      .map(([datagram, flips, cut]) => {
        const copy = Buffer.from(datagram.subarray(0, cut));
        for (const [at, bit] of flips) if (copy.length > 0) copy[at % copy.length]! ^= 1 << bit;
        return copy;
      });
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.oneof(damaged, noise), { maxLength: 5 }), (events) => {
        const { opened } = stream(events);
        const { closed, losses } = opened.drain();
        for (const { bytesOut, bytesIn } of closed) {
          for (const value of [bytesOut, bytesIn]) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
        }
        for (const { fromAt, toAt } of losses) expect(fromAt).toBeLessThanOrEqual(toAt);
        opened.close();
        open.pop();
      }),
      { numRuns },
    );
  });
});

const libc = loadLibc();
describe.runIf(!('why' in libc))('on this machine', () => {
  test('a connection over loopback ends with what was really sent, at both ends', async () => {
    const opened = openDestroyStream();
    if ('why' in opened) throw new Error(opened.why);
    open.push(opened);
    const server = createServer((socket) => {
      socket.on('data', () => socket.end('answer'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    client.resume().write('a question');
    const localPort = await once(client, 'connect').then(() => client.localPort);
    await once(client, 'close');
    server.close();
    const ends: [number, number, number][] = [];
    await expect
      .poll(
        () => {
          for (const { local, remote, bytesOut, bytesIn } of opened.drain().closed) {
            if (local.port === localPort || remote.port === localPort) ends.push([local.port, bytesOut, bytesIn]);
          }
          return ends.length;
        },
        { timeout: 5000 },
      )
      .toBe(2);
    const ours = ends.find(([local]) => local === localPort)!;
    const theirs = ends.find(([local]) => local === port)!;
    expect(ours[1]).toBe(10);
    expect(theirs[1]).toBe(6);
    // Less one where the peer's FIN came after the socket was freed.
    expect([5, 6]).toContain(ours[2]);
    expect([9, 10]).toContain(theirs[2]);
  });
});
