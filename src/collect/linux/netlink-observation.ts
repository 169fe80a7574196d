import type { DiagSocket } from '../../native/netlink/inet-diag.ts';
import { TIMER_TIME_WAIT } from '../../native/netlink/layout.ts';
import type { Endpoint, Observation, Protocol } from '../../types/socket.ts';
import { stateOf, TIME_WAIT_MS } from './socket-table.ts';

/** What a dump does not say about its own sockets. */
export interface DumpContext {
  source: string;
  seenAt: number;
  netns: string;
  protocol: Protocol;
}

/** Makes observations of the sockets of one look after the other. */
export interface Observer {
  /** Before the sockets of a look. */
  begin(): void;
  /**
   * The same as the table parser makes of a line of `/proc/net`, and what only netlink tells: IPV6_V6ONLY. Counters
   * come separately (see `createNetlinkBytes`). What only `/proc` tells is whose listener a half-open connection waits at.
   */
  observe(socket: DiagSocket, context: DumpContext): Observation;
  /** After them. */
  end(): void;
}

/** Both ends of a socket, and the number of the last look that had it. */
interface Ends {
  local: Endpoint;
  remote: Endpoint;
  seenIn: number;
}

// A far end may choose its ports and addresses as it likes: beyond this the memory is emptied.
const MAX_FAR_ENDS = 65_536;

/**
 * Ten thousand sockets are the same as a look ago, and their far ends are few. So an end is one object for as long as its
 * socket lives, and equal far ends are one object as well: whoever comes later can tell by identity that nothing changed,
 * and need not compare or spell anything. Nobody may change an end.
 */
export function createObserver(): Observer {
  const known = new Map<number, Ends>();
  const farEnds = new Map<string, Map<number, Endpoint>>();
  let farEndCount = 0;
  let look = 0;
  let seen = 0;

  function farEndOf(address: string, port: number): Endpoint {
    let ports = farEnds.get(address);
    let end = ports?.get(port);
    if (end !== undefined) return end;
    if (farEndCount >= MAX_FAR_ENDS) {
      farEnds.clear();
      farEndCount = 0;
      ports = undefined;
    }
    end = { address, port };
    if (ports === undefined) farEnds.set(address, new Map([[port, end]]));
    else ports.set(port, end);
    farEndCount += 1;
    return end;
  }

  function endsOf(socket: DiagSocket): Ends {
    const { inode, localAddress, localPort, remoteAddress, remotePort } = socket;
    let ends = inode > 0 ? known.get(inode) : undefined;
    const isSame =
      ends !== undefined &&
      ends.local.port === localPort &&
      ends.remote.port === remotePort &&
      ends.local.address === localAddress &&
      ends.remote.address === remoteAddress;
    if (ends === undefined || !isSame) {
      const local = { address: localAddress, port: localPort };
      ends = { local, remote: farEndOf(remoteAddress, remotePort), seenIn: 0 };
      if (inode > 0) known.set(inode, ends);
    }
    if (ends.seenIn !== look) seen += 1;
    ends.seenIn = look;
    return ends;
  }

  return {
    begin() {
      look += 1;
      seen = 0;
    },
    observe(socket, { source, seenAt, netns, protocol }) {
      const { family, inode } = socket;
      const state = stateOf(protocol, socket.state);
      const { local, remote } = endsOf(socket);
      const observation: Observation = { source, seenAt, netns, protocol, family, state, local };
      if (state !== 'LISTEN' && state !== 'UNCONN') observation.remote = remote;
      else if (local.address === '::') {
        observation.dualStack = socket.v6Only === undefined ? 'unknown' : socket.v6Only ? 'no' : 'yes';
      }
      if (inode > 0) {
        observation.inode = inode;
        // Without a socket behind it the kernel says 0 for everybody.
        observation.uid = socket.uid;
      }
      if (state === 'TIME_WAIT' && socket.timer === TIMER_TIME_WAIT) {
        observation.closedAgoMs = closedAgoOf(socket.expiresMs);
      }
      return observation;
    },
    end() {
      if (known.size <= seen) return;
      for (const [inode, { seenIn }] of known) if (seenIn !== look) known.delete(inode);
    },
  };
}

/** How long a connection has waited out its time, ms. */
export function closedAgoOf(expiresMs: number): number {
  return Math.max(0, TIME_WAIT_MS - expiresMs);
}
