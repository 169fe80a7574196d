import { describe, expect, test } from 'vitest';
import { exp03 } from '../../../src/detect/rules/exp-03.ts';
import { exp09 } from '../../../src/detect/rules/exp-09.ts';
import type { Listener, Reach, Role } from '../../../src/types/snapshot.ts';
import { exposedGateway, gateway, judge, listener, NOW, only, owner, process, snapshot, wordsIn } from '../builders.ts';

const script = process(3001, {
  comm: 'MainThread',
  exe: '/usr/bin/node',
  argv: ['node', '/home/u/.openclaw/workspace/skills/file-helper/scripts/l.js'],
});

function agents(role: Role, address: string, port: number, reach: Reach, more: Partial<Listener> = {}): Listener {
  const fact =
    role === 'skill' ? script : process(3002, { comm: 'vite', exe: '/usr/bin/node', argv: ['node', 'vite'] });
  return listener(address, port, reach, { owner: owner(role, fact), ...more });
}

const look = (...listeners: Listener[]) => snapshot({ gateways: [gateway()], listeners });
const young = { since: { at: NOW - 40_000, basis: 'observed' as const } };

describe('EXP-09, listeners of the agent', () => {
  test('fires at once for a skill that listens on all interfaces, and names it', () => {
    const opened = agents('skill', '0.0.0.0', 4444, 'lan', { since: { at: NOW, basis: 'observed' } });
    const finding = only(judge(exp09, look(opened)));
    expect(finding).toMatchObject({ severity: 'high', subject: 'skill file-helper' });
    expect(finding.title).toContain('Skill "file-helper" listens on tcp 0.0.0.0:4444');
    expect(judge(exp03, look(opened))).toEqual([]);
  });

  test.each([
    ['skill', 'loopback', 'medium'],
    ['detached', 'loopback', 'medium'],
    ['exec', 'loopback', 'low'],
    ['exec', 'tailnet', 'high'],
    ['exec', 'container', 'high'],
    ['detached', 'public', 'high'],
  ] as const)('grades a %s at reach %s as %s', (role, reach, severity) => {
    const address = reach === 'loopback' ? '127.0.0.1' : '0.0.0.0';
    expect(only(judge(exp09, look(agents(role, address, 5173, reach)))).severity).toBe(severity);
  });

  test('is silent for a development server on loopback in its first minute', () => {
    expect(judge(exp09, look(agents('exec', '127.0.0.1', 5173, 'loopback', young)))).toEqual([]);
    const asOfYesterday = process(3003, { startedAt: NOW - 40_000 });
    expect(
      judge(exp09, look(agents('exec', '127.0.0.1', 5173, 'loopback', { owner: owner('exec', asOfYesterday) }))),
    ).toEqual([]);
    expect(judge(exp09, look(agents('exec', '127.0.0.1', 5173, 'loopback', young)), { singleLook: true })).toHaveLength(
      1,
    );
  });

  test('is silent for inner listeners of the gateway, portals, browsers and strangers', () => {
    const inner = listener('127.0.0.1', 42085, 'loopback', { service: 'gateway-internal' });
    const portal = listener('0.0.0.0', 39609, 'lan', { service: 'portal' });
    const cdp = agents('browser', '127.0.0.1', 18800, 'loopback', { service: 'cdp' });
    const { gatewayId: _, ...ollama } = listener('127.0.0.1', 11434, 'loopback', { owner: owner('other', process(5)) });
    expect(judge(exp09, look(inner, portal, cdp, ollama))).toEqual([]);
  });

  test.each([
    ['a name lookup on an ephemeral port', 45_000, 'lan', 20_000, undefined],
    ['a long-lived ephemeral port', 45_000, 'lan', 60_000, 'medium'],
    ['a fixed port', 4444, 'lan', 0, 'high'],
    ['loopback', 4444, 'loopback', 600_000, undefined],
    ['multicast DNS', 5353, 'lan', 600_000, undefined],
  ] as const)('judges UDP on %s', (_, port, reach, age, severity) => {
    const udp = agents('exec', '0.0.0.0', port, reach, {
      protocol: 'udp',
      state: 'UNCONN',
      since: { at: NOW - age, basis: 'observed' },
    });
    expect(judge(exp09, look(udp)).map((finding) => finding.severity)).toEqual(
      severity === undefined ? [] : [severity],
    );
  });

  test('keeps its identity over pids and ephemeral ports', () => {
    const on = (port: number, pid: number) =>
      only(judge(exp09, look(agents('skill', '0.0.0.0', port, 'lan', { owner: owner('skill', { ...script, pid }) }))))
        .fingerprint;
    expect(on(40_001, 1)).toBe(on(50_002, 2));
    expect(on(4444, 1)).not.toBe(on(4445, 1));
  });

  test('keeps a hostile 64 KiB argument list out of the store', () => {
    const noisy = owner('exec', process(9, { argv: ['x', '\u001b[2J'.repeat(16_000)] }));
    expect(
      wordsIn(only(judge(exp09, look(agents('exec', '0.0.0.0', 4444, 'lan', { owner: noisy }))))).length,
    ).toBeLessThan(6000);
  });
});

