import type os from 'node:os';
import { describe, expect, it } from 'vitest';
import { createOsInterfaces } from '../../../src/collect/portable/interfaces.ts';

const MAC = '00:00:00:00:00:00';

describe('interfaces by node:os', () => {
  it('gives every address canonically, with its prefix where it is known', () => {
    const networkInterfaces = () =>
      ({
        lo0: [
          { address: '127.0.0.1', netmask: '255.0.0.0', family: 'IPv4', mac: MAC, internal: true, cidr: '127.0.0.1/8' },
          { address: 'FE80:0::1', netmask: '', family: 'IPv6', mac: MAC, internal: true, cidr: null, scopeid: 1 },
        ],
        utun4: undefined,
      }) as ReturnType<typeof os.networkInterfaces>;
    const { interfaces } = createOsInterfaces({ networkInterfaces, ownNetns: '7' }).read([]);
    expect(interfaces).toEqual([
      { netns: '7', interface: 'lo0', address: '127.0.0.1', prefix: 8, family: 4, up: true },
      { netns: '7', interface: 'lo0', address: 'fe80::1', family: 6, up: true },
    ]);
  });

  it('is essentially blind where the system refuses to answer', () => {
    const networkInterfaces = () => {
      throw new Error('uv_interface_addresses returned Unknown system error 13');
    };
    const { interfaces, blindSpots } = createOsInterfaces({ networkInterfaces, ownNetns: 'own' }).read([]);
    expect(interfaces).toEqual([]);
    expect(blindSpots.find((spot) => spot.id === 'interfaces.refused')).toMatchObject({ essential: true });
  });

  it('says that interfaces which are down are not listed, and names namespaces it cannot enter', () => {
    const source = createOsInterfaces({ networkInterfaces: () => ({}), ownNetns: '7' });
    const ids = source.read([{ netns: '9', pid: 3 }]).blindSpots.map((spot) => spot.id);
    expect(ids).toEqual(['interfaces.netns-unread', 'interfaces.down']);
  });

  it('finds the loopback address of this system', () => {
    expect(
      createOsInterfaces()
        .read([])
        .interfaces.map((entry) => entry.address),
    ).toContain('127.0.0.1');
  });
});
