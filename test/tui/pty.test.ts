import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openStoreReader } from '../../src/store/store.ts';
import { KEYS } from '../../src/tui/keys.ts';
import { useDirectories } from '../store/machine.ts';
import { aBusySnapshot, record, theFindings } from './machine.ts';
import type { RealTerminal } from './terminal.ts';

const directories = useDirectories();
// The library brings its own machine code; where there is none for this system, the other tests draw into memory.
const terminals = await import('./terminal.ts').catch(() => undefined);

const open: RealTerminal[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.end();
});

const CLAWWATCH = 'bin/clawwatch.cjs';

/** A record with something in it, and the real program that shows it. */
function startTui(size: { columns?: number; rows?: number; env?: Record<string, string> } = {}, shell?: string) {
  const home = directories.directory();
  const path = join(home, 'clawwatch.db');
  const at = Date.now() - 3_000;
  record(path, [
    [aBusySnapshot({ at: at - 60_000 }), theFindings()],
    [aBusySnapshot({ at }), theFindings()],
  ]);
  const env = { HOME: home, CLAWWATCH_DATABASE: path, ...size.env };
  const terminal = shell
    ? terminals!.startInTerminal('/bin/sh', ['-c', shell.replace('TUI', `"${process.execPath}" ${CLAWWATCH} tui`)], {
        ...size,
        env,
      })
    : terminals!.startInTerminal(process.execPath, [CLAWWATCH, 'tui'], { ...size, env });
  open.push(terminal);
  return { terminal, home, path };
}

/** A press and a release, as a terminal reports them; counted from 1. */
function click(terminal: RealTerminal, column: number, line: number): void {
  terminal.write(`\u001b[<0;${column};${line}M`);
  terminal.write(`\u001b[<0;${column};${line}m`);
}

