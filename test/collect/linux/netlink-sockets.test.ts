import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type ListenOptions } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createObserver } from '../../../src/collect/linux/netlink-observation.ts';
import { createNetlinkSockets, whyNotNetlink } from '../../../src/collect/linux/netlink-sockets.ts';
import { createProcfsSockets } from '../../../src/collect/linux/sockets.ts';
import { createParts } from '../../../src/collect/parts.ts';
import { loadLibc } from '../../../src/native/libc.ts';
import type { DestroyStream } from '../../../src/native/netlink/destroy-stream.ts';
import type { DiagSocket } from '../../../src/native/netlink/inet-diag.ts';
import { STATE } from '../../../src/native/netlink/layout.ts';
import { LITTLE_ENDIAN } from '../../../src/native/netlink/socket.ts';
import type { ClosedSocket } from '../../../src/types/collector.ts';
import type { Observation } from '../../../src/types/socket.ts';
import { datagrams, errno, fakeKernel, message } from '../../native/netlink/recorded.ts';
import { differences } from './netlink-parity.ts';

const signal = new AbortController().signal;
const request = { netns: [], now: 5 };
const recordedKernel = () => fakeKernel(datagrams('tcp-both'), datagrams('udp4'), datagrams('udp6'));
const refused = () => fakeKernel([message(2, errno(2))]);
const diagSocket = (inode: number, localPort: number, remoteAddress = '198.51.100.1'): DiagSocket => ({
  ...{ family: 4, state: STATE.established, timer: 0, expiresMs: 0, uid: 0, inode },
  ...{ localAddress: '192.0.2.1', localPort, remoteAddress, remotePort: 443 },
});
const show = ({ local, remote }: Observation) => `${local.address} ${local.port} ${remote?.port ?? '-'}`;

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

