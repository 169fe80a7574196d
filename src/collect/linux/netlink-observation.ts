import type { DiagSocket } from '../../native/netlink/inet-diag.ts';
import { TIMER_TIME_WAIT } from '../../native/netlink/layout.ts';
import type { Observation, Protocol } from '../../types/socket.ts';
import { stateOf, TIME_WAIT_MS } from './socket-table.ts';

/** What a dump does not say about its own sockets. */
export interface DumpContext {
  source: string;
  seenAt: number;
  netns: string;
  protocol: Protocol;
}

/**
 * The same as the table parser makes of a line of `/proc/net`, and what only netlink tells: IPV6_V6ONLY. Counters
 * come separately (see `createNetlinkBytes`). What only `/proc` tells is whose listener a half-open connection waits at.
 */
export function observationOf(socket: DiagSocket, { source, seenAt, netns, protocol }: DumpContext): Observation {
  const { family, inode } = socket;
  const state = stateOf(protocol, socket.state);
  const local = { address: socket.localAddress, port: socket.localPort };
  const observation: Observation = { source, seenAt, netns, protocol, family, state, local };
  if (state !== 'LISTEN' && state !== 'UNCONN') {
    observation.remote = { address: socket.remoteAddress, port: socket.remotePort };
  } else if (local.address === '::') {
    observation.dualStack = socket.v6Only === undefined ? 'unknown' : socket.v6Only ? 'no' : 'yes';
  }
  if (inode > 0) {
    observation.inode = inode;
    // Without a socket behind it the kernel says 0 for everybody.
    observation.uid = socket.uid;
  }
  if (state === 'TIME_WAIT' && socket.timer === TIMER_TIME_WAIT) {
    observation.closedAgoMs = Math.max(0, TIME_WAIT_MS - socket.expiresMs);
  }
  return observation;
}
