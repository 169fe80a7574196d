import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import JSON5 from 'json5';
import { describe, expect, test } from 'vitest';
import { expectedHosts } from '../../../src/enrich/egress/expected-hosts.ts';
import { matchesHostPattern, parseHostPattern } from '../../../src/enrich/egress/host-pattern.ts';
import type { ExpectedHost } from '../../../src/types/egress.ts';
import type { Role } from '../../../src/types/snapshot.ts';
import { config, gatewayFact } from '../builders.ts';

const SECRET = { $secret: { given: 'literal', length: 46 } };

function hosts(value: Record<string, unknown>, resolvers: string[] = []): ExpectedHost[] {
  return expectedHosts(gatewayFact({ config: config(value) }), { resolvers });
}

/** Reason of the expectation that covers this far end for that role. */
function reason(expected: readonly ExpectedHost[], end: string, role: Role = 'gateway'): string | undefined {
  const [name = '', port = '443'] = end.split(' ');
  return expected.find((host) => {
    const parsed = parseHostPattern(host.pattern);
    const fits = parsed.ok && matchesHostPattern(parsed.pattern, { name, address: name, port: Number(port) });
    return (
      fits && (host.port ?? Number(port)) === Number(port) && (host.roles.includes(role) || host.roles.includes('any'))
    );
  })?.reason;
}

const ANTHROPIC = { agents: { defaults: { model: { primary: 'anthropic/claude-sonnet-5' } } } };

