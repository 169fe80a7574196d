import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { createAddressMap } from '../../src/intel/address-set.ts';
import { agesOf, bundledPack, loadIntel } from '../../src/intel/intel.ts';
import type { HostCategory } from '../../src/types/indicators.ts';
import { canonicalAddress } from '../../src/types/ip.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;
const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 300);

function entry(value: string, type: string, daysAgo = 5, tier = 'A'): object {
  const first_seen = new Date(NOW - daysAgo * DAY).toISOString();
  return { value, type, tier, first_seen, source_url: 'https://reports.example/1' };
}

function load(indicators: object[], categories: object = {}, now = NOW) {
  const text = JSON.stringify({ format: 'clawwatch-intel-1', name: 'lab', indicators, categories });
  const loaded = loadIntel({ packTexts: [text], labPublic: ['198.51.100.0/24', '2001:db8::/32'], now: () => now });
  expect(loaded.problems).toEqual([]);
  return loaded.indicators;
}

const lists = load([
  entry('198.51.100.66', 'ip'),
  entry('198.51.100.70:13338', 'ip:port'),
  entry('198.51.100.96/28', 'cidr'),
  entry('2001:db8:bad::/64', 'cidr'),
  entry('malbuzz.test', 'domain'),
  entry('hxxps://webhook[.]site/358866c4', 'url'),
]);
const values = (end: Parameters<typeof lists.match>[0]) => lists.match(end).map(({ indicator }) => indicator.value);

describe('an indicator is found', () => {
  test.each([
    [{ address: '198.51.100.66', port: 80 }, ['198.51.100.66']],
    [{ address: '::ffff:198.51.100.66' }, ['198.51.100.66']],
    [{ address: '198.51.100.70', port: 13338 }, ['198.51.100.70:13338']],
    [{ address: '198.51.100.111', port: 1 }, ['198.51.100.96/28']],
    [{ address: '2001:db8:bad::1', port: 1 }, ['2001:db8:bad::/64']],
    [{ name: 'malbuzz.test' }, ['malbuzz.test']],
    [{ name: 'A.b.MalBuzz.Test.' }, ['malbuzz.test']],
    [{ url: 'https://webhook.site/358866c4/x?y' }, ['https://webhook.site:443/358866c4']],
  ])('%j', (end, found) => expect(values(end)).toEqual(found));
});

describe('nothing is found', () => {
  test.each([
    [{ address: '198.51.100.67', port: 80 }],
    [{ address: '198.51.100.70', port: 443 }],
    [{ address: '198.51.100.112' }],
    [{ name: 'notmalbuzz.test' }],
    [{ name: 'malbuzz.test.evil.example' }],
    [{ name: 'test' }],
    [{ url: 'https://webhook.site/358866c45' }],
    [{ url: 'https://webhook.site/other' }],
    [{ url: 'http://webhook.site/358866c4' }],
    [{ name: 'webhook.site' }],
    [{}],
  ])('%j', (end) => expect(values(end)).toEqual([]));
});

test.each([
  ['domain', 365],
  ['ip', 90],
  ['ip:port', 30],
] as const)('a %s counts in full for %i days, less for as many again, and then no more', (type, days) => {
  const value = { domain: 'malbuzz.test', ip: '198.51.100.66', 'ip:port': '198.51.100.66:443' }[type];
  const aged = (daysAgo: number) =>
    load([entry(value, type, daysAgo)])
      .match({ name: 'malbuzz.test', address: '198.51.100.66', port: 443 })
      .map((match) => match.aged);
  expect(aged(days - 1)).toEqual([false]);
  expect(aged(days + 1)).toEqual([true]);
  expect(aged(days * 2 + 1)).toEqual([]);
});

test('an indicator ages while the program runs', () => {
  let now = NOW;
  const text = JSON.stringify([entry('malbuzz.test', 'domain', 364)]);
  const { indicators } = loadIntel({ packTexts: [text], now: () => now });
  expect(indicators.match({ name: 'malbuzz.test' })[0]?.aged).toBe(false);
  now += 3 * DAY;
  expect(indicators.match({ name: 'malbuzz.test' })[0]?.aged).toBe(true);
});

