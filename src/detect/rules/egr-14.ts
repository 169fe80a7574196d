import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import {
  type AgentContact,
  bySubject,
  destinationOf,
  endEvidence,
  endWords,
  furtherContacts,
  isNameless,
  unexplained,
} from '../agent-contacts.ts';
import { AGENT_ROLES } from '../agent-family.ts';
import { allowEnd, inspect } from '../agent-fixes.ts';
import { isKnownBadPort, isOddPort } from '../odd-ports.ts';
import { sees } from '../partial-sight.ts';
import { finding, momentWords, ownerEvidence, ownerName } from '../subjects.ts';

interface Options {
  perSubject: number;
}

const ID = 'EGR-14';

export const egr14: Rule<Options> = {
  id: ID,
  title: 'Unusual destination port',
  what: 'A skill, command, MCP server or detached process contacts a public address at a port that no ordinary service uses, and nothing explains the contact.',
  why: 'Back doors and their masters mostly sit on ports of their own: 13338 and 56001 were those of campaigns against OpenClaw.',
  falsePositives:
    'Web, mail, name, time, call and chat ports are usual, and so is 22 for SSH and git. What is configured, approved or learned is left out. Database, mail and game skills are to be allowed once, by host and port.',
  whatToDo:
    'Ask what the skill needs that port for. Allow the host with its port if it does, and stop the process if not.',
  severity: 'high',
  severityRange:
    'low for commands and MCP servers, medium for skills and detached processes and at ports of known malware; high at such a port where no answer of a name server led to the address',
  needs: 'T0',
  attack: ['T1571'],
  defaults: { perSubject: 10 },
  optionNotes: {
    perSubject: 'Destinations told one by one for each skill or command; the others are counted in one more finding.',
  },
  judge(snapshot, { options }) {
    const contacts = unexplained(snapshot, AGENT_ROLES).filter(
      (contact) => contact.remoteClass === 'public' && isOddPort(contact),
    );
    // Not the port alone: a sweep over all ports of one host is one fact.
    const key = (contact: AgentContact) => `${isKnownBadPort(contact.remote.port)} ${destinationOf(contact)}`;
    return bySubject(contacts, key).flatMap(({ subject, groups }) => [
      ...groups.slice(0, options.perSubject).map((group) => told(subject, group, snapshot)),
      ...furtherContacts(ID, subject, groups.slice(options.perSubject), {
        severity: 'medium',
        title: `${ownerName(groups[0]![0]!.owner)} contacts many more hosts at unusual ports`,
        why: 'Hardly anything but a scanner, or a program in search of its master, does so.',
      }),
    ]);
  },
};

function severityOf(contact: AgentContact, snapshot: Snapshot): Severity {
  const { role } = contact.owner;
  const isBad = isKnownBadPort(contact.remote.port);
  // Without names from the wire a missing name says nothing.
  if (isBad && isNameless(contact) && sees(snapshot, 'T2')) return 'high';
  return isBad || role === 'skill' || role === 'detached' ? 'medium' : 'low';
}

function told(subject: string, group: readonly AgentContact[], snapshot: Snapshot): Finding {
  const first = group[0]!;
  const { owner, remote, since } = first;
  const { gatewayId } = owner;
  const isBad = isKnownBadPort(remote.port);
  return finding({
    ruleId: ID,
    severity: severityOf(first, snapshot),
    title: `${ownerName(owner)} contacts ${endWords(first)}, at a port ${isBad ? 'that malware uses' : 'of no usual service'}`,
    subject,
    why: 'Ordinary services are reached at a few well-known ports. One of its own is what a back door and its master agree on.',
    evidence: [
      ...endEvidence(group),
      { label: 'protocol', value: first.protocol },
      { label: 'first seen', value: momentWords(since.at) },
      ...ownerEvidence(owner),
    ],
    fixes: [...allowEnd(owner, first), inspect(owner.process)],
    confidence: owner.confidence,
    fingerprint: fingerprint(ID, gatewayId ?? '', subject, destinationOf(first), isBad ? 'known bad' : 'odd'),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: group.map(({ key }) => key).slice(0, 50),
  });
}
