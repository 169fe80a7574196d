import type { EgressVerdict, NameSource, PolicyRule, PolicyScope } from './egress.ts';
import { type Finding, fingerprint } from './finding.ts';
import { formatEndpoint } from './ip.ts';
import type { Connection, Role } from './snapshot.ts';

/** Who talks to whom, apart from any single connection: what is learned, approved and told once. */
export interface Contact {
  /** `skill NAME`, else the role alone: no pid, no gateway, so that a restart makes no other subject. */
  subject: string;
  /** Registrable domain, else name, else `address:port`. */
  destination: string;
}

/** The subject that a scope names; for `everywhere` there is none. */
export function subjectOf({ kind, name }: PolicyScope): string | undefined {
  if (kind === 'everywhere' || name === undefined) return undefined;
  return kind === 'skill' ? `skill ${name}` : name;
}

/** The contact that an outbound connection of a family stands for; `undefined` for everybody else's. */
export function contactOf(
  connection: Pick<Connection, 'direction' | 'owner' | 'destination' | 'remote'>,
): Contact | undefined {
  const { direction, owner, destination, remote } = connection;
  if (direction !== 'outbound' || owner === undefined || owner.role === 'other' || remote === undefined)
    return undefined;
  return {
    subject: owner.skill === undefined ? owner.role : `skill ${owner.skill}`,
    destination: destination?.domain ?? destination?.name ?? formatEndpoint(remote.address, remote.port),
  };
}

/** Identity of the finding "first contact" (EGR-04): one for each contact, ever. */
export function contactFingerprint({ subject, destination }: Contact): string {
  return fingerprint('EGR-04', subject, destination);
}

/** What is on record of a contact. Times are Unix ms. */
export interface ContactRecord extends Contact {
  id: number;
  role: Role;
  /** Raw: a skill chooses its name. */
  skill?: string;
  gatewayId?: string;
  /** Name, address and port of its latest connection. */
  name?: string;
  nameSource?: NameSource;
  address: string;
  port: number;
  firstAt: number;
  lastAt: number;
  /** Different days (UTC) on which it was seen, and how many of them lie in the learning period. */
  days: number;
  learningDays: number;
  connections: number;
  bytesOut: number;
  bytesIn: number;
  /** As last judged. */
  verdict?: EgressVerdict;
  verdictReason?: string;
  /** A finding of medium or graver rested on one of its connections: never learned. */
  grave: boolean;
  /** Unix ms; a person refused it in `learn review`. */
  rejectedAt?: number;
}

/** Days on which a contact must have been seen while learning. */
export const LEARNED_DAYS = 2;

/** Whether a contact counts as learned; it silences novelty (EGR-04) and nothing else. */
export function isLearned(contact: Pick<ContactRecord, 'learningDays' | 'grave' | 'rejectedAt'>): boolean {
  return isFamiliar(contact) && !contact.grave;
}

/**
 * Whether learning took the contact in, whatever was found about it since. It is nothing new then, and whoever tells of it
 * tells of something graver.
 */
export function isFamiliar(contact: Pick<ContactRecord, 'learningDays' | 'rejectedAt'>): boolean {
  return contact.learningDays >= LEARNED_DAYS && contact.rejectedAt === undefined;
}

/** Whether a rule of the user's counts at this moment. */
export function isInForce(rule: Pick<PolicyRule, 'createdAt' | 'expiresAt' | 'removedAt'>, now: number): boolean {
  return rule.removedAt === undefined && (rule.expiresAt === undefined || now < rule.expiresAt);
}

/** Rules that may be muted for a time or a place, but never for ever and everywhere; EXP-02 only where it is critical. */
export const NEVER_MUTED_FOR_GOOD: ReadonlySet<string> = new Set(['EGR-01', 'EGR-02', 'EXP-02']);

/** Whether a `suppress` rule names this finding by rule id or by its own id, in its scope and within its limits. */
export function mutes(
  rule: PolicyRule,
  finding: Pick<Finding, 'ruleId' | 'severity' | 'subject'> & { id: string },
): boolean {
  if (rule.action !== 'suppress') return false;
  const pattern = rule.pattern.toUpperCase();
  if (pattern !== finding.ruleId && pattern !== finding.id) return false;
  const forGood = rule.expiresAt === undefined && rule.scope.kind === 'everywhere';
  const limited =
    NEVER_MUTED_FOR_GOOD.has(finding.ruleId) && (finding.ruleId !== 'EXP-02' || finding.severity === 'critical');
  if (forGood && limited) return false;
  const { kind, name } = rule.scope;
  if (kind === 'everywhere') return true;
  if (kind === 'skill') return finding.subject === `skill ${name}`;
  const words = ROLE_SUBJECTS.get(name ?? '') ?? [];
  return words.some((word) => finding.subject === word || finding.subject.startsWith(`${word} `));
}

/** How findings begin their subject for each role. */
const ROLE_SUBJECTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['gateway', ['gateway']],
  ['helper', ['helper']],
  ['exec', ['exec', 'agent command']],
  ['skill', ['skill']],
  ['mcp', ['mcp', 'MCP server']],
  ['browser', ['browser', 'agent browser']],
  ['detached', ['detached', 'detached process']],
]);
