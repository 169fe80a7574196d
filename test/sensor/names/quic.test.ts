import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QuicHellos } from '../../../src/sensor/names/quic-hellos.ts';
import { clientInitialKeys, cryptoFrames, findInitials, openInitial } from '../../../src/sensor/names/quic-initial.ts';
import { damaged, numRuns } from './fuzz.ts';
import { CONNECTION_ID, crypto, hello, initial, QUIC_V2 } from './packets.ts';

/** RFC 9001, A.2: the CRYPTO frame of the client's Initial. */
const RFC_FRAME = Buffer.from(
  '060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c0000041301130201' +
    '0000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d001700180010000700050461' +
    '6c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43' +
    'e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c000240010039003204' +
    '08ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff',
  'hex',
);
const PACKET = initial({ frames: RFC_FRAME });
const KEYS = clientInitialKeys(1, CONNECTION_ID)!;

describe('a QUIC Initial', () => {
  test('has the keys of RFC 9001 A.1 and RFC 9369 A.1', () => {
    const hex = (version: number) =>
      Object.fromEntries(
        Object.entries(clientInitialKeys(version, CONNECTION_ID)!).map(([name, key]) => [name, key.toString('hex')]),
      );
    expect(hex(1)).toEqual({
      key: '1f369613dd76d5467730efcbe3b1a22d',
      iv: 'fa044b2f42a3fd3b46fb255c',
      headerKey: '9f50449e04a0e810283a1e9933adedd2',
    });
    expect(hex(QUIC_V2)).toEqual({
      key: '8b1a0bc121284290a29e0971b5cd045d',
      iv: '91f73e2351d8fa91660e909f',
      headerKey: '45b95e15235d6f45a6b19cbcb0294ba9',
    });
    expect(clientInitialKeys(2, CONNECTION_ID)).toBeUndefined();
  });

  test('of RFC 9001 A.2 opens to its frame', () => {
    // That the packet is the one of the RFC: its protected header, its first bytes and its tag.
    expect(PACKET.toString('hex')).toMatch(
      /^c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec356c0bab7df5.*e221af44860018ab0856972e194cd934$/,
    );
    const [header] = findInitials(PACKET);
    const plain = openInitial(PACKET, header!, KEYS)!;
    expect(plain.length).toBe(1162);
    expect(plain.subarray(0, RFC_FRAME.length)).toEqual(RFC_FRAME);
    expect(cryptoFrames(plain)).toEqual([{ offset: 0, data: RFC_FRAME.subarray(4) }]);
    expect(new QuicHellos().add('c', PACKET, 0)).toEqual({
      hello: { state: 'complete', name: 'example.com', hasEch: false },
    });
  });

  test('does not open with one bit changed anywhere', () => {
    for (let at = 0; at < PACKET.length; at += 7) {
      const forged = Buffer.from(PACKET);
      forged[at]! ^= 1;
      const [header] = findInitials(forged);
      expect(header && openInitial(forged, header, KEYS)).toBeUndefined();
    }
  });

  test('of version 2 is read, beside other packets of the datagram', () => {
    const message = hello({ name: 'v2.example' });
    const one = initial({ version: QUIC_V2, frames: crypto(0, message.subarray(0, 30)), size: 200 });
    const two = initial({ version: QUIC_V2, frames: crypto(30, message.subarray(30)), size: 300, number: 3 });
    // Early data has no token in its header.
    const zeroRtt = Buffer.concat([two.subarray(0, 15), two.subarray(16)]);
    zeroRtt[0] = 0xe0;
    const quic = new QuicHellos();
    expect(quic.add('c', Buffer.concat([one, zeroRtt, two]), 0)).toMatchObject({ hello: { name: 'v2.example' } });
  });

  test('is put together over datagrams and frames in any order, with others between', () => {
    const message = hello({ name: 'spread.example', before: 1500, after: 500 });
    const cuts = [0, 40, 700, 1300, 1310, message.length];
    const frames = cuts.slice(0, -1).map((from, index) => crypto(from, message.subarray(from, cuts[index + 1])));
    const ack = Buffer.from([2, 5, 0, 1, 0, 1, 1]);
    const quic = new QuicHellos();
    expect(quic.add('c', initial({ frames: Buffer.concat([frames[3]!, Buffer.from([1, 0, 0]), frames[1]!]) }), 0)).toBe(
      undefined,
    );
    expect(quic.add('c', initial({ frames: Buffer.concat([ack, frames[4]!]), number: 3, size: 1400 }), 1)).toBe(
      undefined,
    );
    const last = initial({ frames: Buffer.concat([frames[0]!, frames[2]!]), number: 4 });
    expect(quic.add('c', last, 2)).toMatchObject({ hello: { state: 'complete', name: 'spread.example' } });
    // What follows in the same connection says nothing new.
    expect(
      quic.add('c', initial({ frames: crypto(0, hello({ name: 'other.example' })), number: 5 }), 3),
    ).toBeUndefined();
    expect(quic.held.bytes).toBe(0);
  });

  test('goes on with the keys of its first id after the server chose one, and anew after a Retry', () => {
    const message = hello({ name: 'retry.example' });
    const chosen = Buffer.from('f067a5502a4262b5', 'hex');
    const quic = new QuicHellos();
    quic.add('a', initial({ frames: crypto(0, message.subarray(0, 50)) }), 0);
    const rest = { frames: crypto(50, message.subarray(50)), destinationId: chosen, number: 3 };
    expect(quic.add('a', initial({ ...rest, keysOf: CONNECTION_ID }), 1)).toMatchObject({
      hello: { name: 'retry.example' },
    });
    quic.add('b', initial({ frames: crypto(0, message.subarray(0, 50)) }), 0);
    const again = initial({ frames: crypto(0, message), destinationId: chosen });
    expect(quic.add('b', again, 1)).toMatchObject({ hello: { name: 'retry.example' } });
  });

  test('that cannot be opened is malformed, and one without its rest is told as cut', () => {
    const quic = new QuicHellos();
    expect(
      quic.add('c', initial({ frames: Buffer.from([1]), keysOf: Buffer.from('0102030405060708', 'hex') }), 0),
    ).toBe('malformed');
    quic.add('d', initial({ frames: crypto(0, hello({ name: 'cut.example', after: 900 }).subarray(0, 300)) }), 0);
    expect(quic.expire(9999)).toEqual([]);
    expect(quic.expire(10_000)).toEqual([{ key: 'd', hello: { state: 'more', name: 'cut.example', hasEch: false } }]);
  });

  test('costs a bounded number of decryptions in a second and a bounded memory', () => {
    const quic = new QuicHellos();
    const first = initial({ frames: crypto(3000, hello()) });
    const outcomes = Array.from({ length: 1500 }, (_, index) => quic.add(`c${index}`, first, 500));
    expect(outcomes.filter((outcome) => outcome === 'skipped')).toHaveLength(1000);
    expect(quic.add('later', first, 1001)).toBeUndefined();
    for (let second = 2; second < 8; second++) {
      for (let index = 0; index < 400; index++) quic.add(`c${second} ${index}`, first, second * 1000);
    }
    expect(quic.held.flows).toBeLessThanOrEqual(1025);
    expect(quic.held.bytes).toBeLessThanOrEqual(4 * 1024 * 1024 + 16_388);
  });

  test('never throws and never gives a name that its bytes do not hold', () => {
    const frames = Buffer.concat([crypto(0, hello({ name: 'fuzz.example' })), Buffer.from([2, 5, 0, 1, 0, 1, 1, 1])]);
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged(PACKET)), (datagram) => {
        const outcome = new QuicHellos().add('c', datagram, 0);
        if (typeof outcome === 'object') expect(outcome.hello.name).toBe('example.com');
      }),
      { numRuns },
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged(frames)), (plain) => {
        const outcome = new QuicHellos().add('c', initial({ frames: plain, size: 400 }), 0);
        if (typeof outcome !== 'object' || outcome.hello.name === undefined) return;
        expect(Buffer.from(plain).toString('latin1').toLowerCase()).toContain(outcome.hello.name);
      }),
      { numRuns },
    );
  });
});
