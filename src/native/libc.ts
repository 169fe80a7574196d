import { getSystemErrorName } from 'node:util';
import { loadKoffi } from './koffi.ts';

/** The calls of the C library that we need, unchanged: -1 is a failure, and `errno` says which. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  send(fd: number, bytes: Buffer, length: number, flags: number): number;
  recvfrom(
    fd: number,
    bytes: Buffer,
    length: number,
    flags: number,
    address: Buffer,
    addressLength: Uint32Array,
  ): number;
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Uint32Array): number;
  close(fd: number): number;
  /** Where bytes lie, as long as nobody changes their length. */
  address(bytes: Buffer): bigint;
  /** Error number of the last call that failed. */
  errno(): number;
}

/** Numbers that are the same on every architecture listed in `GENERIC`, and others elsewhere. */
export const SOCKET_LEVEL = 1;
export const OPTION = { receiveBuffer: 8, peerCredentials: 17, attachFilter: 26, receiveBufferForce: 33 } as const;
export const TYPE = { raw: 3, nonBlock: 0o4000, closeOnExec: 0o2000000 } as const;
export const MESSAGE_FLAG = { truncate: 0x20, dontWait: 0x40 } as const;

/** MIPS, SPARC and POWER number socket options in ways of their own. */
const GENERIC: ReadonlySet<string> = new Set(['x64', 'arm64', 'arm', 'ia32', 'riscv64', 'loong64', 's390x']);

let loaded: Libc | { why: string } | undefined;

/** The C library of this process through koffi, or why it cannot be used. Linux only; loaded at the first call. */
export function loadLibc(): Libc | { why: string } {
  loaded ??= load();
  return loaded;
}

function load(): Libc | { why: string } {
  if (process.platform !== 'linux') return { why: `there is no netlink on ${process.platform}` };
  if (!GENERIC.has(process.arch)) return { why: `socket options of ${process.arch} are not known` };
  const library = loadKoffi();
  if ('why' in library) return library;
  const { koffi } = library;
  try {
    const libc = koffi.load(null);
    return {
      socket: libc.func('int socket(int, int, int)'),
      bind: libc.func('int bind(int, const void *, uint32_t)'),
      send: libc.func('intptr_t send(int, const void *, size_t, int)'),
      recvfrom: libc.func('intptr_t recvfrom(int, void *, size_t, int, void *, void *)'),
      setsockopt: libc.func('int setsockopt(int, int, int, const void *, uint32_t)'),
      getsockopt: libc.func('int getsockopt(int, int, int, void *, void *)'),
      close: libc.func('int close(int)'),
      address: (bytes) => koffi.address(bytes),
      errno: () => koffi.errno(),
    };
  } catch (error) {
    return { why: `the C library cannot be called (${String((error as Error).message).slice(0, 120)})` };
  }
}

/** `EPERM` for 1, and so on; `error 4095` for a number that is none. */
export function errorName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `error ${errno}`;
  }
}
