import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { openStore, openStoreReader } from '../../src/store/store.ts';
import type { Snapshot } from '../../src/types/snapshot.ts';
import { at, connection, finding, listener, openPorts, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const busy = (seconds: number, first = 0): Snapshot =>
  snapshot(seconds, { connections: Array.from({ length: 200 }, (_, index) => connection(first + index + 1)) });

/** A closed database of some hundred pages. */
function filled(): string {
  const path = places.file();
  const store = openStore({ path });
  for (let round = 0; round < 5; round++) store.recordCycle(busy(round * 2, round * 200), [finding('x')], 'agent');
  store.close();
  return path;
}

const aside = expect.objectContaining({ exitCode: 4, hint: expect.stringMatching(/mv .*\.corrupt/) });

describe('a damaged file', () => {
  test('that is no database at all is refused and left as it is', () => {
    const path = places.file();
    writeFileSync(path, 'this is not a database, '.repeat(100), { mode: 0o600 });
    const before = readFileSync(path);
    expect(() => openStore({ path })).toThrow(aside);
    expect(() => openStoreReader({ path })).toThrow(aside);
    expect(readFileSync(path)).toEqual(before);
  });

  test('that was cut off is refused', () => {
    const path = filled();
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
    expect(() => places.closing(openStore({ path })).recordCycle(busy(20), [], 'agent')).toThrow(aside);
  });

  test('with garbage in the middle never reads as an empty or clean record', () => {
    const path = filled();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096 * 3, bytes.length - 4096);
    writeFileSync(path, bytes);
    expect(() => {
      const reader = places.closing(openStoreReader({ path }));
      return [reader.lastCycle(), reader.findings(), reader.connections(), reader.listeners(), reader.gateways()];
    }).toThrow(aside);
    expect(existsSync(path)).toBe(true);
  });

  test('is found at the start after an unclean end, before anything is read from it', () => {
    const path = filled();
    const raw = openDatabase(path);
    raw.exec("INSERT INTO writers VALUES ('gone', 999999999, 0)");
    raw.exec("UPDATE findings SET short_id = 'F-0'");
    raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const root = Number(
      raw.prepare<{ n: number }>("SELECT rootpage AS n FROM sqlite_schema WHERE name = 'connections_closed'").get()?.n,
    );
    raw.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, (root - 1) * 4096 + 8, root * 4096);
    writeFileSync(path, bytes);
    expect(() => openStore({ path })).toThrow(aside);
  });
});

describe('no room', () => {
  test('a full disk loses no earlier commit, and the next look after space is freed is recorded', (context) => {
    const path = places.file();
    const store = places.closing(openStore({ path }));
    store.recordCycle(snapshot(0, { listeners: [listener(1)] }), [finding('x')], 'agent');
    const hold = fillDisk(path);
    if (hold === undefined) return context.skip('needs the right to mount a small file system');
    expect(() => hold.store.recordCycle(busy(2), [finding('y')], 'agent')).toThrow(/disk is full/);
    expect(openPorts(hold.store)).toEqual([1]);
    expect(hold.store.lastCycle()?.at).toBe(at(0));
    hold.free();
    hold.store.recordCycle(busy(4), [finding('y')], 'agent');
    expect(hold.store.connections({ open: true })).toHaveLength(200);
    expect(hold.store.findings().map((each) => [each.subject, each.status])).toEqual([
      ['y', 'open'],
      ['x', 'resolved'],
    ]);
  });

  /** A copy of the store on a file system of 1 MB (a tmpfs, root only) that is full. */
  function fillDisk(path: string) {
    const mount = places.directory();
    if (!mountTmpfs(mount)) return undefined;
    openStoreReader({ path }).close();
    const copy = `${mount}/clawwatch.db`;
    const source = openDatabase(path);
    source.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    source.close();
    copyFileSync(path, copy);
    const store = openStore({ path: copy });
    let size = 1024 * 1024;
    for (; size >= 4096; size = Math.floor(size / 2)) {
      for (let part = 0; part < 4; part++) {
        try {
          writeFileSync(`${mount}/fill-${size}-${part}`, Buffer.alloc(size));
        } catch {
          break;
        }
      }
    }
    places.closing({
      close() {
        store.close();
        unmount(mount);
      },
    });
    const free = () => {
      for (let bytes = 1024 * 1024; bytes >= 4096; bytes = Math.floor(bytes / 2)) {
        for (let part = 0; part < 4; part++) rmSync(`${mount}/fill-${bytes}-${part}`, { force: true });
      }
    };
    return { store, free };
  }
});

