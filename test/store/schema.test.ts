import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { libraryError, openDatabase } from '../../src/store/open.ts';
import { loadMigrations, migrate, renderSchema } from '../../src/store/schema.ts';
import { openStore, openStoreReader } from '../../src/store/store.ts';
import { useDirectories } from './machine.ts';

const places = useDirectories();
const one = { name: '0001-first.sql', sql: loadMigrations()[0]!.sql };
const two = { name: '0002-more.sql', sql: 'CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;' };

describe('migrations', () => {
  test('db/schema.sql is their sum', () => {
    expect(readFileSync('db/schema.sql', 'utf8')).toBe(renderSchema(loadMigrations()));
  });

  test('are applied in order, once each', () => {
    const database = places.closing(openDatabase(':memory:'));
    migrate(database, [one], 'x', 1);
    migrate(database, [one, two], 'x', 2);
    migrate(database, [one, two], 'x', 3);
    expect(database.prepare('SELECT version, applied_at AS at FROM migrations').all()).toEqual([
      { version: 1, at: 1 },
      { version: 2, at: 2 },
    ]);
  });

  test('one that fails leaves nothing of itself behind', () => {
    const database = places.closing(openDatabase(':memory:'));
    const broken = { name: '0002-broken.sql', sql: `${two.sql} CREATE TABLE more (id INTEGER) STRICT;` };
    expect(() => migrate(database, [one, broken], 'x', 1)).toThrow(/already exists/);
    expect(database.pragma('user_version')).toBe(1);
    migrate(database, [one, two], 'x', 2);
    expect(database.pragma('user_version')).toBe(2);
  });

  test('one that was changed after release, a newer file and another program’s file are refused', () => {
    const database = places.closing(openDatabase(':memory:'));
    migrate(database, [one, two], 'x', 1);
    expect(() => migrate(database, [one, { ...two, sql: `${two.sql} ` }], 'x', 1)).toThrow(/another 0002-more.sql/);
    expect(() => migrate(database, [one], 'x', 1)).toThrow(/newer ClawWatch \(schema 2, ours 1\)/);
    const other = places.closing(openDatabase(':memory:'));
    other.exec('CREATE TABLE theirs (id INTEGER)');
    expect(() => migrate(other, [one], 'x', 1)).toThrow(/belongs to another program/);
  });

  test('a reader refuses an older schema and says how to update it', () => {
    const path = places.file();
    openStore({ path }).close();
    const raw = openDatabase(path);
    raw.pragma('user_version = 0');
    raw.close();
    expect(() => openStoreReader({ path })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('clawwatch scan'), exitCode: 4 }),
    );
  });

  test('names out of order are a bug and not silently skipped', () => {
    const database = places.closing(openDatabase(':memory:'));
    expect(() => migrate(database, [two], 'x', 1)).toThrow(/must be named 0001-/);
  });
});

test('a library that does not load is an environment error with its cure', () => {
  expect(libraryError(new Error('GLIBC_2.34 not found'))).toMatchObject({
    exitCode: 78,
    hint: expect.stringMatching(/glibc >= 2\.34.*npm rebuild better-sqlite3/),
  });
});