/** What each key is pressed on, and what a person sees then. The list is complete: the test says so. */
const SCRIPT: readonly { action: (typeof KEYS)[number]['action']; keys: string; shows: RegExp }[] = [
  { action: 'pane', keys: '3', shows: /NAME BY[\s\S]*webhook\.site[\s\S]*3 of 3/ },
  { action: 'next-pane', keys: '\t', shows: /SEVERITY[\s\S]*F-/ },
  { action: 'previous-pane', keys: '\u001b[Z', shows: /NAME BY/ },
  { action: 'down', keys: 'j', shows: /›.gateway +node.*telegram/ },
  { action: 'up', keys: 'k', shows: /›.weather-pro/ },
  { action: 'last', keys: 'G', shows: /›.gateway +node.*anthropic/ },
  { action: 'first', keys: 'g', shows: /›.weather-pro/ },
  { action: 'page-down', keys: ' ', shows: /›.gateway +node.*anthropic/ },
  { action: 'page-up', keys: '\u001b[5~', shows: /›.weather-pro/ },
  { action: 'filter', keys: '/host:webhook\r', shows: /1 of 3 +filter host:webhook/ },
  { action: 'clear-filter', keys: '\u007f', shows: /3 of 3 +\// },
  { action: 'sort-next', keys: '>', shows: /WHO▼/ },
  { action: 'sort-turn', keys: 'r', shows: /WHO▲/ },
  { action: 'sort-previous', keys: '<', shows: /WHO +PROCESS/ },
  { action: 'freeze', keys: 'p', shows: /rows FROZEN/ },
  { action: 'everybody', keys: 'o', shows: /connections of the whole machine/ },
  { action: 'open', keys: '\r', shows: /verdict +unknown/ },
  { action: 'close', keys: '\u001b', shows: /NAME BY/ },
  { action: 'allow', keys: 'a', shows: /Allow a contact[\s\S]*webhook\.site[\s\S]*skill weather-pro/ },
  { action: 'suppress', keys: '\u001b4s', shows: /Suppress[\s\S]*F-[\s\S]*everywhere/ },
  { action: 'copy', keys: '\u001by', shows: /sent to the clipboard[\s\S]*openclaw skills remove/ },
  { action: 'evidence', keys: 'e', shows: /written: .*evidence\/F-/ },
  { action: 'flight', keys: 'f', shows: /written: .*evidence\/flight-/ },
  { action: 'redraw', keys: '\u000c', shows: /SEVERITY/ },
  { action: 'help', keys: '?', shows: /Keys[\s\S]*next pane/ },
];

describe.skipIf(terminals === undefined)('in a real terminal', () => {
  test('every key of the table does what the table says', async () => {
    const tested = new Set(SCRIPT.map(({ action }) => action));
    // `look` has a test of its own, `quit` ends each of them.
    expect(KEYS.map(({ action }) => action).filter((action) => !tested.has(action))).toEqual(['look', 'quit']);

    const { terminal, home } = startTui({ columns: 120 });
    await terminal.shows('TALKING OUT NOW');
    for (const { action, keys, shows } of SCRIPT) {
      // An escape is a key of its own only when nothing follows it at once.
      for (const part of keys.split(/(?<=^\u001b)(?!\[)/)) {
        terminal.write(part);
        if (part === '\u001b') await new Promise((resolve) => setTimeout(resolve, 700));
      }
      await terminal.shows(shows).catch((error) => {
        throw new Error(`${action}: ${error.message}`);
      });
    }
    expect(terminal.raw()).toContain(
      `\u001b]52;c;${Buffer.from('openclaw skills remove weather-pro').toString('base64')}\u0007`,
    );
    const root = join(home, '.local/state/clawwatch/evidence');
    for (const folder of readdirSync(root)) {
      expect(statSync(join(root, folder)).mode & 0o777).toBe(0o700);
      for (const file of readdirSync(join(root, folder)))
        expect(statSync(join(root, folder, file)).mode & 0o777).toBe(0o600);
    }
    terminal.write('q');
    await terminal.shows('SEVERITY');
    terminal.write('q');
    expect((await terminal.exited).exitCode).toBe(0);
    expect(terminal.isRestored()).toBe(true);
  }, 120_000);

  test('resizing and the mouse', async () => {
    const { terminal } = startTui();
    await terminal.shows('TALKING OUT NOW');
    terminal.resize(80, 24);
    await terminal.shows(/^ ClawWatch[\s\S]*LAST 24 HOURS[\s\S]*q quit/);
    expect(terminal.text().split('\n').at(-1)).toContain('q quit');
    terminal.resize(200, 60);
    await terminal.shows(/connections opened, 76 identified/);
    const tabs = terminal.text().split('\n');
    const line = tabs.findIndex((text) => text.includes('3 Connections'));
    const column = tabs[line]!.indexOf('3 Connections');
    click(terminal, column + 3, line + 1);
    await terminal.shows(/3 of 3/);
    const body = terminal.text().split('\n');
    const row = body.findIndex((text) => text.includes('telegram'));
    click(terminal, 10, row + 1);
    await terminal.shows(/›.gateway +node.*telegram/);
    terminal.write(`\u001b[<65;10;${row + 1}M`);
    await terminal.shows(/›.gateway +node.*anthropic/);
    terminal.write('q');
    expect((await terminal.exited).exitCode).toBe(0);
  }, 120_000);

  test('a look without an agent', async () => {
    const { terminal, path } = startTui();
    await terminal.shows('no agent');
    terminal.write('l');
    await terminal.shows(/ looked {2}/);
    terminal.write('q');
    await terminal.exited;
    const reader = openStoreReader({ path });
    expect(reader.lastCycle()?.origin).toBe('scan');
    reader.close();
  }, 120_000);

  test('after SIGTERM the terminal echoes and edits lines as before', async () => {
    const direct = startTui({}, 'TUI; echo "code $?"; stty -a; echo done').terminal;
    await direct.shows('TALKING OUT NOW');
    const children = readFileSync(`/proc/${direct.pty.pid}/task/${direct.pty.pid}/children`, 'utf8').trim().split(' ');
    process.kill(Number(children[0]), 'SIGTERM');
    await direct.shows(/code 0[\s\S]*done/);
    expect(direct.text()).toMatch(/[^-]icanon/);
    expect(direct.text()).toMatch(/[^-]echo /);
    expect(direct.isRestored()).toBe(true);
    expect(direct.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(direct.raw().lastIndexOf('\u001b[?25l'));
  }, 120_000);

  test.each([
    ['refresh', /the record bit/],
    ['timer', /a timer bit/],
  ])(
    'an exception in a %s leaves the terminal as it was, and says what happened',
    async (how, sentence) => {
      const path = directories.file();
      record(path, [[aBusySnapshot(), theFindings()]]);
      const terminal = terminals!.startInTerminal('/bin/sh', [
        '-c',
        `"${process.execPath}" test/tui/failing.ts "${path}" ${how}; echo "code $?"; stty -a; echo done`,
      ]);
      open.push(terminal);
      await terminal.shows('NEEDS YOU');
      await terminal.shows(/done/);
      expect(terminal.isRestored()).toBe(true);
      expect(terminal.raw()).toMatch(sentence);
      expect(terminal.raw()).toContain('internal error');
      expect(terminal.raw()).toContain('code 4');
      expect(terminal.text()).toMatch(/[^-]icanon/);
    },
    120_000,
  );

  test('without colours and in ASCII nothing but weight and letters is written', async () => {
    const { terminal } = startTui({ env: { NO_COLOR: '1', LANG: 'C', LC_ALL: 'C' } });
    await terminal.shows('TALKING OUT NOW');
    expect(terminal.text()).not.toMatch(/[^\x20-\x7e\n]/);
    expect(terminal.raw()).not.toMatch(/\u001b\[(?:\d+;)*(?:3[0-7]|9[0-7]|38;5;\d+)m/);
    terminal.write('q');
    await terminal.exited;
  }, 120_000);
});
