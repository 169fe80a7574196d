import { type Finding, type Severity, shiftSeverity } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import { contactFinding, isSettled, namesMissing, PROGRAM_ROLES, subjectName } from '../contact-finding.ts';
import { type HostContact, hostContacts } from '../host-contacts.ts';

interface Options {
  rememberHours: number;
}

const ID = 'EGR-08';
const HOUR_MS = 3_600_000;

/** Gravest first: a name can be in several. */
const KINDS = ['tunnel-control', 'tunnel', 'dyndns', 'platform'] as const;
type Kind = (typeof KINDS)[number];

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  'tunnel-control': 'where tunnels are made',
  tunnel: 'the far end of a tunnel to somebody',
  dyndns: 'a name of a dynamic DNS service',
  platform: 'a page on a platform where anybody gets one',
};

const WHY: Readonly<Record<Kind, string>> = {
  'tunnel-control':
    'Whoever speaks to it can open a way into this machine past every firewall, or reach a machine behind one that nobody can name.',
  tunnel: 'Behind the name is some machine of somebody who need not say who he is, and it can be another one tomorrow.',
  dyndns: 'The name follows its owner from one home connection or rented server to the next.',
  platform: 'Such pages cost nothing, live for hours and share their addresses with honest ones.',
};

export const egr08: Rule<Options> = {
  id: ID,
  title: 'Tunnel, dynamic DNS or throw-away hosting as destination',
  what: 'A skill, command, MCP server or the gateway contacts the far end of a public tunnel, the place where tunnels are made, a dynamic DNS name, or a page on a free platform, and neither the configuration, a rule nor learning covers it.',
  why: 'A back door in an MCP server was reached through a public tunnel host, and fake installers lay on free platforms.',
  falsePositives:
    'Platforms host many honest APIs, so they are low for skills and info for the rest; more signs make an incident of it. Names below ts.net belong to the own tailnet and do not count. What was seen on two days of learning is learned. The agent browser is left out.',
  whatToDo: 'Find out who is behind the name. Allow the whole host for the skill that needs it, never the suffix.',
  severity: 'high',
  severityRange:
    'control hosts of tunnels high for skills, MCP servers and detached processes, medium for others; tunnels and dynamic DNS medium and low; platforms low and info; one less when no connection was seen',
  needs: 'T0',
  attack: ['T1568', 'T1572', 'T1090.002', 'T1583.006'],
  defaults: { rememberHours: 24 },
  optionNotes: { rememberHours: 'Hours for which a contact that ended stays a finding.' },
  judge(snapshot, context): Finding[] {
    const { indicators, options } = context;
    if (indicators === undefined) return [];
    const kindOf = (name: string | undefined): Kind | undefined => {
      const categories = name === undefined ? [] : indicators.categoriesOf({ name });
      return KINDS.find((kind) => categories.includes(kind));
    };
    const rememberMs = options.rememberHours * HOUR_MS;
    const contacts = hostContacts(snapshot, context, {
      rememberMs,
      bytesMs: rememberMs,
      ofLists: true,
      isWanted: ({ name }) => kindOf(name) !== undefined,
    });
    const told = contacts.filter(
      (contact) => contact.role !== 'browser' && !isSettled(contact) && contact.verdict !== 'learned',
    );
    return [
      ...told.map((contact) => throwAway(contact, kindOf(contact.name) ?? 'platform')),
      ...namesMissing(egr08, snapshot),
    ];
  },
};

const GRADES: Readonly<Record<Kind, readonly [program: Severity, others: Severity]>> = {
  'tunnel-control': ['high', 'medium'],
  tunnel: ['medium', 'low'],
  dyndns: ['medium', 'low'],
  platform: ['low', 'info'],
};

function throwAway(contact: HostContact, kind: Kind): Finding {
  const severity = GRADES[kind][PROGRAM_ROLES.has(contact.role) ? 0 : 1];
  return contactFinding({
    ruleId: ID,
    contact,
    severity: contact.basis === 'connection' ? severity : shiftSeverity(severity, -1),
    title: `${subjectName(contact)} contacts ${contact.name}, ${KIND_WORDS[kind]}`,
    why: WHY[kind],
  });
}
