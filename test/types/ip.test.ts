import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  type AddressClass,
  addressFamily,
  canonicalAddress,
  classifyAddress,
  formatEndpoint,
  isLoopback,
  isWildcard,
} from '../../src/types/ip.ts';

const RUNS = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);

describe('the one spelling of an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:0A00:0001', '10.0.0.1'],
    ['0:0:0:0:0:ffff:127.0.0.1', '127.0.0.1'],
    ['FE80::0001%eth0', 'fe80::1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:0.0.0.0', '0.0.0.0'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    '0177.0.0.1',
    '::ffff:0177.0.0.1',
    '::0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '2130706433',
    '127.1',
    '127.0.0.1.',
    '127.0.0.1%lo',
    '127.0.0.256',
    ' 127.0.0.1',
    '127.0.0.1\n',
    '[::1]',
    '1::2::3',
    '12345::',
    '*',
    '',
    'localhost',
    `fe80::1%${'x'.repeat(65536)}`,
  ])('refuses %j instead of guessing', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
    expect(classifyAddress(text)).toBe('invalid');
    expect(isLoopback(text)).toBe(false);
  });

  it('refuses nothing by its letters that the library can read', () => {
    const foreign = fc.string({ minLength: 0, maxLength: 3, unit: 'binary' });
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.constantFrom('::ffff:10.0.0.1', 'FE80::1%eth0'),
    );
    const mutated = fc
      .tuple(address, foreign, fc.nat(40))
      .map(([text, more, at]) => text.slice(0, at) + more + text.slice(at));
    const name = fc.oneof(fc.domain(), fc.string({ unit: fc.constantFrom(...'09afAFgxGX.:%/- \n') }));
    fc.assert(
      fc.property(fc.oneof(address, mutated, name), (text) => {
        expect(canonicalAddress(text)).toBe(readByLibrary(text));
      }),
      { numRuns: RUNS },
    );
  });

  it('is its own canonical spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const canonical = canonicalAddress(text);
        expect(canonical).toBeDefined();
        expect(canonicalAddress(canonical!)).toBe(canonical);
        expect(canonical).not.toMatch(/::ffff:\d+\./);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the class of an address', () => {
  const table: [string, AddressClass][] = [
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['::ffff:0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'special'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::127.0.0.1', 'special'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['64:ff9b::a9fe:a9fe', 'metadata'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['2002:a9fe:a9fe::1', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['169.254.170.23', 'metadata'],
    ['169.254.0.23', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['fd00:ec2::23', 'metadata'],
    ['fd20:ce::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['192.0.0.192', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['10.0.0.1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.50.7', 'private'],
    ['fc00::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fec0::1', 'private'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['224.0.0.251', 'multicast'],
    ['ff02::fb', 'multicast'],
    ['255.255.255.255', 'multicast'],
    ['192.0.2.1', 'special'],
    ['198.51.100.1', 'special'],
    ['203.0.113.1', 'special'],
    ['198.18.0.1', 'special'],
    ['240.0.0.1', 'special'],
    ['2001:db8::1', 'special'],
    ['100::1', 'special'],
    ['64:ff9b::7f00:1', 'special'],
    ['2002:7f00:1::', 'special'],
    ['2002::1', 'special'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['2002:0808:0808::1', 'public'],
    ['2002:0a00:0001::1', 'private'],
    ['2001:0:1::1', 'public'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['4000::1', 'special'],
  ];
  it.each(table)('%s is %s', (text, expected) => {
    expect(classifyAddress(text)).toBe(expected);
  });

  it.each([
    ['100.101.102.103', 'cgnat', 'tailnet'],
    ['64:ff9b::100.64.0.1', 'cgnat', 'tailnet'],
    ['fd7a:115c:a1e0::1', 'private', 'tailnet'],
    ['fd7a:115c:a1e0:ffff::1', 'private', 'tailnet'],
    ['fd7a:115c:a1e1::1', 'private', 'private'],
    ['100.100.100.200', 'metadata', 'metadata'],
  ] as const)('%s is %s without Tailscale and %s with it', (text, without, withTailscale) => {
    expect(classifyAddress(text)).toBe(without);
    expect(classifyAddress(text, { tailnet: true })).toBe(withTailscale);
  });

  it('counts laboratory blocks as public, and skips a block that is none', () => {
    const context = { labPublic: ['no block', '203.0.113.0/24', '2001:db8::/32'] };
    expect(classifyAddress('203.0.113.9', context)).toBe('public');
    expect(classifyAddress('::ffff:203.0.113.9', context)).toBe('public');
    expect(classifyAddress('2001:db8::9', context)).toBe('public');
    expect(classifyAddress('198.51.100.9', context)).toBe('special');
    expect(classifyAddress('169.254.169.254', { labPublic: ['169.254.0.0/16'] })).toBe('metadata');
  });

  it('lets laboratory blocks turn special into public and nothing else', () => {
    const block = fc.oneof(
      fc.constantFrom('0.0.0.0/0', '::/0', '10.0.0.0/8', '127.0.0.0/8', '100.64.0.0/10', 'fc00::/7', '198.51.100.0/24'),
      fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
      fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
    );
    const near = fc.constantFrom(
      '127.0.0.1',
      '10.1.2.3',
      '169.254.1.1',
      '100.64.0.1',
      '224.0.0.1',
      '203.0.113.9',
      '::',
    );
    fc.assert(
      fc.property(fc.oneof(near, fc.ipV4(), fc.ipV6()), fc.array(block), fc.boolean(), (text, labPublic, tailnet) => {
        const without = classifyAddress(text, { tailnet });
        const hooked = classifyAddress(text, { tailnet, labPublic });
        if (hooked !== without) expect([without, hooked]).toEqual(['special', 'public']);
      }),
      { numRuns: RUNS },
    );
    expect(classifyAddress('192.168.1.1', { labPublic: ['192.168.0.0/16'] })).toBe('private');
    expect(classifyAddress('127.0.0.1', { labPublic: ['0.0.0.0/0'] })).toBe('loopback');
    expect(classifyAddress('203.0.113.9', { labPublic: ['0.0.0.0/0'] })).toBe('public');
  });

  it('never throws, and never calls text loopback that is no loopback address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-fx:.%]{0,40}$/)), (text) => {
        if (classifyAddress(text) === 'loopback') {
          expect(canonicalAddress(text)).toMatch(/^127\.|^::1$/);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('small words about addresses', () => {
  it('knows the wildcards and nothing else as wildcard', () => {
    for (const text of ['0.0.0.0', '::', '::ffff:0.0.0.0', '0:0::0']) expect(isWildcard(text)).toBe(true);
    for (const text of ['0.0.0.1', '::1', '127.0.0.1', '', '*', '2002::']) expect(isWildcard(text)).toBe(false);
  });

  it('knows loopback in every spelling', () => {
    for (const text of ['127.8.9.1', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::1%lo'])
      expect(isLoopback(text)).toBe(true);
    for (const text of ['128.0.0.1', '::2', '64:ff9b::127.0.0.1', '::']) expect(isLoopback(text)).toBe(false);
  });

  it('tells the family and writes an endpoint with brackets only for IPv6', () => {
    expect([addressFamily('10.0.0.1'), addressFamily('::1')]).toEqual([4, 6]);
    expect(formatEndpoint('127.0.0.1', 18789)).toBe('127.0.0.1:18789');
    expect(formatEndpoint('::1', 18789)).toBe('[::1]:18789');
  });
});

/** The library's own word, under the house's rules for leading zeros and dotted tails. */
function readByLibrary(text: string): string | undefined {
  const bare = text.includes(':') ? text.replace(/%.*$/s, '') : text;
  const tail = bare.slice(bare.lastIndexOf(':') + 1);
  if (tail.includes('.') || tail === bare) {
    if (!ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined;
    if (tail === bare) return ipaddr.IPv4.parse(bare).toString();
    const [a, b, c, d] = ipaddr.IPv4.parse(tail).octets as [number, number, number, number];
    const words = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    return readByLibrary(bare.slice(0, -tail.length) + words);
  }
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare).toString() : undefined;
}
