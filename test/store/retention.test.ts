import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { openStore } from '../../src/store/store.ts';
import { at, connection, finding, listener, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const DAY = 86_400;
const bytesOf = (path: string) => statSync(path).size + (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0);

/** Many short connections, one listener that stays, one finding that stays and one that went. */
function busyStore(rounds: number) {
  const path = places.file();
  const store = places.closing(openStore({ path }));
  const steady = { listeners: [listener(18789)] };
  store.recordCycle(snapshot(0, steady), [finding('stays'), finding('goes')], 'agent');
  for (let round = 1; round <= rounds; round++) {
    const connections = Array.from({ length: 500 }, (_, index) => connection(round * 500 + index));
    store.recordCycle(snapshot(round * 2, { ...steady, connections }), [finding('stays')], 'agent');
  }
  return { path, store, end: rounds * 2 };
}

describe('by age', () => {
  test('old closed rows go, open sockets and open findings stay', () => {
    const { store, end } = busyStore(3);
    const deleted = store.retain({ days: 30, megabytes: 100 }, at(end + 31 * DAY));
    expect(deleted).toBeGreaterThan(1000);
    expect(store.connections({ open: false })).toEqual([]);
    expect(store.connections({ open: true })).toHaveLength(500);
    expect(store.listeners()).toHaveLength(1);
    expect(store.findings().map((each) => each.subject)).toEqual(['stays']);
    expect(store.lastCycle()?.at).toBe(at(end));
  });

  test('cycles without a change are thinned out after a day, those with one are kept', () => {
    const store = places.closing(openStore({ path: places.file() }));
    for (const second of [0, 2, 4]) store.recordCycle(snapshot(second, { listeners: [listener(1)] }), [], 'agent');
    store.recordCycle(snapshot(2 * DAY, { listeners: [listener(1)] }), [], 'agent');
    expect(store.retain({ days: 30, megabytes: 100 }, at(2 * DAY))).toBe(2);
    expect(store.size().rows.cycles).toBe(2);
    expect(store.listeners()).toMatchObject([{ firstAt: at(0), lastAt: at(2 * DAY) }]);
  });

  test('a muted finding is kept for as long as it is muted', () => {
    const store = places.closing(openStore({ path: places.file() }));
    store.recordCycle(snapshot(0), [finding('x')], 'agent');
    store.setFindingStatus(finding('x').fingerprint, 'suppressed', 'known', at(1));
    store.recordCycle(snapshot(2), [], 'agent');
    store.retain({ days: 1, megabytes: 100 }, at(400 * DAY));
    expect(store.findings()).toHaveLength(1);
  });
});

describe('by size', () => {
  test('the oldest go until main file and -wal together are under the limit', () => {
    const { path, store, end } = busyStore(12);
    expect(bytesOf(path)).toBeGreaterThan(2 * 1024 * 1024);
    store.retain({ days: 30, megabytes: 2 }, at(end));
    expect(bytesOf(path)).toBeLessThan(2 * 1024 * 1024);
    expect(store.size()).not.toHaveProperty('overLimitBytes');
    const kept = store.connections({ open: false });
    expect(kept.length).toBeGreaterThan(0);
    expect(Math.min(...kept.map((row) => row.firstAt))).toBeGreaterThan(at(2));
  });

  test('what is open stays even above the limit, and the excess is told', () => {
    const { store, end } = busyStore(1);
    store.retain({ days: 30, megabytes: 0.1 }, at(end));
    expect(store.connections({ open: true })).toHaveLength(500);
    expect(store.size().overLimitBytes).toBeGreaterThan(0);
    store.retain({ days: 30, megabytes: 10 }, at(end));
    expect(store.size()).not.toHaveProperty('overLimitBytes');
  });

  test('a reader that pins the -wal does not make it delete everything in vain', () => {
    const { path, store, end } = busyStore(12);
    const reader = places.closing(openDatabase(path, { readonly: true }));
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM cycles').get();
    store.recordCycle(snapshot(end + 2, { listeners: [listener(18789)] }), [], 'agent');
    store.retain({ days: 30, megabytes: 1 }, at(end + 2));
    reader.exec('COMMIT');
    expect(store.size().rows.connections).toBeGreaterThan(3000);
    expect(store.size().overLimitBytes).toBeGreaterThan(0);
  });

  test('the store goes on after it', () => {
    const { store, end } = busyStore(4);
    store.retain({ days: 30, megabytes: 0.1 }, at(end));
    expect(store.history().firstSeenAt(listener(18789).key)).toBe(at(0));
    store.recordCycle(snapshot(end + 2, { listeners: [listener(18789)] }), [finding('stays')], 'agent');
    expect(store.listeners()).toMatchObject([{ firstAt: at(0), lastAt: at(end + 2) }]);
  });
});
