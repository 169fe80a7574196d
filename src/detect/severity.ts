import { compareSeverity, type Finding, type Severity } from '../types/finding.ts';

/** The graver of the two. */
export function graver(a: Severity, b: Severity): Severity {
  return compareSeverity(a, b) >= 0 ? a : b;
}

/** Order of every list of findings: gravest first, then rule, then subject; the same input gives the same order. */
export function byGravity(a: Finding, b: Finding): number {
  return (
    compareSeverity(b.severity, a.severity) ||
    compareText(a.ruleId, b.ruleId) ||
    compareText(a.subject, b.subject) ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

/**
 * Findings with the same fingerprint become one. A judgement beats an admission of not knowing, and the graver one
 * keeps the words; evidence, fixes and sockets of all of them stay.
 */
export function mergeSameFindings(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const known = merged.get(finding.fingerprint);
    merged.set(finding.fingerprint, known === undefined ? finding : mergeTwo(known, finding));
  }
  return [...merged.values()];
}

function mergeTwo(a: Finding, b: Finding): Finding {
  const [lead, other] = leads(b, a) ? [b, a] : [a, b];
  return {
    ...lead,
    evidence: distinct([...lead.evidence, ...other.evidence], ({ label, value }) => `${label}\u0000${value}`),
    fixes: distinct([...lead.fixes, ...other.fixes], ({ text, command }) => `${text}\u0000${command ?? ''}`),
    socketKeys: [...new Set([...lead.socketKeys, ...other.socketKeys])],
  };
}

function leads(a: Finding, b: Finding): boolean {
  if (a.verdict !== b.verdict) return a.verdict === 'finding';
  return compareSeverity(a.severity, b.severity) > 0;
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item] as const).reverse()).values()].reverse();
}

// Code units, not locale: the order must be the same on every machine.
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
