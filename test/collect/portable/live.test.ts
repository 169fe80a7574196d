import dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLsofSockets } from '../../../src/collect/portable/lsof.ts';
import { createNetstatSockets } from '../../../src/collect/portable/netstat.ts';
import { NEVER } from './recorded.ts';

const installed = (tool: string) =>
  process.platform === 'linux' &&
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((dir) => existsSync(`${dir}/${tool}`));
const SOURCES = [
  { tool: 'netstat', make: () => createNetstatSockets({ platform: 'linux' }) },
  { tool: 'lsof', make: () => createLsofSockets({ platform: 'linux' }) },
];

const closers: (() => void)[] = [];
const expected: { protocol: string; family: 4 | 6; address: string; port: number; state: string }[] = [];

async function listenTcp(address: string): Promise<void> {
  const server = net.createServer().listen({ host: address, port: 0 });
  await once(server, 'listening');
  closers.push(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  expected.push({ protocol: 'tcp', family: address.includes(':') ? 6 : 4, address, port, state: 'LISTEN' });
}

async function bindUdp(): Promise<void> {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closers.push(() => socket.close());
  const { port } = socket.address();
  expected.push({ protocol: 'udp', family: 4, address: '127.0.0.1', port, state: 'UNCONN' });
}

beforeAll(async () => {
  await listenTcp('127.0.0.1');
  await listenTcp('127.0.0.2');
  await bindUdp();
  // Machines without IPv6 exist; the rest is still worth testing.
  if (existsSync('/proc/net/if_inet6') && readFileSync('/proc/net/if_inet6', 'utf8').includes('lo'))
    await listenTcp('::1');
});
afterAll(() => {
  for (const close of closers) close();
});

describe.each(SOURCES)('$tool of this system', ({ tool, make }) => {
  const reason = `${tool} is not installed`;

  it('finds listeners of this very process with our pid, uid and inode', async (context) => {
    context.skip(!installed(tool), reason);
    const { observations, blindSpots } = await make().read({ netns: [], now: 5 }, NEVER);
    expect(blindSpots.filter((spot) => spot.essential)).toEqual([]);
    for (const { address, port, ...rest } of expected) {
      const seen = observations.find((socket) => socket.local.port === port && socket.local.address === address);
      expect(seen).toMatchObject({ ...rest, pids: [process.pid], uid: process.getuid?.(), seenAt: 5 });
      expect(seen?.inode).toBeGreaterThan(0);
    }
  });

  it('agrees with the kernel table about the address and inode of each of these listeners', async (context) => {
    context.skip(!installed(tool), reason);
    const { observations } = await make().read({ netns: [], now: 5 }, NEVER);
    const ports = new Set(expected.filter((listener) => listener.family === 4).map((listener) => listener.port));
    const seen = observations
      .filter((socket) => socket.family === 4 && socket.state === 'LISTEN' && ports.has(socket.local.port))
      .map((socket) => `${socket.local.address}:${socket.local.port} ${socket.inode}`);
    expect(seen.sort()).toEqual(kernelListeners(ports).sort());
    expect(seen).toHaveLength(2);
  });
});

/** IPv4 listeners straight from the kernel's table: hexadecimal address in host order, state 0A. */
function kernelListeners(ports: ReadonlySet<number>): string[] {
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A')
    .map((columns) => {
      const [hex, port] = columns[1]!.split(':') as [string, string];
      const bytes = Buffer.from(hex, 'hex').reverse();
      return {
        port: Number.parseInt(port, 16),
        text: `${[...bytes].join('.')}:${Number.parseInt(port, 16)} ${columns[9]}`,
      };
    })
    .filter((listener) => ports.has(listener.port))
    .map((listener) => listener.text);
}
