import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Who may import whom. A stage that is missing here may import nothing but itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  types: [],
  native: ['types'],
  collect: ['types', 'native'],
  enrich: ['types'],
  detect: ['types'],
  store: ['types'],
  intel: ['types'],
  alert: ['types'],
  sensor: ['types', 'native'],
  config: ['types', 'collect', 'enrich', 'detect', 'store', 'alert'],
  agent: ['types', 'collect', 'enrich', 'detect', 'intel', 'store', 'alert', 'sensor', 'native', 'config'],
  cli: ['types', 'agent', 'intel', 'store', 'config'],
  // Its texts, widths and verdicts are those of the command line: two ways to say one thing would soon differ.
  tui: ['types', 'agent', 'store', 'config', 'cli'],
};

/** Where the command line opens the screen; nothing else of it knows that there is one. */
const OPENS_SCREEN = ['src/cli/commands/tui.ts', 'src/cli/io.ts'];

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file));

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
}

const stageOf = (file: string) => file.split('/')[1]!;

describe('layout', () => {
  test('imports run only in the direction of the data', () => {
    const broken = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => stageOf(normalize(join(dirname(file), target))))
        .filter((to) => to !== stageOf(file) && !MAY_IMPORT[stageOf(file)]?.includes(to))
        .filter((to) => to !== 'tui' || !OPENS_SCREEN.includes(file))
        .map((to) => `${file} imports ${to}`),
    );
    expect(broken).toEqual([]);
  });

  test('relative imports name a file that exists', () => {
    const known = new Set(sources);
    const lost = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.') && target.endsWith('.ts'))
        .map((target) => normalize(join(dirname(file), target)))
        .filter((target) => !known.has(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(lost).toEqual([]);
  });

  test('only one file loads each library that is native, old or slow to load', () => {
    const owners: Record<string, RegExp> = {
      'better-sqlite3': /^src\/(store\/open|collect\/openclaw\/sqlite)\.ts$/,
      blessed: /^src\/tui\/screen\.ts$/,
      'node-netstat': /^src\/collect\/portable\//,
      koffi: /^src\/native\//,
    };
    const stray = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => owners[target] && !owners[target].test(file) && !isTypeOnly(file, target))
        .map((target) => `${file} loads ${target}`),
    );
    expect(stray).toEqual([]);
  });

  test('of the lists, only what fetches a pack that a person asked for can reach a network', () => {
    const network = /^(?:node:)?(?:https?|http2|net|tls|dgram|dns|dns\/promises|child_process|undici)$/;
    const reaching = sources
      .filter((file) => file.startsWith('src/intel/') && file !== 'src/intel/download.ts')
      .filter(
        (file) =>
          importsOf(file).some((target) => network.test(target)) || /\bfetch\(/.test(readFileSync(file, 'utf8')),
      );
    expect(reaching).toEqual([]);
    const fetching = sources.filter((file) =>
      importsOf(file).some((target) => target.endsWith('/download.ts') && !isTypeOnly(file, target)),
    );
    expect(fetching).toEqual(['src/intel/update.ts']);
  });

  test('there is no drawer for things without a place', () => {
    const drawers = sources.filter((file) => /\/(utils?|helpers?|common|misc|shared)(\/|\.ts$)/.test(file));
    expect(drawers).toEqual([]);
  });

  test('files stay short enough to be read in one go', () => {
    const long = sources
      .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 320);
    expect(long).toEqual([]);
  });
});

function isTypeOnly(file: string, target: string): boolean {
  const text = readFileSync(file, 'utf8');
  const statements = text.match(new RegExp(`import[^;]*'${target}'`, 'g')) ?? [];
  return statements.every((statement) => statement.startsWith('import type'));
}
