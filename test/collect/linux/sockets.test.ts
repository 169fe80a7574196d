import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createProcfsProcesses } from '../../../src/collect/linux/processes.ts';
import { createSocketOwners } from '../../../src/collect/linux/socket-owners.ts';
import { createProcfsSockets } from '../../../src/collect/linux/sockets.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';

const signal = new AbortController().signal;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function fakeProc(): FakeProc {
  const proc = createFakeProc();
  cleanups.push(proc.remove);
  return proc;
}

/** A fake `/proc` with the recorded tables as our own, or as those of a process. */
function recordedProc(...directories: string[]): FakeProc {
  const proc = fakeProc();
  for (const directory of directories) {
    cpSync('test/fixtures/linux/mixed/net', join(proc.root, directory), { recursive: true });
  }
  return proc;
}

const read = (proc: FakeProc, netns: { netns: string; pid: number }[] = []) =>
  createProcfsSockets({ procRoot: proc.root }).read({ netns, now: 5 }, signal);

describe('createProcfsSockets', () => {
  test('reads the four tables of our namespace and marks dual-stack listeners', async () => {
    const { observations, blindSpots } = await read(recordedProc('net'));
    expect(blindSpots).toEqual([]);
    expect(observations).toHaveLength(24);
    expect(new Set(observations.map(({ netns }) => netns))).toEqual(new Set(['4026531840']));
    const marks = observations
      .filter(({ dualStack }) => dualStack)
      .map((socket) => `${socket.protocol} ${socket.local.port} ${socket.dualStack}`);
    // v6only as ss saw it: 18789 and 18792 off, 18790 and 5353 on, 41641 off, which /proc cannot tell.
    expect(marks.sort()).toEqual([
      'tcp 18789 yes',
      'tcp 18790 no',
      'tcp 18792 yes',
      'udp 41641 unknown',
      'udp 5353 no',
    ]);
  });

  test('reads another namespace through a process in it, once, and never our own a second time', async () => {
    const proc = recordedProc('net', '200/net', '201/net');
    proc.put({ pid: 200, netns: '99' });
    proc.put({ pid: 201, netns: '99' });
    const { observations } = await read(proc, [
      { netns: '99', pid: 200 },
      { netns: '99', pid: 201 },
      { netns: '4026531840', pid: 100 },
    ]);
    expect(observations.filter(({ netns }) => netns === '99')).toHaveLength(24);
    expect(observations).toHaveLength(48);
  });

  test('a namespace whose process is gone, or is in another namespace by now, is skipped and named', async () => {
    const proc = recordedProc('net', '200/net');
    proc.put({ pid: 200, netns: '77' });
    for (const pid of [200, 300]) {
      const { observations, blindSpots } = await read(proc, [{ netns: '99', pid }]);
      expect(observations).toHaveLength(24);
      expect(blindSpots).toMatchObject([{ id: 'proc.netns.vanished', essential: false }]);
    }
  });

  test('a kernel without IPv6 misses nothing; a lost IPv6 table beside IPv6 addresses is essential', async () => {
    const proc = fakeProc();
    for (const name of ['tcp', 'udp']) proc.file(`net/${name}`, readFileSync(`test/fixtures/linux/mixed/net/${name}`));
    expect((await read(proc)).blindSpots).toEqual([]);
    proc.file('net/if_inet6', '');
    expect((await read(proc)).blindSpots).toMatchObject([
      { id: 'proc.net.tcp6.unreadable', essential: true },
      { id: 'proc.net.udp6.unreadable', essential: false },
    ]);
  });

  test('no TCP table is an essential blind spot, and the others are read', async () => {
    const proc = fakeProc();
    proc.file('net/udp', readFileSync('test/fixtures/linux/mixed/net/udp'));
    const { observations, blindSpots } = await read(proc);
    expect(observations).toHaveLength(3);
    expect(blindSpots).toMatchObject([{ id: 'proc.net.tcp.unreadable', essential: true }]);
  });

  test('lines that make no sense are an essential blind spot, the good ones count', async () => {
    const proc = recordedProc('net');
    const table = readFileSync('test/fixtures/linux/mixed/net/tcp');
    proc.file('net/tcp', Buffer.concat([table, Buffer.from('nonsense\n'), Buffer.alloc(200_000, 0x20)]));
    const { observations, blindSpots } = await read(proc);
    expect(observations).toHaveLength(24);
    expect(blindSpots).toMatchObject([{ id: 'proc.net.malformed', essential: true }]);
  });

  test('a table longer than any buffer is read whole', async () => {
    const proc = fakeProc();
    const [header, ...lines] = readFileSync('test/fixtures/linux/mixed/net/tcp', 'latin1').trimEnd().split('\n');
    const body = Array.from({ length: 5000 }, (_, index) => lines[index % lines.length]);
    proc.file('net/tcp', `${[header, ...body].join('\n')}\n`);
    proc.file('net/udp', `${header}\n`);
    const { observations, blindSpots } = await read(proc);
    expect(observations).toHaveLength(5000);
    expect(blindSpots).toEqual([]);
  });

  test('later looks, which do not ask again at the end of a table, see the same at every table length', async () => {
    const [header, ...lines] = readFileSync('test/fixtures/linux/mixed/net/tcp', 'latin1').trimEnd().split('\n');
    const proc = fakeProc();
    proc.file('net/udp', `${header}\n`);
    const source = createProcfsSockets({ procRoot: proc.root });
    for (const count of [0, 1, 20, 25, 26, 27, 28, 54, 430, 436, 437, 438, 900]) {
      const body = Array.from({ length: count }, (_, index) => lines[index % lines.length]);
      proc.file('net/tcp', `${[header, ...body].join('\n')}\n`);
      expect((await source.read({ netns: [], now: 1 }, signal)).observations).toHaveLength(count);
    }
  });

  test('an aborted look rejects', async () => {
    const request = { netns: [], now: 1 };
    await expect(createProcfsSockets().read(request, AbortSignal.abort())).rejects.toThrow();
  });
});

