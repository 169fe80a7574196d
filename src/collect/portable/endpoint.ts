import { canonicalAddress } from '../../types/ip.ts';
import type { Endpoint, Observation, SocketState } from '../../types/socket.ts';

/** A socket without the circumstances of the look: source, time and namespace. */
export type ParsedSocket = Omit<Observation, 'source' | 'seenAt' | 'netns'>;

/**
 * What one line of a tool is. `ignored`: certainly no socket of interest (a header, a socket without address).
 * `stray`: belongs to nothing, for example the rest of a process name with a line feed in it. `unreadable`: should be
 * a socket and could not be understood, so something is missing from the picture.
 */
export type ParsedLine =
  | { kind: 'socket'; socket: ParsedSocket }
  | { kind: 'header' }
  | { kind: 'ignored' }
  | { kind: 'stray' }
  | { kind: 'unreadable' };

/** Reads one line after the other; header lines change how the following ones are read. Never throws. */
export type LineParser = (line: string) => ParsedLine;

/** An address as a tool wrote it. `'*'` and an absent port are kept as such: the caller knows what they mean. */
export interface WrittenEndpoint {
  address: string;
  port?: number;
  zone?: string;
}

/**
 * `address<separator>port` at the last separator, so that IPv6 stays whole; brackets are optional.
 * `undefined` when it is no address: a cut IPv6 address (netstat without -W) is refused and not guessed.
 */
export function parseEndpoint(text: string, separator: '.' | ':'): WrittenEndpoint | undefined {
  const at = text.lastIndexOf(separator);
  if (at < 0) return undefined;
  const portText = text.slice(at + 1);
  const port = portText === '*' ? undefined : Number(portText);
  if (port !== undefined && (!/^\d{1,5}$/.test(portText) || port > 65_535)) return undefined;
  const host = text.slice(0, at).replace(/^\[(.*)\]$/s, '$1');
  const written = host === '*' ? { address: '*' } : parseHost(host);
  return written && { ...written, ...(port !== undefined && { port }) };
}

function parseHost(host: string): { address: string; zone?: string } | undefined {
  const address = canonicalAddress(host);
  if (address === undefined) return undefined;
  const zone = /%(.+)$/s.exec(host)?.[1];
  // BSD kernels keep the interface index in the second group of a link-local address, and lsof prints it as it is.
  const embedded = /^fe80:([0-9a-f]{1,4}):/.exec(address);
  if (embedded && Number.parseInt(embedded[1]!, 16) > 0) {
    const bare = canonicalAddress(host.replace(/^fe80:[0-9a-f]{1,4}:/i, 'fe80:0:'));
    if (bare !== undefined) return { address: bare, zone: zone ?? String(Number.parseInt(embedded[1]!, 16)) };
  }
  return { address, ...(zone !== undefined && { zone }) };
}

/** The endpoint of a socket, with the wildcard of its family for `*`; `undefined` without a port. */
export function boundEndpoint(written: WrittenEndpoint, family: 4 | 6): Endpoint | undefined {
  if (written.port === undefined) return undefined;
  return {
    address: written.address === '*' ? (family === 4 ? '0.0.0.0' : '::') : written.address,
    port: written.port,
    ...(written.zone !== undefined && { zone: written.zone }),
  };
}

/** True for `*:*`, `0.0.0.0:0` and their like: nobody on the other side. */
export function isNobody(remote: WrittenEndpoint): boolean {
  return (remote.port ?? 0) === 0 && ['*', '0.0.0.0', '::'].includes(remote.address);
}

const STATES: ReadonlyMap<string, SocketState> = new Map<string, SocketState>([
  ['ESTABLISHED', 'ESTABLISHED'],
  ['SYN_SENT', 'SYN_SENT'],
  ['SYN_RECV', 'SYN_RECV'],
  ['SYN_RCVD', 'SYN_RECV'], // BSD
  ['SYN_RECEIVED', 'SYN_RECV'], // Windows
  ['FIN_WAIT1', 'FIN_WAIT1'],
  ['FIN_WAIT_1', 'FIN_WAIT1'],
  ['FIN_WAIT2', 'FIN_WAIT2'],
  ['FIN_WAIT_2', 'FIN_WAIT2'],
  ['TIME_WAIT', 'TIME_WAIT'],
  ['CLOSE', 'CLOSE'],
  ['CLOSED', 'CLOSE'],
  ['BOUND', 'CLOSE'], // Windows: an address was taken, nothing else
  ['CLOSE_WAIT', 'CLOSE_WAIT'],
  ['LAST_ACK', 'LAST_ACK'],
  ['LISTEN', 'LISTEN'],
  ['LISTENING', 'LISTEN'],
  ['CLOSING', 'CLOSING'],
]);

/**
 * State of a TCP or UDP socket. The word is only believed where it is one that we know (Windows translates it); a TCP
 * socket with nobody on the other side and no known word listens, because to miss a listener is the worse mistake.
 */
export function socketState(protocol: 'tcp' | 'udp', word: string | undefined, nobody: boolean): SocketState {
  if (protocol === 'udp') return nobody ? 'UNCONN' : 'ESTABLISHED';
  const known = word === undefined ? undefined : STATES.get(word);
  return known ?? (nobody ? 'LISTEN' : 'UNKNOWN');
}

/** A pid of a tool as the `pids` field: nobody (0, `-`) is "not visible". */
export function visiblePids(text: string | undefined): number[] {
  const pid = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return pid > 0 ? [pid] : [];
}
