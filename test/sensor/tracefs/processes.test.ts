import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcessMap, type ProcessMap } from '../../../src/sensor/tracefs/processes.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';
import { numRuns } from './pages.ts';

const THREAD = 0x1_0000;
const PARENT = 0x8000;

let proc: FakeProc;
let map: ProcessMap;

beforeEach(() => {
  proc = createFakeProc();
  proc.add(100, 1, [101, 102]);
  map = createProcessMap(proc.root);
  map.load();
});
afterEach(() => proc.close());

describe('createProcessMap', () => {
  test('knows the threads of processes that were there before', () => {
    proc.close(); // From memory, not by looking again.
    expect([100, 101, 102].map(map.pidOf)).toEqual([100, 100, 100]);
    expect(map.pidOf(0)).toBeUndefined();
    expect(map.pidOf(7)).toBeUndefined();
  });

  test('a new thread is its process, and a new process of a thread has the process as parent', () => {
    expect(map.fork(101, 110, THREAD)).toBeUndefined();
    expect(map.pidOf(110)).toBe(100);
    expect(map.fork(110, 120, 0)).toEqual({ pid: 120, ppid: 100 });
    expect(map.fork(120, 121, PARENT)).toEqual({ pid: 121, ppid: 100 });
    expect(map.pidOf(121)).toBe(121);
  });

  test.each([true, false])('a process lives until its last thread ends (told by the kernel: %s)', (isTold) => {
    const said = (value: boolean) => (isTold ? value : undefined);
    expect(map.exit(101, said(false))).toBeUndefined();
    expect(map.exit(100, said(false))).toBeUndefined();
    expect(map.pidOf(102)).toBe(100);
    expect(map.exit(102, said(true))).toBe(100);
    expect(map.size).toBe(0);
  });

  test('a thread that executes becomes the process', () => {
    map.exit(101, false);
    map.exit(100, false);
    map.exec(100, 102);
    proc.close();
    expect(map.pidOf(100)).toBe(100);
    expect(map.pidOf(102)).toBeUndefined();
    map.fork(100, 130, THREAD);
    expect(map.exit(130, undefined)).toBeUndefined();
    expect(map.exit(100, undefined)).toBe(100);
  });

  test('what happened before the start may be told again without harm', () => {
    map.fork(100, 101, THREAD);
    map.fork(100, 102, THREAD);
    map.exit(101, undefined);
    expect(map.exit(102, undefined)).toBeUndefined();
    expect(map.exit(100, undefined)).toBe(100);
  });

  test('a number that is used again belongs to the new owner only', () => {
    map.fork(100, 200, 0);
    map.fork(200, 101, 0);
    expect(map.pidOf(101)).toBe(101);
    map.exit(101, true);
    expect(map.fork(999_999, 101, THREAD)).toBeUndefined();
    proc.remove(100);
    proc.remove(101);
    expect(map.pidOf(101)).toBeUndefined();
  });

  test('looks an unknown thread up, so often and no more', () => {
    proc.add(300, 100, [301]);
    expect(map.pidOf(301)).toBe(300);
    for (let tid = 10_000; tid < 11_000; tid++) map.pidOf(tid);
    proc.add(400, 1);
    expect(map.pidOf(400)).toBeUndefined();
    map.beginBatch();
    expect(map.pidOf(400)).toBe(400);
  });

  test('after lost events it learns who came, and forgets who went when a second look misses him too', () => {
    proc.remove(100);
    proc.remove(101);
    proc.remove(102);
    proc.add(500, 1);
    map.load();
    expect(map.pidOf(500)).toBe(500);
    expect(map.pidOf(101)).toBe(100); // His end may be in the buffer still.
    map.load();
    expect(map.size).toBe(1);
  });

  test('stays bounded, whatever the events say', () => {
    const number = fc.integer({ min: -1, max: 12 });
    const step = fc.tuple(fc.constantFrom('fork', 'thread', 'exec', 'exit', 'dead'), number, number);
    const empty = createFakeProc();
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const some = createProcessMap(empty.root);
        for (const [what, a, b] of steps) {
          some.beginBatch();
          if (what === 'fork') some.fork(a, b, 0);
          else if (what === 'thread') some.fork(a, b, THREAD);
          else if (what === 'exec') some.exec(a, b);
          else some.exit(a, what === 'dead' ? true : undefined);
        }
        expect(some.size).toBeLessThanOrEqual(14);
      }),
      { numRuns: Math.min(numRuns, 5_000) },
    );
    empty.close();
  });
});
