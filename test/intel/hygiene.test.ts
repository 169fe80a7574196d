import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUNDLED_REVIEW, bundledEntries } from '../../src/intel/data/bundled-pack.ts';
import { CATEGORY_LISTS } from '../../src/intel/data/host-categories.ts';
import { cleanPack, createCheck, refusedCount } from '../../src/intel/hygiene.ts';
import { bundledPack, checkPack, hygieneOf } from '../../src/intel/intel.ts';
import { INDICATOR_TYPES, PACK_CATEGORIES, PackError, parsePack } from '../../src/intel/pack.ts';
import { refang } from '../../src/intel/refang.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const LAB = ['198.51.100.0/24', '203.0.113.0/24'];
const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 300);

const check = createCheck(hygieneOf({}, NOW));
const labCheck = createCheck(hygieneOf({ labPublic: LAB }, NOW));

function entry(value: string, type: string, more: object = {}): object {
  return { value, type, tier: 'A', first_seen: '2026-11-01', source_url: 'https://reports.example/1', ...more };
}

const SHARED = 'an address that many share';
const RESOLVER = 'a name server that everybody asks';
const NOT_PUBLIC = 'not an address of the internet';

describe('an entry is refused', () => {
  test.each([
    ['a test network', entry('198[.]51[.]100[.]78', 'ip'), 'known to be made up or somebody else’s'],
    ['another address of a test network', entry('198.51.100.7', 'ip'), NOT_PUBLIC],
    ['0.0.0.0/8', entry('0.0.0.0/8', 'cidr'), 'a block that is too wide'],
    ['10.0.0.0/8', entry('10.0.0.0/8', 'cidr'), 'a block that is too wide'],
    ['a narrow private block', entry('10.0.0.0/28', 'cidr'), NOT_PUBLIC],
    ['a whole block of Tor exits', entry('185[.]220[.]101[.]0/24', 'cidr'), 'a block that is too wide'],
    ['loopback', entry('127.0.0.1', 'ip'), NOT_PUBLIC],
    ['loopback with a port', entry('127.0.0.1:80', 'ip:port'), NOT_PUBLIC],
    ['loopback in other clothes', entry('::ffff:127.0.0.1', 'ip'), NOT_PUBLIC],
    ['metadata', entry('169.254.169.254', 'ip'), NOT_PUBLIC],
    ['private', entry('192.168.1.1', 'ip'), NOT_PUBLIC],
    ['an address of a content network', entry('104.16.1.1', 'ip'), SHARED],
    ['an address of a cloud', entry('54.91.154.110', 'ip'), SHARED],
    ['a block of a cloud', entry('54.91.154.112/28', 'cidr'), SHARED],
    ['a resolver of the internet', entry('1.1.1.1', 'ip'), RESOLVER],
    ['a resolver over IPv6', entry('2620:fe::fe', 'ip'), RESOLVER],
    ['a resolver with a port', entry('9.9.9.9:853', 'ip:port'), RESOLVER],
    ['a resolver as a URL', entry('https://8.8.8.8/dns-query', 'url'), RESOLVER],
    ['a narrow block that holds a resolver', entry('9.9.9.0/28', 'cidr'), RESOLVER],
    ['a block of IPv6 that holds a resolver', entry('2620:fe::/64', 'cidr'), RESOLVER],
    ['made-up addresses of copied lists', entry('45.33.32.100', 'ip'), 'known to be made up or somebody else’s'],
    ['a domain of the ten thousand', entry('github.com', 'domain'), 'a domain that very many use'],
    ['a name below one', entry('api.telegram.org', 'domain'), 'a domain that very many use'],
    ['a service that has a category', entry('webhook.site', 'domain'), 'a service that many use'],
    ['a suffix', entry('com', 'domain'), 'no domain'],
    ['a suffix that anybody gets a part of', entry('trycloudflare.com', 'domain'), 'a suffix that belongs to many'],
    ['a URL without a path at a service', entry('https://webhook.site/', 'url'), 'a service that many use'],
    ['a URL at a loopback address', entry('http://127.0.0.1/x', 'url'), NOT_PUBLIC],
    ['a hash', entry('0123456789abcdef0123456789abcdef', 'sha256'), 'a type that is not seen on the network'],
    ['no source', entry('8.8.4.4', 'ip', { source_url: undefined }), 'without source_url'],
    ['a source that is no address', entry('8.8.4.4', 'ip', { source_url: 'somebody said' }), 'without source_url'],
    ['no date', entry('8.8.4.4', 'ip', { first_seen: undefined }), 'without first_seen'],
    ['a number as a date', entry('8.8.4.4', 'ip', { first_seen: '1' }), 'without first_seen'],
    ['the future', entry('8.8.4.4', 'ip', { first_seen: '2027-01-01' }), 'first seen in the future'],
    ['no tier', entry('8.8.4.4', 'ip', { tier: 'C' }), 'without tier'],
    ['a port that is none', entry('91.2.3.4:70000', 'ip:port'), 'no address with port'],
    ['nothing', null, 'no object'],
  ])('%s', (_, given, reason) => expect(check(given)).toBe(reason));
});

