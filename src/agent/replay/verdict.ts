import { compareSeverity, type Severity } from '../../types/finding.ts';
import type { TelemetryLevel } from '../../types/snapshot.ts';
import type { ReplayCase } from './case.ts';
import { type Alert, type CaseRun, type ReplayParts, runCase } from './run-case.ts';
import { StepProblem } from './world.ts';

/** A finding as a report shows it. */
export interface FoundRule {
  rule: string;
  verdict: 'finding' | 'unknown';
  severity: Severity;
  /** Seconds from the key step. */
  afterS: number;
  title: string;
}

/** What is to be said of a case. */
export interface CaseReport {
  id: string;
  title: string;
  kind: ReplayCase['kind'];
  /** `not run`: this machine or this mode cannot run it, which is no pass. */
  outcome: 'pass' | 'fail' | 'not run';
  /** One sentence for each reason not to pass, with the level of telemetry. */
  reasons: string[];
  /** What was found at the level of the profile, info left out. */
  found: FoundRule[];
  /** Findings that nobody asked for. */
  noise: number;
  /** Benign cases: alerts at low or graver. */
  benignAlerts: number;
  isCaught: boolean;
  durationMs: number;
}

const LEVELS: readonly TelemetryLevel[] = ['T0', 'T1', 'T2'];
/** What the profiles have. */
const OF_PROFILES = 'T2';
/** Its finding is a name: below the level of names it can only say that there is none. */
const ABOUT_NAMES = 'EGR-04';

/**
 * Runs a case without telemetry, at what it needs and at what its profile has, and judges it by the rules of cases: from
 * `needs` upwards everything that is expected must be told in time and nothing else; below it an alert or an admission,
 * and never silence.
 *
 * @param clock ms; for the time a case takes.
 */
export function judgeCase(replayCase: ReplayCase, parts: ReplayParts, clock: () => number): CaseReport {
  const beganAt = clock();
  const report = newReport(replayCase);
  if (replayCase.problems.length > 0) return report;
  const runs: CaseRun[] = [];
  try {
    for (const level of new Set<TelemetryLevel>(['T0', replayCase.needs, OF_PROFILES])) {
      runs.push(runCase(replayCase, level, parts));
    }
  } catch (error) {
    if (!(error instanceof StepProblem)) throw error;
    report.reasons.push(`it cannot be run: ${error.message}`);
  }
  if (report.reasons.length === 0) judgeRuns(replayCase, runs, report);
  report.durationMs = Math.round(clock() - beganAt);
  return report;
}

/** A report that nothing speaks for yet. */
export function newReport({ id, title, kind, problems }: ReplayCase): CaseReport {
  return {
    id,
    title,
    kind,
    outcome: 'fail',
    reasons: [...problems],
    found: [],
    noise: 0,
    benignAlerts: 0,
    isCaught: false,
    durationMs: 0,
  };
}

/** Judges what the runs of a case brought, at least one of them at the telemetry that it needs; the last one is shown. */
export function judgeRuns(replayCase: ReplayCase, runs: readonly CaseRun[], report: CaseReport): void {
  const missed = new Set<string>();
  for (const run of runs) {
    const { level } = run;
    report.found = foundIn(run);
    const isEnough = LEVELS.indexOf(level) >= LEVELS.indexOf(replayCase.needs);
    for (const reason of replayCase.kind === 'benign' ? [] : missing(replayCase, run, isEnough)) {
      if (isEnough) missed.add(reason);
      report.reasons.push(`${level}: ${reason}`);
    }
    const unwanted = unwantedIn(replayCase, run);
    for (const alert of unwanted) report.reasons.push(`${level}: ${words(alert)}`);
    if (replayCase.kind === 'benign') report.benignAlerts = Math.max(report.benignAlerts, unwanted.length);
    else report.noise = Math.max(report.noise, unwanted.length);
    for (const reason of duplicates(run)) report.reasons.push(`${level}: ${reason}`);
  }
  report.isCaught = replayCase.kind === 'malicious' && missed.size === 0;
  report.outcome = report.reasons.length === 0 ? 'pass' : 'fail';
}

/** What is expected and was not told, or not in time, or without saying who and where. */
function missing(replayCase: ReplayCase, run: CaseRun, isEnough: boolean): string[] {
  return replayCase.expect.flatMap(({ rule, sev, within }) => {
    const told = run.alerts.filter(({ finding }) => finding.ruleId === rule && finding.verdict === 'finding');
    if (!isEnough || (rule === ABOUT_NAMES && run.level !== OF_PROFILES)) {
      const isAdmitted = told.length > 0 || run.alerts.some((alert) => admits(alert, rule));
      return isAdmitted ? [] : [`${rule} is silent below the telemetry that it needs, and nothing says UNKNOWN`];
    }
    const limit = run.keyMs + within * 1000;
    const good = told.filter(({ rises }) => {
      return rises.some(({ atMs, severity }) => atMs <= limit && compareSeverity(severity, sev) >= 0);
    });
    if (good.length === 0) return [`${rule} expected at ${sev} within ${within} s: ${whatCame(told, run)}`];
    const named = good.map((alert) => notNamed(alert, run, rule, limit));
    const best = named.reduce((a, b) => (a.length <= b.length ? a : b));
    return best.length === 0 ? [] : [`${rule} does not name ${best.join(' and ')}: "${good[0]!.finding.title}"`];
  });
}

