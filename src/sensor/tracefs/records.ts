import type { LossEvent } from '../../types/sensor.ts';
import { type AddressReader, createAddressReader } from './addresses.ts';
import type { EventFormat, Field } from './format.ts';

/** One event of the kernel, decoded and not yet understood. Times are ns since the base of the clock. */
export type KernelRecord = ForkRecord | ExecRecord | ExitRecord | TcpRecord | LookupRecord | LossRecord;

export interface ForkRecord {
  kind: 'fork';
  timeNs: number;
  /** Thread that made the new one. */
  tid: number;
  child: number;
  cloneFlags: number;
  comm: string;
}

export interface ExecRecord {
  kind: 'exec';
  timeNs: number;
  /** The process: the thread that executes takes its number. */
  pid: number;
  /** Number that this thread had before. */
  oldTid: number;
  filename: string;
}

export interface ExitRecord {
  kind: 'exit';
  timeNs: number;
  tid: number;
  /** Whether it was the last thread of its process; absent on kernels before 6.16 or so. */
  isGroupDead?: boolean;
}

export interface TcpRecord {
  kind: 'tcp';
  timeNs: number;
  /** Thread that ran at that moment; 0 inside an interrupt, where it is a bystander. */
  tid: number;
  /** Tells sockets apart while they live. Made of the kernel's address, so it must never be shown. */
  socket: number;
  from: number;
  to: number;
  family: 4 | 6;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
}

/** A look into the routing table on behalf of a local sender that is not TCP. */
export interface LookupRecord {
  kind: 'lookup';
  timeNs: number;
  tid: number;
  table: number;
  /** 0: a route was found in this table. */
  error: number;
  protocol: number;
  family: 4 | 6;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
}

export interface LossRecord {
  kind: 'loss';
  timeNs: number;
  fromNs: number;
  source: LossEvent['source'];
  count?: number;
  why: string;
}

/** Events that are read, by the path of their folder under `events/`. */
export const EVENTS = {
  tcp: 'sock/inet_sock_set_state',
  fork: 'task/task_newtask',
  exec: 'sched/sched_process_exec',
  exit: 'sched/sched_process_exit',
  lookup4: 'fib/fib_table_lookup',
  lookup6: 'fib6/fib6_table_lookup',
} as const;
export type EventName = keyof typeof EVENTS;

const AF_INET = 2;
const AF_INET6 = 10;

/** Bits of `common_flags` that say hard or soft interrupt: whoever runs then has nothing to do with the event. */
export const IN_INTERRUPT = 0x18;

/** `undefined`: an event that is of no interest; `false`: bytes that are no event of this format. */
type Decode = (page: DataView, at: number, length: number, timeNs: number) => KernelRecord | undefined | false;

/** Decoders by `common_type`. */
export type Decoders = ReadonlyMap<number, Decode>;

/** Decoder of one kind of event, or the name of a field that this kernel does not have. */
export function createDecoder(name: EventName, format: EventFormat, addresses: AddressReader = createAddressReader()) {
  const missing: string[] = [];
  let length = 0;
  const field = (fieldName: string, size: number): number => {
    const found: Field | undefined = format.fields.get(fieldName);
    if (found === undefined || found.size !== size) {
      missing.push(fieldName);
      return 0;
    }
    length = Math.max(length, found.offset + found.size);
    return found.offset;
  };
  const decode = BUILDERS[name](field, format, addresses);
  if (missing.length > 0) return { why: `this kernel's ${EVENTS[name]} has no field "${missing[0]}" as expected` };
  const minLength = length;
  const checked: Decode = (page, at, size, timeNs) => (size < minLength ? false : decode(page, at, size, timeNs));
  return { decode: checked };
}

type FieldOf = (name: string, size: number) => number;
type Builder = (field: FieldOf, format: EventFormat, addresses: AddressReader) => Decode;

