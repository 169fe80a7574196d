import { describe, expect, test } from 'vitest';
import { pos06 } from '../../../src/detect/rules/pos-06.ts';
import { config, gateway, history, judge, NOW, only, snapshot, wordsIn } from '../builders.ts';

const BEFORE = {
  gateway: { bind: 'loopback', trustedProxies: ['10.0.0.1', '10.0.0.2'] },
  channels: {
    telegram: {
      enabled: true,
      allowFrom: ['tg:1'],
      botToken: { $secret: { given: 'literal', length: 46, hash: 'aaaa' } },
    },
  },
  mcp: { servers: { files: { command: 'mcp-files' } } },
  models: { providers: { anthropic: { baseUrl: 'https://api.anthropic.com' } } },
};

const remembers = (subset: Record<string, unknown>) =>
  history({ settledConfig: (gatewayId) => ({ gatewayId, hash: 'old', subset, recordedAt: NOW - 60_000 }) });

function drift(after: Record<string, unknown>, before: Record<string, unknown> = BEFORE) {
  const changed = gateway({ config: config({ networkSubset: after, networkHash: 'new' }) });
  return judge(pos06, snapshot({ gateways: [changed] }), { history: remembers(before) });
}

describe('POS-06', () => {
  test('tells a second account and an MCP server that an injected document added, without the token', () => {
    const account = { botToken: { $secret: { given: 'literal', length: 32, hash: 'bbbb' } } };
    const finding = only(
      drift({
        ...BEFORE,
        channels: { telegram: { ...BEFORE.channels.telegram, accounts: { bk: account } } },
        mcp: { servers: { ...BEFORE.mcp.servers, sync: { url: 'https://agent-hub.test/mcp?key=s3cret' } } },
      }),
    );
    expect(finding.severity).toBe('high');
    const words = wordsIn(finding);
    expect(words).toContain('channels.telegram.accounts.bk.botToken');
    expect(words).toContain('https://agent-hub.test/…');
    expect(words).not.toMatch(/bbbb|s3cret/);
    expect(finding.evidence.find(({ label }) => label === 'writer')?.value).toContain('unknown');
  });

  test('is silent when only the order changed, of keys or within a list of words', () => {
    const reordered = Object.fromEntries(
      Object.entries({ ...BEFORE, gateway: { trustedProxies: ['10.0.0.2', '10.0.0.1'], bind: 'loopback' } }).reverse(),
    );
    expect(drift(reordered)).toEqual([]);
  });

  test('is silent at first sight and while nothing changes', () => {
    const first = gateway({ config: config({ networkSubset: BEFORE, networkHash: 'new' }) });
    expect(judge(pos06, snapshot({ gateways: [first] }))).toEqual([]);
    expect(drift(BEFORE)).toEqual([]);
  });

  test.each([
    ['a new channel', { channels: { ...BEFORE.channels, discord: { enabled: true } } }, 'high'],
    [
      'a channel token',
      {
        channels: {
          telegram: { ...BEFORE.channels.telegram, botToken: { $secret: { given: 'literal', hash: 'cc' } } },
        },
      },
      'high',
    ],
    [
      'an allow list for everybody',
      { channels: { telegram: { ...BEFORE.channels.telegram, allowFrom: ['*'] } } },
      'high',
    ],
    [
      'an allow list with one more',
      { channels: { telegram: { ...BEFORE.channels.telegram, allowFrom: ['tg:1', 'tg:2'] } } },
      'medium',
    ],
    ['an MCP command', { mcp: { servers: { files: { command: 'sh' } } } }, 'high'],
    ['a removed MCP server', { mcp: { servers: {} } }, 'medium'],
    ['a model address', { models: { providers: { anthropic: { baseUrl: 'https://x.test' } } } }, 'high'],
    ['a proxy', { proxy: { proxyUrl: 'http://10.0.0.9:3128' } }, 'high'],
    ['a wider bind', { gateway: { ...BEFORE.gateway, bind: 'lan' } }, 'medium'],
    ['a trusted proxy', { gateway: { ...BEFORE.gateway, trustedProxies: ['10.0.0.1'] } }, 'medium'],
    ['a port', { gateway: { ...BEFORE.gateway, port: 18800 } }, 'medium'],
    ['Tailscale', { gateway: { ...BEFORE.gateway, tailscale: { mode: 'funnel' } } }, 'medium'],
    ['hooks', { hooks: { enabled: true } }, 'medium'],
    ['a plugin', { plugins: { entries: { x: { enabled: true } } } }, 'medium'],
    ['a schedule', { cron: { enabled: true } }, 'medium'],
  ])('grades %s', (_, change, severity) => {
    expect(only(drift({ ...BEFORE, ...change })).severity).toBe(severity);
  });

  test('is low when the bind goes back to loopback', () => {
    const wide = { ...BEFORE, gateway: { ...BEFORE.gateway, bind: 'lan' } };
    expect(only(drift(BEFORE, wide)).severity).toBe('low');
  });

  test('says old and new of a plain value', () => {
    const finding = only(drift({ ...BEFORE, gateway: { ...BEFORE.gateway, bind: 'lan' } }));
    expect(finding.title).toBe('Gateway "default": its network configuration changed: gateway.bind');
    expect(finding.evidence).toContainEqual({ label: 'gateway.bind', value: 'loopback → lan' });
  });

  test('keeps one identity for the same drift and another for the next one', () => {
    const once = only(drift({ ...BEFORE, hooks: { enabled: true } })).fingerprint;
    expect(only(drift({ ...BEFORE, hooks: { enabled: true } })).fingerprint).toBe(once);
    expect(only(drift({ ...BEFORE, cron: { enabled: true } })).fingerprint).not.toBe(once);
  });

  test('tells a configuration that vanished, and leaves an unreadable one to POS-04', () => {
    const as = (status: 'missing' | 'unreadable') =>
      judge(pos06, snapshot({ gateways: [gateway({ config: config({ status }) })] }), { history: remembers(BEFORE) });
    expect(only(as('missing')).severity).toBe('medium');
    expect(as('unreadable')).toEqual([]);
  });

  test('hides arguments, headers and environments of servers, which may hold secrets', () => {
    const words = wordsIn(
      only(
        drift({
          ...BEFORE,
          mcp: { servers: { files: { command: 'mcp-files', args: ['--key', 'hunter2'], env: { PAT: 'hunter3' } } } },
        }),
      ),
    );
    expect(words).not.toMatch(/hunter/);
  });
});
