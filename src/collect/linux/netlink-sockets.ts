import { type AddressReader, createAddressReader } from '../../native/netlink/address.ts';
import type { DestroyStream } from '../../native/netlink/destroy-stream.ts';
import { createDumper, type IsLeftOut } from '../../native/netlink/dump.ts';
import type { DiagSocket } from '../../native/netlink/inet-diag.ts';
import { ADDRESS_FAMILY, SOCKET, STATE, TIMER_TIME_WAIT } from '../../native/netlink/layout.ts';
import type { DumpWish } from '../../native/netlink/request.ts';
import { LITTLE_ENDIAN, type NetlinkSocket, openSockDiag } from '../../native/netlink/socket.ts';
import type { BlindSpot } from '../../types/blind-spot.ts';
import type { IsKnownRemnant, SocketSource } from '../../types/collector.ts';
import type { Observation } from '../../types/socket.ts';
import { createNetlinkBytes, type NetlinkBytes } from './netlink-bytes.ts';
import { createEnds } from './netlink-ends.ts';
import { closedAgoOf, createObserver, type Observer } from './netlink-observation.ts';
import { readNetns } from './netns.ts';
import { createProcfsSockets } from './sockets.ts';

export interface NetlinkOptions {
  open?: () => NetlinkSocket | { why: string };
  openStream?: () => DestroyStream | { why: string };
}

const SOURCE = 'netlink';

/**
 * What observations are marked with: netlink and `/proc` are two views of the same tables, so that a look through one
 * vouches for what the other saw, and a record goes on unbroken when koffi comes or goes.
 */
const TABLES = 'procfs';

/** TCP is the first. */
const WISHES: readonly DumpWish[] = [
  { protocol: 'tcp', family: 'both', counters: true },
  { protocol: 'udp', family: 4 },
  { protocol: 'udp', family: 6 },
];

/** As little as can be asked of both modules that answer: one for TCP, one for UDP. */
const PROBES: readonly DumpWish[] = [
  { protocol: 'tcp', family: 'both', states: 1 << STATE.listen },
  { protocol: 'udp', family: 4, states: 1 << STATE.close },
];

/**
 * Why sockets cannot be read over netlink here, or `undefined`: koffi is missing, a seccomp profile or a sandbox kernel
 * refuses, a module of the kernel is not there. Costs well below a millisecond once koffi is loaded.
 */
export function whyNotNetlink(open: () => NetlinkSocket | { why: string } = openSockDiag): string | undefined {
  const socket = open();
  if ('why' in socket) return socket.why;
  try {
    const dumper = createDumper(createAddressReader());
    for (const wish of PROBES) {
      const answer = dumper.dump(socket, wish);
      if ('why' in answer) return `${wish.protocol.toUpperCase()}: ${answer.why}`;
    }
    return undefined;
  } finally {
    socket.close();
  }
}

/**
 * Sockets of our own namespace from the kernel's sock_diag, without rights and at a fraction of what `/proc` costs; of
 * every other namespace from `/proc/PID/net`, because netlink would have to enter it. When a dump fails, that look reads
 * `/proc` and says so.
 */
export function createNetlinkSockets(options: NetlinkOptions = {}): SocketSource & { bytes: NetlinkBytes } {
  const { open = openSockDiag } = options;
  const addresses = createAddressReader();
  const dumper = createDumper(addresses);
  const others = createProcfsSockets({ own: false });
  const everything = createProcfsSockets();
  const ends = createEnds(options.openStream);
  const bytes = createNetlinkBytes();
  const observer = createObserver();

  /** The lists, in the order of `WISHES`. */
  function dumpAll(isLeftOut: IsLeftOut | undefined): DiagSocket[][] | { why: string } {
    const socket = open();
    if ('why' in socket) return socket;
    try {
      const lists: DiagSocket[][] = [];
      for (const wish of WISHES) {
        const answer = dumper.dump(socket, wish, wish.protocol === 'tcp' ? isLeftOut : undefined);
        if ('why' in answer) return answer;
        lists.push(answer.sockets);
      }
      return lists;
    } finally {
      socket.close();
    }
  }

  return {
    id: SOURCE,
    bytes,
    isSupported: () => whyNotNetlink(open) === undefined,
    async read(request, signal) {
      signal.throwIfAborted();
      const before = ends.fetch();
      const { isKnownRemnant } = request;
      const lists = dumpAll(isKnownRemnant && leavesOut(isKnownRemnant, addresses));
      const closed = ends.after(before);
      if ('why' in lists) {
        bytes.remember(undefined);
        const reading = await everything.read(request, signal);
        return { ...reading, ...closed, blindSpots: [...reading.blindSpots, failed(lists.why), ...ends.blindSpots()] };
      }
      const netns = readNetns('/proc', 'self') ?? 'own';
      const observations = observe(observer, lists, netns, request.now);
      bytes.remember({ sockets: lists[0]!, observations: observations.slice(0, lists[0]!.length) });
      const rest = await others.read(request, signal);
      for (const observation of rest.observations) observations.push(observation);
      return {
        observations,
        netnsRead: [netns, ...(rest.netnsRead ?? [])],
        ...closed,
        blindSpots: [...rest.blindSpots, ...ends.blindSpots()],
      };
    },
  };
}

/** After a flood there are fifty thousand remnants for a minute: those that are known cost a look at their ends. */
function leavesOut(isKnown: IsKnownRemnant, addresses: AddressReader): IsLeftOut {
  const remote = { address: '', port: 0 };
  return (view, start) => {
    if (view.getUint8(start + SOCKET.state) !== STATE.timeWait) return false;
    if (view.getUint8(start + SOCKET.timer) !== TIMER_TIME_WAIT) return false;
    const isFour = view.getUint8(start + SOCKET.family) === ADDRESS_FAMILY[4];
    const place = start + SOCKET.remoteAddress;
    remote.address = isFour ? addresses.v4(view, place) : addresses.v6(view, place);
    remote.port = view.getUint16(start + SOCKET.remotePort);
    const agoMs = closedAgoOf(view.getUint32(start + SOCKET.expires, LITTLE_ENDIAN));
    return isKnown(view.getUint16(start + SOCKET.localPort), remote, agoMs);
  };
}

function observe(observer: Observer, lists: readonly DiagSocket[][], netns: string, seenAt: number): Observation[] {
  const observations: Observation[] = [];
  observer.begin();
  for (const [index, { protocol }] of WISHES.entries()) {
    const context = { source: TABLES, seenAt, netns, protocol };
    for (const socket of lists[index]!) observations.push(observer.observe(socket, context));
  }
  observer.end();
  return observations;
}

function failed(why: string): BlindSpot {
  return {
    id: 'netlink.dump',
    source: SOURCE,
    what: 'bytes of connections and the IPv6-only mark of listeners, in this look',
    why: `${why}; sockets were read from /proc instead`,
    fix: 'use --collector procfs when it lasts',
    essential: false,
  };
}
