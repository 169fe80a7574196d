import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpPacket, type Segment } from '../../../src/sensor/names/ip-packet.ts';
import { damaged, numRuns } from './fuzz.ts';
import { CLIENT, type Ends, ip, tcp, udp } from './packets.ts';

const V6: Ends = { source: '2001:db8::10', sourcePort: 5000, destination: '2001:db8::1', destinationPort: 443 };
const text = Buffer.from('payload');

describe('an IP packet', () => {
  test.each([CLIENT, V6])('shows both ends of a datagram and of a segment ($source)', (ends) => {
    expect(parseIpPacket(udp(ends, text))).toMatchObject({ ...ends, protocol: 'udp', payload: text, cut: false });
    expect(parseIpPacket(tcp(ends, 0xfffffff0, text))).toMatchObject({
      ...ends,
      protocol: 'tcp',
      payload: text,
      sequence: 0xfffffff0,
      syn: false,
    });
    expect(parseIpPacket(tcp(ends, 1, Buffer.alloc(0), 2))).toMatchObject({ syn: true });
  });

  test('leaves out what the link added behind the packet', () => {
    const padded = Buffer.concat([udp(CLIENT, text), Buffer.alloc(10)]);
    expect((parseIpPacket(padded) as Segment).payload).toEqual(text);
    expect((parseIpPacket(Buffer.concat([tcp(V6, 1, text), Buffer.alloc(9)])) as Segment).payload).toEqual(text);
  });

  test('takes the length of the capture for a packet that the network card is still to split', () => {
    const large = tcp(CLIENT, 1, Buffer.alloc(3000, 1));
    large.writeUInt16BE(0, 2);
    expect((parseIpPacket(large) as Segment).payload.length).toBe(3000);
  });

  test('follows extension headers, and says so of more than it follows', () => {
    const options: [number, Buffer] = [60, Buffer.from([0, 0, 0, 0, 0, 0, 0])];
    expect(parseIpPacket(udp(V6, text, [options, options]))).toMatchObject({ ...V6, payload: text });
    expect(parseIpPacket(udp(V6, text, Array<[number, Buffer]>(9).fill(options)))).toBe('malformed');
  });

  test('reads first fragments as cut and gives the others a name of their own', () => {
    const first4 = udp(CLIENT, text);
    first4.writeUInt16BE(0x2000, 6);
    expect(parseIpPacket(first4)).toMatchObject({ cut: true });
    first4.writeUInt16BE(0x2005, 6);
    expect(parseIpPacket(first4)).toBe('fragment');
    const fragment = (field: number): [number, Buffer] => [44, Buffer.from([0, field >> 8, field & 255, 0, 0, 0, 1])];
    expect(parseIpPacket(udp(V6, text, [fragment(1)]))).toMatchObject({ ...V6, cut: true });
    expect(parseIpPacket(udp(V6, text, [fragment(0x0101)]))).toBe('fragment');
  });

  test('marks a capture that ends before its packet', () => {
    const packet = udp(CLIENT, Buffer.alloc(500));
    expect(parseIpPacket(packet.subarray(0, 200))).toMatchObject({ cut: true });
  });

  test('writes IPv4 inside IPv6 as IPv4', () => {
    const mapped = { ...V6, source: '::ffff:cb00:710a' };
    expect(parseIpPacket(udp(mapped, text))).toMatchObject({ source: '203.0.113.10' });
  });

  test('refuses bytes that contradict themselves', () => {
    const headerTooLong = tcp(CLIENT, 1, text);
    headerTooLong[20 + 12] = 0xf0;
    const shortHeader = udp(CLIENT, text);
    shortHeader[0] = 0x44;
    for (const bytes of [headerTooLong, shortHeader, Buffer.alloc(0), Buffer.from([0x60]), Buffer.from([0x99])]) {
      expect(parseIpPacket(bytes)).toBe('malformed');
    }
    expect(parseIpPacket(ip(CLIENT, 1, text))).toBe('other');
  });

  test('never throws, and its payload lies inside the packet', () => {
    const options: [number, Buffer] = [0, Buffer.from([0, 0, 0, 0, 0, 0, 0])];
    const valid = [udp(CLIENT, text), tcp(V6, 7, text), udp(V6, text, [options])];
    const inputs = fc.oneof(fc.uint8Array({ maxLength: 100 }), ...valid.map(damaged));
    fc.assert(
      fc.property(inputs, (bytes) => {
        const segment = parseIpPacket(bytes);
        if (typeof segment === 'string') return;
        expect(segment.payload.length).toBeLessThanOrEqual(bytes.length);
        expect(segment.payload.buffer).toBe(bytes.buffer);
      }),
      { numRuns },
    );
  });
});
