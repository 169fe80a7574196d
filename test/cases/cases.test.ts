import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCases } from '../../src/agent/replay/case.ts';
import { replayParts } from '../../src/agent/replay/parts.ts';
import { judgeCase } from '../../src/agent/replay/verdict.ts';

/** Malicious cases whose rules exist. The others wait for theirs: `npm run cases -- test/cases/*.yaml` tells of each. */
const CAUGHT = ['M01', 'M02', 'M03', 'M09', 'M10', 'M11', 'M12', 'M13'];
/** A day of virtual time costs seconds of ours; `npm run cases` runs them. */
const LONG = ['B01', 'B03', 'B04'];

const cases = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => readCases(readFileSync(join(import.meta.dirname, name), 'utf8')))
  .filter(({ id, kind }) => (kind === 'benign' ? !LONG.includes(id) : CAUGHT.includes(id)));

test('every case file is read', () => expect(cases).toHaveLength(22 - LONG.length + CAUGHT.length));

test.each(cases.map((each) => [each.id, each.title, each] as const))('%s: %s', (_id, _title, each) => {
  const report = judgeCase(each, replayParts(), () => performance.now());
  expect({ outcome: report.outcome, reasons: report.reasons }).toEqual({ outcome: 'pass', reasons: [] });
});
