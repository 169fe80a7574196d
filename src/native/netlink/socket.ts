import { endianness } from 'node:os';
import { errorName, type Libc, loadLibc, MESSAGE_FLAG, OPTION, SOCKET_LEVEL, TYPE } from '../libc.ts';
import { encode, type Instruction } from '../packet-filter.ts';
import { ADDRESS_FAMILY, NETLINK_ADDRESS, PROTOCOL } from './layout.ts';

/** A datagram that arrived, or why there is none. */
export type Received =
  /** `length` bytes at the start of the buffer. */
  | { kind: 'data'; length: number }
  /** Nothing waits. */
  | { kind: 'empty' }
  /** It was longer than the buffer, and the rest is gone. */
  | { kind: 'truncated' }
  /** Not the kernel wrote it. */
  | { kind: 'foreign' }
  | { kind: 'error'; errno: number };

/** A socket that speaks with the kernel about sockets. Never waits. */
export interface NetlinkSocket {
  /** 0, or the error number. */
  send(bytes: Buffer): number;
  receive(buffer: Buffer): Received;
  /** Asks for room for this many bytes of what we have not fetched yet; an ordinary user gets less. */
  setReceiveBuffer(bytes: number): void;
  /** Only what the program lets pass arrives from now on; everything where it cannot be attached. */
  setFilter(program: readonly Instruction[]): void;
  close(): void;
}

export const LITTLE_ENDIAN = endianness() === 'LE';
/** Where `struct sock_fprog` is as it is written here. */
const LONG_POINTERS: ReadonlySet<string> = new Set(['x64', 'arm64', 'riscv64', 'loong64']);

/**
 * Opens `NETLINK_SOCK_DIAG` in our own network namespace. Needs no rights.
 *
 * @param groups one bit for each multicast group to join; 0 for questions and answers only.
 */
export function openSockDiag(groups = 0): NetlinkSocket | { why: string } {
  const libc = loadLibc();
  if ('why' in libc) return libc;
  const fd = libc.socket(ADDRESS_FAMILY.netlink, TYPE.raw | TYPE.nonBlock | TYPE.closeOnExec, PROTOCOL.sockDiag);
  if (fd < 0) return { why: `the kernel gives no sock_diag socket (${errorName(libc.errno())})` };
  const address = Buffer.alloc(NETLINK_ADDRESS.size);
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  view.setUint16(NETLINK_ADDRESS.family, ADDRESS_FAMILY.netlink, LITTLE_ENDIAN);
  view.setUint32(NETLINK_ADDRESS.groups, groups, LITTLE_ENDIAN);
  if (libc.bind(fd, address, address.length) < 0) {
    const why = `the sock_diag socket may not be bound (${errorName(libc.errno())})`;
    libc.close(fd);
    return { why };
  }
  return wrap(libc, fd);
}

function wrap(libc: Libc, fd: number): NetlinkSocket {
  const sender = Buffer.alloc(NETLINK_ADDRESS.size);
  const senderView = new DataView(sender.buffer, sender.byteOffset, sender.length);
  const senderLength = new Uint32Array(1);
  const flags = MESSAGE_FLAG.dontWait | MESSAGE_FLAG.truncate;
  let isOpen = true;
  return {
    send(bytes) {
      return libc.send(fd, bytes, bytes.length, MESSAGE_FLAG.dontWait) < 0 ? libc.errno() : 0;
    },
    receive(buffer) {
      senderLength[0] = sender.length;
      const length = libc.recvfrom(fd, buffer, buffer.length, flags, sender, senderLength);
      if (length < 0) {
        const errno = libc.errno();
        return isEmpty(errno) ? { kind: 'empty' } : { kind: 'error', errno };
      }
      // A process with rights over this namespace may write to us as well; only port 0 is the kernel.
      const isKernel =
        senderLength[0] === sender.length && senderView.getUint32(NETLINK_ADDRESS.port, LITTLE_ENDIAN) === 0;
      if (!isKernel) return { kind: 'foreign' };
      return length <= buffer.length ? { kind: 'data', length } : { kind: 'truncated' };
    },
    setReceiveBuffer(bytes) {
      const value = Buffer.alloc(4);
      new DataView(value.buffer, value.byteOffset, 4).setInt32(0, bytes, LITTLE_ENDIAN);
      if (libc.setsockopt(fd, SOCKET_LEVEL, OPTION.receiveBufferForce, value, 4) === 0) return;
      libc.setsockopt(fd, SOCKET_LEVEL, OPTION.receiveBuffer, value, 4);
    },
    setFilter(program) {
      if (!LITTLE_ENDIAN || !LONG_POINTERS.has(process.arch)) return;
      const words = encode(program);
      const header = Buffer.alloc(16);
      header.writeUInt16LE(program.length, 0);
      header.writeBigUInt64LE(libc.address(words), 8);
      libc.setsockopt(fd, SOCKET_LEVEL, OPTION.attachFilter, header, header.length);
    },
    close() {
      // Closed twice, the number could be another file's by now.
      if (isOpen) libc.close(fd);
      isOpen = false;
    },
  };
}

function isEmpty(errno: number): boolean {
  const name = errorName(errno);
  return name === 'EAGAIN' || name === 'EINTR';
}
