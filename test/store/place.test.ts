import { chmodSync, chownSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { preparePlace } from '../../src/store/place.ts';
import { openStore, openStoreReader } from '../../src/store/store.ts';
import { listener, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const mode = (path: string) => statSync(path).mode & 0o777;
const isRoot = process.geteuid?.() === 0;

describe('files', () => {
  test('a new directory is 0700 and every file of the database 0600', () => {
    const directory = join(places.directory(), 'state', 'clawwatch');
    const path = join(directory, 'clawwatch.db');
    const store = places.closing(openStore({ path }));
    store.recordCycle(snapshot(0, { listeners: [listener(1)] }), [], 'agent');
    expect([directory, path, `${path}-wal`, `${path}-shm`].map(mode)).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  test('a file that others may read is closed to them', () => {
    const path = places.file();
    writeFileSync(path, '', { mode: 0o644 });
    preparePlace(path);
    expect(mode(path)).toBe(0o600);
  });

  test('a file that is no record of ours keeps its mode: a mistyped --db closes it to nobody', () => {
    const text = places.file();
    writeFileSync(text, 'root:x:0:0:root:/root:/bin/bash\n'.repeat(10), { mode: 0o644 });
    expect(() => openStore({ path: text })).toThrow(/not a ClawWatch record/);
    expect(mode(text)).toBe(0o644);
    const other = join(places.directory(), 'other.db');
    const database = openDatabase(other);
    database.exec('PRAGMA application_id = 7; CREATE TABLE theirs (a)');
    database.close();
    chmodSync(other, 0o644);
    expect(() => openStore({ path: other })).toThrow(/another program/);
    expect(mode(other)).toBe(0o644);
  });

  test('a record of ours that others may read is closed to them', () => {
    const path = places.file();
    openStore({ path }).close();
    chmodSync(path, 0o644);
    openStore({ path }).close();
    expect(mode(path)).toBe(0o600);
  });

  test('a place where no file can be made is an error with a hint and not a stack', () => {
    const circle = join(places.directory(), 'circle');
    symlinkSync(circle, circle);
    for (const path of [join(circle, 'x.db'), join(places.directory(), `${'n'.repeat(300)}.db`)]) {
      expect(() => preparePlace(path)).toThrow(expect.objectContaining({ name: 'UserError', exitCode: 4 }));
    }
  });

  test('a directory is not taken for a disk that fails', () => {
    expect(() => openStoreReader({ path: places.directory() })).toThrow(/cannot be a directory/);
  });

  test('a symbolic link and a directory in its place are refused', () => {
    const directory = places.directory();
    const link = join(directory, 'link.db');
    symlinkSync(join(directory, 'elsewhere'), link);
    expect(() => preparePlace(link)).toThrow(/symbolic link/);
    mkdirSync(join(directory, 'folder'));
    expect(() => preparePlace(join(directory, 'folder'))).toThrow(/not a plain file/);
    const path = join(directory, 'ok.db');
    symlinkSync('/dev/null', `${path}-wal`);
    expect(() => preparePlace(path)).toThrow(/-wal is a symbolic link/);
  });

  test('a name that the library would read as another is refused', () => {
    expect(() => openStore({ path: `${places.file()} ` })).toThrow(/blank/);
  });
});

describe.skipIf(!isRoot)('as root', () => {
  test('a directory of another user, one that others can write and one below such are refused', () => {
    const theirs = places.directory();
    chownSync(theirs, 12345, 12345);
    expect(() => preparePlace(join(theirs, 'x.db'))).toThrow(/belongs to user 12345/);
    expect(() => preparePlace(join(theirs, 'deeper', 'x.db'))).toThrow(/belongs to user 12345/);
    const open = places.directory();
    for (const bits of [0o777, 0o1777, 0o770]) {
      chmodSync(open, bits);
      expect(() => preparePlace(join(open, 'x.db'))).toThrow(/written by other users/);
    }
  });

  test('a linked directory is judged by where it leads', () => {
    const theirs = places.directory();
    chownSync(theirs, 12345, 12345);
    const link = join(places.directory(), 'link');
    symlinkSync(theirs, link);
    expect(() => preparePlace(join(link, 'x.db'))).toThrow(/belongs to user 12345/);
  });

  test('a file of another user, with a second name or open to others is refused', () => {
    const path = places.file();
    writeFileSync(path, '');
    chmodSync(path, 0o666);
    expect(() => preparePlace(path)).toThrow(/written by other users/);
    chmodSync(path, 0o600);
    linkSync(path, `${path}.second`);
    expect(() => preparePlace(path)).toThrow(/second name/);
    chownSync(path, 12345, 12345);
    expect(() => preparePlace(path)).toThrow(/belongs to user 12345/);
  });
});
