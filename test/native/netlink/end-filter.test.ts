import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { loadLibc } from '../../../src/native/libc.ts';
import { openDestroyStream } from '../../../src/native/netlink/destroy-stream.ts';
import { endFilter } from '../../../src/native/netlink/end-filter.ts';
import { ATTRIBUTE, HEADER, SOCKET, TCP_INFO } from '../../../src/native/netlink/layout.ts';
import { LITTLE_ENDIAN } from '../../../src/native/netlink/socket.ts';
import { type Instruction, OP } from '../../../src/native/packet-filter.ts';
import { datagrams, message } from './recorded.ts';

/** Runs the program as the kernel does, as far as it is used here. */
function passes(program: readonly Instruction[], data: Buffer): boolean {
  let [a, x] = [0, 0];
  for (let at = 0; ; at++) {
    const { code, yes, no, k } = program[at]!;
    const jump = (holds: boolean) => (at += holds ? yes : no);
    if (code === OP.setX) x = k;
    else if (code === OP.set) a = k;
    else if (code === OP.toX) x = a;
    else if (code === OP.loadWord && k === 0xffff_f00c) a = attributeOf(data, a, x);
    else if (code === OP.loadWordAtX) a = data.readUInt32BE(x + k);
    else if (code === OP.loadByteAtX) a = data.readUInt8(x + k);
    else if (code === OP.ifEqual) jump(a === k);
    else if (code === OP.ifAtLeast) jump(a >= k);
    else if (code === OP.give) return k > 0;
    else throw new Error(`no instruction ${code} here`);
  }
}

function attributeOf(data: Buffer, from: number, type: number): number {
  for (let at = from; at + 4 <= data.length; at += (data.readUInt16LE(at) + 3) & ~3) {
    if (data.readUInt16LE(at + 2) === type) return at;
  }
  return 0;
}

/** The end of a connection with these counters, in a description of so many bytes. */
function end(counters: { sent?: bigint; received?: bigint }, size = 248): Buffer {
  const content = Buffer.alloc(SOCKET.size + 8 + 4 + size);
  // Another attribute before it.
  content.writeUInt16LE(5, SOCKET.size);
  content.writeUInt16LE(8, SOCKET.size + 2);
  const info = SOCKET.size + 8;
  content.writeUInt16LE(4 + size, info);
  content.writeUInt16LE(ATTRIBUTE.info, info + 2);
  if (size >= TCP_INFO.sentSize) content.writeBigUInt64LE(counters.sent ?? 0n, info + 4 + TCP_INFO.bytesSent);
  content.writeBigUInt64LE(counters.received ?? 0n, info + 4 + TCP_INFO.bytesReceived);
  return message(20, content);
}

describe('the filter of ends', () => {
  const program = endFilter();

  test('drops what carried nothing, whichever side closed', () => {
    expect(passes(program, end({}))).toBe(false);
    expect(passes(program, end({ received: 1n }))).toBe(false);
    expect(passes(program, end({}, 280))).toBe(false);
    expect(passes(program, end({}, TCP_INFO.sentSize))).toBe(false);
  });

  test('passes one byte in either direction, and numbers of any size', () => {
    for (const bytes of [2n, 255n, 256n, 0x0100_0000n, 0x1_0000_0000n, 0x1_0000_0001n, 2n ** 52n]) {
      expect(passes(program, end({ sent: bytes }))).toBe(true);
      expect(passes(program, end({ received: bytes }))).toBe(true);
    }
    expect(passes(program, end({ sent: 1n, received: 1n }))).toBe(true);
  });

  test('passes what it cannot judge: old kernels, and messages of another form', () => {
    expect(passes(program, end({}, TCP_INFO.size))).toBe(true);
    expect(passes(program, message(20, Buffer.alloc(SOCKET.size)))).toBe(true);
    expect(passes(program, Buffer.alloc(HEADER.size))).toBe(true);
  });

  test('passes each recorded end that has something to tell', () => {
    const told = datagrams('destroy').filter((datagram) => passes(program, datagram));
    expect(told.length).toBeGreaterThanOrEqual(5);
  });

  test.skipIf('why' in loadLibc() || !LITTLE_ENDIAN)(
    'in this kernel: one with a byte is told, an empty one not',
    async () => {
      const stream = openDestroyStream({ everyMs: 0 });
      if ('why' in stream) throw new Error(stream.why);
      const server = createServer((socket) =>
        socket
          .on('error', () => {})
          .resume()
          .on('end', () => socket.end()),
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const ended: number[] = [];
      for (const text of ['', 'x', '', 'yy']) {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        if (text !== '') ended.push(socket.localPort!);
        socket.end(text).resume();
        await once(socket, 'close');
      }
      server.close();
      const told = new Map<number, number>();
      await expect
        .poll(() => {
          for (const { local, remote, bytesOut } of stream.drain().closed)
            if (remote.port === port) told.set(local.port, bytesOut);
          return [...told.keys()].sort();
        })
        .toEqual([...ended].sort());
      expect([...told.values()].sort()).toEqual([1, 2]);
      stream.close();
    },
  );
});
