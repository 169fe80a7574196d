import { closeSync, constants, openSync } from 'node:fs';
import { endianness } from 'node:os';
import { loadKoffi } from './koffi.ts';
import { encode, nameFilter, SNAP_BYTES } from './packet-filter.ts';
import { inNetworkNamespace } from './packet-namespace.ts';

/** One packet as it left or reached this host, from its IP header on. */
export interface CapturedPacket {
  /** Valid until the call ends that got it: the next batch is written over it. */
  data: Uint8Array;
  /** Bytes on the wire; more than `data` holds when it was cut. */
  wireBytes: number;
  /** `out`: sent by this network namespace, `in`: for it, `loop`: both at once, from a tool that shows it only once. */
  direction: 'in' | 'out' | 'loop';
  /** Unix ms, by the clock of the kernel. */
  at: number;
}

export interface PacketSocket {
  /** Gives every waiting packet to `take`, at most `maxPackets`; returns how many there were. Never blocks. */
  receive(take: (packet: CapturedPacket) => void, maxPackets: number): number;
  /** Packets that the kernel dropped because nobody fetched them, since the last call. */
  dropped(): number;
  close(): void;
}

export interface PacketSocketOptions {
  /** A network namespace as a file (`/proc/PID/ns/net`, `/run/netns/NAME`); needs CAP_SYS_ADMIN. */
  netnsPath?: string;
  /** Room for packets nobody fetched yet. 8 MiB hold about seven thousand DNS answers. */
  receiveBytes?: number;
  now?: () => number;
}

const RECEIVE_BYTES = 8 * 1024 * 1024;
const [AF_PACKET, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC] = [17, 2, 0o4000, 0o2000000];
const [SOL_SOCKET, SOL_PACKET, PACKET_STATISTICS] = [1, 263, 6];
const [SO_RCVBUF, SO_ATTACH_FILTER, SO_RCVBUFFORCE, SO_TIMESTAMPNS, SO_LOCK_FILTER] = [8, 26, 33, 35, 44];
const ETH_P_ALL = 3;

/**
 * A socket that gets what `nameFilter` lets pass, of all interfaces of one network namespace. It is opened without a
 * protocol and bound only after the filter is attached, so no other packet is ever queued. Needs CAP_NET_RAW now
 * and nothing later.
 */
export function openPacketSocket(options: PacketSocketOptions = {}): PacketSocket | { why: string } {
  if (process.platform !== 'linux') return { why: 'packet sockets are a thing of Linux' };
  // The structures below are written by hand in the layout of 64-bit little-endian systems.
  if (endianness() !== 'LE' || !['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)) {
    return { why: `the layout of the kernel's structures is not known for ${process.arch}` };
  }
  const libc = bindLibc();
  if ('why' in libc) return libc;
  const { netnsPath } = options;
  if (netnsPath === undefined) return openHere(libc, options);
  let fd: number;
  try {
    // Without blocking: a path that somebody replaced by a pipe must not hang us.
    fd = openSync(netnsPath, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { why: `the network namespace cannot be opened (${(error as NodeJS.ErrnoException).code})` };
  }
  try {
    return inNetworkNamespace(libc, fd, () => openHere(libc, options));
  } finally {
    closeSync(fd);
  }
}

/** The functions of the C library that are used, or why they cannot be called. */
function bindLibc() {
  const loaded = loadKoffi();
  if ('why' in loaded) return loaded;
  const { koffi } = loaded;
  try {
    const library = koffi.load(null);
    return {
      address: (bytes: Uint8Array): bigint => koffi.address(bytes),
      errno: (): number => koffi.errno(),
      /** `EPERM` and the like. */
      errorName: (): string => {
        const number = koffi.errno();
        return Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
      },
      wouldBlock: koffi.os.errno.EAGAIN as number,
      interrupted: koffi.os.errno.EINTR as number,
      socket: library.func('int socket(int, int, int)') as (...args: number[]) => number,
      bind: library.func('int bind(int, uint8_t *, uint32_t)') as (fd: number, to: Buffer, length: number) => number,
      setsockopt: library.func('int setsockopt(int, int, int, uint8_t *, uint32_t)') as SetOption,
      getsockopt: library.func('int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ uint32_t *)') as GetOption,
      recvmmsg: library.func('int recvmmsg(int, void *, unsigned int, int, void *)') as ReceiveMany,
      setns: library.func('int setns(int, int)') as (fd: number, type: number) => number,
      close: library.func('int close(int)') as (fd: number) => number,
    };
  } catch (error) {
    return { why: `the C library lacks a function (${String((error as Error).message).slice(0, 120)})` };
  }
}

type SetOption = (fd: number, level: number, option: number, value: Buffer, length: number) => number;
type GetOption = (fd: number, level: number, option: number, value: Buffer, length: number[]) => number;
type ReceiveMany = (fd: number, messages: bigint, count: number, flags: number, timeout: null) => number;
export type Libc = Exclude<ReturnType<typeof bindLibc>, { why: string }>;

function openHere(libc: Libc, options: PacketSocketOptions): PacketSocket | { why: string } {
  const fd = libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return { why: `the packet socket was refused (${libc.errorName()})` };
  const problem = prepare(libc, fd, options.receiveBytes ?? RECEIVE_BYTES);
  if (problem !== undefined) {
    libc.close(fd);
    return { why: problem };
  }
  return createReader(libc, fd, options.now ?? Date.now);
}

function prepare(libc: Libc, fd: number, receiveBytes: number): string | undefined {
  const filter = encode(nameFilter());
  const program = Buffer.alloc(16);
  program.writeUInt16LE(filter.length / 8, 0);
  program.writeBigUInt64LE(libc.address(filter), 8);
  if (libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 16) < 0) {
    return `the kernel refused the packet filter (${libc.errorName()})`;
  }
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  };
  // What is asked for is doubled by the kernel. The forced form needs CAP_NET_ADMIN; the other one stops at a limit.
  const half = number(receiveBytes >> 1);
  if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, half, 4) < 0) libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, half, 4);
  libc.setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, number(1), 4);
  libc.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, number(1), 4);
  const everywhere = Buffer.alloc(20);
  everywhere.writeUInt16LE(AF_PACKET, 0);
  everywhere.writeUInt16BE(ETH_P_ALL, 2);
  return libc.bind(fd, everywhere, 20) < 0 ? `the packet socket cannot be bound (${libc.errorName()})` : undefined;
}

