import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParsedSocket } from '../../../src/collect/portable/endpoint.ts';
import { type NetstatPlatform, readNetstatLines } from '../../../src/collect/portable/netstat.ts';
import { canonicalAddress } from '../../../src/types/ip.ts';
import { FUZZ, recordedLines } from './recorded.ts';

const PLATFORMS: NetstatPlatform[] = ['linux', 'darwin', 'win32'];
const SEEDS: Record<NetstatPlatform, string[]> = {
  linux: recordedLines('netstat/linux-net-tools-2.10-root.txt'),
  darwin: [...recordedLines('darwin/netstat-14.txt'), ...recordedLines('darwin/netstat-26.txt')],
  win32: recordedLines('windows/netstat-de.txt'),
};

const HEADERS = {
  linux:
    'Proto Recv-Q Send-Q Local Address           Foreign Address         State       User       Inode      PID/Program name',
  darwin: 'Proto Recv-Q Send-Q  Local Address  Foreign Address  (state)  rhiwat  shiwat    pid   epid state  options',
  darwin26:
    'Proto Recv-Q Send-Q  Local Address  Foreign Address  (state)  rxbytes  txbytes  rhiwat  shiwat  process:pid  state  options',
};

const address4 = fc.oneof(fc.ipV4(), fc.constantFrom('0.0.0.0', '127.0.0.1')).map((text) => canonicalAddress(text)!);
// Only addresses that are written as IPv6: a mapped one is printed as IPv4, and link-local ones are not ambiguous here.
const address6 = fc
  .oneof(fc.ipV6(), fc.constantFrom('::', '::1'))
  .map((text) => canonicalAddress(text)!)
  .filter((text) => text.includes(':') && !text.startsWith('fe80:'));
const port = fc.integer({ min: 1, max: 65_535 });
const hostileName = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('users:((', 'a",pid=1', '\x1b[2J', ' LISTEN 1/x', '1/2', ':1'))
  .map((name) => name.replaceAll('\n', ' ').slice(0, 14));

const socket: fc.Arbitrary<ParsedSocket> = fc
  .record({ protocol: fc.constantFrom('tcp' as const, 'udp' as const), six: fc.boolean(), listens: fc.boolean() })
  .chain(({ protocol, six, listens }) => {
    const end = fc.record({ address: six ? address6 : address4, port });
    return fc.record({ local: end, remote: end, pid: fc.nat({ max: 4_194_304 }) }).map(({ local, remote, pid }) => ({
      protocol,
      family: six ? (6 as const) : (4 as const),
      state: listens ? (protocol === 'tcp' ? 'LISTEN' : 'UNCONN') : 'ESTABLISHED',
      local,
      ...(!listens && { remote }),
      pids: pid === 0 ? [] : [pid],
    }));
  });

function printLinux(seen: ParsedSocket, name: string): string {
  const any = seen.family === 6 ? ':::*' : '0.0.0.0:*';
  const state = seen.state === 'UNCONN' ? '' : seen.state;
  const remote = seen.remote ? `${seen.remote.address}:${seen.remote.port}` : any;
  const owner = seen.pids?.[0] === undefined ? '-' : `${seen.pids[0]}/${name}`;
  const protocol = `${seen.protocol}${seen.family === 6 ? '6' : ''}`;
  const local = `${seen.local.address}:${seen.local.port}`.padEnd(23);
  return `${protocol.padEnd(4)}       0      0 ${local} ${remote.padEnd(23)} ${state.padEnd(11)} 1000       7          ${owner.padEnd(19)}`;
}

function printDarwin(seen: ParsedSocket, owner: string): string {
  const star = (address: string) => (address === '0.0.0.0' || address === '::' ? '*' : address);
  const remote = seen.remote ? `${star(seen.remote.address)}.${seen.remote.port}` : '*.*';
  const state = seen.protocol === 'udp' ? '' : seen.state;
  const local = `${star(seen.local.address)}.${seen.local.port}`.padEnd(22);
  return `${seen.protocol}${seen.family}       0      0  ${local} ${remote.padEnd(22)} ${state.padEnd(11)} ${owner}`;
}

function printWindows(seen: ParsedSocket): string {
  const host = (address: string) => (seen.family === 6 ? `[${address}]` : address);
  const nobody = seen.protocol === 'udp' ? '*:*' : seen.family === 6 ? '[::]:0' : '0.0.0.0:0';
  const remote = seen.remote ? `${host(seen.remote.address)}:${seen.remote.port}` : nobody;
  const state = seen.protocol === 'udp' ? '' : seen.state === 'LISTEN' ? 'ABH\ufffdREN' : seen.state;
  const local = `${host(seen.local.address)}:${seen.local.port}`.padEnd(22);
  return `  ${seen.protocol.toUpperCase()}    ${local} ${remote.padEnd(22)} ${state.padEnd(15)} ${seen.pids?.[0] ?? 0}\r`;
}

function expectSame(platform: NetstatPlatform, lines: string[], seen: ParsedSocket): void {
  const { sockets, unreadable } = readNetstatLines(platform, lines);
  expect(unreadable).toBe(0);
  expect(sockets).toHaveLength(1);
  expect(sockets[0]).toMatchObject(seen);
  if (!seen.remote) expect(sockets[0]).not.toHaveProperty('remote');
}

describe('a printed socket reads back as the same socket', () => {
  it('on Linux, whatever the process is called', () => {
    fc.assert(
      fc.property(socket, hostileName, (seen, name) =>
        expectSame('linux', [HEADERS.linux, printLinux(seen, name)], seen),
      ),
      FUZZ,
    );
  });

  it('on macOS up to 14', () => {
    fc.assert(
      fc.property(socket, (seen) => {
        const owner = `131072  131072 ${seen.pids?.[0] ?? 0}      0 00100 00000106`;
        expectSame('darwin', [HEADERS.darwin, printDarwin(seen, owner)], seen);
      }),
      FUZZ,
    );
  });

  it('on macOS 26, whatever the process is called', () => {
    fc.assert(
      fc.property(socket, hostileName, (seen, name) => {
        const owner = `1 2 131072  131072 ${name}:${seen.pids?.[0] ?? 0}   00100 00000106 00000000000c0001`;
        expectSame('darwin', [HEADERS.darwin26, printDarwin(seen, owner)], seen);
      }),
      FUZZ,
    );
  });

  it('on Windows, with a translated word for listening', () => {
    fc.assert(
      fc.property(socket, (seen) => expectSame('win32', [printWindows(seen)], seen)),
      FUZZ,
    );
  });
});

describe.each(PLATFORMS)('any text from netstat of %s', (platform) => {
  it('never throws, and gives only canonical addresses, real ports and real pids', () => {
    const seed = fc.constantFrom(...SEEDS[platform]);
    const mutated = fc
      .tuple(seed, fc.nat({ max: 200 }), fc.nat({ max: 8 }), fc.string({ unit: 'binary', maxLength: 8 }))
      .map(([line, at, drop, insert]) => line.slice(0, at) + insert + line.slice(at + drop));
    const line = fc.oneof(fc.string({ unit: 'binary' }), seed, mutated);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        for (const seen of readNetstatLines(platform, lines).sockets) {
          for (const end of [seen.local, seen.remote]) {
            if (!end) continue;
            expect(canonicalAddress(end.address)).toBe(end.address);
            expect(end.port).toBeGreaterThanOrEqual(0);
            expect(end.port).toBeLessThanOrEqual(65_535);
          }
          expect(seen.pids?.every((pid) => Number.isSafeInteger(pid) && pid > 0)).toBe(true);
        }
      }),
      FUZZ,
    );
  });
});
