import { cpSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcfsInterfaces } from '../../../src/collect/linux/interfaces.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';

let proc: FakeProc;
beforeEach(() => {
  proc = createFakeProc();
  cpSync('test/fixtures/linux/mixed/net', join(proc.root, 'net'), { recursive: true });
});
afterEach(() => proc.remove());

const tailscale = {
  tailscale0: [
    {
      address: '100.100.1.2',
      netmask: '255.255.255.255',
      family: 'IPv4',
      mac: '00:00:00:00:00:00',
      internal: false,
      cidr: '100.100.1.2/32',
    },
  ],
} satisfies ReturnType<typeof networkInterfaces>;

describe('createProcfsInterfaces', () => {
  test('gives every address its interface, prefix and namespace', () => {
    const { interfaces, blindSpots } = createProcfsInterfaces({ procRoot: proc.root }).read([]);
    const own = { netns: '4026531840', up: true };
    expect(blindSpots).toEqual([]);
    expect(interfaces).toEqual(
      expect.arrayContaining([
        { ...own, interface: 'lo', address: '127.0.0.1', prefix: 8, family: 4 },
        { ...own, interface: 'eth0', address: '198.51.100.2', prefix: 24, family: 4 },
        { ...own, interface: 'lo', address: '::1', prefix: 128, family: 6 },
        { ...own, interface: 'eth0', address: '2001:db8:50::2', prefix: 64, family: 6 },
      ]),
    );
    expect(interfaces.map(({ address }) => address)).not.toContain('127.0.0.0');
  });

  test('a tunnel whose network is in no main table is named by the system, in our own namespace', () => {
    proc.file('net/fib_trie', 'Local:\n     |-- 100.100.1.2\n        /32 host LOCAL\n');
    const { interfaces } = createProcfsInterfaces({ procRoot: proc.root, system: () => tailscale }).read([]);
    expect(interfaces[0]).toEqual({
      netns: '4026531840',
      interface: 'tailscale0',
      address: '100.100.1.2',
      prefix: 32,
      family: 4,
      up: true,
    });
    expect(interfaces.filter(({ address }) => address === '100.100.1.2')).toHaveLength(1);
  });

  test('another namespace is read through a process in it, and skipped when that moved', () => {
    cpSync(join(proc.root, 'net'), join(proc.root, '200/net'), { recursive: true });
    proc.put({ pid: 200, netns: '99' });
    const source = createProcfsInterfaces({ procRoot: proc.root, system: () => tailscale });
    const other = source.read([{ netns: '99', pid: 200 }]).interfaces.filter(({ netns }) => netns === '99');
    expect(other.map(({ address }) => address)).toContain('198.51.100.2');
    expect(other.map(({ address }) => address)).not.toContain('100.100.1.2');
    const moved = source.read([{ netns: '98', pid: 200 }]);
    expect(moved.interfaces.filter(({ netns }) => netns === '98')).toEqual([]);
    expect(moved.blindSpots).toMatchObject([{ id: 'proc.net.addresses' }]);
  });

  test('a table that cannot be read or makes no sense is a blind spot, not a machine without addresses', () => {
    proc.file('net/if_inet6', 'nonsense\n');
    expect(createProcfsInterfaces({ procRoot: proc.root }).read([]).blindSpots).toMatchObject([
      { id: 'proc.net.addresses' },
    ]);
    const empty = createFakeProc();
    expect(createProcfsInterfaces({ procRoot: empty.root }).read([]).blindSpots).toHaveLength(1);
    empty.remove();
  });

  test.runIf(process.platform === 'linux')('agrees with Node about this machine', () => {
    const found = createProcfsInterfaces()
      .read([])
      .interfaces.map(({ interface: name, address, prefix }) => `${name} ${address}/${prefix}`);
    const expected = Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
      entries!.filter(({ family }) => family === 'IPv4').map(({ cidr }) => `${name} ${cidr}`),
    );
    expect(found).toEqual(expect.arrayContaining(expected));
  });
});
