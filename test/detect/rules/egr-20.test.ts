import { describe, expect, test } from 'vitest';
import { egr20 } from '../../../src/detect/rules/egr-20.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { listener, only, owner, process, wordsIn } from '../builders.ts';
import { actor, commandsOf, HOSTILE, ledgerOf, lookAt, question, say, sayOf, to } from './hosts.ts';

const TOR = ['/home/u/.openclaw/workspace/skills/private-search/bin/tor', '-f', 'torrc'];
const proxy = (port: number, more: Partial<Connection> = {}): Partial<Connection> => ({
  remote: { address: '127.0.0.1', port },
  remoteClass: 'loopback',
  direction: 'internal',
  verdict: 'expected',
  ...more,
});

describe('EGR-20 tells', () => {
  test('of Tor below a skill, with the far end', () => {
    const who = actor('skill', TOR, { skill: 'private-search' });
    const look = lookAt([who], [to(who, undefined, { remote: { address: '198.51.100.80', port: 9001 } })]);
    const finding = only(say(egr20, look));
    expect(finding).toMatchObject({ severity: 'high', subject: 'skill private-search' });
    expect(finding.title).toBe('Skill "private-search" runs tor, connected to 198.51.100.80:9001: an anonymiser');
    expect(commandsOf([finding]).join('\n')).toContain(`kill -STOP ${who.process.pid}`);
  });

  test('of Tor that was renamed in its arguments, by its file', () => {
    const who = actor('exec', ['worker'], { exe: '/usr/bin/tor', comm: 'worker' });
    expect(only(say(egr20, lookAt([who], []))).severity).toBe('medium');
  });

  test.each<[string, Role, string | undefined, Partial<Connection>, string]>([
    ['a skill at the Tor port', 'skill', undefined, proxy(9050), 'high'],
    ['a command at the port of the Tor browser', 'exec', undefined, proxy(9150), 'medium'],
    ['a skill at a relay of a pack', 'skill', undefined, { remote: { address: '203.0.113.90', port: 443 } }, 'high'],
    ['a skill at a gate to onion services', 'skill', 'abcdef.onion.ws', {}, 'high'],
    ['a detached process that names an onion', 'detached', 'abcdef.onion', {}, 'high'],
  ])('grades %s', (_, role, host, more, severity) => {
    expect(only(sayOf(egr20, actor(role), host, more)).severity).toBe(severity);
  });

  test('a question for an onion name as one less', () => {
    const who = actor('skill');
    expect(only(say(egr20, lookAt([who], [], { questions: [question('abc.onion', who)] }))).severity).toBe('medium');
  });

  test('the port of I2P when I2P listens there', () => {
    const who = actor('skill');
    const router = owner('other', process(70, { comm: 'java', argv: ['java', '-Di2p.dir.base=/usr/share/i2p'] }));
    const listeners = [listener('127.0.0.1', 4444, 'loopback', { owner: router })];
    expect(only(say(egr20, lookAt([who], [to(who, undefined, proxy(4444))], { listeners }))).severity).toBe('high');
    expect(say(egr20, lookAt([who], [to(who, undefined, proxy(4444))]))).toEqual([]);
  });

  test('all signs of one subject as one fact, the same tomorrow', () => {
    const who = actor('skill', [TOR[0]!.replace('private-search', 'metrics')]);
    const user = actor('skill');
    const today = only(say(egr20, lookAt([who, user], [to(user, undefined, proxy(9050)), to(user, 'a.onion.ly')])));
    const tomorrow = only(say(egr20, lookAt([], []), { ledger: ledgerOf('x.test', { loopbackPort: 9050 }) }));
    expect(tomorrow.fingerprint).toBe(today.fingerprint);
    expect(wordsIn(today)).toContain('uses the Tor proxy');
  });
});

describe('EGR-20 is silent for', () => {
  test('a Tor of the user and who else uses it', () => {
    const tor = actor('other', ['/usr/bin/tor']);
    const browser = actor('other', ['firefox']);
    expect(say(egr20, lookAt([tor, browser], [to(browser, undefined, proxy(9050))]))).toEqual([]);
  });

  test.each<[string, Partial<Connection>, string | undefined]>([
    ['an approved proxy', proxy(9050, { verdict: 'approved' }), undefined],
    ['another port of loopback', proxy(9051), undefined],
    ['the port on another machine', { remote: { address: '203.0.113.7', port: 9050 } }, undefined],
    ['a name that only ends so', {}, 'my-onion.example'],
  ])('%s', (_, more, host) => expect(sayOf(egr20, actor('skill'), host, more)).toEqual([]));

  test('a program whose name only begins so', () => {
    expect(say(egr20, lookAt([actor('exec', ['torch-train']), actor('exec', ['python3', 'tor.py'])], []))).toEqual([]);
  });
});

test('EGR-20 stands hostile names', () => {
  const actors = HOSTILE.map((text) => actor('skill', [`${text}/tor`, text], { skill: text, comm: text }));
  const findings = say(
    egr20,
    lookAt(
      actors,
      actors.map((who) => to(who, undefined, proxy(9050))),
    ),
  );
  expect(findings.length).toBe(HOSTILE.length);
  for (const command of commandsOf(findings)) expect(command).not.toMatch(/[\n\u001b\u202e]/);
});
