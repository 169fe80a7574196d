import type { ConnectEvent } from '../../../types/sensor.ts';
import { type Endpoint, isListening, type Observation, type Protocol } from '../../../types/socket.ts';
import { createEnds, type Ends } from './ends.ts';

/** A connect that has ports. */
export type TransportEvent = ConnectEvent & { protocol: Protocol };

/** What a look leaves to the next one. */
export interface PastLook {
  /** Unix ms. */
  at: number;
  open: readonly Observation[];
  /** Those of which there was word. */
  heard: ReadonlySet<Observation>;
}

/** The sockets that the events of one look are about. Each answers to one attempt. */
export interface EventSockets {
  /** Open now. One in TIME_WAIT is noted as explained instead. */
  open(protocol: Protocol, port: number, remote: Endpoint): Observation | undefined;
  /** The same by its process, for an attempt without a port; only what was opened since the look before. */
  openTo(pid: number, protocol: Protocol, remote: Endpoint): Observation | undefined;
  /** Open in the look before, which had no word of it. */
  earlier(protocol: Protocol, port: number, remote: Endpoint): Observation | undefined;
  earlierTo(pid: number, protocol: Protocol, remote: Endpoint): Observation | undefined;
  isExplained(remnant: Observation): boolean;
  /** Sockets of this look of which there was word. */
  heard: ReadonlySet<Observation>;
}

/** Most looks have no event at all. */
const NONE: EventSockets = {
  open: () => undefined,
  openTo: () => undefined,
  earlier: () => undefined,
  earlierTo: () => undefined,
  isExplained: () => false,
  heard: new Set(),
};

export function findEventSockets(
  observations: readonly Observation[],
  before: PastLook,
  events: readonly TransportEvent[],
): EventSockets {
  if (events.length === 0) return NONE;
  const heard = new Set<Observation>();
  const explained = new Set<Observation>();
  const used = new Set<Observation>();
  const wanted = wantedEnds(events);
  const unheard = before.open.filter((socket) => !before.heard.has(socket));
  const now = among(observations, wanted);
  const then = among(unheard, wanted);
  const nameless = farEndsWithoutPort(events);
  const toNow = byFarEnd(newSince(observations, before.open, nameless), nameless);
  const toThen = byFarEnd(unheard, nameless);

  function take(list: Observation[] | undefined, isTaken: ReadonlySet<Observation>): Observation | undefined {
    for (let socket = list?.pop(); socket !== undefined; socket = list?.pop()) if (!isTaken.has(socket)) return socket;
    return undefined;
  }

  return {
    open(protocol, port, remote) {
      const socket = now.get(protocol, port, remote);
      if (socket?.state === 'TIME_WAIT') explained.add(socket);
      if (socket === undefined || !isOpen(socket)) return undefined;
      heard.add(socket);
      return socket;
    },
    openTo(pid, protocol, remote) {
      const socket = take(toNow.get(farEndOf(pid, protocol, remote)), heard);
      if (socket !== undefined) heard.add(socket);
      return socket;
    },
    earlier(protocol, port, remote) {
      const socket = then.get(protocol, port, remote);
      if (socket !== undefined) used.add(socket);
      return socket;
    },
    earlierTo: (pid, protocol, remote) => take(toThen.get(farEndOf(pid, protocol, remote)), used),
    isExplained: (remnant) => explained.has(remnant),
    heard,
  };
}

function wantedEnds(events: readonly TransportEvent[]): Ends<true> {
  const wanted = createEnds<true>();
  for (const event of events) for (const port of portsOf(event)) wanted.set(event.protocol, port, event.remote, true);
  return wanted;
}

function among(sockets: readonly Observation[], wanted: Ends<true>): Ends<Observation> {
  const found = createEnds<Observation>();
  if (wanted.size === 0) return found;
  for (const socket of sockets) {
    const { protocol, local, remote } = socket;
    if (remote === undefined || isListening(socket)) continue;
    if (wanted.get(protocol, local.port, remote)) found.set(protocol, local.port, remote, socket);
  }
  return found;
}

function farEndsWithoutPort(events: readonly TransportEvent[]): Set<string> {
  const nameless = events.filter((event) => portsOf(event).length < (event.count ?? 1));
  return new Set(nameless.map(({ pid, protocol, remote }) => farEndOf(pid!, protocol, remote)));
}

/** Open sockets that the look before did not see, where anybody asks for one by its process. */
function newSince(
  observations: readonly Observation[],
  before: readonly Observation[],
  nameless: ReadonlySet<string>,
): Observation[] {
  if (nameless.size === 0) return [];
  const old = createEnds<Observation>();
  for (const socket of before) old.set(socket.protocol, socket.local.port, socket.remote!, socket);
  return observations.filter((socket) => {
    if (!isOpen(socket)) return false;
    const known = old.get(socket.protocol, socket.local.port, socket.remote!);
    return known === undefined || known.inode !== socket.inode;
  });
}

function byFarEnd(sockets: readonly Observation[], wanted: ReadonlySet<string>): Map<string, Observation[]> {
  const found = new Map<string, Observation[]>();
  if (wanted.size === 0) return found;
  for (const socket of sockets) {
    for (const pid of socket.pids ?? []) {
      const end = farEndOf(pid, socket.protocol, socket.remote!);
      if (!wanted.has(end)) continue;
      const list = found.get(end);
      if (list === undefined) found.set(end, [socket]);
      else list.push(socket);
    }
  }
  return found;
}

export function isOpen(socket: Observation): boolean {
  return socket.remote !== undefined && socket.state !== 'TIME_WAIT' && !isListening(socket);
}

export function portsOf({ local, localPorts }: ConnectEvent): readonly number[] {
  return localPorts ?? (local === undefined ? [] : [local.port]);
}

export function farEndOf(pid: number, protocol: Protocol, { address, port }: Endpoint): string {
  return `${pid} ${protocol} ${port} ${address}`;
}
