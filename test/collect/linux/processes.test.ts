import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcfsProcesses } from '../../../src/collect/linux/processes.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';

const signal = new AbortController().signal;
let proc: FakeProc;
beforeEach(() => {
  proc = createFakeProc();
  proc.put({ pid: 1, comm: 'init', ppid: 0, startTicks: 1, argv: ['/sbin/init'] });
  proc.put({ pid: 100, comm: 'node', startTicks: 900 });
});
afterEach(() => proc.remove());

const create = () => createProcfsProcesses({ procRoot: proc.root, ownUid: process.getuid!() });

describe('createProcfsProcesses', () => {
  test('reads identity, parentage, program and markers', async () => {
    proc.put({
      pid: 200,
      comm: 'a) R 1 (b',
      ppid: 100,
      startTicks: 4200,
      argv: ['node', 'x\ny'],
      environ: { OPENCLAW_SHELL: 'exec', ANTHROPIC_API_KEY: 'secret' },
      exe: '/usr/bin/node',
      netns: '99',
      cgroup: '0::/app.slice/x.service\n',
    });
    const { processes, ownNetns, blindSpots } = await create().read(signal);
    expect(processes.get(200)).toEqual({
      pid: 200,
      startTicks: 4200,
      startedAt: 1_700_000_042_000,
      ppid: 100,
      pgid: 200,
      sid: 200,
      uid: process.getuid!(),
      comm: 'a) R 1 (b',
      argv: ['node', 'x\ny'],
      exe: '/usr/bin/node',
      cwd: '/home/user',
      cgroup: '/app.slice/x.service',
      netns: '99',
      markers: { OPENCLAW_SHELL: 'exec' },
      stdio: ['/dev/null', undefined, undefined],
    });
    expect(ownNetns).toBe('4026531840');
    expect(blindSpots).toEqual([]);
  });

  test('an unchanged process is the same object in the next call', async () => {
    const source = create();
    const first = (await source.read(signal)).processes.get(1);
    expect((await source.read(signal)).processes.get(1)).toBe(first);
  });

  test('a process that ended is gone, and a new one under its pid is not mistaken for it', async () => {
    proc.put({ pid: 200, startTicks: 500, argv: ['old'] });
    const source = create();
    await source.read(signal);
    proc.end(200);
    expect((await source.read(signal)).processes.has(200)).toBe(false);
    proc.put({ pid: 200, startTicks: 500, argv: ['old'] });
    await source.read(signal);
    proc.end(200);
    proc.file('filler', 'takes the inode number that just became free');
    proc.put({ pid: 200, startTicks: 9000, argv: ['new'] });
    expect((await source.read(signal)).processes.get(200)).toMatchObject({ startTicks: 9000, argv: ['new'] });
  });

  test('a child is given to its new parent in the very call in which its old one is gone', async () => {
    proc.put({ pid: 200, startTicks: 500 });
    proc.put({ pid: 300, ppid: 200, startTicks: 600 });
    const source = create();
    await source.read(signal);
    proc.end(200);
    proc.put({ pid: 300, ppid: 1, startTicks: 600 });
    expect((await source.read(signal)).processes.get(300)?.ppid).toBe(1);
  });

  test('a parent that is only a zombie has lost its children already', async () => {
    proc.put({ pid: 200, startTicks: 500, argv: ['parent'] });
    proc.put({ pid: 300, ppid: 200, startTicks: 600 });
    const source = create();
    await source.read(signal);
    proc.put({ pid: 200, state: 'Z', startTicks: 500, argv: [] });
    proc.put({ pid: 300, ppid: 1, startTicks: 600 });
    const { processes } = await source.read(signal);
    expect(processes.get(300)?.ppid).toBe(1);
    expect(processes.get(200)?.argv).toEqual(['parent']);
  });

  test('a new title, an exec and a move to another namespace show at once where OpenClaw is', async () => {
    const before = { pid: 200, startTicks: 500, comm: 'node', argv: ['node', '/opt/openclaw/openclaw.mjs', 'gateway'] };
    proc.put(before);
    proc.put({ pid: 300, ppid: 200, startTicks: 600, argv: ['bash'] });
    const source = create();
    await source.read(signal);
    proc.put({ ...before, comm: 'openclaw-gatewa', argv: ['openclaw-gateway'] });
    proc.put({ pid: 300, ppid: 200, startTicks: 600, argv: ['nc'], netns: '99' });
    const { processes } = await source.read(signal);
    expect(processes.get(200)).toMatchObject({ comm: 'openclaw-gatewa', argv: ['openclaw-gateway'] });
    expect(processes.get(300)).toMatchObject({ argv: ['nc'], netns: '99' });
  });

  test('elsewhere an exec shows at once while the process is young or watched, otherwise within a minute', async () => {
    const change = (startTicks: number, argv: string[]) => proc.put({ pid: 200, startTicks, argv });
    change(99_500, ['sh']);
    const source = create();
    await source.read(signal);
    change(99_500, ['curl']);
    expect((await source.read(signal)).processes.get(200)?.argv).toEqual(['curl']);

    proc.uptime(1010);
    await source.read(signal);
    change(99_500, ['wget']);
    expect((await source.read(signal)).processes.get(200)?.argv).toEqual(['curl']);
    source.watch(new Set([200]));
    expect((await source.read(signal)).processes.get(200)?.argv).toEqual(['wget']);

    source.watch(new Set());
    await source.read(signal);
    change(99_500, ['nc']);
    proc.uptime(1071);
    expect((await source.read(signal)).processes.get(200)?.argv).toEqual(['nc']);
  });

  test('a kernel thread is listed with its name alone', async () => {
    proc.put({ pid: 2, comm: 'kthreadd', ppid: 0, flags: 0x208040, startTicks: 1, environ: { OPENCLAW_CLI: '1' } });
    expect((await create().read(signal)).processes.get(2)).toMatchObject({ comm: 'kthreadd', argv: [], markers: {} });
  });

  test('an environment that shows nothing proves nothing', async () => {
    proc.put({ pid: 200, environ: {} });
    expect((await create().read(signal)).processes.get(200)).toMatchObject({ markers: {}, markersUnread: true });
  });

  test('a process whose files are nonsense or missing is left out, and the others are read', async () => {
    proc.file('200/stat', 'nonsense');
    proc.file('201/cmdline', 'x');
    proc.file('2x/stat', '2 (x) S');
    const { processes } = await create().read(signal);
    expect([...processes.keys()].sort()).toEqual([1, 100]);
  });

  test('without pid 1 but with ourselves, /proc hides others: essential', async () => {
    proc.end(1);
    expect((await create().read(signal)).blindSpots).toMatchObject([{ id: 'proc.hidepid', essential: true }]);
  });

  test('no /proc at all is an essential blind spot and not an empty machine', async () => {
    const source = createProcfsProcesses({ procRoot: join(proc.root, 'missing') });
    expect((await source.read(signal)).blindSpots).toMatchObject([{ id: 'proc.unreadable', essential: true }]);
  });

  test.skipIf(process.getuid?.() === 0)('what may not be read is counted into one blind spot', async () => {
    proc.put({ pid: 200 });
    proc.put({ pid: 201 });
    for (const pid of [200, 201]) chmodSync(join(proc.root, `${pid}/environ`), 0);
    const { processes, blindSpots } = await create().read(signal);
    expect(processes.get(200)?.markersUnread).toBe(true);
    expect(blindSpots).toMatchObject([{ id: 'proc.details.denied', what: expect.stringContaining('2 processes') }]);
  });
});

describe.runIf(process.platform === 'linux')('on this machine', () => {
  test('a child is found as ours, with arguments and markers, and is gone when it ended', async () => {
    const child = spawn('cat', ['-'], {
      env: { OPENCLAW_SHELL: 'exec', TOKEN: 'secret' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const source = createProcfsProcesses();
    const fact = (await source.read(signal)).processes.get(child.pid!);
    expect(fact).toMatchObject({
      ppid: process.pid,
      comm: 'cat',
      argv: ['cat', '-'],
      markers: { OPENCLAW_SHELL: 'exec' },
    });
    expect(Math.abs(Date.now() - fact!.startedAt!)).toBeLessThan(60_000);
    child.stdin.end();
    await once(child, 'exit');
    expect((await source.read(signal)).processes.has(child.pid!)).toBe(false);
  });
});
