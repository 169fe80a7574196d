import { describe, expect, test } from 'vitest';
import { egr19 } from '../../../src/detect/rules/egr-19.ts';
import type { ExpectedHost } from '../../../src/types/egress.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { only, wordsIn } from '../builders.ts';
import { actor, commandsOf, HOSTILE, lookAt, question, say, sayOf, to } from './hosts.ts';

describe('EGR-19 tells', () => {
  test('of a download from a directory that is one letter off, with what differs', () => {
    const who = actor('exec', ['curl', '-LO', 'https://clawhud.test/dl']);
    const look = lookAt([who], [to(who, 'clawhud.test', { bytesOut: 800, bytesIn: 200_000 })]);
    const finding = only(say(egr19, look));
    expect(finding).toMatchObject({
      severity: 'medium',
      title: 'A command of the agent contacts clawhud.test, which is spelled nearly like clawhub',
    });
    expect(wordsIn(finding)).toContain('clawhu[d], not clawhu[b]');
  });

  test.each<[string, Role, string, Partial<Connection>, string]>([
    ['a swapped pair of letters', 'skill', 'opneclaw.example', {}, 'medium'],
    ['the gateway at a provider one letter off', 'gateway', 'api.antropic.com', {}, 'medium'],
    ['the same with what was sent', 'gateway', 'api.antropic.com', { bytesOut: 50_000 }, 'high'],
    ['the word under another suffix', 'exec', 'openclaw.example', {}, 'medium'],
    ['letters of another script', 'exec', 'xn--penclaw-8ig.com', {}, 'medium'],
    ['mixed scripts without an original', 'exec', 'xn--bnk-6cd.test', {}, 'medium'],
    ['a digit for a letter', 'skill', '0penclaw.test', {}, 'medium'],
    ['a hyphen', 'skill', 'claw-hub.test', {}, 'medium'],
    ['the name with a bait for a command', 'exec', 'openclaw-installer.example', {}, 'low'],
    ['the name with a bait for a skill', 'skill', 'openclaw-installer.example', {}, 'medium'],
    ['the name with a bait in another label', 'skill', 'openclaw.install-files.example', {}, 'medium'],
    ['the browser', 'browser', 'clawhud.test', {}, 'low'],
  ])('grades %s', (_, role, host, more, severity) => {
    expect(only(sayOf(egr19, actor(role), host, more)).severity).toBe(severity);
  });

  test('of a neighbour of the own configuration', () => {
    const expectedHosts: ExpectedHost[] = [
      { pattern: 'llm.examplecorp.net', roles: ['gateway'], category: 'provider', reason: 'models.providers' },
    ];
    const who = actor('gateway');
    expect(only(say(egr19, lookAt([who], [to(who, 'llm.examplec0rp.test')], { expectedHosts }))).title).toContain(
      'looks like examplecorp',
    );
  });

  test('of the terminal of the user for the names of OpenClaw, and of no other name', () => {
    const fetches = (url: string) => say(egr19, lookAt([actor('other', ['curl', '-fsSL', url])], []));
    expect(only(fetches('https://opencllaw.example/install.sh'))).toMatchObject({
      severity: 'medium',
      subject: 'process curl',
    });
    expect(only(fetches('https://openclaw-installer.example/')).severity).toBe('low');
    expect(fetches('https://antropic.example/')).toEqual([]);
    const hidden = lookAt([], [], { questions: [question('clawhud.test'), question('telegran.test')] });
    expect(only(say(egr19, hidden))).toMatchObject({ severity: 'low', subject: 'this host' });
  });

  test('of a member of the agent once, though a name server hides who asked', () => {
    const who = actor('skill');
    const look = lookAt([who], [to(who, 'clawhud.test')], { questions: [question('clawhud.test')] });
    expect(only(say(egr19, look)).subject).toBe('skill metrics');
  });
});

describe('EGR-19 is silent for', () => {
  test.each([
    'openclaw.ai',
    'docs.openclaw.ai',
    'clawhub.ai',
    'api.anthropic.com',
    'api.telegram.org',
    'any.npmjs.org',
    'api.open-meteo.com',
    'gitlab.com',
    'discourse.org',
    'openapi.tools',
    'telegraf.js.org',
    'nodes.example',
    'locker.example',
    'llama.example',
    'github.blog',
    'telegrams.example',
    'site7.test',
    'münchen.example',
    'xn--mnchen-3ya.de',
    'xn--wgv71a119e.jp',
  ])('%s', (host) => expect(sayOf(egr19, actor('skill'), host)).toEqual([]));

  test.each<[string, Partial<Connection>]>([
    ['an approved host', { verdict: 'approved' }],
    ['a host of the configuration', { verdict: 'expected' }],
  ])('%s', (_, more) => {
    expect(sayOf(egr19, actor('skill'), 'clawhud.test', more)).toEqual([]);
    const who = actor('skill');
    const hidden = { questions: [question('clawhud.test')] };
    expect(say(egr19, lookAt([who], [to(who, 'clawhud.test', more)], hidden))).toEqual([]);
  });
});

test('EGR-19 stands hostile names', () => {
  const actors = HOSTILE.map((text) => actor('other', ['curl', text, 'https://clawhud.test/'], { exe: text }));
  const questions = HOSTILE.map((name) => question(`${name}.clawhud.test`));
  const findings = say(egr19, lookAt(actors, [], { questions }));
  expect(findings.length).toBeGreaterThan(0);
  for (const command of commandsOf(findings)) expect(command).not.toMatch(/[\n\u001b\u202e]/);
});
