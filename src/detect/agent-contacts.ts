import { type Evidence, type Finding, fingerprint, type Severity } from '../types/finding.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { Connection, Owner, Role, Snapshot } from '../types/snapshot.ts';
import { publicPrefix } from './damping.ts';
import { finding, ownerSubject } from './subjects.ts';

/** A connection of the family to somewhere else, with what every rule about it asks. */
export interface AgentContact extends Connection {
  owner: Owner;
  remote: NonNullable<Connection['remote']>;
}

/**
 * Outbound connections, attempts included, of these roles that nothing explains: neither expected nor approved, learned or
 * suppressed. One whose verdict is missing was judged by nobody and counts.
 */
export function unexplained(snapshot: Snapshot, roles: ReadonlySet<Role>): AgentContact[] {
  return snapshot.connections.filter(
    (connection): connection is AgentContact =>
      connection.direction === 'outbound' &&
      connection.remote !== undefined &&
      connection.owner !== undefined &&
      roles.has(connection.owner.role) &&
      (connection.verdict ?? 'unknown') === 'unknown',
  );
}

/** What a contact is counted under: domain or name, and of a bare address its network, since clouds move addresses about. */
export function destinationOf({ destination, remote }: Pick<AgentContact, 'destination' | 'remote'>): string {
  return destination?.domain ?? destination?.name ?? publicPrefix(remote.address);
}

/** `name (address:port)`, or the address alone. */
export function endWords({ destination, remote }: Pick<AgentContact, 'destination' | 'remote'>): string {
  const end = formatEndpoint(remote.address, remote.port);
  return destination?.name === undefined ? end : `${destination.name} (${end})`;
}

/** True when no name stands behind the address but perhaps the process's own word. */
export function isNameless({ destination }: Pick<AgentContact, 'destination'>): boolean {
  return destination?.name === undefined || destination.claimed === true;
}

/** Contacts by subject and, within it, by what `keyOf` says; the order is that of the look. */
export function bySubject(
  contacts: readonly AgentContact[],
  keyOf: (contact: AgentContact) => string,
): { subject: string; groups: AgentContact[][] }[] {
  const subjects = Map.groupBy(contacts, ({ owner }) => `${owner.gatewayId ?? ''} ${ownerSubject(owner)}`);
  return [...subjects.values()].map((all) => ({
    subject: ownerSubject(all[0]!.owner),
    groups: [...Map.groupBy(all, keyOf).values()],
  }));
}

/** Lines for the ends of several contacts, each once, eight at most. */
export function endEvidence(contacts: readonly AgentContact[], label = 'destination'): Evidence[] {
  const ends = [...new Set(contacts.map(endWords))];
  const more = ends.length > 8 ? [{ label: 'more', value: `${ends.length - 8} further ones` }] : [];
  return [...ends.slice(0, 8).map((value) => ({ label, value })), ...more];
}

/** One line for what exceeds the findings of one subject: whoever contacts hundreds has told his story. */
export function furtherContacts(
  ruleId: string,
  subject: string,
  groups: readonly (readonly AgentContact[])[],
  words: { severity: Severity; title: string; why: string },
): Finding[] {
  const rest = groups.flat();
  if (rest.length === 0) return [];
  const { gatewayId } = rest[0]!.owner;
  return [
    finding({
      ruleId,
      ...words,
      subject,
      evidence: [{ label: 'further destinations', value: String(groups.length) }, ...endEvidence(rest)],
      fixes: [{ text: 'See all connections as they come and go.', command: 'clawwatch connections --live' }],
      confidence: rest[0]!.owner.confidence,
      fingerprint: fingerprint(ruleId, gatewayId ?? '', subject, 'further'),
      ...(gatewayId === undefined ? {} : { gatewayId }),
      socketKeys: rest.map(({ key }) => key).slice(0, 50),
    }),
  ];
}
