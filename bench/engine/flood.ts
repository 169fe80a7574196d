import type { ContactRecord } from '../../src/types/contact.ts';
import type { Destination } from '../../src/types/egress.ts';
import type { Gateway } from '../../src/types/gateway.ts';
import type { FamilyMember, ProcessFact } from '../../src/types/process.ts';
import type { History } from '../../src/types/rule.ts';
import type { Connection, Owner, Role, Snapshot } from '../../src/types/snapshot.ts';
import { connectionKey } from '../../src/types/socket.ts';

/** 2026-11-20 12:00 UTC. */
export const START = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
const NETNS = '4026531840';
/** As many skills as the largest collections have. */
const SKILLS = 50;
/** As the store bounds it. */
const MOST_UNKNOWN = 2_000;

/** One skill (or role) and one destination, with what its connections share. */
interface Pair {
  owner: Owner;
  destination: Destination;
  address: string;
  port: number;
  verdict: NonNullable<Connection['verdict']>;
}

/** A family of skills and commands whose connections go to so many pairs, each pair in turn. */
export interface Family {
  snapshot(at: number, connections: Connection[]): Snapshot;
  /** Connections known from events: begun and ended since the look before. */
  brief(at: number, count: number): Connection[];
  /** Connections that stay open. */
  open(at: number, count: number): Connection[];
  /** What a store with this past would answer. */
  history: History;
}

export function createFamily(pairs: number): Family {
  const gateway = createGateway();
  const processes = [gatewayProcess(), ...Array.from({ length: SKILLS }, (_, index) => skillProcess(index))];
  const members = processes.map(memberOf);
  const owners = members.map((member, index) => ownerOf(processes[index]!, member, index));
  const all = Array.from({ length: pairs }, (_, index) => pairOf(index, owners));
  const unknown = all.slice(0, 4 * MOST_UNKNOWN).filter(({ verdict }) => verdict === 'unknown');
  const records = unknown.slice(0, MOST_UNKNOWN).map(recordOf);
  let next = 0;

  function connection(at: number, more: Partial<Connection>): Connection {
    const { owner, destination, address, port, verdict } = all[next % pairs]!;
    const localPort = 1_024 + (next % 60_000);
    next++;
    const base = {
      source: 'bench',
      seenAt: at,
      netns: NETNS,
      protocol: 'tcp' as const,
      family: 4 as const,
      state: 'ESTABLISHED' as const,
      local: { address: '192.168.50.10', port: localPort },
      remote: { address, port },
    };
    return {
      ...base,
      key: connectionKey(base),
      direction: 'outbound',
      remoteClass: 'public',
      destination,
      verdict,
      verdictReason: verdict === 'unknown' ? 'no host of the configuration' : 'seen while learning',
      owner,
      gatewayId: 'default',
      since: { at, basis: 'observed' },
      bytesOut: 900 + (next % 200),
      bytesIn: 6_000,
      ...more,
    };
  }

  return {
    brief: (at, count) =>
      Array.from({ length: count }, (_, index) => {
        const openedAt = at - 2_000 + Math.floor((index * 2_000) / count);
        return connection(at, { brief: true, state: 'CLOSE', openedAt, outcome: 'established' });
      }),
    open: (at, count) => Array.from({ length: count }, (_, index) => connection(at, { inode: 100_000 + index })),
    snapshot: (at, connections) => ({
      at,
      durationMs: 20,
      host: 'bench',
      telemetry: 'T2',
      sources: ['bench'],
      gateways: [gateway],
      listeners: [],
      connections,
      processes,
      family: members,
      interfaces: [
        { netns: NETNS, interface: 'eth0', address: '192.168.50.10', prefix: 24, family: 4 as const, up: true },
      ],
      addressContext: { tailnet: false },
      blindSpots: [],
    }),
    history: createHistory(records),
  };
}

/** Half of the pairs are explained by nothing, which is what rules work on; a hundredth is on the lists. */
function pairOf(index: number, owners: readonly Owner[]): Pair {
  const isListed = index % 100 === 7;
  const domain = isListed ? 'duckdns.org' : 'example';
  const name = `host${index}.${isListed ? domain : `site${index}.${domain}`}`;
  return {
    owner: owners[1 + (index % SKILLS)]!,
    destination: {
      name,
      source: 'dns',
      confidence: 'certain',
      domain: isListed ? name : `site${index}.${domain}`,
    },
    address: `${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.10`,
    port: 443,
    verdict: index % 2 === 1 ? 'unknown' : 'learned',
  };
}

