import { describe, expect, test } from 'vitest';
import { egr14 } from '../../../src/detect/rules/egr-14.ts';
import type { Connection, Role, Snapshot } from '../../../src/types/snapshot.ts';
import { agent, familyLook, HOSTILE_WORDS, LEARNED, named, outbound, skillProcess } from '../agents.ts';
import { judge, only, process } from '../builders.ts';

const skill = () => agent('skill', skillProcess(3000, 'db-bridge'));
const tell = (connections: Connection[], more: Partial<Snapshot> = {}) =>
  judge(egr14, familyLook([], { connections, ...more }), { history: LEARNED });
const at = (port: number, role: Role = 'skill', more: Partial<Connection> = {}) =>
  outbound(role === 'skill' ? skill() : agent(role, process(9)), ['203.0.113.44', port], {
    ...named('bore.pub'),
    ...more,
  });

describe('EGR-14 tells', () => {
  test('a skill at a port of its own, with a permission for exactly that', () => {
    const finding = only(tell([at(44_876), at(44_876)]));
    expect(finding).toMatchObject({
      severity: 'medium',
      subject: 'skill db-bridge',
      title: 'Skill "db-bridge" contacts bore.pub (203.0.113.44:44876), at a port of no usual service',
    });
    expect(finding.fixes[0]?.command).toContain('clawwatch allow bore.pub:44876 --skill=db-bridge');
  });

  test.each<[string, Connection, 'T1' | 'T2', string]>([
    ['a command', at(7000, 'exec'), 'T2', 'low'],
    ['an MCP server', at(7000, 'mcp'), 'T2', 'low'],
    ['a detached process', at(7000, 'detached'), 'T2', 'medium'],
    ['a command at a port of malware', at(4444, 'exec'), 'T2', 'medium'],
    ['the same without a name', at(4444, 'exec', { destination: {} }), 'T2', 'high'],
    ['the same where names are not seen', at(4444, 'exec', { destination: {} }), 'T1', 'medium'],
    ['a skill that speaks SSH itself', at(22), 'T2', 'medium'],
    ['an attempt that failed', at(13_338, 'skill', { brief: true, outcome: 'failed', state: 'CLOSE' }), 'T1', 'medium'],
    ['datagrams', at(7000, 'skill', { protocol: 'udp' }), 'T2', 'medium'],
  ])('%s', (_, contact, telemetry, severity) => {
    expect(only(tell([contact], { telemetry })).severity).toBe(severity);
  });

  test('a sweep of one host as one fact, and of many hosts as a bounded list', () => {
    expect(tell(Array.from({ length: 300 }, (_, index) => at(20_000 + index)))).toHaveLength(1);
    const hosts = Array.from({ length: 40 }, (_, index) => at(7000, 'skill', named(`h${index}.test`)));
    expect(
      tell(
        hosts.map((one, index) => ({ ...one, ...named(`h.x${index}.test`), destination: { name: `x${index}.test` } })),
      ),
    ).toHaveLength(11);
  });
});

describe('EGR-14 is silent for', () => {
  test.each([25, 53, 80, 143, 443, 465, 587, 853, 993, 995, 3478, 5222, 5228, 8080, 8443, 9418])('port %i', (port) => {
    expect(tell([at(port)])).toEqual([]);
  });

  test.each<[string, Connection]>([
    ['ssh by ssh', outbound(agent('exec', process(9, { exe: '/usr/bin/ssh' })), ['203.0.113.23', 22])],
    ['QUIC', at(443, 'skill', { protocol: 'udp' })],
    ['the time', at(123, 'skill', { protocol: 'udp' })],
    ['an approved end', at(7000, 'skill', { verdict: 'approved' })],
    ['an expected end', at(7000, 'skill', { verdict: 'expected' })],
    ['a learned end', at(7000, 'skill', { verdict: 'learned' })],
    ['a muted end', at(7000, 'skill', { verdict: 'suppressed' })],
    ['the browser', at(7000, 'browser')],
    ['the gateway', at(7000, 'gateway')],
    ['a machine of the LAN', outbound(skill(), ['192.168.50.9', 7000])],
    ['a port that is not known', at(0)],
  ])('%s', (_, contact) => expect(tell([contact])).toEqual([]));
});

test('EGR-14 keeps hostile words out of its commands', () => {
  for (const word of HOSTILE_WORDS) {
    const who = agent('skill', process(1, { comm: word, argv: [word] }), { skill: word });
    const [finding] = tell([outbound(who, ['203.0.113.9', 7000], { destination: { name: word } })]);
    for (const { command = '' } of finding!.fixes) expect(command).not.toMatch(/[\u0000-\u001f]|^[^']*rm -rf/);
  }
});
