import { type Evidence, type Finding, fingerprint, type Severity, shiftSeverity } from '../../types/finding.ts';
import type { Indicators } from '../../types/indicators.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { agentFamilyOf } from '../agent-family.ts';
import { argumentTargets } from '../argument-hosts.ts';
import { OWN_BRANDS } from '../brand-names.ts';
import { contactFinding, isSettled, namesMissing, PROGRAM_ROLES, subjectName } from '../contact-finding.ts';
import { type HostContact, hostContacts, questionsSince } from '../host-contacts.ts';
import { createLookAlikes, type LookAlike, type LookAlikeOf, marked } from '../look-alike.ts';
import { createRecent } from '../recent.ts';
import { registrableDomain } from '../registrable.ts';
import { finding, momentWords, ownerEvidence, ownerName, ownerSubject } from '../subjects.ts';

interface Options {
  uploadBytes: number;
  rememberHours: number;
}

const ID = 'EGR-19';
const HOUR_MS = 3_600_000;
/** A generator of names must not fill the record; the engine counts what is more. */
const MAX_OUTSIDERS = 32;

export const egr19: Rule<Options> = {
  id: ID,
  title: 'Look-alike of a trusted name, or a name in mixed scripts',
  what: 'Somebody of the agent contacts a domain that looks like one of OpenClaw, of a provider, channel or registry, or of the own configuration: equal to the eye, one or two letters off, the same word under another suffix, or the word together with a bait such as "installer". For names of OpenClaw and ClawHub the whole machine is looked at.',
  why: 'Fake skill directories and installers lived under such names, and one wrong letter in a provider sends every prompt and key there.',
  falsePositives:
    'Popular domains and a short reviewed list of honest neighbours are left out. The word with a bait alone is low, since many honest sites are made about OpenClaw; it is medium for a skill. Approved and configured hosts are silent. Plain plurals do not count.',
  whatToDo: 'Compare both spellings. Run nothing that came from there; where a key was sent, make a new one.',
  severity: 'high',
  severityRange:
    'medium; high from 8 KiB sent; the word with a bait low, for skills medium; the agent browser low; others on this machine medium when a program is told to go there, else low; one less when no connection was seen',
  needs: 'T0',
  attack: ['T1583.001', 'T1036.005', 'T1195'],
  defaults: { uploadBytes: 8192, rememberHours: 24 },
  optionNotes: {
    uploadBytes: 'Bytes sent from which it is an upload: more than a handshake and some requests.',
    rememberHours: 'Hours for which a contact that ended stays a finding, and over which what was sent is added up.',
  },
  judge(snapshot, context): Finding[] {
    const lookAlikeOf = remembering(snapshot, context);
    const rememberMs = context.options.rememberHours * HOUR_MS;
    const contacts = hostContacts(snapshot, context, {
      rememberMs,
      bytesMs: rememberMs,
      isWanted: ({ name }) => name !== undefined && lookAlikeOf(name) !== undefined,
    }).filter(({ name }) => name !== undefined);
    const inside = contacts
      .filter((contact) => !isSettled(contact))
      .map((contact) => ofFamily(contact, lookAlikeOf(contact.name!)!, context.options));
    // What the user settled for the agent is settled, also when a name server hides who asked.
    const known = new Set(contacts.map(({ destination }) => destination));
    return [
      ...inside,
      ...outsiders(snapshot, context, lookAlikeOf, known, rememberMs),
      ...namesMissing(egr19, snapshot),
    ];
  },
};

const CONFIGURED: ReadonlySet<string> = new Set(['provider', 'channel', 'tool', 'mcp', 'proxy', 'plugin', 'registry']);

/** Names whose answer is kept from look to look: each takes some comparisons with each trusted name. */
const REMEMBERED_NAMES = 20_000;
const NOTHING = Symbol('like nothing');

/** What guards now, and what it said of names; made anew when the configuration or the lists change. */
let guard: { configured: string; lists: Indicators | undefined; lookAlikeOf: LookAlikeOf } | undefined;

function remembering({ expectedHosts = [] }: Snapshot, { indicators }: RuleContext): LookAlikeOf {
  const hosts = expectedHosts.filter(
    ({ pattern, category }) => CONFIGURED.has(category) && !/[*/:]|^[\d.]+$/.test(pattern),
  );
  const configured = JSON.stringify(hosts.map(({ pattern }) => pattern));
  if (guard?.configured !== configured || guard.lists !== indicators) {
    const domains = new Set(hosts.map(({ pattern }) => registrableDomain(pattern)));
    guard = { configured, lists: indicators, lookAlikeOf: remembered(createLookAlikes(domains), indicators) };
  }
  return guard.lookAlikeOf;
}

