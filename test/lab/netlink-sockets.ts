/**
 * Runs inside a namespace of its own: opens sockets of every kind, reads them through netlink and through `/proc`, and
 * prints both as JSON. With `record FOLDER` it writes the kernel's datagrams there instead. Reaches loopback only, and
 * neighbours behind a cable that leads to nobody.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createNetlinkSockets } from '../../src/collect/linux/netlink-sockets.ts';
import { createProcfsSockets } from '../../src/collect/linux/sockets.ts';
import { createAddressReader } from '../../src/native/netlink/address.ts';
import { openDestroyStream } from '../../src/native/netlink/destroy-stream.ts';
import { createDumper } from '../../src/native/netlink/dump.ts';
import type { DumpWish } from '../../src/native/netlink/request.ts';
import { type NetlinkSocket, openSockDiag } from '../../src/native/netlink/socket.ts';

/** Accepts nobody: its event loop stands still from the moment it listens. */
const DEAF = `
  const server = require('node:net').createServer(() => {});
  server.listen({ host: '127.0.0.1', port: 7006, backlog: 1 }, () => {
    require('node:fs').writeSync(1, 'ready');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    process.exit();
  });`;

async function listen(options: ListenOptions): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const text = bytes.toString();
      if (text.startsWith('ask')) socket.write('x'.repeat(5000));
      if (text === 'leave') socket.end();
    });
  }).listen(options);
  await once(server, 'listening');
  return server;
}

async function open(host: string, port: number, text?: string): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true }).on('error', () => {});
  await once(socket, 'connect');
  if (text !== undefined) socket.write(text);
  return socket;
}

/** Ports below 7100 are TCP, above UDP. */
async function openEverything(): Promise<{ leave: Socket; deaf: ReturnType<typeof spawn> }> {
  await listen({ host: '0.0.0.0', port: 7001 });
  await listen({ host: '::', port: 7002 });
  await listen({ host: '::', port: 7003, ipv6Only: true });
  await listen({ host: '::1', port: 7004 });
  await listen({ host: '127.0.0.1', port: 7005 });
  await open('127.0.0.1', 7001, 'ask one');
  await open('127.0.0.1', 7002, 'ask a mapped one');
  await open('::1', 7002, 'x'.repeat(100_000));
  await open('::1', 7004, 'ask');
  const half = await open('127.0.0.1', 7005, 'half');
  half.end();
  const leave = await open('127.0.0.1', 7005, 'leave');
  const left = await open('::1', 7004);
  left.end('leave');
  const deaf = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(deaf.stdout!, 'data');
  for (let index = 0; index < 5; index += 1) connect({ host: '127.0.0.1', port: 7006 }).on('error', () => {});
  for (const host of ['198.51.100.9', '2001:db8:50::9']) connect({ host, port: 443 }).on('error', () => {});
  await bind('udp4', '0.0.0.0', 7101);
  await bind('udp6', '::', 7102);
  await bind('udp6', '::', 7103, true);
  await bind('udp6', '::1', 7104);
  (await bind('udp4', '127.0.0.1', 7105)).connect(9, '127.0.0.1');
  (await bind('udp6', '::1', 7106)).connect(9, '::1');
  await delay(300);
  return { leave, deaf };
}

async function bind(type: 'udp4' | 'udp6', address: string, port: number, ipv6Only = false) {
  const socket = createSocket({ type, ipv6Only }).bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/** Passes datagrams on and keeps a copy of each. */
function recording(socket: NetlinkSocket, lines: string[]): NetlinkSocket {
  return {
    ...socket,
    receive(buffer) {
      const received = socket.receive(buffer);
      if (received.kind === 'data') lines.push(buffer.toString('hex', 0, received.length));
      return received;
    },
  };
}

const WISHES: Record<string, DumpWish> = {
  'tcp-both': { protocol: 'tcp', family: 'both', counters: true },
  tcp4: { protocol: 'tcp', family: 4, counters: true },
  tcp6: { protocol: 'tcp', family: 6, counters: true },
  udp4: { protocol: 'udp', family: 4 },
  udp6: { protocol: 'udp', family: 6 },
};

async function record(folder: string, leave: Socket): Promise<void> {
  for (const [name, wish] of Object.entries(WISHES)) {
    const socket = openSockDiag();
    if ('why' in socket) throw new Error(socket.why);
    const lines: string[] = [];
    createDumper(createAddressReader()).dump(recording(socket, lines), wish);
    socket.close();
    writeFileSync(`${folder}/${name}.hex`, `${lines.join('\n')}\n`);
  }
  const lines: string[] = [];
  const stream = openDestroyStream({
    everyMs: 0,
    open: (groups) => {
      const socket = openSockDiag(groups);
      return 'why' in socket ? socket : recording(socket, lines);
    },
  });
  if ('why' in stream) throw new Error(stream.why);
  leave.end();
  const short = await open('::1', 7004, 'ask');
  await once(short, 'data');
  short.end('leave');
  (await open('127.0.0.1', 7001, 'abort')).resetAndDestroy();
  await delay(300);
  stream.drain();
  writeFileSync(`${folder}/destroy.hex`, `${lines.join('\n')}\n`);
}

// An ordinary user from here on: nothing of this needs rights.
process.setgid!(65534);
process.setuid!(65534);
const { leave, deaf } = await openEverything();
try {
  const [verb, folder] = process.argv.slice(2);
  if (verb === 'record') await record(folder!, leave);
  else {
    const signal = new AbortController().signal;
    const request = { netns: [], now: Date.now() };
    const procfs = await createProcfsSockets().read(request, signal);
    const source = createNetlinkSockets();
    const netlink = await source.read(request, signal);
    // As if every socket were of one family.
    for (const socket of netlink.observations) socket.pids = [1];
    source.bytes.annotate(netlink.observations, new Set([1]));
    process.stdout.write(JSON.stringify({ netlink, procfs }));
  }
} finally {
  deaf.kill('SIGKILL');
}
process.exit(0);
