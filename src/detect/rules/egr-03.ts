import { type Finding, fingerprint, type Severity, shiftSeverity } from '../../types/finding.ts';
import { canonicalAddress } from '../../types/ip.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
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
import { allowEnd, disableSkill, inspect } from '../agent-fixes.ts';
import { hostOf, urlsIn } from '../command-urls.ts';
import { isKnownBadPort } from '../odd-ports.ts';
import { partialSight, sees } from '../partial-sight.ts';
import { isDownloader, isInterpreter, programOf } from '../programs.ts';
import { finding, momentWords, ownerEvidence, ownerName } from '../subjects.ts';

interface Options {
  coverage: number;
  coverageSample: number;
  perSubject: number;
}

const ID = 'EGR-03';

export const egr03: Rule<Options> = {
  id: ID,
  title: 'Connection to a raw public IP',
  what: 'A skill, command, MCP server or detached process contacts a public address to which no answer of a name server on this host led; or its own arguments spell the address out.',
  why: 'Who hides a destination from the record of names writes its address into the program. The payloads of the ClawHavoc campaign lay at bare addresses.',
  falsePositives:
    'Whatever is configured, approved or learned is left out, as are name, time and SSH contacts by programs for them. Names must be seen: below T2, and while too few connections have names, only addresses in arguments count; in the first half hour of a watch a missing name is info. While learning, a contact without such an address is info. A name that only the hello of the connection says lowers the severity by one.',
  whatToDo:
    'Find out whose address it is from what the skill or command says about it. Allow it with its port if it belongs there, and stop the process if not.',
  severity: 'high',
  severityRange:
    'high where arguments of a downloader or interpreter spell the address out, or at a port of known malware; medium for skills and detached processes, low for commands and MCP servers; info while learning',
  needs: 'T0',
  attack: ['T1071.001', 'T1095', 'T1105'],
  defaults: { coverage: 0.9, coverageSample: 20, perSubject: 10 },
  optionNotes: {
    coverage: 'Share of the other connections of a look that must have names before a missing name says something.',
    coverageSample: 'Connections from which that share is believed; of fewer it is chance.',
    perSubject: 'Destinations told one by one for each skill or command; the others are counted in one more finding.',
  },
  judge(snapshot, context) {
    const candidates = unexplained(snapshot, AGENT_ROLES).filter(
      (contact) => contact.remoteClass === 'public' && isNameless(contact) && !isOrdinary(contact),
    );
    const unseen = whyNamesProveNothing(snapshot, candidates.length, context.options);
    const contacts = candidates.filter(
      (contact) => isSpelledOut(contact) || (unseen === undefined && couldBeNamed(contact, context)),
    );
    const found = bySubject(contacts, destinationOf).flatMap(({ subject, groups }) => [
      ...groups.slice(0, context.options.perSubject).map((group) => told(subject, group, context)),
      ...furtherContacts(ID, subject, groups.slice(context.options.perSubject), {
        severity: isLearning(context) ? 'info' : 'medium',
        title: `${ownerName(groups[0]![0]!.owner)} contacts many more public addresses without names`,
        why: 'Hardly anything but a scanner, or a program in search of its master, does so.',
      }),
    ]);
    return [...found, ...partialSight(egr03, snapshot, unseen)];
  },
};

/** Contacts that other rules judge, or that are made to addresses by design. */
function isOrdinary({ remote, protocol, owner }: AgentContact): boolean {
  const { port } = remote;
  if (port === 53 || port === 853 || (port === 123 && protocol === 'udp')) return true;
  // Known hosts are often kept by address, and what is sent there is encrypted for that host alone.
  return port === 22 && owner.role === 'exec' && /^(?:ssh|scp|sftp|rsync|git)$/.test(programOf(owner.process));
}

/** Why a missing name says nothing in this look; `undefined` when it does. */
function whyNamesProveNothing(
  snapshot: Snapshot,
  candidates: number,
  { coverage: wanted, coverageSample }: Options,
): string | undefined {
  const { coverage } = snapshot;
  if (!sees(snapshot, 'T2')) return 'names of hosts are not seen, so only addresses in arguments count';
  if (coverage === undefined) return undefined;
  // Those in question have no names by definition: they must not make themselves invisible by their number.
  const others = coverage.seen - candidates;
  if (others < coverageSample || coverage.named / others >= wanted) return undefined;
  return 'too few of the other connections have names, so only addresses in arguments count';
}

/** Whether its name would have been seen, had it been asked for. What was there before us may have been named before us. */
function couldBeNamed({ since }: AgentContact, { singleLook }: RuleContext<Options>): boolean {
  return !singleLook && since.basis === 'observed';
}

function isLearning({ history, now }: RuleContext<Options>): boolean {
  const until = history.learningUntil();
  return until === undefined || now < until;
}

/** The process was given this very address, in any spelling that a URL can have. */
function isSpelledOut({ owner, remote }: AgentContact): boolean {
  const { process } = owner;
  const program = programOf(process);
  if (!isDownloader(program) && !isInterpreter(program)) return false;
  const words = process.argv.slice(1, 64).filter((word) => word.length < 2048);
  const text = process.argv.join(' ').slice(0, 8192);
  const urls = [...urlsIn(['curl', ...words]), ...(text.match(/https?:\/\/[^\s'"`)<>|;]{1,300}/g) ?? []).slice(0, 16)];
  return urls.some((url) => {
    if (typeof url === 'string' && !URL.canParse(url)) return false;
    return canonicalAddress(hostOf(typeof url === 'string' ? new URL(url) : url)) === remote.address;
  });
}

function severityOf(contact: AgentContact, context: RuleContext<Options>): Severity {
  const { role } = contact.owner;
  if (isSpelledOut(contact) || isKnownBadPort(contact.remote.port)) return 'high';
  if (isLearning(context)) return 'info';
  const severity: Severity = role === 'skill' || role === 'detached' ? 'medium' : 'low';
  return contact.destination?.name === undefined ? severity : shiftSeverity(severity, -1);
}

function told(subject: string, group: readonly AgentContact[], context: RuleContext<Options>): Finding {
  const first = group.find(isSpelledOut) ?? group[0]!;
  const { owner, destination, since } = first;
  const { gatewayId } = owner;
  const isGiven = isSpelledOut(first);
  return finding({
    ruleId: ID,
    severity: severityOf(first, context),
    title: `${ownerName(owner)} contacts the bare address ${endWords({ remote: first.remote })}`,
    subject,
    why: 'No name led there. Programs of honest services are told names; an address that is built in hides who stands behind it.',
    evidence: [
      ...endEvidence(group),
      { label: 'sign', value: isGiven ? 'its arguments spell the address out' : 'no answer of a name server has it' },
      ...(destination?.name === undefined
        ? []
        : [{ label: 'claimed name', value: `${destination.name}, by its own word` }]),
      { label: 'first seen', value: momentWords(since.at) },
      ...ownerEvidence(owner),
    ],
    fixes: [...allowEnd(owner, first), inspect(owner.process), ...disableSkill(owner)],
    confidence: isGiven ? owner.confidence : owner.confidence === 'certain' ? 'likely' : owner.confidence,
    fingerprint: fingerprint(ID, gatewayId ?? '', subject, destinationOf({ ...first, destination: {} })),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: group.map(({ key }) => key).slice(0, 50),
    ...(isGiven ? {} : { hints: { restsOn: ['absent name'] as const } }),
  });
}
