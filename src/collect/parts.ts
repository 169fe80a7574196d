import type { BlindSpot } from '../types/blind-spot.ts';
import type { ProcessSource, SocketSource } from '../types/collector.ts';
import { UserError } from '../types/error.ts';
import type { InterfaceAddress } from '../types/snapshot.ts';
import {
  createProcfsInterfaces,
  createProcfsProcesses,
  createProcfsSockets,
  createSocketOwners,
  type SocketOwners,
} from './linux/index.ts';
import { createNetlinkSockets, whyNotNetlink } from './linux/netlink-sockets.ts';
import { createTcpBytes, type TcpBytes } from './linux/tcp-bytes.ts';
import {
  createDarwinSockets,
  createLsofSockets,
  createNetstatSockets,
  createOsInterfaces,
  createPsProcesses,
  createTasklistProcesses,
} from './portable/index.ts';

/** How sockets are to be read: `auto` is the best that this system has. */
export type CollectorWish = 'auto' | 'netlink' | 'procfs' | 'netstat' | 'lsof';

/** What a look is put together from; one row of this table per way to read a machine. */
export interface Parts {
  sockets: SocketSource;
  processes: ProcessSource & { watch?(pids: ReadonlySet<number>): void };
  /** Only where sockets come without their owners. */
  owners?: SocketOwners;
  /** Byte counters of the family's TCP connections, where the system has them. */
  bytes?: TcpBytes;
  interfaces: {
    read(netns: readonly { netns: string; pid: number }[]): { interfaces: InterfaceAddress[]; blindSpots: BlindSpot[] };
  };
}

export interface PartsOptions {
  platform: NodeJS.Platform;
  collector: CollectorWish;
  /** Root of the process file system, `/proc`; another one for recorded machines. */
  procRoot?: string;
  now: () => number;
  /** Why netlink cannot be used, or `undefined`; asks koffi and the kernel. */
  whyNotNetlink?: () => string | undefined;
}

/**
 * The sources for a system and a wish.
 *
 * @throws UserError when the system does not have what was asked for.
 */
export function createParts(options: PartsOptions): Parts {
  const { platform, collector, now } = options;
  const procRoot = options.procRoot === undefined ? {} : { procRoot: options.procRoot };
  if (platform === 'linux') {
    // Also beside netstat or lsof processes come from /proc: no tool tells start time, environment and namespace.
    const shared = {
      processes: createProcfsProcesses({ ...procRoot, now }),
      interfaces: createProcfsInterfaces(procRoot),
    };
    if (collector === 'netstat') return { ...shared, sockets: createNetstatSockets({ platform }) };
    if (collector === 'lsof') return { ...shared, sockets: createLsofSockets() };
    return { ...shared, ...linuxSockets(options), owners: createSocketOwners(procRoot) };
  }
  if (collector === 'netlink' || collector === 'procfs' || (collector === 'lsof' && platform === 'win32')) {
    throw new UserError(`the collector "${collector}" does not exist on ${platform}`, {
      hint: 'leave --collector out, or use --collector netstat',
    });
  }
  if (platform === 'darwin') {
    const shared = { processes: createPsProcesses(), interfaces: createOsInterfaces() };
    if (collector === 'netstat') return { ...shared, sockets: createNetstatSockets({ platform }) };
    if (collector === 'lsof') return { ...shared, sockets: createLsofSockets() };
    return { ...shared, sockets: createDarwinSockets() };
  }
  if (platform === 'win32') {
    return {
      sockets: createNetstatSockets({ platform }),
      processes: createTasklistProcesses(),
      interfaces: createOsInterfaces(),
    };
  }
  throw new UserError(`ClawWatch cannot read sockets on ${platform}`, {
    hint: 'it runs on Linux, macOS and Windows',
    exitCode: 78,
  });
}

/** Netlink where it works, `/proc` where it does not or where that was asked for: both show the same sockets. */
function linuxSockets({ collector, procRoot, now, whyNotNetlink: ask = whyNotNetlink }: PartsOptions) {
  // Netlink and `ss` speak of this machine, whatever recording the rest is read from.
  if (procRoot !== undefined) return { sockets: createProcfsSockets({ procRoot }) };
  const why = collector === 'procfs' ? undefined : ask();
  if (collector !== 'procfs' && why === undefined) {
    const sockets = createNetlinkSockets();
    return { sockets, bytes: sockets.bytes };
  }
  if (collector === 'netlink') {
    throw new UserError('the collector "netlink" does not work here', {
      hint: `leave --collector out, which then reads /proc (${why})`,
    });
  }
  const sockets = createProcfsSockets();
  return {
    sockets: why === undefined ? sockets : withBlindSpot(sockets, noNetlink(why)),
    bytes: createTcpBytes({ now }),
  };
}

function withBlindSpot(source: SocketSource, spot: BlindSpot): SocketSource {
  return {
    id: source.id,
    isSupported: () => source.isSupported(),
    async read(request, signal) {
      const reading = await source.read(request, signal);
      return { ...reading, blindSpots: [...reading.blindSpots, spot] };
    },
  };
}

function noNetlink(why: string): BlindSpot {
  return {
    id: 'netlink.unavailable',
    source: 'netlink',
    what: 'whether each wildcard IPv6 listener takes IPv4 too, and the last bytes of connections',
    why: `${why}; sockets are read from /proc instead`,
    fix: 'let ClawWatch open sock_diag sockets, and install koffi; --collector procfs ends this message',
    essential: false,
  };
}
