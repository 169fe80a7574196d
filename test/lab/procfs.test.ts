import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createProcfsInterfaces,
  createProcfsProcesses,
  createProcfsSockets,
  createSocketOwners,
} from '../../src/collect/linux/index.ts';

const NAME = `cw-procfs-${process.pid}`;
const signal = new AbortController().signal;

/** Runs in the namespace: listeners whose IPV6_V6ONLY we choose, an accepted connection, one that is never answered. */
const HOLDER = `
  const net = require('node:net');
  const listen = (options) => new Promise((done) => net.createServer(() => {}).listen(options, done));
  const connect = (options) => new Promise((done) => { const socket = net.connect(options, done); });
  (async () => {
    await listen({ host: '::', port: 18789 });
    await listen({ host: '::', port: 18790, ipv6Only: true });
    await listen({ host: '0.0.0.0', port: 18790 });
    await connect({ host: '127.0.0.1', port: 18789 });
    net.connect({ host: '198.51.100.9', port: 443 }).on('error', () => {});
    console.log('ready');
    process.stdin.resume().on('end', () => process.exit(0));
  })();
`;

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('another network namespace', () => {
  let holder: ChildProcess;
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

  beforeAll(async () => {
    ip('netns', 'add', NAME);
    // Both ends stay inside: what is sent to a neighbour that does not exist reaches nobody.
    ip('-n', NAME, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
    for (const name of ['lo', 'eth0', 'eth1']) ip('-n', NAME, 'link', 'set', name, 'up');
    ip('-n', NAME, 'address', 'add', '198.51.100.2/24', 'dev', 'eth0');
    ip('-n', NAME, 'address', 'add', '2001:db8:50::2/64', 'dev', 'eth0', 'nodad');
    ip('-n', NAME, 'neighbour', 'add', '198.51.100.9', 'lladdr', '02:00:00:00:00:99', 'dev', 'eth0');
    holder = spawn('ip', ['netns', 'exec', NAME, process.execPath, '-e', HOLDER], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: holder.stdout! }), 'line');
  });

  afterAll(async () => {
    if (holder?.exitCode === null) {
      holder.stdin!.end();
      await once(holder, 'exit');
    }
    ip('netns', 'delete', NAME);
  });

  async function look() {
    const table = await createProcfsProcesses().read(signal);
    const pid = holder.pid!;
    const netns = table.processes.get(pid)!.netns!;
    const wanted = [{ netns, pid }];
    const { observations, blindSpots } = await createProcfsSockets().read({ netns: wanted, now: Date.now() }, signal);
    createSocketOwners().assign({
      observations,
      table,
      family: new Set([pid]),
      host: 'listeners-and-touched',
      touchedPorts: new Set([18789]),
    });
    return { table, netns, wanted, blindSpots, sockets: observations.filter((socket) => socket.netns === netns) };
  }

  test('its sockets are seen with their owner, beside ours', async () => {
    const { table, netns, sockets, blindSpots } = await look();
    expect(netns).not.toBe(table.ownNetns);
    expect(blindSpots).toEqual([]);
    expect(sockets.map(({ state, local }) => `${state} ${local.address} ${local.port}`)).toEqual(
      expect.arrayContaining([
        'LISTEN :: 18789',
        'LISTEN :: 18790',
        'LISTEN 0.0.0.0 18790',
        'ESTABLISHED 127.0.0.1 18789',
      ]),
    );
    expect(sockets.find(({ state }) => state === 'SYN_SENT')?.remote).toEqual({ address: '198.51.100.9', port: 443 });
    for (const socket of sockets) expect(socket.pids).toEqual([holder.pid]);
  });

  test('dual-stack listeners are told from IPv6-only ones where the tables prove it', async () => {
    const { sockets } = await look();
    const marks = sockets
      .filter(({ dualStack }) => dualStack)
      .map(({ local, dualStack }) => `${local.port} ${dualStack}`);
    expect(marks.sort()).toEqual(['18789 yes', '18790 no']);
  });

  test('its addresses have interface and prefix, and are not mixed with ours', async () => {
    const { wanted, netns } = await look();
    const { interfaces } = createProcfsInterfaces().read(wanted);
    const there = interfaces.filter((entry) => entry.netns === netns);
    expect(there).toContainEqual({
      netns,
      interface: 'eth0',
      address: '198.51.100.2',
      prefix: 24,
      family: 4,
      up: true,
    });
    expect(there).toContainEqual({
      netns,
      interface: 'eth0',
      address: '2001:db8:50::2',
      prefix: 64,
      family: 6,
      up: true,
    });
    expect(interfaces.filter(({ address }) => address === '198.51.100.2')).toHaveLength(1);
  });
});