describe.runIf(process.platform === 'linux' && LITTLE_ENDIAN)('what a recorded kernel says', () => {
  const read = async () => (await createNetlinkSockets({ open: recordedKernel }).read(request, signal)).observations;

  test('becomes observations of every kind', async () => {
    const observations = await read();
    expect(observations).toHaveLength(34);
    const counts = new Map<string, number>();
    for (const { protocol, state } of observations) {
      counts.set(`${protocol} ${state}`, (counts.get(`${protocol} ${state}`) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({
      'tcp LISTEN': 6,
      'tcp ESTABLISHED': 12,
      'tcp CLOSE_WAIT': 2,
      'tcp FIN_WAIT2': 2,
      'tcp SYN_SENT': 5,
      'tcp TIME_WAIT': 1,
      'udp UNCONN': 4,
      'udp ESTABLISHED': 2,
    });
  });

  test('an end is one object while its socket lives, and a number dealt out again gets ends of its own', () => {
    const observer = createObserver();
    const look = (...sockets: DiagSocket[]) => {
      observer.begin();
      const context = { source: 'procfs', seenAt: 1, netns: '7', protocol: 'tcp' } as const;
      const observations = sockets.map((socket) => observer.observe(socket, context));
      observer.end();
      return observations;
    };
    const [first, other] = look(diagSocket(1, 50_001), diagSocket(2, 50_002));
    const [again] = look(diagSocket(1, 50_001));
    expect(again?.local).toBe(first?.local);
    expect(again?.remote).toBe(first?.remote);
    expect(other?.remote).toBe(first?.remote);
    const [reused, returned] = look(diagSocket(1, 50_003), diagSocket(2, 50_002, '198.51.100.2'));
    expect(reused?.local).toEqual({ address: '192.0.2.1', port: 50_003 });
    expect(first?.local).toEqual({ address: '192.0.2.1', port: 50_001 });
    expect(returned?.remote).toEqual({ address: '198.51.100.2', port: 443 });
  });

  test('tells dual-stack listeners from IPv6-only ones for certain, and says nothing of others', async () => {
    const marks = (await read()).filter(({ dualStack }) => dualStack);
    expect(marks.map(({ protocol, local, dualStack }) => `${protocol} ${local.port} ${dualStack}`).sort()).toEqual([
      'tcp 7002 yes',
      'tcp 7003 no',
      'udp 7102 yes',
      'udp 7103 no',
    ]);
  });

  test('counts payload of the family: who accepted sent no SYN, who closed has its FIN acknowledged', async () => {
    const counted = async (family: number[]) => {
      const source = createNetlinkSockets({ open: recordedKernel });
      const { observations } = await source.read(request, signal);
      for (const socket of observations) if (socket.inode !== undefined) socket.pids = [8];
      expect(source.bytes.annotate(observations, new Set(family))).toEqual([]);
      return observations;
    };
    const others = await counted([7]);
    expect(others.some(({ bytesOut, bytesIn }) => bytesOut !== undefined || bytesIn !== undefined)).toBe(false);
    const observations = await counted([7, 8]);
    const bytes = observations.flatMap((socket) =>
      socket.bytesOut === undefined ? [] : [[socket.local.port, socket.remote?.port, socket.bytesOut, socket.bytesIn]],
    );
    const ends = (port: number) => bytes.filter((each) => each[0] === port).map(([, , out, back]) => [out, back]);
    const peers = (port: number) => bytes.filter((each) => each[1] === port).map(([, , out, back]) => [out, back]);
    expect(ends(7001)).toEqual([[5000, 7]]);
    expect(peers(7001)).toEqual([[7, 5000]]);
    expect(ends(7002).sort()).toEqual([
      [0, 100_000],
      [5000, 16],
    ]);
    expect(peers(7002).sort()).toEqual([
      [100_000, 0],
      [16, 5000],
    ]);
    expect(ends(7005).sort()).toEqual([
      [0, 4],
      [0, 5],
    ]);
    expect(peers(7005).sort()).toEqual([
      [4, 0],
      [5, 0],
    ]);
  });

  test('names no owner where the kernel has none, and dates the end of TIME_WAIT', async () => {
    const observations = await read();
    const waiting = observations.find(({ state }) => state === 'TIME_WAIT')!;
    expect(waiting).not.toHaveProperty('uid');
    expect(waiting).not.toHaveProperty('inode');
    expect(waiting).not.toHaveProperty('bytesOut');
    expect(waiting.closedAgoMs).toBe(60_000 - 59_568);
    expect(new Set(observations.filter(({ inode }) => inode).map(({ uid }) => uid))).toEqual(new Set([65534]));
  });

  test('is left out where it is the remnant of a connection that is known, and nothing else is asked about', async () => {
    const all = await read();
    const waiting = all.find(({ state }) => state === 'TIME_WAIT')!;
    const asked: unknown[] = [];
    const isKnownRemnant = (...about: unknown[]) => asked.push(structuredClone(about)) > 0;
    const reading = await createNetlinkSockets({ open: recordedKernel }).read({ ...request, isKnownRemnant }, signal);
    expect(asked).toEqual([[waiting.local.port, waiting.remote, waiting.closedAgoMs]]);
    expect(reading.observations).toEqual(all.filter((socket) => socket.state !== 'TIME_WAIT'));
    const unknown = { ...request, isKnownRemnant: () => false };
    expect((await createNetlinkSockets({ open: recordedKernel }).read(unknown, signal)).observations).toEqual(all);
  });

  test('is not taken in part: a look in which a dump fails reads /proc and says so', async () => {
    const source = createNetlinkSockets({ open: refused });
    const { netnsRead, blindSpots } = await source.read(request, signal);
    expect(netnsRead).toEqual((await createProcfsSockets().read(request, signal)).netnsRead);
    expect(blindSpots).toMatchObject([
      { id: 'netlink.dump', essential: false, why: expect.stringContaining('ENOENT') },
    ]);
    const halfway = fakeKernel(datagrams('tcp-both'), [message(3, errno(2))]);
    const reading = await createNetlinkSockets({ open: () => halfway }).read(request, signal);
    expect(reading.blindSpots).toMatchObject([{ id: 'netlink.dump' }]);
    expect(reading.observations.some(({ local }) => local.port === 7002)).toBe(false);
    expect(halfway.closes).toBe(1);
  });

  test('an aborted look rejects', async () => {
    await expect(createNetlinkSockets({ open: recordedKernel }).read(request, AbortSignal.abort())).rejects.toThrow();
  });
});

describe.runIf(process.platform === 'linux' && LITTLE_ENDIAN)('ends between looks', () => {
  const ended = (port: number): ClosedSocket => ({
    at: 1,
    family: 4,
    protocol: 'tcp',
    netns: '1',
    local: { address: '127.0.0.1', port },
    remote: { address: '127.0.0.1', port: 9 },
    bytesOut: 1,
    bytesIn: 2,
    cookie: `${port}`,
  });

  test('are asked for from the second look on, and those during a dump are told twice', async () => {
    const drains = [[1], [2], [3], []].map((ports) => ({ closed: ports.map(ended), losses: [] }));
    let streams = 0;
    const stream: DestroyStream = { drain: () => drains.shift()!, close() {} };
    const source = createNetlinkSockets({
      open: recordedKernel,
      openStream: () => {
        streams += 1;
        return stream;
      },
    });
    const first = await source.read(request, signal);
    expect(first.closedSockets).toBeUndefined();
    expect(streams).toBe(0);
    const ports = async () => (await source.read(request, signal)).closedSockets?.map(({ local }) => local.port);
    expect(await ports()).toEqual([1, 2]);
    expect(await ports()).toEqual([2, 3]);
    expect(streams).toBe(1);
  });

  test('that were lost, or cannot be told, are a blind spot that is not essential', async () => {
    const loss = { fromAt: 1, toAt: 2, why: 'too fast' };
    const losing = createNetlinkSockets({
      open: recordedKernel,
      openStream: () => ({ drain: () => ({ closed: [], losses: [loss] }), close() {} }),
    });
    const denied = createNetlinkSockets({ open: recordedKernel, openStream: () => ({ why: 'not allowed' }) });
    for (const [source, why] of [
      [losing, 'too fast'],
      [denied, 'not allowed'],
    ] as const) {
      expect((await source.read(request, signal)).blindSpots).toEqual([]);
      const { blindSpots } = await source.read(request, signal);
      expect(blindSpots).toMatchObject([{ id: 'netlink.ends', why, essential: false }]);
    }
  });
});

describe.runIf(process.platform === 'linux')('which source is taken', () => {
  const parts = (collector: 'auto' | 'netlink' | 'procfs', why?: string, procRoot?: string) =>
    createParts({
      platform: 'linux',
      collector,
      now: () => 0,
      whyNotNetlink: () => why,
      ...(procRoot === undefined ? {} : { procRoot }),
    });

  test('netlink where it works, and then no ss', () => {
    for (const wish of ['auto', 'netlink'] as const) {
      const { sockets, bytes } = parts(wish);
      expect(sockets.id).toBe('netlink');
      expect(bytes).toBe((sockets as { bytes?: unknown }).bytes);
    }
  });

  test('/proc where it was asked for, or is a recording', () => {
    expect(parts('procfs').sockets.id).toBe('procfs');
    expect(parts('procfs').bytes).toBeDefined();
    expect(parts('auto', undefined, '/nowhere').sockets.id).toBe('procfs');
  });

  test('/proc where netlink does not work, which is said and is not essential', async () => {
    const { sockets, bytes } = parts('auto', 'the kernel refuses (EPERM)');
    expect(sockets.id).toBe('procfs');
    expect(bytes).toBeDefined();
    const { blindSpots } = await sockets.read(request, signal);
    expect(blindSpots).toMatchObject([
      { id: 'netlink.unavailable', essential: false, why: expect.stringContaining('EPERM') },
    ]);
  });

  test('an error where netlink was asked for and does not work', () => {
    expect(() => parts('netlink', 'no koffi')).toThrow(/netlink/);
    expect(() => createParts({ platform: 'darwin', collector: 'netlink', now: () => 0 })).toThrow(/netlink/);
  });

  test('and why is the reason of the kernel', () => {
    expect(whyNotNetlink(() => ({ why: 'no koffi' }))).toBe('no koffi');
    if (!LITTLE_ENDIAN) return;
    expect(whyNotNetlink(refused)).toBe('TCP: the kernel refuses (ENOENT)');
    const half = fakeKernel(datagrams('tcp-both'), [message(3, errno(2))]);
    expect(whyNotNetlink(() => half)).toBe('UDP: the kernel refuses (ENOENT)');
    expect(half.closes).toBe(1);
    expect(whyNotNetlink(recordedKernel)).toBeUndefined();
  });
});

describe.runIf(!('why' in loadLibc()))('on this machine', () => {
  async function listen(options: ListenOptions): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      cleanups.push(() => socket.destroy());
      socket.on('error', () => {}).on('data', (bytes) => String(bytes) === 'leave' && socket.end());
    }).listen({ port: 0, ...options });
    cleanups.push(() => server.close());
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function open(host: string, port: number, text: string) {
    const socket = connect({ host, port, allowHalfOpen: true }).on('error', () => {});
    cleanups.push(() => socket.destroy());
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }

  async function bind(type: 'udp4' | 'udp6', address: string, ipv6Only = false) {
    const socket = createSocket({ type, ipv6Only }).bind(0, address);
    cleanups.push(() => socket.close());
    await once(socket, 'listening');
    return socket;
  }

  /** Ports of everything opened; the machine has other sockets, which come and go while we look. */
  async function openEverything(): Promise<Map<string, number>> {
    const any4 = await listen({ host: '0.0.0.0' });
    const dual = await listen({ host: '::' });
    const only = await listen({ host: '::', ipv6Only: true });
    await open('127.0.0.1', any4, 'seven..');
    await open('127.0.0.1', dual, 'mapped');
    await open('::1', only, 'six');
    (await open('127.0.0.1', any4, 'half')).end();
    (await open('::1', dual, 'x')).end('leave');
    const unconnected = await bind('udp6', '::', true);
    const connected = await bind('udp4', '127.0.0.1');
    connected.connect(9, '127.0.0.1');
    await once(connected, 'connect');
    await delay(100);
    const udp = unconnected.address().port;
    return new Map(Object.entries({ any4, dual, only, udp, connected: connected.address().port }));
  }

  test('netlink and /proc say the same of the same sockets, as any user', async () => {
    const ports = await openEverything();
    const ours = new Set(ports.values());
    const isOurs = ({ local, remote }: Observation) => ours.has(local.port) || ours.has(remote?.port ?? 0);
    const now = Date.now();
    const procfs = (await createProcfsSockets().read({ netns: [], now }, signal)).observations.filter(isOurs);
    const source = createNetlinkSockets();
    const netlink = (await source.read({ netns: [], now }, signal)).observations.filter(isOurs);
    expect(differences(netlink, procfs)).toEqual([]);
    expect(netlink.length).toBeGreaterThanOrEqual(14);
    const listener = (name: string) => netlink.find((each) => each.local.port === ports.get(name) && !each.remote);
    expect(['dual', 'only', 'udp'].map((name) => listener(name)?.dualStack)).toEqual(['yes', 'no', 'no']);
    expect(listener('any4')?.uid).toBe(process.getuid!());
    for (const socket of netlink) socket.pids = [1];
    source.bytes.annotate(netlink, new Set([1]));
    const [seven] = netlink.filter(({ bytesOut }) => bytesOut === 7);
    expect(show(seven!)).toMatch(new RegExp(`^127\\.0\\.0\\.1 \\d+ ${ports.get('any4')}$`));
  });

  test('a connection that came and went between two looks is told with its bytes', async () => {
    const source = createNetlinkSockets();
    for (const now of [1, 2]) await source.read({ netns: [], now }, signal);
    const port = await listen({ host: '127.0.0.1' });
    const socket = await open('127.0.0.1', port, 'leave');
    const { localPort } = socket.resume();
    await once(socket, 'end');
    socket.end();
    await once(socket, 'close');
    const ends: number[] = [];
    const look = async () => {
      const { closedSockets = [], netnsRead } = await source.read({ netns: [], now: 3 }, signal);
      for (const { local, bytesOut, netns } of closedSockets) {
        if (local.port !== localPort) continue;
        ends.push(bytesOut);
        expect(netns).toBe(netnsRead?.[0]);
      }
      return ends;
    };
    await expect.poll(look, { timeout: 5000 }).toContain(5);
  });
});
