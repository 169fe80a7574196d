import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ReplayCase, readCases } from '../../src/agent/replay/case.ts';
import { replayParts } from '../../src/agent/replay/parts.ts';
import { judgeCase } from '../../src/agent/replay/verdict.ts';

/** Days of virtual time cost seconds of ours, and more on a busy machine. */
const TIMEOUT_MS = 300_000;

/** The cases of a folder: `npm run cases -- test/cases/*.yaml` runs the same. */
function casesIn(...folder: string[]): ReplayCase[] {
  const path = join(import.meta.dirname, ...folder);
  const files = readdirSync(path).filter((name) => /\.(?:yaml|md)$/.test(name));
  return files.flatMap((name) => readCases(readFileSync(join(path, name), 'utf8')));
}

const shared = casesIn();
const own = casesIn('own');

test('every case file is read', () => {
  const ids = [...shared, ...own].map(({ id }) => id);
  expect(shared.filter(({ kind }) => kind === 'malicious')).toHaveLength(36);
  expect(shared.filter(({ kind }) => kind === 'benign')).toHaveLength(22);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([...shared, ...own].map((each) => [each.id, each.title, each] as const))(
  '%s: %s',
  (_id, _title, each) => {
    const report = judgeCase(each, replayParts(), () => performance.now());
    expect({ outcome: report.outcome, reasons: report.reasons }).toEqual({ outcome: 'pass', reasons: [] });
  },
  TIMEOUT_MS,
);