describe('an entry is taken', () => {
  test.each([
    ['91[.]92[.]242[.]30', 'ip', '91.92.242.30'],
    ['54[.]91[.]154[.]110:13338', 'ip:port', '54.91.154.110:13338'],
    ['[2a0e:b107::7]:443', 'ip:port', '[2a0e:b107::7]:443'],
    ['Evil-Skills.Example', 'domain', 'evil-skills.example'],
    ['openclawcli[.]vercel[.]app', 'domain', 'openclawcli.vercel.app'],
    ['hxxps://webhook[.]site/358866c4/', 'url', 'https://webhook.site:443/358866c4'],
    ['91.92.242.32/28', 'cidr', '91.92.242.32/28'],
    ['9.9.9.16/28', 'cidr', '9.9.9.16/28'],
  ])('%s', (value, type, canonical) => expect(check(entry(value, type))).toMatchObject({ value: canonical, type }));

  test('of a test network in the laboratory alone', () => {
    expect(labCheck(entry('198.51.100.66', 'ip'))).toMatchObject({ value: '198.51.100.66' });
    expect(labCheck(entry('192.0.2.66', 'ip'))).toBe(NOT_PUBLIC);
  });

  test('with a later sighting, which lies never in the future', () => {
    expect(check(entry('evil.example', 'domain', { last_seen: '2031-01-01' }))).toMatchObject({ seenAt: NOW });
  });
});

describe('a feed', () => {
  const good = (count: number) => Array.from({ length: count }, (_, i) => entry(`bad${i}.example`, 'domain'));
  const bad = (count: number) => Array.from({ length: count }, (_, i) => entry(`10.0.0.${i}`, 'ip'));
  const pack = (...indicators: object[]) => parsePack(JSON.stringify(indicators));

  test('is used with a fifth of it refused, and not with more', () => {
    const context = hygieneOf({}, NOW);
    expect(checkPack(pack(...good(8), ...bad(2)), context).indicators).toHaveLength(8);
    expect(() => checkPack(pack(...good(7), ...bad(2)), context)).toThrow(
      '2 of its 9 entries are refused, most often (2): not an address of the internet',
    );
  });

  test('that names one thing twice has it once, by its better source and its later sighting, in either order', () => {
    const newer = { tier: 'B', first_seen: '2026-11-05', last_seen: '2026-11-10' };
    const twice = [entry('evil.example', 'domain', newer), entry('EVIL.example.', 'domain')];
    for (const entries of [twice, twice.toReversed()]) {
      const { indicators } = cleanPack(pack(...entries), hygieneOf({}, NOW));
      expect(indicators).toHaveLength(1);
      expect(indicators[0]).toMatchObject({
        tier: 'A',
        firstSeenAt: Date.UTC(2026, 10, 1),
        seenAt: Date.UTC(2026, 10, 10),
      });
    }
  });

  test('tells the first entry of each reason', () => {
    const { refused } = cleanPack(pack(...bad(3), entry('com', 'domain'), 7 as never), hygieneOf({}, NOW));
    expect([...refused]).toEqual([
      [NOT_PUBLIC, { count: 3, example: '10.0.0.0' }],
      ['no domain', { count: 1, example: 'com' }],
      ['no object', { count: 1 }],
    ]);
  });

  test('that is dated in the future is refused: it would never look stale', () => {
    const dated = (date: string) => parsePack(JSON.stringify({ dated: date, indicators: good(1) }));
    expect(() => checkPack(dated('2026-11-23'), hygieneOf({}, NOW))).toThrow(
      new PackError('it is dated in the future'),
    );
    expect(checkPack(dated('2026-11-21'), hygieneOf({}, NOW)).datedAt).toBe(Date.UTC(2026, 10, 21));
  });

  test.each([
    ['{', 'it is not JSON'],
    ['7', 'it is neither an object nor a list'],
    ['{"format":"other-2","indicators":[]}', 'it has another format than clawwatch-intel-1'],
    ['{"indicators":{}}', 'its indicators are not a list'],
    ['{"categories":{"popular":["evil.example"]}}', 'it has a category that ClawWatch does not know'],
    ['{"categories":{"brand":["evil.example"]}}', 'it has a category that ClawWatch does not know'],
    ['{"categories":{"mining":[7]}}', 'one of its categories is not a list of names'],
    [JSON.stringify(Array.from({ length: 100_001 }, () => 0)), 'it has more than 100,000 indicators'],
  ])('%.40s is no pack', (text, reason) => expect(() => parsePack(text)).toThrow(new PackError(reason)));

  test('is read or refused, whatever is in it, and gives canonical values only', () => {
    const strange = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.record({
        value: fc.oneof(fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6(), fc.domain(), fc.webUrl()),
        type: fc.constantFrom('ip', 'ip:port', 'domain', 'url', 'cidr'),
        tier: fc.constantFrom('A', 'B'),
        first_seen: fc.constantFrom('2026-01-01', 'yesterday'),
        source_url: fc.constant('https://reports.example/1'),
      }),
    );
    const context = hygieneOf({}, NOW);
    const again = createCheck(context);
    fc.assert(
      fc.property(fc.array(strange, { maxLength: 6 }), (entries) => {
        const raw = parsePack(JSON.stringify(entries));
        const clean = cleanPack(raw, context);
        expect(clean.indicators.length + refusedCount(clean)).toBeLessThanOrEqual(raw.entries.length);
        for (const { value, type } of clean.indicators) expect(again(entry(value, type))).toMatchObject({ value });
      }),
      { numRuns: Math.min(numRuns, 3000) },
    );
  }, 120_000);
});

