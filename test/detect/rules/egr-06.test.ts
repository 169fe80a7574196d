import { describe, expect, test } from 'vitest';
import { egr06 } from '../../../src/detect/rules/egr-06.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { only } from '../builders.ts';
import { actor, commandsOf, HOSTILE, ledgerOf, lookAt, say, sayOf, to } from './hosts.ts';

const declared = (name: string): Partial<Connection> => ({
  destination: { name, source: 'tool-call', confidence: 'possible', domain: name, claimed: true },
});

describe('EGR-06 tells', () => {
  test('of a skill that sends an archive to a file drop', () => {
    const finding = only(sayOf(egr06, actor('skill'), 'store1.gofile.io', { bytesOut: 3_145_728 }));
    expect(finding).toMatchObject({
      severity: 'high',
      title: 'Skill "metrics" sends data to store1.gofile.io, an anonymous file drop',
      subject: 'skill metrics',
    });
  });

  test.each<[string, Role, string, Partial<Connection>, string]>([
    ['a command that fetches a paste', 'exec', 'glot.io', { bytesOut: 700 }, 'medium'],
    ['a skill that fetches one', 'skill', 'pastebin.com', {}, 'medium'],
    ['just below an upload', 'skill', 'pastebin.com', { bytesOut: 8191 }, 'medium'],
    ['an upload', 'exec', 'pastebin.com', { bytesOut: 8192 }, 'high'],
    ['a paste that the call names', 'exec', '', declared('dpaste.com'), 'low'],
    ['an upload that the call names', 'exec', '', { ...declared('dpaste.com'), bytesOut: 9000 }, 'high'],
    ['a skill, whatever a call names', 'skill', '', declared('dpaste.com'), 'medium'],
    ['a raw gist for a skill', 'skill', 'gist.githubusercontent.com', {}, 'medium'],
  ])('grades %s', (_, role, host, more, severity) => {
    expect(only(sayOf(egr06, actor(role), host, more)).severity).toBe(severity);
  });

  test('an upload in small parts over the day, and not what was sent before', () => {
    const who = actor('skill');
    const look = lookAt([who], [to(who, 'transfer.sh', { bytesOut: 500 })]);
    const with_ = (minutesAgo: number) =>
      only(say(egr06, look, { ledger: ledgerOf('transfer.sh', { bytesOut: 9000, minutesAgo }) })).severity;
    expect(with_(600)).toBe('high');
    expect(with_(25 * 60)).toBe('medium');
  });
});

describe('EGR-06 is silent for', () => {
  test.each<[string, Role, string, Partial<Connection>]>([
    ['a raw gist for a command', 'exec', 'gist.githubusercontent.com', {}],
    ['an approved drop', 'skill', 'transfer.sh', { verdict: 'approved', bytesOut: 1_000_000 }],
    ['the browser of the agent', 'browser', 'pastebin.com', {}],
    ['a program of the user', 'other', 'pastebin.com', {}],
    ['a name that only ends so', 'skill', 'notpastebin.com', {}],
  ])('%s', (_, role, host, more) => expect(sayOf(egr06, actor(role), host, more)).toEqual([]));
});

test('one contact of several that nobody approved is told', () => {
  const who = actor('skill');
  const both = [to(who, 'transfer.sh', { verdict: 'approved' }), to(who, 'transfer.sh')];
  expect(only(say(egr06, lookAt([who], both))).severity).toBe('medium');
});

test('EGR-06 stands hostile names', () => {
  const actors = HOSTILE.map((text) => actor('skill', [text, text], { skill: text, exe: text, comm: text }));
  const findings = say(
    egr06,
    lookAt(
      actors,
      actors.map((who) => to(who, 'transfer.sh')),
    ),
  );
  expect(findings.length).toBe(HOSTILE.length);
  for (const command of commandsOf(findings)) expect(command).not.toMatch(/[\n\u001b\u202e]/);
});
