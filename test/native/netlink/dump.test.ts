import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAddressReader } from '../../../src/native/netlink/address.ts';
import { createDumper, type Dump } from '../../../src/native/netlink/dump.ts';
import { ADDRESS_FAMILY, REQUEST, REQUEST_BOTH, SOCKET, TCP_INFO } from '../../../src/native/netlink/layout.ts';
import { type DumpWish, dumpRequest } from '../../../src/native/netlink/request.ts';
import type { Received } from '../../../src/native/netlink/socket.ts';
import { numRuns } from '../../collect/linux/fuzz.ts';
import { datagrams, errno, expected, fakeKernel, message, type Recorded } from './recorded.ts';

const WISHES: Record<Exclude<Recorded, 'destroy'>, DumpWish> = {
  'tcp-both': { protocol: 'tcp', family: 'both', counters: true },
  tcp4: { protocol: 'tcp', family: 4, counters: true },
  tcp6: { protocol: 'tcp', family: 6, counters: true },
  udp4: { protocol: 'udp', family: 4 },
  udp6: { protocol: 'udp', family: 6 },
};
const NAMES = Object.keys(WISHES) as (keyof typeof WISHES)[];
const [DONE, ERROR, OVERRUN] = [3, 2, 4];

function dump(...answers: (Buffer | Received)[][]): Dump & { questions: number } {
  const kernel = fakeKernel(...answers);
  const answer = createDumper(createAddressReader(), true).dump(kernel, WISHES['tcp-both']);
  return { ...answer, questions: kernel.questions.length };
}

function interrupted(datagram: Buffer): Buffer {
  const copy = Buffer.from(datagram);
  copy.writeUInt16LE(copy.readUInt16LE(6) | 0x10, 6);
  return copy;
}

