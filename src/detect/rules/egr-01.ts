import {
  compareSeverity,
  type Evidence,
  type Finding,
  type Fix,
  fingerprint,
  type Severity,
  shiftSeverity,
} from '../../types/finding.ts';
import type { IndicatorMatch } from '../../types/indicators.ts';
import { canonicalAddress } from '../../types/ip.ts';
import type { Rule } from '../../types/rule.ts';
import { shellQuote } from '../../types/text.ts';
import { disableSkill } from '../agent-fixes.ts';
import { namesMissing, rotateSecrets, subjectName } from '../contact-finding.ts';
import { type IndicatorHit, indicatorHits } from '../indicator-hits.ts';
import { finding, momentWords, ownerEvidence, ownerName } from '../subjects.ts';

interface Options {
  rememberHours: number;
}

const ID = 'EGR-01';
const HOUR_MS = 3_600_000;

export const egr01: Rule<Options> = {
  id: ID,
  title: 'Contact with a published malicious host',
  what: 'Any program of this machine, of OpenClaw or not, connects or tries to connect to an address, name or URL that a pack of indicators names, asks a name server for it, or is told to go there by its arguments.',
  why: 'The delivery hosts of the known campaigns were contacted by the terminal of the user, who had pasted a line from the text of a skill. So this rule looks at the whole machine.',
  falsePositives:
    'Packs are checked when they are loaded: no special addresses, nothing that many share, no popular domain as a whole, a date and a source for each. What is old counts less and then no more. Research with a browser outside of OpenClaw is high and not critical. Neither learning nor an approval silences it. The bundled pack is small and old by design: that nothing matches proves nothing.',
  whatToDo:
    'Cut the machine off from that host, keep the evidence, make new keys for everything that the user could read, and install anew if something that came from there has run.',
  severity: 'critical',
  severityRange:
    'confirmed (tier A): critical for the agent and what it started, high for others; reported (tier B) high; without a connection (a question to a name server, arguments only) medium, arguments to a confirmed one high; one less when the indicator is old, the name leads nowhere, or only another name of the address matches',
  needs: 'T0',
  attack: ['T1105', 'T1071.001', 'T1204.004', 'T1204.002'],
  defaults: { rememberHours: 24 },
  optionNotes: {
    rememberHours: 'Hours for which a contact of the agent that ended stays a finding, so that it survives a night.',
  },
  judge(snapshot, context): Finding[] {
    const hits = indicatorHits(snapshot, context, context.options.rememberHours * HOUR_MS);
    const groups = Map.groupBy(hits, ({ subject, end }) => `${subject.length} ${subject}${end}`);
    return [...[...groups.values()].map(contact), ...namesMissing(egr01, snapshot)];
  },
};

function severityOf(hit: IndicatorHit): Severity {
  const grades = hit.matches.map(({ indicator: { tier }, aged }) => {
    const full = fullSeverity(hit, tier);
    return aged ? shiftSeverity(full, -1) : full;
  });
  const worst = grades.reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b));
  return hit.sinkholed || hit.byOtherName ? shiftSeverity(worst, -1) : worst;
}

function fullSeverity({ basis, role }: IndicatorHit, tier: 'A' | 'B'): Severity {
  if (basis === 'question') return 'medium';
  if (basis === 'argument') return tier === 'A' ? 'high' : 'medium';
  return tier === 'A' && role !== 'other' ? 'critical' : 'high';
}

