import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { openLiveReader } from '../../src/store/live.ts';
import { clawwatch } from '../cli/world.ts';
import { useDirectories } from '../store/machine.ts';
import { aBusySnapshot, FakeScreen, record, theFindings } from './machine.ts';

const directories = useDirectories();

describe('clawwatch tui refuses', () => {
  test.each<[string, Partial<Io>, RegExp]>([
    ['a pipe', { isTTY: false, hasKeyboard: true, env: { TERM: 'xterm' } }, /needs a terminal[\s\S]*clawwatch scan/],
    ['a window without a keyboard', { isTTY: true, hasKeyboard: false, env: { TERM: 'xterm' } }, /needs a terminal/],
    [
      'a terminal that cannot draw',
      { isTTY: true, hasKeyboard: true, env: { TERM: 'dumb' } },
      /cannot draw[\s\S]*TERM=/,
    ],
    ['no TERM', { isTTY: true, hasKeyboard: true, env: {} }, /cannot draw/],
  ])('%s', async (_name, io, sentence) => {
    const { code, out, err } = await clawwatch(['tui'], { io });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(sentence);
    expect(err).not.toContain('\u001b');
  });

  test('JSON', async () => {
    const { code, out } = await clawwatch(['tui', '--json'], {
      io: { isTTY: true, hasKeyboard: true, env: { TERM: 'xterm' } },
    });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'ERROR', exitCode: 2 });
  });
});

function world(screen: FakeScreen, home: string, stop?: AbortSignal) {
  const path = join(home, 'clawwatch.db');
  return {
    ...(stop ? { stop } : {}),
    io: {
      isTTY: true,
      hasKeyboard: true,
      home,
      env: { TERM: 'xterm-256color', CLAWWATCH_DATABASE: path, LANG: 'C.UTF-8' },
      openScreen: async () => screen,
      openLiveReader: async () => openLiveReader({ path }),
    } satisfies Partial<Io>,
  };
}

test('what was filtered, sorted and shown is there again at the next run, in a file of its own', async () => {
  const home = directories.directory();
  record(join(home, 'clawwatch.db'), [[aBusySnapshot(), theFindings()]]);
  const first = new FakeScreen(100, 30);
  const running = clawwatch(['tui'], world(first, home));
  await expect.poll(() => first.text()).toContain('NEEDS YOU');
  first.press('3', '/');
  first.type('webhook');
  first.press('enter', '>', 'q');
  expect(await running).toMatchObject({ code: 0, err: '' });
  expect(first.isOpen).toBe(false);

  const file = join(home, '.local/state/clawwatch/tui.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    pane: 'connections',
    filters: { connections: 'webhook' },
  });

  const second = new FakeScreen(100, 30);
  const again = clawwatch(['tui'], world(second, home));
  await expect.poll(() => second.text()).toContain('filter webhook');
  expect(second.text()).toContain('1 of 3');
  second.press('q');
  await again;
});

test('SIGTERM ends it as q does', async () => {
  const home = directories.directory();
  record(join(home, 'clawwatch.db'), [[aBusySnapshot(), theFindings()]]);
  const screen = new FakeScreen(80, 24);
  const stop = new AbortController();
  const running = clawwatch(['tui'], world(screen, home, stop.signal));
  await expect.poll(() => screen.text()).toContain('NEEDS YOU');
  stop.abort();
  expect((await running).code).toBe(0);
  expect(screen.isOpen).toBe(false);
});
