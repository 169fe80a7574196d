import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/cli/width.ts';
import { aSnapshot } from '../cli/world.ts';
import { useDirectories } from '../store/machine.ts';
import {
  aBusySnapshot,
  aFullSnapshot,
  aHostileSnapshot,
  hostileFindings,
  manyFindings,
  NOW,
  open,
  record,
  theFindings,
} from './machine.ts';

const directories = useDirectories();

const WINDOWS = [
  [80, 24],
  [160, 50],
] as const;

const PANE_NAMES = ['overview', 'exposure', 'connections', 'findings', 'skills', 'timeline'];

/** What is on the screen on each pane, one under the other. */
async function allPanes(path: string, columns: number, rows: number): Promise<string[]> {
  const { app, screen, ended, pass } = await open(path, columns, rows);
  const texts = PANE_NAMES.map((_, index) => {
    screen.press(String(index + 1));
    // Longer than a new row is marked, shorter than the header is asked again.
    pass(1_000);
    while (app.model?.isLoading) app.refresh();
    pass(0);
    return screen.text();
  });
  app.quit();
  await ended;
  return texts;
}

function expectNoGarble(texts: readonly string[], columns: number, rows: number): void {
  for (const text of texts) {
    const lines = text.split('\n');
    expect(lines).toHaveLength(rows);
    for (const line of lines) {
      expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      expect(line).not.toMatch(/\p{C}|[\u{10000}-\u{10ffff}]/u);
    }
  }
}

describe.each(WINDOWS)('every pane at %i×%i', (columns, rows) => {
  test('with nothing on record but one look', async () => {
    const path = directories.file();
    record(path, [[aSnapshot({ at: NOW - 1_000, gateways: [], listeners: [] }), []]]);
    const texts = await allPanes(path, columns, rows);
    expectNoGarble(texts, columns, rows);
    await expect(texts.join(`\n${'═'.repeat(columns)}\n`)).toMatchFileSnapshot(`screens/empty-${columns}.txt`);
  });

  test('on a busy machine', async () => {
    const path = directories.file();
    record(path, [
      [aBusySnapshot({ at: NOW - 60_000 }), theFindings()],
      [aBusySnapshot(), theFindings()],
    ]);
    const texts = await allPanes(path, columns, rows);
    expectNoGarble(texts, columns, rows);
    await expect(texts.join(`\n${'═'.repeat(columns)}\n`)).toMatchFileSnapshot(`screens/busy-${columns}.txt`);
  });

  test('with names that an attacker chose', async () => {
    const path = directories.file();
    record(path, [[aHostileSnapshot(), hostileFindings()]]);
    const texts = await allPanes(path, columns, rows);
    expectNoGarble(texts, columns, rows);
    await expect(texts.join(`\n${'═'.repeat(columns)}\n`)).toMatchFileSnapshot(`screens/hostile-${columns}.txt`);
  });

  test('with ten thousand rows', async () => {
    const path = directories.file();
    record(path, [[aFullSnapshot(10_000), manyFindings(10_000)]]);
    const texts = await allPanes(path, columns, rows);
    expectNoGarble(texts, columns, rows);
    expect(texts[2]).toContain('10000 of 10000');
    expect(texts[3]).toContain('10000 of 10000');
    await expect(texts.join(`\n${'═'.repeat(columns)}\n`)).toMatchFileSnapshot(`screens/full-${columns}.txt`);
  }, 60_000);
});

test('no window between 20×6 and 300×100 is garbled, and none throws', async () => {
  const path = directories.file();
  record(path, [[aHostileSnapshot(), hostileFindings()]]);
  for (const [columns, rows] of [
    [20, 6],
    [40, 10],
    [79, 23],
    [121, 31],
    [300, 100],
  ] as const) {
    expectNoGarble(await allPanes(path, columns, rows), columns, rows);
  }
});
