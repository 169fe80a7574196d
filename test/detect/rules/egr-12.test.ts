import { describe, expect, test } from 'vitest';
import { egr12 } from '../../../src/detect/rules/egr-12.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { agent, familyLook, HOSTILE_WORDS, LEARNED, outbound, skillProcess } from '../agents.ts';
import { history, judge, only, process } from '../builders.ts';

const skill = () => agent('skill', skillProcess(3000, 'price-watch'));
const tell = (connections: Connection[], past = LEARNED) =>
  judge(egr12, familyLook([], { connections }), { history: past });
const who = (role: Role) => (role === 'skill' ? skill() : agent(role, process(9)));
const lan = (port: number, role: Role = 'skill', more: Partial<Connection> = {}, address = '192.168.50.30') =>
  outbound(who(role), [address, port], more);
function local(port: number, role: Role = 'skill'): Connection {
  const { verdict: _, ...rest } = outbound(who(role), ['127.0.0.1', port], {
    direction: 'internal',
    remoteClass: 'loopback',
    local: { address: '127.0.0.1', port: 50_000 },
  });
  return rest;
}

describe('EGR-12 tells', () => {
  test('a skill at the debugging port of the browser, graver with file sharing, as one fact', () => {
    const first = only(tell([local(18_800)]));
    expect(first).toMatchObject({
      severity: 'medium',
      title: 'Skill "price-watch" contacts the debugging port of the agent browser at 127.0.0.1:18800',
    });
    const second = only(tell([local(18_800), lan(445)]));
    expect(second).toMatchObject({ severity: 'high', fingerprint: first.fingerprint });
    expect(second.title).toContain('Windows file sharing at 192.168.50.30:445 and 1 more');
  });

  test.each<[string, Connection, string]>([
    ['one new machine', lan(8000), 'low'],
    ['a data base of another machine', lan(5432, 'exec'), 'medium'],
    ['SSH by a command', lan(22, 'exec'), 'medium'],
    ['SSH by a skill', lan(22), 'high'],
    ['SSH by a leftover', lan(22, 'detached'), 'high'],
    ['Docker without authentication', lan(2375, 'exec'), 'high'],
    ['an attempt without answer', lan(445, 'exec', { state: 'SYN_SENT' }), 'medium'],
    ['a link-local machine', lan(80, 'skill', {}, 'fe80::1'), 'low'],
    ['the browser control', local(18_791), 'medium'],
    ['a Chrome of anybody', local(9222, 'exec'), 'medium'],
    ['a Node inspector', local(9229), 'medium'],
    ['Redis by a skill', local(6379), 'medium'],
    ['Redis by a command', local(6379, 'exec'), 'low'],
    ['Docker on loopback', local(2375, 'exec'), 'high'],
  ])('%s', (_, contact, severity) => expect(only(tell([contact])).severity).toBe(severity));

  test('a sweep of forty machines as one finding with a few of them', () => {
    const finding = only(tell(Array.from({ length: 40 }, (_, i) => lan(22, 'exec', {}, `192.168.50.${40 + i}`))));
    expect(finding.title).toContain('and 39 more');
    expect(finding.evidence.length).toBeLessThan(20);
  });

  test('while learning a new machine as info, a port of administration as ever', () => {
    const learning = history();
    expect(only(tell([lan(8000)], learning)).severity).toBe('info');
    expect(only(tell([lan(445)], learning)).severity).toBe('high');
  });

  test('a way to allow a machine, and to mute what is on loopback', () => {
    expect(only(tell([lan(445)])).fixes[0]?.command).toContain('clawwatch allow 192.168.50.30:445 --skill=price-watch');
    expect(only(tell([local(6379)])).fixes[0]?.command).toContain('clawwatch suppress EGR-12 --skill=price-watch');
  });
});

describe('EGR-12 is silent for', () => {
  test.each<[string, Connection]>([
    ['an approved machine', lan(445, 'skill', { verdict: 'approved' })],
    ['a configured one', lan(11_434, 'exec', { verdict: 'expected' })],
    ['a learned one', lan(445, 'skill', { verdict: 'learned' })],
    ['a muted one', lan(445, 'skill', { verdict: 'suppressed' })],
    ['name service and discovery', lan(53, 'exec', { protocol: 'udp' })],
    ['a printer', lan(9100, 'exec')],
    ['a tailnet peer', lan(22, 'exec', { remoteClass: 'tailnet' }, '100.88.1.2')],
    ['the gateway at its browser', local(18_800, 'gateway')],
    ['the browser', lan(80, 'browser')],
    ['others', lan(445, 'other')],
    ['other ports of loopback', local(5173)],
    ['a metadata service', lan(80, 'skill', {}, '169.254.169.254')],
    ['the service end of a connection', { ...local(50_001), local: { address: '127.0.0.1', port: 18_800 } }],
  ])('%s', (_, contact) => expect(tell([contact])).toEqual([]));
});

test('EGR-12 keeps hostile words out of its commands', () => {
  for (const word of HOSTILE_WORDS) {
    const owner = agent('skill', process(1, { comm: word, argv: [word] }), { skill: word });
    for (const { command = '' } of only(tell([outbound(owner, ['192.168.50.30', 445])])).fixes) {
      expect(command).not.toMatch(/[\u0000-\u001f]|^[^']*rm -rf/);
    }
  }
});
