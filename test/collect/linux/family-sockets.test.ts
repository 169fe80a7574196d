import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFamilySockets, type FamilySockets } from '../../../src/collect/linux/family-sockets.ts';
import { createProcfsProcesses } from '../../../src/collect/linux/processes.ts';
import type { Observation } from '../../../src/types/socket.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';

let proc: FakeProc;
let sockets: FamilySockets;
beforeEach(() => {
  proc = createFakeProc();
  proc.put({ pid: 1, ppid: 0, startTicks: 1 });
});
afterEach(() => proc.remove());

const MANY = 300;
const numbers = (first: number, count = MANY) => Array.from({ length: count }, (_, index) => first + index);

function put(pid: number, inodes: readonly number[], startTicks = 500): void {
  proc.put({ pid, startTicks, fds: inodes.map((inode) => (inode === 0 ? '/dev/null' : `socket:[${inode}]`)) });
}

function observation(inode: number): Observation {
  return {
    source: 'test',
    seenAt: 1,
    netns: '7',
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    local: { address: '192.0.2.1', port: inode },
    remote: { address: '198.51.100.1', port: 443 },
    inode,
  };
}

/** Holders of each of these inodes, in a look in which just these are in the tables. */
async function look(inodes: readonly number[], pids: readonly number[] = [200, 300]) {
  const table = await createProcfsProcesses({ procRoot: proc.root }).read(new AbortController().signal);
  const holders = sockets.scan({ observations: inodes.map(observation), table, family: new Set(pids) });
  return inodes.map((inode) => [...(holders.get(inode) ?? [])].sort());
}

describe.each([
  ['a kernel that counts descriptors', (directory: string) => readdirSync(directory).length],
  ['a kernel that does not', () => 0],
])('createFamilySockets on %s', (_kernel, countDescriptors) => {
  beforeEach(() => {
    sockets = createFamilySockets(proc.root, countDescriptors);
  });

  test('every socket of a process with many of them has its owner, look after look', async () => {
    put(200, numbers(1000));
    for (let round = 0; round < 3; round += 1) {
      expect(await look(numbers(1000))).toEqual(numbers(1000).map(() => [200]));
    }
  });

  test('a connection opened since has its owner in the very next look, under a new descriptor', async () => {
    put(200, numbers(1000));
    await look(numbers(1000));
    await look(numbers(1000));
    put(200, [...numbers(1000), 5000]);
    expect((await look([...numbers(1000), 5000])).at(-1)).toEqual([200]);
  });

  test('and under the descriptor of one that ended', async () => {
    put(200, numbers(1000));
    await look(numbers(1000));
    await look(numbers(1000));
    put(200, [5000, ...numbers(1001, MANY - 1)]);
    expect((await look([5000, ...numbers(1001, MANY - 1)]))[0]).toEqual([200]);
  });

  test('and under the descriptor of one that another member still holds', async () => {
    put(200, numbers(1000));
    put(300, numbers(1000));
    await look(numbers(1000));
    await look(numbers(1000));
    put(200, [5000, ...numbers(1001, MANY - 1)]);
    const [first, second] = await look([5000, ...numbers(1000)]);
    expect([first, second]).toEqual([[200], [300]]);
  });

  test('what was a file and is a socket now is found', async () => {
    put(200, [0, ...numbers(1000)]);
    await look(numbers(1000));
    await look(numbers(1000));
    put(200, [5000, ...numbers(1000)]);
    expect((await look([5000]))[0]).toEqual([200]);
  });

  test('a socket handed over in place of another one is noticed within sixty-four looks', async () => {
    put(200, numbers(1000));
    put(300, numbers(2000));
    const all = [...numbers(1000), ...numbers(2000)];
    await look(all);
    await look(all);
    put(300, [1000, ...numbers(2001, MANY - 1)]);
    let holders: (number[] | undefined)[] = [];
    for (let round = 0; round < 64; round += 1) holders = await look(all);
    expect(holders[0]).toEqual([200, 300]);
    expect(holders[MANY]).toEqual([]);
  });

  test('one closed and one opened leave the number as it was, and both are noticed', async () => {
    put(200, numbers(1000));
    await look(numbers(1000));
    await look(numbers(1000));
    const after = [...numbers(1001, MANY - 1), 5000];
    put(200, after);
    expect(await look(after)).toEqual(after.map(() => [200]));
    expect(await look([1000])).toEqual([[]]);
  });

  test('a pid that is another process now has nothing of the one before', async () => {
    put(200, numbers(1000));
    await look(numbers(1000));
    await look(numbers(1000));
    put(200, numbers(3000), 900);
    expect((await look([1000, 3000])).slice(0, 2)).toEqual([[], [200]]);
  });

  test('what a look was told stays as it was when others take the socket over later', async () => {
    put(200, numbers(1000));
    put(300, numbers(2000));
    const all = [...numbers(1000), ...numbers(2000)];
    const table = () => createProcfsProcesses({ procRoot: proc.root }).read(new AbortController().signal);
    const scan = async () =>
      sockets.scan({ observations: all.map(observation), table: await table(), family: new Set([200, 300]) });
    const told = (await scan()).get(1000)!;
    put(300, [1000, ...numbers(2001, MANY - 1)]);
    let later = await scan();
    for (let round = 0; round < 64; round += 1) later = await scan();
    expect([told, later.get(1000)]).toEqual([[200], [200, 300]]);
  });

  test('who left the family holds nothing any more', async () => {
    put(200, numbers(1000));
    await look(numbers(1000));
    await look(numbers(1000));
    expect((await look([1000], [300]))[0]).toEqual([]);
  });
});
