import { describe, expect, test } from 'vitest';
import { egr11 } from '../../../src/detect/rules/egr-11.ts';
import type { Connection, Role, Snapshot } from '../../../src/types/snapshot.ts';
import { agent, familyLook, HOSTILE_WORDS, LEARNED, outbound, skillProcess } from '../agents.ts';
import { config, gateway, judge, NOW, only, process } from '../builders.ts';

const skill = () => agent('skill', skillProcess(3000, 'sys-info'));
const tell = (connections: Connection[], more: Partial<Snapshot> = {}) =>
  judge(egr11, familyLook([], { connections, ...more }), { history: LEARNED });
const contact = (role: Role, more: Partial<Connection> = {}, address = '169.254.169.254', port = 80) =>
  outbound(role === 'skill' ? skill() : agent(role, process(9)), [address, port], more);

describe('EGR-11 tells', () => {
  test('a skill that tries, answered or not', () => {
    const finding = only(tell([contact('skill', { state: 'SYN_SENT' })]));
    expect(finding).toMatchObject({ severity: 'high', subject: 'skill sys-info' });
    expect(finding.evidence).toContainEqual({ label: 'destination', value: '169.254.169.254:80, not answered yet' });
    expect(only(tell([contact('skill', { state: 'CLOSE', brief: true, outcome: 'failed' })])).severity).toBe('high');
  });

  test.each(['169.254.170.2', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16', '64:ff9b::a9fe:a9fe'])(
    'at %s',
    (address) => {
      expect(only(tell([contact('exec', {}, address)])).severity).toBe('high');
    },
  );

  test.each<[Role, string]>([
    ['exec', 'high'],
    ['mcp', 'high'],
    ['browser', 'high'],
    ['detached', 'high'],
    ['gateway', 'medium'],
    ['helper', 'medium'],
  ])('role %s as %s', (role, severity) => expect(only(tell([contact(role)])).severity).toBe(severity));

  test('the gateway as info where a cloud provider is configured', () => {
    const cloud = gateway({ config: config({ value: { models: { providers: { 'amazon-bedrock': {} } } } }) });
    expect(only(tell([contact('gateway')], { gateways: [cloud] })).severity).toBe('info');
    expect(only(tell([contact('skill')], { gateways: [cloud] })).severity).toBe('high');
  });

  test('a learned contact all the same: theft does not become a habit', () => {
    expect(only(tell([contact('skill', { verdict: 'learned' })])).severity).toBe('high');
  });

  test.each([
    'http://169.254.169.254/latest',
    'http://2852039166/',
    '0xa9fea9fe/x',
    'http://metadata.google.internal/',
  ])('arguments that say %s', (url) => {
    const curl = process(10, { comm: 'curl', exe: '/usr/bin/curl', argv: ['curl', '-s', url] });
    expect(only(judge(egr11, familyLook([curl]))).severity).toBe('high');
  });

  test('a question for its name', () => {
    const fact = skillProcess(3000, 'sys-info');
    const questions = [{ at: NOW, name: 'metadata.google.internal', type: 'A', pid: 3000 }];
    expect(only(judge(egr11, familyLook([fact], { questions }))).subject).toBe('skill sys-info');
  });

  test('one skill once, whatever it does', () => {
    expect(tell([contact('skill'), contact('skill', {}, 'fd00:ec2::254')])).toHaveLength(1);
  });
});

describe('EGR-11 is silent for', () => {
  test.each<[string, Connection]>([
    ['an approved contact', contact('skill', { verdict: 'approved' })],
    ['a muted one', contact('skill', { verdict: 'suppressed' })],
    ['the name service of a cloud', contact('exec', { protocol: 'udp' }, '168.63.129.16', 53)],
    ['the time', contact('exec', { protocol: 'udp' }, '169.254.169.254', 123)],
    ['an agent of the cloud', contact('other')],
    ['another link-local address', contact('skill', {}, '169.254.1.1')],
  ])('%s', (_, one) => expect(tell([one])).toEqual([]));

  test('arguments that only mention it, and questions of others', () => {
    const grep = process(10, { comm: 'grep', exe: '/usr/bin/grep', argv: ['grep', 'http://169.254.169.254/'] });
    const questions = [
      { at: NOW, name: 'metadata.google.internal', type: 'A', pid: 77 },
      { at: NOW, name: 'metadata.google.internal.evil.test', type: 'A', pid: 10 },
    ];
    expect(judge(egr11, familyLook([grep], { questions, others: [process(77)] }))).toEqual([]);
  });
});

test('EGR-11 keeps hostile words out of its commands', () => {
  for (const word of HOSTILE_WORDS) {
    const who = agent('skill', process(1, { comm: word, argv: ['curl', word] }), { skill: word });
    for (const { command = '' } of only(tell([outbound(who, ['169.254.169.254', 80])])).fixes) {
      expect(command).not.toMatch(/[\u0000-\u001f]|^[^']*rm -rf/);
    }
  }
});
