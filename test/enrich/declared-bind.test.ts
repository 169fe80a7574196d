import { describe, expect, it } from 'vitest';
import { createAddressView } from '../../src/enrich/addresses.ts';
import { compareBind } from '../../src/enrich/bind-verdict.ts';
import { declareBind, profilePort } from '../../src/enrich/declared-bind.ts';
import type { DeclaredBind, GatewayFact } from '../../src/types/gateway.ts';
import { config, gatewayFact, HOST_NETNS, LAN, LO, TAILSCALE } from './builders.ts';

const PLAIN = createAddressView([...LO, LAN], []);
const WITH_TAILSCALE = createAddressView([...LO, LAN, TAILSCALE], []);

function declare(extra: Partial<GatewayFact>, view = PLAIN): DeclaredBind {
  return declareBind(gatewayFact(extra), HOST_NETNS, view);
}

function bind(word: string, more: Record<string, unknown> = {}) {
  return { config: config({ gateway: { bind: word, ...more } }) };
}

const LOOPBACK = ['127.0.0.1', '::1'];

describe('the declared bind', () => {
  it.each<[string, Partial<GatewayFact>, Partial<DeclaredBind>]>([
    ['unset on a bare host', {}, { mode: 'loopback', modeBy: 'default', addresses: LOOPBACK, configMode: 'unset' }],
    ['loopback', bind('loopback'), { mode: 'loopback', modeBy: 'config', addresses: LOOPBACK, configMode: 'loopback' }],
    ['lan', bind('lan'), { mode: 'lan', modeBy: 'config', addresses: ['0.0.0.0'], configMode: 'lan' }],
    ['auto on a bare host', bind('auto'), { mode: 'auto', addresses: LOOPBACK, configMode: 'auto' }],
    [
      'auto in a container',
      { ...bind('auto'), inContainer: true },
      { mode: 'auto', modeBy: 'config', addresses: ['0.0.0.0'] },
    ],
    [
      'unset in a container',
      { inContainer: true },
      { mode: 'auto', modeBy: 'container default', addresses: ['0.0.0.0'], configMode: 'unset' },
    ],
    ['auto where nobody knows whether it is a container', { config: bind('auto').config }, { addresses: LOOPBACK }],
    ['tailnet without Tailscale', bind('tailnet'), { mode: 'tailnet', addresses: LOOPBACK }],
    [
      'custom with a LAN address',
      bind('custom', { customBindHost: '192.168.50.10' }),
      { mode: 'custom', addresses: ['192.168.50.10', '127.0.0.1'] },
    ],
    ['custom without an address', bind('custom'), { mode: 'custom', addresses: [] }],
    ['custom with an IPv6 address', bind('custom', { customBindHost: 'fd77::10' }), { addresses: [] }],
    ['custom with the wildcard', bind('custom', { customBindHost: '0.0.0.0' }), { addresses: ['0.0.0.0'] }],
    [
      'the old word 0.0.0.0',
      bind('0.0.0.0'),
      { mode: 'lan', raw: '0.0.0.0', configMode: 'lan', addresses: ['0.0.0.0'] },
    ],
    ['the old word LocalHost', bind('LocalHost'), { mode: 'loopback', raw: 'LocalHost', configMode: 'loopback' }],
    [
      'an unknown word',
      bind('192.168.50.10'),
      { mode: 'invalid', raw: '192.168.50.10', addresses: [], configMode: 'invalid' },
    ],
    [
      'the flag over a loopback file',
      { ...bind('loopback'), startArguments: ['openclaw', 'gateway', 'run', '--bind', 'lan'] },
      { mode: 'lan', modeBy: 'flag', addresses: ['0.0.0.0'], configMode: 'loopback' },
    ],
    [
      'the last of two flags',
      { startArguments: ['--bind=lan', '--bind=loopback'] },
      { mode: 'loopback', modeBy: 'flag', addresses: LOOPBACK },
    ],
    ['an old word as flag', { startArguments: ['--bind=0.0.0.0'] }, { mode: 'invalid', addresses: [] }],
    [
      'the container template variable',
      { ...bind('loopback'), inContainer: true, markers: { OPENCLAW_GATEWAY_BIND: 'lan' } },
      { mode: 'lan', modeBy: 'environment', addresses: ['0.0.0.0'] },
    ],
    [
      'the same variable on a bare host, where nobody reads it',
      { ...bind('loopback'), markers: { OPENCLAW_GATEWAY_BIND: 'lan' } },
      { mode: 'loopback', modeBy: 'config' },
    ],
    [
      'unset behind Tailscale Serve in a container',
      { inContainer: true, config: config({ gateway: { tailscale: { mode: 'serve' } } }) },
      { mode: 'loopback', modeBy: 'default', addresses: LOOPBACK },
    ],
    [
      'lan together with Funnel, which OpenClaw refuses',
      bind('lan', { tailscale: { mode: 'funnel' } }),
      { mode: 'lan', addresses: [] },
    ],
    [
      'an unreadable file',
      { config: config({}, { status: 'unreadable' }) },
      { addresses: [], configMode: 'unreadable' },
    ],
    [
      'a bind that is no text',
      { config: config({ gateway: { bind: { a: 1 } } }) },
      { mode: 'loopback', configMode: 'unset' },
    ],
  ])('%s', (_title, fact, expected) => {
    expect(declare(fact)).toMatchObject(expected);
  });

  it('of tailnet is the Tailscale IPv4 address and 127.0.0.1', () => {
    expect(declare(bind('tailnet'), WITH_TAILSCALE).addresses).toEqual(['100.101.102.103', '127.0.0.1']);
  });

  it('of tailnet cannot be said where the interfaces are unread', () => {
    expect(declare(bind('tailnet'), createAddressView([], [])).addresses).toEqual([]);
  });

  it('of auto cannot be said where nobody knows whether it is a container', () => {
    const { inContainer: _unknown, ...fact } = gatewayFact(bind('auto'));
    expect(declareBind(fact, HOST_NETNS, PLAIN).addresses).toEqual([]);
  });
});

