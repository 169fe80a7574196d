import { endianness, networkInterfaces } from 'node:os';
import type { BlindSpot } from '../../types/blind-spot.ts';
import { addressFamily, canonicalAddress } from '../../types/ip.ts';
import type { InterfaceAddress } from '../../types/snapshot.ts';
import { createFileReader } from './file-reader.ts';
import { type LocalAddress, networkOf, parseFibTrie, parseRoutes } from './ipv4-addresses.ts';
import { parseIfInet6 } from './ipv6-addresses.ts';
import { readNetns } from './netns.ts';

const SOURCE = 'procfs';

export interface InterfaceReading {
  interfaces: InterfaceAddress[];
  blindSpots: BlindSpot[];
}

/** Addresses of network interfaces, by namespace. */
export interface ProcfsInterfaces {
  /** Reads our own namespace and those given, each through a process inside it. */
  read(netns: readonly { netns: string; pid: number }[]): InterfaceReading;
}

/**
 * Interface addresses from `/proc`, also of namespaces that we are not in: `fib_trie` has the IPv4 addresses, `route` the
 * networks around them and thereby the interface, `if_inet6` all of IPv6. For our own namespace the system is asked too,
 * because it names interfaces that the main routing table does not, a Tailscale tunnel above all.
 *
 * @param options.system addresses of our own namespace as Node gives them; by default only for the real `/proc`.
 */
export function createProcfsInterfaces(
  options: { procRoot?: string; system?: typeof networkInterfaces } = {},
): ProcfsInterfaces {
  const procRoot = options.procRoot ?? '/proc';
  const system = options.system ?? (options.procRoot === undefined ? networkInterfaces : () => ({}));
  const files = createFileReader();

  function text(path: string): string | undefined {
    const length = files.read(path);
    return length < 0 ? undefined : files.buffer.toString('latin1', 0, length);
  }

  function readNamespace(directory: string, netns: string): InterfaceReading {
    const trie = text(`${directory}/fib_trie`);
    const v4 = parseFibTrie(trie ?? '');
    const networks = parseRoutes(text(`${directory}/route`) ?? '', endianness());
    const v6 = parseIfInet6(text(`${directory}/if_inet6`) ?? '');
    const interfaces: InterfaceAddress[] = v4.addresses.filter(isAddress).map(({ address, prefix }) => {
      const network = isLoopback4(address) ? LOOPBACK : networkOf(address, networks);
      return {
        netns,
        address,
        ...(network === undefined ? {} : { interface: network.interface }),
        ...(prefix < 32 ? { prefix } : network === undefined ? {} : { prefix: network.prefix }),
        family: 4 as const,
        up: true,
      };
    });
    for (const { address, prefix, interface: name, usable } of v6.addresses) {
      interfaces.push({ netns, interface: name, address, prefix, family: addressFamily(address), up: usable });
    }
    const malformed = v4.malformed + v6.malformed;
    return { interfaces, blindSpots: trie === undefined || malformed > 0 ? [addressBlindSpot(netns, malformed)] : [] };
  }

  function readOwn(netns: string): InterfaceReading {
    const reading = readNamespace(`${procRoot}/net`, netns);
    const named = systemAddresses(system, netns);
    const interfaces = reading.interfaces.map((entry) => {
      const same = named.find(({ address }) => address === entry.address);
      return same === undefined || (entry.family === 4 && entry.prefix !== undefined && entry.interface !== undefined)
        ? entry
        : { ...same, up: entry.up };
    });
    const listed = new Set(interfaces.map(({ address }) => address));
    return {
      interfaces: [...interfaces, ...named.filter(({ address }) => !listed.has(address))],
      // What /proc withheld (some containers mask it), the system may have told.
      blindSpots: named.some(({ family }) => family === 4) ? [] : reading.blindSpots,
    };
  }

  return {
    read(wanted) {
      const own = readNetns(procRoot, 'self') ?? 'own';
      const all = readOwn(own);
      const seen = new Set([own]);
      for (const { netns, pid } of wanted) {
        if (seen.has(netns)) continue;
        seen.add(netns);
        const part = readNamespace(`${procRoot}/${pid}/net`, netns);
        // As for sockets: a pid that was reused or moved must not lend its addresses to this namespace.
        const now = readNetns(procRoot, pid);
        if (now !== undefined && now !== netns) all.blindSpots.push(addressBlindSpot(netns, 0));
        else {
          all.interfaces.push(...part.interfaces);
          all.blindSpots.push(...part.blindSpots);
        }
      }
      return all;
    },
  };
}

const LOOPBACK = { interface: 'lo', prefix: 8 };

/** Leaves out 127.0.0.0/8 itself, which is local on every machine and no address of an interface. */
function isAddress({ address, prefix }: LocalAddress): boolean {
  return prefix === 32 || !isLoopback4(address);
}

function isLoopback4(address: string): boolean {
  return address.startsWith('127.');
}

function systemAddresses(system: typeof networkInterfaces, netns: string): InterfaceAddress[] {
  const addresses: InterfaceAddress[] = [];
  for (const [name, entries] of Object.entries(system())) {
    for (const entry of entries ?? []) {
      const address = canonicalAddress(entry.address);
      if (address === undefined) continue;
      const prefix = Number(entry.cidr?.split('/')[1] ?? Number.NaN);
      addresses.push({
        netns,
        interface: name,
        address,
        ...(Number.isInteger(prefix) ? { prefix } : {}),
        family: addressFamily(address),
        up: true,
      });
    }
  }
  return addresses;
}

function addressBlindSpot(netns: string, malformed: number): BlindSpot {
  return {
    id: 'proc.net.addresses',
    source: SOURCE,
    what: `addresses of network namespace ${/^\d{1,20}$/.test(netns) ? netns : 'own'}`,
    why:
      malformed > 0
        ? `${malformed} ${malformed === 1 ? 'line' : 'lines'} of fib_trie or if_inet6 make no sense`
        : 'fib_trie is not readable, or its process is gone',
    fix: 'compare with `ip address`; the reach of wildcard listeners is a guess without it',
    essential: false,
  };
}
