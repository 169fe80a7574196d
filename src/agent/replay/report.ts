import { safeText } from '../../types/text.ts';
import type { CaseReport } from './verdict.ts';

const SHOWN = 12;

/** A case as lines for a terminal: id and outcome, what was found and when, and each reason not to pass. */
export function caseLines(report: CaseReport): string[] {
  const { id, outcome, title, found, reasons, noise, benignAlerts, durationMs } = report;
  const told = found
    .slice(0, SHOWN)
    .map(({ rule, severity, afterS }) => `${safeText(rule, 20)} ${severity} at ${afterS.toFixed(1)} s`);
  const more = found.length > SHOWN ? `, and ${found.length - SHOWN} more` : '';
  const unwanted = noise + benignAlerts;
  return [
    `${outcome.toUpperCase().padEnd(7)} ${safeText(id, 80)}  ${safeText(title, 120)}  (${durationMs} ms)`,
    ...(outcome === 'not run' ? [] : [`        found: ${told.length === 0 ? 'nothing' : told.join(', ')}${more}`]),
    ...(unwanted > 0 ? [`        noise: ${unwanted}`] : []),
    ...reasons.map((reason) => `        ${safeText(reason, 400)}`),
  ];
}

/** One line for all of them. */
export function totalsLine(reports: readonly CaseReport[]): string {
  const ran = reports.filter(({ outcome }) => outcome !== 'not run');
  const malicious = ran.filter(({ kind }) => kind === 'malicious');
  const benign = ran.filter(({ kind }) => kind === 'benign');
  const caught = malicious.filter(({ isCaught }) => isCaught).length;
  const sum = (count: (report: CaseReport) => number) => ran.reduce((total, report) => total + count(report), 0);
  const passed = ran.filter(({ outcome }) => outcome === 'pass').length;
  const notRun = reports.length - ran.length;
  return [
    `${ran.length} cases, ${passed} passed`,
    `caught ${caught} of ${malicious.length}`,
    `missed ${malicious.length - caught}`,
    `noise ${sum(({ noise }) => noise)}`,
    `benign alerts ${sum(({ benignAlerts }) => benignAlerts)} in ${benign.length}`,
    ...(notRun > 0 ? [`not run ${notRun}`] : []),
  ].join(', ');
}
