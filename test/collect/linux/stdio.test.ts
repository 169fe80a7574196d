import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcfsProcesses } from '../../../src/collect/linux/processes.ts';
import { createFakeProc, type FakeProc, type FakeProcess } from './fake-proc.ts';

const signal = new AbortController().signal;
let proc: FakeProc;
beforeEach(() => {
  proc = createFakeProc();
  proc.put({ pid: 1, comm: 'init', ppid: 0, startTicks: 1, argv: ['/sbin/init'] });
  proc.put({ pid: 100, comm: 'openclaw-gatewa', startTicks: 900, argv: ['openclaw-gateway'] });
});
afterEach(() => proc.remove());

const create = () => createProcfsProcesses({ procRoot: proc.root, ownUid: process.getuid!() });
const PIPES = ['pipe:[11]', 'pipe:[12]', 'pipe:[13]'];
const shell = (more: Partial<FakeProcess> = {}): FakeProcess => ({
  pid: 200,
  ppid: 100,
  comm: 'bash',
  exe: '/usr/bin/bash',
  argv: ['bash'],
  startTicks: 1000,
  fds: PIPES,
  ...more,
});

describe('descriptors of the family', () => {
  test('are read from the first look on, and of nobody else', async () => {
    proc.put(shell());
    proc.put(shell({ pid: 300, ppid: 1 }));
    const { processes } = await create().read(signal);
    expect(processes.get(200)?.stdio).toEqual(PIPES);
    expect(processes.get(300)?.stdio).toBeUndefined();
  });

  test('stay the same object while nothing moves, and change at once where a shell moves them', async () => {
    proc.put(shell());
    const source = create();
    const first = (await source.read(signal)).processes.get(200);
    expect((await source.read(signal)).processes.get(200)).toBe(first);
    proc.put(shell({ fds: ['socket:[77]', 'socket:[77]', 'socket:[77]'] }));
    expect((await source.read(signal)).processes.get(200)?.stdio).toEqual([
      'socket:[77]',
      'socket:[77]',
      'socket:[77]',
    ]);
  });

  test('of an old program that is no shell are read within eight looks', async () => {
    proc.put(shell({ exe: '/opt/worker', argv: ['worker'], comm: 'worker' }));
    const source = create();
    await source.read(signal);
    proc.put(shell({ exe: '/opt/worker', argv: ['worker'], comm: 'worker', fds: ['socket:[77]', ...PIPES.slice(1)] }));
    const seen = [];
    for (let look = 0; look < 8; look += 1) seen.push((await source.read(signal)).processes.get(200)?.stdio?.[0]);
    expect(seen.at(-1)).toBe('socket:[77]');
  });

  test('a shell with other arguments keeps them', async () => {
    proc.put(shell());
    const source = create();
    await source.read(signal);
    proc.put(shell({ argv: ['bash', '-i'] }));
    expect((await source.read(signal)).processes.get(200)).toMatchObject({ argv: ['bash', '-i'], stdio: PIPES });
  });

  test('that are closed or unreadable say nothing, and one closed leaves its place empty', async () => {
    proc.put(shell({ fds: [] }));
    proc.put(shell({ pid: 201, fds: ['/dev/null'] }));
    const { processes } = await create().read(signal);
    expect(processes.get(200)?.stdio).toBeUndefined();
    expect(processes.get(201)?.stdio).toEqual(['/dev/null', undefined, undefined]);
  });
});

test('more decoys than are read in one look hide nobody for long', async () => {
  for (let pid = 1000; pid < 1450; pid += 1) proc.put(shell({ pid }));
  proc.put(shell({ pid: 1450, fds: ['socket:[77]', 'socket:[77]'] }));
  const source = create();
  await source.read(signal);
  expect((await source.read(signal)).processes.get(1450)?.stdio?.[0]).toBe('socket:[77]');
});

describe('whoever holds a terminal', () => {
  const PTS = ['/dev/pts/3', '/dev/pts/3', '/dev/pts/3'];
  const broker = (fds: string[]): FakeProcess =>
    shell({ pid: 200, exe: '/usr/bin/python3', argv: ['python3', 't.py'], fds });

  test('is found above the shell that sits on it, through other shells, until it lets go', async () => {
    proc.put(broker([...PIPES, 'socket:[5]', '/dev/ptmx']));
    proc.put(shell({ pid: 201, ppid: 200, fds: PTS }));
    proc.put(shell({ pid: 202, ppid: 201, fds: PTS }));
    const source = create();
    const { processes } = await source.read(signal);
    expect([200, 201, 202].map((pid) => processes.get(pid)?.holdsTerminal)).toEqual([true, undefined, undefined]);
    expect((await source.read(signal)).processes.get(200)).toBe(processes.get(200));
    proc.put(broker([...PIPES, 'socket:[5]']));
    expect((await source.read(signal)).processes.get(200)?.holdsTerminal).toBeUndefined();
  });

  test('is found among a thousand descriptors within some looks', async () => {
    const fds = [...PIPES, ...Array.from({ length: 1000 }, (_, index) => `socket:[${5000 + index}]`), '/dev/pts/ptmx'];
    proc.put(broker(fds));
    proc.put(shell({ pid: 201, ppid: 200, fds: PTS }));
    const source = create();
    const seen = [];
    for (let look = 0; look < 5; look += 1) seen.push((await source.read(signal)).processes.get(200)?.holdsTerminal);
    expect(seen).toContain(true);
  });

  test('nobody is searched while nobody sits on a terminal, and a ring of parents ends', async () => {
    proc.put(broker([...PIPES, '/dev/ptmx']));
    expect((await create().read(signal)).processes.get(200)?.holdsTerminal).toBeUndefined();
    proc.put(shell({ pid: 300, ppid: 301, fds: PTS, environ: { OPENCLAW_SHELL: 'exec' } }));
    proc.put(shell({ pid: 301, ppid: 300, fds: PTS, environ: { OPENCLAW_SHELL: 'exec' } }));
    await create().read(signal);
  });
});

describe.runIf(process.platform === 'linux')('on this machine', () => {
  test('a child on a socket of this host shows its inode', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    const child = spawn('cat', { env: { OPENCLAW_SHELL: 'exec' }, stdio: [client, client, 'ignore'] });
    await once(child, 'spawn');
    const fact = (await createProcfsProcesses().read(signal)).processes.get(child.pid!);
    expect(fact?.stdio?.[0]).toMatch(/^socket:\[\d+\]$/);
    expect(fact?.stdio?.[1]).toBe(fact?.stdio?.[0]);
    expect(fact?.stdio?.[2]).toBe('/dev/null');
    child.kill();
    client.destroy();
    server.close();
    await once(child, 'exit');
  });
});
