import { createEgressJudge, type JudgedConnection } from '../enrich/egress/verdict.ts';
import { type Contact, type ContactRecord, contactFingerprint, contactOf, isInForce, mutes } from '../types/contact.ts';
import type { PolicyRule } from '../types/egress.ts';
import { SEVERITIES, type Severity } from '../types/finding.ts';
import type { FindingRecord, Store, StoreReader } from '../types/store.ts';

/** A rule before it is on record. */
export type ProposedRule = Omit<PolicyRule, 'id' | 'removedAt' | 'removedReason'>;

/** What a rule covers of what is on record. */
export interface Replay {
  /** Findings that it would have silenced, whatever their status is now. */
  findings: FindingRecord[];
  bySeverity: Partial<Record<Severity, number>>;
  /** Contacts of which it covers every recorded connection, or the last one where none is left. */
  contacts: ContactRecord[];
  /** Contacts of which it covers some connections only, so that they would still be told. */
  partly: ContactRecord[];
  /** Recorded connections that it covers. */
  connections: number;
}

/** Puts a rule on record and judges the contacts that it covers anew. Returns it and how many contacts it covers. */
export function addRule(store: Store, proposed: ProposedRule): { rule: PolicyRule; contacts: number } {
  const rule = store.addPolicyRule(proposed);
  const covers = createCover(rule);
  const verdict = rule.action === 'suppress' ? 'suppressed' : 'approved';
  // A contact that another rule suppresses stays suppressed, as in the judgement of connections.
  const covered = store
    .destinations()
    .filter((contact) => contact.verdict !== 'expected' && covers(asConnection(contact)))
    .filter((contact) => verdict === 'suppressed' || contact.verdict !== 'suppressed');
  store.judgeDestinations(
    covered.map(({ id }) => ({ id, verdict, reason: `rule ${rule.id}: ${rule.reason}` })),
    rule.createdAt,
  );
  return { rule, contacts: covered.length };
}

/** Takes a rule back; contacts that it covered are unknown again until another rule or their next connection says more. */
export function removeRule(store: Store, id: number, at: number, reason: string): PolicyRule {
  const rule = store.removePolicyRule(id, at, reason);
  const covers = createCover(rule);
  const others = store.policy().filter((each) => isInForce(each, at));
  const judge = createEgressJudge({ expected: [], policy: others, learned: () => false, now: at });
  const verdict = rule.action === 'suppress' ? 'suppressed' : 'approved';
  const covered = store.destinations({ verdict: [verdict] }).filter((contact) => covers(asConnection(contact)));
  store.judgeDestinations(
    covered.map((contact) => {
      const now = judge(asConnection(contact));
      return { id: contact.id, verdict: now.verdict, reason: now.verdictReason };
    }),
    at,
  );
  return rule;
}

/** What a proposed rule would have silenced in the whole record. Changes nothing. */
export function replayPolicy(reader: StoreReader, proposed: ProposedRule): Replay {
  const rule: PolicyRule = { ...proposed, id: 0 };
  const covers = createCover(rule);
  const { total, covered } = countConnections(reader, covers);
  const contacts = reader.destinations().filter(({ verdict }) => verdict !== 'expected');
  const whole = contacts.filter((contact) => {
    const all = total.get(keyOf(contact)) ?? 0;
    return all === 0 ? covers(asConnection(contact)) : covered.get(keyOf(contact)) === all;
  });
  const partly = contacts.filter((contact) => !whole.includes(contact) && covered.has(keyOf(contact)));
  const told = new Set(whole.map(contactFingerprint));
  const findings = reader.findings().filter((finding) => told.has(finding.fingerprint) || mutes(rule, finding));
  const bySeverity: Replay['bySeverity'] = {};
  for (const severity of SEVERITIES) {
    const number = findings.filter((finding) => finding.severity === severity).length;
    if (number > 0) bySeverity[severity] = number;
  }
  return {
    findings,
    bySeverity,
    contacts: whole,
    partly,
    connections: [...covered.values()].reduce((sum, n) => sum + n, 0),
  };
}

/** Recorded connections of each contact, and how many of them a rule covers. */
function countConnections(reader: StoreReader, covers: (connection: JudgedConnection) => boolean) {
  const total = new Map<string, number>();
  const covered = new Map<string, number>();
  // Asked once for each end and not for each connection: a month of them has few ends.
  const ends = new Map<string, boolean>();
  for (const { connection } of reader.connections()) {
    const contact = contactOf(connection);
    if (contact === undefined) continue;
    const { destination, remote } = connection;
    const end = JSON.stringify([contact, destination?.name, destination?.source, remote!.address, remote!.port]);
    const isCovered = ends.get(end) ?? covers(connection);
    ends.set(end, isCovered);
    const key = keyOf(contact);
    total.set(key, (total.get(key) ?? 0) + 1);
    if (isCovered) covered.set(key, (covered.get(key) ?? 0) + 1);
  }
  return { total, covered };
}

/** Whether a rule, if it alone were in force, would decide about a connection. */
function createCover(rule: PolicyRule): (connection: JudgedConnection) => boolean {
  const { removedAt: _, ...inForce } = rule;
  const judge = createEgressJudge({ expected: [], policy: [inForce], learned: () => false, now: rule.createdAt });
  const verdict = rule.action === 'suppress' ? 'suppressed' : 'approved';
  return (connection) => judge(connection).verdict === verdict;
}

/** The latest connection of a contact, as far as judging needs it. */
function asConnection(contact: ContactRecord): JudgedConnection {
  const { role, skill, gatewayId, name, nameSource, address, port } = contact;
  const isClaimed = nameSource === 'argv' || nameSource === 'tool-call';
  return {
    direction: 'outbound',
    protocol: 'tcp',
    remote: { address, port },
    owner: {
      process: { pid: 0, startTicks: 0, ppid: 0, comm: '', argv: [], markers: {} },
      role,
      confidence: 'certain',
      lineage: [],
      ...(skill === undefined ? {} : { skill }),
      ...(gatewayId === undefined ? {} : { gatewayId }),
    },
    ...(name === undefined
      ? {}
      : {
          destination: {
            name,
            ...(nameSource === undefined ? {} : { source: nameSource }),
            // What only the process said stays a claim in the record.
            confidence: isClaimed ? 'possible' : 'likely',
          },
        }),
  };
}

function keyOf({ subject, destination }: Contact): string {
  return JSON.stringify([subject, destination]);
}
