import type { Finding } from '../types/finding.ts';
import { fingerprint } from '../types/finding.ts';
import { byGravity, graver } from './severity.ts';
import { finding } from './subjects.ts';

/** How many findings are told one by one before the rest becomes one line. */
export const FLOOD = {
  /** Of one rule about one subject. Above the largest number that a rule allows itself (EGR-04: 50 and two sums). */
  perSubject: 64,
  /** Of one rule in all: a skill that starts programs under ever new names makes a new subject each time. */
  perRule: 256,
} as const;

/**
 * The first of each rule and subject one by one, the rest as one sum with its count and the gravity of its gravest. A
 * record that can be flooded hides the one line that matters, so the gravest come first, and among equals the oldest.
 *
 * @param firstAt when a finding was first told, Unix ms; a new one counts as now.
 */
export function withoutFlood(findings: readonly Finding[], firstAt: (fingerprint: string) => number): Finding[] {
  return [...Map.groupBy(findings, ({ ruleId }) => ruleId).values()].flatMap((ofRule) => {
    if (ofRule.length <= FLOOD.perSubject) return ofRule;
    const bySubject = Map.groupBy(ofRule, ({ subject }) => subject);
    const bounded = [...bySubject.values()].flatMap((same) => cut(same, FLOOD.perSubject, same[0]!.subject, firstAt));
    return cut(bounded, FLOOD.perRule, 'many subjects', firstAt);
  });
}

function cut(
  findings: readonly Finding[],
  limit: number,
  subject: string,
  firstAt: (fingerprint: string) => number,
): Finding[] {
  if (findings.length <= limit) return [...findings];
  const ranked = [...findings].sort(
    (a, b) =>
      (a.severity === b.severity ? firstAt(a.fingerprint) - firstAt(b.fingerprint) : byGravity(a, b)) ||
      byGravity(a, b),
  );
  return [...ranked.slice(0, limit), sumOf(ranked.slice(limit), subject)];
}

function sumOf(rest: readonly Finding[], subject: string): Finding {
  const { ruleId, verdict, confidence } = rest[0]!;
  return {
    ...finding({
      ruleId,
      severity: rest.map(({ severity }) => severity).reduce(graver),
      title: `${ruleId} has ${rest.length} more findings about ${subject}`,
      subject,
      why: 'So many at once are a scanner, a generator of names, or somebody who wants to bury one line under many.',
      evidence: rest.slice(0, 12).map(({ severity, title }) => ({ label: severity, value: title })),
      fixes: [{ text: 'See the whole list of what was seen.', command: 'clawwatch connections --all --live' }],
      confidence,
      fingerprint: fingerprint(ruleId, 'more findings', subject),
      socketKeys: rest.flatMap(({ socketKeys }) => socketKeys).slice(0, 50),
    }),
    verdict,
  };
}
