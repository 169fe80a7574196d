import type { ConnectEvent } from '../../../types/sensor.ts';
import { type Endpoint, isListening, type Observation, type Protocol } from '../../../types/socket.ts';
import { TIME_WAIT_MS } from '../socket-table.ts';
import { createEnds, type Ends } from './ends.ts';
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
  /** Connections that the look before saw open and of which there was no word yet. */
  let unheard: Observation[] = [];
  /** Remnants that waited in the look before. The kernel may have dropped them by the next one. */
  let early: Observation[] = [];
  let lookedAt = Number.NEGATIVE_INFINITY;

  function placeOf(event: ConnectEvent, port: number, { now, before }: Sockets): Place {
    const { protocol, remote, pid } = event as ConnectEvent & { protocol: Protocol };
    const socket = now.get(protocol, port, remote);
    if (typeof socket === 'object' && socket.state !== 'TIME_WAIT') {
      socket.openedAt ??= event.at;
      // A socket without a file has no holder, and it had one when it was opened.
      if (!socket.pids?.length && socket.inode === undefined) socket.pids = [pid!];
      return { socket };
    }
    const earlier = event.at <= lookedAt ? before.get(protocol, port, remote) : undefined;
    return { ...(typeof socket === 'object' && { remnant: socket }), ...(typeof earlier === 'object' && { earlier }) };
  }

  function isKnown({ local, remote, seenAt, closedAgoMs = Number.POSITIVE_INFINITY }: Observation): boolean {
    return remote !== undefined && remnants.isKnown(local.port, remote, seenAt - closedAgoMs);
  }

  return {
    isKnownRemnant: remnants.isKnown,
    join(observations, connects, { netnsOf, seenAt, isTold }) {
      const sockets = findSockets(observations, unheard, connects);
      const heard = new Set<Observation>();
      const explained = new Set<Observation>();
      const late: Observation[] = [];
      const groups = createGroups();
      for (const event of connects) {
        if (event.protocol === 'icmp') continue;
        const { protocol } = event;
        const pid = event.pid!;
        let count = event.count ?? 1;
        const ports = portsOf(event);
        for (const port of ports) {
          const { socket, remnant, earlier } = placeOf(event, port, sockets);
          if (socket !== undefined) heard.add(socket);
          else if (protocol === 'tcp') remnants.add(port, event.remote, seenAt);
          if (remnant !== undefined) explained.add(remnant);
          if (earlier !== undefined) {
            const { count: _count, localPorts: _ports, ...one } = event;
            late.push(briefOf({ ...one, local: earlier.local }, protocol, 1, earlier.netns, seenAt));
          }
          if (socket !== undefined || earlier !== undefined) count -= 1;
        }
        if (ports.length === 0 && sockets.attempted.has(farEndOf(pid, protocol, event.remote))) count -= 1;
        if (count > 0) groups.add(event, count, () => briefOf(event, protocol, count, netnsOf(pid), seenAt));
      }
      const isTooEarly = isTold && wasTold ? createIsTooEarly(observations) : () => false;
      const isGone = seenAt - lookedAt >= TIME_WAIT_MS;
      const kept = isGone ? early.filter((remnant) => !isKnown(remnant)) : [];
      early = [];
      for (const socket of observations) {
        if (socket.state !== 'TIME_WAIT') kept.push(socket);
        else if (explained.has(socket) || isKnown(socket)) continue;
        else if (isTooEarly(socket)) early.push(socket);
        else kept.push(socket);
      }
      unheard = isTold ? kept.filter((socket) => isOpen(socket) && !heard.has(socket)) : [];
      [wasTold, lookedAt] = [isTold, seenAt];
      return { observations: [...kept, ...late, ...groups.all()], left: groups.left() };
    },
  };
}

/** Word of a connection comes this late on a busy machine. */
const LATE_WORD_MS = 1_000;

/** Where the connection of an event is to be found. */
interface Place {
  /** Open still. */
  socket?: Observation;
  remnant?: Observation;
  /** Seen open by the look before. */
  earlier?: Observation;
}

/** Equal connections of one process, put together. */
function createGroups() {
  const groups = new Map<string, Observation>();
  let left = 0;
  return {
    add({ pid, protocol, remote, outcome }: ConnectEvent, count: number, make: () => Observation): void {
      const key = `${farEndOf(pid!, protocol, remote)} ${outcome === 'failed' ? 'failed' : ''}`;
      const group = groups.get(key);
      if (group !== undefined) {
        group.attempts = (group.attempts ?? 1) + count;
        group.local = { address: group.local.address, port: 0 };
      } else if (groups.size < MAX_BRIEF) groups.set(key, make());
      else left += count;
    },
    all: () => groups.values(),
    left: () => left,
  };
}

interface Sockets {
  /** `wanted`: an event is about it, and it is not there. */
  now: Ends<Observation | 'wanted'>;
  before: Ends<Observation>;
  /** By process and far end, those of which the kernel has not said the port yet. */
  attempted: ReadonlySet<string>;
}

/** The sockets that these events are about. */
function findSockets(
  observations: readonly Observation[],
  unheard: readonly Observation[],
  connects: readonly ConnectEvent[],
): Sockets {
  const now = createEnds<Observation | 'wanted'>();
  const before = createEnds<Observation>();
  const attempted = new Set<string>();
  if (connects.length === 0) return { now, before, attempted };
  for (const event of connects) {
    if (event.protocol === 'icmp') continue;
    for (const port of portsOf(event)) now.set(event.protocol, port, event.remote, 'wanted');
  }
  for (const socket of unheard) {
    const { protocol, local, remote } = socket;
    if (now.get(protocol, local.port, remote!) !== undefined) before.set(protocol, local.port, remote!, socket);
  }
  for (const socket of observations) {
    const { protocol, local, remote } = socket;
    if (remote === undefined || isListening(socket)) continue;
    if (now.get(protocol, local.port, remote) !== undefined) now.set(protocol, local.port, remote, socket);
    if (socket.state === 'SYN_SENT')
      for (const pid of socket.pids ?? []) attempted.add(farEndOf(pid, protocol, remote));
  }
  return { now, before, attempted };
}

function isOpen(socket: Observation): boolean {
  return socket.remote !== undefined && socket.state !== 'TIME_WAIT' && !isListening(socket);
}

function portsOf({ local, localPorts }: ConnectEvent): readonly number[] {
  return localPorts ?? (local === undefined ? [] : [local.port]);
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

function farEndOf(
  pid: number,
  protocol: ConnectEvent['protocol'],
  { address, port }: { address: string; port: number },
): string {
  return `${pid} ${protocol} ${port} ${address}`;
}