function remembered(lookAlikeOf: LookAlikeOf, indicators: Indicators | undefined): LookAlikeOf {
  const known = createRecent<string, LookAlike | typeof NOTHING>(REMEMBERED_NAMES);
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      const found = lookAlikeOf(name);
      const isPopular = found !== undefined && indicators?.categoriesOf({ name }).includes('popular') === true;
      answer = isPopular || found === undefined ? NOTHING : found;
      known.set(name, answer);
    }
    return answer === NOTHING ? undefined : answer;
  };
}

function severityOf({ role, bytesOut, basis }: HostContact, { kind }: LookAlike, { uploadBytes }: Options): Severity {
  const isProgram = PROGRAM_ROLES.has(role);
  let severity: Severity = kind === 'bait' && !isProgram ? 'low' : role === 'browser' ? 'low' : 'medium';
  if (bytesOut >= uploadBytes) severity = shiftSeverity(severity, 1);
  return basis === 'connection' ? severity : shiftSeverity(severity, -1);
}

function ofFamily(contact: HostContact, found: LookAlike, options: Options): Finding {
  return contactFinding({
    ruleId: ID,
    contact,
    severity: severityOf(contact, found, options),
    title: `${subjectName(contact)} contacts ${contact.name}, ${resemblance(found)}`,
    why: WHY,
    evidence: likeness(found),
    fixes: [{ text: 'Do not run or open what came from there; fetch it anew from the official site, typed by hand.' }],
  });
}

const WHY =
  'Names that are nearly right are bought for lures: what is fetched there is not what it says, and what is sent there is read.';

function resemblance({ kind, original, domain }: LookAlike): string {
  switch (kind) {
    case 'looks':
      return `which looks like ${original} and is not`;
    case 'distance':
      return `which is spelled nearly like ${original}`;
    case 'elsewhere':
      return `which is not where ${original} lives`;
    case 'mixed':
      return 'a name that mixes scripts which look alike';
    case 'bait':
      return `which carries the name ${original} with a bait (${domain})`;
  }
}

function likeness({ kind, original, label }: LookAlike): Evidence[] {
  if (original === undefined || kind === 'mixed') return [{ label: 'as written', value: marked(label, '') }];
  const differs = kind === 'looks' || kind === 'distance';
  return [
    { label: 'trusted name', value: original },
    ...(differs ? [{ label: 'differs in', value: `${marked(label, original)}, not ${marked(original, label)}` }] : []),
  ];
}

/** Programs outside of OpenClaw and questions whose asker is hidden: for the names of OpenClaw itself alone. */
function outsiders(
  snapshot: Snapshot,
  context: RuleContext,
  lookAlikeOf: LookAlikeOf,
  known: ReadonlySet<string>,
  rememberMs: number,
): Finding[] {
  const family = agentFamilyOf(snapshot);
  const found = new Map<string, Finding>();
  const isOurs = (name: string) => {
    const likely = lookAlikeOf(name);
    return likely !== undefined && OWN_BRANDS.has(likely.original ?? '') && !known.has(likely.domain)
      ? likely
      : undefined;
  };
  for (const process of snapshot.processes) {
    for (const { host, isAddress } of argumentTargets(process)) {
      const likely = isAddress ? undefined : isOurs(host);
      if (likely === undefined || found.size >= MAX_OUTSIDERS) continue;
      const owner = family.ownerOf(process);
      if (owner.role !== 'other') continue;
      const about = { subject: ownerSubject(owner), who: ownerName(owner), evidence: ownerEvidence(owner) };
      const told = outsider(likely, host, { ...about, doing: 'is told to go to', isToldTo: true });
      found.set(told.fingerprint, told);
    }
  }
  for (const { name, at } of questionsSince(snapshot, context, rememberMs)) {
    const likely = isOurs(name);
    if (likely === undefined || found.size >= MAX_OUTSIDERS) continue;
    const evidence = [{ label: 'asked at', value: momentWords(at) }];
    const about = { subject: 'this host', who: 'Somebody on this host', evidence };
    const told = outsider(likely, name, { ...about, doing: 'asked for the address of', isToldTo: false });
    found.set(told.fingerprint, told);
  }
  return [...found.values()];
}

function outsider(
  likely: LookAlike,
  host: string,
  about: { subject: string; who: string; evidence: Evidence[]; doing: string; isToldTo: boolean },
): Finding {
  const isClose = likely.kind !== 'bait';
  return finding({
    ruleId: ID,
    severity: isClose && about.isToldTo ? 'medium' : 'low',
    title: `${about.who} ${about.doing} ${host}, ${resemblance(likely)}`,
    subject: about.subject,
    why: WHY,
    evidence: [{ label: 'host', value: host }, ...likeness(likely), ...about.evidence],
    fixes: [
      { text: 'Stop an installation that is under way, and fetch it anew from the official site, typed by hand.' },
      { text: 'See what this machine is connected to now.', command: 'clawwatch connections --all --live' },
    ],
    confidence: 'likely',
    fingerprint: fingerprint(ID, about.subject, likely.domain),
    hints: { destination: likely.domain },
  });
}