/** One finding for all that one subject had to do with one bad end; its gravest hit leads. */
function contact(hits: readonly IndicatorHit[]): Finding {
  const graded = hits.map((hit) => ({ hit, severity: severityOf(hit) }));
  const { hit, severity } = graded.reduce((a, b) => (compareSeverity(b.severity, a.severity) > 0 ? b : a));
  const owner = hit.owner ?? hits.find((each) => each.owner !== undefined)?.owner;
  const endpoints = [...new Set(hits.flatMap(({ endpoint }) => endpoint ?? []))].slice(0, 8);
  const matches = [
    ...new Map(hits.flatMap((each) => each.matches).map((each) => [each.indicator.value, each])).values(),
  ];
  const who =
    hit.role !== 'other' ? subjectName(hit) : owner === undefined ? 'Somebody on this host' : ownerName(owner);
  return finding({
    ruleId: ID,
    severity,
    title: `${who} ${VERBS[hit.basis]} ${hit.end}, which is published as malicious`,
    subject: hit.subject,
    why: 'This host is named in a public report of an attack. What came from there may have run, and what the program could read may be gone.',
    evidence: [
      ...matches.slice(0, 4).flatMap(indicatorEvidence),
      ...(endpoints.length === 0 ? [] : [{ label: 'address', value: endpoints.join(', ') }]),
      ...circumstances(hit, hits),
      { label: 'last seen', value: momentWords(Math.max(...hits.map(({ at }) => at))) },
      ...(owner === undefined ? [] : ownerEvidence(owner)),
    ],
    fixes: fixes(hit, endpoints, owner),
    confidence: hit.basis === 'connection' && !hit.byOtherName ? 'certain' : 'likely',
    fingerprint: fingerprint(ID, hit.subject, hit.end),
    ...(hit.gatewayId === undefined ? {} : { gatewayId: hit.gatewayId }),
    socketKeys: [...new Set(hits.flatMap(({ socketKey }) => socketKey ?? []))].slice(0, 50),
    hints: { destination: hit.destination, pids: owner === undefined ? [] : [owner.process.pid] },
  });
}

const VERBS: Readonly<Record<IndicatorHit['basis'], string>> = {
  connection: 'contacts',
  question: 'asked for the address of',
  argument: 'is told to go to',
};

function indicatorEvidence({ indicator, aged }: IndicatorMatch): Evidence[] {
  const { value, tier, firstSeenAt, note, sourceUrl } = indicator;
  const rank = tier === 'A' ? 'confirmed' : 'reported';
  const what = note === undefined ? '' : `: ${note}`;
  return [
    {
      label: 'indicator',
      value: `${defang(value)} (${rank}, first seen ${momentWords(firstSeenAt).slice(0, 10)}${aged ? ', old' : ''})${what}`,
    },
    { label: 'source', value: sourceUrl },
  ];
}

/** So that no chat or terminal makes a link of it. */
function defang(value: string): string {
  return value.replace(/^http/, 'hxxp').replaceAll('.', '[.]');
}

function circumstances(lead: IndicatorHit, hits: readonly IndicatorHit[]): Evidence[] {
  return [
    ...(hits.every(({ basis }) => basis !== 'connection') ? [{ label: 'connection', value: 'none was seen' }] : []),
    ...(lead.failed ? [{ label: 'answer', value: 'none yet, or the answer was no; the attempt counts' }] : []),
    ...(lead.sinkholed
      ? [{ label: 'sinkholed', value: 'the name leads to an address that is not on the internet' }]
      : []),
    ...(lead.byOtherName ? [{ label: 'name', value: 'another name of the same address is the published one' }] : []),
  ];
}

function fixes(hit: IndicatorHit, endpoints: readonly string[], owner: IndicatorHit['owner']): Fix[] {
  const address = addressOf(endpoints[0]);
  return [
    ...(address === undefined ? [] : [block(address)]),
    ...(owner === undefined ? [] : disableSkill(owner)),
    { text: 'See what else this machine is connected to now.', command: 'clawwatch connections --all --live' },
    ...(hit.role === 'other' ? [] : [rotateSecrets()]),
  ];
}

function addressOf(endpoint: string | undefined): string | undefined {
  const host = endpoint?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return host === undefined ? undefined : canonicalAddress(host);
}

/** A table of its own, so that it can be taken away again whole and no rule of the user's is touched. */
function block(address: string): Fix {
  const family = address.includes(':') ? 'ip6' : 'ip';
  const rules = [
    'add table inet clawwatch_block',
    'add chain inet clawwatch_block out { type filter hook output priority 0; }',
    `add rule inet clawwatch_block out ${family} daddr ${address} drop`,
  ].join('; ');
  return {
    text: 'Cut this machine off from the host (undo: sudo nft delete table inet clawwatch_block).',
    command: `sudo nft ${shellQuote(rules)}`,
  };
}
