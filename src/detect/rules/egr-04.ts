import { contactFingerprint } from '../../types/contact.ts';
import type { NameSource } from '../../types/egress.ts';
import { type Evidence, type Finding, type Fix, fingerprint, type Severity } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import type { Role, Snapshot } from '../../types/snapshot.ts';
import { shellQuote } from '../../types/text.ts';
import { subjectName } from '../contact-finding.ts';
import { hasPrivateSuffix } from '../private-suffix.ts';
import { finding, momentWords, ownerEvidence } from '../subjects.ts';
import { type UnknownContact, unknownContacts } from '../unknown-contacts.ts';

interface Options {
  openDays: number;
  uploadBytes: number;
  perSubject: number;
}

const ID = 'EGR-04';
const DAY_MS = 86_400_000;

export const egr04: Rule<Options> = {
  id: ID,
  title: 'First contact with an unknown domain',
  what: "A skill, command, MCP server or the gateway talks to a domain that neither the user's own openclaw.json nor a rule of the user's nor the learning period explains. Each pair of skill (or role) and registrable domain is told once.",
  why: 'Every campaign begins with a host that nobody knew before: where a skill sends data, and where it gets its orders.',
  falsePositives:
    'The hosts of configured channels, providers and tools are expected, and what was seen on two days of the learning period is learned. While learning it is only info. The agent browser is left out, since it goes where it is told to. A command or a fetch of the gateway is info without a further sign, and so is a host that the call of the agent names. Addresses without a name are counted in one info line for each skill or role, because a cloud address alone tells nothing; without a sensor names are known from the hosts file, the configuration and arguments only. A name that only the process itself gives is told as such.',
  whatToDo:
    'Look at what the skill is for. If the host belongs to it, allow it for this skill; if not, disable the skill, and take it that what the agent can read has been sent.',
  severity: 'medium',
  severityRange:
    'low for skills, detached processes and helpers; info for commands and fetches of the gateway, for hosts that the call names, and while learning; medium for all of them after learning when the host lies below a suffix of which anybody gets a part, has an international name, is not on port 80 or 443, or got more than 32 KiB',
  needs: 'T0',
  attack: ['T1071.001', 'T1583.001'],
  defaults: { openDays: 7, uploadBytes: 32_768, perSubject: 50 },
  optionNotes: {
    openDays: 'Days for which a contact stays a finding after its last connection, unless somebody decides earlier.',
    uploadBytes: 'Bytes sent to one such destination, all connections together, from which it counts as an upload.',
    perSubject:
      'Findings for one skill or role; further destinations are counted in one more, so a generator of names cannot flood the record.',
  },
  judge(snapshot, context) {
    const { options, now, history } = context;
    const until = history.learningUntil();
    const learning = until === undefined || now < until;
    const contacts = unknownContacts(snapshot, context, now - options.openDays * DAY_MS).filter(
      ({ role }) => role !== 'browser' && role !== 'other',
    );
    return [...Map.groupBy(contacts, ({ subject }) => subject)].flatMap(([subject, all]) => {
      const named = all.filter(({ name }) => name !== undefined);
      const nameless = all.filter(({ name, isPublic }) => name === undefined && isPublic);
      const told = named.slice(0, options.perSubject);
      return [
        ...told.map((contact) => unknownDomain(contact, snapshot, { learning, until, options })),
        ...(named.length > told.length ? [furtherDomains(subject, named, told.length, learning)] : []),
        ...(nameless.length > 0 ? [withoutNames(subject, nameless)] : []),
      ];
    });
  },
};

/** What makes an unknown host more than unknown, each as words for the reader. */
function triggersOf(contact: UnknownContact, { uploadBytes }: Options): string[] {
  const name = contact.name ?? '';
  const odd = [...contact.ports].filter((port) => port !== 80 && port !== 443);
  return [
    ...(hasPrivateSuffix(name) ? ['its domain hands out parts to anybody'] : []),
    ...(name.split('.').some((label) => label.startsWith('xn--')) ? ['its name uses international letters'] : []),
    ...(odd.length > 0 ? [`port ${odd.slice(0, 5).join(', ')}`] : []),
    ...(contact.bytesOut > uploadBytes ? [`${Math.round(contact.bytesOut / 1024)} KiB were sent`] : []),
  ];
}

/** Commands and fetches reach new hosts all day; what comes with a program has fewer reasons to. */
const OF_THE_MODEL: ReadonlySet<Role> = new Set<Role>(['exec', 'gateway']);

function severityOf(contact: UnknownContact, triggers: readonly string[], learning: boolean): Severity {
  if (learning) return 'info';
  if (triggers.length > 0) return 'medium';
  return OF_THE_MODEL.has(contact.role) || contact.source === 'tool-call' ? 'info' : 'low';
}

const SOURCE_WORDS: Readonly<Record<NameSource, string>> = {
  dns: 'an answer of the resolver',
  sni: 'the TLS hello',
  hosts: 'the hosts file',
  'tool-call': 'the call of the agent; nothing else confirms it',
  argv: 'arguments of the process itself; nothing else confirms it',
  expected: 'the configuration',
};

