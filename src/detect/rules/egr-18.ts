import { type Evidence, type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { ContactWindow } from '../../types/ledger.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { PROGRAM_ROLES } from '../contact-finding.ts';
import { partialSight, sees } from '../partial-sight.ts';
import { finding } from '../subjects.ts';
import {
  firstContactAt,
  holderOf,
  isUnexplained,
  windowEnd,
  windowEvidence,
  windowFixes,
  windowSubject,
} from '../window-finding.ts';

interface Options {
  openMs: number;
  perSubject: number;
}

type Way = 'DNS' | 'DNS over TLS' | 'DNS over HTTPS';

const ID = 'EGR-18';
const MAX_ENDS = 8;

export const egr18: Rule<Options> = {
  id: ID,
  title: 'Own resolver: DNS over HTTPS, over TLS, or past the resolver of the system',
  what: 'A skill, command or MCP server asks a name server of its own: port 53 or 853 at an address that this host is not set up to ask, or a known DNS-over-HTTPS service.',
  why: 'Names that are asked for elsewhere are seen by nobody here. It is how a program hides where it is about to connect.',
  falsePositives:
    'The agent browser is left out, since browsers ask over HTTPS by themselves. Name servers of the system, approved and learned ones are expected. A command that names the server in its arguments (dig @…) is info.',
  whatToDo:
    'Ask why it does not use the resolver of the system. Block port 853 and these hosts for the agent if nothing needs them.',
  severity: 'medium',
  severityRange:
    'medium for skills, MCP servers and detached processes; low for commands and the gateway; info for a command that names the server',
  needs: 'T0',
  attack: ['T1071.004', 'T1572'],
  defaults: { openMs: 3_600_000, perSubject: 20 },
  optionNotes: {
    openMs: 'Time in ms for which it stays told after the last question, since such connections are over in a moment.',
    perSubject: 'Findings for one skill or role.',
  },
  judge(snapshot, context) {
    const { ledger, now, options } = context;
    const told = new Map<string, number>();
    const found: Finding[] = [];
    let isNameless = false;
    for (const contact of ledger?.contacts() ?? []) {
      if (now - contact.lastAt > options.openMs || !isCandidate(contact)) continue;
      const way = wayOf(contact, context);
      if (way === undefined) {
        isNameless ||= contact.name === undefined && contact.port === 443;
        continue;
      }
      const count = told.get(contact.subject) ?? 0;
      told.set(contact.subject, count + 1);
      if (count < options.perSubject) found.push(tell(contact, way, snapshot, context));
    }
    const isPartial = isNameless && !sees(snapshot, 'T2');
    const unseen = isPartial ? 'without names, DNS over HTTPS looks like any other connection' : undefined;
    return [...found, ...partialSight(egr18, snapshot, unseen)];
  },
};

function isCandidate(contact: ContactWindow): boolean {
  const { role, remoteClass } = contact;
  return role !== 'browser' && role !== 'other' && remoteClass !== 'loopback' && isUnexplained(contact);
}

function wayOf({ port, name, addresses }: ContactWindow, { indicators }: RuleContext): Way | undefined {
  if (port === 53) return 'DNS';
  if (port === 853) return 'DNS over TLS';
  if (port !== 443 && port !== 8443) return undefined;
  const address = addresses.at(-1);
  const end = { port, ...(name !== undefined && { name }), ...(address !== undefined && { address }) };
  return indicators?.categoriesOf(end).includes('doh') ? 'DNS over HTTPS' : undefined;
}

function severityOf(contact: ContactWindow, snapshot: Snapshot): Severity {
  if (PROGRAM_ROLES.has(contact.role)) return 'medium';
  const argv = contact.role === 'exec' ? (holderOf(contact, snapshot)?.process.argv ?? []) : [];
  const isNamed = argv.some((word) => word.length < 300 && contact.addresses.includes(word.replace(/^@/, '')));
  return isNamed ? 'info' : 'low';
}

function tell(contact: ContactWindow, way: Way, snapshot: Snapshot, context: RuleContext<Options>): Finding {
  const { subject, destination, gatewayId } = contact;
  return finding({
    ruleId: ID,
    severity: severityOf(contact, snapshot),
    title: `${windowSubject(contact)} asks ${windowEnd(contact)} for names by ${way}, past the resolver of this host`,
    subject,
    why: 'Where it connects next will have no name here, so that nothing can be held against lists of hosts.',
    evidence: [
      { label: 'way', value: way },
      ...afterwards(contact, context),
      ...windowEvidence(contact, snapshot, firstContactAt(contact, context)),
    ],
    fixes: windowFixes(contact),
    confidence: way === 'DNS over HTTPS' ? 'likely' : 'certain',
    fingerprint: fingerprint(ID, subject, destination, way),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: contact.socketKeys.slice(0, 50),
    hints: {
      destination,
      pids: contact.pids.toReversed(),
      // Name servers change with the network; a service for DNS over HTTPS is one anywhere.
      ...(way === 'DNS over HTTPS' ? {} : { restsOn: ['settled network'] as const }),
    },
  });
}

/** Addresses without a name that the same subject contacted since: most likely what it asked for. */
function afterwards({ subject, firstAt }: ContactWindow, { ledger }: RuleContext): Evidence[] {
  const ends = new Set<string>();
  for (const contact of ledger?.contacts() ?? []) {
    const { name, remoteClass, lastAt, port } = contact;
    if (contact.subject !== subject || name !== undefined || remoteClass !== 'public' || lastAt < firstAt) continue;
    if (ends.size < MAX_ENDS && port !== 53 && port !== 853) ends.add(windowEnd(contact));
  }
  return ends.size === 0 ? [] : [{ label: 'then contacted without a name', value: [...ends].join(', ') }];
}
