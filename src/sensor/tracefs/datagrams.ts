import type { ConnectEvent } from '../../types/sensor.ts';
import { MAX_LOCAL_PORTS, type Placed } from './connects.ts';
import type { LookupRecord } from './records.ts';

/**
 * Puts looks into the routing tables together to datagrams that were sent. What the kernel tells is "somebody asks for the
 * way to this end": it asks for each send of an unconnected socket, and for a connected one once, at its connect. So an event
 * may stand for a socket that was only pointed at an end (as name resolvers do to choose among addresses), and its count is
 * not the number of packets.
 */
export interface DatagramEvents {
  take(record: LookupRecord, pid: number | undefined): void;
  /** What is settled at `untilNs`, one event for each process and end. Empties itself. */
  drain(untilNs: number): Placed<ConnectEvent>[];
}

/** The looks of one send follow each other within microseconds; an interrupt may come between. */
const SAME_SEND_NS = 1e6;

/** Threads that are in the middle of a send. More cannot be on any number of CPUs; a limit all the same. */
const MAX_ASKING = 8_192;

const UDP = 17;
const UDP_LITE = 136;

interface Asking {
  record: LookupRecord;
  pid: number | undefined;
  firstTable: number;
}

type Attempts = Placed<ConnectEvent> & { count: number; ports: Set<number> };

/** `unixMs` turns ns since the base into Unix ms. */
export function createDatagramEvents(unixMs: (timeNs: number) => number): DatagramEvents {
  /** By thread: its last look. With an error it is not known yet whether another table has the way. */
  const asking = new Map<number, Asking>();
  const attempts = new Map<string, Attempts>();

  function groupOf({ record, pid }: Asking): Attempts {
    const { protocol, family, remoteAddress, remotePort, error } = record;
    const word = protocol === UDP || protocol === UDP_LITE ? 'udp' : 'icmp';
    const key = `${pid ?? '-'} ${word} ${family} ${remoteAddress} ${remotePort} ${error === 0}`;
    let group = attempts.get(key);
    if (group === undefined) {
      const remote = { address: remoteAddress, port: remotePort };
      const event: ConnectEvent = { kind: 'connect', at: unixMs(record.timeNs), protocol: word, family, remote };
      if (pid !== undefined) event.pid = pid;
      if (error !== 0) event.outcome = 'failed';
      group = { timeNs: record.timeNs, event, count: 0, ports: new Set() };
      attempts.set(key, group);
    }
    return group;
  }

  /** Adds what a look knows about the own end. */
  function note(look: Asking, attempt: 0 | 1): void {
    const group = groupOf(look);
    const { localAddress, localPort } = look.record;
    group.count += attempt;
    if (localPort === 0) return;
    if (group.ports.size < MAX_LOCAL_PORTS) group.ports.add(localPort);
    if (!isAny(localAddress)) group.event.local ??= { address: localAddress, port: localPort };
  }

  return {
    take(record, pid) {
      const before = asking.get(record.tid);
      const goesOn = before !== undefined && isSameSend(before, record);
      const current = { record, pid, firstTable: goesOn ? before.firstTable : record.table };
      if (before !== undefined && !goesOn && before.record.error !== 0) note(before, 1);
      // The second look of a connect, which has found its own address by now, is no second attempt.
      if (record.error === 0) note(current, goesOn && before.record.error === 0 ? 0 : 1);
      if (asking.size < MAX_ASKING || before !== undefined) asking.set(record.tid, current);
      else if (record.error !== 0) note(current, 1);
    },
    drain(untilNs) {
      for (const [tid, last] of asking) {
        if (untilNs - last.record.timeNs < SAME_SEND_NS) continue;
        if (last.record.error !== 0) note(last, 1);
        asking.delete(tid);
      }
      const all = [...attempts.values()].map(finish);
      attempts.clear();
      return all;
    },
  };
}

function finish({ timeNs, event, count, ports }: Attempts): Placed<ConnectEvent> {
  if (count > 1) event.count = count;
  if (ports.size > (event.local === undefined ? 0 : 1)) event.localPorts = [...ports];
  return { timeNs, event };
}

/**
 * Whether two looks of one thread belong to one send: a miss goes on in a table that was not asked yet, and a connect asks
 * again once it knows its own address. A send that repeats begins with the same table and the same own address.
 */
function isSameSend({ record: before, firstTable }: Asking, next: LookupRecord): boolean {
  if (before.remoteAddress !== next.remoteAddress || before.remotePort !== next.remotePort) return false;
  if (before.protocol !== next.protocol || next.timeNs - before.timeNs > SAME_SEND_NS) return false;
  const knowsItsAddress = isAny(before.localAddress) && !isAny(next.localAddress);
  if (before.error === 0) return knowsItsAddress && next.error === 0;
  return before.localPort === next.localPort && (firstTable !== next.table || knowsItsAddress);
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
