import type { EgressVerdict } from '../types/egress.ts';
import { type Evidence, type Finding, type Fix, fingerprint, type Severity } from '../types/finding.ts';
import type { Rule } from '../types/rule.ts';
import type { Role, Snapshot } from '../types/snapshot.ts';
import { shellQuote } from '../types/text.ts';
import { disableSkill } from './agent-fixes.ts';
import type { ContactBasis, HostContact } from './host-contacts.ts';
import { finding, momentWords, ownerEvidence, unknownFinding } from './subjects.ts';

/** What came with somebody's program rather than with a request: it has fewer reasons to go anywhere new. */
export const PROGRAM_ROLES: ReadonlySet<Role> = new Set<Role>(['skill', 'detached', 'mcp']);

const SETTLED: ReadonlySet<EgressVerdict | undefined> = new Set<EgressVerdict>(['expected', 'approved', 'suppressed']);

/** True when the user's configuration or a rule of the user's covers the contact. Learning settles nothing here. */
export function isSettled({ verdict }: Pick<HostContact, 'verdict'>): boolean {
  return SETTLED.has(verdict);
}

const ROLE_NAMES: Readonly<Record<Role, string>> = {
  gateway: 'The gateway',
  helper: 'A helper of the gateway',
  exec: 'A command of the agent',
  skill: 'A skill',
  mcp: 'An MCP server',
  browser: 'The browser of the agent',
  detached: 'A process that left the agent',
  other: 'A process outside of OpenClaw',
};

/** A contact's subject at the head of a sentence: `Skill "metrics"`, `A command of the agent`. */
export function subjectName({ subject, role }: Pick<HostContact, 'subject' | 'role'>): string {
  return subject.startsWith('skill ') ? `Skill "${subject.slice(6)}"` : ROLE_NAMES[role];
}

const BASIS_WORDS: Readonly<Record<ContactBasis, string>> = {
  connection: 'a connection, or the attempt of one',
  question: 'a question to a name server; no connection was seen',
  argument: 'arguments of a program; no connection was seen',
};

export interface ContactFindingParts {
  ruleId: string;
  contact: HostContact;
  severity: Severity;
  title: string;
  why: string;
  /** Before what every contact has. */
  evidence?: Evidence[];
  /** Before what every contact gets. */
  fixes?: Fix[];
  /** Part of the identity beside subject and destination, where one pair can have several findings. */
  aspect?: string;
}

/** The finding of one contact: once for each subject and destination, whatever the pid, the port and the moment. */
export function contactFinding(parts: ContactFindingParts): Finding {
  const { ruleId, contact, severity, title, why, aspect } = parts;
  return finding({
    ruleId,
    severity,
    title,
    subject: contact.subject,
    why,
    evidence: [...(parts.evidence ?? []), ...contactEvidence(contact)],
    fixes: [...(parts.fixes ?? []), ...contactFixes(contact)],
    confidence: contact.confidence,
    fingerprint: fingerprint(ruleId, contact.subject, contact.destination, ...(aspect === undefined ? [] : [aspect])),
    ...(contact.gatewayId === undefined ? {} : { gatewayId: contact.gatewayId }),
    socketKeys: contact.socketKeys,
    hints: { destination: contact.destination, pids: contact.pids },
  });
}

function contactEvidence(contact: HostContact): Evidence[] {
  const { name, claimed, declared, basis, endpoints, bytesOut, lastAt, owner } = contact;
  return [
    ...(name === undefined ? [] : [{ label: 'host', value: name }]),
    ...(endpoints.length === 0 ? [] : [{ label: 'address', value: endpoints.slice(0, 5).join(', ') }]),
    { label: 'seen as', value: BASIS_WORDS[basis] },
    ...(claimed ? [{ label: 'name', value: 'only the program itself gives it' }] : []),
    ...(declared ? [{ label: 'call', value: 'the call of the agent names the host' }] : []),
    ...(bytesOut > 0 ? [{ label: 'sent', value: `${bytesOut} bytes` }] : []),
    ...(lastAt > 0 ? [{ label: 'last seen', value: momentWords(lastAt) }] : []),
    ...(owner === undefined ? [] : ownerEvidence(owner)),
  ];
}

/** Stop it or allow it; what else there is to do belongs to the rule. */
function contactFixes(contact: HostContact): Fix[] {
  const { owner, subject, role, name, claimed, endpoints } = contact;
  const scope = subject.startsWith('skill ') ? `--skill=${shellQuote(subject.slice(6))}` : `--role ${role}`;
  // Nothing is allowed by a name that the program gives itself.
  const pattern = claimed || name === undefined ? endpoints[0] : name;
  return [
    { text: 'See what it is connected to now.', command: 'clawwatch connections --live' },
    ...(owner === undefined ? [] : disableSkill(owner)),
    ...(pattern === undefined || role === 'other'
      ? []
      : [
          {
            text: 'If you know what it is for, allow it and say why.',
            command: `clawwatch allow ${shellQuote(pattern)} ${scope} --for 24h --reason 'what it is for'`,
          },
        ]),
  ];
}

/** Keys that a program of the agent can read. */
export function rotateSecrets(): Fix {
  return {
    text: 'Take it that what the agent can read was sent: make new keys for the providers and channels in this list.',
    command: 'openclaw config get models.providers; openclaw config get channels',
  };
}

/**
 * What a rule that lives of names says while there are none: it judged the few that arguments and the configuration
 * give. The same words and identity as the engine's for rules that cannot judge at all, so that it is told once.
 */
export function namesMissing({ id, title }: Pick<Rule, 'id' | 'title'>, { telemetry }: Snapshot): Finding[] {
  if (telemetry === 'T2' || telemetry === 'T3') return [];
  return [
    unknownFinding({
      ruleId: 'POS-08',
      severity: 'info',
      title: 'Rules that need names of hosts could judge only those that arguments and the configuration give',
      subject: 'telemetry T2',
      why: `These rules need telemetry T2 and this look had ${telemetry}. Their silence means little.`,
      evidence: [{ label: id, value: title }],
      fixes: [{ text: 'See what can be read here and how to change that.', command: 'clawwatch doctor' }],
      fingerprint: fingerprint('POS-08', 'telemetry', 'T2'),
    }),
  ];
}