describe('EXP-09, squatters', () => {
  const own = () => listener('127.0.0.1', 18789, 'loopback', { service: 'gateway' });

  test('names the process that takes a more specific address of the port', () => {
    const squatter = agents('skill', '192.168.50.10', 18789, 'lan');
    const finding = only(judge(exp09, look(own(), squatter)));
    expect(finding).toMatchObject({ severity: 'high', socketKeys: [squatter.key] });
    expect(finding.title).toContain('(pid 3001) holds tcp 192.168.50.10:18789');
  });

  test.each([
    ['other', 18789, 'high'],
    ['mcp', 18789, 'high'],
    ['other', 18799, 'medium'],
    ['exec', 18791, 'high'],
  ] as const)('grades a process of role %s on port %i as %s', (role, port, severity) => {
    expect(only(judge(exp09, look(own(), agents(role, '127.0.0.1', port, 'loopback')))).severity).toBe(severity);
  });

  test('sees a squatter on the port of a gateway that is not running', () => {
    const { pid: _p, startTicks: _s, netns: _n, ...stopped } = gateway({ running: false });
    const found = judge(
      exp09,
      snapshot({ gateways: [stopped], listeners: [agents('other', '127.0.0.1', 18789, 'loopback')] }),
    );
    expect(only(found).severity).toBe('high');
  });

  test('takes an SSH forward on the port of a stopped gateway for what it is, by its real program', () => {
    const { pid: _p, startTicks: _s, netns: _n, ...stopped } = gateway({ running: false });
    const as = (exe: string) => {
      const holder = owner('other', process(50, { comm: 'ssh', exe }));
      return only(
        judge(
          exp09,
          snapshot({
            gateways: [stopped],
            listeners: [agents('other', '127.0.0.1', 18789, 'loopback', { owner: holder })],
          }),
        ),
      ).severity;
    };
    expect(as('/usr/bin/ssh')).toBe('info');
    expect(as('/tmp/ssh')).toBe('high');
  });

  test('is silent for the gateway, another gateway, Docker and the overlap of a restart', () => {
    const docker = agents('other', '0.0.0.0', 18789, 'lan', { service: 'docker-proxy' });
    const second = listener('127.0.0.1', 18789, 'loopback', {
      owner: owner('gateway', process(99), { gatewayId: 'ops' }),
    });
    const successor = agents('other', '127.0.0.1', 18789, 'loopback', { since: { at: NOW - 9000, basis: 'observed' } });
    const story = exposedGateway('lan');
    expect(
      judge(exp09, snapshot({ gateways: [story.gateway], listeners: [story.listener, docker, second, successor] })),
    ).toEqual([]);
  });

  test('is silent for the same port in another network namespace', () => {
    expect(judge(exp09, look(own(), agents('other', '0.0.0.0', 18789, 'lan', { netns: '4026532000' })))).toEqual([]);
  });

  test('does not trust a reused pid of the gateway', () => {
    const reused = owner('other', process(812, { startTicks: 5 }));
    expect(judge(exp09, look(agents('other', '127.0.0.1', 18789, 'loopback', { owner: reused })))).toHaveLength(1);
  });

  test('answers UNKNOWN when nobody can be seen behind the port', () => {
    const { owner: _, ...unseen } = own();
    const finding = only(judge(exp09, look({ ...unseen, pids: [] })));
    expect(finding).toMatchObject({ verdict: 'unknown' });
    expect(finding.fixes[0]!.command).toBe('sudo clawwatch scan');
  });
});
