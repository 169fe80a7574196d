/** Writes the documents that follow from the code, or with `--check` fails when one of them is stale. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createProgram } from '../src/cli/main.ts';
import { renderManPage } from '../src/cli/man-page.ts';
import { renderConfigDoc } from '../src/config/config-doc.ts';
import { ALL_RULES } from '../src/detect/rules/index.ts';
import { renderRulesDoc } from '../src/detect/rules-doc.ts';
import { renderSchema } from '../src/store/schema.ts';
import { keysAsMarkdown } from '../src/tui/keys.ts';

const migrations = readdirSync('db/migrations')
  .sort()
  .map((name) => ({ name, sql: readFileSync(`db/migrations/${name}`, 'utf8') }));

const documents: Record<string, string> = {
  'db/schema.sql': renderSchema(migrations),
  'docs/rules.md': renderRulesDoc(ALL_RULES),
  'docs/config.md': renderConfigDoc(),
  'docs/clawwatch.1': renderManPage(createProgram()),
  'README.md': withKeys(readFileSync('README.md', 'utf8')),
};

/** The README with the keys of the screen between their two marks; all else is written by hand. */
function withKeys(readme: string): string {
  const [before, rest] = readme.split(/(?<=<!-- keys: .*-->\n)/);
  const after = rest?.slice(rest.indexOf('<!-- /keys -->'));
  if (!after?.startsWith('<!-- /keys -->')) throw new Error('README.md lacks the marks of the keys');
  return `${before}${keysAsMarkdown()}\n${after}`;
}

function current(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const stale = Object.entries(documents).filter(([path, text]) => current(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is stale: run npm run generate`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  }
}
