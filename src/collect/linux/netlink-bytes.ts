import type { DiagSocket } from '../../native/netlink/inet-diag.ts';
import { STATE } from '../../native/netlink/layout.ts';
import type { Observation, SocketState } from '../../types/socket.ts';
import { payloadBytes } from './ss-tcp-info.ts';
import type { TcpBytes } from './tcp-bytes.ts';

/** Byte counters that came along with the sockets of the same look, so they are never late. */
export interface NetlinkBytes extends TcpBytes {
  /** The TCP sockets of this look; `undefined`: there are none with counters. */
  remember(latest: { netns: string; sockets: readonly DiagSocket[] } | undefined): void;
}

/** States in which the counters mean something, as `payloadBytes` spells them. */
const COUNTED: Partial<Record<SocketState, string>> = {
  ESTABLISHED: 'ESTAB',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  CLOSE_WAIT: 'CLOSE-WAIT',
  CLOSING: 'CLOSING',
  LAST_ACK: 'LAST-ACK',
};

/**
 * Fills in bytes for the family's sockets only, as the reading of `ss` does: whatever has counters is written to the
 * record whenever they grow, and ten thousand connections of a busy server are nobody's question.
 */
export function createNetlinkBytes(): NetlinkBytes {
  let netns = '';
  let sockets: readonly DiagSocket[] = [];
  return {
    remember(latest) {
      netns = latest?.netns ?? '';
      sockets = latest?.sockets ?? [];
    },
    annotate(observations, family) {
      const wanted = new Map<number, Observation>();
      for (const socket of observations) {
        if (socket.protocol !== 'tcp' || socket.netns !== netns || COUNTED[socket.state] === undefined) continue;
        if (socket.inode !== undefined && socket.pids?.some((pid) => family.has(pid))) wanted.set(socket.inode, socket);
      }
      if (wanted.size === 0) return [];
      const listening = new Set<number>();
      for (const { state, localPort } of sockets) if (state === STATE.listen) listening.add(localPort);
      for (const { inode, counters, localPort } of sockets) {
        const socket = wanted.get(inode);
        if (socket === undefined || counters === undefined) continue;
        // Where somebody listens on the local port the connection was accepted; nothing else tells the two ends apart.
        Object.assign(socket, payloadBytes({ state: COUNTED[socket.state]!, ...counters }, !listening.has(localPort)));
      }
      return [];
    },
    settled: async () => {},
    close() {
      sockets = [];
    },
  };
}
