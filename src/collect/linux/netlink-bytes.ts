import type { DiagSocket } from '../../native/netlink/inet-diag.ts';
import { STATE } from '../../native/netlink/layout.ts';
import type { Observation, SocketState } from '../../types/socket.ts';
import { payloadBytes } from './ss-tcp-info.ts';
import type { TcpBytes } from './tcp-bytes.ts';

/** The TCP sockets of one look: as the kernel told them, and in the same order what was made of them. */
export interface CountedSockets {
  sockets: readonly DiagSocket[];
  observations: readonly Observation[];
}

/** Byte counters that came along with the sockets of the same look, so they are never late. */
export interface NetlinkBytes extends TcpBytes {
  /** The TCP sockets of this look; `undefined`: there are none with counters. */
  remember(latest: CountedSockets | undefined): void;
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

const NONE: CountedSockets = { sockets: [], observations: [] };

/**
 * Fills in bytes for the family's sockets only, as the reading of `ss` does: whatever has counters is written to the
 * record whenever they grow, and ten thousand connections of a busy server are nobody's question. What it fills in are
 * the observations that it remembers, so those of `annotate` have to be the same objects, and it does so once in a look.
 */
export function createNetlinkBytes(): NetlinkBytes {
  let latest = NONE;
  return {
    remember(look) {
      latest = look ?? NONE;
    },
    annotate(_observations, family) {
      const { sockets, observations } = latest;
      // Kept until the next look, ten thousand sockets would outlive their place among young objects, and cost room for weeks.
      latest = NONE;
      const isFamily = createHolderTest(family);
      let listening: Set<number> | undefined;
      for (let index = 0; index < observations.length; index += 1) {
        const socket = observations[index]!;
        const { counters, localPort } = sockets[index]!;
        const state = COUNTED[socket.state];
        if (state === undefined || counters === undefined || socket.inode === undefined || !isFamily(socket)) continue;
        listening ??= listeningPorts(sockets);
        // Where somebody listens on the local port the connection was accepted; nothing else tells the two ends apart.
        const { bytesOut, bytesIn } = payloadBytes(state, counters, !listening.has(localPort));
        socket.bytesOut = bytesOut;
        socket.bytesIn = bytesIn;
      }
      return [];
    },
    settled: async () => {},
    close() {
      latest = NONE;
    },
  };
}

function listeningPorts(sockets: readonly DiagSocket[]): Set<number> {
  const ports = new Set<number>();
  for (const { state, localPort } of sockets) if (state === STATE.listen) ports.add(localPort);
  return ports;
}

/** Whether a member holds a socket. Sockets of one process share the list of its pid, so the last answer mostly holds. */
function createHolderTest(family: ReadonlySet<number>): (socket: Observation) => boolean {
  let last: readonly number[] | undefined;
  let answer = false;
  return ({ pids }) => {
    if (pids === undefined) return false;
    if (pids !== last) {
      last = pids;
      answer = pids.some((pid) => family.has(pid));
    }
    return answer;
  };
}