describe('the declared port', () => {
  const port = (number: unknown) => config({ gateway: { port: number } });
  it.each<[string, Partial<GatewayFact>, number, DeclaredBind['portBy']]>([
    ['default', {}, 18789, 'default'],
    ['named profile', { profile: 'ops' }, 55291, 'profile default'],
    ['dev profile', { profile: 'dev' }, 19001, 'profile default'],
    ['file over profile', { profile: 'ops', config: port(4000) }, 4000, 'config'],
    ['environment over file', { config: port(4000), markers: { OPENCLAW_GATEWAY_PORT: '5000' } }, 5000, 'environment'],
    ['host:port in the environment', { markers: { OPENCLAW_GATEWAY_PORT: '127.0.0.1:5001' } }, 5001, 'environment'],
    ['[host]:port in the environment', { markers: { OPENCLAW_GATEWAY_PORT: '[::1]:5002' } }, 5002, 'environment'],
    [
      'flag over environment',
      { startArguments: ['--port', '6000'], markers: { OPENCLAW_GATEWAY_PORT: '5000' } },
      6000,
      'flag',
    ],
    [
      'odd values',
      { startArguments: ['--port', 'x'], markers: { OPENCLAW_GATEWAY_PORT: '99999' }, config: port(-1) },
      18789,
      'default',
    ],
  ])('%s', (_title, fact, expected, by) => {
    expect(declare(fact)).toMatchObject({ port: expected, portBy: by });
  });

  it('of a named profile is the one OpenClaw was seen to use', () => {
    expect(profilePort('ops')).toBe(55291);
  });
});

describe('declared against effective addresses', () => {
  const sockets = (...addresses: string[]) => addresses.map((address) => ({ local: { address, port: 18789 } }));
  it.each([
    [['127.0.0.1', '::1'], ['127.0.0.1', '::1'], 'as declared'],
    [['127.0.0.1', '::1'], ['127.0.0.1'], 'as declared'],
    [['127.0.0.1', '::1'], ['0.0.0.0'], 'wider than declared'],
    [['127.0.0.1', '::1'], ['192.168.50.10', '127.0.0.1'], 'wider than declared'],
    [['127.0.0.1', '::1'], ['100.101.102.103', '127.0.0.1'], 'wider than declared'],
    [['0.0.0.0'], ['0.0.0.0'], 'as declared'],
    [['0.0.0.0'], ['127.0.0.1', '::1'], 'narrower than declared'],
    [['0.0.0.0'], ['192.168.50.10', '127.0.0.1'], 'narrower than declared'],
    [['0.0.0.0'], ['::'], 'wider than declared'],
    [['100.101.102.103', '127.0.0.1'], ['100.101.102.103', '127.0.0.1'], 'as declared'],
    [['100.101.102.103', '127.0.0.1'], ['127.0.0.1', '::1'], 'narrower than declared'],
    [['100.101.102.103', '127.0.0.1'], ['0.0.0.0'], 'wider than declared'],
    [['192.168.50.10', '127.0.0.1'], ['192.168.50.10', '127.0.0.1'], 'as declared'],
    [['192.168.50.10', '127.0.0.1'], ['192.168.60.1', '127.0.0.1'], 'wider than declared'],
    [[], ['127.0.0.1'], 'unknown'],
  ] as const)('%j against %j is %s', (declared, effective, expected) => {
    expect(compareBind([...declared], sockets(...effective))).toBe(expected);
  });
});
