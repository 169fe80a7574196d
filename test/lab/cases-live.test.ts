import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readCases } from '../../src/agent/replay/case.ts';
import type { CaseReport } from '../../src/agent/replay/verdict.ts';
import { lab } from './gate.ts';
import { judgeLiveCase, judgeLiveCases } from './live/judge-live-case.ts';

/**
 * Cases that run here. The others of mode `live` and `both` take longer or need facts that no machine of the lab has:
 * `npm run cases -- --mode live test/cases/*.yaml` runs each that can be run, and says why of each that cannot.
 */
const CASES = 'M01 M02 M03 M06 M08 M09 M11 M12 M16 M17 M18 M19 M20 M28 M29 M32 M36 B09 B10 B16 B20 B21 B22'.split(' ');
/** They mostly wait, so more of them run than a small machine has cores. */
const LANES = 4;

const FOLDER = join(import.meta.dirname, '..', 'cases');
const ALL = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => readCases(readFileSync(join(FOLDER, name), 'utf8')));

lab('cases with real processes and sockets', () => {
  const reports = new Map<string, CaseReport>();

  beforeAll(async () => {
    const cases = ALL.filter(({ id }) => CASES.includes(id));
    await judgeLiveCases(cases, LANES, (report) => reports.set(report.id, report));
  }, 1_200_000);

  test.each(CASES)('%s', (id) => {
    const { outcome, reasons, found } = reports.get(id)!;
    expect({ outcome, reasons }, JSON.stringify(found)).toEqual({ outcome: 'pass', reasons: [] });
  });
});

test.each([
  ['M24', /mode is replay/],
  ['M05', /step "fw" has no live form/],
  ['M07', /step "serve" has no live form/],
  ['M27', /half an hour/],
])('%s cannot be run, which is no pass', async (id, reason) => {
  const report = await judgeLiveCase(ALL.find((each) => each.id === id)!);
  expect(report).toMatchObject({ outcome: 'not run', reasons: [expect.stringMatching(reason)], isCaught: false });
});
