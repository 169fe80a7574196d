import type { ClosedSocket, ClosedSocketLoss } from '../../types/collector.ts';
import { errorName } from '../libc.ts';
import { createAddressReader } from './address.ts';
import { endFilter } from './end-filter.ts';
import { createInetDiagParser, type DiagSocket, readCookie } from './inet-diag.ts';
import { MESSAGE } from './layout.ts';
import { messagesOf } from './messages.ts';
import { LITTLE_ENDIAN, type NetlinkSocket, openSockDiag } from './socket.ts';

/** TCP connections of our network namespace that ended and carried something; on old kernels also empty ones. */
export interface DestroyStream {
  /** What ended since the last call, in the order of the kernel, and the times in which we may have missed some. */
  drain(): { closed: ClosedSocket[]; losses: ClosedSocketLoss[] };
  /** Nothing is told after it. */
  close(): void;
}

export interface DestroyStreamOptions {
  /** Number of our own network namespace, which every connection is marked with. */
  netns?: string;
  now?: () => number;
  /** Time between two readings by ourselves, ms; 0: only at `drain`. */
  everyMs?: number;
  /** Most connections held between two calls of `drain`. */
  limit?: number;
  open?: (groups: number) => NetlinkSocket | { why: string };
  /** Byte order of the kernel's messages. */
  little?: boolean;
}

/** SKNLGRP_INET_TCP_DESTROY is group 1, SKNLGRP_INET6_TCP_DESTROY group 3. */
const GROUPS = (1 << 0) | (1 << 2);
/** What root gets. Everybody else gets what net.core.rmem_max allows, commonly 208 KiB: some 170 ends. */
const RECEIVE_BYTES = 8 * 1024 * 1024;
/** With those 170 ends up to some 700 closes in a second are seen whole by an ordinary user. */
const EVERY_MS = 250;
/** About 20 MB at the most, and a second's worth of what one core can open and close. */
const LIMIT = 50_000;
/** One reading fetches no more, so that a flood cannot hold the event loop: some 50 ms. */
const READS_AT_ONCE = 10_000;
/** Losses are joined to one beyond this. */
const MAX_LOSSES = 100;

/**
 * Joins the groups in which the kernel tells every TCP socket that it frees, with its last counters. No rights are needed.
 * It says nothing of owners: match by address, or by cookie. Ends that no `drain` fetched in time are counted as a
 * loss, also those of other users: whoever opens and closes fast enough can blind this stream, but not unnoticed. Whoever
 * aborts a connection (SO_LINGER of 0) sets its own counters to zero first, so a count seen earlier is to be kept.
 */
export function openDestroyStream(options: DestroyStreamOptions = {}): DestroyStream | { why: string } {
  const {
    netns = 'own',
    now = Date.now,
    everyMs = EVERY_MS,
    limit = LIMIT,
    open = openSockDiag,
    little = LITTLE_ENDIAN,
  } = options;
  const opened = open(GROUPS);
  if ('why' in opened) return opened;
  const socket: NetlinkSocket = opened;
  socket.setReceiveBuffer(RECEIVE_BYTES);
  socket.setFilter(endFilter());

  const buffer = Buffer.alloc(8192);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const parser = createInetDiagParser(createAddressReader(), little);
  let closed: ClosedSocket[] = [];
  let losses: ClosedSocketLoss[] = [];
  /** Until then everything was fetched. */
  let wholeAt = now();
  let isOpen = true;

  function lose(toAt: number, why: string): void {
    const last = losses.at(-1);
    // The clock may have been set back.
    const loss = { fromAt: Math.min(wholeAt, toAt), toAt, why };
    if (last !== undefined && (last.why === why || losses.length >= MAX_LOSSES)) last.toAt = toAt;
    else losses.push(loss);
  }

  function take(length: number, at: number): void {
    for (const message of messagesOf(view, length, little)) {
      const ended = message?.type === MESSAGE.socket ? parser.socket(view, message.start, message.end) : undefined;
      if (message === undefined || (message.type === MESSAGE.socket && ended === undefined)) {
        lose(at, 'the kernel described the end of a connection in an unknown form');
      }
      if (ended === undefined || !wasConnection(ended)) continue;
      if (closed.length >= limit) lose(at, 'more connections ended than are held in memory');
      else closed.push(toClosed(ended, readCookie(view, message!.start, little), netns, at));
    }
  }

  function fetch(): void {
    if (!isOpen) return;
    const at = now();
    for (let reads = 0; reads < READS_AT_ONCE; reads += 1) {
      const received = socket.receive(buffer);
      if (received.kind === 'empty') {
        wholeAt = at;
        return;
      }
      if (received.kind === 'data') take(received.length, at);
      else if (received.kind === 'truncated') lose(at, 'the end of a connection was told at unknown length');
      else if (received.kind === 'error') {
        const name = errorName(received.errno);
        lose(at, name === 'ENOBUFS' ? 'connections ended faster than they were fetched' : `the stream broke (${name})`);
        if (name !== 'ENOBUFS') return;
      }
    }
  }

  const timer = everyMs > 0 ? setInterval(fetch, everyMs).unref() : undefined;
  return {
    drain() {
      fetch();
      const result = { closed, losses };
      closed = [];
      losses = [];
      return result;
    },
    close() {
      if (isOpen) socket.close();
      isOpen = false;
      clearInterval(timer);
    },
  };
}

/** Listeners and sockets that never went anywhere are told as well; an aborted connection has lost its far end. */
function wasConnection(socket: DiagSocket): boolean {
  return socket.remotePort !== 0 || (socket.counters?.bytesAcked ?? 0) > 0 || (socket.counters?.bytesReceived ?? 0) > 0;
}

/**
 * Which end began, and whether the peer's FIN came in time, is not told: payload is the counters less one for each of
 * SYN and FIN that may be in them, so at most two bytes less than was acknowledged and one less than was received.
 * Where the kernel says what was sent (Linux 4.19), `bytesOut` is exact once everything was acknowledged.
 */
function toClosed(socket: DiagSocket, cookie: bigint, netns: string, at: number): ClosedSocket {
  const { counters } = socket;
  const acknowledged = counters?.bytesAcked ?? 0;
  const sent = counters?.bytesSentOnce;
  return {
    at,
    family: socket.family,
    protocol: 'tcp',
    netns,
    local: { address: socket.localAddress, port: socket.localPort },
    remote: { address: socket.remoteAddress, port: socket.remotePort },
    bytesOut:
      sent !== undefined && acknowledged > sent ? sent : Math.max(0, acknowledged - (sent === undefined ? 2 : 1)),
    bytesIn: Math.max(0, (counters?.bytesReceived ?? 0) - 1),
    cookie: `${cookie}`,
  };
}