describe('the categories of a pack', () => {
  const context = hygieneOf({ labPublic: LAB }, NOW);
  const clean = (names: string[]) => {
    const { categories, refused } = cleanPack(parsePack(JSON.stringify({ categories: { mining: names } })), context);
    return { kept: categories.get('mining'), why: [...refused.keys()] };
  };

  test.each([
    ['the whole internet', '0.0.0.0/0', 'a block that is too wide'],
    ['the whole internet over IPv6', '::/0', 'a block that is too wide'],
    ['this host', '127.0.0.1', NOT_PUBLIC],
    ['an own network', '192.168.1.0/28', NOT_PUBLIC],
    ['a provider of models', 'api.openai.com', 'a domain that very many use'],
    ['a site that everybody uses', '*.github.com', 'a domain that very many use'],
    ['a top-level domain', 'com', 'no domain'],
    ['a suffix of a registry', 'co.uk', 'a suffix that belongs to many'],
    ['what is no name', 'a b', 'no domain'],
  ])('do not take %s', (_, name, reason) => expect(clean([name])).toEqual({ kept: [], why: [reason] }));

  test.each([
    ['pool.minexmr-like.test', 'pool.minexmr-like.test'],
    ['POOL[.]evil[.]example', 'pool.evil.example'],
    ['203.0.113.48', '203.0.113.48'],
    ['91.92.242.32/28', '91.92.242.32/28'],
    ['some-dyndns.duckdns.org', 'some-dyndns.duckdns.org'],
    ['new-tunnels.vercel.app', 'new-tunnels.vercel.app'],
  ])('take %s', (name, kept) => expect(clean([name])).toEqual({ kept: [kept], why: [] }));

  test('count for the refusal of the whole', () => {
    const text = JSON.stringify({ indicators: [entry('evil.example', 'domain')], categories: { tor: ['0.0.0.0/0'] } });
    expect(() => checkPack(parsePack(text), context)).toThrow(
      '1 of its 2 entries are refused, most often (1): a block that is too wide',
    );
  });
});

test('the bundled pack passes its own hygiene whole and is spelled as that spells', () => {
  const entries = bundledEntries();
  const checked = cleanPack({ name: 'bundled', entries, categories: new Map() }, hygieneOf({}, NOW));
  expect(checked.refused).toEqual(new Map());
  expect(entries.length).toBeGreaterThan(40);
  expect(bundledPack().indicators).toEqual(checked.indicators);
});

test('every entry of the bundled pack has a published source over https and a date before the review of the pack', () => {
  for (const { source_url, first_seen, note } of bundledEntries()) {
    expect(source_url).toMatch(/^https:\/\/[a-z.]+\/\S+$/);
    expect(first_seen <= BUNDLED_REVIEW.datedAt).toBe(true);
    expect(note).toBeTruthy();
  }
});

test('the pack that docs/intel.md shows is one, and its words are those of the format', () => {
  const doc = readFileSync('docs/intel.md', 'utf8');
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(doc) ?? [];
  const pack = checkPack(parsePack(example), hygieneOf({}, NOW));
  expect(pack).toMatchObject({ name: 'my-feed', licence: 'CC0-1.0', indicators: [{ value: 'evil.example' }] });
  expect([...pack.categories.keys()]).toEqual(['paste', 'mining']);
  expect(pack.refused.size).toBe(0);
  for (const word of [...INDICATOR_TYPES, ...PACK_CATEGORIES]) expect(doc).toContain(`\`${word}\``);
});

test('there is a list for every kind of host that the rules ask for', () => {
  const categories = new Set(CATEGORY_LISTS.map(({ category }) => category));
  const wanted = ['webhook', 'paste', 'filedrop', 'tunnel', 'dyndns', 'doh', 'mining', 'chat'] as const;
  expect(wanted.filter((category) => !categories.has(category))).toEqual([]);
});

test('no value of the bundled pack stands in its source in a form that opens', () => {
  for (const { value } of bundledEntries()) expect(value).toContain('[.]');
});

test.each([
  ['hxxps://evil[.]example/a', 'https://evil.example/a'],
  ['hxxp[://]evil(.)example', 'http://evil.example'],
  ['1[.]2[.]3[.]4[:]80', '1.2.3.4:80'],
  ['evil[dot]example', 'evil.example'],
  ['evil.example', 'evil.example'],
])('%s is put right', (text, right) => expect(refang(text)).toBe(right));
