import type { Observation } from '../../../src/types/socket.ts';

/** Longest time between the two readings that are compared, ms. */
const APART_MS = 2_000;

/**
 * What is different in two readings of the same sockets although both sources must say it. Left out is what only netlink
 * knows (bytes, IPV6_V6ONLY where the tables prove nothing) and what only `/proc` does (uid of a half-open connection).
 */
export function differences(netlink: readonly Observation[], procfs: readonly Observation[]): string[] {
  const there = new Map(procfs.map((socket) => [describe(socket), socket]));
  const found: string[] = [];
  for (const socket of netlink) {
    const name = describe(socket);
    const other = there.get(name);
    there.delete(name);
    if (other === undefined) found.push(`only netlink: ${name}`);
    else if (Math.abs((socket.closedAgoMs ?? 0) - (other.closedAgoMs ?? 0)) > APART_MS) found.push(`ends: ${name}`);
    else if (isContradiction(socket, other)) found.push(`${socket.dualStack} and ${other.dualStack}: ${name}`);
  }
  return [...found, ...[...there.keys()].map((name) => `only procfs: ${name}`)];
}

function isContradiction(socket: Observation, other: Observation): boolean {
  if (other.dualStack === undefined) return socket.dualStack !== undefined;
  return other.dualStack !== 'unknown' && socket.dualStack !== other.dualStack;
}

function describe({ bytesOut: _out, bytesIn: _in, dualStack: _dual, closedAgoMs, uid, ...rest }: Observation): string {
  const { source, netns, protocol, family, state, local, remote, inode, pids: _pids, ...unexpected } = rest;
  const isHalfOpen = state === 'SYN_RECV' || state === 'NEW_SYN_RECV';
  const shown = [source, netns, protocol, family, state, local, remote, inode, isHalfOpen ? '' : uid];
  return JSON.stringify([...shown, closedAgoMs === undefined, { ...unexpected, seenAt: 0 }]);
}
