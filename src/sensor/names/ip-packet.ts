import { canonicalAddress } from '../../types/ip.ts';

/** A TCP segment or UDP datagram, with its ends. */
export interface Segment {
  protocol: 'tcp' | 'udp';
  /** Canonical (see `canonicalAddress`). */
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  /** A view into the packet, not a copy. */
  payload: Uint8Array;
  /** The payload goes on where we see nothing: a cut capture, or a first fragment. */
  cut: boolean;
  /** TCP: sequence number of the first byte of the payload, and whether the segment opens a connection. */
  sequence: number;
  syn: boolean;
}

/** Why there is no segment: another protocol, a later fragment, or bytes that contradict themselves. */
export type NoSegment = 'other' | 'fragment' | 'malformed';

const [TCP, UDP] = [6, 17];
const MAX_EXTENSIONS = 8;

/** Reads an IPv4 or IPv6 packet. Never throws, whatever the bytes are. */
export function parseIpPacket(data: Uint8Array): Segment | NoSegment {
  const version = (data[0] ?? 0) >> 4;
  if (version === 4) return parseIpv4(data);
  return version === 6 ? parseIpv6(data) : 'malformed';
}

function parseIpv4(data: Uint8Array): Segment | NoSegment {
  const headerBytes = (data[0]! & 15) * 4;
  if (headerBytes < 20 || data.length < headerBytes) return 'malformed';
  const fragment = half(data, 6);
  if ((fragment & 0x1fff) !== 0) return 'fragment';
  // Zero in a packet that the network card is still to split, when it is longer than the field can say.
  const said = half(data, 2);
  const totalBytes = said === 0 ? data.length : said;
  if (totalBytes < headerBytes) return 'malformed';
  const end = Math.min(totalBytes, data.length);
  const cut = totalBytes > data.length || (fragment & 0x2000) !== 0;
  return parseTransport(data, headerBytes, end, data[9]!, cut, ipv4Text(data, 12), ipv4Text(data, 16));
}

function parseIpv6(data: Uint8Array): Segment | NoSegment {
  if (data.length < 40) return 'malformed';
  const said = half(data, 4);
  const totalBytes = said === 0 ? data.length : 40 + said;
  const end = Math.min(totalBytes, data.length);
  let cut = totalBytes > data.length;
  let next = data[6]!;
  let at = 40;
  for (let count = 0; next !== TCP && next !== UDP; count++) {
    const isFragment = next === 44;
    if (!isFragment && next !== 0 && next !== 43 && next !== 60) return 'other';
    if (count === MAX_EXTENSIONS || at + 8 > end) return 'malformed';
    if (isFragment) {
      const fragment = half(data, at + 2);
      if ((fragment & 0xfff8) !== 0) return 'fragment';
      cut ||= (fragment & 1) !== 0;
    }
    next = data[at]!;
    at += isFragment ? 8 : (data[at + 1]! + 1) * 8;
  }
  return parseTransport(data, at, end, next, cut, ipv6Text(data, 8), ipv6Text(data, 24));
}

function parseTransport(
  data: Uint8Array,
  at: number,
  end: number,
  protocol: number,
  cut: boolean,
  source: string,
  destination: string,
): Segment | NoSegment {
  if (protocol !== TCP && protocol !== UDP) return 'other';
  const isTcp = protocol === TCP;
  if (at + (isTcp ? 20 : 8) > end) return 'malformed';
  let payloadEnd = end;
  let start = at + 8;
  if (isTcp) {
    start = at + (data[at + 12]! >> 4) * 4;
    if (start < at + 20 || start > end) return 'malformed';
  } else {
    const said = half(data, at + 4);
    if (said !== 0 && said < 8) return 'malformed';
    if (said !== 0) payloadEnd = Math.min(end, at + said);
  }
  return {
    protocol: isTcp ? 'tcp' : 'udp',
    source,
    sourcePort: half(data, at),
    destination,
    destinationPort: half(data, at + 2),
    payload: data.subarray(start, payloadEnd),
    cut,
    sequence: isTcp ? ((half(data, at + 4) << 16) | half(data, at + 6)) >>> 0 : 0,
    syn: isTcp && (data[at + 13]! & 2) !== 0,
  };
}

/** Canonical text of the four bytes there. */
export function ipv4Text(data: Uint8Array, at: number): string {
  return `${data[at]}.${data[at + 1]}.${data[at + 2]}.${data[at + 3]}`;
}

/** Canonical text of the sixteen bytes there; an IPv4-mapped address is IPv4. */
export function ipv6Text(data: Uint8Array, at: number): string {
  const groups: string[] = [];
  for (let index = 0; index < 16; index += 2) groups.push(half(data, at + index).toString(16));
  const text = groups.join(':');
  return canonicalAddress(text) ?? text;
}

function half(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}
