import { createDetect } from '../../src/detect/detect.ts';
import type { Finding } from '../../src/types/finding.ts';
import type { ConfigFact, Gateway } from '../../src/types/gateway.ts';
import { classifyAddress, isWildcard } from '../../src/types/ip.ts';
import type { ProcessFact } from '../../src/types/process.ts';
import type { History, Rule } from '../../src/types/rule.ts';
import type { Connection, Listener, Owner, Reach, ReachableAddress, Role, Snapshot } from '../../src/types/snapshot.ts';
import { connectionKey, listenerKey } from '../../src/types/socket.ts';

/** 2026-11-20 12:00 UTC: the clock of every story. */
export const NOW = Date.UTC(2026, 10, 20, 12);
export const NETNS = '4026531840';

/** What the laboratory counts as the internet. */
const LAB = { labPublic: ['198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'] };
const ETH0 = { netns: NETNS, interface: 'eth0', address: '192.168.50.10', prefix: 24, family: 4 as const, up: true };

export function process(pid: number, more: Partial<ProcessFact> = {}): ProcessFact {
  return {
    pid,
    startTicks: pid * 10,
    startedAt: NOW - 3_600_000,
    ppid: 1,
    comm: 'node',
    argv: [],
    markers: {},
    ...more,
  };
}

export function owner(role: Role, fact: ProcessFact, more: Partial<Owner> = {}): Owner {
  const family = role === 'other' ? {} : { gatewayId: 'default' };
  return {
    process: fact,
    role,
    confidence: 'certain',
    lineage: [{ pid: fact.pid, comm: fact.comm }],
    ...family,
    ...more,
  };
}

export const GATEWAY_PROCESS = process(812, { comm: 'openclaw-gatewa', exe: '/usr/bin/node' });

const WIDTH: Record<Reach, ReachableAddress> = {
  loopback: {
    address: '127.0.0.1',
    interface: 'lo',
    prefix: 8,
    class: 'loopback',
    reach: 'loopback',
    confidence: 'certain',
  },
  container: {
    address: '172.18.0.2',
    interface: 'eth0',
    prefix: 16,
    class: 'private',
    reach: 'container',
    confidence: 'likely',
  },
  tailnet: {
    address: '100.101.102.103',
    interface: 'tailscale0',
    class: 'tailnet',
    reach: 'tailnet',
    confidence: 'certain',
  },
  lan: {
    address: '192.168.50.10',
    interface: 'eth0',
    prefix: 24,
    class: 'private',
    reach: 'lan',
    confidence: 'certain',
  },
  public: {
    address: '203.0.113.10',
    interface: 'eth0',
    prefix: 24,
    class: 'public',
    reach: 'public',
    confidence: 'certain',
  },
};

/** An address at which somebody at that distance can knock. */
export function reachable(reach: Reach, more: Partial<ReachableAddress> = {}): ReachableAddress {
  return { ...WIDTH[reach], ...more };
}

/** A TCP listener of the gateway process on `address:port`, as wide as `reach`. */
export function listener(address: string, port: number, reach: Reach, more: Partial<Listener> = {}): Listener {
  const base = {
    source: 'test',
    seenAt: NOW,
    netns: NETNS,
    protocol: 'tcp' as const,
    family: address.includes(':') ? (6 as const) : (4 as const),
    state: 'LISTEN' as const,
    local: { address, port },
    ...more,
  };
  return {
    key: listenerKey(base),
    service: 'none',
    reach,
    reachableAt:
      reach === 'loopback' ? [WIDTH.loopback] : [...(isWildcard(address) ? [WIDTH.loopback] : []), WIDTH[reach]],
    since: { at: NOW - 600_000, basis: 'observed' },
    place: 'host',
    owner: owner('gateway', GATEWAY_PROCESS),
    gatewayId: 'default',
    ...base,
  };
}

/** A connection, open since a minute unless told otherwise. */
export function connection(
  local: [string, number],
  remote: [string, number],
  more: Partial<Connection> = {},
): Connection {
  const base = {
    source: 'test',
    seenAt: NOW,
    netns: NETNS,
    protocol: 'tcp' as const,
    family: 4 as const,
    state: 'ESTABLISHED' as const,
    local: { address: local[0], port: local[1] },
    remote: { address: remote[0], port: remote[1] },
    ...more,
  };
  return {
    key: connectionKey(base),
    direction: 'inbound',
    remoteClass: classifyAddress(remote[0], LAB),
    since: { at: NOW - 60_000, basis: 'observed' },
    ...base,
  };
}

