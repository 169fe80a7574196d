/**
 * Runs cases through the engine and says what was caught, missed and told without need.
 *
 *     npm run cases -- [--mode replay|live|both] [--only ID,…] [--renamed SEED,…] [--json] [--mutate] FILE…
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ReplayCase, readCases } from '../src/agent/replay/case.ts';
import { replayParts } from '../src/agent/replay/parts.ts';
import { caseLines, totalsLine } from '../src/agent/replay/report.ts';
import { type CaseReport, judgeCase } from '../src/agent/replay/verdict.ts';
import { ALL_RULES } from '../src/detect/rules/index.ts';
import { mutationLines, unnoticedRules } from './mutate.ts';
import { renamedCase } from './renamed.ts';

const MODES = ['replay', 'live', 'both'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string', default: 'replay' },
    only: { type: 'string' },
    renamed: { type: 'string' },
    json: { type: 'boolean', default: false },
    mutate: { type: 'boolean', default: false },
  },
});
if (positionals.length === 0 || !MODES.includes(values.mode)) {
  console.error(
    'usage: npm run cases -- [--mode replay|live|both] [--only ID,…] [--renamed SEED,…] [--json] [--mutate] FILE…',
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
for (const each of chosen) {
  if (values.mode !== 'live') tell(judgeCase(each, replayParts(), () => performance.now()));
  if (values.mode !== 'replay') tell(notLive(each));
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

/** Real sockets and namespaces are the work of `npm run test:lab`; what it does not cover is said and never passed over. */
function notLive({ id, title, kind, mode }: ReplayCase): CaseReport {
  const reason =
    mode === 'replay'
      ? 'its mode is replay: it takes hours, or facts that a live machine cannot be made to have'
      : 'live mode: this runner has no namespaces and stand-ins yet';
  return {
    id: `${id} live`,
    title,
    kind,
    outcome: 'not run',
    reasons: [reason],
    found: [],
    noise: 0,
    benignAlerts: 0,
    isCaught: false,
    durationMs: 0,
  };
}

function mutate(): void {
  const unnoticed = unnoticedRules(chosen, reports, ALL_RULES);
  for (const line of mutationLines(unnoticed, ALL_RULES)) console.log(line);
  if (unnoticed.length > 0) process.exitCode = 1;
}
