import type { Endpoint, Observation, Protocol, SocketState } from '../../types/socket.ts';
import { type AddressDecoder, readHex } from './hex-address.ts';

/** What a table does not say about its own sockets. */
export interface TableContext {
  source: string;
  seenAt: number;
  netns: string;
  protocol: Protocol;
  family: 4 | 6;
}

/** Turns one of `/proc/net/{tcp,tcp6,udp,udp6}` into observations, chunk by chunk. */
export interface TableParser {
  readonly observations: Observation[];
  /** Lines that are not as the kernel writes them; each may have hidden a socket. */
  readonly malformed: number;
  /** Takes `length` bytes from the start of `bytes`; returns how many of them were whole lines and are done with. */
  push(bytes: Buffer, length: number): number;
  /** Ends the table; `left` bytes without a line end were still there. */
  end(left: number): void;
}

const SPACE = 0x20;
const COLON = 0x3a;
const NEWLINE = 0x0a;

// include/net/tcp_states.h. The kernel uses the same numbers for UDP, where only two of them occur.
const TCP_STATES: readonly SocketState[] = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

/** `tr` of a connection that is over and only waits out its time, whatever state it prints. */
const TIMER_TIMEWAIT = 3;
/** TCP_TIMEWAIT_LEN of the kernel, a constant since 1993. */
export const TIME_WAIT_MS = 60_000;
/** `tm->when` counts in USER_HZ, which is 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;
/** More digits than any inode has; beyond them a number would lose precision and name another socket. */
const MAX_DIGITS = 15;

export function createTableParser(context: TableContext, addresses: AddressDecoder): TableParser {
  const { source, seenAt, netns, protocol, family } = context;
  const digits = family === 4 ? 8 : 32;
  const observations: Observation[] = [];
  let malformed = 0;
  let started = false;
  let cursor = 0;

  /** Decimal number at `cursor` after blanks; -1 when there is none. */
  function decimal(bytes: Buffer, end: number): number {
    while (cursor < end && bytes[cursor] === SPACE) cursor += 1;
    const first = cursor;
    let value = 0;
    while (cursor < end) {
      const digit = bytes[cursor]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      cursor += 1;
    }
    return cursor === first || cursor - first > MAX_DIGITS ? -1 : value;
  }

  function endpoint(bytes: Buffer, at: number): Endpoint | undefined {
    const address = family === 4 ? addresses.v4(bytes, at) : addresses.v6(bytes, at);
    const port = readHex(bytes, at + digits + 1, 4);
    if (address === undefined || port < 0 || bytes[at + digits] !== COLON) return undefined;
    return bytes[at + digits + 5] === SPACE ? { address, port } : undefined;
  }

  /** `  12: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 21973 1 …` */
  function parseLine(bytes: Buffer, start: number, end: number): Observation | undefined {
    cursor = start;
    if (decimal(bytes, end) < 0 || bytes[cursor] !== COLON || bytes[cursor + 1] !== SPACE) return undefined;
    const at = cursor + 2;
    if (at + 2 * digits + 62 > end) return undefined;
    const local = endpoint(bytes, at);
    const remote = endpoint(bytes, at + digits + 6);
    if (local === undefined || remote === undefined) return undefined;

    const tail = at + 2 * digits + 12;
    const stateNumber = readHex(bytes, tail, 2);
    const timer = readTimer(bytes, tail + 21, end);
    if (stateNumber < 0 || timer === undefined || !isQueues(bytes, tail + 2)) return undefined;

    cursor = timer.end;
    const uid = decimal(bytes, end);
    const afterUid = cursor;
    while (bytes[cursor] === SPACE) cursor += 1;
    if (bytes[cursor] === 0x2d) cursor += 1; // the timeout column is signed
    const timeout = decimal(bytes, end);
    const afterTimeout = cursor;
    const inode = decimal(bytes, end);
    if (uid < 0 || timeout < 0 || inode < 0 || bytes[afterUid] !== SPACE || bytes[afterTimeout] !== SPACE) {
      return undefined;
    }
    // A line that stops inside the inode would name another socket: a blank or the line end must follow.
    if (cursor < end && bytes[cursor] !== SPACE) return undefined;
    return observe(local, remote, stateNumber, timer, uid, inode);
  }

  function observe(
    local: Endpoint,
    remote: Endpoint,
    stateNumber: number,
    timer: Timer,
    uid: number,
    inode: number,
  ): Observation {
    const state = stateOf(protocol, stateNumber);
    const observation: Observation = { source, seenAt, netns, protocol, family, state, local };
    if (state !== 'LISTEN' && state !== 'UNCONN') observation.remote = remote;
    if (inode > 0) observation.inode = inode;
    // Without a socket behind it the kernel prints uid 0 for everybody, except where it asks the listener.
    if (inode > 0 || state === 'SYN_RECV' || state === 'NEW_SYN_RECV') observation.uid = uid;
    if (state === 'TIME_WAIT' && timer.kind === TIMER_TIMEWAIT) {
      observation.closedAgoMs = Math.max(0, TIME_WAIT_MS - timer.ticks * MS_PER_TICK);
    }
    return observation;
  }

  function line(bytes: Buffer, start: number, end: number): void {
    if (!started) {
      started = true;
      if (isHeader(bytes, start, end)) return;
      malformed += 1; // the header itself is missing: this is not the beginning of a table
    }
    const observation = parseLine(bytes, start, end);
    if (observation === undefined) malformed += 1;
    else observations.push(observation);
  }

  return {
    observations,
    get malformed() {
      return malformed;
    },
    push(bytes, length) {
      let start = 0;
      for (;;) {
        const end = bytes.indexOf(NEWLINE, start);
        if (end < 0 || end >= length) return start;
        line(bytes, start, end);
        start = end + 1;
      }
    },
    end(left) {
      if (left > 0 || !started) malformed += 1;
      started = true;
    },
  };
}