function unknownDomain(
  contact: UnknownContact,
  snapshot: Snapshot,
  { learning, until, options }: { learning: boolean; until: number | undefined; options: Options },
): Finding {
  const triggers = triggersOf(contact, options);
  const { subject, destination, name, source, gatewayId } = contact;
  const evidence: Evidence[] = [
    { label: 'host', value: name! },
    ...(source === undefined ? [] : [{ label: 'name from', value: SOURCE_WORDS[source] }]),
    ...(contact.otherNames.length > 0
      ? [{ label: 'same address', value: contact.otherNames.slice(0, 5).join(', ') }]
      : []),
    { label: 'address', value: contact.endpoints.slice(0, 5).join(', ') },
    { label: 'first contact', value: momentWords(contact.firstAt) },
    ...triggers.map((value) => ({ label: 'sign', value })),
    ...(contact.verdictReason === undefined ? [] : [{ label: 'not expected', value: contact.verdictReason }]),
    ...(learning
      ? [{ label: 'learning', value: until === undefined ? 'begins with this look' : `until ${momentWords(until)}` }]
      : []),
    ...(contact.owner === undefined ? [] : ownerEvidence(contact.owner)),
    ...skillPlace(subject, snapshot),
  ];
  return finding({
    ruleId: ID,
    severity: severityOf(contact, triggers, learning),
    title: `${subjectName(contact)} talks to ${destination}, which is neither configured nor approved`,
    subject,
    why: 'A host that nothing in your configuration explains may be where data goes or where orders come from.',
    evidence,
    fixes: fixes(contact),
    confidence: contact.owner?.confidence ?? 'likely',
    fingerprint: contactFingerprint(contact),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: contact.socketKeys,
  });
}

function furtherDomains(subject: string, named: readonly UnknownContact[], told: number, learning: boolean): Finding {
  const rest = named.slice(told);
  return finding({
    ruleId: ID,
    severity: learning ? 'info' : 'medium',
    title: `${subjectName(named[0]!)} talks to ${rest.length} more domains that are neither configured nor approved`,
    subject,
    why: 'Hardly any program needs so many hosts. A scanner does, and one that makes up names to find its master.',
    evidence: rest.slice(-12).map(({ destination, firstAt }) => ({ label: momentWords(firstAt), value: destination })),
    fixes: [{ text: 'See them all.', command: 'clawwatch learn review' }],
    confidence: 'certain',
    fingerprint: fingerprint(ID, subject, 'further domains'),
    ...gatewayOf(rest),
    socketKeys: rest.flatMap(({ socketKeys }) => socketKeys).slice(0, 50),
  });
}

/** One line for a subject and not one for each address: addresses of clouds change daily and say little. */
function withoutNames(subject: string, contacts: readonly UnknownContact[]): Finding {
  const endpoints = [...new Set(contacts.flatMap((contact) => contact.endpoints))].sort();
  return finding({
    ruleId: ID,
    severity: 'info',
    title: `${subjectName(contacts[0]!)} talks to public addresses whose names are not known`,
    subject,
    why: 'Without a name it cannot be said whether these are expected hosts. It is a gap of what can be seen, and no sign of harm by itself.',
    evidence: [
      { label: 'addresses', value: String(endpoints.length) },
      ...endpoints.slice(0, 12).map((value) => ({ label: 'address', value })),
    ],
    fixes: [{ text: 'See how many names are known, and what would show more.', command: 'clawwatch doctor' }],
    confidence: 'certain',
    fingerprint: fingerprint(ID, subject, 'addresses without name'),
    ...gatewayOf(contacts),
    socketKeys: contacts.flatMap(({ socketKeys }) => socketKeys).slice(0, 50),
  });
}

function gatewayOf(contacts: readonly UnknownContact[]): { gatewayId?: string } {
  const gatewayId = contacts.find((contact) => contact.gatewayId !== undefined)?.gatewayId;
  return gatewayId === undefined ? {} : { gatewayId };
}

function skillPlace(subject: string, { skills }: Snapshot): Evidence[] {
  const skill = (skills ?? []).find(({ name }) => subject === `skill ${name}`);
  return skill === undefined ? [] : [{ label: 'skill files', value: skill.directory }];
}

function fixes({ subject, role, name, source, endpoints }: UnknownContact): Fix[] {
  // Nothing is allowed by a name that the process gives itself; there the address is what can be allowed.
  const isClaimed = source === 'argv' || source === 'tool-call';
  const pattern = shellQuote(isClaimed ? endpoints[0]! : name!);
  const scope = subject.startsWith('skill ') ? `--skill=${shellQuote(subject.slice(6))}` : `--role ${role}`;
  return [
    {
      text: 'If you know what it is for, allow it and say why.',
      command: `clawwatch allow ${pattern} ${scope} --for 30d --reason 'what it is for'`,
    },
    {
      text: 'If not, look into the skill or the command that did it, and stop it.',
      command: 'clawwatch connections --live',
    },
  ];
}
