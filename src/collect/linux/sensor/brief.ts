import type { ConnectEvent } from '../../../types/sensor.ts';
import { isListening, type Observation, type Protocol } from '../../../types/socket.ts';

/** Source of what is known from events alone. */
export const SENSOR_SOURCE = 'sensor';

/** More different ones in one look are summed up; a program that contacts a thousand hosts in two seconds has told its story. */
const MAX_BRIEF = 2_000;

export interface BriefReading {
  observations: Observation[];
  /** Connections that were counted and not listed. */
  left: number;
}

/**
 * Joins events to what the tables show. An event whose socket is still there adds the moment of its opening; one whose
 * socket has left a remnant (TIME_WAIT, which has no owner) takes its place; everything else becomes an observation of
 * its own. Equal connections of one process become one, with their number.
 */
export function briefObservations(
  observations: readonly Observation[],
  connects: readonly ConnectEvent[],
  netnsOf: (pid: number) => string,
  seenAt: number,
): BriefReading {
  if (connects.length === 0) return { observations: [...observations], left: 0 };
  const byEnds = new Map<string, Observation>();
  const attempted = new Map<string, Observation>();
  for (const socket of observations) {
    if (socket.remote === undefined || isListening(socket)) continue;
    byEnds.set(endsOf(socket.protocol, socket.local.port, socket.remote), socket);
    // The kernel names the port of a connect a moment after its event.
    if (socket.state === 'SYN_SENT')
      for (const pid of socket.pids ?? []) attempted.set(farEndOf(pid, socket.protocol, socket.remote), socket);
  }
  const explained = new Set<Observation>();
  const groups = new Map<string, Observation>();
  let left = 0;
  for (const event of connects) {
    if (event.protocol === 'icmp') continue;
    const protocol: Protocol = event.protocol;
    const pid = event.pid!;
    let count = event.count ?? 1;
    const ports = event.localPorts ?? (event.local === undefined ? [] : [event.local.port]);
    for (const port of ports) {
      const socket = byEnds.get(endsOf(protocol, port, event.remote));
      if (socket === undefined) continue;
      if (socket.state === 'TIME_WAIT') explained.add(socket);
      else {
        socket.openedAt ??= event.at;
        count -= 1;
      }
    }
    if (ports.length === 0 && attempted.has(farEndOf(pid, protocol, event.remote))) count -= 1;
    if (count <= 0) continue;
    const key = `${farEndOf(pid, protocol, event.remote)} ${event.outcome === 'failed' ? 'failed' : ''}`;
    const group = groups.get(key);
    if (group !== undefined) {
      group.attempts = (group.attempts ?? 1) + count;
      group.local = { address: group.local.address, port: 0 };
    } else if (groups.size < MAX_BRIEF) groups.set(key, briefOf(event, protocol, count, netnsOf(pid), seenAt));
    else left += count;
  }
  const kept = explained.size === 0 ? [...observations] : observations.filter((socket) => !explained.has(socket));
  return { observations: [...kept, ...groups.values()], left };
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
      count === 1 && event.local !== undefined
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

function endsOf(protocol: Protocol, localPort: number, { address, port }: { address: string; port: number }): string {
  return `${protocol} ${localPort} ${port} ${address}`;
}

function farEndOf(pid: number, protocol: Protocol, { address, port }: { address: string; port: number }): string {
  return `${pid} ${protocol} ${port} ${address}`;
}
