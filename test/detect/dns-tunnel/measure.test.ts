import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { medianOf } from '../../../src/detect/beacon/statistics.ts';
import { entropyOf, normalisedEntropy } from '../../../src/detect/dns-tunnel/entropy.ts';
import { measureTunnel } from '../../../src/detect/dns-tunnel/measure.ts';
import { questionName } from '../../../src/detect/dns-tunnel/question-name.ts';
import type { DnsQuestion } from '../../../src/types/dns.ts';
import { mulberry32 } from '../beacon/random.ts';

const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 300);
const random = mulberry32(5);
const label = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
const medianEntropy = (alphabet: string, length: number) =>
  medianOf(Float64Array.from({ length: 2001 }, () => normalisedEntropy(label(alphabet, length))).sort());

const HEX = '0123456789abcdef';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const BASE36 = 'abcdefghijklmnopqrstuvwxyz0123456789';

const read = (names: string[], more: Partial<DnsQuestion> = {}) =>
  names.map((name, index) => ({
    question: { at: index * 1000, name, type: 'A', ...more },
    parts: questionName(name)!,
  }));

describe('entropy', () => {
  test.each([
    [HEX, 16, 0.8],
    [HEX, 32, 0.91],
    [HEX, 60, 0.96],
    [BASE32, 32, 0.84],
    [BASE32, 48, 0.89],
    [BASE32, 60, 0.92],
    [BASE36, 32, 0.85],
  ])('random labels of %s, %i characters', (alphabet, length, expected) => {
    expect(Math.abs(medianEntropy(alphabet, length) - expected)).toBeLessThan(0.01);
  });

  test.each([
    ['internationalcommunication', 0.69],
    ['my-very-long-service-name-prod', 0.77],
  ])('natural label %s', (name, expected) => {
    expect(Math.abs(normalisedEntropy(name) - expected)).toBeLessThan(0.005);
  });

  test('bits of a character alone would rank a cluster above hexadecimal data', () => {
    expect(entropyOf('k8s-prod-ingressn-4f1c2a9b7e')).toBeGreaterThan(4.2);
    expect(entropyOf(label(HEX, 32))).toBeLessThan(3.9);
  });

  test('nothing and one character are zero', () => {
    expect([normalisedEntropy(''), normalisedEntropy('a'), normalisedEntropy('aaaa')]).toEqual([0, 0, 0]);
  });
});

describe('names', () => {
  test('are split at the registrable domain, with the private part of the list', () => {
    expect(questionName('a.b.example.co.uk')).toMatchObject({ domain: 'example.co.uk', left: 'a.b' });
    expect(questionName('data.me.duckdns.org')).toMatchObject({ domain: 'me.duckdns.org', left: 'data' });
    expect(questionName('x.t.exdns.test')).toMatchObject({ domain: 'exdns.test', left: 'x.t' });
  });

  test('with reversed addresses are never counted, service names as long as they are few and short', () => {
    expect(questionName('5.2.0.192.zen.dnsbl.test')!.exempt).toBe('never');
    expect(questionName('4.3.2.1.in-addr.arpa')!.exempt).toBe('never');
    expect(questionName(`${'a.'.repeat(32)}list.test`)!.exempt).toBe('never');
    expect(questionName('s1._domainkey.host.test')!.exempt).toBe('few');
    expect(questionName(`${label(BASE32, 48)}._domainkey.host.test`)!.exempt).toBeUndefined();
    expect(questionName('999.2.0.192.zen.dnsbl.test')!.exempt).toBeUndefined();
  });
});

describe('a measure', () => {
  test('counts names and not questions: A and AAAA of one name are one', () => {
    expect(measureTunnel(read(['a.x.test', 'a.x.test', 'b.x.test']), 0)).toMatchObject({ questions: 3, unique: 2 });
  });

  test('of many selectors of one domain does count them', () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}._domainkey.host.test`);
    expect(measureTunnel(read(names(20)), 0).unique).toBe(0);
    expect(measureTunnel(read(names(40)), 0).unique).toBe(40);
  });

  test('knows the share of missing names among the answered, and what the short part carried', () => {
    const half = [...read(['a.x.test'], { rcode: 'NXDOMAIN' }), ...read(['b.x.test'], { rcode: 'NOERROR' })];
    expect(measureTunnel([...half, ...read(['c.x.test'])], 0)).toMatchObject({ missing: 0.5, answered: 2 });
    expect(measureTunnel(read(['aaaa.x.test', 'bb.x.test']), 1000)).toMatchObject({ bytesShort: 2, uniqueShort: 1 });
  });
});

test('any name gives figures within their ranges', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 20 }), (names) => {
      const readable = names.flatMap((name) => {
        const parts = questionName(`${name}.x.test`);
        return parts === undefined ? [] : [{ question: { at: 0, name, type: 'A', rcode: 'NXDOMAIN' }, parts }];
      });
      const measure = measureTunnel(readable, 0);
      expect(measure.entropy).toBeGreaterThanOrEqual(0);
      expect(measure.entropy).toBeLessThanOrEqual(1);
      expect(measure.missing).toBeLessThanOrEqual(1);
    }),
    { numRuns },
  );
});
