import { createEnrich, type Enrich, type EnrichOptions } from '../../src/enrich/enrich.ts';
import type { Collected } from '../../src/types/collector.ts';
import type { ConfigFact, GatewayFact, GatewayLock } from '../../src/types/gateway.ts';
import type { FamilyBasis, FamilyMember, ProcessFact } from '../../src/types/process.ts';
import { processKey } from '../../src/types/process.ts';
import type { InterfaceAddress, Listener, Snapshot } from '../../src/types/snapshot.ts';
import type { Observation } from '../../src/types/socket.ts';

// One small host: a gateway with pid 812 in the only namespace, on a LAN. Tests say only what is different.

export const HOST_NETNS = '4026531840';
export const NOW = Date.UTC(2026, 10, 20, 14, 2, 31);
export const STARTED_AT = NOW - 15 * 60_000;
export const STATE_DIR = '/home/u/.openclaw';

export function process(pid: number, extra: Partial<ProcessFact> = {}): ProcessFact {
  return {
    pid,
    startTicks: pid * 10,
    startedAt: STARTED_AT,
    ppid: 1,
    uid: 1000,
    comm: `p${pid}`,
    argv: [],
    netns: HOST_NETNS,
    markers: {},
    ...extra,
  };
}

export const GATEWAY_PROCESS = process(812, {
  comm: 'openclaw-gatewa',
  argv: ['openclaw-gateway'],
  exe: '/usr/bin/node',
});

/** A family member; ancestors are processes from the parent up. */
export function member(of: ProcessFact, basis: FamilyBasis, ancestors: ProcessFact[] = []): FamilyMember {
  return {
    pid: of.pid,
    startTicks: of.startTicks,
    gatewayId: 'default',
    basis,
    ancestors: ancestors.map(processKey),
    detached: false,
    firstSeenAt: NOW,
  };
}

export function config(value: Record<string, unknown> = {}, extra: Partial<ConfigFact> = {}): ConfigFact {
  return {
    status: 'read',
    path: `${STATE_DIR}/openclaw.json`,
    modifiedAt: STARTED_AT - 60_000,
    files: [],
    value,
    unknownKeys: [],
    problems: [],
    networkSubset: {},
    ...extra,
  };
}

export function gatewayFact(extra: Partial<GatewayFact> = {}): GatewayFact {
  return {
    id: 'default',
    profile: 'default',
    running: true,
    confidence: 'certain',
    pid: GATEWAY_PROCESS.pid,
    startTicks: GATEWAY_PROCESS.startTicks,
    startedAt: STARTED_AT,
    uid: 1000,
    netns: HOST_NETNS,
    inContainer: false,
    stateDir: STATE_DIR,
    workspaces: [`${STATE_DIR}/workspace`],
    locks: [],
    evidence: [],
    config: config(),
    markers: {},
    version: {},
    ...extra,
  };
}

export function lock(port: number, extra: Partial<GatewayLock> = {}): GatewayLock {
  return { path: '/lock', pid: GATEWAY_PROCESS.pid, port, status: 'live', ...extra };
}

/** A listening socket of the gateway process unless `pids` says otherwise. */
export function listening(address: string, port = 18789, extra: Partial<Observation> = {}): Observation {
  const protocol = extra.protocol ?? 'tcp';
  return {
    source: 'test',
    seenAt: NOW,
    netns: HOST_NETNS,
    protocol,
    family: address.includes(':') ? 6 : 4,
    state: protocol === 'tcp' ? 'LISTEN' : 'UNCONN',
    local: { address, port },
    uid: 1000,
    pids: [GATEWAY_PROCESS.pid],
    ...extra,
  };
}

/** An established connection, ends as `[address, port]`. */
export function connected(
  local: [string, number],
  remote: [string, number],
  extra: Partial<Observation> = {},
): Observation {
  return {
    source: 'test',
    seenAt: NOW,
    netns: HOST_NETNS,
    protocol: 'tcp',
    family: local[0].includes(':') ? 6 : 4,
    state: 'ESTABLISHED',
    local: { address: local[0], port: local[1] },
    remote: { address: remote[0], port: remote[1] },
    ...extra,
  };
}

/** An interface address written `192.168.50.10/24`. */
export function onInterface(name: string, cidr: string, extra: Partial<InterfaceAddress> = {}): InterfaceAddress {
  const [address = '', prefix] = cidr.split('/');
  return {
    netns: HOST_NETNS,
    interface: name,
    address,
    prefix: Number(prefix),
    family: address.includes(':') ? 6 : 4,
    up: true,
    ...extra,
  };
}

export const LO = [onInterface('lo', '127.0.0.1/8'), onInterface('lo', '::1/128')];
export const LAN = onInterface('eth0', '192.168.50.10/24');
export const TAILSCALE = onInterface('tailscale0', '100.101.102.103/32');

export function collected(extra: Partial<Collected> = {}): Collected {
  return {
    at: NOW,
    durationMs: 12,
    host: 'atlas',
    sources: ['test'],
    ownNetns: HOST_NETNS,
    observations: [],
    processes: [process(1, { comm: 'systemd', ppid: 0 }), GATEWAY_PROCESS],
    gateways: [gatewayFact()],
    family: [member(GATEWAY_PROCESS, 'root')],
    interfaces: [...LO, LAN],
    blindSpots: [],
    ...extra,
  };
}

export const NO_HISTORY: Parameters<Enrich>[1] = { firstSeenAt: () => undefined, lastCycleAt: () => undefined };

/** One look without a past. */
export function look(extra: Partial<Collected> = {}, options: EnrichOptions = {}): Snapshot {
  return createEnrich(options)(collected(extra), NO_HISTORY);
}

export function only<T>(items: readonly T[]): T {
  if (items.length !== 1) throw new Error(`expected one item, got ${items.length}`);
  return items[0]!;
}

/** `address reach confidence` of every address, for tables. */
export function answers({ reachableAt }: Pick<Listener, 'reachableAt'>): string[] {
  return reachableAt.map(({ address, reach, confidence }) => `${address} ${reach} ${confidence}`);
}
