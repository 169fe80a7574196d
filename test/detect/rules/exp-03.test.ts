import { describe, expect, test } from 'vitest';
import { exp03 } from '../../../src/detect/rules/exp-03.ts';
import type { Listener, Reach, Role, ServiceName } from '../../../src/types/snapshot.ts';
import {
  exposedGateway,
  gateway,
  judge,
  listener,
  NOW,
  only,
  owner,
  process,
  reachable,
  snapshot,
} from '../builders.ts';

const chrome = process(900, { comm: 'chrome', exe: '/opt/google/chrome/chrome' });

function companion(port: number, reach: Reach, role: Role = 'browser', more: Partial<Listener> = {}): Listener {
  return listener('0.0.0.0', port, reach, { owner: owner(role, role === 'browser' ? chrome : process(901)), ...more });
}

const look = (...listeners: Listener[]) => snapshot({ gateways: [gateway()], listeners });

describe('EXP-03', () => {
  test('tells remote debugging and noVNC of one browser as one incident', () => {
    const finding = only(
      judge(exp03, look(companion(18800, 'public', 'browser', { service: 'cdp' }), companion(6080, 'public'))),
    );
    expect(finding.severity).toBe('critical');
    expect(finding.title).toContain('port 18800');
    expect(finding.title).toContain('port 6080');
    expect(finding.socketKeys).toHaveLength(2);
  });

  test('keeps its identity when the second port appears later and the browser restarts', () => {
    const first = only(judge(exp03, look(companion(18800, 'lan'))));
    const restarted = { ...chrome, pid: 990, startTicks: 1 };
    const later = only(
      judge(
        exp03,
        look(
          companion(18800, 'lan', 'browser', { owner: owner('browser', restarted) }),
          companion(6080, 'lan', 'browser', { owner: owner('browser', restarted) }),
        ),
      ),
    );
    expect(later.fingerprint).toBe(first.fingerprint);
  });

  test.each([
    [18791, 'gateway', 'browser-control', ['medium', 'high', 'critical']],
    [18792, 'gateway', 'legacy-cdp', ['medium', 'high', 'critical']],
    [18850, 'browser', 'cdp', ['medium', 'high', 'critical']],
    [9222, 'browser', 'none', ['medium', 'high', 'critical']],
    [5901, 'helper', 'none', ['medium', 'high', 'critical']],
    [9229, 'gateway', 'none', ['medium', 'high', 'critical']],
    [18793, 'gateway', 'none', ['low', 'medium', 'high']],
    [39609, 'gateway', 'portal', ['low', 'medium', 'high']],
    [3978, 'gateway', 'webhook', ['info', 'low', 'medium']],
    [11434, 'helper', 'none', ['low', 'medium', 'high']],
    [4040, 'helper', 'none', ['low', 'medium', 'high']],
    [7000, 'mcp', 'none', ['medium', 'high', 'high']],
    [45000, 'gateway', 'none', ['low', 'medium', 'high']],
  ] as [number, Role, ServiceName, string[]][])('grades port %i of the %s (%s)', (port, role, service, severities) => {
    const graded = (['tailnet', 'lan', 'public'] as const).map(
      (reach) => only(judge(exp03, look(companion(port, reach, role, { service })))).severity,
    );
    expect(graded).toEqual(severities);
  });

  test.each([
    ['none', 'high'],
    ['sound', 'low'],
  ] as const)('puts the sandbox host one step below a gateway with %s authentication', (strength, severity) => {
    const story = exposedGateway('lan', { auth: { mode: 'token', strength, reasons: [] } });
    const sandbox = listener('0.0.0.0', 18790, 'lan', { service: 'sandbox-host' });
    const found = judge(exp03, snapshot({ gateways: [story.gateway], listeners: [story.listener, sandbox] }));
    expect(only(found)).toMatchObject({ severity });
  });

  test.each(['loopback', 'container'] as const)('is silent at reach %s', (reach) => {
    expect(judge(exp03, look(companion(18800, reach, 'browser', { service: 'cdp' })))).toEqual([]);
  });

  test('is silent for mDNS on the wildcard and for other UDP sockets', () => {
    const mdns = companion(5353, 'lan', 'gateway', { protocol: 'udp', state: 'UNCONN', service: 'mdns' });
    const call = companion(40000, 'lan', 'browser', { protocol: 'udp', state: 'UNCONN' });
    expect(judge(exp03, look(mdns, call))).toEqual([]);
  });

  test('is silent for the gateway port itself, for unrelated programs and for skills on ports of their own', () => {
    const story = exposedGateway('lan');
    const { gatewayId: _, ...stranger } = listener('0.0.0.0', 9222, 'lan', { owner: owner('other', process(77)) });
    const skill = companion(4444, 'public', 'skill');
    expect(judge(exp03, snapshot({ gateways: [story.gateway], listeners: [story.listener, stranger, skill] }))).toEqual(
      [],
    );
  });

  test('leaves listeners inside a container to what is published', () => {
    expect(judge(exp03, look(companion(9222, 'lan', 'browser', { place: 'container' })))).toEqual([]);
  });

  test('is only medium on the virtual adapter between Windows and WSL2', () => {
    const adapter = [reachable('lan', { interface: 'vEthernet (WSL)' })];
    expect(only(judge(exp03, look(companion(9222, 'lan', 'browser', { reachableAt: adapter })))).severity).toBe(
      'medium',
    );
    const wider = [...adapter, reachable('lan')];
    expect(only(judge(exp03, look(companion(9222, 'lan', 'browser', { reachableAt: wider })))).severity).toBe('high');
  });

  test('waits for a second look at a browser that has just started', () => {
    const young = owner('browser', { ...chrome, startedAt: NOW - 1000 });
    expect(judge(exp03, look(companion(9222, 'lan', 'browser', { owner: young })))).toEqual([]);
  });
});