describe('Telegram', () => {
  test('is not expected without a Telegram channel', () => {
    expect(reason(hosts({}), 'api.telegram.org')).toBeUndefined();
    expect(reason(hosts({ channels: { discord: { enabled: true } } }), 'api.telegram.org')).toBeUndefined();
    const plugin = { plugins: { entries: { telegram: { enabled: true } } }, agents: { model: 'telegram/x' } };
    expect(reason(hosts(plugin), 'api.telegram.org')).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, boolean]>([
    ['with a channel that says nothing', { channels: { telegram: { botToken: SECRET } } }, true],
    ['with an enabled channel', { channels: { telegram: { enabled: true } } }, true],
    ['with a disabled channel', { channels: { telegram: { enabled: false, botToken: SECRET } } }, false],
    ['with one enabled account', { channels: { telegram: { accounts: { a: { enabled: false }, b: {} } } } }, true],
    ['with disabled accounts alone', { channels: { telegram: { accounts: { a: { enabled: false } } } } }, false],
    [
      'with its plugin off',
      { channels: { telegram: {} }, plugins: { entries: { telegram: { enabled: false } } } },
      false,
    ],
    ['with its plugin denied', { channels: { telegram: {} }, plugins: { deny: ['telegram'] } }, false],
  ])('%s: %o gives %s', (_title, value, isExpected) => {
    const expected = hosts(value);
    expect(reason(expected, 'api.telegram.org') !== undefined).toBe(isExpected);
    expect(reason(expected, '149.154.167.220') !== undefined).toBe(isExpected);
  });

  test('is expected of the gateway and of nothing that the agent runs', () => {
    const expected = hosts({ channels: { telegram: { enabled: true } } });
    expect(reason(expected, 'api.telegram.org')).toBe('channels.telegram is enabled in openclaw.json');
    expect(reason(expected, 'api.telegram.org', 'helper')).toBeDefined();
    for (const role of ['skill', 'exec', 'mcp', 'browser', 'detached'] as const) {
      expect(reason(expected, 'api.telegram.org', role)).toBeUndefined();
    }
  });
});

describe('model providers', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a model reference', ANTHROPIC, 'api.anthropic.com'],
    ['a plain model', { agents: { defaults: { model: 'openai/gpt-6' } } }, 'api.openai.com'],
    ['a fallback', { agents: { defaults: { model: { fallbacks: ['groq/x'] } } } }, 'api.groq.com'],
    ['the catalog of models', { agents: { defaults: { models: { 'mistral/large': {} } } } }, 'api.mistral.ai'],
    ['an agent of the list', { agents: { list: [{ id: 'a', model: 'xai/grok-5' }] } }, 'api.x.ai'],
    ['an agent entry', { agents: { entries: { a: { imageModel: { primary: 'fal/flux' } } } } }, 'fal.run'],
    ['a provider section', { models: { providers: { deepseek: { apiKey: SECRET } } } }, 'api.deepseek.com'],
    ['an auth profile', { auth: { profiles: { 'openai:me': { provider: 'openai' } } } }, 'chatgpt.com'],
    ['another name of it', { agents: { defaults: { model: 'minimax-portal/m3' } } }, 'api.minimax.io'],
    ['a key in env', { env: { OPENROUTER_API_KEY: SECRET } }, 'openrouter.ai'],
    ['a model of a channel', { channels: { modelByChannel: { slack: { C1: 'zai/glm' } } } }, 'api.z.ai'],
  ])('are expected by %s', (_title, value, host) => {
    expect(reason(hosts(value), host)).toBeDefined();
    expect(reason(hosts({ models: { catalogRefresh: { enabled: false } } }), host)).toBeUndefined();
  });

  test('are expected at their own base URL and port, address or name', () => {
    const expected = hosts({
      models: {
        providers: {
          fake: { baseUrl: 'http://203.0.113.1:8000/v1' },
          ollama: { baseUrl: 'http://192.168.50.20:11434' },
          six: { baseUrl: 'https://[2001:db8::7]/v1' },
          named: { baseUrl: 'https://LLM.Example.test/v1' },
        },
      },
    });
    expect(expected).toContainEqual({
      pattern: '203.0.113.1',
      port: 8000,
      roles: ['gateway', 'helper'],
      category: 'provider',
      reason: 'models.providers.fake.baseUrl in openclaw.json',
    });
    expect(expected.find(({ pattern }) => pattern === '192.168.50.20')).toMatchObject({
      port: 11434,
      category: 'local',
    });
    expect(reason(expected, '203.0.113.1 8001')).toBeUndefined();
    expect(reason(expected, '2001:db8::7')).toBeDefined();
    expect(reason(expected, 'llm.example.test')).toBeDefined();
    expect(reason(expected, 'llm.example.test', 'exec')).toBeUndefined();
  });

  test('pointed at a host of the user are not expected at the vendor', () => {
    const elsewhere = { models: { providers: { openai: { baseUrl: 'http://192.168.50.20:1234/v1' } } } };
    expect(reason(hosts(elsewhere), 'api.openai.com')).toBeUndefined();
    expect(reason(hosts({ ...elsewhere, tts: { provider: 'openai' } }), 'api.openai.com')).toBeDefined();
    const vendor = { models: { providers: { openai: { baseUrl: 'https://eu.api.openai.com/v1' } } } };
    expect(reason(hosts(vendor), 'auth.openai.com')).toBeDefined();
  });

  test('whose program is a backend are expected of commands too', () => {
    const expected = hosts({ agents: { defaults: { model: 'claude-cli/claude-sonnet-5' } } });
    expect(reason(expected, 'api.anthropic.com', 'exec')).toBeDefined();
    expect(reason(expected, 'api.anthropic.com', 'skill')).toBeUndefined();
    expect(reason(hosts(ANTHROPIC), 'api.anthropic.com', 'exec')).toBeUndefined();
  });

  test('in an Azure tenant of somebody else are not expected', () => {
    const own = { models: { providers: { openai: { baseUrl: 'https://mine.openai.azure.com/openai/v1' } } } };
    expect(reason(hosts(own), 'mine.openai.azure.com')).toBeDefined();
    expect(reason(hosts(own), 'evil.openai.azure.com')).toBeUndefined();
  });
});

