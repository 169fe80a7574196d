import type { LossEvent, SensorEvent } from '../../types/sensor.ts';
import type { EventClock } from './clock.ts';
import { createTcpEvents, LISTEN, type Placed, SYN_SENT } from './connects.ts';
import { createDatagramEvents } from './datagrams.ts';
import type { PageLayout } from './format.ts';
import { walkPage } from './page.ts';
import type { ProcessMap } from './processes.ts';
import type { Decoders, KernelRecord, LossRecord } from './records.ts';

/** Takes pages of all CPUs in any order and tells events in the order of their time. */
export interface Timeline {
  /** One page as it was read. `stream` is the reader: losses are counted from its last event on. */
  addPage(stream: Stream, page: DataView, size: number): void;
  /** Something that could not be read at all. */
  addLoss(source: LossEvent['source'], why: string): void;
  /** Everything up to `untilNs`; what is younger waits for what another CPU may still hold. */
  take(untilNs: number): SensorEvent[];
}

/** One reader of one CPU's buffer. */
export interface Stream {
  source: 'kernel-events' | 'datagrams';
  layout: PageLayout;
  decoders: Decoders;
  /** Time of the last event that was read from it. */
  lastNs: number;
  /** Events that the kernel lost here since the start, by its own counter; `undefined` when that cannot be read. */
  lost: () => number | undefined;
  /** How many of them were told. */
  told: number;
}

/** Records that wait at most; beyond, order is given up rather than memory. Some 100 MB. */
const MAX_WAITING = 500_000;

/** Reading all of `/proc` again after a loss costs tens of ms: a flood of losses must not make it the main work. */
const RELOAD_INTERVAL_NS = 2e9;

export function createTimeline(clock: EventClock, processes: ProcessMap): Timeline {
  const tcp = createTcpEvents(clock.unixMs);
  const datagrams = createDatagramEvents(clock.unixMs);
  let waiting: KernelRecord[] = [];
  let losses: LossEvent[] = [];
  let isStale = false;
  let loadedNs = Number.NEGATIVE_INFINITY;

  function addLoss(
    stream: { source: LossEvent['source']; lastNs: number },
    timeNs: number,
    why: string,
    count?: number,
  ): void {
    const fromNs = Math.min(stream.lastNs, timeNs);
    const { source } = stream;
    waiting.push({ kind: 'loss', timeNs, fromNs, source, why, ...(count === undefined ? {} : { count }) });
  }

  /**
   * A page that is full to its last byte has no room for the number, as with IPv4 datagrams only. So the counter is asked; it
   * may be ahead of the page, and then there is nothing left to tell when the pages catch up.
   */
  function addMissed(stream: Stream, timeNs: number, missed: number | 'unknown'): void {
    const total = stream.lost();
    const count = total === undefined ? (missed === 'unknown' ? undefined : missed) : Math.max(0, total - stream.told);
    if (total !== undefined) stream.told = total;
    if (count !== 0) addLoss(stream, timeNs, 'events came faster than they were read', count);
  }

  function addPage(stream: Stream, page: DataView, size: number): void {
    const { decoders } = stream;
    const first = waiting.length;
    const end = walkPage(stream.layout, page, size, clock.baseNs, (at, length, timeNs) => {
      if (length < 2) return false;
      const record = decoders.get(page.getUint16(at, true))?.(page, at, length, timeNs);
      if (record === false) return false;
      if (record !== undefined) waiting.push(record);
      return true;
    });
    const readNs = clock.elapsedNs();
    // Nothing can have happened after it was read: such a page is as broken as one whose lengths are wrong.
    const malformed = end.malformed ?? (end.lastNs > readNs ? 'a page from the future' : undefined);
    if (malformed !== undefined) {
      waiting.length = first;
      addLoss(stream, readNs, `the kernel's trace buffer held ${malformed}`);
      isStale = true;
      return;
    }
    if (end.missed !== undefined) {
      addMissed(stream, waiting[first]?.timeNs ?? end.lastNs, end.missed);
      if (stream.source === 'kernel-events') isStale = true;
    }
    stream.lastNs = end.lastNs;
  }

  /** Processes that were born or ended unseen would make numbers point to the wrong ones. */
  function reloadWhenStale(): void {
    const nowNs = clock.elapsedNs();
    if (!isStale || nowNs - loadedNs < RELOAD_INTERVAL_NS) return;
    loadedNs = nowNs;
    isStale = false;
    processes.load();
  }

  function apply(record: KernelRecord, out: Placed<SensorEvent>[]): void {
    const { timeNs } = record;
    const at = clock.unixMs(timeNs);
    switch (record.kind) {
      case 'tcp':
        tcp.take(record, needsPid(record) ? processes.pidOf(record.tid) : undefined);
        return;
      case 'lookup':
        datagrams.take(record, processes.pidOf(record.tid));
        return;
      case 'fork': {
        const born = processes.fork(record.tid, record.child, record.cloneFlags);
        if (born) out.push({ timeNs, event: { kind: 'fork', at, ...born, comm: record.comm } });
        return;
      }
      case 'exec':
        processes.exec(record.pid, record.oldTid);
        out.push({ timeNs, event: { kind: 'exec', at, pid: record.pid, filename: record.filename } });
        return;
      case 'exit': {
        const pid = processes.exit(record.tid, record.isGroupDead);
        if (pid === undefined) return;
        tcp.ended(pid);
        out.push({ timeNs, event: { kind: 'exit', at, pid } });
        return;
      }
      case 'loss':
        tellLoss(record, out);
    }
  }

  /** A flood loses something before every page: what one drain lost of one source for one reason is one event. */
  function tellLoss(record: LossRecord, out: Placed<SensorEvent>[]): void {
    const { source, why, count, timeNs } = record;
    const [fromAt, toAt] = [clock.unixMs(record.fromNs), clock.unixMs(timeNs)];
    const same = losses.find((loss) => loss.source === source && loss.why === why);
    if (same === undefined) {
      const event: LossEvent = { kind: 'loss', fromAt, toAt, source, why };
      if (count !== undefined) event.count = count;
      losses.push(event);
      out.push({ timeNs, event });
      return;
    }
    same.fromAt = Math.min(same.fromAt, fromAt);
    same.toAt = Math.max(same.toAt, toAt);
    if (same.count === undefined || count === undefined) delete same.count;
    else same.count += count;
  }

  return {
    addPage,
    addLoss: (source, why) => addLoss({ source, lastNs: clock.elapsedNs() }, clock.elapsedNs(), why),
    take(untilNs) {
      const limitNs = waiting.length > MAX_WAITING ? Number.POSITIVE_INFINITY : untilNs;
      clock.refresh();
      processes.beginBatch();
      reloadWhenStale();
      // Each page is in order already, which this sort makes use of. Equal times keep the order of their CPU.
      waiting.sort((a, b) => a.timeNs - b.timeNs);
      const out: Placed<SensorEvent>[] = [];
      losses = [];
      let taken = 0;
      for (; taken < waiting.length && waiting[taken]!.timeNs <= limitNs; taken++) apply(waiting[taken]!, out);
      waiting = waiting.slice(taken);
      for (const placed of tcp.drain(untilNs)) out.push(placed);
      for (const placed of datagrams.drain(untilNs)) out.push(placed);
      return out.sort((a, b) => a.timeNs - b.timeNs).map(({ event }) => event);
    },
  };
}

/** Only the first record of a socket comes from the process that wanted it. */
function needsPid(record: { to: number }): boolean {
  return record.to === SYN_SENT || record.to === LISTEN;
}
