import { closeSync, existsSync, openSync, readlinkSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import type { BlindSpot } from '../../types/blind-spot.ts';
import type { SocketReading, SocketRequest, SocketSource } from '../../types/collector.ts';
import type { Observation, Protocol } from '../../types/socket.ts';
import { markDualStack } from './dual-stack.ts';
import { errorCode, isDenied } from './file-reader.ts';
import { createAddressDecoder } from './hex-address.ts';
import { readNetns } from './netns.ts';
import { createTableParser } from './socket-table.ts';

const SOURCE = 'procfs';

const TABLES: readonly { file: string; protocol: Protocol; family: 4 | 6 }[] = [
  { file: 'tcp', protocol: 'tcp', family: 4 },
  { file: 'tcp6', protocol: 'tcp', family: 6 },
  { file: 'udp', protocol: 'udp', family: 4 },
  { file: 'udp6', protocol: 'udp', family: 6 },
];

const CHUNK = 64 * 1024;

/**
 * A read of a table returns whole lines until the next one would not fit into a page, so less than this means that there
 * is no next one: the smallest page less more than the longest line.
 */
const LAST_READ = 4096 - 320;
/** Every so many looks the end of each table is checked all the same. */
const CHECK_EVERY = 100;

type TableReading = { observations: Observation[]; malformed: number } | { code: string };

/**
 * Sockets from `/proc/net`, no subprocess and no rights needed: our own namespace, and for each other namespace the
 * tables of a process inside it. The cost has a floor of some milliseconds on machines with much memory, because the
 * kernel walks its whole hash table for each TCP file.
 *
 * @param options.own false: the other namespaces only, for a source that reads our own in another way.
 */
export function createProcfsSockets(options: { procRoot?: string; own?: boolean } = {}): SocketSource {
  const procRoot = options.procRoot ?? '/proc';
  const addresses = createAddressDecoder(endianness());
  const chunk = Buffer.alloc(CHUNK);
  // Asking once more at the end costs as much as the whole table: the kernel walks it again from the start to find that
  // nothing is left. A /proc that returns little although more follows (an emulated one) must not hide sockets from us,
  // though: the first look and every hundredth one asks, and after one surprise all do.
  let trustsShortRead = true;
  let looks = 0;

  function isEnd(count: number, room: number): boolean {
    return trustsShortRead && looks % CHECK_EVERY !== 1 && count < LAST_READ && room >= 4096;
  }

  function readTable(path: string, table: (typeof TABLES)[number], netns: string, seenAt: number): TableReading {
    let fd = -1;
    try {
      fd = openSync(path, 'r');
      const { protocol, family } = table;
      const parser = createTableParser({ source: SOURCE, seenAt, netns, protocol, family }, addresses);
      let held = 0;
      let dropped = false;
      let wasShort = false;
      for (;;) {
        const room = CHUNK - held;
        const count = readSync(fd, chunk, held, room, null);
        if (count === 0) break;
        if (wasShort) trustsShortRead = false;
        wasShort = count < LAST_READ && room >= 4096;
        const length = held + count;
        const done = parser.push(chunk, length);
        chunk.copyWithin(0, done, length);
        held = length - done;
        // No line of the kernel is as long as the chunk: start anew, and let `end` count what was lost.
        if (held === CHUNK) {
          held = 0;
          dropped = true;
        }
        if (isEnd(count, room)) break;
      }
      parser.end(dropped ? 1 : held);
      return { observations: parser.observations, malformed: parser.malformed };
    } catch (error) {
      return { code: errorCode(error) };
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  }

  /** Returns an error code when the namespace of another process cannot be read at all. */
  function readNamespace(directory: string, netns: string, seenAt: number, reading: SocketReading): string | undefined {
    const observations: Observation[] = [];
    let malformed = 0;
    for (const table of TABLES) {
      const result = readTable(`${directory}/${table.file}`, table, netns, seenAt);
      if ('code' in result) {
        if (table.file === 'tcp' && directory !== `${procRoot}/net`) return result.code;
        const spot = tableBlindSpot(table.file, result.code, existsSync(`${directory}/if_inet6`));
        if (spot) reading.blindSpots.push(spot);
        continue;
      }
      malformed += result.malformed;
      // Not push(...): a table can be longer than the argument list of a call.
      for (const observation of result.observations) observations.push(observation);
    }
    if (malformed > 0) reading.blindSpots.push(malformedBlindSpot(malformed));
    if (!reading.blindSpots.some((spot) => spot.essential)) reading.netnsRead?.push(netns);
    markDualStack(observations);
    for (const observation of observations) reading.observations.push(observation);
    return undefined;
  }

  function readOther(wanted: { netns: string; pid: number }, now: number, reading: SocketReading): void {
    const directory = `${procRoot}/${wanted.pid}`;
    const part: SocketReading = { observations: [], netnsRead: [], blindSpots: [] };
    const before = readNetns(procRoot, wanted.pid);
    const isThere = before === undefined || before === wanted.netns;
    const code = isThere ? readNamespace(`${directory}/net`, wanted.netns, now, part) : 'ESRCH';
    // The pid may be another process by now, or the process may have moved: then these are not that namespace's sockets.
    const after = readNetns(procRoot, wanted.pid);
    if (code !== undefined || after !== before) {
      reading.blindSpots.push(namespaceBlindSpot(wanted.netns, code ?? 'ESRCH'));
      return;
    }
    for (const observation of part.observations) reading.observations.push(observation);
    reading.blindSpots.push(...part.blindSpots);
    reading.netnsRead?.push(...(part.netnsRead ?? []));
  }

  return {
    id: SOURCE,
    isSupported: () => existsSync(`${procRoot}/net`) || linkExists(`${procRoot}/net`),
    async read(request: SocketRequest, signal: AbortSignal) {
      signal.throwIfAborted();
      looks += 1;
      const reading: SocketReading = { observations: [], netnsRead: [], blindSpots: [] };
      const own = readNetns(procRoot, 'self') ?? 'own';
      if (options.own !== false) readNamespace(`${procRoot}/net`, own, request.now, reading);
      const seen = new Set([own]);
      for (const wanted of request.netns) {
        if (seen.has(wanted.netns)) continue;
        signal.throwIfAborted();
        seen.add(wanted.netns);
        readOther(wanted, request.now, reading);
      }
      return reading;
    },
  };
}

function linkExists(path: string): boolean {
  try {
    return readlinkSync(path) !== '';
  } catch {
    return false;
  }
}

/** `undefined` where nothing is missed: a kernel without IPv6 has no IPv6 tables. */
function tableBlindSpot(file: string, code: string, hasIpv6: boolean): BlindSpot | undefined {
  const isV6 = file.endsWith('6');
  if (isV6 && code === 'ENOENT' && !hasIpv6) return undefined;
  return {
    id: `proc.net.${file}.unreadable`,
    source: SOURCE,
    what: `${file.startsWith('tcp') ? 'TCP' : 'UDP'} sockets of IPv${isV6 ? 6 : 4}`,
    why: isDenied(code) ? `/proc/net/${file} may not be read (${code})` : `/proc/net/${file} cannot be read (${code})`,
    fix: 'mount procfs at /proc and let ClawWatch read /proc/net, or use --collector netstat',
    essential: file.startsWith('tcp'),
    socketsMissing: true,
  };
}

function malformedBlindSpot(lines: number): BlindSpot {
  return {
    id: 'proc.net.malformed',
    source: SOURCE,
    what: `${lines} ${lines === 1 ? 'socket' : 'sockets'} in lines that make no sense`,
    why: 'the tables in /proc/net are not as any known kernel writes them',
    fix: 'compare with `ss -tunap`, and report the kernel version (uname -r)',
    essential: true,
    socketsMissing: true,
  };
}

function namespaceBlindSpot(netns: string, code: string): BlindSpot {
  const denied = isDenied(code);
  return {
    id: denied ? 'proc.netns.denied' : 'proc.netns.vanished',
    source: SOURCE,
    what: `sockets in network namespace ${/^\d{1,20}$/.test(netns) ? netns : 'of unknown number'}`,
    why: denied
      ? 'the tables of its process may not be read'
      : 'its process ended or moved to another namespace while it was read',
    fix: denied ? 'run as the user who owns OpenClaw, or with sudo' : 'the next look reads it again',
    socketsMissing: true,
    essential: denied,
  };
}
