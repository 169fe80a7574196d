import { compareSeverity, type Finding } from '../types/finding.ts';
import type { Memory } from './memory.ts';
import { graver } from './severity.ts';

/**
 * Raises what is not seen any more (`blindSince`) to high where a finding of medium or graver was open at that moment: the
 * first thing that an intruder does who sees himself watched. It stays raised while it is told, also when that finding
 * ends, because it ends for want of eyes.
 */
export function withBlinding(findings: readonly Finding[], memory: Memory): Finding[] {
  return findings.map((finding) => {
    const since = finding.hints?.blindSince;
    const entry = memory.get(finding.fingerprint);
    if (since === undefined || entry === undefined || compareSeverity(finding.severity, 'high') >= 0) return finding;
    const raised = entry.raised ?? reasonFrom(memory, finding, since);
    if (raised === undefined) return finding;
    entry.raised = raised;
    const evidence = [...finding.evidence, { label: 'raised', value: `from ${finding.severity}: ${raised.why}` }];
    return { ...finding, severity: graver(finding.severity, raised.to), evidence };
  });
}

function reasonFrom(memory: Memory, blind: Finding, since: number): { to: 'high'; why: string } | undefined {
  for (const { finding, firstAt, seenAt } of memory.entries()) {
    const isOpen = firstAt <= since && seenAt >= since && finding.ruleId !== blind.ruleId;
    if (isOpen && finding.verdict === 'finding' && compareSeverity(finding.severity, 'medium') >= 0) {
      return { to: 'high', why: `it happened while ${finding.ruleId} was open (${finding.subject})` };
    }
  }
  return undefined;
}
