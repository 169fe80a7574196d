import {
  compareSeverity,
  type EvidenceFamily,
  type Finding,
  findingId,
  fingerprint,
  type Severity,
  shiftSeverity,
} from '../types/finding.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { createLinks, familyOf } from './incident-links.ts';
import { MEMORY, type Memory, type Remembered } from './memory.ts';
import { byGravity, graver } from './severity.ts';

/** A rule whose severity rests on what another rule found about the same gateway. */
export const CONSEQUENCES: readonly { ruleId: string; because: readonly string[]; to: Severity; reason: string }[] = [
  {
    ruleId: 'POS-01',
    because: ['EXP-05', 'EXP-06', 'EXP-07'],
    to: 'critical',
    reason:
      'its socket is on loopback, and a forwarder leads strangers there: nothing but authentication holds them off',
  },
];

/** Applies `CONSEQUENCES`. */
export function withConsequences(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    const rule = CONSEQUENCES.find(({ ruleId }) => ruleId === finding.ruleId);
    if (rule === undefined || finding.verdict !== 'finding' || compareSeverity(finding.severity, rule.to) >= 0)
      return finding;
    const cause = findings.find(
      (other) => rule.because.includes(other.ruleId) && other.gatewayId === finding.gatewayId && isGrave(other),
    );
    if (cause === undefined || finding.gatewayId === undefined) return finding;
    const value = `from ${finding.severity} by ${cause.ruleId}: ${rule.reason}`;
    return { ...finding, severity: rule.to, evidence: [...finding.evidence, { label: 'raised', value }] };
  });
}

/**
 * Joins findings into incidents, and raises the gravest of each by one step where independent kinds of evidence agree.
 *
 * Two findings of medium or graver join when they share a skill, a destination, a line of processes or (what a gateway is)
 * the gateway, and something happened in both within ten minutes. What joined stays joined while it is told.
 */
export function withIncidents(findings: readonly Finding[], memory: Memory, now: number): Finding[] {
  const live = [...memory.entries()].filter(
    ({ finding, activeAt }) => isGrave(finding) && now - activeAt < MEMORY.windowMs,
  );
  for (const group of connected(live)) {
    if (new Set(group.map(({ finding }) => finding.ruleId)).size < 2) continue;
    const incidentId = idOf(group);
    for (const entry of group) entry.incidentId = incidentId;
    raise(group, now);
  }
  return findings.map((finding) => {
    const entry = memory.get(finding.fingerprint);
    const family = familyOf(finding.ruleId);
    const told = { ...finding, ...(family === undefined ? {} : { family }) };
    if (entry?.incidentId !== undefined && isGrave(finding)) told.incidentId = entry.incidentId;
    if (entry?.raised === undefined || !isGrave(finding)) return told;
    const value = `from ${finding.severity}: ${entry.raised.why}`;
    const evidence = [...finding.evidence, { label: 'raised', value }];
    return { ...told, severity: graver(finding.severity, entry.raised.to), evidence };
  });
}

/** Takes in what the rules say, for corroboration and against coming and going. */
export function noteFindings(findings: readonly Finding[], snapshot: Snapshot, now: number, memory: Memory): Finding[] {
  const { linksOf, hasSocket } = createLinks(snapshot, findings);
  const isFirstLook = memory.isFresh();
  return memory.note(findings, now, (finding, isNew) => {
    const family = familyOf(finding.ruleId);
    // A first contact is told for days; after a restart it would look as if it had happened now.
    const isNews = isNew && !(isFirstLook && family === 'novelty');
    return { links: linksOf(finding), isActive: family === 'exposure' || isNews || hasSocket(finding) };
  });
}

function isGrave({ verdict, severity }: Finding): boolean {
  return verdict === 'finding' && compareSeverity(severity, 'medium') >= 0;
}

/** Groups by shared links, transitively: a finding about one skill and one host joins both sides. */
function connected(entries: readonly Remembered[]): Remembered[][] {
  const parent = new Map<Remembered, Remembered>(entries.map((entry) => [entry, entry]));
  const rootOf = (entry: Remembered): Remembered => {
    let root = entry;
    while (parent.get(root) !== root) root = parent.get(root)!;
    parent.set(entry, root);
    return root;
  };
  const firstWith = new Map<string, Remembered>();
  for (const entry of entries) {
    for (const link of entry.links) {
      const first = firstWith.get(link);
      if (first === undefined) firstWith.set(link, entry);
      else parent.set(rootOf(entry), rootOf(first));
    }
  }
  return [...Map.groupBy(entries, rootOf).values()];
}

const LINK_ORDER = ['skill ', 'destination ', 'gateway ', 'process '];

/** The id that the oldest of them has already, so that an incident keeps its name while it grows. */
function idOf(group: readonly Remembered[]): string {
  const oldestFirst = [...group].sort((a, b) => a.firstAt - b.firstAt);
  const given = oldestFirst.find(({ incidentId }) => incidentId !== undefined)?.incidentId;
  if (given !== undefined) return given;
  const seen = new Map<string, number>();
  for (const link of group.flatMap(({ links }) => links)) seen.set(link, (seen.get(link) ?? 0) + 1);
  const shared = [...seen].filter(([, times]) => times > 1).map(([link]) => link);
  const rank = (link: string) => LINK_ORDER.findIndex((prefix) => link.startsWith(prefix));
  const name = shared.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))[0] ?? group[0]!.finding.fingerprint;
  return findingId(fingerprint('incident', name)).replace('F-', 'I-');
}

/**
 * A host without a name is new by definition, so where it leads and that it is new are one kind. Regular timing does not
 * raise novelty: every new service that keeps a connection alive is regular.
 */
function raise(group: readonly Remembered[], now: number): void {
  const evidence = group.filter(({ finding }) => !['exposure', undefined].includes(familyOf(finding.ruleId)));
  const families = new Set(evidence.map(({ finding }) => familyOf(finding.ruleId)!));
  const independent = new Set<EvidenceFamily>([...families].map((each) => (each === 'novelty' ? 'addressing' : each)));
  const isOnlyRegular = families.size === 2 && families.has('timing') && families.has('novelty');
  if (independent.size < 2 || isOnlyRegular) return;
  const order = [...evidence].sort((a, b) => {
    const bySeverity = compareSeverity(b.finding.severity, a.finding.severity);
    return bySeverity || a.firstAt - b.firstAt || byGravity(a.finding, b.finding);
  });
  const to = shiftSeverity(order[0]!.finding.severity, 1);
  // One step for one incident: who was raised first stays raised, and further facts append.
  if (evidence.some(({ raised }) => raised !== undefined && compareSeverity(raised.to, to) >= 0)) return;
  // The gravest may be over already (a short connection), and what is not told cannot be raised.
  const lead = order.find(({ seenAt }) => seenAt === now);
  const facts = evidence.map(({ finding }) => `${finding.ruleId} (${familyOf(finding.ruleId)})`);
  const why = `independent kinds of evidence agree: ${[...new Set(facts)].sort().join(', ')}`;
  if (lead !== undefined) lead.raised = { to, why };
}