function recordOf({ owner, destination, address, port }: Pair, index: number): ContactRecord {
  return {
    id: index + 1,
    subject: owner.skill === undefined ? owner.role : `skill ${owner.skill}`,
    destination: destination.domain!,
    role: owner.role,
    ...(owner.skill !== undefined && { skill: owner.skill }),
    gatewayId: 'default',
    name: destination.name!,
    nameSource: 'dns',
    address,
    port,
    firstAt: START - 3_600_000,
    lastAt: START,
    days: 1,
    learningDays: 0,
    connections: 3,
    bytesOut: 3_000,
    bytesIn: 18_000,
    verdict: 'unknown',
    grave: false,
  };
}

function createHistory(unknown: ContactRecord[]): History {
  const first = new Map(unknown.map((each) => [`${each.subject} ${each.destination}`, each.firstAt]));
  return {
    firstSeenAt: () => START - 3_600_000,
    lastCycleAt: () => undefined,
    settledConfig: () => undefined,
    inboundPeers: () => [],
    wasListening: () => false,
    destinationFirstSeenAt: (subject, destination) => first.get(`${subject} ${destination}`),
    destinationDays: () => 0,
    isLearned: () => false,
    unknownContacts: () => unknown,
    learningSince: () => START - 30 * DAY_MS,
    learningUntil: () => START - 23 * DAY_MS,
  };
}

function gatewayProcess(): ProcessFact {
  return {
    ...{ pid: 812, startTicks: 8_120, startedAt: START - DAY_MS, ppid: 1, comm: 'openclaw-gatewa' },
    ...{ exe: '/usr/bin/node', argv: ['openclaw-gateway'], markers: {} },
  };
}

function skillProcess(index: number): ProcessFact {
  const pid = 3_000 + index;
  const script = `/home/u/.openclaw/workspace/skills/skill-${index}/run.py`;
  return {
    ...{ pid, startTicks: pid * 10, startedAt: START - 3_600_000, ppid: 812, comm: 'python3' },
    ...{ exe: '/usr/bin/python3', argv: ['python3', script, '--feed', `https://feed${index}.example/x`], markers: {} },
  };
}

function memberOf({ pid, startTicks }: ProcessFact): FamilyMember {
  const isRoot = pid === 812;
  return {
    ...{ pid, startTicks, gatewayId: 'default', basis: isRoot ? 'root' : 'descendant' },
    ...{ ancestors: isRoot ? [] : ['812:8120'], detached: false, firstSeenAt: START - 3_600_000 },
  };
}

function ownerOf(process: ProcessFact, member: FamilyMember, index: number): Owner {
  // Every fifth is a command of the agent, so that rules for both are at work.
  const role: Role = index === 0 ? 'gateway' : index % 5 === 0 ? 'exec' : 'skill';
  const lineage = [
    { pid: process.pid, comm: process.comm },
    { pid: 812, comm: 'openclaw-gatewa' },
  ];
  const skill = role === 'skill' ? { skill: `skill-${index - 1}` } : {};
  return { process, role, gatewayId: 'default', member, confidence: 'certain', lineage, ...skill };
}

/** On loopback, with a sound token and a current version. */
function createGateway(): Gateway {
  const loopback = { address: '127.0.0.1', class: 'loopback', reach: 'loopback', confidence: 'certain' } as const;
  return {
    ...{ id: 'default', profile: 'default', running: true, confidence: 'certain' },
    ...{ pid: 812, startTicks: 8_120, startedAt: START - DAY_MS, netns: NETNS },
    ...{ workspaces: [], locks: [], evidence: [], markers: {} },
    config: {
      ...{ status: 'read', path: '/home/u/.openclaw/openclaw.json', files: [], value: {} },
      ...{ unknownKeys: [], problems: [], networkSubset: {} },
    },
    version: { running: '2026.9.6', installed: '2026.9.6' },
    declared: {
      ...{ mode: 'loopback', modeBy: 'default', addresses: ['127.0.0.1'] },
      ...{ port: 18_789, portBy: 'default', configMode: 'unset' },
    },
    auth: { mode: 'token', strength: 'sound', reasons: ['token of 48 characters'] },
    ...{ gatewayListeners: [], otherListeners: [], reach: 'loopback', reachableAt: [loopback] },
    ...{ differences: [], bindVerdict: 'as declared' },
  };
}
