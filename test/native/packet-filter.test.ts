import { describe, expect, test } from 'vitest';
import { assemble, encode, type Instruction, nameFilter, OP, SNAP_BYTES } from '../../src/native/packet-filter.ts';
import {
  a,
  crypto,
  dns,
  type Ends,
  hello,
  initial,
  QUIC_V2,
  records,
  reversed,
  tcp,
  udp,
} from '../sensor/names/packets.ts';

/** The kernel's machine, as far as the program uses it. A load beyond the packet ends it with 0. */
function run(program: readonly Instruction[], packet: Uint8Array, packetType: number, etherType: number): number {
  const memory = Array<number>(16).fill(0);
  let [accumulator, x] = [0, 0];
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const load = (at: number, bytes: 1 | 2 | 4): number | undefined => {
    if (at === 0xfffff000) return etherType;
    if (at === 0xfffff004) return packetType;
    if (at + bytes > packet.length) return undefined;
    return bytes === 1 ? view.getUint8(at) : bytes === 2 ? view.getUint16(at) : view.getUint32(at);
  };
  for (let at = 0; ; at++) {
    const { code, yes, no, k } = program[at]!;
    const size = ({ 0: 4, 8: 2, 16: 1 } as const)[code & 0x18] as 1 | 2 | 4;
    let loaded: number | undefined = 0;
    switch (code) {
      case OP.loadWord:
      case OP.loadHalf:
      case OP.loadByte:
        loaded = load(k, size);
        if (loaded === undefined) return 0;
        accumulator = loaded;
        break;
      case OP.loadWordAtX:
      case OP.loadHalfAtX:
      case OP.loadByteAtX:
        loaded = load(x + k, size);
        if (loaded === undefined) return 0;
        accumulator = loaded;
        break;
      case OP.loadLength:
        accumulator = packet.length;
        break;
      case OP.loadMemory:
        accumulator = memory[k]!;
        break;
      case OP.store:
        memory[k] = accumulator;
        break;
      case OP.headerToX:
        x = (packet[k]! & 15) * 4;
        break;
      case OP.setX:
        x = k;
        break;
      case OP.set:
        accumulator = k;
        break;
      case OP.add:
        accumulator += k;
        break;
      case OP.addX:
        accumulator = (accumulator + x) >>> 0;
        break;
      case OP.subtractX:
        accumulator = (accumulator - x) >>> 0;
        break;
      case OP.and:
        accumulator = (accumulator & k) >>> 0;
        break;
      case OP.shiftLeft:
        accumulator = (accumulator << k) >>> 0;
        break;
      case OP.shiftRight:
        accumulator >>>= k;
        break;
      case OP.toX:
        x = accumulator;
        break;
      case OP.ifEqual:
        at += accumulator === k ? yes : no;
        break;
      case OP.ifGreater:
        at += accumulator > k ? yes : no;
        break;
      case OP.ifAtLeast:
        at += accumulator >= k ? yes : no;
        break;
      case OP.ifAny:
        at += (accumulator & k) !== 0 ? yes : no;
        break;
      case OP.jump:
        at += k;
        break;
      case OP.give:
        return k;
      default:
        throw new Error(`no instruction ${code}`);
    }
  }
}

const PROGRAM = nameFilter();
const [HOST, BROADCAST, OTHER, OUTGOING] = [0, 1, 3, 4];
const V4: Ends = { source: '203.0.113.10', sourcePort: 40_000, destination: '203.0.113.1', destinationPort: 443 };
const V6: Ends = { source: '2001:db8::10', sourcePort: 40_000, destination: '2001:db8::1', destinationPort: 443 };
const to = (ends: Ends, destinationPort: number): Ends => ({ ...ends, destinationPort });
const passes = (packet: Uint8Array, type: number) => {
  const kept = run(PROGRAM, packet, type, packet[0]! >> 4 === 4 ? 0x0800 : 0x86dd);
  expect([0, SNAP_BYTES]).toContain(kept);
  return kept > 0;
};
const HELLO = records(hello({ name: 'a.example', after: 1300 }));
const QUESTION = dns({ name: 'a.example' });
const ANSWER = dns({ name: 'a.example', answers: [a('a.example', '203.0.113.1')] });
const initialOf = (version: number) => initial({ version, frames: crypto(0, hello({ name: 'a.example' })) });