interface Timer {
  kind: number;
  /** USER_HZ until it fires. */
  ticks: number;
  /** First byte after the retransmit column. */
  end: number;
}

/** `tr:tm->when retrnsmt`. `tm->when` is a long: at least eight digits, more when the timer lies far ahead. */
function readTimer(bytes: Buffer, at: number, end: number): Timer | undefined {
  const kind = readHex(bytes, at, 2);
  if (kind < 0 || bytes[at - 1] !== SPACE || bytes[at + 2] !== COLON) return undefined;
  let stop = at + 11;
  while (stop < end && stop < at + 19 && bytes[stop] !== SPACE) stop += 1;
  const ticks = readHex(bytes, at + 3, Math.min(stop - at - 3, 12));
  if (ticks < 0 || bytes[stop] !== SPACE || readHex(bytes, stop + 1, 8) < 0 || bytes[stop + 9] !== SPACE) {
    return undefined;
  }
  return { kind, ticks, end: stop + 9 };
}

/** ` 00000000:00000000` */
function isQueues(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === SPACE &&
    readHex(bytes, at + 1, 8) >= 0 &&
    bytes[at + 9] === COLON &&
    readHex(bytes, at + 10, 8) >= 0 &&
    bytes[at + 18] === SPACE
  );
}

/** `  sl  local_address rem_address   st …` */
function isHeader(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at] === SPACE) at += 1;
  return bytes
    .toString('latin1', at, Math.min(end, at + 17))
    .replace(/ +/, ' ')
    .startsWith('sl local_address');
}

/** State by its number in `net/tcp_states.h`. */
export function stateOf(protocol: Protocol, number: number): SocketState {
  if (protocol === 'udp') return number === 1 ? 'ESTABLISHED' : number === 7 ? 'UNCONN' : 'UNKNOWN';
  return TCP_STATES[number] ?? 'UNKNOWN';
}
