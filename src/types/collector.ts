import type { BlindSpot } from './blind-spot.ts';
import type { AgentActivity, NameFact, SkillFact } from './egress.ts';
import type { GatewayFact } from './gateway.ts';
import type { FamilyMember, ProcessFact } from './process.ts';
import type { InterfaceAddress } from './snapshot.ts';
import type { Observation } from './socket.ts';

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
  blindSpots: BlindSpot[];
}

/** What a socket source is asked for. */
export interface SocketRequest {
  /** Network namespaces to read, each with a process inside it; our own is always read. */
  netns: { netns: string; pid: number }[];
  now: number;
}

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
}

/** Reads processes. Keeps what cannot change between calls, so a steady machine costs little. */
export interface ProcessSource {
  id: string;
  read(signal: AbortSignal): Promise<ProcessTable>;
}
