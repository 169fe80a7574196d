import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadHashKey } from '../../src/agent/hash-key.ts';

let folder: string;
let database: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clawwatch-key-'));
  database = join(folder, 'state', 'clawwatch.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const keyFile = () => join(folder, 'state', 'hash-key');

describe('key of the hashes of secrets', () => {
  test('is made once, for us alone, and is the same at the next start', () => {
    const key = loadHashKey(database, true);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
    expect(loadHashKey(database, true)).toBe(key);
    expect(loadHashKey(database, false)).toBe(key);
  });

  test('is not made by a look that records nothing', () => {
    expect(loadHashKey(database, false)).toBeUndefined();
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  test('is not taken from a file that others can read, nor through a link, nor when it is no key', () => {
    loadHashKey(database, true);
    chmodSync(keyFile(), 0o644);
    expect(loadHashKey(database, true)).toBeUndefined();
    const target = join(folder, 'elsewhere');
    writeFileSync(target, readFileSync(keyFile()), { mode: 0o600 });
    rmSync(keyFile());
    symlinkSync(target, keyFile());
    expect(loadHashKey(database, true)).toBeUndefined();
    rmSync(keyFile());
    writeFileSync(keyFile(), 'short', { mode: 0o600 });
    expect(loadHashKey(database, true)).toBeUndefined();
  });
});
