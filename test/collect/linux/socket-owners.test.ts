import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcfsProcesses } from '../../../src/collect/linux/processes.ts';
import { createSocketOwners, type OwnerRequest } from '../../../src/collect/linux/socket-owners.ts';
import type { Observation } from '../../../src/types/socket.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';

const signal = new AbortController().signal;
let proc: FakeProc;
let nowMs: number;
beforeEach(() => {
  nowMs = 0;
  proc = createFakeProc();
  proc.put({ pid: 1, ppid: 0, startTicks: 1 });
  proc.put({ pid: 200, startTicks: 500, fds: ['/dev/null', 'socket:[11]', 'socket:[12]'] });
  proc.put({ pid: 300, startTicks: 600, fds: ['socket:[13]', '/tmp/socket:[14]'] });
});
afterEach(() => proc.remove());

function socket(inode: number, changes: Partial<Observation> = {}): Observation {
  const local = { address: '127.0.0.1', port: 1000 + inode };
  return {
    source: 'test',
    seenAt: 1,
    netns: '7',
    protocol: 'tcp',
    family: 4,
    state: 'LISTEN',
    local,
    inode,
    uid: 0,
    ...changes,
  };
}

const connection = (inode: number, port: number): Observation =>
  socket(inode, { state: 'ESTABLISHED', remote: { address: '192.0.2.1', port } });

function createOwners() {
  const owners = createSocketOwners({ procRoot: proc.root, nowMs: () => nowMs });
  const processes = createProcfsProcesses({ procRoot: proc.root });
  return async (observations: Observation[], changes: Partial<OwnerRequest> = {}) => {
    const table = await processes.read(signal);
    const request = {
      family: new Set<number>(),
      host: 'listeners-and-touched' as const,
      touchedPorts: new Set<number>(),
    };
    const blindSpots = owners.assign({ observations, table, ...request, ...changes });
    return { pids: observations.map(({ pids }) => pids), blindSpots };
  };
}