describe('other obstacles', () => {
  test('a record on a read-only file system can be read, and not written', (context) => {
    const mount = places.directory();
    if (!mountTmpfs(mount)) return context.skip('needs the right to mount a small file system');
    places.closing({ close: () => unmount(mount) });
    const path = `${mount}/clawwatch.db`;
    const store = openStore({ path });
    store.recordCycle(snapshot(0, { listeners: [listener(1)] }), [], 'agent');
    store.close();
    spawnSync('mount', ['-o', 'remount,ro', mount]);
    const reader = openStoreReader({ path });
    expect(reader.listeners()).toMatchObject([{ firstAt: at(0), lastAt: at(0) }]);
    reader.close();
    expect(() => openStore({ path })).toThrow(expect.objectContaining({ name: 'UserError', exitCode: 4 }));
  });

  test('a writer that does not let go is named after the busy timeout', () => {
    const path = places.file();
    const store = places.closing(openStore({ path, busyTimeoutMs: 10 }));
    const other = places.closing(openDatabase(path));
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.recordCycle(snapshot(0), [], 'agent')).toThrow(/another process holds/);
    other.exec('ROLLBACK');
    expect(store.recordCycle(snapshot(2), [], 'agent').cycleId).toBe(1);
  });

  test('a path below a file is an error with a hint and not a stack', () => {
    const path = places.file();
    writeFileSync(path, '');
    expect(() => openStore({ path: `${path}/inside/x.db` })).toThrow(
      expect.objectContaining({ name: 'UserError', exitCode: 4 }),
    );
  });

  test('a failed cycle leaves the memory of open sockets right', () => {
    const store = places.closing(openStore({ path: places.file() }));
    store.recordCycle(snapshot(0, { listeners: [listener(1)] }), [], 'agent');
    const broken = { ...finding('x'), severity: undefined } as never;
    expect(() => store.recordCycle(snapshot(2, { listeners: [listener(2)] }), [broken], 'agent')).toThrow();
    expect(store.history().firstSeenAt(listener(1).key)).toBe(at(0));
    expect(store.history().firstSeenAt(listener(2).key)).toBeUndefined();
    store.recordCycle(snapshot(4, { listeners: [listener(2)] }), [], 'agent');
    expect(openPorts(store)).toEqual([2]);
  });
});

test('kill -9 at any point loses no committed cycle, and the next start needs no repair', async () => {
  const path = places.file();
  mkdirSync(dirname(path), { recursive: true });
  const reported: number[] = [];
  for (let round = 0; round < 24; round++) {
    const child = spawn(process.execPath, ['test/store/record-forever.ts', path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const fatal = 1 + ((round * 7) % 23);
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      reported.push(Number(line));
      if (++lines === fatal) child.kill('SIGKILL');
    }
    expect((await exited)[1]).toBe('SIGKILL');
  }
  const raw = openDatabase(path);
  expect(raw.pragma('integrity_check')).toBe('ok');
  const kept = new Set(
    raw
      .prepare<{ id: number }>('SELECT id FROM cycles')
      .all()
      .map((row) => row.id),
  );
  raw.close();
  expect(reported.length).toBeGreaterThan(24);
  expect(reported.filter((id) => !kept.has(id))).toEqual([]);
  const store = places.closing(openStore({ path }));
  expect(store.recordCycle(busy(1_000_000), [], 'agent').cycleId).toBeGreaterThan(Math.max(...reported));
}, 120_000);

function mountTmpfs(directory: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', directory]).status === 0;
}

function unmount(directory: string): void {
  spawnSync('umount', [directory]);
}
