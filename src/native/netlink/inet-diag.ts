import type { AddressReader } from './address.ts';
import { ADDRESS_FAMILY, ATTRIBUTE, ATTRIBUTE_HEADER, SOCKET, TCP_INFO } from './layout.ts';

/** A socket as the kernel describes it. Nothing in it can be chosen by a program but ports and addresses. */
export interface DiagSocket {
  family: 4 | 6;
  /** Number of `net/tcp_states.h`. */
  state: number;
  /** Which timer runs; 3 for a connection that waits out its time. */
  timer: number;
  /** Until it fires, ms. */
  expiresMs: number;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  /** 0 for a socket that no file stands for. */
  inode: number;
  uid: number;
  counters?: TcpCounters;
  /** Only of listening and unconnected IPv6 sockets. */
  v6Only?: boolean;
  /** Number of the control group that made it. */
  cgroupId?: number;
}

/** Raw counters of `tcp_info`: sequence numbers, so SYN and FIN count one each. */
export interface TcpCounters {
  /** Payload that the peer acknowledged, our SYN if we sent one first, our FIN. */
  bytesAcked: number;
  /** Payload received in order, and the peer's FIN. */
  bytesReceived: number;
  /** Payload sent, each byte once. Absent before Linux 4.19. */
  bytesSentOnce?: number;
}

/** Parses `struct inet_diag_msg` and its attributes. */
export interface InetDiagParser {
  /** The socket between `start` and `end`; `undefined` when that is not what a kernel writes. Never throws. */
  socket(view: DataView, start: number, end: number): DiagSocket | undefined;
}

/** @param little byte order of the machine that wrote the messages. */
export function createInetDiagParser(addresses: AddressReader, little: boolean): InetDiagParser {
  function counters(view: DataView, start: number, length: number): TcpCounters | undefined {
    if (length < TCP_INFO.size) return undefined;
    const bytesAcked = readUint64(view, start + TCP_INFO.bytesAcked, little);
    const bytesReceived = readUint64(view, start + TCP_INFO.bytesReceived, little);
    if (bytesAcked === undefined || bytesReceived === undefined) return undefined;
    if (length < TCP_INFO.sentSize) return { bytesAcked, bytesReceived };
    const sent = readUint64(view, start + TCP_INFO.bytesSent, little);
    const again = readUint64(view, start + TCP_INFO.bytesRetransmitted, little);
    if (sent === undefined || again === undefined) return { bytesAcked, bytesReceived };
    return { bytesAcked, bytesReceived, bytesSentOnce: Math.max(0, sent - again) };
  }

  /** False when a length makes no sense. */
  function attributes(view: DataView, from: number, end: number, socket: DiagSocket): boolean {
    let at = from;
    while (end - at >= ATTRIBUTE_HEADER) {
      const length = view.getUint16(at, little);
      if (length < ATTRIBUTE_HEADER || length > end - at) return false;
      const content = at + ATTRIBUTE_HEADER;
      const size = length - ATTRIBUTE_HEADER;
      switch (view.getUint16(at + 2, little)) {
        case ATTRIBUTE.info: {
          const read = counters(view, content, size);
          if (read !== undefined) socket.counters = read;
          break;
        }
        case ATTRIBUTE.v6Only:
          if (size >= 1) socket.v6Only = view.getUint8(content) !== 0;
          break;
        case ATTRIBUTE.cgroupId: {
          const id = size < 8 ? undefined : readUint64(view, content, little);
          if (id !== undefined) socket.cgroupId = id;
          break;
        }
      }
      at += (length + 3) & ~3;
    }
    return true;
  }

  return {
    socket(view, start, end) {
      if (end > view.byteLength || end - start < SOCKET.size) return undefined;
      const number = view.getUint8(start + SOCKET.family);
      const family = number === ADDRESS_FAMILY[4] ? 4 : number === ADDRESS_FAMILY[6] ? 6 : undefined;
      if (family === undefined) return undefined;
      const address = family === 4 ? addresses.v4 : addresses.v6;
      const socket: DiagSocket = {
        family,
        state: view.getUint8(start + SOCKET.state),
        timer: view.getUint8(start + SOCKET.timer),
        expiresMs: view.getUint32(start + SOCKET.expires, little),
        localAddress: address(view, start + SOCKET.localAddress),
        localPort: view.getUint16(start + SOCKET.localPort),
        remoteAddress: address(view, start + SOCKET.remoteAddress),
        remotePort: view.getUint16(start + SOCKET.remotePort),
        inode: view.getUint32(start + SOCKET.inode, little),
        uid: view.getUint32(start + SOCKET.uid, little),
      };
      return attributes(view, start + SOCKET.size, end, socket) ? socket : undefined;
    },
  };
}

/** Number that the kernel gives a socket once and never again, of the socket at `start`. */
export function readCookie(view: DataView, start: number, little: boolean): bigint {
  const low = view.getUint32(start + SOCKET.cookie, little);
  const high = view.getUint32(start + SOCKET.cookie + 4, little);
  return (BigInt(high) << 32n) | BigInt(low);
}

/** `undefined` beyond exact integers: no counter gets there, so it is none. */
function readUint64(view: DataView, at: number, little: boolean): number | undefined {
  const first = view.getUint32(at, little);
  const second = view.getUint32(at + 4, little);
  const value = little ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
  return Number.isSafeInteger(value) ? value : undefined;
}
