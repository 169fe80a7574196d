import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installPack, removePack } from '../../src/intel/installed.ts';
import { CHECK_EVERY_MS, createIntelWatch, type IntelChange } from '../../src/intel/watch.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
let folder: string;
let now = NOW;
let changes: IntelChange[] = [];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'clawwatch-watch-')), 'intel');
  now = NOW;
  changes = [];
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

function packOf(...domains: string[]): Buffer {
  const indicators = domains.map((value) => ({
    value,
    type: 'domain',
    tier: 'A',
    first_seen: '2026-11-01',
    source_url: 'https://reports.example/1',
  }));
  return Buffer.from(JSON.stringify({ format: 'clawwatch-intel-1', indicators }));
}

const watch = () => createIntelWatch({ folder, now: () => now, onChange: (change) => changes.push(change) });
const later = () => {
  now += CHECK_EVERY_MS;
};
const lists = (one: ReturnType<typeof watch>, name: string) => one.inForce().match({ name }).length > 0;

test('a pack that is installed, replaced and removed while we run is taken over at the next check', () => {
  const intel = watch();
  expect(lists(intel, 'evil.test')).toBe(false);
  installPack(folder, 'feed', packOf('evil.test'));
  expect(lists(intel, 'evil.test')).toBe(false);
  later();
  expect(lists(intel, 'evil.test')).toBe(true);
  installPack(folder, 'feed', packOf('worse.test'));
  later();
  expect([lists(intel, 'evil.test'), lists(intel, 'worse.test')]).toEqual([false, true]);
  removePack(folder, 'feed');
  later();
  expect(lists(intel, 'worse.test')).toBe(false);
  expect(changes.map(({ packs }) => packs)).toEqual([['bundled', 'feed'], ['bundled', 'feed'], ['bundled']]);
});

test('nothing is loaded anew while nothing changes, and a look keeps its lists', () => {
  installPack(folder, 'feed', packOf('evil.test'));
  const intel = watch();
  const before = intel.inForce();
  for (let look = 0; look < 5; look++) {
    later();
    expect(intel.inForce()).toBe(before);
  }
  expect(changes).toEqual([]);
});

test.each<[string, () => void]>([
  ['is half written', () => writeFileSync(join(folder, 'feed.json'), '{"indicators": [')],
  ['is poisoned', () => writeFileSync(join(folder, 'feed.json'), packOf('github.com', 'com'))],
  ['can be written by others', () => chmodSync(join(folder, 'feed.json'), 0o666)],
  [
    'became a link',
    () => {
      rmSync(join(folder, 'feed.json'));
      symlinkSync('/etc/passwd', join(folder, 'feed.json'));
    },
  ],
])('a pack that %s while we run stays as it was, and that is told once', (_, spoil) => {
  installPack(folder, 'feed', packOf('evil.test'));
  const intel = watch();
  spoil();
  for (let check = 0; check < 3; check++) {
    later();
    expect(lists(intel, 'evil.test')).toBe(true);
  }
  expect(changes).toHaveLength(1);
  expect(changes[0]!.problems).toEqual([expect.stringMatching(/^pack feed is not used: /)]);
  installPack(folder, 'other', packOf('other.test'));
  later();
  expect([lists(intel, 'evil.test'), lists(intel, 'other.test')]).toEqual([true, true]);
});

test('a bad pack at the start is told, and one that is mended is taken over', () => {
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'feed.json'), '<html>');
  const intel = watch();
  expect(intel.problems).toEqual(['pack feed is not used: it is a web page and not JSON']);
  writeFileSync(join(folder, 'feed.json'), packOf('evil.test'));
  later();
  expect(lists(intel, 'evil.test')).toBe(true);
  expect(changes[0]!.problems).toEqual([]);
});

test('a clock that was set back stops nothing', () => {
  const intel = watch();
  installPack(folder, 'feed', packOf('evil.test'));
  now -= 86_400_000;
  expect(lists(intel, 'evil.test')).toBe(true);
});
