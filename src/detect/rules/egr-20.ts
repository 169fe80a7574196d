import { type Evidence, type Finding, fingerprint, type Severity, shiftSeverity } from '../../types/finding.ts';
import { formatEndpoint, isLoopback } from '../../types/ip.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Owner, Role, Snapshot } from '../../types/snapshot.ts';
import { agentFamilyOf } from '../agent-family.ts';
import { disableSkill, freeze, inspect, muteRule } from '../agent-fixes.ts';
import { isSettled, PROGRAM_ROLES, subjectName } from '../contact-finding.ts';
import { hostContacts } from '../host-contacts.ts';
import { baseName } from '../programs.ts';
import { finding, ownerEvidence } from '../subjects.ts';

interface Options {
  rememberHours: number;
}

const ID = 'EGR-20';
const HOUR_MS = 3_600_000;

export const egr20: Rule<Options> = {
  id: ID,
  title: 'Anonymiser: Tor, I2P, or a gate to onion services',
  what: 'Somebody of the agent runs Tor, I2P or one of their transports, connects to their SOCKS ports on loopback, contacts a relay that a pack names, or asks for .onion and .i2p names or gates to them.',
  why: 'Control hosts behind onion names cannot be taken down, and fake OpenClaw installers turned machines into other people’s proxies. An agent has hardly ever a reason for either.',
  falsePositives:
    'A Tor of the user’s own is outside of the agent and does not count; only who of the agent uses it does. Ports 4444 and 4447 count when an I2P program listens there, since others use them too. Relays are in no bundled list: there are thousands, and they change daily.',
  whatToDo: 'Stop it, look for a SOCKS listener that it left, and find out which skill brought it.',
  severity: 'high',
  severityRange:
    'high for skills, MCP servers and detached processes; medium for the rest; one less when only a name was asked for or stands in arguments',
  needs: 'T0',
  attack: ['T1090.003'],
  defaults: { rememberHours: 24 },
  optionNotes: { rememberHours: 'Hours for which a contact that ended stays a finding.' },
  judge(snapshot, context): Finding[] {
    const signs = [
      ...programs(snapshot),
      ...socksUsers(snapshot),
      ...pastSocksUsers(context, context.options.rememberHours * HOUR_MS),
      ...farEnds(snapshot, context, context.options.rememberHours * HOUR_MS),
    ];
    return [...Map.groupBy(signs, ({ subject }) => subject).values()].map(anonymiser);
  },
};

/** One fact that speaks for an anonymiser. */
interface Sign {
  subject: string;
  role: Role;
  words: string;
  /** A name only: no program and no connection. */
  isWeak: boolean;
  gatewayId?: string;
  owner?: Owner;
  socketKeys: string[];
  destination?: string;
}

const PROGRAMS =
  /^(?:tor|tor\.real|obfs4proxy|lyrebird|snowflake-client|meek-client|conjure-client|arti|i2pd|i2prouter)$/;

function programOf({ exe, argv, comm }: ProcessFact): string | undefined {
  return [baseName(exe ?? ''), baseName(argv[0] ?? ''), comm].find((name) => PROGRAMS.test(name));
}

function programs(snapshot: Snapshot): Sign[] {
  const family = agentFamilyOf(snapshot);
  return family.members.flatMap(({ process }) => {
    const program = programOf(process);
    if (program === undefined) return [];
    const owner = family.ownerOf(process);
    const sockets = family.connectionsOf(process.pid).filter(({ direction }) => direction !== 'internal');
    const ends = sockets.flatMap(({ remote }) => (remote ? [formatEndpoint(remote.address, remote.port)] : []));
    const where = ends.length === 0 ? '' : `, connected to ${[...new Set(ends)].slice(0, 3).join(', ')}`;
    return [{ ...signOf(owner), words: `runs ${program}${where}`, socketKeys: sockets.map(({ key }) => key) }];
  });
}

function signOf(owner: Owner): Omit<Sign, 'words' | 'socketKeys'> {
  return {
    subject: owner.skill === undefined ? owner.role : `skill ${owner.skill}`,
    role: owner.role,
    isWeak: false,
    owner,
    ...(owner.gatewayId === undefined ? {} : { gatewayId: owner.gatewayId }),
  };
}

const TOR_PORTS: ReadonlySet<number> = new Set([9050, 9150]);
const I2P_PORTS: ReadonlySet<number> = new Set([4444, 4447]);

