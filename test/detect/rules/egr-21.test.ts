import { describe, expect, test } from 'vitest';
import { egr21 } from '../../../src/detect/rules/egr-21.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { NOW, only, wordsIn } from '../builders.ts';
import { actor, commandsOf, HOSTILE, lookAt, question, say, sayOf, to } from './hosts.ts';

const POOL = 'pool.minexmr-like.test';
const open = (minutes: number, port: number, more: Partial<Connection> = {}): Partial<Connection> => ({
  remote: { address: '203.0.113.7', port },
  since: { at: NOW - minutes * 60_000, basis: 'observed' },
  ...more,
});

describe('EGR-21 tells', () => {
  test('of a skill that mines, with pool, program and arguments', () => {
    const who = actor('skill', ['./worker', '-o', `stratum+tcp://${POOL}:3333`], { skill: 'claw-earn' });
    const finding = only(
      say(egr21, lookAt([who], [to(who, POOL, { remote: { address: '203.0.113.48', port: 3333 } })])),
    );
    expect(finding).toMatchObject({ severity: 'high', subject: 'skill claw-earn' });
    expect(finding.title).toContain('cryptomining');
    for (const part of [POOL, 'stratum+tcp', './worker']) expect(wordsIn(finding)).toContain(part);
  });

  test.each<[string, Role, string | undefined, Partial<Connection>, string]>([
    ['a pool by name', 'exec', 'xmr.supportxmr.com', {}, 'high'],
    ['a pool by its address', 'skill', undefined, { remote: { address: '203.0.113.48', port: 443 } }, 'high'],
    ['the port alone after five minutes', 'skill', undefined, open(6, 3333), 'low'],
  ])('grades %s', (_, role, host, more, severity) => {
    expect(only(sayOf(egr21, actor(role), host, more)).severity).toBe(severity);
  });

  test.each([
    [['/tmp/.x/xmrig', '-c', 'c.json'], {}],
    [['kworker'], { exe: '/tmp/xmrig (deleted)', comm: 'kworker' }],
    [['./a', '--donate-level', '1'], {}],
    [['./a', '--url=stratum+ssl://pool.test:443'], {}],
  ])('a miner by %j', (argv, more) => {
    expect(only(say(egr21, lookAt([actor('exec', argv, more)], []))).severity).toBe('high');
  });

  test('a question for a pool alone as medium', () => {
    const who = actor('skill');
    expect(only(say(egr21, lookAt([who], [], { questions: [question(POOL, who)] }))).severity).toBe('medium');
  });

  test('weak and strong signs of one subject as one fact', () => {
    const who = actor('skill');
    const weak = only(say(egr21, lookAt([who], [to(who, undefined, open(6, 3333))])));
    const both = only(say(egr21, lookAt([who], [to(who, undefined, open(6, 3333)), to(who, POOL)])));
    expect(both.severity).toBe('high');
    expect(both.fingerprint).toBe(weak.fingerprint);
  });
});

describe('EGR-21 is silent for', () => {
  test.each<[string, Role, string | undefined, Partial<Connection>]>([
    ['an approved pool', 'skill', POOL, { verdict: 'approved' }],
    ['a program of the user', 'other', POOL, {}],
    ['the port for a moment', 'skill', undefined, open(1, 3333)],
    [
      'the port in the own network',
      'skill',
      undefined,
      open(60, 5555, { remote: { address: '192.168.50.20', port: 5555 } }),
    ],
    ['the port of an approved host', 'skill', undefined, open(60, 5555, { verdict: 'approved' })],
    ['a name that only ends so', 'skill', 'notsupportxmr.com', {}],
  ])('%s', (_, role, host, more) => expect(sayOf(egr21, actor(role), host, more)).toEqual([]));

  test.each([
    [['grep', '-r', 'stratum+tcp://pool.test:3333', '.']],
    [['bash', '-c', 'grep stratum+tcp://pool.test log']],
    [['node', 'xmrig-stats.js']],
    [['ollama', 'run', 'llama']],
  ])('%j', (argv) => expect(say(egr21, lookAt([actor('exec', argv)], []))).toEqual([]));
});

test('EGR-21 stands hostile names', () => {
  const actors = HOSTILE.map((text) => actor('skill', ['xmrig', text, `stratum+tcp://${text}`], { skill: text }));
  const findings = say(
    egr21,
    lookAt(
      actors,
      actors.map((who) => to(who, POOL)),
    ),
  );
  expect(findings.length).toBe(HOSTILE.length);
  for (const command of commandsOf(findings)) expect(command).not.toMatch(/[\n\u001b\u202e]/);
});