export function config(more: Partial<ConfigFact> = {}): ConfigFact {
  return {
    status: 'read',
    path: '/home/u/.openclaw/openclaw.json',
    files: ['/home/u/.openclaw/openclaw.json'],
    value: {},
    unknownKeys: [],
    problems: [],
    networkSubset: {},
    ...more,
  };
}

/** A running gateway that nothing is wrong with: loopback, sound token, current version. */
export function gateway(more: Partial<Gateway> = {}): Gateway {
  return {
    id: 'default',
    profile: 'default',
    running: true,
    confidence: 'certain',
    pid: GATEWAY_PROCESS.pid,
    startTicks: GATEWAY_PROCESS.startTicks,
    startedAt: NOW - 3_600_000,
    netns: NETNS,
    workspaces: [],
    locks: [],
    evidence: [],
    config: config(),
    markers: {},
    version: { running: '2026.9.6', installed: '2026.9.6' },
    declared: {
      mode: 'loopback',
      modeBy: 'default',
      addresses: ['127.0.0.1', '::1'],
      port: 18789,
      portBy: 'default',
      configMode: 'unset',
    },
    auth: { mode: 'token', strength: 'sound', reasons: ['token of 48 characters'] },
    gatewayListeners: [],
    otherListeners: [],
    reach: 'loopback',
    reachableAt: [WIDTH.loopback],
    differences: [],
    bindVerdict: 'as declared',
    ...more,
  };
}

/** A gateway on the wildcard, as wide as `reach`, and its listener. */
export function exposedGateway(reach: Reach, more: Partial<Gateway> = {}): { gateway: Gateway; listener: Listener } {
  const socket = listener('0.0.0.0', 18789, reach, { service: 'gateway' });
  return {
    gateway: gateway({ reach, reachableAt: socket.reachableAt, gatewayListeners: [socket.key], ...more }),
    listener: socket,
  };
}

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    at: NOW,
    durationMs: 20,
    host: 'atlas',
    telemetry: 'T0',
    sources: ['test'],
    gateways: [],
    listeners: [],
    connections: [],
    processes: [],
    family: [],
    interfaces: [ETH0],
    addressContext: { tailnet: true, ...LAB },
    blindSpots: [],
    ...more,
  };
}

/** A snapshot of one exposed gateway. */
export function exposed(reach: Reach, more: Partial<Gateway> = {}): Snapshot {
  const story = exposedGateway(reach, more);
  return snapshot({ gateways: [story.gateway], listeners: [story.listener] });
}

export function history(more: Partial<History> = {}): History {
  return {
    firstSeenAt: () => undefined,
    lastCycleAt: () => undefined,
    settledConfig: () => undefined,
    inboundPeers: () => [],
    wasListening: () => false,
    destinationFirstSeenAt: () => undefined,
    destinationDays: () => 0,
    isLearned: () => false,
    unknownContacts: () => [],
    learningSince: () => undefined,
    learningUntil: () => undefined,
    ...more,
  };
}

export interface Circumstances {
  history?: History;
  now?: number;
  singleLook?: boolean;
  options?: object;
}

/** What one rule says, in the agent's cycle unless told otherwise. */
export function judge(rule: Rule, look: Snapshot, circumstances: Circumstances = {}): Finding[] {
  const options = circumstances.options === undefined ? {} : { options: { [rule.id]: circumstances.options } };
  const detect = createDetect({ rules: [rule], ...options });
  return detect(look, circumstances.history ?? history(), {
    now: circumstances.now ?? NOW,
    singleLook: circumstances.singleLook ?? false,
  });
}

/** The one finding of a story that must have exactly one. */
export function only(findings: readonly Finding[]): Finding {
  if (findings.length !== 1)
    throw new Error(`expected one finding, got ${findings.map(({ title }) => title).join(' / ') || 'none'}`);
  return findings[0]!;
}

/** All words of a finding, to search for what must or must not be in it. */
export function wordsIn(finding: Finding): string {
  return JSON.stringify(finding);
}
