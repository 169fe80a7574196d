import type { DeclaredBind, GatewayFact } from '../types/gateway.ts';
import { isLoopback } from '../types/ip.ts';
import type { Observation } from '../types/socket.ts';
import type { AddressView } from './addresses.ts';
import { declareBind } from './declared-bind.ts';

/** A gateway and where to look for its sockets. */
export interface Site {
  fact: GatewayFact;
  declared: DeclaredBind;
  /** Namespace that its sockets are in; our own while it does not run. */
  netns: string;
  /** The port it listens on, as well as that is known. */
  port: number;
  /** Addresses on which that port is open in the gateway's own hands, from the sockets. */
  hosts: ReadonlySet<string>;
}

/** What a site is found from. `listening`: the listening observations of this look. */
export interface SiteRequest {
  fact: GatewayFact;
  ownNetns: string;
  listening: readonly Observation[];
  view: AddressView;
}

/** Settles the port: the lock that the running process wrote, then what is declared, then what its sockets show. */
export function locate({ fact, ownNetns, listening, view }: SiteRequest): Site {
  const netns = fact.netns ?? ownNetns;
  const declared = settlePort(declareBind(fact, netns, view), fact, netns, listening);
  const hosts = new Set(
    listening
      .filter((socket) => isTcpAt(socket, netns, declared.port) && mayHold(socket, fact))
      .map((socket) => socket.local.address),
  );
  return { fact, declared, netns, port: declared.port, hosts };
}

function settlePort(
  declared: DeclaredBind,
  fact: GatewayFact,
  netns: string,
  listening: readonly Observation[],
): DeclaredBind {
  const locked = fact.running
    ? fact.locks.find((lock) => lock.status === 'live' && lock.pid === fact.pid && lock.port !== undefined)?.port
    : undefined;
  if (locked !== undefined)
    return locked === declared.port ? declared : { ...declared, port: locked, portBy: 'lock file' };
  if (!fact.running || fact.pid === undefined) return declared;
  const own = listening.filter(
    (socket) => socket.protocol === 'tcp' && socket.netns === netns && socket.pids?.includes(fact.pid!),
  );
  if (own.length === 0 || own.some((socket) => socket.local.port === declared.port)) return declared;
  const ports = new Set(own.filter((socket) => looksLikeGateway(socket, own)).map((socket) => socket.local.port));
  // Two candidates would be a guess, and a portal looks just like a gateway.
  return ports.size === 1 ? { ...declared, port: [...ports][0]!, portBy: 'socket' } : declared;
}

// The gateway's own port is open beyond loopback or on both loopback addresses; its inner ports on 127.0.0.1 alone.
function looksLikeGateway(socket: Observation, own: readonly Observation[]): boolean {
  if (!isLoopback(socket.local.address)) return true;
  return own.some((other) => other.local.port === socket.local.port && other.local.address !== socket.local.address);
}

export function isTcpAt(socket: Observation, netns: string, port: number): boolean {
  return socket.protocol === 'tcp' && socket.netns === netns && socket.local.port === port;
}

/** True when the gateway holds the socket, or when nobody visible does and nothing speaks against it. */
export function mayHold(socket: Observation, fact: GatewayFact): boolean {
  if (!fact.running) return false;
  if (socket.pids !== undefined && socket.pids.length > 0)
    return fact.pid !== undefined && socket.pids.includes(fact.pid);
  return socket.uid === undefined || fact.uid === undefined || socket.uid === fact.uid;
}
