import { contactOf } from '../../types/contact.ts';
import { type Finding, fingerprint, type Severity, shiftSeverity } from '../../types/finding.ts';
import { formatEndpoint } from '../../types/ip.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Owner, Role, Snapshot } from '../../types/snapshot.ts';
import { agentFamilyOf } from '../agent-family.ts';
import { disableSkill, freeze, inspect, muteRule } from '../agent-fixes.ts';
import { isSettled, namesMissing, subjectName } from '../contact-finding.ts';
import { hostContacts } from '../host-contacts.ts';
import { baseName } from '../programs.ts';
import { finding, ownerEvidence } from '../subjects.ts';

interface Options {
  rememberHours: number;
  flowMs: number;
  ports: number[];
}

const ID = 'EGR-21';
const HOUR_MS = 3_600_000;

export const egr21: Rule<Options> = {
  id: ID,
  title: 'Cryptomining',
  what: 'Somebody of the agent contacts a mining pool, runs a miner by name, or has a pool in its arguments (`stratum+tcp://…`, `--donate-level`). A connection that stays open to a usual port of pools counts a little.',
  why: 'Skills that mine have been published more than once. It costs power and money, and whoever could start a miner can start anything.',
  falsePositives:
    'A local model uses the processor as well, but talks to no pool. Search and text programs that only name one do not count. The processor time of programs is not read, so the port alone is never more than low. An approved pool is silent.',
  whatToDo: 'Stop the program, remove the skill that brought it, and look for what else came with it.',
  severity: 'high',
  severityRange:
    'high for a pool, a miner or its arguments; medium when a pool was only asked for; low for the port of a pool alone',
  needs: 'T0',
  attack: ['T1496.001'],
  defaults: {
    rememberHours: 24,
    flowMs: 300_000,
    ports: [3333, 4444, 5555, 7777, 9999, 14_433, 14_444, 20_580, 45_560, 45_700],
  },
  optionNotes: {
    rememberHours: 'Hours for which a contact that ended stays a finding.',
    flowMs: 'How long in ms a connection to one of the ports must be open: miners keep theirs, others mostly do not.',
    ports: 'Usual ports of pools that no common service has.',
  },
  judge(snapshot, context): Finding[] {
    const signs = [
      ...miners(snapshot),
      ...pools(snapshot, context, context.options.rememberHours * HOUR_MS),
      ...poolPorts(snapshot, context.options),
    ];
    const groups = Map.groupBy(signs, ({ subject }) => subject);
    return [...[...groups.values()].map(mining), ...namesMissing(egr21, snapshot)];
  },
};

interface Sign {
  subject: string;
  role: Role;
  words: string;
  severity: Severity;
  gatewayId?: string;
  owner?: Owner;
  socketKeys: string[];
  destination?: string;
}

const MINERS =
  /^(?:xmrig(?:-.*)?|xmr-stak.*|cpuminer.*|minerd|ccminer|t-rex|nbminer|lolminer|phoenixminer|ethminer|cgminer|bfgminer|teamredminer|srbminer.*)$/i;
const POOL_ARGUMENT = /^(?:--?[a-z-]{1,20}=)?stratum[12]?\+(?:tcp|ssl|tls|udp)s?:\/\//i;
/** Programs that read and print words and act on none. */
const READERS = /^(?:grep|egrep|fgrep|rg|ag|sed|awk|gawk|cat|less|more|head|tail|echo|printf|vi|vim|nano|jq|diff)$/;
const MAX_WORDS = 64;

function minerWords({ exe, argv, comm }: ProcessFact): string | undefined {
  const names = [baseName(exe ?? ''), baseName(argv[0] ?? ''), comm];
  const miner = names.find((name) => MINERS.test(name));
  if (miner !== undefined) return `runs ${miner}`;
  if (names.some((name) => READERS.test(name))) return undefined;
  const word = argv.slice(1, MAX_WORDS).find((each) => POOL_ARGUMENT.test(each) || /^--donate-level\b/.test(each));
  return word === undefined ? undefined : `has the argument ${word.slice(0, 120)}`;
}

