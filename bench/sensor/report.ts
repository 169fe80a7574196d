import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { SuiteResult } from '../suite.ts';

const FOLDER = join(import.meta.dirname, '..', 'results');
const TITLE = `# The sensor, measured

Written by \`npm run bench -- sensor\` (as root), on ${cpus().length} CPUs. A figure that misses its bar is marked **MISS**.`;

/** Writes results as Markdown; a part that was measured before and is not among these stays. */
export function writeReport(file: string, results: readonly SuiteResult[]): void {
  const path = join(FOLDER, file);
  mkdirSync(FOLDER, { recursive: true });
  const before = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split(/\n(?=## )/)
        .slice(1)
    : [];
  const fresh = results.map(section);
  const titleOf = (text: string) => text.split('\n')[0];
  const kept = before.map((old) => fresh.find((text) => titleOf(text) === titleOf(old)) ?? old.trimEnd());
  const added = fresh.filter((text) => !before.some((old) => titleOf(old) === titleOf(text)));
  writeFileSync(path, `${[TITLE, ...kept, ...added].join('\n\n')}\n`);
}

function section({ title, columns, rows, bars, notes }: SuiteResult): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(rounded).join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map(line),
    '',
    ...bars.map(({ name, value, limit, unit }) => {
      const word = value <= limit ? 'ok' : '**MISS**';
      return `- ${word}: ${name}: ${rounded(value)}${unit} (bar ${rounded(limit)}${unit})`;
    }),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

/** To a tenth: nothing here is measured finer. */
function rounded(cell: string | number): string {
  return typeof cell === 'string' || Number.isInteger(cell) ? String(cell) : cell.toFixed(1);
}
