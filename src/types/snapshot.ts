import type { BlindSpot } from './blind-spot.ts';
import type { ClosedSocket } from './collector.ts';
import type { DnsQuestion } from './dns.ts';
import type { AgentActivity, Destination, EgressVerdict, ExpectedHost, SkillFact } from './egress.ts';
import type { Confidence, Gateway } from './gateway.ts';
import type { HostFacts } from './host-facts.ts';
import type { AddressClass, AddressContext } from './ip.ts';
import type { FamilyMember, ProcessFact } from './process.ts';
import type { Observation } from './socket.ts';

/** Who can open a connection to a listener, widest last. `container`: the container's own network only. */
export type Reach = 'loopback' | 'container' | 'tailnet' | 'lan' | 'public';

/** `Reach` or the admission that we could not tell. */
export type ReachOrUnknown = Reach | 'unknown';

/** One address at which a listener answers. */
export interface ReachableAddress {
  address: string;
  interface?: string;
  /** Prefix length of the interface, where known: for "LAN 192.168.50.0/24". */
  prefix?: number;
  class: AddressClass;
  reach: Reach;
  /** `likely` when it rests on a dual-stack guess. */
  confidence: Confidence;
}

/** Since when something is so, and how we know. */
export interface Since {
  /** Unix ms. */
  at: number;
  /** observed: we saw it appear; process-start: not before this; first-look: it was there when we first looked. */
  basis: 'observed' | 'process-start' | 'first-look';
}

/** Part that a process plays. `other`: not of an OpenClaw family. */
export type Role = 'gateway' | 'helper' | 'exec' | 'skill' | 'mcp' | 'browser' | 'detached' | 'other';

/** What a listener is for, judged by owner first and port second. */
export type ServiceName =
  | 'gateway'
  | 'sandbox-host' // base + 1
  | 'browser-control' // base + 2
  | 'legacy-cdp' // base + 3
  | 'extension-relay' // base + 10 and below
  | 'cdp' // base + 11 … base + 110
  | 'portal' // a random port in the gateway process on the gateway's addresses
  | 'portal-ingress'
  | 'mdns'
  | 'webhook'
  | 'gateway-internal' // loopback helper listeners of the gateway process
  | 'docker-proxy'
  | 'none';

/** Who holds a socket. */
export interface Owner {
  process: ProcessFact;
  role: Role;
  gatewayId?: string;
  member?: FamilyMember;
  confidence: Confidence;
  /** Name of the skill that the process was attributed to, from its directory; raw: print through `safeText`. */
  skill?: string;
  /** The owner itself, its parent, and so on up to the gateway or pid 1, raw: print through `safeText`. */
  lineage: { pid: number; comm: string }[];
}

/** A socket that waits for others, with everything enrichment could learn. */
export interface Listener extends Observation {
  key: string;
  owner?: Owner;
  /** Gateway whose family or port this is. */
  gatewayId?: string;
  service: ServiceName;
  /** Widest of `reachableAt`. Never narrowed by a guess: unread interfaces give `lan` at confidence `possible`. */
  reach: Reach;
  reachableAt: ReachableAddress[];
  since: Since;
  /** host: our own network namespace or an ordinary one; container: a container's. */
  place: 'host' | 'container' | 'namespace';
}

/** A connection with everything enrichment could learn. */
export interface Connection extends Observation {
  key: string;
  /** inbound: its local end is one of our listeners; outbound: the family opened it; internal: both ends are here. */
  direction: 'inbound' | 'outbound' | 'internal' | 'unknown';
  remoteClass?: AddressClass;
  /** Name of the far end, for outbound connections. */
  destination?: Destination;
  /** Against expectations and the user's rules, for outbound connections of a family. */
  verdict?: EgressVerdict;
  /** Why this verdict, one clause: "provider anthropic is configured". */
  verdictReason?: string;
  /** Tool call that it belongs to, as far as OpenClaw's own record tells. */
  toolCall?: { tool: string; id?: string; confidence: Confidence };
  owner?: Owner;
  gatewayId?: string;
  since: Since;
}

/** An address of an interface in one network namespace. */
export interface InterfaceAddress {
  netns: string;
  interface?: string;
  address: string;
  /** Prefix length; absent when the source does not tell. */
  prefix?: number;
  family: 4 | 6;
  up: boolean;
}

/** What kinds of facts a look had. T0 polling, T1 kernel events and rights, T2 names, T3 probes. */
export type TelemetryLevel = 'T0' | 'T1' | 'T2' | 'T3';

/** One look at the machine, enriched. Rules see this and the history, and nothing else. */
export interface Snapshot {
  /** Unix ms. */
  at: number;
  durationMs: number;
  host: string;
  telemetry: TelemetryLevel;
  /** Collector ids that took part. */
  sources: string[];
  gateways: Gateway[];
  listeners: Listener[];
  connections: Connection[];
  /** Every process seen, family and others. */
  processes: ProcessFact[];
  family: FamilyMember[];
  interfaces: InterfaceAddress[];
  addressContext: AddressContext;
  blindSpots: BlindSpot[];
  /** Installed skills of all gateways. */
  skills?: SkillFact[];
  /** What the agents did lately, from OpenClaw's own record. */
  activities?: AgentActivity[];
  expectedHosts?: readonly ExpectedHost[];
  /** Questions to name servers since the look before, where a sensor sees them. */
  questions?: DnsQuestion[];
  /** Firewall, containers, tunnels: what else decides who can reach what. Absent: nobody looked. */
  hostFacts?: HostFacts;
  /** How much of what was opened since the look before was identified. */
  coverage?: ConnectionCoverage;
  /** See `SocketReading.closedSockets`. */
  closedSockets?: ClosedSocket[];
  /** Sources of facts that this run had and has no more. */
  telemetryLost?: TelemetryLoss[];
}

/** A source of facts that is gone. */
export interface TelemetryLoss {
  source: 'kernel-events' | 'datagrams' | 'names';
  /** Unix ms of the last look that had it. */
  sinceAt: number;
  /** Cause, in one clause. */
  why: string;
  /** Process of the family that seems to have ended it, then its parents, as they were; nearest first. */
  by?: ProcessFact[];
}

/**
 * Connections opened in our network namespace since the look before (`Tcp: ActiveOpens` of `/proc/net/snmp`), against
 * those that we saw. The figure counts everybody's connections, not the family's alone.
 */
export interface ConnectionCoverage {
  intervalMs: number;
  opened: number;
  seen: number;
  owned: number;
  /** With a name, or with both ends on this host, where none is needed. */
  named: number;
  /** What is odd about the figures, where something is. */
  reason?: string;
  /** The same over the last minutes, ten at the most. */
  lately?: { spanMs: number; opened: number; seen: number };
}