function miners(snapshot: Snapshot): Sign[] {
  const family = agentFamilyOf(snapshot);
  return family.members.flatMap(({ process }) => {
    const words = minerWords(process);
    if (words === undefined) return [];
    const owner = family.ownerOf(process);
    const sockets = family.connectionsOf(process.pid).filter(({ direction }) => direction !== 'internal');
    return [
      {
        subject: owner.skill === undefined ? owner.role : `skill ${owner.skill}`,
        role: owner.role,
        words,
        severity: 'high' as const,
        owner,
        ...(owner.gatewayId === undefined ? {} : { gatewayId: owner.gatewayId }),
        socketKeys: sockets.map(({ key }) => key),
      },
    ];
  });
}

function pools(snapshot: Snapshot, context: RuleContext, rememberMs: number): Sign[] {
  const { indicators } = context;
  if (indicators === undefined) return [];
  const contacts = hostContacts(snapshot, context, {
    rememberMs,
    bytesMs: rememberMs,
    ofLists: true,
    isWanted: (end) => indicators.categoriesOf(end).includes('mining'),
  });
  return contacts
    .filter((contact) => !isSettled(contact))
    .map((contact) => ({
      subject: contact.subject,
      role: contact.role,
      words: `contacts the mining pool ${contact.name ?? contact.endpoints[0] ?? contact.destination}`,
      severity: contact.basis === 'connection' ? 'high' : shiftSeverity('high', -1),
      ...(contact.gatewayId === undefined ? {} : { gatewayId: contact.gatewayId }),
      ...(contact.owner === undefined ? {} : { owner: contact.owner }),
      socketKeys: contact.socketKeys,
      destination: contact.destination,
    }));
}

const NOT_BY_PORT: ReadonlySet<Role> = new Set<Role>(['browser', 'other']);

function poolPorts({ connections, at }: Snapshot, { ports, flowMs }: Options): Sign[] {
  return connections.flatMap((connection) => {
    const { owner, remote, remoteClass, verdict, since, key, brief, gatewayId } = connection;
    const contact = contactOf(connection);
    if (contact === undefined || owner === undefined || remote === undefined || NOT_BY_PORT.has(owner.role)) return [];
    if (remoteClass !== 'public' || !ports.includes(remote.port) || brief === true) return [];
    if ((verdict ?? 'unknown') !== 'unknown' || at - since.at < flowMs) return [];
    const end = connection.destination?.name ?? formatEndpoint(remote.address, remote.port);
    return [
      {
        subject: contact.subject,
        role: owner.role,
        words: `is connected for ${Math.round((at - since.at) / 60_000)} min to ${end}, port ${remote.port}`,
        severity: 'low' as const,
        owner,
        ...(gatewayId === undefined ? {} : { gatewayId }),
        socketKeys: [key],
        destination: contact.destination,
      },
    ];
  });
}

function mining(signs: readonly Sign[]): Finding {
  const order: readonly Severity[] = ['high', 'medium', 'low'];
  const [lead] = signs.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)) as [Sign];
  const owner = lead.owner ?? signs.find((sign) => sign.owner !== undefined)?.owner;
  const destination = signs.find((sign) => sign.destination !== undefined)?.destination;
  return finding({
    ruleId: ID,
    severity: lead.severity,
    title:
      lead.severity === 'low'
        ? `${subjectName(lead)} ${lead.words}, as miners are`
        : `${subjectName(lead)} ${lead.words}: cryptomining`,
    subject: lead.subject,
    why: 'A miner works for somebody else on your power, and whatever started it can start more.',
    evidence: [
      ...[...new Set(signs.map(({ words }) => words))].slice(0, 8).map((value) => ({ label: 'sign', value })),
      ...(owner === undefined ? [] : ownerEvidence(owner)),
    ],
    fixes: [
      ...(owner === undefined ? [] : [inspect(owner.process), freeze(owner.process), ...disableSkill(owner)]),
      { text: 'See what it is connected to now.', command: 'clawwatch connections --live' },
      ...(owner === undefined ? [] : [muteRule(ID, owner)]),
    ],
    confidence: owner?.confidence ?? 'likely',
    // One word for the weak sign: else it would end each time a better one comes.
    fingerprint: fingerprint(ID, lead.subject),
    ...(lead.gatewayId === undefined ? {} : { gatewayId: lead.gatewayId }),
    socketKeys: [...new Set(signs.flatMap(({ socketKeys }) => socketKeys))].slice(0, 50),
    hints: {
      ...(destination === undefined ? {} : { destination }),
      pids: owner === undefined ? [] : [owner.process.pid],
    },
  });
}
