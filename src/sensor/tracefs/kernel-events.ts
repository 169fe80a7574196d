import { cpus, endianness } from 'node:os';
import type { SensorEvent } from '../../types/sensor.ts';
import { createAddressReader } from './addresses.ts';
import { createEventClock } from './clock.ts';
import { DATAGRAM_EVENTS, type Missing, openStreams, PROCESS_EVENTS, TCP_EVENTS, type WantedEvents } from './events.ts';
import { type Instance, openInstance, sweepInstances } from './instance.ts';
import { requireTracefs, unusable } from './mount.ts';
import { createProcessMap } from './processes.ts';
import { createReader } from './reader.ts';
import { routerWhy } from './router.ts';
import { createTimeline } from './timeline.ts';

/** Connects, listeners, datagrams and processes as the kernel tells them: none is too short to be seen. */
export interface KernelEvents {
  /**
   * What happened since the last call, in the order of its time, except for the last 20 ms, which wait for each other. A TCP
   * connect waits up to 300 ms for its outcome (never beyond the end of its process), so it may be older than what an
   * earlier call told. One call reads 16 MB of each buffer at most; the next one goes on. Pids are processes.
   */
  drain(): SensorEvent[];
  /** What is open. */
  readonly sources: ('tcp' | 'processes' | 'datagrams')[];
  /** What is not, and why. */
  readonly missing: Missing[];
  /**
   * Closes the readers first, then removes the instances; safe to call twice. After rights were dropped the removal may
   * fail: then tracing is off and the memory is freed all the same, and the next start sweeps what is left.
   */
  close(): void;
}

export interface KernelEventOptions {
  /** Where tracefs is or belongs: `/sys/kernel/tracing`. */
  tracingRoot?: string;
  /** `/proc` of the first pid namespace, whose numbers the kernel uses. */
  procRoot?: string;
  /** Unix ms. */
  now?: () => number;
  /** CLOCK_MONOTONIC. */
  monotonicNs?: () => bigint;
  /** Ring buffer of each CPU, for each of the two instances. 4 MB hold some 45,000 connects, or 50,000 datagrams. */
  bufferKbPerCpu?: number;
  /** `auto` leaves them off on a router, where the kernel would pay for each packet that it forwards. */
  datagrams?: 'auto' | 'on' | 'off';
}

/** An event waits this long for one of another CPU that happened before it: a fork before the connect of the child. */
const HOLD_BACK_NS = 20e6;

const DEFAULT_BUFFER_KB = 4_096;
const MIN_BUFFER_KB = 64;
/** Both instances together stay below twice this, however many CPUs there are. */
const MAX_TOTAL_KB = 32 * 1024;

/**
 * Opens the kernel's events in two ring buffers of our own: one for TCP and processes, one for datagrams, so that a flood of
 * datagrams evicts no connect. Needs root, at this moment only. Throws a `UserError` when tracefs cannot be used at all;
 * what a kernel lacks is said in `missing`.
 */
export function openKernelEvents(options: KernelEventOptions = {}): KernelEvents {
  const { tracingRoot = '/sys/kernel/tracing', procRoot = '/proc', datagrams = 'auto' } = options;
  // The first word of an event is taken apart bit by bit, and other machines lay bits out the other way round.
  if (endianness() !== 'LE') throw unusable('this CPU is big-endian, which is not supported');
  requireTracefs(tracingRoot);
  sweepInstances(tracingRoot, procRoot);
  const clock = createEventClock(options.now ?? Date.now, options.monotonicNs ?? process.hrtime.bigint);
  const bufferKb = bufferSize(options.bufferKbPerCpu ?? DEFAULT_BUFFER_KB, cpus().length);
  const processes = createProcessMap(procRoot);
  const timeline = createTimeline(clock, processes);
  const addresses = createAddressReader();
  const instances: Instance[] = [];
  const readers: ReturnType<typeof createReader>[] = [];
  const sources: KernelEvents['sources'] = [];
  const missing: Missing[] = [];

  function open(what: 'tcp' | 'datagrams', wanted: readonly WantedEvents[]): void {
    const instance = openInstance(tracingRoot, what, bufferKb);
    instances.push(instance);
    const opened = openStreams(instance, what === 'tcp' ? 'kernel-events' : 'datagrams', wanted, addresses);
    sources.push(...opened.sources);
    missing.push(...opened.missing);
    for (const stream of opened.streams) stream.lastNs = clock.elapsedNs();
    readers.push(createReader(instance.readers, opened.streams, timeline));
  }

  function close(): void {
    for (const instance of instances.splice(0)) instance.close();
    readers.length = 0;
  }

  try {
    open('tcp', [PROCESS_EVENTS, TCP_EVENTS]);
    const why = datagrams === 'auto' ? routerWhy(procRoot) : undefined;
    if (datagrams === 'off') missing.push({ source: 'datagrams', why: 'switched off' });
    else if (why !== undefined)
      missing.push({ source: 'datagrams', why, fix: 'switch datagrams on if the cost is welcome' });
    else open('datagrams', [DATAGRAM_EVENTS]);
    // Only now: whoever is born from here on is told by an event.
    processes.load();
  } catch (error) {
    close();
    throw error;
  }
  return {
    sources,
    missing,
    drain() {
      if (readers.length === 0) return [];
      if (!sources.includes('processes')) processes.clear();
      const startNs = clock.elapsedNs();
      const readUntil = Math.min(...readers.map((reader) => reader.read()), startNs);
      return timeline.take(readUntil - HOLD_BACK_NS);
    },
    close,
  };
}

/** KB for each CPU of one instance. */
function bufferSize(wantedKb: number, cpuCount: number): number {
  const fair = Math.floor(MAX_TOTAL_KB / Math.max(1, cpuCount));
  return Math.max(MIN_BUFFER_KB, Math.min(Math.floor(wantedKb), fair));
}
