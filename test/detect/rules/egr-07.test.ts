import { describe, expect, test } from 'vitest';
import { egr07 } from '../../../src/detect/rules/egr-07.ts';
import type { ConfigFact } from '../../../src/types/gateway.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { config, gateway, only } from '../builders.ts';
import { actor, commandsOf, HOSTILE, lookAt, say, sayOf, to } from './hosts.ts';

const withChannels = (channels: object, more: Partial<ConfigFact> = {}) => ({
  gateways: [gateway({ config: config({ value: { channels }, ...more }) })],
});
const own = (host: string, setup: object) => {
  const who = actor('gateway');
  return say(egr07, lookAt([who], [to(who, host)], setup));
};

describe('EGR-07 tells', () => {
  test('of a skill with a bot of its own while the gateway polls the same host', () => {
    const [skill, core] = [actor('skill'), actor('gateway')];
    const connections = [to(core, 'api.telegram.org', { verdict: 'expected' }), to(skill, 'api.telegram.org')];
    const finding = only(say(egr07, lookAt([skill, core], connections, withChannels({ telegram: { enabled: true } }))));
    expect(finding).toMatchObject({
      severity: 'high',
      subject: 'skill metrics',
      title: 'Skill "metrics" contacts the messenger API api.telegram.org by itself',
      socketKeys: [connections[1]!.key],
    });
  });

  test.each<[string, Role, string, Partial<Connection>, string]>([
    ['a detached process', 'detached', 'discord.com', {}, 'high'],
    ['a command', 'exec', 'hooks.slack.com', {}, 'medium'],
    ['an MCP server', 'mcp', 'slack.com', {}, 'low'],
    ['a skill by a learned contact', 'skill', 'open.feishu.cn', { verdict: 'learned' }, 'high'],
    [
      'a skill at a server of Telegram without a name',
      'skill',
      undefined!,
      { remote: { address: '149.154.167.220', port: 443 } },
      'medium',
    ],
  ])('grades %s', (_, role, host, more, severity) => {
    expect(only(sayOf(egr07, actor(role), host, more)).severity).toBe(severity);
  });

  test.each([
    ['without that channel', {}],
    ['with the channel switched off', { telegram: { enabled: false } }],
    ['with another channel', { discord: {} }],
  ])('the gateway %s', (_, channels) => {
    const finding = only(own('api.telegram.org', withChannels(channels)));
    expect(finding.severity).toBe('medium');
    expect(finding.title).toContain('no such channel is configured');
  });
});

describe('EGR-07 is silent for', () => {
  test.each([
    ['api.telegram.org', 'telegram'],
    ['gateway.discord.gg', 'discord'],
    ['wss-primary.slack.com', 'slack'],
    ['open.larksuite.com', 'feishu'],
  ])('the gateway at %s with the channel %s', (host, channel) => {
    expect(own(host, withChannels({ [channel]: {} }))).toEqual([]);
  });

  test('the gateway whose configuration could not be read, which says nothing', () => {
    expect(own('api.telegram.org', withChannels({}, { status: 'unreadable' }))).toEqual([]);
  });

  test.each<[string, Role, string, Partial<Connection>]>([
    ['an approved skill', 'skill', 'api.telegram.org', { verdict: 'approved' }],
    ['the browser of the agent', 'browser', 'discord.com', {}],
    ['a program of the user', 'other', 'discord.com', {}],
    ['a name that only ends so', 'skill', 'evil-telegram.org', {}],
    ['the name in the middle of another', 'skill', 'api.telegram.org.evil.test', {}],
    [
      'another service on an address of Telegram',
      'skill',
      'api.other.test',
      { remote: { address: '149.154.167.220', port: 443 } },
    ],
  ])('%s', (_, role, host, more) => expect(sayOf(egr07, actor(role), host, more)).toEqual([]));

  test('a message of the command line, which goes to the gateway', () => {
    const who = actor('exec', ['openclaw', 'message', 'send']);
    const local = to(who, undefined, {
      remote: { address: '127.0.0.1', port: 18789 },
      remoteClass: 'loopback',
      direction: 'internal',
    });
    expect(say(egr07, lookAt([who], [local]))).toEqual([]);
  });
});

test('EGR-07 stands hostile names and channels', () => {
  const actors = HOSTILE.map((text) => actor('skill', [text, text], { skill: text, exe: text }));
  const setup = withChannels({ __proto__: null, telegram: 'yes', [HOSTILE[0]!]: { enabled: 1 } });
  const findings = say(
    egr07,
    lookAt(
      actors,
      actors.map((who) => to(who, 'api.telegram.org')),
      setup,
    ),
  );
  expect(findings.length).toBe(HOSTILE.length);
  for (const command of commandsOf(findings)) expect(command).not.toMatch(/[\n\u001b\u202e]/);
});
