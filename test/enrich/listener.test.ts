import { describe, expect, it } from 'vitest';
import type { Listener, ServiceName } from '../../src/types/snapshot.ts';
import type { Observation } from '../../src/types/socket.ts';
import {
  answers,
  config,
  GATEWAY_PROCESS,
  gatewayFact,
  HOST_NETNS,
  LAN,
  LO,
  listening,
  look,
  member,
  onInterface,
  only,
  process,
} from './builders.ts';

const BROWSER = process(830, { ppid: 812, argv: ['chrome', '--remote-debugging-port=18805'] });
const SHELL = process(840, { ppid: 812, argv: ['/bin/bash', '--noprofile', '--norc', '-c', 'x'] });
const STRANGER = process(5000, { comm: 'nginx' });

function judge(socket: Observation, value: Record<string, unknown> = {}, more: Observation[] = []): Listener {
  const snapshot = look({
    gateways: [gatewayFact({ config: config(value) })],
    processes: [GATEWAY_PROCESS, BROWSER, SHELL, STRANGER],
    family: [
      member(GATEWAY_PROCESS, 'root'),
      member(BROWSER, 'descendant', [GATEWAY_PROCESS]),
      member(SHELL, 'descendant', [GATEWAY_PROCESS]),
    ],
    observations: [socket, ...more, listening('127.0.0.1'), listening('::1')],
  });
  return snapshot.listeners[0]!;
}

describe('the service of a listener', () => {
  const udp = { protocol: 'udp' } as const;
  it.each<[string, Observation, ServiceName]>([
    ['the gateway port', listening('127.0.0.1'), 'gateway'],
    ['base + 1', listening('127.0.0.1', 18790), 'sandbox-host'],
    ['base + 2', listening('127.0.0.1', 18791), 'browser-control'],
    ['base + 3', listening('127.0.0.1', 18792), 'legacy-cdp'],
    ['base + 10', listening('127.0.0.1', 18799), 'extension-relay'],
    ['base + 9, a second relay', listening('127.0.0.1', 18798), 'extension-relay'],
    ['base + 11', listening('127.0.0.1', 18800), 'cdp'],
    ['base + 110', listening('127.0.0.1', 18899), 'cdp'],
    ['base + 111', listening('127.0.0.1', 18900), 'gateway-internal'],
    ['a browser on its own port', listening('127.0.0.1', 18805, { pids: [830] }), 'cdp'],
    ['a browser elsewhere', listening('127.0.0.1', 4444, { pids: [830] }), 'none'],
    ['an inner port of the gateway', listening('127.0.0.1', 42085), 'gateway-internal'],
    ['mDNS, open on a loopback gateway too', listening('0.0.0.0', 5353, udp), 'mdns'],
    ['the Teams webhook', listening('::', 3978), 'webhook'],
    ['a random open port of a loopback gateway', listening('0.0.0.0', 39609), 'none'],
    ['a command on the browser port', listening('127.0.0.1', 18791, { pids: [840] }), 'none'],
    ['a command on the gateway port', listening('127.0.0.1', 18789, { pids: [840] }), 'none'],
    ['a stranger', listening('0.0.0.0', 80, { pids: [5000] }), 'none'],
    ['mDNS of a stranger', listening('0.0.0.0', 5353, { ...udp, pids: [5000] }), 'none'],
  ])('%s', (_title, socket, service) => {
    expect(judge(socket).service).toBe(service);
  });

  it('is a portal for a random port on the addresses of the gateway', () => {
    expect(judge(listening('0.0.0.0', 39609), {}, [listening('0.0.0.0')]).service).toBe('portal');
    expect(judge(listening('192.168.50.10', 39609), {}, [listening('192.168.50.10')]).service).toBe('portal');
    expect(judge(listening('127.0.0.1', 39609), {}, [listening('0.0.0.0')]).service).toBe('gateway-internal');
    expect(judge(listening('0.0.0.0', 39609, { pids: [840] }), {}, [listening('0.0.0.0')]).service).toBe('none');
  });

  it('follows the ports of the configuration', () => {
    const value = {
      gateway: { portals: { ingress: { port: 18890 } } },
      mcp: { apps: { sandboxPort: 19999 } },
      channels: { telegram: { webhookPort: 9001 }, line: { webhook: { port: 9002 } }, odd: 7 },
      hooks: { gmail: { serve: { port: 9003 } } },
    };
    const service = (port: number) => judge(listening('127.0.0.1', port), value).service;
    expect([18890, 19999, 9001, 9002, 9003].map(service)).toEqual([
      'portal-ingress',
      'sandbox-host',
      'webhook',
      'webhook',
      'webhook',
    ]);
  });

  it('of an unseen owner goes by the port, unless the user is another', () => {
    expect(judge(listening('0.0.0.0', 18789, { pids: [] }))).toMatchObject({
      service: 'gateway',
      gatewayId: 'default',
    });
    expect(judge(listening('0.0.0.0', 18791, { pids: [] })).service).toBe('browser-control');
    expect(judge(listening('0.0.0.0', 18789, { pids: [], uid: 33 }))).toMatchObject({
      service: 'none',
      gatewayId: 'default',
    });
  });

  it('of a squatter is none, and the port stays the gateway’s', () => {
    const squatter = judge(listening('192.168.50.10', 18789, { pids: [5000] }), {}, [listening('127.0.0.1')]);
    expect(squatter).toMatchObject({ service: 'none', gatewayId: 'default', owner: { role: 'other' } });
  });
});