function whatCame(told: readonly Alert[], run: CaseRun): string {
  if (told.length === 0) return 'nothing came';
  return told
    .map((alert) => alert.rises.map((rise) => `${rise.severity} at ${seconds(rise.atMs - run.keyMs)}`))
    .join('; ');
}

/** An UNKNOWN of that rule, or the one that names all rules which wait for telemetry. */
function admits({ finding }: Alert, rule: string): boolean {
  if (finding.verdict !== 'unknown') return false;
  return (
    finding.ruleId === rule || finding.title.includes(rule) || finding.evidence.some(({ label }) => label === rule)
  );
}

const ABOUT_THE_MACHINE = /^(?:POS|EXP-0[1245678])/;

/** An alert must say who, where to, and what to do. Rules about the machine itself have no destination. */
function notNamed({ finding }: Alert, { actors }: CaseRun, rule: string, limitMs: number): string[] {
  const text = JSON.stringify([finding.title, finding.subject, finding.evidence]).toLowerCase();
  const names = (word: string) => isWordIn(word.toLowerCase(), text);
  const lacks: string[] = [];
  if (finding.fixes.length === 0) lacks.push('what to do');
  if (ABOUT_THE_MACHINE.test(rule)) return lacks;
  const { skill, processes } = actors;
  if (skill !== undefined && !names(skill)) lacks.push(`the skill (${skill})`);
  else if (processes.length > 0 && !processes.some(names)) lacks.push(`who (${processes.slice(0, 4).join(', ')})`);
  const ends = actors.ends.filter(({ atMs, isKey }) => isKey || atMs <= limitMs).flatMap((end) => end.names);
  const isOutbound = rule.startsWith('EGR') && !SHAPE.has(rule);
  if (isOutbound && ends.length > 0 && !ends.some(names)) lacks.push(`where to (${ends.slice(0, 6).join(', ')})`);
  return lacks;
}

/** Whole words: skill "geo" is not named by "geometry", nor 198.51.100.8 by 198.51.100.80. */
function isWordIn(word: string, text: string): boolean {
  const isPart = (character: string | undefined) => character !== undefined && /[\w]/.test(character);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + word.length])) return true;
  }
  return false;
}

/** Rules about what a process is and not where one connection goes. */
const SHAPE: ReadonlySet<string> = new Set(['EGR-02', 'EGR-09', 'EGR-13', 'EGR-22']);

/** Alerts that the case does not allow: noise, what must not fire, and everything from low on in a benign case. */
function unwantedIn(replayCase: ReplayCase, run: CaseRun): Alert[] {
  const isWanted = new Set([...replayCase.expect.map(({ rule }) => rule), ...replayCase.allow]);
  const isForbidden = new Set(replayCase.mustNot);
  return run.alerts.filter(({ finding, rises }) => {
    if (finding.verdict !== 'finding') return false;
    const severity = rises.at(-1)!.severity;
    const isAlert = compareSeverity(severity, 'low') >= 0;
    if (replayCase.kind === 'benign') {
      const tolerated = replayCase.tolerate.find(({ rule }) => rule === finding.ruleId)?.sev;
      return isAlert && (tolerated === undefined || compareSeverity(severity, tolerated) > 0);
    }
    if (isForbidden.has(finding.ruleId)) return isAlert;
    return compareSeverity(severity, 'medium') >= 0 && !isWanted.has(finding.ruleId);
  });
}

/** The same fact told twice, under two identities. */
function duplicates(run: CaseRun): string[] {
  const told = run.alerts.filter(
    ({ finding, rises }) => finding.verdict === 'finding' && compareSeverity(rises.at(-1)!.severity, 'low') >= 0,
  );
  return [...Map.groupBy(told, ({ finding }) => `${finding.ruleId} ${finding.subject} ${finding.title}`).values()]
    .filter((same) => same.length > 1)
    .map((same) => `told ${same.length} times: ${words(same[0]!)}`);
}

function words({ finding, rises }: Alert): string {
  return `${finding.ruleId} ${rises.at(-1)!.severity} "${finding.title.slice(0, 160)}"`;
}

function foundIn(run: CaseRun): FoundRule[] {
  return run.alerts
    .filter(({ finding, rises }) => finding.verdict === 'finding' && rises.at(-1)!.severity !== 'info')
    .map(({ finding, rises, firstMs }) => ({
      rule: finding.ruleId,
      verdict: finding.verdict,
      severity: rises.at(-1)!.severity,
      afterS: (firstMs - run.keyMs) / 1000,
      title: finding.title,
    }));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
