import type { ConnectEvent } from '../../../types/sensor.ts';
import { type Endpoint, isListening, type Observation, type Protocol } from '../../../types/socket.ts';
import { TIME_WAIT_MS } from '../socket-table.ts';
import {
  type EventSockets,
  farEndOf,
  findEventSockets,
  isOpen,
  type PastLook,
  portsOf,
  type TransportEvent,
} from './event-sockets.ts';
import { createRemnants } from './remnants.ts';

/** Source of what is known from events alone. */
export const SENSOR_SOURCE = 'sensor';

/** More different ones in one look are summed up; a program that contacts a thousand hosts in two seconds has told its story. */
const MAX_BRIEF = 2_000;

export interface BriefReading {
  observations: Observation[];
  /** Connections that were counted and not listed. */
  left: number;
}

export interface BriefRequest {
  netnsOf: (pid: number) => string;
  seenAt: number;
  /** Whether a sensor tells of TCP connections. */
  isTold: boolean;
}

/** Joins events to what the tables show, look after look. */
export interface Briefs {
  /**
   * An event whose socket is still there adds the moment of its opening, and who opened it; one whose socket has left a
   * remnant (TIME_WAIT, which has no owner) takes its place, in this look and in those that still see the remnant; one that
   * comes after the look that saw its socket stays by itself, for the record to know it again; everything else becomes an
   * observation of its own. Equal connections of one process become one, with their number. A remnant of which there is no
   * word yet waits for the next look, because without it the connection would be there twice.
   */
  join(observations: readonly Observation[], connects: readonly ConnectEvent[], request: BriefRequest): BriefReading;
  /** Whether a TIME_WAIT that ended then is left of a connection that was joined before. */
  isKnownRemnant(localPort: number, remote: Endpoint, closedAt: number): boolean;
}

export function createBriefs(): Briefs {
  const remnants = createRemnants();
  /** Whether the look before had somebody who tells; what was told before a first one is not known. */
  let wasTold = false;
  /** What the look before saw open, and of which of these there was word. */
  let before: PastLook = { at: Number.NEGATIVE_INFINITY, open: [], heard: new Set() };
  /** Remnants that waited in the look before. The kernel may have dropped them by the next one. */
  let early: Observation[] = [];

  function isKnown({ local, remote, seenAt, closedAgoMs = Number.POSITIVE_INFINITY }: Observation): boolean {
    return remote !== undefined && remnants.isKnown(local.port, remote, seenAt - closedAgoMs);
  }

  /** Takes off what the tables show of an event; the attempts that are left, and those that the look before saw. */
  function place(event: TransportEvent, sockets: EventSockets, seenAt: number): { left: number; late: Observation[] } {
    const { protocol, remote, pid } = event;
    let left = event.count ?? 1;
    const late: Observation[] = [];
    for (const port of portsOf(event)) {
      const socket = sockets.open(protocol, port, remote);
      const earlier =
        socket === undefined && event.at <= before.at ? sockets.earlier(protocol, port, remote) : undefined;
      if (socket !== undefined) markOpened(socket, event);
      else if (protocol === 'tcp') remnants.add(port, remote, seenAt);
      if (earlier !== undefined) late.push(earlier);
      if (socket !== undefined || earlier !== undefined) left -= 1;
    }
    // The kernel names the port of a connect a moment after its event, and some come without.
    for (let unnamed = (event.count ?? 1) - portsOf(event).length; unnamed > 0; unnamed -= 1) {
      const socket = sockets.openTo(pid!, protocol, remote);
      const earlier =
        socket === undefined && event.at <= before.at ? sockets.earlierTo(pid!, protocol, remote) : undefined;
      if (socket === undefined && earlier === undefined) break;
      if (socket !== undefined) markOpened(socket, event);
      if (earlier !== undefined) late.push(earlier);
      left -= 1;
    }
    return { left, late };
  }

  return {
    isKnownRemnant: remnants.isKnown,
    join(observations, connects, { netnsOf, seenAt, isTold }) {
      // Those whose port is known choose first.
      const [named, nameless] = byPorts(connects.filter(isTransport));
      const events = [...named, ...nameless];
      const sockets = findEventSockets(observations, before, events);
      const late: Observation[] = [];
      const groups = createGroups();
      for (const event of events) {
        const { protocol, pid } = event;
        const placed = place(event, sockets, seenAt);
        for (const { local, netns } of placed.late) {
          const { count: _count, localPorts: _ports, ...one } = event;
          late.push(briefOf({ ...one, local }, protocol, 1, netns, seenAt));
        }
        const { left } = placed;
        if (left > 0) groups.add(event, left, () => briefOf(event, protocol, left, netnsOf(pid!), seenAt));
      }
      const isTooEarly = isTold && wasTold ? createIsTooEarly(observations) : () => false;
      const isGone = seenAt - before.at >= TIME_WAIT_MS;
      const kept = isGone ? early.filter((remnant) => !isKnown(remnant)) : [];
      early = [];
      for (const socket of observations) {
        if (socket.state !== 'TIME_WAIT') kept.push(socket);
        else if (sockets.isExplained(socket) || isKnown(socket)) continue;
        else if (isTooEarly(socket)) early.push(socket);
        else kept.push(socket);
      }
      before = { at: seenAt, open: isTold ? kept.filter(isOpen) : [], heard: sockets.heard };
      wasTold = isTold;
      return { observations: [...kept, ...late, ...groups.all()], left: groups.left() };
    },
  };
}

