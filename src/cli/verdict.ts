import type { CycleResult } from '../agent/cycle.ts';
import type { StorageProblem } from '../agent/storage-problem.ts';
import { EXIT, type ExitCode } from '../types/error.ts';
import { compareSeverity, fingerprint, type Severity } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { FindingRecord } from '../types/store.ts';

/** Four answers and two shades of the second: OK, FINDINGS, EXPOSED (reachable beyond what is safe), UNKNOWN, ERROR. */
export type Verdict = 'OK' | 'UNKNOWN' | 'FINDINGS' | 'EXPOSED' | 'ERROR';

/** What a verdict rests on: a whole look, or what a screen holds of one. */
export interface Judged {
  snapshot: Pick<Snapshot, 'blindSpots' | 'gateways'>;
  findings: readonly JudgedFinding[];
}
type JudgedFinding = Pick<FindingRecord, 'ruleId' | 'verdict' | 'status' | 'severity' | 'firstAt' | 'gatewayId'>;

const RANK: readonly Verdict[] = ['OK', 'UNKNOWN', 'FINDINGS', 'EXPOSED', 'ERROR'];

/** What a person did not mute and a rule did judge. */
export function openFindings<Each extends JudgedFinding>(findings: readonly Each[]): Each[] {
  return findings
    .filter((finding) => finding.verdict === 'finding' && finding.status === 'open')
    .toSorted((a, b) => compareSeverity(b.severity, a.severity) || a.firstAt - b.firstAt);
}

/** A blind spot told as a finding: kept in the record, and on screen said once, with the blind spots. */
export function restatesBlindSpot(finding: FindingRecord, { blindSpots }: Pick<Snapshot, 'blindSpots'>): boolean {
  const { ruleId } = finding;
  if (ruleId !== 'POS-08') return false;
  return blindSpots.some(({ id, gatewayId }) => fingerprint(ruleId, id, gatewayId ?? '') === finding.fingerprint);
}

/** Rules that could not judge. */
export function unjudged<Each extends JudgedFinding>(findings: readonly Each[]): Each[] {
  return findings.filter((finding) => finding.verdict === 'unknown' && finding.status === 'open');
}

/**
 * The word for one gateway. A gateway whose sockets or configuration could not be read is UNKNOWN at best: its silence
 * proves nothing.
 */
export function gatewayVerdict(gateway: Gateway, result: Judged): Verdict {
  const own = openFindings(result.findings).filter((finding) => finding.gatewayId === gateway.id);
  if (own.some((finding) => finding.ruleId.startsWith('EXP-') && isGrave(finding))) return 'EXPOSED';
  if (own.some(isGrave)) return 'FINDINGS';
  return isBlindFor(gateway, result) ? 'UNKNOWN' : 'OK';
}

/** `info` is worth knowing and takes nothing from an OK. */
function isGrave(finding: JudgedFinding): boolean {
  return finding.severity !== 'info';
}

function isBlindFor(gateway: Gateway, { snapshot, findings }: Judged): boolean {
  if (snapshot.blindSpots.some((spot) => spot.essential && (!spot.gatewayId || spot.gatewayId === gateway.id)))
    return true;
  if (gateway.config.status === 'unreadable' || gateway.config.status === 'invalid') return true;
  if (gateway.running && (gateway.reach === 'unknown' || gateway.bindVerdict === 'unknown')) return true;
  // A doubt of nobody in particular is everybody's: a rule that threw judged no gateway at all.
  return graveDoubts(findings).some(({ gatewayId }) => gatewayId === undefined || gatewayId === gateway.id);
}

/** A doubt that would be small if it came true does not hide a good answer; it is listed all the same. */
function graveDoubts(findings: readonly JudgedFinding[]): JudgedFinding[] {
  return unjudged(findings).filter((finding) => compareSeverity(finding.severity, 'medium') >= 0);
}

function isHostBlind({ snapshot, findings }: Judged): boolean {
  if (snapshot.blindSpots.some((spot) => spot.essential)) return true;
  const known = new Set(snapshot.gateways.map((gateway) => gateway.id));
  return graveDoubts(findings).some(({ gatewayId }) => gatewayId === undefined || !known.has(gatewayId));
}

/** The word for everything outside the gateways, and for a machine without one. */
export function hostVerdict(result: Judged): Verdict {
  const { snapshot, findings } = result;
  const known = new Set(snapshot.gateways.map((gateway) => gateway.id));
  const own = openFindings(findings).filter((finding) => !finding.gatewayId || !known.has(finding.gatewayId));
  if (own.some(isGrave)) return 'FINDINGS';
  return isHostBlind(result) ? 'UNKNOWN' : 'OK';
}

/** The worst word of a look. */
export function overallVerdict(result: CycleResult): Verdict {
  const words = [...result.snapshot.gateways.map((gateway) => gatewayVerdict(gateway, result)), hostVerdict(result)];
  return words.reduce((worst, word) => (RANK.indexOf(word) > RANK.indexOf(worst) ? word : worst));
}

/**
 * The exit code of a look: findings first, then blindness, then a record that could not be written. A look that was
 * partly blind never ends 0, also when the milder findings that it did make are below the limit.
 */
export function lookExitCode(result: CycleResult, failOn: Severity, problem: StorageProblem | undefined): ExitCode {
  if (openFindings(result.findings).some((finding) => compareSeverity(finding.severity, failOn) >= 0))
    return EXIT.findings;
  if (isHostBlind(result) || result.snapshot.gateways.some((gateway) => isBlindFor(gateway, result))) return EXIT.blind;
  return problem?.exitCode ?? EXIT.ok;
}
