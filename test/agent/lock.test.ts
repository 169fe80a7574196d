import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { liveHolder, lockPath, takeLock } from '../../src/agent/lock.ts';
import { UserError } from '../../src/types/error.ts';

let directory: string;
let database: string;
let procRoot: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'clawwatch-lock-'));
  database = join(directory, 'state', 'clawwatch.db');
  procRoot = join(directory, 'proc');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Makes a process that started at `ticks`; its name tries to shift the fields of its stat line. */
function process(pid: number, ticks: number): void {
  mkdirSync(join(procRoot, String(pid)), { recursive: true });
  const fields = Array.from({ length: 30 }, (_, index) => (index === 18 ? ticks : 1)).join(' ');
  writeFileSync(join(procRoot, String(pid), 'stat'), `${pid} (evil) R 1 ) S ${fields}\n`);
}

const alive = new Set<number>();
const take = (pid: number) =>
  takeLock({ database, pid, procRoot, now: () => 5, isAlive: (candidate) => alive.has(candidate) });

describe('one agent for each database', () => {
  beforeEach(() => {
    alive.clear();
    for (const pid of [10, 20]) {
      process(pid, pid * 100);
      alive.add(pid);
    }
  });

  test('the second one is told the pid of the first', () => {
    take(10);
    expect(() => take(20)).toThrow(UserError);
    expect(() => take(20)).toThrow('pid 10');
    expect(liveHolder({ database, procRoot, isAlive: (pid) => alive.has(pid) })).toEqual({
      pid: 10,
      startTicks: 1000,
      startedAt: 5,
    });
  });

  test('another database is another matter', () => {
    take(10);
    database = join(directory, 'state', 'other.db');
    expect(() => take(20)).not.toThrow();
  });

  test('the lock is given back', () => {
    take(10)();
    expect(() => take(20)).not.toThrow();
  });

  test('giving back leaves the lock of a successor alone', () => {
    const giveBack = take(10);
    alive.delete(10);
    take(20);
    giveBack();
    expect(JSON.parse(readFileSync(lockPath(database), 'utf8'))).toMatchObject({ pid: 20 });
  });

  test('the lock of a killed agent is taken over', () => {
    take(10);
    alive.delete(10);
    take(20);
    expect(JSON.parse(readFileSync(lockPath(database), 'utf8'))).toMatchObject({ pid: 20, startTicks: 2000 });
  });

  test('a pid that belongs to another process now does not hold the lock', () => {
    take(10);
    process(10, 9999);
    expect(() => take(20)).not.toThrow();
  });

  test.each([
    ['empty', ''],
    ['cut off', '{"pid":1'],
    ['of another kind', '{"pid":"10","startTicks":1}'],
    ['null', 'null'],
    ['a list', '[1,2]'],
    ['negative', '{"pid":-1,"startTicks":1}'],
  ])('a lock file that is %s is taken over', (_name, text) => {
    mkdirSync(join(directory, 'state'));
    writeFileSync(lockPath(database), text);
    expect(() => take(20)).not.toThrow();
  });

  test('a symbolic link in its place is replaced and its target left alone', () => {
    mkdirSync(join(directory, 'state'));
    const target = join(directory, 'precious');
    writeFileSync(target, 'keep');
    symlinkSync(target, lockPath(database));
    take(20);
    expect(readFileSync(target, 'utf8')).toBe('keep');
  });

  test('nothing but the lock is left, for the owner alone', () => {
    take(10);
    expect(() => take(20)).toThrow();
    expect(readdirSync(join(directory, 'state'))).toEqual(['clawwatch.db.lock']);
    expect(statSync(lockPath(database)).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'state')).mode & 0o777).toBe(0o700);
  });

  test('a place that cannot be written is one line with a hint', () => {
    writeFileSync(join(directory, 'file'), '');
    database = join(directory, 'file', 'c.db');
    expect(() => take(10)).toThrow(
      expect.objectContaining({ name: 'UserError', hint: expect.stringContaining('ls -ld') }),
    );
  });
});