describe('other parts of the configuration', () => {
  test.each<[string, Record<string, unknown>, string, Role]>([
    [
      'an MCP server',
      { mcp: { servers: { kb: { url: 'https://kb.example.test/mcp' } } } },
      'kb.example.test',
      'gateway',
    ],
    ['a proxy', { proxy: { proxyUrl: 'http://***@192.168.77.1:3128' } }, '192.168.77.1 3128', 'skill'],
    ['a remote gateway', { gateway: { remote: { url: 'wss://gw.example.test' } } }, 'gw.example.test', 'gateway'],
    [
      'a remote browser',
      { browser: { profiles: { r: { cdpUrl: 'http://10.0.0.5:9222' } } } },
      '10.0.0.5 9222',
      'gateway',
    ],
    ['a search tool', { tools: { web: { search: { provider: 'brave' } } } }, 'api.search.brave.com', 'gateway'],
    ['a search plugin', { plugins: { entries: { exa: { config: {} } } } }, 'api.exa.ai', 'gateway'],
    [
      'searxng',
      { plugins: { entries: { searxng: { config: { webSearch: { baseUrl: 'http://10.0.0.6:8888' } } } } } },
      '10.0.0.6 8888',
      'gateway',
    ],
    ['speech', { tts: { provider: 'elevenlabs' } }, 'api.elevenlabs.io', 'gateway'],
    ['free speech', { messages: { tts: { provider: 'edge' } } }, 'speech.platform.bing.com', 'gateway'],
    ['hearing', { tools: { media: { audio: { models: [{ provider: 'deepgram' }] } } } }, 'api.deepgram.com', 'gateway'],
    ['memory', { memory: { search: { provider: 'voyage' } } }, 'api.voyageai.com', 'gateway'],
    [
      'a home server',
      { channels: { matrix: { homeserver: 'https://hs.example.test' } } },
      'hs.example.test',
      'gateway',
    ],
    ['an own Bot API', { channels: { telegram: { apiRoot: 'http://10.0.0.7:8081' } } }, '10.0.0.7 8081', 'gateway'],
    ['a channel proxy', { channels: { telegram: { proxy: 'socks5://10.0.0.8' } } }, '10.0.0.8 1080', 'gateway'],
    [
      'an account',
      { channels: { mattermost: { accounts: { a: { baseUrl: 'https://mm.example.test' } } } } },
      'mm.example.test',
      'gateway',
    ],
    ['an IRC server', { channels: { irc: { host: 'irc.example.test' } } }, 'irc.example.test 6697', 'gateway'],
    ['signal-cli', { channels: { signal: {} } }, 'chat.signal.org', 'helper'],
    ['gmail hooks', { hooks: { gmail: { account: 'a' } } }, 'gmail.googleapis.com', 'helper'],
    [
      'OpenTelemetry',
      { diagnostics: { otel: { endpoint: 'http://otel.example.test:4318' } } },
      'otel.example.test 4318',
      'gateway',
    ],
  ])('%s is expected', (_title, value, end, role) => {
    expect(reason(hosts(value), end, role)).toBeDefined();
    expect(reason(hosts({}), end, role)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'a disabled MCP server',
      { mcp: { servers: { kb: { enabled: false, url: 'https://kb.example.test' } } } },
      'kb.example.test',
    ],
    ['a proxy that is off', { proxy: { enabled: false, proxyUrl: 'http://p.example.test:443' } }, 'p.example.test'],
    [
      'a disabled channel',
      { channels: { matrix: { enabled: false, homeserver: 'https://hs.example.test' } } },
      'hs.example.test',
    ],
    [
      'a page that calls us',
      { channels: { zalo: { webhook: { url: 'https://me.example.test' } } } },
      'me.example.test',
    ],
    ['a disabled plugin', { plugins: { entries: { exa: { enabled: false } } } }, 'api.exa.ai'],
    [
      'search that is off',
      { tools: { web: { search: { enabled: false, provider: 'brave' } } } },
      'api.search.brave.com',
    ],
    [
      'a skill',
      { skills: { entries: { x: { env: { EXA_API_KEY: SECRET }, baseUrl: 'https://evil.test' } } } },
      'evil.test',
    ],
    ['the key of a skill', { skills: { entries: { x: { env: { EXA_API_KEY: SECRET } } } } }, 'api.exa.ai'],
    ['a file', { models: { providers: { x: { baseUrl: 'file:///etc/passwd' } } } }, 'etc'],
    ['a secret', { models: { providers: { x: { baseUrl: SECRET } } } }, 'secret'],
    ['a local model file', { agents: { defaults: { model: './models/exa/x.gguf' } } }, 'api.exa.ai'],
  ])('%s makes nothing expected', (_title, value, end) => {
    expect(reason(hosts(value), end)).toBeUndefined();
  });

  test('update and telemetry hosts are expected until they are switched off', () => {
    expect(reason(hosts({}), 'telemetry.openclaw.ai')).toBeDefined();
    expect(reason(hosts({}), 'catalog.openclaw.ai')).toBeDefined();
    expect(reason(hosts({}), 'clawhub.ai')).toBeDefined();
    expect(reason(hosts({ update: { checkOnStart: false } }), 'telemetry.openclaw.ai')).toBeUndefined();
    expect(reason(hosts({ models: { catalogRefresh: { enabled: false } } }), 'catalog.openclaw.ai')).toBeUndefined();
    const mirror = { models: { catalogRefresh: { url: 'https://mirror.example.test/c.json' } } };
    expect(reason(hosts(mirror), 'mirror.example.test')).toBeDefined();
  });

  test('arbitrary hosts are never expected, whatever fetches them', () => {
    const everything = { gateway: { controlUi: { automaticallyFetchFavicons: true } }, tools: { web: { fetch: {} } } };
    expect(reason(hosts(everything), 'skillmetrics.test')).toBeUndefined();
    expect(hosts(everything).map(({ pattern }) => pattern)).not.toContain('*');
  });

  test('source hosts and registries are expected of commands and never of skills', () => {
    for (const end of ['github.com', 'github.com 22', 'pypi.org', 'any.debian.org 80', 'x.npmjs.org']) {
      expect(reason(hosts({}), end, 'exec')).toBe('source host or package registry');
      expect(reason(hosts({}), end, 'skill')).toBeUndefined();
      expect(reason(hosts({}), end, 'detached')).toBeUndefined();
    }
    expect(reason(hosts({}), 'any.npmjs.org', 'helper')).toBeDefined();
    expect(reason(hosts({}), 'github.com 8443', 'exec')).toBeUndefined();
  });

  test('name servers of the host are expected of everybody', () => {
    const expected = hosts({}, ['192.168.50.1']);
    expect(reason(expected, '192.168.50.1 53', 'skill')).toBe('name server of this host');
    expect(reason(expected, '192.168.50.1 443', 'skill')).toBeUndefined();
  });
});

