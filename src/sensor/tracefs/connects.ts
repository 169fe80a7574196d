import type { ConnectEvent, ListenEvent } from '../../types/sensor.ts';
import type { TcpRecord } from './records.ts';

/** An event and the moment that decides its place, ns since the base of the clock. */
export interface Placed<Event> {
  timeNs: number;
  event: Event;
}

/** Puts the state changes of TCP sockets together to connects and listeners. */
export interface TcpEvents {
  take(record: TcpRecord, pid: number | undefined): void;
  /** A process ended: its connects are told now, so that none comes after the end of its process. */
  ended(pid: number): void;
  /** What can be told at `nowNs`: connects whose outcome is known or was waited for, and listeners. Empties itself. */
  drain(nowNs: number): Placed<ConnectEvent | ListenEvent>[];
}

/** Kernel numbers of the states that matter here. */
const ESTABLISHED = 1;
export const SYN_SENT = 2;
const CLOSE = 7;
export const LISTEN = 10;

/**
 * A connect waits this long for its outcome, which brings the local port: a round trip to the far side of the earth takes
 * some 300 ms. An answer that comes later is not told.
 */
export const OUTCOME_WAIT_NS = 300e6;

/** Connects that wait. A scan of thousands of dead hosts makes more: then the oldest is told without outcome. */
const MAX_WAITING = 32_768;

/**
 * Connects that one event stands for at most, so that it has room for all of their local ports: by these a reader tells
 * whose the remnants are that the kernel keeps of them.
 */
export const MAX_LOCAL_PORTS = 256;

type Waiting = Placed<ConnectEvent>;

/** `unixMs` turns ns since the base into Unix ms. */
export function createTcpEvents(unixMs: (timeNs: number) => number): TcpEvents {
  /** By socket, in the order of time. The pid of a record after the first is a bystander's and never looked at. */
  const waiting = new Map<number, Waiting>();
  const ended = new Set<number>();
  let ready: Waiting[] = [];
  let listens: Placed<ListenEvent>[] = [];

  function release(socket: number, connect: Waiting): void {
    waiting.delete(socket);
    ready.push(connect);
  }

  function begin(record: TcpRecord, pid: number | undefined): void {
    const before = waiting.get(record.socket);
    if (before !== undefined) release(record.socket, before);
    if (waiting.size >= MAX_WAITING) {
      const [socket, oldest] = waiting.entries().next().value!;
      release(socket, oldest);
    }
    const event: ConnectEvent = {
      kind: 'connect',
      at: unixMs(record.timeNs),
      protocol: 'tcp',
      family: record.family,
      remote: { address: record.remoteAddress, port: record.remotePort },
    };
    if (pid !== undefined) event.pid = pid;
    if (record.localPort !== 0) event.local = { address: record.localAddress, port: record.localPort };
    waiting.set(record.socket, { timeNs: record.timeNs, event });
  }

  function answered(record: TcpRecord): void {
    const connect = waiting.get(record.socket);
    if (connect === undefined) return;
    if (record.localPort !== 0) connect.event.local = { address: record.localAddress, port: record.localPort };
    if (record.to === ESTABLISHED) connect.event.outcome = 'established';
    else if (record.to === CLOSE) connect.event.outcome = 'failed';
    else return; // Both ends called each other: goes on.
    release(record.socket, connect);
  }

  return {
    take(record, pid) {
      if (record.to === SYN_SENT) begin(record, pid);
      else if (record.to === LISTEN) {
        const local = { address: record.localAddress, port: record.localPort };
        const event: ListenEvent = { kind: 'listen', at: unixMs(record.timeNs), family: record.family, local };
        if (pid !== undefined) event.pid = pid;
        listens.push({ timeNs: record.timeNs, event });
      } else if (record.from === SYN_SENT) answered(record);
    },
    ended(pid) {
      if (waiting.size > 0) ended.add(pid);
    },
    drain(nowNs) {
      for (const [socket, connect] of waiting) {
        const isLate = nowNs - connect.timeNs > OUTCOME_WAIT_NS;
        if (isLate || (connect.event.pid !== undefined && ended.has(connect.event.pid))) release(socket, connect);
        else if (ended.size === 0) break; // All that follow are younger.
      }
      ended.clear();
      const told = ready.length > 1 ? together(ready) : ready;
      const all = [...told, ...listens];
      ready = [];
      listens = [];
      return all;
    },
  };
}

/**
 * Connects of one process to one end with one outcome are one event: they are some tens of ms apart, and each event costs
 * every reader.
 */
function together(connects: readonly Waiting[]): Waiting[] {
  const groups = Map.groupBy(connects, ({ event: { pid, family, remote, outcome } }) => {
    return `${pid ?? '-'} ${family} ${remote.address} ${remote.port} ${outcome ?? '-'}`;
  });
  const told: Waiting[] = [];
  for (const group of groups.values()) {
    for (let at = 0; at < group.length; at += MAX_LOCAL_PORTS) told.push(asOne(group.slice(at, at + MAX_LOCAL_PORTS)));
  }
  return told;
}

/** At the time of the first of them. */
function asOne(connects: readonly Waiting[]): Waiting {
  let first = connects[0]!;
  const localPorts: number[] = [];
  for (const connect of connects) {
    if (connect.timeNs < first.timeNs) first = connect;
    if (connect.event.local !== undefined) localPorts.push(connect.event.local.port);
  }
  if (connects.length === 1) return first;
  return { timeNs: first.timeNs, event: { ...first.event, count: connects.length, localPorts } };
}