describe('createSocketOwners', () => {
  test('listeners of the host get their owner; a foreign connection is not worth a search', async () => {
    const assign = createOwners();
    expect((await assign([socket(11), socket(13), connection(12, 443)])).pids).toEqual([[200], [300], undefined]);
  });

  test('with host "all" every socket counts, and a touched port makes a connection count', async () => {
    expect((await createOwners()([connection(12, 443)], { host: 'all' })).pids).toEqual([[200]]);
    expect((await createOwners()([connection(12, 443)], { touchedPorts: new Set([443]) })).pids).toEqual([[200]]);
  });

  test('all sockets of the family get their owner in every call', async () => {
    const assign = createOwners();
    const family = new Set([200]);
    expect((await assign([connection(12, 443)], { family })).pids).toEqual([[200]]);
    proc.put({ pid: 200, startTicks: 500, fds: ['socket:[15]'] });
    expect((await assign([connection(15, 443)], { family })).pids).toEqual([[200]]);
  });

  test('a shared socket has all its holders, ascending', async () => {
    proc.put({ pid: 150, startTicks: 700, fds: ['socket:[13]'] });
    proc.put({ pid: 1000, startTicks: 700, fds: ['socket:[13]', 'socket:[13]'] });
    expect((await createOwners()([socket(13)])).pids).toEqual([[150, 300, 1000]]);
    expect((await createOwners()([socket(13)], { family: new Set([300]), host: 'all' })).pids[0]).toContain(300);
  });

  test('what is known is not searched again: a new holder of a known socket shows only later', async () => {
    const assign = createOwners();
    await assign([socket(13)]);
    proc.put({ pid: 150, startTicks: 700, fds: ['socket:[13]'] });
    expect((await assign([socket(13)])).pids).toEqual([[300]]);
    nowMs = 300_000;
    expect((await assign([socket(13)])).pids).toEqual([[150, 300]]);
  });

  test('a holder that ended is forgotten, and the socket searched again', async () => {
    const assign = createOwners();
    await assign([socket(13)]);
    proc.end(300);
    proc.put({ pid: 150, startTicks: 700, fds: ['socket:[13]'] });
    expect((await assign([socket(13)])).pids).toEqual([[150]]);
  });

  test('a closed socket is forgotten: its inode may come back for another one', async () => {
    const assign = createOwners();
    await assign([socket(13), socket(11)]);
    await assign([socket(11)]);
    proc.put({ pid: 300, startTicks: 600, fds: [] });
    proc.put({ pid: 150, startTicks: 700, fds: ['socket:[13]'] });
    expect((await assign([socket(13), socket(11)])).pids).toEqual([[150], [200]]);
  });

  test('a vain search is repeated only after a while, each time later', async () => {
    const assign = createOwners();
    expect((await assign([socket(99)])).pids).toEqual([[]]);
    proc.put({ pid: 150, startTicks: 700, fds: ['socket:[99]'] });
    nowMs = 9_999;
    expect((await assign([socket(99)])).pids).toEqual([[]]);
    nowMs = 10_000;
    expect((await assign([socket(99)])).pids).toEqual([[150]]);
  });

  test('a socket without an inode belongs to nobody, and nobody looks', async () => {
    const closing = socket(0, { state: 'TIME_WAIT' });
    expect((await createOwners()([closing], { host: 'all' })).pids).toEqual([undefined]);
  });

  test('a file that is only named like a socket is none', async () => {
    expect((await createOwners()([socket(14)])).pids).toEqual([[]]);
  });

  test('sockets that nobody shows are a blind spot, essential only at a port of the gateway', async () => {
    const unseen = [socket(98), socket(99)];
    expect((await createOwners()(unseen)).blindSpots).toMatchObject([
      { id: 'proc.fd.hidden', what: 'owners of 2 sockets', essential: false },
    ]);
    expect((await createOwners()(unseen, { touchedPorts: new Set([1099]) })).blindSpots).toMatchObject([
      { what: 'owners of 2 sockets', essential: true },
    ]);
    expect((await createOwners()([socket(11)])).blindSpots).toEqual([]);
  });

  test('a blind spot stays while the search for it pauses', async () => {
    const assign = createOwners();
    await assign([socket(99)]);
    expect((await assign([socket(99)])).blindSpots).toHaveLength(1);
  });

  test('a main thread that ended does not hide what its other threads hold', async () => {
    rmSync(join(proc.root, '300/fd'), { recursive: true });
    hold(300, 301, 'socket:[13]');
    expect((await createOwners()([socket(13)])).pids).toEqual([[300]]);
    expect((await createOwners()([connection(13, 1)], { family: new Set([300]) })).pids).toEqual([[300]]);
  });

  test('a thread with descriptors of its own does not hide its sockets', async () => {
    hold(300, 301, 'socket:[77]');
    const uid = process.getuid!();
    expect((await createOwners()([socket(77, { uid })])).pids).toEqual([[300]]);
  });

  test('a thread is read unless it is known to share what was read', async () => {
    const uid = process.getuid!();
    hold(300, 301, 'socket:[77]');
    const asked: string[] = [];
    const ownersKnowing = (answer: boolean | undefined) =>
      createSocketOwners({
        procRoot: proc.root,
        nowMs: () => nowMs,
        shareFiles: (one, other) => {
          asked.push(`${one} ${other}`);
          return answer;
        },
      });
    const pidsWith = async (answer: boolean | undefined) => {
      const table = await createProcfsProcesses({ procRoot: proc.root }).read(signal);
      const observations = [socket(77, { uid })];
      const wish = { family: new Set<number>(), host: 'all' as const, touchedPorts: new Set<number>() };
      ownersKnowing(answer).assign({ observations, table, ...wish });
      return observations[0]!.pids;
    };
    expect(await pidsWith(false)).toEqual([300]);
    expect(await pidsWith(undefined)).toEqual([300]);
    expect(await pidsWith(true)).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(['300 301']));
  });

  function hold(pid: number, tid: number, target: string): void {
    mkdirSync(join(proc.root, `${pid}/task/${tid}/fd`), { recursive: true });
    symlinkSync(target, join(proc.root, `${pid}/task/${tid}/fd/5`));
  }
});
