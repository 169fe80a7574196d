import { createHash } from 'node:crypto';
import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createForeignDatabases, type ForeignDatabase } from '../../../src/collect/openclaw/sqlite.ts';
import { database, folder } from './activity/state-folder.ts';

const OWN = process.getuid!();
const count = (db: ForeignDatabase) => {
  db.demand('t', ['a']);
  return [...db.rows('SELECT a FROM t WHERE rowid > ? ORDER BY rowid LIMIT 100', 0)].map((row) => row.a);
};

function sample(rows = 2) {
  const written = database(join(folder(), 'x.sqlite'), 'CREATE TABLE t (a INTEGER)');
  for (let a = 1; a <= rows; a++) written.insert('t', { a });
  return written;
}

describe('databases of another program', () => {
  test('rows that are only in the write-ahead log are read while the writer has it open', () => {
    const { path } = sample();
    expect(createForeignDatabases().read(path, OWN, count)).toEqual({ ok: true, value: [1, 2] });
  });

  test('reading changes no file and leaves the writer free to write', () => {
    const written = sample();
    const state = () =>
      readdirSync(dirname(written.path))
        .filter((name) => !name.endsWith('-shm'))
        .map((name) => [
          name,
          createHash('sha256')
            .update(readFileSync(join(dirname(written.path), name)))
            .digest('hex'),
        ]);
    const before = state();
    const reading = createForeignDatabases().read(written.path, OWN, (db) => {
      const rows = count(db);
      expect(state()).toEqual(before);
      written.insert('t', { a: 3 });
      return rows;
    });
    expect(reading).toEqual({ ok: true, value: [1, 2] });
    expect(createForeignDatabases().read(written.path, OWN, count)).toEqual({ ok: true, value: [1, 2, 3] });
  });

  test('no statement can write', () => {
    const { path } = sample();
    const reading = createForeignDatabases().read(path, OWN, (db) => [...db.rows('DELETE FROM t RETURNING a')]);
    expect(reading.ok).toBe(false);
    expect(createForeignDatabases().read(path, OWN, count)).toEqual({ ok: true, value: [1, 2] });
  });

  test('a table that is missing, lacks a column or is something else is a difference and no crash', () => {
    const databases = createForeignDatabases();
    const endless = 'WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT a FROM n';
    for (const schema of [
      'CREATE TABLE other (a)',
      'CREATE TABLE t (b)',
      `CREATE VIEW t AS ${endless}`,
      'CREATE VIRTUAL TABLE t USING fts5(a)',
      'CREATE TABLE t (b, a GENERATED ALWAYS AS (hex(zeroblob(100000000))) VIRTUAL)',
    ]) {
      const { path } = database(join(folder(), 'x.sqlite'), schema);
      expect(databases.read(path, OWN, count), schema).toMatchObject({ ok: false, cause: 'different' });
    }
  });

  test('a statement on a column that nobody demanded is a difference too', () => {
    const { path } = database(join(folder(), 'x.sqlite'), 'CREATE TABLE t (a INTEGER PRIMARY KEY) WITHOUT ROWID');
    expect(createForeignDatabases().read(path, OWN, count)).toMatchObject({ ok: false, cause: 'different' });
  });

  test('a locked database is busy', () => {
    const written = database(join(folder(), 'x.sqlite'), 'CREATE TABLE t (a)');
    written.handle.pragma('journal_mode = DELETE');
    written.handle.exec('BEGIN EXCLUSIVE');
    expect(createForeignDatabases().read(written.path, OWN, count)).toMatchObject({ ok: false, cause: 'busy' });
  });

  test('links, folders, relative paths and special names are refused or missing', () => {
    const { path } = sample();
    const link = join(dirname(path), 'link.sqlite');
    symlinkSync(path, link);
    const directory = join(dirname(path), 'd.sqlite');
    mkdirSync(directory);
    const databases = createForeignDatabases();
    for (const one of [link, directory, 'x.sqlite', ':memory:', '', ` ${path}`, `${path}\0`, `file:${path}`]) {
      expect(databases.read(one, OWN, count), one).toMatchObject({ ok: false, cause: 'refused' });
    }
    expect(databases.read(`${path}.gone`, OWN, count)).toMatchObject({ ok: false, cause: 'missing' });
  });

  test('a link in place of the log is refused', () => {
    const written = sample();
    written.close();
    symlinkSync('/etc/hostname', `${written.path}-wal`);
    expect(createForeignDatabases().read(written.path, OWN, count)).toMatchObject({ ok: false, cause: 'refused' });
  });

  test('a file larger than any real one is refused unread', () => {
    const path = join(folder(), 'x.sqlite');
    writeFileSync(path, '');
    truncateSync(path, 1024 ** 3 + 1);
    expect(createForeignDatabases().read(path, OWN, count)).toMatchObject({ ok: false, cause: 'refused' });
  });

  test('a file of somebody else than the gateway is refused', () => {
    const { path } = sample();
    expect(createForeignDatabases().read(path, OWN + 1, count)).toMatchObject({ ok: false, cause: 'refused' });
  });

  test("another user's database is left to that user", () => {
    const { path } = sample();
    const databases = createForeignDatabases({ ownUid: OWN + 1 });
    expect(databases.read(path, OWN, count)).toMatchObject({ ok: false, cause: 'other-user' });
  });

  test.runIf(OWN === 0)('nor does root open it, also where nothing would have to be created', () => {
    const written = sample();
    const names = readdirSync(dirname(written.path)).sort();
    for (const name of names) chownSync(join(dirname(written.path), name), 12_345, 12_345);
    const reading = createForeignDatabases().read(written.path, 12_345, count);
    expect(reading).toMatchObject({ ok: false, cause: 'other-user' });
    expect(readdirSync(dirname(written.path)).sort()).toEqual(names);
  });

  test('a look that took long is followed by a pause of a hundred times as long', () => {
    const { path } = sample();
    let elapsed = 1_000;
    const databases = createForeignDatabases({ elapsed: () => elapsed });
    const slow = (db: ForeignDatabase) => {
      elapsed += 200;
      return count(db);
    };
    expect(databases.read(path, OWN, slow).ok).toBe(true);
    elapsed += 19_999;
    expect(databases.read(path, OWN, count)).toMatchObject({ ok: false, cause: 'slow' });
    elapsed += 2;
    expect(databases.read(path, OWN, count).ok).toBe(true);
  });

  test('rows end when the time of the look is over', () => {
    const { path } = sample(50);
    let elapsed = 0;
    const databases = createForeignDatabases({ elapsed: () => (elapsed += 10) });
    const reading = databases.read(path, OWN, count);
    expect(reading.ok && reading.value.length).toBeLessThan(10);
  });

  test('the stamp changes with the log, and is never trusted for a fresh change', () => {
    const written = sample();
    const later = { now: () => statSync(written.path).mtimeMs + 60_000 };
    const settled = createForeignDatabases(later);
    const first = settled.stamp(written.path);
    expect(settled.stamp(written.path)).toBe(first);
    written.insert('t', { a: 3 });
    expect(settled.stamp(written.path)).not.toBe(first);
    expect(settled.stamp(`${written.path}.gone`)).toBeUndefined();
    let now = statSync(`${written.path}-wal`).mtimeMs;
    const fresh = createForeignDatabases({ now: () => now++ });
    expect(fresh.stamp(written.path)).not.toBe(fresh.stamp(written.path));
  });

  test('damaged and garbage files give an answer, never a throw', () => {
    const written = sample(200);
    written.handle.pragma('wal_checkpoint(TRUNCATE)');
    written.close();
    const sound = readFileSync(written.path);
    const path = join(folder(), 'bad.sqlite');
    const databases = createForeignDatabases();
    const damage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }).map((changes) => {
        const bytes = Buffer.from(sound);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      }),
      fc.nat(sound.length).map((length) => sound.subarray(0, length)),
    );
    fc.assert(
      fc.property(damage, (bytes) => {
        writeFileSync(path, bytes);
        const reading = databases.read(path, OWN, count);
        if (!reading.ok) expect(['invalid', 'different', 'busy', 'slow', 'other-user']).toContain(reading.cause);
      }),
      { numRuns: Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 300) },
    );
  });
});