describe('a dump', () => {
  test.each(NAMES)('of %s says what another reader sees in the same bytes', (name) => {
    const answer = createDumper(createAddressReader(), true).dump(fakeKernel(datagrams(name)), WISHES[name]);
    const known = expected(name).map(({ cookie: _cookie, ...socket }) => socket);
    expect(answer).toEqual({ sockets: known });
  });

  test('of both families at once has what the two questions for one family have', () => {
    const both = expected('tcp-both').map(({ cookie }) => cookie);
    const each = [...expected('tcp4'), ...expected('tcp6')].map(({ cookie }) => cookie);
    expect(new Set(both)).toEqual(new Set(each));
    expect(both.length).toBe(each.length);
  });

  test('holds IPv6-only listeners, dual-stack ones and mapped connections apart', () => {
    const sockets = expected('tcp-both');
    expect(sockets.find(({ localPort, state }) => localPort === 7002 && state === 10)?.v6Only).toBe(false);
    expect(sockets.find(({ localPort, state }) => localPort === 7003 && state === 10)?.v6Only).toBe(true);
    expect(sockets.find(({ family, localAddress }) => family === 6 && localAddress === '127.0.0.1')?.localPort).toBe(
      7002,
    );
  });

  test('that was interrupted is asked for once more, and twice is no list', () => {
    const whole = datagrams('udp4');
    const broken = [interrupted(whole[0]!), ...whole.slice(1)];
    expect(dump(broken, whole)).toMatchObject({ sockets: { length: 2 }, questions: 2 });
    expect(dump(broken)).toMatchObject({ why: expect.stringContaining('changed twice'), questions: 2 });
  });

  test.each<[string, (Buffer | Received)[], string]>([
    ['a refusal', [message(ERROR, errno(1))], 'EPERM'],
    ['a missing module, told at the end', [message(DONE, errno(2))], 'ENOENT'],
    ['an acknowledgement', [message(ERROR, errno(0))], 'nothing'],
    ['an overrun', [message(OVERRUN, Buffer.alloc(0))], 'lost'],
    ['a stop before the end', [datagrams('tcp-both')[0]!], 'stopped'],
    ['silence', [], 'stopped'],
    ['a broken socket', [{ kind: 'error', errno: 105 }], 'ENOBUFS'],
    ['a datagram that is too long', [Buffer.alloc(100_000)], 'longer'],
    ['a length below any header', [Buffer.alloc(16)], 'no sense'],
    ['half a header', [Buffer.alloc(7)], 'no sense'],
    ['a socket that is cut', [message(20, Buffer.alloc(71))], 'unknown form'],
    ['a socket of another family', [message(20, Buffer.alloc(72, 1))], 'unknown form'],
  ])('with %s is no list, and says why', (_, answer, why) => {
    expect(dump(answer)).toMatchObject({ why: expect.stringContaining(why) });
  });

  test('takes nothing that others sent, or that answers an earlier question', () => {
    const stale = message(DONE, errno(0), { sequence: 77 });
    const answer = dump([{ kind: 'foreign' }, stale, message(250, Buffer.alloc(9)), ...datagrams('udp6')]);
    expect(answer).toMatchObject({ sockets: { length: 4 } });
  });

  test('that never ends is given up', () => {
    const kernel = fakeKernel([]);
    kernel.receive = () => ({ kind: 'foreign' });
    expect(createDumper(createAddressReader(), true).dump(kernel, WISHES.udp4)).toMatchObject({
      why: expect.stringContaining('no end'),
    });
  });

  test('reads counters only as far as they go', () => {
    const socket = Buffer.alloc(SOCKET.size);
    socket.writeUInt8(ADDRESS_FAMILY[4], 0);
    const info = Buffer.alloc(4 + TCP_INFO.sentSize, 0);
    info.writeUInt16LE(2, 2);
    info.writeBigUInt64LE(10n, 4 + TCP_INFO.bytesAcked);
    info.writeBigUInt64LE(20n, 4 + TCP_INFO.bytesReceived);
    info.writeBigUInt64LE(9n, 4 + TCP_INFO.bytesSent);
    info.writeBigUInt64LE(2n, 4 + TCP_INFO.bytesRetransmitted);
    const countersAt = (length: number) => {
      const attribute = Buffer.from(info.subarray(0, 4 + length));
      attribute.writeUInt16LE(attribute.length, 0);
      const answer = dump([message(20, Buffer.concat([socket, attribute])), message(DONE, errno(0))]);
      return 'why' in answer ? answer.why : answer.sockets[0]!.counters;
    };
    expect(countersAt(TCP_INFO.sentSize)).toEqual({ bytesAcked: 10, bytesReceived: 20, bytesSentOnce: 7 });
    expect(countersAt(TCP_INFO.size)).toEqual({ bytesAcked: 10, bytesReceived: 20 });
    expect(countersAt(TCP_INFO.size - 4)).toBeUndefined();
    info.fill(0xff, 4 + TCP_INFO.bytesAcked);
    expect(countersAt(TCP_INFO.sentSize)).toBeUndefined();
  });

  test('never throws and never invents, whatever the damage', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...NAMES),
        fc.array(fc.tuple(fc.nat(40_000), fc.nat(7)), { maxLength: 8 }),
        fc.option(fc.nat(8000), { nil: undefined }),
      )
      .map(([name, flips, cut]) =>
        datagrams(name).map((datagram) => {
          const copy = Buffer.from(cut === undefined ? datagram : datagram.subarray(0, cut));
          for (const [at, bit] of flips) if (copy.length > 0) copy[at % copy.length]! ^= 1 << bit;
          return copy;
        }),
      );
    const noise = fc.array(
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (answer) => {
        const read = dump(answer);
        if ('why' in read) expect(read.why).toMatch(/\w/);
        for (const socket of 'why' in read ? [] : read.sockets) {
          expect([4, 6]).toContain(socket.family);
          const { counters, inode, uid, localPort, remotePort, cgroupId = 0 } = socket;
          const numbers = [inode, uid, localPort, remotePort, cgroupId, ...Object.values(counters ?? {})];
          for (const value of numbers) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
          expect(socket.localAddress).toMatch(/^[0-9a-f:.]+$/);
        }
      }),
      { numRuns },
    );
  });
});

describe('a question', () => {
  test('is what Python packs', () => {
    // struct.pack('=IHHII', 72, 20, 0x301, 5, 0) + struct.pack('=BBBBI48x', 10, 6, 2, 0, 0x1ffe)
    expect(dumpRequest({ protocol: 'tcp', family: 6, counters: true }, 5, true).toString('hex')).toBe(
      `480000001400010305000000000000000a060200fe1f0000${'00'.repeat(48)}`,
    );
    // struct.pack('=IHHII', 76, 18, 0x301, 5, 0) + struct.pack('=BBBB48xII', 0, 0, 0, 2, 0x402, 0)
    expect(
      dumpRequest({ protocol: 'tcp', family: 'both', counters: true, states: 0x402 }, 5, true).toString('hex'),
    ).toBe(`4c00000012000103050000000000000000000002${'00'.repeat(48)}0204000000000000`);
    expect([REQUEST.size, REQUEST_BOTH.size, SOCKET.size]).toEqual([56, 60, 72]);
  });

  test('is written in the byte order of a machine that has the other one', () => {
    const bytes = dumpRequest({ protocol: 'udp', family: 4, states: 0x80 }, 1, false);
    expect([bytes.readUInt32BE(0), bytes.readUInt16BE(4), bytes.readUInt32BE(20)]).toEqual([72, 20, 0x80]);
    expect(bytes.readUInt8(17)).toBe(17);
  });
});
