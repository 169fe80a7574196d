import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CapturedPacket } from '../../../src/native/packet-socket.ts';
import { PcapStream } from '../../../src/sensor/names/pcap-stream.ts';
import { damaged, numRuns } from './fuzz.ts';
import { capture, type Recorded } from './pcap.ts';

const PACKETS: Recorded[] = [
  { type: 4, device: 1, data: Buffer.from('out') },
  { type: 0, device: 1, data: Buffer.from('in') },
  { type: 0, device: 772, data: Buffer.from('loop') },
  { type: 3, device: 1, data: Buffer.from('somebody else') },
  { type: 1, device: 1, data: Buffer.from('everybody') },
];

function read(bytes: Uint8Array, pieces = bytes.length): { packets: CapturedPacket[]; stream: PcapStream } {
  const packets: CapturedPacket[] = [];
  const stream = new PcapStream((packet) => packets.push({ ...packet, data: Uint8Array.from(packet.data) }));
  for (let at = 0; at < bytes.length; at += pieces) stream.push(bytes.subarray(at, at + pieces));
  return { packets, stream };
}

describe('a capture that grows', () => {
  test.each([
    [113, true, 1e6],
    [113, false, 1e6],
    [276, true, 1e6],
    [276, false, 1e9],
    [276, true, 1e9],
  ])(
    'of link type %i (little-endian: %s, %d parts of a second) gives packets and their way',
    (link, little, perSecond) => {
      const bytes = capture(PACKETS, link, little, perSecond);
      const { packets } = read(bytes);
      expect(packets.map(({ data, direction }) => [Buffer.from(data).toString(), direction])).toEqual([
        ['out', 'out'],
        ['in', 'in'],
        ['loop', 'loop'],
      ]);
      expect(packets.map(({ at }) => at)).toEqual([1_700_000_000_250, 1_700_000_001_250, 1_700_000_002_250]);
      expect(packets[0]!.wireBytes).toBe(3);
      for (const size of [1, 7, 40]) expect(read(bytes, size).packets).toEqual(packets);
    },
  );

  test('of another link type, of no capture, or with a record too large, is refused', () => {
    expect(read(capture(PACKETS, 1, true, 1e6)).stream.problem).toContain('link type 1');
    expect(read(Buffer.from('tcpdump: permission denied, and more')).stream.problem).toContain('no capture');
    const large = capture(PACKETS, 113, true, 1e6);
    large.writeUInt32LE(300_000, 24 + 8);
    expect(read(large)).toMatchObject({ packets: [], stream: { problem: expect.stringContaining('300000') } });
  });

  test('never throws, whatever it is', () => {
    const valid = capture(PACKETS, 276, true, 1e6);
    const inputs = fc.tuple(
      fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged(valid)),
      fc.integer({ min: 1, max: 99 }),
    );
    fc.assert(
      fc.property(inputs, ([bytes, size]) => {
        const { packets } = read(bytes, size);
        const total = packets.reduce((sum, { data }) => sum + data.length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns },
    );
  });
});