// One call fetches a batch; a call through koffi costs as much as reading several packets.
const BATCH = 32;
const MESSAGE_BYTES = 64;
const NAME_BYTES = 32;
const CONTROL_BYTES = 64;
const [MSG_DONTWAIT, MSG_TRUNC] = [0x40, 0x20];

/** `struct mmsghdr[]` with everything it points to, in one piece of memory that the collector of garbage cannot move. */
function createBatch(libc: Libc) {
  const perMessage = MESSAGE_BYTES + 16 + NAME_BYTES + CONTROL_BYTES;
  const bytes = Buffer.from(new ArrayBuffer(BATCH * (perMessage + SNAP_BYTES)));
  const base = libc.address(bytes);
  const vectors = BATCH * MESSAGE_BYTES;
  const names = vectors + BATCH * 16;
  const controls = names + BATCH * NAME_BYTES;
  const packets = controls + BATCH * CONTROL_BYTES;
  for (let index = 0; index < BATCH; index++) {
    const message = index * MESSAGE_BYTES;
    bytes.writeBigUInt64LE(base + BigInt(names + index * NAME_BYTES), message);
    bytes.writeBigUInt64LE(base + BigInt(vectors + index * 16), message + 16);
    bytes.writeBigUInt64LE(1n, message + 24);
    bytes.writeBigUInt64LE(base + BigInt(controls + index * CONTROL_BYTES), message + 32);
    bytes.writeBigUInt64LE(base + BigInt(packets + index * SNAP_BYTES), vectors + index * 16);
    bytes.writeBigUInt64LE(BigInt(SNAP_BYTES), vectors + index * 16 + 8);
  }
  return { bytes, base, names, controls, packets };
}

function createReader(libc: Libc, fd: number, now: () => number): PacketSocket {
  const batch = createBatch(libc);
  const { bytes } = batch;
  let open = true;

  function fetch(most: number): number {
    // The kernel writes the lengths it used into the same fields that say how much room there is.
    for (let index = 0; index < most; index++) {
      bytes.writeUInt32LE(NAME_BYTES, index * MESSAGE_BYTES + 8);
      bytes.writeUInt32LE(CONTROL_BYTES, index * MESSAGE_BYTES + 40);
    }
    const got = libc.recvmmsg(fd, batch.base, most, MSG_DONTWAIT | MSG_TRUNC, null);
    return got < 0 ? 0 : got;
  }

  function packetAt(index: number): CapturedPacket {
    const wireBytes = bytes.readUInt32LE(index * MESSAGE_BYTES + 56);
    const start = batch.packets + index * SNAP_BYTES;
    const isOutgoing = bytes[batch.names + index * NAME_BYTES + 10] === 4;
    return {
      data: bytes.subarray(start, start + Math.min(wireBytes, SNAP_BYTES)),
      wireBytes,
      direction: isOutgoing ? 'out' : 'in',
      at: stampOf(index) ?? now(),
    };
  }

  function stampOf(index: number): number | undefined {
    const at = batch.controls + index * CONTROL_BYTES;
    const length = bytes.readUInt32LE(index * MESSAGE_BYTES + 40);
    if (length < 32 || bytes.readInt32LE(at + 8) !== SOL_SOCKET || bytes.readInt32LE(at + 12) !== SO_TIMESTAMPNS) {
      return undefined;
    }
    return Number(bytes.readBigInt64LE(at + 16)) * 1000 + Math.floor(bytes.readUInt32LE(at + 24) / 1e6);
  }

  return {
    receive(take, maxPackets) {
      let total = 0;
      while (open && total < maxPackets) {
        const asked = Math.min(BATCH, maxPackets - total);
        const got = fetch(asked);
        for (let index = 0; index < got; index++) take(packetAt(index));
        total += got;
        if (got < asked) break;
      }
      return total;
    },
    dropped() {
      const statistics = Buffer.alloc(8);
      // Reading sets the kernel's counters to zero.
      if (!open || libc.getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, statistics, [8]) < 0) return 0;
      return statistics.readUInt32LE(4);
    },
    close() {
      if (open) libc.close(fd);
      open = false;
    },
  };
}
