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

/** Up to here every connect is its own event; a drain with more tells those of one process to one end as one. */
export const MAX_SINGLE = 200;

/** Local ports that one event lists; the count goes on. */
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
      const told = ready.length > MAX_SINGLE ? aggregate(ready) : ready;
      const all = [...told, ...listens];
      ready = [];
      listens = [];
      return all;
    },
  };
}

/** One event for each process, end and outcome, at the time of the first; the order is that of the first ones. */
function aggregate(connects: readonly Waiting[]): Waiting[] {
  const groups = new Map<string, Waiting & { count: number; ports: number[] }>();
  for (const connect of connects) {
    const { pid, family, remote, local, outcome } = connect.event;
    const key = `${pid ?? '-'} ${family} ${remote.address} ${remote.port} ${outcome ?? '-'}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { ...connect, count: 0, ports: [] };
      groups.set(key, group);
    }
    if (connect.timeNs < group.timeNs) {
      group.timeNs = connect.timeNs;
      group.event = connect.event;
    }
    group.count++;
    if (local !== undefined && group.ports.length < MAX_LOCAL_PORTS) group.ports.push(local.port);
  }
  return [...groups.values()].map(({ timeNs, event, count, ports }) => ({
    timeNs,
    event: count === 1 ? event : { ...event, count, localPorts: ports },
  }));
}
