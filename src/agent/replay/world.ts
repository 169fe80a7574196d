import type { BlindSpot } from '../../types/blind-spot.ts';
import type { DnsQuestion } from '../../types/dns.ts';
import type { NameFact, PolicyRule } from '../../types/egress.ts';
import type { Severity } from '../../types/finding.ts';
import type { FirewallDecision, HostFacts } from '../../types/host-facts.ts';
import type { ConnectionCoverage, TelemetryLoss } from '../../types/snapshot.ts';
import type { Endpoint } from '../../types/socket.ts';
import type { Loss } from '../../types/witness.ts';
import type { ReplayCase } from './case.ts';
import { createGatewayFiles, type GatewayFiles } from './gateway-files.ts';
import {
  BASELINE,
  CONTAINER_NETNS,
  createLabNames,
  HOST_NETNS,
  type LabNames,
  type Profile,
  profileOf,
} from './lab.ts';
import { createProcesses, type SimProcess, type SimProcesses, spawnGateway } from './processes.ts';
import { createSockets, type SimSocket, type SimSockets } from './sockets.ts';

/** A step that cannot be done: the case is wrong, or asks for what the replay does not know. */
export class StepProblem extends Error {}

/** The machine of one case while it runs. */
export interface World {
  profile: Profile;
  processes: SimProcesses;
  sockets: SimSockets;
  names: LabNames;
  files: GatewayFiles;
  /** Processes and sockets by the names that the case gives them. */
  aliases: Map<string, SimProcess>;
  socketAliases: Map<string, SimSocket>;
  gateway: SimProcess;
  broker: SimProcess;
  /** Answers of name servers, by address and name. */
  answers: Map<string, NameFact>;
  /** Names said in hellos, by the local end of their connection. */
  hellos: Map<SimSocket, string>;
  /** Since the look before. */
  questions: DnsQuestion[];
  losses: Loss[];
  hostFacts: HostFacts;
  firewall: FirewallDecision[] | undefined;
  blindSpots: BlindSpot[];
  /** Sources that are gone, with who ended them. */
  lost: Map<TelemetryLoss['source'], TelemetryLoss>;
  /** Said once, in the next look. */
  coverage: ConnectionCoverage | undefined;
  policy: PolicyRule[];
  /** Whom everybody of the family has known since learning. */
  learned: Set<string>;
  /** Findings that the case says are open. */
  openBefore: { ruleId: string; severity: Severity }[];
  /** Something new happened since the look before, for which an agent looks at once where it hears of it. */
  isChanged: boolean;
  /** Something happened that waits for the next look: bytes, an end, a contact that was just seen. */
  isStirred: boolean;
  /** Latest moment of each contact of a process, Unix ms. */
  contactedAt: Map<string, number>;
}

/** Uptime of the machine when a case begins. */
const UPTIME_MS = 30 * 86_400_000;
const GATEWAY_AGE_MS = 2 * 86_400_000;

/** The machine before the case, with the case's own differences. @throws StepProblem for a profile that does not exist. */
export function createWorld(replayCase: ReplayCase, startAt: number): World {
  const profile = profileOf(replayCase.pre);
  if (profile === undefined) throw new StepProblem(`there is no profile ${replayCase.pre.slice(0, 40)}`);
  const processes = createProcesses(startAt - UPTIME_MS);
  const { gateway, broker } = spawnGateway(processes, startAt - GATEWAY_AGE_MS, profile.inContainer, {});
  const world: World = {
    profile,
    processes,
    sockets: createSockets(),
    names: createLabNames(replayCase.names),
    files: createGatewayFiles(),
    aliases: new Map(),
    socketAliases: new Map(),
    gateway,
    broker,
    answers: new Map(),
    hellos: new Map(),
    questions: [],
    losses: [],
    hostFacts: {
      resolvers: [profile.resolver],
      hostsFile: [],
      ...(profile.hasContainers && { publishes: [] }),
      ...(profile.hasTailscale && { serves: [] }),
      ...(profile.cloudVendor !== undefined && { cloudVendor: profile.cloudVendor }),
    },
    firewall: undefined,
    blindSpots: [],
    lost: new Map(),
    coverage: undefined,
    policy: [],
    learned: new Set(BASELINE),
    openBefore: [],
    isChanged: false,
    isStirred: false,
    contactedAt: new Map(),
  };
  applyDelta(world, replayCase.delta, startAt);
  if (!profile.inContainer) {
    listenAt(world, gateway, { address: '127.0.0.1', port: 18_789 }, startAt - GATEWAY_AGE_MS);
    listenAt(world, gateway, { address: '::1', port: 18_789 }, startAt - GATEWAY_AGE_MS);
  }
  return world;
}

function applyDelta(world: World, delta: Readonly<Record<string, unknown>>, startAt: number): void {
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(delta)) {
    if (key === 'version') world.files.version = String(value);
    else if (key === 'approve') for (const line of asList(value)) world.policy.push(approvalOf(line, startAt));
    else if (key === 'cron') config['cron.jobs'] = value;
    else if (key === 'baseline' || key === 'learned') for (const name of asList(value)) world.learned.add(name);
    else if (key === 'hosts') for (const line of asList(value)) addHosts(world, line);
    else if (key === 'provider_firewall') world.hostFacts.providerFirewall = value === true;
    else config[key] = value;
  }
  world.files.patch(config, startAt - GATEWAY_AGE_MS);
}

export function asList(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** `skill:weather -> api.open-meteo.com`, `exec -> *.test:443`, `everywhere -> 198.51.100.7`. */
export function approvalOf(line: string, at: number): PolicyRule {
  const [who = '', pattern = ''] = line.split('->').map((part) => part.trim());
  if (pattern === '') throw new StepProblem(`approve needs "who -> where": ${line.slice(0, 80)}`);
  const skill = /^skill:(.+)$/.exec(who)?.[1];
  return {
    id: 1,
    action: 'allow',
    scope:
      skill !== undefined
        ? { kind: 'skill', name: skill }
        : who === 'everywhere'
          ? { kind: 'everywhere' }
          : { kind: 'role', name: who },
    pattern,
    reason: 'approved by the case',
    createdAt: at - 86_400_000,
    origin: 'user',
  };
}

/** A line of /etc/hosts. */
export function addHosts(world: World, line: string): void {
  const [address, ...names] = line.trim().split(/\s+/);
  for (const name of names) {
    world.hostFacts.hostsFile = [...(world.hostFacts.hostsFile ?? []), { name: name.toLowerCase(), address: address! }];
  }
}

/** Opens a listening TCP socket. */
export function listenAt(
  world: World,
  owner: SimProcess,
  local: Endpoint,
  at: number,
  more: Partial<Pick<SimSocket, 'dualStack' | 'protocol' | 'state'>> = {},
): SimSocket {
  return world.sockets.open({
    netns: owner.netns ?? HOST_NETNS,
    protocol: 'tcp',
    family: local.address.includes(':') ? 6 : 4,
    state: 'LISTEN',
    local,
    pids: [owner.pid],
    openedAt: at,
    ...(local.address === '::' && { dualStack: 'unknown' as const }),
    ...more,
  });
}

/** The process that a step means by a word: an alias, the gateway, or a part of the machine. */
export function processNamed(world: World, word: string): SimProcess | undefined {
  const known = world.aliases.get(word);
  if (known !== undefined) return known;
  if (word === 'gw' || word === 'gateway' || word.startsWith('container:')) return world.gateway;
  return word === 'broker' ? world.broker : undefined;
}

export function netnsNamed(word: unknown): string {
  return word === 'cw-ctr' ? CONTAINER_NETNS : HOST_NETNS;
}
