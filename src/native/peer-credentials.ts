import { endianness } from 'node:os';
import { errorName, loadLibc, OPTION, SOCKET_LEVEL } from './libc.ts';

/** `struct ucred`: pid, uid, gid, 32 bits each. */
const SIZE = 12;

/**
 * Who connected to a Unix socket, as the kernel noted it at that moment (`SO_PEERCRED`): the peer cannot lie about it, yet
 * it may have handed the descriptor to somebody else or changed its user since. A pid of another pid namespace is 0.
 *
 * @param fd descriptor of a connected Unix stream socket.
 */
export function peerCredentials(fd: number): { pid: number; uid: number; gid: number } | { why: string } {
  const libc = loadLibc();
  if ('why' in libc) return libc;
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fff_ffff) return { why: 'the socket has no descriptor' };
  const value = Buffer.alloc(SIZE);
  const length = new Uint32Array([SIZE]);
  if (libc.getsockopt(fd, SOCKET_LEVEL, OPTION.peerCredentials, value, length) < 0) {
    return { why: `the kernel does not say who is there (${errorName(libc.errno())})` };
  }
  if (length[0] !== SIZE) return { why: 'the answer has an unknown size' };
  const view = new DataView(value.buffer, value.byteOffset, SIZE);
  const little = endianness() === 'LE';
  const [pid, uid, gid] = [view.getInt32(0, little), view.getUint32(4, little), view.getUint32(8, little)];
  // What the kernel answers for a socket without a peer, and for one that is no Unix socket: nobody.
  if (uid === 0xffff_ffff || gid === 0xffff_ffff) return { why: 'nobody is at the other end' };
  return { pid, uid, gid };
}