describe('categories go by whole labels', () => {
  test.each<[string, HostCategory[]]>([
    ['webhook.site', ['webhook']],
    ['abc.m.pipedream.net', ['webhook']],
    ['store1.gofile.io', ['filedrop']],
    ['API.Telegram.ORG.', ['chat', 'popular']],
    ['evil-telegram.org', []],
    ['api.telegram.org.evil.test', []],
    ['bore.pub', ['tunnel', 'tunnel-control']],
    ['upd.duckdns.org', ['dyndns']],
    ['x.workers.dev', ['platform']],
    ['region1.v2.argotunnel.com', ['tunnel-control']],
    ['pool.supportxmr.com', ['mining']],
    ['dns.google', ['doh', 'popular']],
    ['www.wikipedia.org', ['popular']],
    ['wikipedia.org.evil.example', []],
    ['openclaw.ai', ['installer', 'brand']],
    ['not a name', []],
    ['__proto__', []],
  ])('%s', (name, categories) => expect(lists.categoriesOf({ name })).toEqual(categories));

  test('and by address for the servers of Telegram', () => {
    expect(lists.categoriesOf({ address: '149.154.167.220', port: 443 })).toEqual(['chat']);
    expect(lists.categoriesOf({ address: '149.154.176.1', port: 443 })).toEqual([]);
  });

  test('and a pack adds to them, never a whole top-level domain', () => {
    const others = ['a.evil.test', 'b.evil.test', 'c.evil.test'];
    const more = load([], { mining: ['pool.minexmr-like.test', 'test', ...others], tor: ['198.51.100.9'] });
    expect(more.categoriesOf({ name: 'eu.pool.minexmr-like.test' })).toEqual(['mining']);
    expect(more.categoriesOf({ name: 'other.test' })).toEqual([]);
    expect(more.categoriesOf({ address: '198.51.100.9' })).toEqual(['tor']);
  });
});

test('a bad pack costs itself and nothing else', () => {
  const good = JSON.stringify([entry('malbuzz.test', 'domain')]);
  const poisoned = JSON.stringify([entry('10.0.0.1', 'ip'), entry('8.8.8.8', 'domain')]);
  const { indicators, problems } = loadIntel({ packTexts: ['{', poisoned, good], now: () => NOW });
  expect(problems).toHaveLength(2);
  expect(indicators.match({ name: 'malbuzz.test' })).toHaveLength(1);
});

test('blocks are found as a plain comparison of bits finds them', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(fc.array(fc.tuple(address, fc.nat(128)), { maxLength: 8 }), address, (blocks, wanted) => {
      const map = createAddressMap<string>();
      const right: string[] = [];
      const far = ipaddr.parse(canonicalAddress(wanted)!);
      for (const [base, bits] of blocks) {
        const text = `${base}/${bits}`;
        if (!map.add(text, text)) continue;
        const near = ipaddr.parse(canonicalAddress(base)!);
        const own = base.includes(':') && near.kind() === 'ipv4' ? bits - 96 : bits;
        if (near.kind() === far.kind() && (far as ipaddr.IPv6).match(near as ipaddr.IPv6, own)) right.push(text);
      }
      expect(map.find(far.toString()).sort()).toEqual(right.sort());
    }),
    { numRuns },
  );
});

test('any question is answered', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.domain(), fc.ipV4(), fc.ipV6(), fc.webUrl());
  fc.assert(
    fc.property(text, text, text, fc.integer(), (name, address, url, port) => {
      expect(Array.isArray(lists.match({ name, address, url, port }))).toBe(true);
      expect(Array.isArray(lists.categoriesOf({ name, address, port }))).toBe(true);
    }),
    { numRuns },
  );
});

test('the bundled data knows its date and what of it still counts', () => {
  const ages = agesOf(bundledPack(), NOW);
  expect(ages.fresh).toBeGreaterThan(10);
  expect(ages.fresh + ages.aged + ages.expired).toBe(bundledPack().indicators.length);
  expect(lists.datedAt).toBe(Date.UTC(2026, 10, 20));
});
