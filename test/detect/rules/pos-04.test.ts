import { describe, expect, test } from 'vitest';
import { pos04 } from '../../../src/detect/rules/pos-04.ts';
import type { Gateway } from '../../../src/types/gateway.ts';
import type { Reach } from '../../../src/types/snapshot.ts';
import { config, exposed, gateway, judge, listener, only, snapshot, wordsIn } from '../builders.ts';

/** A configuration with one key set, given by its dotted path. */
function nested(path: string, value: unknown): Record<string, unknown> {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

const limited = { maxAttempts: 10 };
function look(value: Record<string, unknown>, reach: Reach = 'loopback', more: Partial<Gateway> = {}) {
  return exposed(reach, { config: config({ value }), ...more });
}

describe('POS-04', () => {
  test.each([
    ['gateway.controlUi.allowedOrigins', ['*'], 'medium'],
    ['gateway.controlUi.allowedOrigins', ['https://*.example.test'], 'medium'],
    ['gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback', true, 'medium'],
    ['gateway.allowRealIpFallback', true, 'medium'],
    ['gateway.auth.trustedProxy.allowLoopback', true, 'medium'],
    ['browser.ssrfPolicy.dangerouslyAllowPrivateNetwork', true, 'medium'],
    ['browser.extensionRelay.allowLegacyAuth', true, 'low'],
    ['gateway.controlUi.dangerouslyDisableDeviceAuth', true, 'info'],
    ['gateway.trustedProxies', ['0.0.0.0/0'], 'medium'],
    ['gateway.nodes.pairing.autoApproveCidrs', ['::/0'], 'medium'],
    ['browser.cdpUrl', 'http://192.168.50.30:9222', 'medium'],
    ['browser.profiles.work.cdpUrl', 'ws://browser.example.test/x', 'medium'],
    ['gateway.tailscale.mode', 'funnel', 'high'],
    ['security.audit.suppressions', [{ checkId: 'gateway.bind_no_auth' }], 'low'],
  ])('finds %s = %j and grades it %s on loopback', (key, value, severity) => {
    const finding = only(judge(pos04, look(nested(key, value))));
    expect(finding.severity).toBe(severity);
    expect(finding.subject).toBe(`gateway default, ${key}`);
    expect(finding.fixes[0]!.command).toContain(key);
  });

  test.each([
    ['gateway.controlUi.allowedOrigins', ['https://ui.example.test']],
    ['gateway.allowRealIpFallback', false],
    ['browser.extensionRelay', {}],
    ['gateway.trustedProxies', ['10.0.0.1', '10.0.0.0/8']],
    ['browser.cdpUrl', 'http://127.0.0.1:9222'],
    ['browser.cdpUrl', 'http://[::1]:9222'],
    ['browser.cdpUrl', 'https://browser.example.test'],
    ['browser.cdpUrl', 'not a URL'],
    ['gateway.tailscale.mode', 'serve'],
    ['security.audit.suppressions', []],
    ['discovery.mdns.mode', 'minimal'],
    ['gateway.controlUi', 'nonsense'],
  ])('is silent for %s = %j', (key, value) => {
    expect(judge(pos04, look(nested(key, value)))).toEqual([]);
  });

  test('grades open origins and wide trust high where the LAN can reach the gateway', () => {
    const value = {
      gateway: { allowRealIpFallback: true, auth: { rateLimit: limited }, controlUi: { allowedOrigins: ['*'] } },
    };
    expect(judge(pos04, look(value, 'lan')).map(({ severity }) => severity)).toEqual(['high', 'high']);
  });

  test('finds a missing rate limit only where others can reach the gateway and guessing has a chance', () => {
    const password: Partial<Gateway> = { auth: { mode: 'password', strength: 'sound', reasons: [] } };
    const short: Partial<Gateway> = { auth: { mode: 'token', strength: 'weak', reasons: [] } };
    for (const guessable of [password, short]) {
      expect(only(judge(pos04, look({}, 'lan', guessable))).subject).toContain('gateway.auth.rateLimit');
      expect(judge(pos04, look({}, 'tailnet', guessable))).toEqual([]);
      expect(judge(pos04, look({}, 'lan', { ...guessable, running: false }))).toEqual([]);
      expect(judge(pos04, look({ gateway: { auth: { rateLimit: limited } } }, 'lan', guessable))).toEqual([]);
    }
    expect(judge(pos04, look({}, 'public'))).toEqual([]);
  });

  test('finds full mDNS only where Bonjour announces', () => {
    const full = nested('discovery.mdns.mode', 'full');
    const on = { ...full, plugins: { entries: { bonjour: { enabled: true } } } };
    expect(judge(pos04, look(full))).toEqual([]);
    expect(only(judge(pos04, look(on))).severity).toBe('low');
    expect(judge(pos04, look(on, 'loopback', { markers: { OPENCLAW_DISABLE_BONJOUR: '1' } }))).toEqual([]);
    const announcing = listener('0.0.0.0', 5353, 'lan', { protocol: 'udp', state: 'UNCONN', service: 'mdns' });
    expect(judge(pos04, { ...look(full), listeners: [announcing] })).toHaveLength(1);
  });

  test('says of keys from old guides that OpenClaw does not know them', () => {
    const guide = gateway({
      config: config({ unknownKeys: [{ key: 'gateway.bind_address', hint: 'gateway.bind: "loopback"' }] }),
    });
    const finding = only(judge(pos04, snapshot({ gateways: [guide] })));
    expect(finding).toMatchObject({
      severity: 'low',
      title: 'Gateway "default": OpenClaw does not know the key gateway.bind_address',
    });
    expect(wordsIn(finding)).not.toMatch(/safe/i);
  });

  test.each(['unreadable', 'invalid'] as const)('answers UNKNOWN when the configuration is %s', (status) => {
    const found = judge(pos04, snapshot({ gateways: [gateway({ config: config({ status }) })] }));
    expect(only(found).verdict).toBe('unknown');
  });

  test('is silent without a configuration: defaults are safe', () => {
    expect(judge(pos04, snapshot({ gateways: [gateway({ config: config({ status: 'missing' }) })] }))).toEqual([]);
  });

  test('tells host and scheme of a remote browser and no secret of its URL', () => {
    const words = wordsIn(
      only(judge(pos04, look(nested('browser.cdpUrl', 'http://u:pw@b.example.test:9222/s3cret?token=abc')))),
    );
    expect(words).toContain('http://b.example.test:9222');
    expect(words).not.toMatch(/s3cret|abc|pw@/);
  });
});
