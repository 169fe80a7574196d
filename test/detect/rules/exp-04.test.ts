import { describe, expect, test } from 'vitest';
import { exp04 } from '../../../src/detect/rules/exp-04.ts';
import type { Gateway } from '../../../src/types/gateway.ts';
import type { ContainerPublish, FirewallDecision, HostFacts } from '../../../src/types/host-facts.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Snapshot } from '../../../src/types/snapshot.ts';
import {
  exposedGateway,
  judge,
  listener,
  NETNS,
  only,
  owner,
  process,
  reachable,
  snapshot,
  wordsIn,
} from '../builders.ts';

const CONTAINER = '777';
const WAN = { netns: NETNS, interface: 'eth0', address: '203.0.113.10', prefix: 24, family: 4 as const, up: true };
const LAN = { ...WAN, address: '192.168.50.10' };
const INSIDE = { ...WAN, netns: CONTAINER, address: '172.18.0.2', prefix: 16 };

function docker(host: string, more: Partial<ProcessFact> = {}, port = 18789): ProcessFact {
  const argv = ['/usr/bin/docker-proxy', '-proto', 'tcp', '-host-ip', host, '-host-port', String(port)];
  const target = ['-container-ip', '172.18.0.2', '-container-port', String(port)];
  return process(60, {
    comm: 'docker-proxy',
    exe: '/usr/bin/docker-proxy',
    argv: [...argv, ...target],
    uid: 0,
    ...more,
  });
}

const publish = (more: Partial<ContainerPublish> = {}): ContainerPublish => ({
  ...{ container: 'openclaw', image: 'openclaw:local', hostAddress: '', hostPort: 18789, containerPort: 18789 },
  ...{ protocol: 'tcp', source: 'engine', netns: CONTAINER, isOpenClaw: true },
  ...more,
});

/** A container with a gateway on its own wildcard. */
function machine(
  processes: ProcessFact[],
  hostFacts?: HostFacts,
  { wan = WAN, more = {} }: { wan?: typeof WAN; more?: Partial<Gateway> } = {},
): Snapshot {
  const reachableAt = [reachable('container')];
  const story = exposedGateway('container', { netns: CONTAINER, reachableAt, ...more });
  const inside = { ...story.listener, netns: CONTAINER, place: 'container' as const };
  return snapshot({
    gateways: [story.gateway],
    listeners: [inside],
    processes,
    interfaces: [wan, INSIDE],
    ...(hostFacts && { hostFacts }),
  });
}

describe('EXP-04 tells', () => {
  test('a port that docker-proxy opens on a server, and that UFW does not apply', () => {
    const look = machine([docker('0.0.0.0')]);
    const onHost = listener('0.0.0.0', 18789, 'public', {
      service: 'docker-proxy',
      owner: owner('other', process(60)),
    });
    const finding = only(judge(exp04, { ...look, listeners: [...look.listeners, onHost] }));
    expect(finding.severity).toBe('high');
    expect(finding.title).toContain('published by its container engine on 0.0.0.0:18789, open to the internet');
    expect(finding.why).toContain('UFW');
    expect(finding.socketKeys).toEqual([onHost.key]);
    expect(finding.fixes.map(({ command }) => command).join()).toContain('DOCKER-USER');
  });

  test('a port without any listening socket, by the engine or by the translation', () => {
    for (const source of ['engine', 'nat rule'] as const) {
      const finding = only(judge(exp04, machine([], { publishes: [publish({ source })] })));
      expect(finding.severity).toBe('high');
      expect(wordsIn(finding)).toContain(`known from: ${source}`);
    }
  });

  test('the same port from proxy and engine, in both families, once', () => {
    const look = machine([docker('0.0.0.0'), docker('::', { pid: 61 })], {
      publishes: [publish(), publish({ hostAddress: '::' })],
    });
    const finding = only(judge(exp04, look));
    expect(finding.title).toContain('0.0.0.0:18789 and [::]:18789');
    expect(finding.evidence.filter(({ label }) => label === 'published')).toHaveLength(2);
  });

  test('by who can come and by authentication', () => {
    const none: Gateway['auth'] = { mode: 'none', strength: 'none', reasons: [] };
    const severity = (wan: typeof WAN, more: Partial<Gateway> = {}) =>
      only(judge(exp04, machine([docker('0.0.0.0')], undefined, { wan, more }))).severity;
    expect([severity(LAN), severity(LAN, { auth: none }), severity(WAN, { auth: none })]).toEqual([
      'medium',
      'critical',
      'critical',
    ]);
  });

  test('a step less where Docker’s own rules are proved to drop both families, and not by a rule of UFW', () => {
    const decision = (family: 4 | 6, by: string): FirewallDecision => ({
      ...{ port: 18789, protocol: 'tcp', family, answer: 'closed', reason: 'DOCKER-USER drops it', by },
    });
    const severity = (...firewall: FirewallDecision[]) =>
      only(judge(exp04, machine([], { publishes: [publish()], firewall }))).severity;
    expect(severity(decision(4, 'Docker publish path'), decision(6, 'Docker publish path'))).toBe('medium');
    expect(severity(decision(4, 'Docker publish path'))).toBe('high');
    expect(severity(decision(4, 'ufw'), decision(6, 'ufw'))).toBe('high');
  });

  test('an OpenClaw container whose gateway is not seen, with how sure that is', () => {
    const look = (more: Partial<ContainerPublish>) => ({
      ...machine([], { publishes: [publish(more)] }),
      gateways: [],
    });
    expect(only(judge(exp04, look({})))).toMatchObject({ confidence: 'likely', severity: 'high' });
    const byPort = look({ isOpenClaw: false, image: 'web:1', container: 'x' });
    expect(only(judge(exp04, byPort))).toMatchObject({ confidence: 'possible', subject: 'container x' });
    expect(judge(exp04, look({ isOpenClaw: false, image: 'web:1', containerPort: 8080, hostPort: 18789 }))).toEqual([]);
  });
});

