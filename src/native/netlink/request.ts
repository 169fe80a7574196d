import {
  ADDRESS_FAMILY,
  ALL_STATES,
  ATTRIBUTE,
  FLAG,
  HEADER,
  MESSAGE,
  PROTOCOL,
  REQUEST,
  REQUEST_BOTH,
} from './layout.ts';

/** Sockets that a dump is asked for. */
export type DumpWish = ({ protocol: 'tcp'; family: 4 | 6 | 'both' } | { protocol: 'udp'; family: 4 | 6 }) & {
  /** One bit for each state number; absent: all. */
  states?: number;
  /** Whether TCP counters are wanted: the kernel locks each socket in turn to read them. */
  counters?: boolean;
};

/** The message that asks for every socket of one protocol, in our own network namespace. */
export function dumpRequest(wish: DumpWish, sequence: number, little: boolean): Buffer {
  const isBoth = wish.family === 'both';
  const layout = isBoth ? REQUEST_BOTH : REQUEST;
  const bytes = Buffer.alloc(HEADER.size + layout.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(HEADER.length, bytes.length, little);
  view.setUint16(HEADER.type, isBoth ? MESSAGE.tcpSocket : MESSAGE.socket, little);
  view.setUint16(HEADER.flags, FLAG.request | FLAG.dump, little);
  view.setUint32(HEADER.sequence, sequence, little);
  if (wish.family !== 'both') {
    view.setUint8(HEADER.size + REQUEST.family, ADDRESS_FAMILY[wish.family]);
    view.setUint8(HEADER.size + REQUEST.protocol, PROTOCOL[wish.protocol]);
  }
  view.setUint8(HEADER.size + layout.extensions, wish.counters ? 1 << (ATTRIBUTE.info - 1) : 0);
  view.setUint32(HEADER.size + layout.states, wish.states ?? ALL_STATES, little);
  return bytes;
}