describe.each([
  ['IPv4', V4],
  ['IPv6', V6],
])('the packet filter over %s', (_, ends) => {
  test('passes questions on their way out and answers on their way in, each once', () => {
    const ask = to(ends, 53);
    for (const [question, answer] of [
      [udp(ask, QUESTION), udp(reversed(ask), ANSWER)],
      [tcp(ask, 1, QUESTION), tcp(reversed(ask), 1, ANSWER)],
    ] as const) {
      expect([OUTGOING, HOST, OTHER, BROADCAST].map((type) => passes(question, type))).toEqual([
        true,
        false,
        false,
        false,
      ]);
      expect([OUTGOING, HOST, OTHER, BROADCAST].map((type) => passes(answer, type))).toEqual([
        false,
        true,
        false,
        false,
      ]);
    }
  });

  test('passes a hello to any port on its way out, with and without options', () => {
    for (const port of [443, 80, 6443, 1]) {
      expect(passes(tcp(to(ends, port), 1, HELLO), OUTGOING)).toBe(true);
      expect(passes(tcp(to(ends, port), 1, HELLO, 0x18, 0), OUTGOING)).toBe(true);
      expect(passes(tcp(to(ends, port), 1, HELLO), HOST)).toBe(false);
    }
  });

  test('passes the short rest of a hello on the ports of TLS, and on no others', () => {
    const rest = HELLO.subarray(-135);
    expect([443, 853, 8443, 8444, 22].map((port) => passes(tcp(to(ends, port), 1, rest), OUTGOING))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    // A hello whose first segment is too short to be told.
    expect(passes(tcp(ends, 1, HELLO.subarray(0, 1)), OUTGOING)).toBe(true);
  });

  test('keeps out bulk, application data, acknowledgements and other protocols', () => {
    const data = (first: number[], bytes: number) => Buffer.concat([Buffer.from(first), Buffer.alloc(bytes, 0x5a)]);
    const silent = [
      tcp(ends, 1, data([0x5a], 1447)),
      tcp(ends, 1, data([0x5a], 1207)),
      tcp(ends, 1, data([0x17, 3, 3], 100)),
      tcp(ends, 1, data([0x14, 3, 3], 3)),
      tcp(ends, 1, data([0x15, 3, 3], 20)),
      tcp(ends, 1, Buffer.alloc(0)),
      tcp(ends, 1, data([0x17, 3, 3], 30_000)),
      udp(ends, data([0x40], 1200)),
      udp(ends, data([0xe0, 0, 0, 0, 1], 1200)),
      udp(ends, data([0xc0, 0xff, 0, 0, 29], 1200)),
      udp(to(ends, 5353), QUESTION),
    ];
    for (const [index, packet] of silent.entries()) {
      expect([index, passes(packet, OUTGOING), passes(packet, HOST)]).toEqual([index, false, false]);
    }
    expect(run(PROGRAM, tcp(ends, 1, HELLO), OUTGOING, 0x0806)).toBe(0);
  });

  test('passes the Initials of both versions of QUIC to any port', () => {
    for (const port of [443, 8443, 853]) {
      expect(passes(udp(to(ends, port), initialOf(1)), OUTGOING)).toBe(true);
      expect(passes(udp(to(ends, port), initialOf(QUIC_V2)), OUTGOING)).toBe(true);
      expect(passes(udp(to(ends, port), initialOf(1)), HOST)).toBe(false);
    }
  });

  test('never passes a beginning that is too short to say what it is', () => {
    const packet = tcp(ends, 1, HELLO);
    for (let length = 0; length < packet.length - HELLO.length; length++) {
      expect(run(PROGRAM, packet.subarray(0, length), OUTGOING, packet[0]! >> 4 === 4 ? 0x0800 : 0x86dd)).toBe(0);
    }
  });
});

describe('the packet filter', () => {
  test('reads first fragments only', () => {
    const packet = udp(to(V4, 53), QUESTION);
    packet.writeUInt16BE(0x2000, 6);
    expect(passes(packet, OUTGOING)).toBe(true);
    packet.writeUInt16BE(0x2001, 6);
    expect(passes(packet, OUTGOING)).toBe(false);
    const fragment = (field: number): [number, Buffer] => [44, Buffer.from([0, field >> 8, field & 255, 0, 0, 0, 1])];
    expect(passes(udp(to(V6, 53), QUESTION, [fragment(1)]), OUTGOING)).toBe(true);
    expect(passes(udp(to(V6, 53), QUESTION, [fragment(9)]), OUTGOING)).toBe(false);
  });

  test('follows three extension headers of IPv6', () => {
    const options: [number, Buffer] = [60, Buffer.from([1, ...Array<number>(14).fill(0)])];
    const hops: [number, Buffer] = [0, Buffer.from([0, 0, 0, 0, 0, 0, 0])];
    expect(passes(udp(to(V6, 53), QUESTION, [hops, options, options]), OUTGOING)).toBe(true);
    expect(passes(udp(to(V6, 53), QUESTION, [hops, options, options, options]), OUTGOING)).toBe(false);
  });

  test('ends on every path, and every jump stays inside', () => {
    expect(PROGRAM.length).toBeLessThan(200);
    for (const [index, { code, yes, no, k }] of PROGRAM.entries()) {
      for (const target of code === OP.jump ? [k] : [yes, no])
        expect(index + 1 + target).toBeLessThanOrEqual(PROGRAM.length);
    }
    expect(PROGRAM.at(-1)!.code).toBe(OP.give);
  });

  test('is written as the kernel reads it', () => {
    expect(encode([{ code: 0x28, yes: 1, no: 2, k: 0xfffff000 }]).toString('hex')).toBe('2800010200f0ffff');
  });

  test('refuses labels that are missing, twice, or behind', () => {
    const give = { code: OP.give };
    expect(() => assemble([{ code: OP.ifEqual, yes: 'nowhere' }, give])).toThrow('no label');
    expect(() =>
      assemble([
        { ...give, label: 'a' },
        { ...give, label: 'a' },
      ]),
    ).toThrow('twice');
    expect(() =>
      assemble([
        { ...give, label: 'a' },
        { code: OP.jump, yes: 'a' },
      ]),
    ).toThrow('cannot be reached');
  });
});
