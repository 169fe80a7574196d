import { type Finding, fingerprint } from '../types/finding.ts';
import type { Rule } from '../types/rule.ts';
import type { Snapshot, TelemetryLevel } from '../types/snapshot.ts';
import { unknownFinding } from './subjects.ts';

/**
 * The admission of a rule that works with less than it would like to have, but not whole: its silence then means less than
 * it seems. One line for each rule, and none where there is no OpenClaw to watch.
 *
 * @param unseen what the rule cannot see, as a clause; `undefined`: nothing.
 */
export function partialSight(
  rule: Pick<Rule, 'id' | 'title'>,
  { telemetry, gateways, family }: Snapshot,
  unseen: string | undefined,
): Finding[] {
  if (unseen === undefined || (family.length === 0 && !gateways.some(({ running }) => running))) return [];
  return [
    unknownFinding({
      ruleId: rule.id,
      severity: 'info',
      title: `${rule.id} could judge only in part: ${unseen}`,
      subject: `rule ${rule.id}`,
      why: `"${rule.title}" is told where this look shows it. That it says nothing else does not mean that there is nothing.`,
      evidence: [{ label: 'telemetry', value: telemetry }],
      fixes: [{ text: 'See what can be read here and how to change that.', command: 'clawwatch doctor' }],
      fingerprint: fingerprint(rule.id, 'in part'),
    }),
  ];
}

const LEVELS: readonly TelemetryLevel[] = ['T0', 'T1', 'T2', 'T3'];

/** True when a look has at least this telemetry. */
export function sees({ telemetry }: Pick<Snapshot, 'telemetry'>, wanted: TelemetryLevel): boolean {
  return LEVELS.indexOf(telemetry) >= LEVELS.indexOf(wanted);
}
