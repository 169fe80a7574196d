/**
 * Runs cases through the engine and says what was caught, missed and told without need.
 *
 *     npm run cases -- [--mode replay|live|both] [--only ID,…] [--renamed SEED,…] [--lanes N] [--json] [--mutate] FILE…
 *
 * Live cases run with real processes and sockets in network namespaces, as root on Linux, `--lanes` of them at a time.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCases } from '../src/agent/replay/case.ts';
import { replayParts } from '../src/agent/replay/parts.ts';
import { caseLines, totalsLine } from '../src/agent/replay/report.ts';
import { type CaseReport, judgeCase } from '../src/agent/replay/verdict.ts';
import { ALL_RULES } from '../src/detect/rules/index.ts';
import { judgeLiveCases } from '../test/lab/live/judge-live-case.ts';
import { mutationLines, unnoticedRules } from './mutate.ts';
import { renamedCase } from './renamed.ts';

const MODES = ['replay', 'live', 'both'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string', default: 'replay' },
    only: { type: 'string' },
    renamed: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    mutate: { type: 'boolean', default: false },
  },
});
const lanes = Number(values.lanes);
if (
  positionals.length === 0 ||
  !MODES.includes(values.mode) ||
  !(Number.isInteger(lanes) && lanes > 0 && lanes <= 16)
) {
  console.error(
    'usage: npm run cases -- [--mode replay|live|both] [--only ID,…] [--renamed SEED,…] [--lanes N] [--json] [--mutate] FILE…',
  );
  process.exit(2);
}

const cases = positionals.flatMap((file) => readCases(readFileSync(file, 'utf8')));
const wanted = values.only?.split(',');
const asked = wanted === undefined ? cases : cases.filter(({ id }) => wanted.includes(id));
// The same cases under other names must be judged the same.
const seeds = values.renamed?.split(',').map(Number);
const chosen = seeds === undefined ? asked : seeds.flatMap((seed) => asked.map((each) => renamedCase(each, seed)));
for (const id of wanted ?? []) if (!cases.some((each) => each.id === id)) console.error(`no case ${id}`);

const reports: CaseReport[] = [];
if (values.mode !== 'live') {
  for (const each of chosen) tell(judgeCase(each, replayParts(), () => performance.now()));
}
if (values.mode !== 'replay') {
  // Namespaces and processes of live cases are removed at the end, which a signal would leave out.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  await judgeLiveCases(chosen, lanes, (report) => tell({ ...report, id: `${report.id} live` }));
}
if (values.json) console.log(JSON.stringify({ cases: reports, totals: totalsLine(reports) }, null, 2));
else console.log(totalsLine(reports));
// A case that was not run is no pass: a run in which nothing was run ends as a blind look does.
const ran = reports.filter(({ outcome }) => outcome !== 'not run');
if (ran.some(({ outcome }) => outcome === 'fail')) process.exitCode = 1;
else if (ran.length === 0) process.exitCode = 3;
if (values.mutate) mutate();

function tell(report: CaseReport): void {
  reports.push(report);
  if (!values.json) for (const line of caseLines(report)) console.log(line);
}

function mutate(): void {
  const unnoticed = unnoticedRules(chosen, reports, ALL_RULES);
  for (const line of mutationLines(unnoticed, ALL_RULES)) console.log(line);
  if (unnoticed.length > 0) process.exitCode = 1;
}