describe('containers', () => {
  const NETNS = '4026532999';
  const inside = process(812, { ...GATEWAY_PROCESS, netns: NETNS, cgroup: '/system.slice/docker-0123456789ab.scope' });
  const proxy = process(700, {
    comm: 'docker-proxy',
    uid: 0,
    exe: '/usr/bin/docker-proxy',
    argv: '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8443 -container-ip 172.17.0.2 -container-port 18789'.split(
      ' ',
    ),
  });
  const bridge = [
    ...LO.map((entry) => ({ ...entry, netns: NETNS })),
    onInterface('eth0', '172.17.0.2/16', { netns: NETNS }),
  ];
  const base = {
    gateways: [gatewayFact({ netns: NETNS, inContainer: true })],
    interfaces: [...LO, LAN, ...bridge],
    family: [member(inside, 'root')],
  };
  const own = listening('0.0.0.0', 18789, { netns: NETNS });

  it('reach no further than their own network, with a blind spot for what is published', () => {
    const snapshot = look({ ...base, processes: [inside], observations: [own] });
    expect(only(snapshot.listeners)).toMatchObject({ place: 'container', reach: 'container', service: 'gateway' });
    expect(only(snapshot.blindSpots)).toMatchObject({
      id: 'enrich.container.published',
      essential: true,
      gatewayId: 'default',
    });
  });

  it('reach as far as Docker publishes them', () => {
    const front = listening('0.0.0.0', 8443, { pids: [700], uid: 0 });
    const snapshot = look({ ...base, processes: [inside, proxy], observations: [own, front] });
    const [gatewayPort, dockerPort] = snapshot.listeners;
    expect(answers(gatewayPort!)).toContain('192.168.50.10 lan certain');
    expect(gatewayPort?.reach).toBe('lan');
    expect(dockerPort).toMatchObject({ service: 'docker-proxy', gatewayId: 'default', reach: 'lan' });
    const gateway = only(snapshot.gateways);
    expect(gateway.reach).toBe('lan');
    expect(gateway.otherListeners).toEqual([dockerPort!.key]);
    expect(gateway.differences).toContain('Docker publishes port 18789 of the container as 0.0.0.0:8443 on this host.');
    expect(snapshot.blindSpots).toEqual([]);
  });

  it('published on loopback only stay in the container and on this host', () => {
    const quiet = { ...proxy, argv: proxy.argv.map((word) => (word === '0.0.0.0' ? '127.0.0.1' : word)) };
    expect(look({ ...base, processes: [inside, quiet], observations: [own] }).gateways[0]?.reach).toBe('container');
  });

  it.each([
    ['runs from a home directory', { exe: '/home/u/docker-proxy' }],
    ['runs from a path that steps out of /usr', { exe: '/usr/../home/u/docker-proxy' }],
    ['is no root process and hides its program', { exe: undefined, uid: 1000 }],
  ])('are not published by a process that only has the name: %s', (_title, change) => {
    const { exe, ...rest } = { ...proxy, ...change };
    const fake = exe === undefined ? rest : { ...rest, exe };
    const front = listening('0.0.0.0', 18789, { pids: [700], uid: 1000 });
    const snapshot = look({ ...base, processes: [inside, fake], observations: [own, front] });
    expect(snapshot.listeners[1]?.service).toBe('none');
    expect(snapshot.blindSpots.map(({ id }) => id)).toEqual(['enrich.container.published']);
  });

  it('with the network of the host are on the host', () => {
    const shared = { ...inside, netns: HOST_NETNS };
    const snapshot = look({
      gateways: [gatewayFact({ inContainer: true })],
      processes: [shared],
      observations: [listening('0.0.0.0')],
    });
    expect(only(snapshot.listeners)).toMatchObject({ place: 'host', reach: 'lan' });
  });
});
