import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { pos07 } from '../../../src/detect/rules/pos-07.ts';
import type { HostFacts } from '../../../src/types/host-facts.ts';
import type { Ledger } from '../../../src/types/ledger.ts';
import type { Snapshot } from '../../../src/types/snapshot.ts';
import {
  config,
  GATEWAY_PROCESS,
  gateway,
  history,
  judge,
  NOW,
  only,
  process,
  snapshot,
  wordsIn,
} from '../builders.ts';

const facts = (hostFacts: HostFacts, more: Partial<Snapshot> = {}) =>
  snapshot({ gateways: [gateway()], hostFacts, ...more });
const hosts = (...lines: [address: string, name: string][]) =>
  judge(pos07, facts({ hostsFile: lines.map(([address, name]) => ({ address, name })) }));
const environment = (markers: Record<string, string>, more: Partial<Snapshot> = {}) =>
  judge(pos07, snapshot({ gateways: [gateway({ markers })], ...more }));
const configured = (value: Record<string, unknown>) =>
  judge(pos07, snapshot({ gateways: [gateway({ config: config({ value }) })] }));

describe('POS-07 tells', () => {
  test('a provider that the hosts file leads elsewhere', () => {
    const finding = only(hosts(['198.51.100.80', 'api.anthropic.com']));
    expect(finding).toMatchObject({ severity: 'high', subject: 'hosts file' });
    expect(finding.title).toContain('api.anthropic.com is pinned to 198.51.100.80');
  });

  test('chat services and registries, in any spelling, also to a private address', () => {
    expect(hosts(['10.0.0.9', 'API.Telegram.ORG'], ['2001:db8::1', 'any.npmjs.org.'])).toHaveLength(2);
  });

  test('the first of a hundred, and counts the rest', () => {
    const lines = Array.from({ length: 100 }, (_, i): [string, string] => ['198.51.100.80', `h${i}.slack.com`]);
    const findings = hosts(...lines);
    expect(findings).toHaveLength(12);
    expect(findings.flatMap(({ evidence }) => evidence)).toContainEqual({ label: 'further names', value: '88' });
  });

  test.each<[string, string, string]>([
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', 'high'],
    ['NODE_EXTRA_CA_CERTS', '/tmp/x.pem', 'high'],
    ['NODE_EXTRA_CA_CERTS', '/usr/local/../../var/tmp/x.pem', 'high'],
    ['NODE_EXTRA_CA_CERTS', '/etc/ssl/company.pem', 'low'],
    ['ANTHROPIC_BASE_URL', 'https://api-anthropic.test', 'high'],
    ['HTTPS_PROXY', 'http://user:pw@203.0.113.9:3128', 'medium'],
    ['https_proxy', '10.0.0.9:3128', 'low'],
  ])('%s=%s as %s, without secrets', (name, value, severity) => {
    const finding = only(environment({ [name]: value }));
    expect(finding).toMatchObject({ severity, gatewayId: 'default' });
    expect(wordsIn(finding)).not.toContain('pw@');
  });

  test('a variable that one command of the family has', () => {
    const child = process(901, { markers: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
    const member = {
      ...{ pid: 901, startTicks: child.startTicks, gatewayId: 'default', basis: 'descendant' as const },
      ...{ ancestors: [], detached: false, firstSeenAt: NOW },
    };
    expect(environment({}, { processes: [GATEWAY_PROCESS, child], family: [member] })).toHaveLength(1);
    expect(environment({}, { processes: [GATEWAY_PROCESS, child] })).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a remote gateway', { gateway: { remote: { url: 'ws://gw.example.com:18789' } } }],
    ['a remote gateway in the LAN', { gateway: { remote: { url: 'ws://192.168.50.7:18789' } } }],
    ['a model on the internet', { models: { providers: { x: { baseUrl: 'http://203.0.113.7/v1?key=s3cret' } } } }],
    ['an MCP server on the internet', { mcp: { servers: { x: { url: 'http://mcp.example.com/sse' } } } }],
  ])('%s over clear text', (_, value) => {
    const finding = only(configured(value));
    expect(finding.severity).toBe('medium');
    expect(wordsIn(finding)).not.toContain('s3cret');
  });

  test('a public name server that is new, and waits until the network has settled', () => {
    const look = facts({ newResolvers: ['203.0.113.53', '192.168.50.1'], resolvers: ['203.0.113.53', '192.168.50.1'] });
    expect(only(judge(pos07, look))).toMatchObject({ severity: 'medium', subject: 'name servers' });
    const severity = (ageMs: number) => {
      const ledger = { since: () => NOW - ageMs } as Ledger;
      return only(createDetect({ rules: [pos07] })(look, history(), { now: NOW, singleLook: false, ledger })).severity;
    };
    expect([severity(60_000), severity(120_000)]).toEqual(['info', 'medium']);
  });
});

describe('POS-07 is silent for', () => {
  test('names of one’s own, blocked names, and names that only look alike', () => {
    expect(
      hosts(
        ['192.168.50.20', 'ollama.lan'],
        ['203.0.113.7', 'git.example.com'],
        ['0.0.0.0', 'telemetry.openclaw.ai'],
        ['127.0.0.1', 'api.openai.com'],
        ['203.0.113.7', 'api.telegram.org.evil.test'],
        ['203.0.113.7', 'evil-slack.com'],
        ['not an address', 'api.openai.com'],
      ),
    ).toEqual([]);
  });

  test('the egress proxy of OpenClaw, a provider by its own name, and a check that is on', () => {
    expect(
      environment({
        HTTPS_PROXY: 'http://127.0.0.1:39211',
        ALL_PROXY: '',
        OPENAI_BASE_URL: 'https://api.openai.com/v1',
        OLLAMA_BASE_URL: 'http://192.168.50.20:11434',
        NODE_TLS_REJECT_UNAUTHORIZED: '1',
        NODE_EXTRA_CA_CERTS: '',
        HOME: '/home/u',
      }),
    ).toEqual([]);
    const expectedHosts = [{ pattern: 'llm.example.com', roles: [], category: 'provider' as const, reason: 'r' }];
    expect(environment({ OPENAI_BASE_URL: 'https://llm.example.com/v1' }, { expectedHosts })).toEqual([]);
  });

  test('a model in the LAN, the tailnet, loopback and encryption', () => {
    expect(
      configured({
        gateway: { remote: { url: 'ws://box.tail1.ts.net:18789' } },
        models: {
          providers: {
            a: { baseUrl: 'http://192.168.50.20:11434' },
            b: { baseUrl: 'http://ollama:11434' },
            c: { baseUrl: 'http://127.0.0.1:11434' },
            d: { baseUrl: 'https://203.0.113.7' },
            e: { baseUrl: 'http://[' },
            f: null,
          },
        },
        mcp: { servers: { x: { url: 'http://nas.local/sse' } } },
      }),
    ).toEqual([]);
    expect(configured({ gateway: { remote: { url: 'ws://100.101.102.103:18789' } } })).toEqual([]);
  });

  test('a host without a gateway', () => {
    const hostsFile = [{ name: 'api.openai.com', address: '203.0.113.7' }];
    expect(judge(pos07, snapshot({ hostFacts: { hostsFile } }))).toEqual([]);
  });
});
