import type { Snapshot } from '../types/snapshot.ts';
import { connectionKey } from '../types/socket.ts';
import type { Bytes } from './memory.ts';

/** A recorded answer to "who looked, and what could those eyes see?". */
export interface Look {
  /** Unix ms. */
  at: number;
  origin: 'agent' | 'scan';
  uid: number;
  /** `agent:1000`. */
  observer: string;
  /** Empty when the look saw every socket of what it covered; else its user and its gaps. */
  eyes: string;
  sources: ReadonlySet<string>;
  /** Network namespaces that were read. */
  netns: ReadonlySet<string>;
  /** True when a namespace that was not read has no process any more, so it is gone and not merely out of sight. */
  knowsEveryNamespace: boolean;
  /** Last counters of connections that ended since the look before, by key. */
  lastBytes: ReadonlyMap<string, Bytes>;
}

/** A row of `coverage`: sockets of one source in one namespace, as one kind of eyes sees them. */
export interface Coverage {
  id: number;
  source: string;
  netns: string;
  eyes: string;
  observer: string;
  /** Unix ms of the last look that covered it. */
  lastAt: number;
}

/** What this look can vouch for, worked out from the snapshot alone. */
export function describeLook(snapshot: Snapshot, origin: 'agent' | 'scan', uid: number): Look {
  const sources = new Set(snapshot.sources);
  const netns = new Set<string>();
  let last: { source: string; netns: string } | undefined;
  for (const sockets of [snapshot.listeners, snapshot.connections]) {
    for (const socket of sockets) {
      if (socket.source === last?.source && socket.netns === last.netns) continue;
      last = socket;
      sources.add(socket.source);
      netns.add(socket.netns);
    }
  }
  for (const each of snapshot.interfaces) netns.add(each.netns);
  const gaps = [...new Set(snapshot.blindSpots.filter((spot) => spot.socketsMissing).map((spot) => spot.id))].sort();
  return {
    at: snapshot.at,
    origin,
    uid,
    observer: `${origin}:${uid}`,
    eyes: gaps.length === 0 ? '' : `${uid}:${gaps.join(',')}`,
    sources,
    netns,
    knowsEveryNamespace: gaps.length === 0 && snapshot.processes.every((process) => process.netns !== undefined),
    lastBytes: lastBytesOf(snapshot),
  };
}

/** Of two ends under one key the first is kept: the later one was opened and closed between two looks and has no row. */
function lastBytesOf({ closedSockets = [] }: Snapshot): Map<string, Bytes> {
  const last = new Map<string, Bytes>();
  for (const socket of closedSockets) {
    const key = connectionKey(socket);
    if (!last.has(key)) last.set(key, { bytesOut: socket.bytesOut, bytesIn: socket.bytesIn });
  }
  return last;
}

/**
 * Whether the absence of a socket in this look proves that it is closed. A `scan` with fewer rights, of fewer
 * namespaces or by another collector proves nothing about what the agent sees; a look that sees everything does, and
 * so do the same eyes looking again.
 */
export function covers(look: Look, coverage: Coverage): boolean {
  if (!look.sources.has(coverage.source)) return false;
  if (look.eyes !== '' && look.eyes !== coverage.eyes) return false;
  if (look.netns.has(coverage.netns)) return true;
  return look.knowsEveryNamespace || look.observer === coverage.observer;
}
