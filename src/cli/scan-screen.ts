import type { CycleResult } from '../agent/cycle.ts';
import type { StorageProblem } from '../agent/storage-problem.ts';
import { contactOf } from '../types/contact.ts';
import { EXIT } from '../types/error.ts';
import { SEVERITIES } from '../types/finding.ts';
import type { FindingRecord } from '../types/store.ts';
import { fixLines, LABEL, labelled, withRight } from './block.ts';
import { count, dateTime, shortTime } from './format.ts';
import { gatewayLines } from './gateway-screen.ts';
import { notSeenLines } from './not-seen.ts';
import { outboundLines } from './outbound.ts';
import { type Paint, SEVERITY_STYLE, VERDICT_STYLE } from './paint.ts';
import { gatewayVerdict, hostVerdict, openFindings, restatesBlindSpot, unjudged } from './verdict.ts';
import { wrap } from './width.ts';

export interface ScanScreen {
  version: string;
  result: CycleResult;
  exitCode: number;
  problem?: StorageProblem;
  /** Lines of `--all`, drawn above the last line. */
  inventory?: string[];
}

// Prose on wider lines makes the eye lose its place; tables may use all there is.
const READABLE = 110;

/** The screen of `clawwatch scan`: verdicts first, then what is wrong, who talks out, and what could not be seen. */
export function scanScreen(screen: ScanScreen, terminal: Paint): string[] {
  const paint = { ...terminal, width: Math.min(terminal.width, READABLE) };
  const { result } = screen;
  const { snapshot } = result;
  const isNew = (finding: FindingRecord) => !restatesBlindSpot(finding, snapshot);
  const found = openFindings(result.findings).filter(isNew);
  const unknown = unjudged(result.findings).filter(isNew);
  const inPart = unknown.filter(isOfRules);
  const doubts = unknown.filter((finding) => !isOfRules(finding));
  const lines = headLines(screen, paint);
  for (const gateway of snapshot.gateways) {
    const isOwn = (finding: FindingRecord) => finding.gatewayId === gateway.id;
    lines.push('', ...gatewayLines(gateway, gatewayVerdict(gateway, result), snapshot, paint));
    lines.push(...findingBlock(found.filter(isOwn), doubts.filter(isOwn), snapshot.at, paint));
  }
  const known = new Set(snapshot.gateways.map((gateway) => gateway.id));
  const isHosts = (finding: FindingRecord) => !finding.gatewayId || !known.has(finding.gatewayId);
  lines.push(...hostLines(result, found.filter(isHosts), doubts.filter(isHosts), paint));
  lines.push(
    '',
    ...outboundLines(snapshot, paint),
    ...inventoryLine(result, paint),
    ...notSeenLines(snapshot, inPart, paint),
  );
  if (screen.problem) lines.push('', ...problemLines(screen.problem, paint));
  if (screen.inventory) lines.push('', ...screen.inventory);
  lines.push('', ...lastLines(screen, found, paint));
  return lines;
}

/** A small doubt about no gateway is that of rules that saw only a part; one about a gateway is told with it. */
function isOfRules({ severity, gatewayId }: FindingRecord): boolean {
  return severity === 'info' && gatewayId === undefined;
}

function headLines({ version, result: { snapshot } }: ScanScreen, paint: Paint): string[] {
  const took = `took ${(snapshot.durationMs / 1000).toFixed(2)} s`;
  const text = `ClawWatch ${version}  host ${paint.text(snapshot.host, 64)}  ${dateTime(snapshot.at)}  ${took}`;
  return wrap(text, paint.width).map((line) => paint.style('bold', line));
}

function findingBlock(found: FindingRecord[], doubts: FindingRecord[], now: number, paint: Paint): string[] {
  if (found.length + doubts.length === 0) return [];
  return [
    '',
    ...found.flatMap((finding) => findingLines(finding, now, paint)),
    ...doubts.flatMap((one) => doubtLines(one, paint)),
  ];
}

function findingLines(finding: FindingRecord, now: number, paint: Paint): string[] {
  const label = `  ${finding.severity.toUpperCase()}`;
  const title = `${paint.text(finding.ruleId, 20)}  ${paint.text(finding.title, 300)}`;
  const right = `${paint.text(finding.id, 20)}  first ${shortTime(finding.firstAt, now)}`;
  const lines = withRight(labelled(label, title, paint, SEVERITY_STYLE[finding.severity]), right, paint, LABEL);
  const fix = finding.fixes[0];
  return fix ? [...lines, ...fixLines(fix, paint)] : lines;
}

