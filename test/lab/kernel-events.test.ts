import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KernelEvents, openKernelEvents } from '../../src/sensor/tracefs/kernel-events.ts';
import type { ConnectEvent, SensorEvent } from '../../src/types/sensor.ts';
import { lab } from './gate.ts';

const INSTANCES = '/sys/kernel/tracing/instances';
const NETNS = `cw-events-${process.pid}`;
const GENERATOR = 'test/lab/kernel-events-generator.py';

/** What the generator says that it did. */
interface Done {
  name: string;
  pid: number;
  address: string;
  port: number;
  protocol: 'tcp' | 'udp';
  outcome?: 'established' | 'failed';
  local?: number;
}

interface Report {
  pid: number;
  done: Done[];
  burst: number[];
  ring: boolean;
}

const own = () => readdirSync(INSTANCES).filter((name) => name.startsWith(`clawwatch-${process.pid}-`));
const setting = (instance: string, file: string) => readFileSync(`${INSTANCES}/${instance}/${file}`, 'utf8').trim();

async function drainFor(events: KernelEvents, ms: number): Promise<SensorEvent[]> {
  const told: SensorEvent[] = [];
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) told.push(...events.drain());
  return told;
}

lab('the events of the kernel', () => {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const told: SensorEvent[] = [];
  let report: Report;

  beforeAll(async () => {
    ip('netns', 'add', NETNS);
    ip('-n', NETNS, 'link', 'set', 'lo', 'up');
    const events = openKernelEvents({ datagrams: 'on' });
    expect([events.sources.toSorted(), events.missing]).toEqual([['datagrams', 'processes', 'tcp'], []]);
    const run = promisify(execFile)('nsenter', [`--net=/run/netns/${NETNS}`, 'python3', GENERATOR], {
      timeout: 60_000,
      maxBuffer: 1 << 22,
    });
    let isRunning = true;
    const ended = run.finally(() => {
      isRunning = false;
    });
    while (isRunning) told.push(...(await drainFor(events, 50)));
    told.push(...(await drainFor(events, 600)));
    events.close();
    report = JSON.parse((await ended).stdout) as Report;
  });

  afterAll(() => ip('netns', 'delete', NETNS));

  const connects = () => told.filter((event): event is ConnectEvent => event.kind === 'connect');

  test('every connect and datagram has its process, its end and its outcome', () => {
    for (const one of report.done) {
      const seen = connects().filter(
        ({ remote, protocol }) =>
          remote.address === one.address && remote.port === one.port && protocol === one.protocol,
      );
      expect(seen, one.name).toHaveLength(1);
      const { outcome, local } = one;
      expect(seen[0], one.name).toMatchObject({
        pid: one.pid,
        ...(outcome ? { outcome, local: { port: local } } : {}),
      });
    }
    expect(report.done.length).toBeGreaterThanOrEqual(14);
  });

  test('two thousand connects in a burst are two thousand', () => {
    const seen = connects().filter(({ remote }) => remote.address === '127.0.0.30');
    expect(seen.every(({ pid }) => pid === report.pid)).toBe(true);
    expect(seen.reduce((sum, { count }) => sum + (count ?? 1), 0)).toBe(2000);
    const ports = new Set(seen.flatMap(({ localPorts, local }) => localPorts ?? [local!.port]));
    expect(report.burst.filter((port) => ports.has(port)).length).toBeGreaterThan(0);
  });

  test('a worker of io_uring is its process', ({ skip }) => {
    if (!report.ring) skip('this kernel or its settings do not allow io_uring');
    expect(connects().filter(({ remote }) => remote.address === '127.0.0.23')).toMatchObject([{ pid: report.pid }]);
  });

  test('listeners, births and ends are told, and nothing was lost', () => {
    expect(told.filter((event) => event.kind === 'listen' && event.pid === report.pid)).toMatchObject([
      { family: 6, local: { address: '::', port: 7001 } },
    ]);
    const child = report.done.find(({ name }) => name === 'fork')!.pid;
    const story = told.filter((event) => 'pid' in event && event.pid === child).map(({ kind }) => kind);
    expect(story).toEqual(['fork', 'connect', 'exit']);
    expect(told).toContainEqual(expect.objectContaining({ kind: 'fork', pid: child, ppid: report.pid }));
    expect(told.filter((event) => event.kind === 'loss')).toEqual([]);
    const times = told.filter(({ kind }) => kind === 'fork').map((event) => ('at' in event ? event.at : 0));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('closing leaves nothing behind, and may be repeated', () => {
    const events = openKernelEvents({ datagrams: 'on' });
    expect(own()).toHaveLength(2);
    expect(() => openKernelEvents()).toThrow('in use');
    expect(own()).toHaveLength(2);
    events.close();
    events.close();
    expect(own()).toEqual([]);
    expect(events.drain()).toEqual([]);
  });

  test('a flood of datagrams in a small buffer is counted to the last one, and evicts no connect', async () => {
    const events = openKernelEvents({ datagrams: 'on', bufferKbPerCpu: 64 });
    await drainFor(events, 100);
    const sends = 20_000;
    const flood = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
c = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
c.connect_ex(('127.0.0.41', 7009))
for i in range(${sends}): s.sendto(b'x', ('127.0.0.40', 7009))`;
    execFileSync('nsenter', [`--net=/run/netns/${NETNS}`, 'python3', '-c', flood], { timeout: 30_000 });
    const seen = await drainFor(events, 500);
    events.close();
    const lost = seen.filter((event) => event.kind === 'loss');
    expect(lost.every(({ source }) => source === 'datagrams')).toBe(true);
    const flooded = seen.filter((event) => event.kind === 'connect' && event.remote.address === '127.0.0.40');
    const received = flooded.reduce((sum, event) => sum + ((event as ConnectEvent).count ?? 1), 0);
    const missed = lost.reduce((sum, { count }) => sum + count!, 0);
    expect(missed).toBeGreaterThan(10_000);
    // Other programs of this machine may have sent a few datagrams in between.
    expect(received + missed).toBeGreaterThanOrEqual(sends);
    expect(received + missed).toBeLessThan(sends + 200);
    expect(seen).toContainEqual(expect.objectContaining({ remote: { address: '127.0.0.41', port: 7009 } }));
  });

  test('works without any rights once it is open, and then closes as far as it may', async () => {
    const script = `
      const { openKernelEvents } = await import('./src/sensor/tracefs/kernel-events.ts');
      const { connect } = await import('node:net');
      const events = openKernelEvents({ datagrams: 'on' });
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
      connect(7009, '127.0.0.51').on('error', () => {});
      await new Promise((done) => setTimeout(done, 400));
      const seen = events.drain().filter((event) => event.kind === 'connect' && event.remote.address === '127.0.0.51');
      events.close();
      console.log(JSON.stringify({ pid: process.pid, seen }));`;
    const { stdout } = await promisify(execFile)(
      'nsenter',
      [`--net=/run/netns/${NETNS}`, process.execPath, '--input-type=module', '-e', script],
      { timeout: 30_000 },
    );
    const { pid, seen } = JSON.parse(stdout);
    expect(seen).toMatchObject([{ pid, outcome: 'failed' }]);
    for (const name of [`clawwatch-${pid}-tcp`, `clawwatch-${pid}-datagrams`]) {
      expect(setting(name, 'tracing_on')).toBe('0');
      expect(Number(setting(name, 'buffer_total_size_kb'))).toBeLessThan(100);
    }
    openKernelEvents().close();
    expect(readdirSync(INSTANCES).filter((name) => name.includes(`-${pid}-`))).toEqual([]);
  });

  test('after kill -9 tracing is off and the memory is free, and the next start sweeps', async () => {
    const script = `
      const { openKernelEvents } = await import('./src/sensor/tracefs/kernel-events.ts');
      const events = openKernelEvents({ datagrams: 'on' });
      setInterval(() => events.drain(), 50);
      console.log('ready');`;
    const holder: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: holder.stdout! }), 'line');
    const names = [`clawwatch-${holder.pid}-tcp`, `clawwatch-${holder.pid}-datagrams`];
    for (const name of names) expect(Number(setting(name, 'buffer_total_size_kb'))).toBeGreaterThan(4_000);
    openKernelEvents().close(); // A live owner's instance is not swept.
    for (const name of names) expect(setting(name, 'tracing_on')).toBe('1');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    for (const name of names) {
      expect(setting(name, 'tracing_on')).toBe('0');
      expect(Number(setting(name, 'buffer_total_size_kb'))).toBeLessThan(100);
    }
    openKernelEvents().close();
    for (const name of names) expect(existsSync(`${INSTANCES}/${name}`)).toBe(false);
  });
});
