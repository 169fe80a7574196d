import { describe, expect, it } from 'vitest';
import { createAddressView } from '../../src/enrich/addresses.ts';
import { reachableAt, widestReach } from '../../src/enrich/reach.ts';
import type { InterfaceAddress, Reach } from '../../src/types/snapshot.ts';
import { answers, LAN, LO, listening, look, onInterface, only, TAILSCALE } from './builders.ts';

const GUA = onInterface('eth0', '2606:4700::10/64');
const ULA = onInterface('eth0', 'fd77::10/64');
const LINK_LOCAL = onInterface('eth0', 'fe80::1/64');
const PUBLIC = onInterface('eth1', '8.8.4.4/24');

function reachOf(address: string, interfaces: InterfaceAddress[], extra: Parameters<typeof listening>[2] = {}): Reach {
  return widestReach(reachableAt(listening(address, 18789, extra), createAddressView(interfaces, []), false));
}

describe('reach of a listener', () => {
  it.each<[string, string, InterfaceAddress[], Reach]>([
    ['loopback', '127.0.0.1', [...LO, PUBLIC], 'loopback'],
    ['IPv6 loopback', '::1', [...LO, GUA], 'loopback'],
    ['another loopback address', '127.0.0.53', [...LO, PUBLIC], 'loopback'],
    ['the wildcard on a host with loopback only', '0.0.0.0', LO, 'loopback'],
    ['the wildcard on a LAN', '0.0.0.0', [...LO, LAN], 'lan'],
    ['the wildcard on a tailnet', '0.0.0.0', [...LO, TAILSCALE], 'tailnet'],
    ['the wildcard on LAN and tailnet', '0.0.0.0', [...LO, TAILSCALE, LAN], 'lan'],
    ['the wildcard with a public address', '0.0.0.0', [...LO, LAN, PUBLIC], 'public'],
    ['the IPv4 wildcard, public only over IPv6', '0.0.0.0', [...LO, LAN, GUA], 'lan'],
    ['the IPv6 wildcard with a global address', '::', [...LO, LAN, GUA], 'public'],
    ['the IPv6 wildcard with a ULA', '::', [...LO, ULA], 'lan'],
    ['the IPv6 wildcard with a link-local address only', '::', [...LO, LINK_LOCAL], 'lan'],
    ['a LAN address', '192.168.50.10', [...LO, LAN, PUBLIC], 'lan'],
    ['a public address', '8.8.4.4', [...LO, PUBLIC], 'public'],
    ['a tailnet address', '100.101.102.103', [...LO, TAILSCALE], 'tailnet'],
    [
      'a carrier NAT address without Tailscale',
      '100.101.102.103',
      [...LO, onInterface('wwan0', '100.101.102.103/32')],
      'lan',
    ],
    [
      'a carrier NAT address beside a tailnet',
      '100.70.0.1',
      [...LO, TAILSCALE, onInterface('wwan0', '100.70.0.1/32')],
      'lan',
    ],
    ['an address that is on no interface', '8.8.4.4', [...LO, LAN], 'public'],
  ])('%s', (_title, address, interfaces, expected) => {
    expect(reachOf(address, interfaces)).toBe(expected);
  });

  it('does not count interfaces that are down', () => {
    expect(reachOf('0.0.0.0', [...LO, { ...PUBLIC, up: false }])).toBe('loopback');
  });

  it('keeps a socket on a vanished address as possibly reachable', () => {
    const socket = listening('192.168.50.10');
    const down = createAddressView([...LO, { ...LAN, up: false }], []);
    expect(answers({ reachableAt: reachableAt(socket, down, false) })).toEqual(['192.168.50.10 lan possible']);
  });

  it.each([
    ['unknown', ['192.168.50.10 lan likely', '127.0.0.1 loopback likely', '::1 loopback certain']],
    [undefined, ['192.168.50.10 lan likely', '127.0.0.1 loopback likely', '::1 loopback certain']],
    ['yes', ['192.168.50.10 lan certain', '127.0.0.1 loopback certain', '::1 loopback certain']],
    ['no', ['::1 loopback certain']],
  ] as const)('counts the IPv4 side of an IPv6 wildcard with dual stack %s', (dualStack, expected) => {
    const socket = listening('::', 18789, dualStack === undefined ? {} : { dualStack });
    expect(answers({ reachableAt: reachableAt(socket, createAddressView([...LO, LAN], []), false) })).toEqual(expected);
  });

  it('is the LAN, possibly, where the interfaces of the namespace are unread, with an essential blind spot', () => {
    const snapshot = look({ interfaces: [], observations: [listening('0.0.0.0'), listening('::')] });
    expect(snapshot.listeners.map((listener) => listener.reach)).toEqual(['lan', 'lan']);
    expect(answers(snapshot.listeners[0]!)).toEqual(['0.0.0.0 lan possible']);
    const spot = only(snapshot.blindSpots);
    expect(spot).toMatchObject({ id: 'enrich.interfaces.unread', essential: true, gatewayId: 'default' });
  });

  it('uses the interfaces of the namespace of the socket and no other', () => {
    const snapshot = look({
      interfaces: [...LO, PUBLIC, ...[...LO, LAN].map((entry) => ({ ...entry, netns: '99' }))],
      observations: [listening('0.0.0.0', 4444, { netns: '99', pids: [] })],
    });
    expect(only(snapshot.listeners).reach).toBe('lan');
    expect(only(snapshot.listeners).place).toBe('namespace');
  });

  it('counts a documentation block as public in a laboratory', () => {
    const interfaces = [...LO, onInterface('eth0', '203.0.113.5/24')];
    const observations = [listening('0.0.0.0')];
    expect(only(look({ interfaces, observations }).listeners).reach).toBe('lan');
    expect(only(look({ interfaces, observations }, { labPublic: ['203.0.113.0/24'] }).listeners).reach).toBe('public');
  });

  it('judges UDP like TCP', () => {
    const snapshot = look({ observations: [listening('0.0.0.0', 5353, { protocol: 'udp' })] });
    expect(only(snapshot.listeners)).toMatchObject({ reach: 'lan', service: 'mdns' });
  });
});

describe('Tailscale', () => {
  it.each([
    ['tailscale0', '100.101.102.103/32', true],
    ['utun3', 'fd7a:115c:a1e0::1/48', true],
    ['Tailscale', '100.101.102.103/32', true],
    ['tailscale0', '192.168.1.1/24', false],
    ['eth0', '100.101.102.103/32', false],
    ['utun3', '10.0.0.1/24', false],
  ])('interface %s with %s: %s', (name, cidr, expected) => {
    expect(look({ interfaces: [...LO, onInterface(name, cidr)] }).addressContext.tailnet).toBe(expected);
  });

  it('is not there while its interface is down', () => {
    expect(look({ interfaces: [{ ...TAILSCALE, up: false }] }).addressContext.tailnet).toBe(false);
  });
});