function socksUsers({ connections, listeners }: Snapshot): Sign[] {
  const i2p = new Set(
    listeners.flatMap(({ local, owner }) =>
      I2P_PORTS.has(local.port) && owner !== undefined && isI2p(owner.process) ? [local.port] : [],
    ),
  );
  return connections.flatMap(({ remote, owner, verdict, key }) => {
    // Ports first: they are cheap to compare, and of ten thousand connections hardly any goes on.
    if (remote === undefined || (!TOR_PORTS.has(remote.port) && !i2p.has(remote.port))) return [];
    if (owner === undefined || owner.role === 'other' || !isLoopback(remote.address)) return [];
    if (verdict === 'approved' || verdict === 'suppressed') return [];
    // Tor's own control connections are told by the program.
    if (programOf(owner.process) !== undefined) return [];
    const words = `uses the ${i2p.has(remote.port) ? 'I2P' : 'Tor'} proxy at ${formatEndpoint(remote.address, remote.port)}`;
    return [{ ...signOf(owner), words, socketKeys: [key] }];
  });
}

function isI2p({ exe, argv, comm }: ProcessFact): boolean {
  return [exe, comm, ...argv.slice(0, 20)].some((word) => word !== undefined && /\bi2p/i.test(word.slice(0, 300)));
}

function pastSocksUsers({ ledger, now }: RuleContext, rememberMs: number): Sign[] {
  const signs: Sign[] = [];
  for (const subject of ledger?.subjects() ?? []) {
    const used = ledger!
      .attempts(subject, now - rememberMs)
      .find(({ address, port }) => TOR_PORTS.has(port) && isLoopback(address));
    if (used === undefined) continue;
    const words = `uses the Tor proxy at ${formatEndpoint(used.address, used.port)}`;
    signs.push({ subject, role: roleOfSubject(subject), words, isWeak: false, socketKeys: [] });
  }
  return signs;
}

function roleOfSubject(subject: string): Role {
  return subject.startsWith('skill ') ? 'skill' : (subject as Role);
}

function farEnds(snapshot: Snapshot, context: RuleContext, rememberMs: number): Sign[] {
  const { indicators } = context;
  const isHidden = (name: string) => /\.(?:onion|i2p)$/.test(name);
  const contacts = hostContacts(snapshot, context, {
    rememberMs,
    bytesMs: rememberMs,
    ofLists: true,
    isWanted: ({ name, address }) =>
      (name !== undefined && isHidden(name)) ||
      indicators
        ?.categoriesOf({
          ...(name === undefined ? {} : { name }),
          ...(address === undefined ? {} : { address }),
        })
        .includes('tor') === true,
  });
  return contacts
    .filter((contact) => !isSettled(contact))
    .map((contact) => ({
      subject: contact.subject,
      role: contact.role,
      words: `contacts ${contact.name ?? contact.endpoints[0] ?? contact.destination}`,
      isWeak: contact.basis !== 'connection',
      ...(contact.gatewayId === undefined ? {} : { gatewayId: contact.gatewayId }),
      ...(contact.owner === undefined ? {} : { owner: contact.owner }),
      socketKeys: contact.socketKeys,
      destination: contact.destination,
    }));
}

/** One finding for each subject: which of its tools it uses today does not matter. */
function anonymiser(signs: readonly Sign[]): Finding {
  const lead = signs.find(({ isWeak }) => !isWeak) ?? signs[0]!;
  const owner = signs.find((sign) => sign.owner !== undefined)?.owner;
  const destination = signs.find((sign) => sign.destination !== undefined)?.destination;
  const full: Severity = PROGRAM_ROLES.has(lead.role) ? 'high' : 'medium';
  const words = [...new Set(signs.map((sign) => sign.words))];
  const evidence: Evidence[] = words.slice(0, 8).map((value) => ({ label: 'sign', value }));
  return finding({
    ruleId: ID,
    severity: lead.isWeak ? shiftSeverity(full, -1) : full,
    title: `${subjectName(lead)} ${lead.words}: an anonymiser`,
    subject: lead.subject,
    why: 'Through it nobody sees where data goes and where orders come from, and others may use this machine as their way out.',
    evidence: [...evidence, ...(owner === undefined ? [] : ownerEvidence(owner))],
    fixes: [
      ...(owner === undefined ? [] : [inspect(owner.process), freeze(owner.process), ...disableSkill(owner)]),
      { text: 'Look for a proxy port that it left behind.', command: 'clawwatch listeners --live' },
      ...(owner === undefined ? [] : [muteRule(ID, owner)]),
    ],
    confidence: owner?.confidence ?? 'likely',
    fingerprint: fingerprint(ID, lead.subject),
    ...(lead.gatewayId === undefined ? {} : { gatewayId: lead.gatewayId }),
    socketKeys: [...new Set(signs.flatMap(({ socketKeys }) => socketKeys))].slice(0, 50),
    hints: {
      ...(destination === undefined ? {} : { destination }),
      pids: owner === undefined ? [] : [owner.process.pid],
    },
  });
}
