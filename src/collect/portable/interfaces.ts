import os from 'node:os';
import type { BlindSpot } from '../../types/blind-spot.ts';
import { canonicalAddress } from '../../types/ip.ts';
import type { InterfaceAddress } from '../../types/snapshot.ts';
import { safeText } from '../../types/text.ts';
import { foreignNetnsBlindSpot, readOwnNetns } from './own-netns.ts';

export interface OsInterfacesOptions {
  networkInterfaces?: typeof os.networkInterfaces;
  ownNetns?: string;
}

/** Addresses of our own network namespace by `node:os`, which knows every system. */
export function createOsInterfaces(options: OsInterfacesOptions = {}) {
  const networkInterfaces = options.networkInterfaces ?? os.networkInterfaces;
  return {
    read(netns: readonly { netns: string; pid: number }[]): {
      interfaces: InterfaceAddress[];
      blindSpots: BlindSpot[];
    } {
      const own = options.ownNetns ?? readOwnNetns();
      const blindSpots = [...foreignNetnsBlindSpot('interfaces', netns, own), DOWN];
      try {
        const interfaces = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
          (addresses ?? []).flatMap((info) => interfaceAddress(name, info, own) ?? []),
        );
        return { interfaces, blindSpots };
      } catch (error) {
        // Restricted environments refuse the question (EACCES): then no listener on :: can be given an address.
        return { interfaces: [], blindSpots: [...blindSpots, refused(error)] };
      }
    },
  };
}

function interfaceAddress(name: string, info: os.NetworkInterfaceInfo, netns: string): InterfaceAddress | undefined {
  const address = canonicalAddress(info.address);
  if (address === undefined) return undefined;
  const prefix = Number(/\/(\d{1,3})$/.exec(info.cidr ?? '')?.[1] ?? Number.NaN);
  return {
    netns,
    interface: name,
    address,
    ...(!Number.isNaN(prefix) && { prefix }),
    family: address.includes(':') ? 6 : 4,
    up: true,
  };
}

const DOWN: BlindSpot = {
  id: 'interfaces.down',
  source: 'interfaces',
  what: 'addresses of interfaces that are down or unplugged',
  why: 'the system call behind node:os lists only running ones',
  essential: false,
};

function refused(error: unknown): BlindSpot {
  return {
    id: 'interfaces.refused',
    source: 'interfaces',
    what: 'the addresses of this host',
    why: `the system refuses to list them: ${safeText(error instanceof Error ? error.message : String(error), 120)}`,
    essential: true,
  };
}