function doubtLines(finding: FindingRecord, paint: Paint): string[] {
  const text = `${paint.text(finding.ruleId, 20)}  ${paint.text(finding.title, 300)}: ${paint.text(finding.why, 300)}`;
  return labelled('  UNKNOWN', text, paint, VERDICT_STYLE.UNKNOWN);
}

/** The machine apart from its gateways; left out when there are gateways and nothing to say. */
function hostLines(result: CycleResult, found: FindingRecord[], doubts: FindingRecord[], paint: Paint): string[] {
  const { snapshot } = result;
  const verdict = hostVerdict(result);
  if (snapshot.gateways.length === 0) {
    const looked = `looked at ${count(snapshot.processes.length, 'process', 'processes')}, ${count(snapshot.listeners.length, 'listening socket')}, OpenClaw's lock files, services and state directories`;
    const said =
      verdict === 'UNKNOWN'
        ? 'no OpenClaw gateway seen, but not everything could be read'
        : 'no OpenClaw gateway found';
    const lines = ['', ...labelled(verdict, said, paint, VERDICT_STYLE[verdict]), ...labelled('', looked, paint)];
    return [...lines, ...findingBlock(found, doubts, snapshot.at, paint)];
  }
  if (found.length === 0 && doubts.length === 0) return [];
  const word = found.length > 0 ? verdict : 'UNKNOWN';
  return [
    '',
    ...labelled(word, 'this host', paint, VERDICT_STYLE[word]),
    ...findingBlock(found, doubts, snapshot.at, paint),
  ];
}

function inventoryLine({ snapshot }: CycleResult, paint: Paint): string[] {
  const others = snapshot.listeners.filter((listener) => !listener.gatewayId);
  if (others.length === 0) return [];
  const beyond = others.filter((listener) => listener.reach !== 'loopback' && listener.reach !== 'container').length;
  const text = `${count(others.length, 'other listening socket')}, ${beyond} reachable from outside: clawwatch listeners`;
  return labelled('Inventory', text, paint);
}

function problemLines(problem: StorageProblem, paint: Paint): string[] {
  return [
    ...labelled('ERROR', `this look is not recorded: ${paint.text(problem.message, 400)}`, paint, VERDICT_STYLE.ERROR),
    ...labelled('  fix', paint.text(problem.hint, 400), paint),
  ];
}

const NOT_RECORDED = 'No findings, and this look is not recorded.';
const NOTHING: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'Nothing found.',
  // With `--fail-on info` what was not seen counts as a finding; it is listed above and not a second time.
  [EXIT.findings]: 'No findings other than what was not seen.',
  [EXIT.usage]: NOT_RECORDED,
  [EXIT.blind]: 'No findings, and not everything was seen: this is no all-clear.',
  [EXIT.internal]: NOT_RECORDED,
  [EXIT.environment]: NOT_RECORDED,
};

function lastLines({ result, exitCode }: ScanScreen, found: FindingRecord[], paint: Paint): string[] {
  const counts = SEVERITIES.toReversed()
    .map((severity) => ({ severity, number: found.filter((finding) => finding.severity === severity).length }))
    .filter(({ number }) => number > 0)
    .map(({ severity, number }) => `${number} ${severity}`);
  const withStatus = (status: FindingRecord['status']) =>
    result.findings.filter((finding) => finding.status === status).length;
  const parts = counts.length > 0 ? [`${counts.join(', ')}.`] : [NOTHING[exitCode] ?? NOTHING[EXIT.blind]!];
  for (const status of ['suppressed', 'acknowledged'] as const) {
    const number = withStatus(status) + (status === 'suppressed' ? suppressedContacts(result) : 0);
    if (number > 0) parts.push(`${number} ${status}.`);
  }
  if (found[0] && result.recorded) parts.push(` clawwatch explain ${paint.text(found[0].id, 20)}`);
  return withRight(wrap(parts.join(' '), paint.width), `exit ${exitCode}`, paint, 0);
}

/** Contacts that a rule of the user's keeps EGR-04 silent about: they make no finding, and are counted all the same. */
function suppressedContacts({ snapshot }: CycleResult): number {
  const silent = snapshot.connections.filter(({ verdict }) => verdict === 'suppressed');
  return new Set(silent.map((connection) => JSON.stringify(contactOf(connection)))).size;
}
