import { readFileSync } from 'node:fs';
import type { DiagSocket } from '../../../src/native/netlink/inet-diag.ts';
import type { NetlinkSocket, Received } from '../../../src/native/netlink/socket.ts';

export type Recorded = 'tcp-both' | 'tcp4' | 'tcp6' | 'udp4' | 'udp6' | 'destroy';

/** Datagrams as the kernel gave them, see the README of the fixture. They are little-endian. */
export function datagrams(name: Recorded): Buffer[] {
  const text = readFileSync(`test/fixtures/netlink/${name}.hex`, 'latin1');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(line, 'hex'));
}

/** What Python reads in them. */
export function expected(name: Recorded): (DiagSocket & { cookie: string })[] {
  return JSON.parse(readFileSync('test/fixtures/netlink/expected.json', 'utf8'))[name];
}

export interface FakeKernel extends NetlinkSocket {
  questions: Buffer[];
  bufferBytes: number[];
  closes: number;
}

/** A kernel that answers each question with one of the lists, in turn, under the sequence number of the question. */
export function fakeKernel(...answers: readonly (readonly (Buffer | Received)[])[]): FakeKernel {
  let queue: (Buffer | Received)[] = [];
  let sequence = 0;
  const kernel: FakeKernel = {
    questions: [],
    bufferBytes: [],
    closes: 0,
    send(bytes) {
      sequence = bytes.readUInt32LE(8);
      queue = [...(answers[kernel.questions.length % answers.length] ?? [])];
      kernel.questions.push(Buffer.from(bytes));
      return 0;
    },
    receive(buffer) {
      const next = queue.shift();
      if (next === undefined) return { kind: 'empty' };
      if (!Buffer.isBuffer(next)) return next;
      const copy = numbered(next, sequence);
      if (copy.length > buffer.length) return { kind: 'truncated' };
      copy.copy(buffer);
      return { kind: 'data', length: copy.length };
    },
    setReceiveBuffer: (bytes) => void kernel.bufferBytes.push(bytes),
    setFilter: () => {},
    close() {
      kernel.closes += 1;
    },
  };
  return kernel;
}

/** Every message with sequence 1, as recorded, gets this one. */
function numbered(datagram: Buffer, sequence: number): Buffer {
  const copy = Buffer.from(datagram);
  let at = 0;
  while (at + 16 <= copy.length) {
    const size = copy.readUInt32LE(at);
    if (copy.readUInt32LE(at + 8) === 1) copy.writeUInt32LE(sequence, at + 8);
    if (size < 16 || size > copy.length) break;
    at += (size + 3) & ~3;
  }
  return copy;
}

/** A message as the kernel would write it. */
export function message(type: number, content: Buffer, options: { flags?: number; sequence?: number } = {}): Buffer {
  const bytes = Buffer.alloc(16 + ((content.length + 3) & ~3));
  bytes.writeUInt32LE(16 + content.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(options.flags ?? 2, 6);
  bytes.writeUInt32LE(options.sequence ?? 1, 8);
  content.copy(bytes, 16);
  return bytes;
}

export function errno(code: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(-code);
  return bytes;
}