function isTransport(event: ConnectEvent): event is TransportEvent {
  return event.protocol !== 'icmp';
}

/** Those of which all ports are known, and the others. */
function byPorts(events: readonly TransportEvent[]): [TransportEvent[], TransportEvent[]] {
  const isNamed = (event: TransportEvent) => portsOf(event).length >= (event.count ?? 1);
  return [events.filter(isNamed), events.filter((event) => !isNamed(event))];
}

function markOpened(socket: Observation, { at, pid }: ConnectEvent): void {
  socket.openedAt ??= at;
  // A socket without a file has no holder, and it had one when it was opened.
  if (!socket.pids?.length && socket.inode === undefined) socket.pids = [pid!];
}

/** Word of a connection comes this late on a busy machine. */
const LATE_WORD_MS = 1_000;

/** Equal connections of one process, put together. */
function createGroups() {
  const groups = new Map<string, Observation>();
  let left = 0;
  return {
    add({ at, pid, protocol, remote, outcome }: TransportEvent, count: number, make: () => Observation): void {
      const key = `${farEndOf(pid!, protocol, remote)} ${outcome === 'failed' ? 'failed' : ''}`;
      const group = groups.get(key);
      if (group !== undefined) {
        group.attempts = (group.attempts ?? 1) + count;
        group.local = { address: group.local.address, port: 0 };
        group.openedAt = Math.min(group.openedAt!, at);
      } else if (groups.size < MAX_BRIEF) groups.set(key, make());
      else left += count;
    },
    all: () => groups.values(),
    left: () => left,
  };
}

/** Whether a remnant is so young that the event of its connection may still be on its way; what called here has none. */
function createIsTooEarly(observations: readonly Observation[]): (remnant: Observation) => boolean {
  let listening: Set<number> | undefined;
  return ({ closedAgoMs, local }) => {
    if (closedAgoMs === undefined || closedAgoMs >= LATE_WORD_MS) return false;
    listening ??= new Set(observations.filter(isListening).map((socket) => socket.local.port));
    return !listening.has(local.port);
  };
}

function briefOf(event: ConnectEvent, protocol: Protocol, count: number, netns: string, seenAt: number): Observation {
  const unknownEnd = { address: event.family === 6 ? '::' : '0.0.0.0', port: 0 };
  return {
    source: SENSOR_SOURCE,
    seenAt,
    netns,
    protocol,
    family: event.family,
    state: 'CLOSE',
    local:
      event.count === undefined && event.local !== undefined
        ? event.local
        : { ...unknownEnd, address: event.local?.address ?? unknownEnd.address },
    remote: event.remote,
    pids: [event.pid!],
    openedAt: event.at,
    brief: true,
    ...(count > 1 && { attempts: count }),
    ...(event.outcome !== undefined && { outcome: event.outcome }),
  };
}
