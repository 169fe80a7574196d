import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog } from '../../src/agent/log.ts';

test('lines below the level are not written', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', write: (line) => void lines.push(line) });
  log.info({}, 'no');
  log.debug({}, 'no');
  log.warn({ gap: 1 }, 'yes');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 40, gap: 1, msg: 'yes' });
});

test('silent writes nothing', () => {
  const lines: string[] = [];
  createLog({ level: 'silent', write: (line) => void lines.push(line) }).error({}, 'no');
  expect(lines).toEqual([]);
});

test('text from outside is plain ASCII in a line, and means the same', () => {
  const lines: string[] = [];
  const hostile = 'a\u001b[31m\u202e\u200b\n\u009b字\ud83d\ude00';
  createLog({ level: 'info', write: (line) => void lines.push(line) }).error(
    { comm: hostile, err: new Error(hostile) },
    hostile,
  );
  expect(lines[0]).toMatch(/^[\x20-\x7e]*\n$/);
  expect(JSON.parse(lines[0]!)).toMatchObject({ comm: hostile, msg: hostile });
});

test('a log file is for its owner alone and is added to', () => {
  const directory = mkdtempSync(join(tmpdir(), 'clawwatch-log-'));
  const file = join(directory, 'agent.log');
  for (const message of ['one', 'two']) {
    const log = createLog({ level: 'info', file, write: () => {} });
    log.info({}, message);
    log.close();
  }
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(directory, { recursive: true });
});

test('a log file that cannot be written does not lose the line', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', file: '/nowhere/at/all.log', write: (line) => void lines.push(line) });
  log.error({}, 'important');
  expect(lines.join('')).toContain('cannot write the log');
  expect(lines.join('')).toContain('important');
});
