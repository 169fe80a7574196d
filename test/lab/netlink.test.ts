import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SocketReading } from '../../src/types/collector.ts';
import { differences } from '../collect/linux/netlink-parity.ts';
import { lab } from './gate.ts';

const NAME = `cw-netlink-${process.pid}`;

lab('netlink and /proc', () => {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 });
  let netlink: SocketReading;
  let procfs: SocketReading;

  beforeAll(() => {
    ip('netns', 'add', NAME);
    // Both ends stay inside: what is sent to a neighbour that does not exist reaches nobody.
    ip('-n', NAME, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
    for (const name of ['lo', 'eth0', 'eth1']) ip('-n', NAME, 'link', 'set', name, 'up');
    ip('-n', NAME, 'address', 'add', '198.51.100.2/24', 'dev', 'eth0');
    ip('-n', NAME, 'address', 'add', '2001:db8:50::2/64', 'dev', 'eth0', 'nodad');
    for (const address of ['198.51.100.9', '2001:db8:50::9']) {
      ip('-n', NAME, 'neighbour', 'add', address, 'lladdr', '02:00:00:00:00:99', 'dev', 'eth0');
    }
    const script = `${import.meta.dirname}/netlink-sockets.ts`;
    const printed = execFileSync('ip', ['netns', 'exec', NAME, process.execPath, script], {
      encoding: 'utf8',
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ({ netlink, procfs } = JSON.parse(printed));
  });

  afterAll(() => {
    ip('netns', 'delete', NAME);
  });

  test('are read whole by an ordinary user', () => {
    expect(netlink.blindSpots).toEqual([]);
    expect(procfs.blindSpots).toEqual([]);
    expect(netlink.netnsRead).toEqual(procfs.netnsRead);
  });

  test('say the same of sockets in every state', () => {
    expect(differences(netlink.observations, procfs.observations)).toEqual([]);
    const states = new Set(netlink.observations.map(({ protocol, state }) => `${protocol} ${state}`));
    for (const state of ['LISTEN', 'ESTABLISHED', 'SYN_SENT', 'CLOSE_WAIT', 'FIN_WAIT2', 'TIME_WAIT']) {
      expect(states).toContain(`tcp ${state}`);
    }
    expect(states).toContain('udp UNCONN');
    expect(states).toContain('udp ESTABLISHED');
    // Nobody has accepted them, so they have neither inode nor user.
    const orphans = netlink.observations.filter(({ local, inode }) => local.port === 7006 && inode === undefined);
    expect(orphans.length).toBeGreaterThan(0);
    for (const orphan of orphans) expect(orphan.uid).toBeUndefined();
  });

  test('differ in what only netlink knows: IPv6-only listeners and bytes', () => {
    const marks = (reading: SocketReading) =>
      reading.observations
        .filter(({ dualStack }) => dualStack)
        .map(({ local, dualStack }) => `${local.port} ${dualStack}`)
        .sort();
    expect(marks(netlink)).toEqual(['7002 yes', '7003 no', '7102 yes', '7103 no']);
    expect(marks(procfs)).toEqual(['7002 yes', '7003 unknown', '7102 unknown', '7103 unknown']);
    const bytes = netlink.observations
      .filter(({ local, bytesIn }) => [7001, 7002, 7004].includes(local.port) && bytesIn !== undefined)
      .map(({ local, family, bytesOut, bytesIn }) => [local.port, family, bytesOut, bytesIn]);
    expect(bytes).toHaveLength(4);
    expect(bytes).toEqual(
      expect.arrayContaining([
        [7001, 4, 5000, 7],
        [7002, 6, 5000, 16],
        [7002, 6, 0, 100_000],
        [7004, 6, 5000, 3],
      ]),
    );
  });
});
