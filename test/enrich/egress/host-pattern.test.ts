import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FarEnd, matchesHostPattern, parseHostPattern } from '../../../src/enrich/egress/host-pattern.ts';
import { canonicalHostName } from '../../../src/types/host-name.ts';

const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);

function matches(pattern: string, end: FarEnd | string): boolean {
  const parsed = parseHostPattern(pattern);
  if (!parsed.ok) throw new Error(`${pattern}: ${parsed.problem}`);
  const far = typeof end === 'string' ? { name: canonicalHostName(end), port: 443 } : end;
  return matchesHostPattern(parsed.pattern, far);
}

test('a URL is refused as what it is', () => {
  const refused = { ok: false, problem: 'a URL is no pattern; give its host alone' };
  expect(parseHostPattern('https://api.example.com/v1')).toEqual(refused);
});

describe('a pattern of names', () => {
  test.each([
    ['telegram.org', 'telegram.org'],
    ['api.telegram.org', 'API.Telegram.ORG.'],
    ['API.TELEGRAM.ORG.', 'api.telegram.org'],
    ['*.telegram.org', 'api.telegram.org'],
    ['*.telegram.org', 'a.b.telegram.org'],
    ['*.Telegram.org.', 'API.telegram.org'],
    ['MÜNCHEN.example', 'xn--mnchen-3ya.example'],
    ['münchen.example', 'MÜNCHEN.EXAMPLE'],
    ['*.münchen.example', 'api.xn--mnchen-3ya.example'],
    ['telegram。org', 'telegram.org'],
    ['wss-*.slack.com', 'wss-primary.slack.com'],
    ['token-plan.*.maas.aliyuncs.com', 'token-plan.cn-beijing.maas.aliyuncs.com'],
    ['_dmarc.example.test', '_dmarc.example.test'],
    ['localhost', 'localhost'],
  ])('%s covers %s', (pattern, name) => {
    expect(matches(pattern, name)).toBe(true);
  });

  test.each([
    ['telegram.org', 'evil-telegram.org'],
    ['telegram.org', 'eviltelegram.org'],
    ['telegram.org', 'telegram.org.evil.test'],
    ['api.telegram.org', 'api.telegram.org.evil.test'],
    ['telegram.org', 'api.telegram.org'],
    ['*.telegram.org', 'telegram.org'],
    ['*.telegram.org', 'evil-telegram.org'],
    ['*.telegram.org', 'eviltelegram.org'],
    ['*.telegram.org', 'api.telegram.org.evil.test'],
    ['wss-*.slack.com', 'wss-.slack.com'],
    ['wss-*.slack.com', 'wss-a.b.slack.com'],
    ['wss-*.slack.com', 'evil.wss-a.slack.com'],
    ['bedrock-runtime.us-*.amazonaws.com', 'bedrock-runtime.s3.amazonaws.com'],
    ['bedrock-runtime.us-*.amazonaws.com', 'bedrock-runtime.s3-us-west-2.amazonaws.com'],
    ['münchen.example', 'munchen.example'],
  ])('%s does not cover %s', (pattern, name) => {
    expect(matches(pattern, name)).toBe(false);
  });

  test('never covers an end without a name', () => {
    expect(matches('*.telegram.org', { address: '149.154.167.220', port: 443 })).toBe(false);
    expect(matches('telegram.org', { address: '149.154.167.220', port: 443 })).toBe(false);
  });

  test('never covers a name that only ends in the same letters', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, label, (prefix, below) => {
        expect(matches('*.telegram.org', `${prefix}telegram.org`)).toBe(false);
        expect(matches('*.telegram.org', `${prefix}-telegram.org`)).toBe(false);
        expect(matches('*.telegram.org', `${below}.telegram.org.${prefix}.test`)).toBe(false);
        expect(matches('*.telegram.org', `${below}.telegram.org`)).toBe(true);
      }),
      { numRuns },
    );
  });
});

describe('a pattern of addresses', () => {
  test.each<[string, FarEnd, boolean]>([
    ['192.0.2.7', { address: '192.0.2.7', port: 1 }, true],
    ['::ffff:192.0.2.7', { address: '192.0.2.7', port: 1 }, true],
    ['192.0.2.7:8080', { address: '192.0.2.7', port: 8080 }, true],
    ['192.0.2.7:8080', { address: '192.0.2.7', port: 8081 }, false],
    ['192.0.2.7:8080', { address: '192.0.2.7' }, false],
    ['2001:DB8::0007', { address: '2001:db8::7', port: 1 }, true],
    ['[2001:db8::7]:443', { address: '2001:db8::7', port: 443 }, true],
    ['[2001:db8::7]:443', { address: '2001:db8::7', port: 80 }, false],
    ['192.0.2.0/24', { address: '192.0.2.255', port: 1 }, true],
    ['192.0.2.0/24', { address: '192.0.3.0', port: 1 }, false],
    ['192.0.2.0/24:53', { address: '192.0.2.1', port: 53 }, true],
    ['192.0.2.0/24:53', { address: '192.0.2.1', port: 54 }, false],
    ['::ffff:192.0.2.0/120', { address: '192.0.2.9', port: 1 }, true],
    ['2001:db8::/32', { address: '2001:db8:1::1', port: 1 }, true],
    ['[2001:db8::/32]:443', { address: '2001:db8:1::1', port: 443 }, true],
    ['2001:db8::/32', { address: '192.0.2.1', port: 1 }, false],
    ['example.test:8443', { name: 'example.test', port: 8443 }, true],
    ['example.test:8443', { name: 'example.test', port: 443 }, false],
  ])('%s and %o: %s', (pattern, end, expected) => {
    expect(matches(pattern, end)).toBe(expected);
  });
});

test.each([
  '',
  '*',
  '*.',
  '*.com',
  '*.*.com',
  'a*.com',
  '*telegram.org',
  'x.*.org',
  'a*b*c.example.test',
  'a..b',
  '-a.example.test',
  'exa mple.test',
  'https://example.test',
  'example.test/path',
  'exa%6dple.test',
  'user@example.test',
  'example.test:0',
  'example.test:65536',
  'example.test:443x',
  '127.1',
  '0x7f.1',
  '192.0.2.07',
  '192.0.2.0/33',
  '192.0.2.0/',
  '0.0.0.0/0',
  '::/0',
  '::ffff:0.0.0.0/96',
  '::ffff:0.0.0.0/95',
  '192.0.2.0/24/8',
  `${'a'.repeat(64)}.test`,
  `${'a.'.repeat(140)}test`,
])('%j is no pattern', (text) => {
  expect(parseHostPattern(text).ok).toBe(false);
});

test('any text is read or refused, and what is read never matches everything', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z*.:/0-9[\]-]{0,24}$/)), (text) => {
      const parsed = parseHostPattern(text);
      if (!parsed.ok) return;
      const ends: FarEnd[] = [
        { name: 'one.example.test', address: '192.0.2.1', port: 443 },
        { name: 'two.other.invalid', address: '2001:db8::1', port: 22 },
      ];
      expect(ends.every((end) => matchesHostPattern(parsed.pattern, end))).toBe(false);
    }),
    { numRuns },
  );
});