// Named level by level: the recorded /proc has links that a recursive listing would follow for ever.
const recorded = [
  ...readdirSync('test/fixtures/openclaw/audit').map((file) => `openclaw/audit/${file}`),
  ...readdirSync('test/fixtures/recorded').flatMap((machine) =>
    ['.openclaw', '.openclaw-ops']
      .map((state) => `recorded/${machine}/home/claw/${state}/openclaw.json`)
      .filter((file) => existsSync(join('test/fixtures', file))),
  ),
];

test.each(recorded)('the recorded configuration %s gives valid patterns', (file) => {
  const value = JSON5.parse<Record<string, unknown>>(readFileSync(join('test/fixtures', file), 'utf8'));
  const expected = hosts(value);
  expect(expected.filter(({ pattern }) => !parseHostPattern(pattern).ok)).toEqual([]);
  expect(reason(expected, 'api.telegram.org') !== undefined).toBe(file.includes('mcpapps'));
  expect(reason(expected, '203.0.113.1 8000') !== undefined).toBe(file.includes('portal-and-exec'));
});

test('any configuration gives valid patterns and never a universal one', () => {
  const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);
  const leaf = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('*', '*.com', 'a/b'),
  );
  const key = fc.constantFrom(
    'channels',
    'telegram',
    'models',
    'providers',
    'baseUrl',
    'model',
    'proxy',
    'proxyUrl',
    '__proto__',
    'accounts',
    'irc',
    'host',
    'plugins',
    'entries',
    'config',
    'env',
  );
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(key, tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  fc.assert(
    fc.property(fc.dictionary(key, tree), (value) => {
      for (const { pattern } of hosts(value)) {
        const parsed = parseHostPattern(pattern);
        expect(parsed.ok).toBe(true);
      }
    }),
    { numRuns: Math.min(numRuns, 100_000) / 5 },
  );
});
