import { describe, expect, test } from 'vitest';
import { pos05 } from '../../../src/detect/rules/pos-05.ts';
import type { ContainerIsolation } from '../../../src/types/host-facts.ts';
import type { Snapshot } from '../../../src/types/snapshot.ts';
import { config, exposedGateway, gateway, judge, only, snapshot, wordsIn } from '../builders.ts';

const closed: ContainerIsolation = {
  container: 'openclaw',
  image: 'openclaw:local',
  isOpenClaw: true,
  source: 'engine',
};
const holds = (more: Partial<ContainerIsolation>, gateways: Snapshot['gateways'] = []) =>
  judge(pos05, snapshot({ gateways, hostFacts: { isolation: [{ ...closed, ...more }] } }));
const sandbox = (docker: unknown, where = 'defaults') => {
  const agents = where === 'list' ? { list: [{ sandbox: { docker } }] } : { [where]: { sandbox: { docker } } };
  return judge(pos05, snapshot({ gateways: [gateway({ config: config({ value: { agents } }) })] }));
};

describe('POS-05 tells', () => {
  test.each<[string, Partial<ContainerIsolation>, string]>([
    ['a privileged one', { privileged: true }, 'high'],
    ['the socket of the engine', { engineSockets: ['/var/run/docker.sock'] }, 'high'],
    ['the network of the host', { hostNetwork: true }, 'high'],
    ['the processes of the host', { hostPid: true }, 'high'],
    ['a joined network', { joinsNetworkOf: 'db' }, 'high'],
    ['a capability', { capabilities: ['NET_ADMIN'] }, 'medium'],
    ['a capability as the kernel spells it', { capabilities: ['cap_sys_module'] }, 'high'],
  ])('%s', (_, more, severity) => {
    const finding = only(holds(more));
    expect(finding).toMatchObject({ severity, subject: 'container openclaw' });
    expect(finding.fixes[0]!.command).toContain('docker inspect');
  });

  test('all holes of one container in one finding, of which the gravest speaks', () => {
    const finding = only(holds({ capabilities: ['CAP_NET_RAW'], privileged: true }));
    expect(finding.severity).toBe('high');
    expect(finding.title).toContain('privileged');
    expect(finding.evidence.map(({ label }) => label)).toContain('CAP_NET_RAW');
  });

  test('a container by the gateway in it', () => {
    const inside = gateway({ netns: '777' });
    const finding = only(holds({ isOpenClaw: false, netns: '777', privileged: true }, [inside]));
    expect(finding.gatewayId).toBe('default');
  });

  test('tool containers by their image, so that a new name is no new finding', () => {
    const one = only(holds({ isSandbox: true, image: 'sandbox:1', container: 'sbx-1', hostPid: true }));
    const two = only(holds({ isSandbox: true, image: 'sandbox:1', container: 'sbx-2', hostPid: true }));
    expect(one.fingerprint).toBe(two.fingerprint);
  });

  test.each<[string, unknown, string]>([
    ['network of the host', { network: 'host' }, 'high'],
    ['network of another container', { network: 'container:db' }, 'high'],
    ['socket of the engine', { binds: ['/var/run/docker.sock:/var/run/docker.sock'] }, 'high'],
    ['permission to join', { dangerouslyAllowContainerNamespaceJoin: true }, 'medium'],
    ['mounts from anywhere', { dangerouslyAllowExternalBindSources: true }, 'medium'],
  ])('a setting of the sandbox: %s', (_, docker, severity) => {
    expect(only(sandbox(docker)).severity).toBe(severity);
    expect(only(sandbox(docker, 'list')).evidence[0]!.label).toContain('agents.list.0.sandbox.docker');
  });
});

describe('POS-05 is silent for', () => {
  test('a container that is closed off, and for holes of other people’s containers', () => {
    expect(holds({ capabilities: ['CAP_CHOWN'], engineSockets: [] })).toEqual([]);
    expect(holds({ isOpenClaw: false, privileged: true })).toEqual([]);
    expect(
      holds({ isOpenClaw: false, hostNetwork: true, privileged: true, netns: '777' }, [gateway({ netns: '777' })]),
    ).toEqual([]);
  });

  test('the ordinary sandbox, and none at all', () => {
    expect(sandbox({ network: 'none', binds: ['/home/u/work:/work:ro'] })).toEqual([]);
    expect(sandbox(undefined)).toEqual([]);
    expect(judge(pos05, snapshot({ gateways: [gateway()] }))).toEqual([]);
  });

  test('a marker of a container on an ordinary host', () => {
    const { gateway: open, listener } = exposedGateway('lan', { inContainer: true });
    expect(judge(pos05, snapshot({ gateways: [open], listeners: [listener] }))).toEqual([]);
  });
});

test('POS-05 says once, as info, that a container was not looked at', () => {
  const story = exposedGateway('container', { netns: '777' });
  const look = snapshot({ gateways: [story.gateway], listeners: [{ ...story.listener, place: 'container' }] });
  expect(only(judge(pos05, look))).toMatchObject({ verdict: 'unknown', severity: 'info' });
  expect(judge(pos05, { ...look, hostFacts: { isolation: [{ ...closed, netns: '777' }] } })).toEqual([]);
});

test('POS-05 quotes what a container or an agent is called', () => {
  const name = `x'; reboot #`;
  expect(only(holds({ container: name, privileged: true })).fixes[0]!.command).toContain(`'x'\\''; reboot #'`);
  const entries = { 'a; reboot': { sandbox: { docker: { network: 'host' } } } };
  const finding = only(
    judge(pos05, snapshot({ gateways: [gateway({ config: config({ value: { agents: { entries } } }) })] })),
  );
  expect(finding.fixes[0]!.command).toContain("'agents.entries.a; reboot.sandbox.docker.network'");
  expect(wordsIn(finding)).toContain('high');
});
