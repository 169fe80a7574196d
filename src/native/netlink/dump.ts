import { errorName } from '../libc.ts';
import type { AddressReader } from './address.ts';
import { createInetDiagParser, type DiagSocket } from './inet-diag.ts';
import { FLAG, MESSAGE, SOCKET } from './layout.ts';
import { errorOf, messagesOf } from './messages.ts';
import { type DumpWish, dumpRequest } from './request.ts';
import { LITTLE_ENDIAN, type NetlinkSocket } from './socket.ts';

/** All sockets of one kind, or why there is no such list. */
export type Dump = { sockets: DiagSocket[] } | { why: string };

/** The kernel fills at most 32 KiB at a time. */
const BUFFER_BYTES = 64 * 1024;
/** Some two gigabytes, or five million sockets: whatever goes on longer than this is no dump. */
const MAX_READS = 65_536;

/** Of a `struct inet_diag_msg` at `start`: true for one that the list need not hold. */
export type IsLeftOut = (view: DataView, start: number) => boolean;

/** Asks the kernel for lists of sockets, one question at a time. */
export interface Dumper {
  /**
   * Takes as long as the kernel needs to walk its tables: about a millisecond for a thousand sockets. A list is whole
   * or it is none: what was cut, interrupted twice or makes no sense comes back as `why`.
   */
  dump(socket: NetlinkSocket, wish: DumpWish, isLeftOut?: IsLeftOut): Dump;
}

/** @param little byte order of the machine whose kernel answers. */
export function createDumper(addresses: AddressReader, little = LITTLE_ENDIAN): Dumper {
  const buffer = Buffer.alloc(BUFFER_BYTES);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const parser = createInetDiagParser(addresses, little);
  let sequence = 0;

  /** Takes the messages of one datagram; says when the dump is over. */
  function take(length: number, so: Progress): 'more' | 'done' | { why: string } {
    for (const message of messagesOf(view, length, little)) {
      if (message === undefined) return { why: 'a message of the kernel makes no sense' };
      // The rest of an answer to a question that we gave up.
      if (message.sequence !== sequence) continue;
      if (message.flags & FLAG.dumpInterrupted) so.wasInterrupted = true;
      if (message.type === MESSAGE.error || message.type === MESSAGE.done) {
        const errno = errorOf(view, message, little);
        if (errno !== 0) return { why: `the kernel refuses (${errorName(errno)})` };
        if (message.type === MESSAGE.error) return { why: 'the kernel answers with nothing' };
        return 'done';
      }
      if (message.type === MESSAGE.overrun) return { why: 'the kernel lost a part of its answer' };
      if (message.type !== MESSAGE.socket && message.type !== MESSAGE.tcpSocket) continue;
      const isWhole = message.end - message.start >= SOCKET.size;
      if (isWhole && so.isLeftOut?.(view, message.start)) continue;
      const socket = parser.socket(view, message.start, message.end);
      if (socket === undefined) return { why: 'the kernel describes a socket in an unknown form' };
      so.sockets.push(socket);
    }
    return 'more';
  }

  function ask(socket: NetlinkSocket, wish: DumpWish, isLeftOut: IsLeftOut | undefined): Progress | { why: string } {
    sequence = (sequence + 1) >>> 0;
    const errno = socket.send(dumpRequest(wish, sequence, little));
    if (errno !== 0) return { why: `the question may not be sent (${errorName(errno)})` };
    const so: Progress = { sockets: [], wasInterrupted: false, isLeftOut };
    for (let reads = 0; reads < MAX_READS; reads += 1) {
      const received = socket.receive(buffer);
      if (received.kind === 'foreign') continue;
      if (received.kind === 'error') return { why: `the answer cannot be read (${errorName(received.errno)})` };
      // The kernel writes the next part while we fetch one, so there is always one until the end.
      if (received.kind === 'empty') return { why: 'the answer of the kernel stopped before its end' };
      if (received.kind === 'truncated')
        return { why: 'a part of the answer is longer than any known kernel makes it' };
      const step = take(received.length, so);
      if (step === 'done') return so;
      if (step !== 'more') return step;
    }
    return { why: 'the answer of the kernel has no end' };
  }

  return {
    dump(socket, wish, isLeftOut) {
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const answer = ask(socket, wish, isLeftOut);
        if ('why' in answer) return answer;
        if (!answer.wasInterrupted) return { sockets: answer.sockets };
      }
      return { why: 'the tables changed twice while the kernel walked them' };
    },
  };
}

interface Progress {
  sockets: DiagSocket[];
  wasInterrupted: boolean;
  isLeftOut: IsLeftOut | undefined;
}
