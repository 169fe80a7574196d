import { describe, expect, test } from 'vitest';
import { egr08 } from '../../../src/detect/rules/egr-08.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { only } from '../builders.ts';
import { actor, commandsOf, HOSTILE, lookAt, question, say, sayOf, to } from './hosts.ts';

describe('EGR-08 tells', () => {
  test('of an MCP bridge that goes through a public tunnel, and of its fallback', () => {
    const who = actor('skill', undefined, { skill: 'db-bridge' });
    const found = say(
      egr08,
      lookAt(
        [who],
        [to(who, 'bore.pub', { remote: { address: '203.0.113.44', port: 44876 } }), to(who, 'upd.duckdns.org')],
      ),
    );
    expect(found.map(({ severity, title }) => `${severity} ${title}`)).toEqual([
      'high Skill "db-bridge" contacts bore.pub, where tunnels are made',
      'medium Skill "db-bridge" contacts upd.duckdns.org, a name of a dynamic DNS service',
    ]);
  });

  // Class of host by class of actor.
  test.each<[string, Role, string]>([
    ['region1.v2.argotunnel.com', 'skill', 'high'],
    ['region1.v2.argotunnel.com', 'detached', 'high'],
    ['connect.ngrok-agent.com', 'mcp', 'high'],
    ['connect.ngrok-agent.com', 'exec', 'medium'],
    ['connect.ngrok-agent.com', 'gateway', 'medium'],
    ['quiet-cat.trycloudflare.com', 'skill', 'medium'],
    ['quiet-cat.trycloudflare.com', 'exec', 'low'],
    ['abc.loca.lt', 'detached', 'medium'],
    ['host.ddns.net', 'skill', 'medium'],
    ['host.ddns.net', 'exec', 'low'],
    ['x.workers.dev', 'skill', 'low'],
    ['x.workers.dev', 'exec', 'info'],
    ['someone.github.io', 'skill', 'low'],
  ])('%s of a %s as %s', (host, role, severity) => {
    expect(only(sayOf(egr08, actor(role), host)).severity).toBe(severity);
  });

  test('two parts of one suffix as two parties', () => {
    const who = actor('skill');
    const found = say(
      egr08,
      lookAt(
        [who],
        ['a', 'b'].map((part) => to(who, `${part}.trycloudflare.com`)),
      ),
    );
    expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  test('a question alone as one less', () => {
    const who = actor('skill');
    const look = lookAt([who], [], { questions: [question('a.trycloudflare.com', who)] });
    expect(only(say(egr08, look)).severity).toBe('low');
  });
});

describe('EGR-08 is silent for', () => {
  test.each<[string, Role, string, Partial<Connection>]>([
    ['a learned contact', 'skill', 'x.workers.dev', { verdict: 'learned' }],
    ['an approved one', 'skill', 'bore.pub', { verdict: 'approved' }],
    ['a host of the configuration', 'mcp', 'x.workers.dev', { verdict: 'expected' }],
    ['the own tailnet', 'skill', 'nas.tail1234.ts.net', {}],
    ['the browser of the agent', 'browser', 'x.pages.dev', {}],
    ['a program of the user', 'other', 'bore.pub', {}],
    ['a name that only ends so', 'skill', 'notbore.pub', {}],
  ])('%s', (_, role, host, more) => expect(sayOf(egr08, actor(role), host, more)).toEqual([]));
});

test('EGR-08 stands hostile names', () => {
  const actors = HOSTILE.map((text) => actor('skill', [text, text], { skill: text, exe: text }));
  const findings = say(
    egr08,
    lookAt(
      actors,
      actors.map((who) => to(who, 'bore.pub')),
    ),
  );
  expect(findings.length).toBe(HOSTILE.length);
  for (const command of commandsOf(findings)) expect(command).not.toMatch(/[\n\u001b\u202e]/);
});