describe('EXP-04 is silent for', () => {
  test('a port that is published on loopback, by process and by engine', () => {
    const argv = ['docker-proxy', '-host-ip', '127.0.0.1', '-host-port', '18789', '-container-port', '18789'];
    expect(
      judge(exp04, machine([docker('127.0.0.1')], { publishes: [publish({ hostAddress: '127.0.0.1' })] })),
    ).toEqual([]);
    expect(judge(exp04, machine([process(60, { argv, uid: 0 })], { publishes: [] }))).toEqual([]);
  });

  test('ports of other containers and a skill that calls itself docker-proxy', () => {
    expect(judge(exp04, machine([docker('0.0.0.0', {}, 8080)], { publishes: [] }))).toEqual([]);
    const fake = docker('0.0.0.0', { exe: '/home/u/.openclaw/skills/x/docker-proxy', uid: 1000 });
    expect(judge(exp04, machine([fake], { publishes: [] }))).toEqual([]);
  });

  test('UDP', () => {
    expect(judge(exp04, machine([], { publishes: [publish({ protocol: 'udp' })] }))).toEqual([]);
  });
});

describe('EXP-04 says UNKNOWN', () => {
  const dockerd = process(50, { comm: 'dockerd' });

  test('where an engine runs beside a gateway in a container and nothing shows what it publishes', () => {
    const finding = only(judge(exp04, machine([dockerd])));
    expect(finding).toMatchObject({ verdict: 'unknown', ruleId: 'EXP-04' });
    expect(finding.title).toContain('could not be observed');
  });

  test('and not where it is known, told already, or of no matter', () => {
    expect(judge(exp04, machine([dockerd], { publishes: [] }))).toEqual([]);
    expect(judge(exp04, machine([]))).toEqual([]);
    const spot = { id: 'enrich.container.published', source: 'enrich', what: 'w', why: 'y', essential: true };
    expect(judge(exp04, { ...machine([dockerd]), blindSpots: [{ ...spot, gatewayId: 'default' }] })).toEqual([]);
    const { gateway, listener: onHost } = exposedGateway('loopback');
    expect(judge(exp04, snapshot({ gateways: [gateway], listeners: [onHost], processes: [dockerd] }))).toEqual([]);
  });
});

test('EXP-04 gives no text from outside to a shell', () => {
  const evil = publish({ container: '$(reboot)\n"', image: 'openclaw;`id`', netns: '5' });
  const finding = only(judge(exp04, { ...machine([], { publishes: [evil] }), gateways: [] }));
  expect(finding.fixes.flatMap(({ command }) => command ?? []).join()).not.toMatch(/reboot|`id`/);
});