describe.runIf(process.platform === 'linux')('on this machine', () => {
  async function listen(host: string): Promise<{ server: Server; port: number; accepted: Promise<Socket> }> {
    const server = createServer((socket) => socket.on('error', () => {})).listen(0, host);
    cleanups.push(() => server.close());
    const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
    await once(server, 'listening');
    return { server, port: (server.address() as AddressInfo).port, accepted };
  }

  async function bind(type: 'udp4' | 'udp6', address: string) {
    const socket = createSocket(type);
    cleanups.push(() => socket.close());
    socket.bind(0, address);
    await once(socket, 'listening');
    return socket;
  }

  test('our own sockets are found with our pid: listeners, an accepted connection, UDP bound and connected', async () => {
    const [v4, v6] = [await listen('127.0.0.1'), await listen('::1')];
    const client = connect(v4.port, '127.0.0.1');
    await once(client, 'connect');
    const accepted = await v4.accepted;
    const [bound, connected] = [await bind('udp6', '::1'), await bind('udp4', '127.0.0.1')];
    connected.connect(9, '127.0.0.1');
    await once(connected, 'connect');

    const table = await createProcfsProcesses().read(signal);
    const source = createProcfsSockets();
    // The second look takes another way to the end of a table than the first.
    await source.read({ netns: [], now: 1 }, signal);
    const { observations } = await source.read({ netns: [], now: 1 }, signal);
    createSocketOwners().assign({
      observations,
      table,
      family: new Set([process.pid]),
      host: 'listeners-and-touched',
      touchedPorts: new Set(),
    });
    const ours = observations.filter(({ pids }) => pids?.includes(process.pid));
    const shown = ours.map(
      ({ protocol, state, local, remote }) =>
        `${protocol} ${state} ${local.address} ${local.port} ${remote?.port ?? '-'}`,
    );
    expect(shown).toEqual(
      expect.arrayContaining([
        `tcp LISTEN 127.0.0.1 ${v4.port} -`,
        `tcp LISTEN ::1 ${v6.port} -`,
        `tcp ESTABLISHED 127.0.0.1 ${v4.port} ${client.localPort}`,
        `tcp ESTABLISHED 127.0.0.1 ${client.localPort} ${v4.port}`,
        `udp UNCONN ::1 ${bound.address().port} -`,
        `udp ESTABLISHED 127.0.0.1 ${connected.address().port} 9`,
      ]),
    );
    expect(ours[0]?.uid).toBe(process.getuid?.());
    accepted.destroy();
    client.destroy();
  });
});
