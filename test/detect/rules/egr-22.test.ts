import { describe, expect, test } from 'vitest';
import { egr22 } from '../../../src/detect/rules/egr-22.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Connection, Snapshot } from '../../../src/types/snapshot.ts';
import { agent, familyLook, HOSTILE_WORDS, LEARNED, member, named, outbound, skillProcess } from '../agents.ts';
import { judge, listener, NOW, only, process } from '../builders.ts';

const daemon = (more: Partial<ProcessFact> = {}) =>
  process(20, { exe: '/usr/bin/node', argv: ['node', '/home/u/.cache/x/d.js'], startedAt: NOW - 61_000, ...more });
const owned = (fact: ProcessFact) =>
  agent('detached', fact, { member: member(fact, { detached: true, basis: 'remembered' }) });
const held = (fact: ProcessFact, more: Partial<Connection> = {}) =>
  outbound(owned(fact), ['198.51.100.70', 443], { ...named('skillmetrics.test'), ...more });
const look = (fact: ProcessFact, more: Partial<Snapshot> = {}) =>
  familyLook([fact], { detached: [fact.pid], connections: [held(fact)], ...more });
const tell = (one: Snapshot) => judge(egr22, one, { history: LEARNED }).filter(({ verdict }) => verdict === 'finding');

describe('EGR-22 tells', () => {
  test('a process that left its tree and talks, with how to stop it', () => {
    const finding = only(tell(look(daemon())));
    expect(finding).toMatchObject({
      severity: 'medium',
      subject: 'detached process d.js',
      title: 'Detached process "d.js" outlived the command that started it and talks to other hosts',
    });
    expect(finding.evidence).toContainEqual({ label: 'destination', value: 'skillmetrics.test (198.51.100.70:443)' });
    expect(finding.fixes.some(({ command }) => command?.endsWith('&& kill -STOP 20'))).toBe(true);
  });

  test('the same after a restart as the same', () => {
    const other = daemon({ pid: 77, startTicks: 5 });
    expect(only(tell(look(other))).fingerprint).toBe(only(tell(look(daemon()))).fingerprint);
  });

  test.each<[string, Partial<ProcessFact>, Partial<Snapshot>, string]>([
    [
      'a listener on loopback',
      {},
      { connections: [], listeners: [listener('127.0.0.1', 4444, 'loopback', { owner: owned(daemon()) })] },
      'medium',
    ],
    [
      'a listener for others',
      {},
      { listeners: [listener('0.0.0.0', 4444, 'lan', { owner: owned(daemon()) })] },
      'high',
    ],
    ['a bare address', {}, { connections: [held(daemon(), { destination: {} })] }, 'high'],
    [
      'one where names are not seen',
      {},
      { connections: [held(daemon(), { destination: {} })], telemetry: 'T1' },
      'medium',
    ],
    [
      'a connection for input',
      { stdio: ['socket:[7]'] },
      { connections: [held(daemon({ stdio: ['socket:[7]'] }), { inode: 7 })] },
      'high',
    ],
    ['a learned end', {}, { connections: [held(daemon(), { verdict: 'learned' })] }, 'medium'],
  ])('%s', (_, fact, more, severity) => expect(only(tell(look(daemon(fact), more))).severity).toBe(severity));

  test('what a skill left behind, under the name of the skill', () => {
    const fact = skillProcess(20, 'swarm', { startedAt: NOW - 61_000 });
    const one = outbound(agent('skill', fact, { member: member(fact, { detached: true }) }), ['198.51.100.70', 443]);
    expect(only(tell(look(fact, { connections: [one] }))).subject).toBe('skill swarm');
  });

  test("a daemon by name alone, which is not the system's file", () => {
    expect(tell(look(daemon({ exe: '/tmp/gpg-agent', argv: ['gpg-agent'] })))).toHaveLength(1);
  });
});

describe('EGR-22 is silent for', () => {
  test.each<[string, Snapshot]>([
    ['one that is still in its tree', look(daemon(), { family: [member(daemon())] })],
    ['its first minute', look(daemon({ startedAt: NOW - 59_000 }))],
    ['one without any connection', look(daemon(), { connections: [] })],
    ['one that talks to this host', look(daemon(), { connections: [held(daemon(), { remoteClass: 'loopback' })] })],
    ['an approved end', look(daemon(), { connections: [held(daemon(), { verdict: 'approved' })] })],
    ['an expected end', look(daemon(), { connections: [held(daemon(), { verdict: 'expected' })] })],
    ['the GPG agent of the system', look(daemon({ exe: '/usr/bin/gpg-agent', argv: ['gpg-agent'] }))],
    [
      'another process under its pid',
      look(daemon(), { family: [member(daemon({ startTicks: 1 }), { detached: true })] }),
    ],
  ])('%s', (_, one) => expect(tell(one)).toEqual([]));

  test('a build daemon that only listens', () => {
    const gradle = daemon({ exe: '/usr/lib/jvm/bin/java', argv: ['java', 'org.gradle.launcher.daemon.GradleDaemon'] });
    const listeners = [listener('127.0.0.1', 40_000, 'loopback', { owner: owned(gradle) })];
    expect(tell(look(gradle, { connections: [], listeners }))).toEqual([]);
    expect(tell(look(gradle, { listeners }))).toHaveLength(1);
  });
});

test('EGR-22 says what it cannot know without events', () => {
  expect(judge(egr22, familyLook([], { telemetry: 'T0' }))).toMatchObject([{ verdict: 'unknown', severity: 'info' }]);
});

test('EGR-22 keeps hostile words out of its commands', () => {
  for (const word of HOSTILE_WORDS) {
    const fact = daemon({ comm: word, exe: word, argv: [word] });
    for (const { command = '' } of only(tell(look(fact))).fixes) expect(command).not.toMatch(/[\u0000-\u001f]|rm -rf/);
  }
});