const BUILDERS: Record<EventName, Builder> = {
  fork(field, format) {
    const [tid, child, comm] = [field('common_pid', 4), field('pid', 4), field('comm', 16)];
    const flags = field('clone_flags', format.fields.get('clone_flags')?.size === 4 ? 4 : 8);
    return (page, at, _, timeNs) => {
      const born = page.getInt32(at + child, true);
      if (born <= 0) return false;
      return {
        kind: 'fork',
        timeNs,
        tid: page.getInt32(at + tid, true),
        child: born,
        cloneFlags: page.getUint32(at + flags, true),
        comm: text(page, at + comm, 16),
      };
    };
  },
  exec(field, format) {
    const [pid, oldTid, filename] = [field('pid', 4), field('old_pid', 4), field('filename', 4)];
    if (format.fields.get('filename')?.isTextLocation !== true) field('filename (as __data_loc)', 0);
    return (page, at, length, timeNs) => {
      const where = page.getUint32(at + filename, true);
      const [from, size] = [where & 0xffff, where >>> 16];
      const process = page.getInt32(at + pid, true);
      if (from + size > length || process <= 0) return false;
      return {
        kind: 'exec',
        timeNs,
        pid: process,
        oldTid: page.getInt32(at + oldTid, true),
        filename: text(page, at + from, size),
      };
    };
  },
  exit(field, format) {
    const tid = field('pid', 4);
    const dead = format.fields.has('group_dead') ? field('group_dead', 1) : undefined;
    return (page, at, _, timeNs) => ({
      kind: 'exit',
      timeNs,
      tid: page.getInt32(at + tid, true),
      ...(dead === undefined ? {} : { isGroupDead: page.getUint8(at + dead) !== 0 }),
    });
  },
  tcp(field, format, addresses) {
    const [tid, flags, family] = [field('common_pid', 4), field('common_flags', 1), field('family', 2)];
    const longSize = format.fields.get('skaddr')?.size === 4 ? 4 : 8;
    const socket = field('skaddr', longSize);
    const [from, to, sport, dport] = [field('oldstate', 4), field('newstate', 4), field('sport', 2), field('dport', 2)];
    const [saddr, daddr, saddr6, daddr6] = [
      field('saddr', 4),
      field('daddr', 4),
      field('saddr_v6', 16),
      field('daddr_v6', 16),
    ];
    return (page, at, _, timeNs) => {
      const kernelFamily = page.getUint16(at + family, true);
      if (kernelFamily !== AF_INET && kernelFamily !== AF_INET6) return undefined;
      const isV4 = kernelFamily === AF_INET;
      return {
        kind: 'tcp',
        timeNs,
        tid: (page.getUint8(at + flags) & IN_INTERRUPT) === 0 ? page.getInt32(at + tid, true) : 0,
        socket: longSize === 8 ? socketKey(page, at + socket) : page.getUint32(at + socket, true),
        from: page.getInt32(at + from, true),
        to: page.getInt32(at + to, true),
        family: isV4 ? 4 : 6,
        localAddress: isV4 ? addresses.v4(page, at + saddr) : addresses.v6(page, at + saddr6),
        localPort: page.getUint16(at + sport, true),
        remoteAddress: isV4 ? addresses.v4(page, at + daddr) : addresses.v6(page, at + daddr6),
        remotePort: page.getUint16(at + dport, true),
      };
    };
  },
  lookup4: (field, _, addresses) => lookup(field, 4, addresses),
  lookup6: (field, _, addresses) => lookup(field, 6, addresses),
};

function lookup(field: FieldOf, family: 4 | 6, addresses: AddressReader): Decode {
  const width = family === 4 ? 4 : 16;
  const [tid, table, error, protocol] = [field('common_pid', 4), field('tb_id', 4), field('err', 4), field('proto', 1)];
  const [src, dst, sport, dport] = [field('src', width), field('dst', width), field('sport', 2), field('dport', 2)];
  const spell = family === 4 ? addresses.v4 : addresses.v6;
  return (page, at, _, timeNs) => ({
    kind: 'lookup',
    timeNs,
    tid: page.getInt32(at + tid, true),
    table: page.getUint32(at + table, true),
    error: page.getInt32(at + error, true),
    protocol: page.getUint8(at + protocol),
    family,
    localAddress: spell(page, at + src),
    localPort: page.getUint16(at + sport, true),
    remoteAddress: spell(page, at + dst),
    remotePort: page.getUint16(at + dport, true),
  });
}

/** 53 bits of an address whose lowest three are always 0: as unique as the address on every machine there is. */
function socketKey(page: DataView, at: number): number {
  return (page.getUint32(at + 4, true) & 0xff_ffff) * 2 ** 29 + (page.getUint32(at, true) >>> 3);
}

/** Text up to its first NUL. What is no UTF-8 becomes U+FFFD. */
function text(page: DataView, at: number, size: number): string {
  const bytes = Buffer.from(page.buffer, page.byteOffset + at, size);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? size : end);
}
