import type { BlindSpot } from './blind-spot.ts';
import type { AgentActivity, NameFact, SkillFact } from './egress.ts';
import type { GatewayFact } from './gateway.ts';
import type { FamilyMember, ProcessFact } from './process.ts';
import type { InterfaceAddress, TelemetryLoss } from './snapshot.ts';
import type { Endpoint, Observation } from './socket.ts';
import type { Loss, SensorShare } from './witness.ts';

/** Everything one look collected, before anybody thinks about it. */
export interface Collected {
  /** Unix ms. */
  at: number;
  durationMs: number;
  host: string;
  /** Ids of the sources that took part. */
  sources: string[];
  /** Number of our own network namespace, `'own'` where there is no such thing. */
  ownNetns: string;
  observations: Observation[];
  /** See `SocketReading.netnsRead`. */
  netnsRead?: string[];
  processes: ProcessFact[];
  gateways: GatewayFact[];
  family: FamilyMember[];
  interfaces: InterfaceAddress[];
  blindSpots: BlindSpot[];
  skills?: SkillFact[];
  activities?: AgentActivity[];
  /** Names seen for addresses. */
  names?: NameFact[];
  /** Addresses of the name servers that we and the gateways ask: every family member talks to them. */
  resolvers?: string[];
  /** `Tcp: ActiveOpens` of each namespace read, since boot of the namespace. */
  activeOpens?: { netns: string; count: number }[];
  /** See `SocketReading.closedSockets`. */
  closedSockets?: ClosedSocket[];
  /** Present while a sensor is heard. */
  sensor?: SensorShare;
  /** What sources of events lost since the look before. */
  losses?: Loss[];
  /** See `Snapshot.telemetryLost`. */
  telemetryLost?: TelemetryLoss[];
}

/** A TCP connection of our own network namespace that ended, with its last counters, as the kernel told it. */
export interface ClosedSocket {
  /** Unix ms at which we fetched it, a moment after the end. */
  at: number;
  /** Of the socket itself; a 6 with IPv4 addresses is an IPv4-mapped connection. */
  family: 4 | 6;
  protocol: 'tcp';
  /** See `Observation.netns`. */
  netns: string;
  local: Endpoint;
  /** An aborted connection may have lost its far end: then the port, or all of it, is zero. */
  remote: Endpoint;
  /** TCP payload, never more than it really was; see `openDestroyStream`. */
  bytesOut: number;
  bytesIn: number;
  /** The kernel's own number of the socket, never used again, in decimal: it may be too large for a number. */
  cookie: string;
}

/** A time in which the ends of connections may have been missed. Unix ms. */
export interface ClosedSocketLoss {
  fromAt: number;
  toAt: number;
  /** Cause, in one clause. */
  why: string;
}

/** Reads one machine. A missing right or tool is not thrown: it is a blind spot. */
export interface Collector {
  id: string;
  isSupported(): boolean;
  /** Rejects only when aborted or when the machine cannot be read at all. */
  collect(signal: AbortSignal): Promise<Collected>;
}

/** Sockets of one source. */
export interface SocketReading {
  observations: Observation[];
  /** Namespaces whose TCP tables were read whole: where nothing is there, nothing listens. Absent: not said. */
  netnsRead?: string[];
  /** Connections that ended since the reading before, where the source is told. Absent: it is not. */
  closedSockets?: ClosedSocket[];
  blindSpots: BlindSpot[];
}

/** What a socket source is asked for. */
export interface SocketRequest {
  /** Network namespaces to read, each with a process inside it; our own is always read. */
  netns: { netns: string; pid: number }[];
  now: number;
  /** Remnants that need not be read, because what they are left of is known. A source may read them all the same. */
  isKnownRemnant?: IsKnownRemnant;
}

/** Whether this TIME_WAIT of our own namespace is left of a connection that an earlier look took in. */
export type IsKnownRemnant = (localPort: number, remote: Endpoint, closedAgoMs: number) => boolean;

/** Reads sockets: `/proc` on Linux, node-netstat or lsof elsewhere. Owners come separately, they cost more. */
export interface SocketSource {
  id: string;
  isSupported(): boolean;
  read(request: SocketRequest, signal: AbortSignal): Promise<SocketReading>;
}

/** All processes at one moment. */
export interface ProcessTable {
  processes: ReadonlyMap<number, ProcessFact>;
  /** Our own network namespace. */
  ownNetns: string;
  blindSpots: BlindSpot[];
  /** By pid, who made it according to the kernel's own event: also where it has been adopted since. */
  makers?: ReadonlyMap<number, number>;
}

/** Reads processes. Keeps what cannot change between calls, so a steady machine costs little. */
export interface ProcessSource {
  id: string;
  read(signal: AbortSignal): Promise<ProcessTable>;
}
