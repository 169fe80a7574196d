import type { NameBlindness, NameEvent, SensorEvent, SensorStatus } from '../types/sensor.ts';
import { SENSOR_PROTOCOL } from '../types/sensor-wire.ts';
import { createNameHistory } from './name-history.ts';
import type { SensorServer } from './server.ts';

/** A source of events that is open already. */
export interface EventSource {
  /** Everything since the last call, in the order of its time. */
  drain(): SensorEvent[];
  sources: SensorStatus['sources'];
  missing: SensorStatus['missing'];
  blindness?(): NameBlindness;
  close(): void;
}

export interface SensorLoop {
  sources: readonly EventSource[];
  now: () => number;
  pid: number;
  stop: AbortSignal;
  /** Told of a source that threw. */
  onError?: (error: unknown) => void;
}

/**
 * Time between two looks at the buffers, ms. A connection waits half of it on average until somebody hears of it; an idle
 * machine pays some half percent of a core for it.
 */
const DRAIN_MS = 50;
/** While there is much to read: the buffers of the kernel must not run over. */
const BUSY_DRAIN_MS = 20;
const BUSY_EVENTS = 200;
const STATUS_EVERY_MS = 10_000;
/** A source that goes on failing is told of this often: each telling is a blind period in the record of every reader. */
const FAILURE_EVERY_MS = 10_000;

/** Reads the sources and tells all readers, until stopped. Sources and rights are the caller's affair. */
export function createSensor(loop: SensorLoop) {
  const { sources, now } = loop;
  const startedAt = now();
  const counts = { connects: 0, listens: 0, names: 0, lost: 0 };
  const names = createNameHistory();
  /** Sources that fail, why, and until when that was told. */
  const failing = new Map<EventSource, { why: string; toldAt: number }>();
  let server: SensorServer | undefined;

  /** A source that fails is blind, and the others go on; it is asked again at the next turn. */
  function drain(source: EventSource): SensorEvent[] {
    const before = failing.get(source);
    try {
      const events = source.drain();
      if (before === undefined) return events;
      failing.delete(source);
      return [blindness(source, before.why, before.toldAt), ...events];
    } catch (error) {
      const why = `reading failed: ${error instanceof Error ? error.message.slice(0, 200) : 'without a reason'}`;
      if (before === undefined) loop.onError?.(error);
      else if (Math.abs(now() - before.toldAt) < FAILURE_EVERY_MS) return [];
      failing.set(source, { why, toldAt: now() });
      return [blindness(source, why, before?.toldAt ?? now())];
    }
  }

  function blindness(source: EventSource, why: string, fromAt: number): SensorEvent {
    return { kind: 'loss', source: lossSourceOf(source), fromAt, toAt: now(), why };
  }

  function count(events: readonly SensorEvent[]): void {
    for (const event of events) {
      if (event.kind === 'connect') counts.connects += event.count ?? 1;
      else if (event.kind === 'listen') counts.listens += 1;
      else if (event.kind === 'loss') counts.lost += event.count ?? 0;
      else if (event.kind === 'name') {
        counts.names += 1;
        names.add(event);
      }
    }
  }

  /** One turn; how many events it brought. */
  function turn(): number {
    const events = sources.flatMap(drain);
    count(events);
    server?.publish(events);
    return events.length;
  }

  const sensor = {
    status(): SensorStatus {
      const hidden = sum(sources.flatMap((source) => source.blindness?.() ?? []));
      return {
        version: SENSOR_PROTOCOL,
        pid: loop.pid,
        startedAt,
        sources: [...new Set(sources.flatMap((source) => source.sources))],
        missing: [
          ...sources.flatMap((source) => source.missing),
          ...[...failing].map(([source, { why }]) => ({ source: source.sources.join(', '), why })),
        ],
        ...(hidden && { nameBlindness: hidden }),
        counts: { ...counts, lost: counts.lost + (server?.dropped() ?? 0) },
      };
    },
    /** Names seen lately, for a reader that comes later. */
    past: (): NameEvent[] => names.recent(now()),
    /** Resolves when stopped; the sources are closed then. */
    async run(to: SensorServer): Promise<void> {
      server = to;
      let toldAt = now();
      try {
        while (!loop.stop.aborted) {
          const found = turn();
          if (Math.abs(now() - toldAt) >= STATUS_EVERY_MS) {
            toldAt = now();
            server.tellStatus();
          }
          await pause(found > BUSY_EVENTS ? BUSY_DRAIN_MS : DRAIN_MS, loop.stop);
        }
        turn();
      } finally {
        for (const source of sources) source.close();
        server.close();
      }
    },
  };
  return sensor;
}

function sum(all: readonly NameBlindness[]): NameBlindness | undefined {
  if (all.length === 0) return undefined;
  const total = { dot: 0, doh: 0, ech: 0, malformed: 0 };
  for (const one of all) for (const key of ['dot', 'doh', 'ech', 'malformed'] as const) total[key] += one[key];
  return total;
}

function lossSourceOf({ sources }: EventSource): 'names' | 'kernel-events' {
  return sources.includes('names') ? 'names' : 'kernel-events';
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
