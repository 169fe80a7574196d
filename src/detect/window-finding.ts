import type { Evidence, Fix } from '../types/finding.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { ContactWindow } from '../types/ledger.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Owner, Snapshot } from '../types/snapshot.ts';
import { shellQuote } from '../types/text.ts';
import { disableSkill } from './agent-fixes.ts';
import { subjectName } from './contact-finding.ts';
import { momentWords, ownerEvidence } from './subjects.ts';

/** True while neither configuration nor user nor learning explains the contact; one that nobody judged counts. */
export function isUnexplained({ verdict }: Pick<ContactWindow, 'verdict'>): boolean {
  return verdict === undefined || verdict === 'unknown';
}

/** Words for a subject at the head of a sentence, with the program where the role alone says little. */
export function windowSubject(contact: Pick<ContactWindow, 'subject' | 'role' | 'program'>): string {
  const { subject, role, program } = contact;
  const name = subjectName(contact);
  return program === undefined || role === 'gateway' || subject.startsWith('skill ') ? name : `${name} (${program})`;
}

/** `api.feed.test`, or the address and port where it has no name. */
export function windowEnd({ name, addresses, port, destination }: ContactWindow): string {
  if (name !== undefined) return name;
  const address = addresses.at(-1);
  return address === undefined ? destination : formatEndpoint(address, port);
}

/** Unix ms of the first contact, by the record where it goes further back than the ledger. */
export function firstContactAt({ subject, destination, firstAt }: ContactWindow, { history }: RuleContext): number {
  return Math.min(firstAt, history.destinationFirstSeenAt(subject, destination) ?? firstAt);
}

/** Who holds one of its connections in this look. */
export function holderOf({ socketKeys }: ContactWindow, { connections }: Snapshot): Owner | undefined {
  if (socketKeys.length === 0) return undefined;
  const keys = new Set(socketKeys);
  return connections.findLast(({ key, owner }) => owner !== undefined && keys.has(key))?.owner;
}

/** Destination, process and time of a contact. */
export function windowEvidence(contact: ContactWindow, snapshot: Snapshot, firstAt: number): Evidence[] {
  const { name, addresses, port, verdictReason, pids, program, role } = contact;
  const holder = holderOf(contact, snapshot);
  const pid = pids.at(-1);
  return [
    { label: 'host', value: name ?? 'without a name' },
    {
      label: 'address',
      value: addresses
        .slice(-5)
        .map((address) => formatEndpoint(address, port))
        .join(', '),
    },
    { label: 'first contact', value: momentWords(firstAt) },
    { label: 'last seen', value: momentWords(contact.lastAt) },
    ...(verdictReason === undefined ? [] : [{ label: 'not expected', value: verdictReason }]),
    ...(holder !== undefined
      ? ownerEvidence(holder)
      : [{ label: 'process', value: `${program ?? 'unknown'}${pid === undefined ? '' : ` (pid ${pid})`}, ${role}` }]),
  ];
}

/** Stop it, or allow it and say why. */
export function windowFixes(contact: ContactWindow): Fix[] {
  const { subject, role, skill, name, addresses, port } = contact;
  const address = addresses.at(-1);
  const end = name ?? (address === undefined ? contact.destination : formatEndpoint(address, port));
  const scope = skill === undefined ? `--role ${role}` : `--skill=${shellQuote(subject.slice(6))}`;
  return [
    { text: 'See what it is connected to now.', command: 'clawwatch connections --live' },
    ...disableSkill({ skill }),
    {
      text: 'If you know what it is for, allow it and say why.',
      command: `clawwatch allow ${shellQuote(end)} ${scope} --for 30d --reason 'what it is for'`,
    },
  ];
}
