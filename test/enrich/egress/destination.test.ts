import { describe, expect, test } from 'vitest';
import { createDestinations } from '../../../src/enrich/egress/destination.ts';
import { createDomainOf } from '../../../src/enrich/egress/domain.ts';
import type { NameFact, NameSource } from '../../../src/types/egress.ts';
import { NOW } from '../builders.ts';

const ADDRESS = '203.0.113.20';
const HOUR = 60 * 60_000;
const domainOf = createDomainOf();

function fact(name: string, source: NameSource, extra: Partial<NameFact> = {}): NameFact {
  return { address: ADDRESS, name, source, seenAt: NOW - 1_000, ...extra };
}

const LOCAL = { address: '192.0.2.10', port: 40_000 };

function destination(facts: NameFact[], pids: number[] = [100]) {
  return createDestinations(facts, domainOf)({ address: ADDRESS, pids, local: LOCAL, at: NOW });
}

describe('the name of a far end', () => {
  test('is absent when nothing is known', () => {
    expect(destination([])).toEqual({});
    expect(destination([fact('other.test', 'dns', { address: '203.0.113.21' })])).toEqual({});
  });

  test('comes with source, age, confidence and registrable domain', () => {
    expect(destination([fact('api.telegram.org', 'dns')])).toEqual({
      name: 'api.telegram.org',
      source: 'dns',
      ageMs: 1_000,
      confidence: 'likely',
      domain: 'telegram.org',
    });
  });

  test.each<[NameSource, NameSource]>([
    ['dns', 'hosts'],
    ['hosts', 'expected'],
    ['dns', 'expected'],
  ])('is rather taken from %s than from %s', (stronger, weaker) => {
    const facts = [fact('weak.example.test', weaker, { seenAt: NOW }), fact('strong.example.test', stronger)];
    expect(destination(facts)).toMatchObject({ name: 'strong.example.test', source: stronger, confidence: 'likely' });
    expect(destination(facts.toReversed())).toEqual(destination(facts));
  });

  test('is the newest of one source, the others are told', () => {
    const facts = [fact('old.example.test', 'dns', { seenAt: NOW - HOUR }), fact('new.example.test', 'dns')];
    expect(destination(facts)).toMatchObject({
      name: 'new.example.test',
      otherNames: ['old.example.test'],
      confidence: 'likely',
    });
  });

  test('is only possible where parties share the address', () => {
    const facts = [fact('api.telegram.org', 'expected'), fact('evil.test', 'expected', { seenAt: NOW - HOUR })];
    expect(destination(facts)).toMatchObject({ confidence: 'possible', otherNames: ['evil.test'] });
  });

  test('tells neighbours of one registrable domain from strangers under one private suffix', () => {
    expect(destination([fact('a.example.test', 'dns'), fact('b.example.test', 'dns')]).confidence).toBe('likely');
    expect(destination([fact('a.github.io', 'dns'), fact('b.github.io', 'dns')]).confidence).toBe('possible');
  });

  test('is certain where an answer and the hello of this connection agree, also on a shared address', () => {
    const hello = fact('api.telegram.org', 'sni', { local: LOCAL });
    const shared = [fact('api.telegram.org', 'dns', { seenAt: NOW - HOUR }), fact('evil.test', 'dns')];
    expect(destination([...shared, hello])).toMatchObject({
      name: 'api.telegram.org',
      confidence: 'certain',
      otherNames: ['evil.test'],
    });
    const another = { ...hello, local: { ...LOCAL, port: 40_001 } };
    expect(destination([...shared, another])).toMatchObject({ name: 'evil.test', confidence: 'possible' });
  });

  test('is doubtful where the hello says another one than the answer', () => {
    const facts = [fact('cdn-sync.test', 'dns'), fact('api.anthropic.com', 'sni', { local: LOCAL })];
    expect(destination(facts)).toMatchObject({ name: 'cdn-sync.test', source: 'dns', confidence: 'possible' });
    expect(destination(facts).claimed).toBeUndefined();
  });

  test('is not taken from a day ago', () => {
    expect(destination([fact('api.telegram.org', 'dns', { seenAt: NOW - 25 * HOUR })])).toEqual({});
  });

  test('of one process is none of another', () => {
    expect(destination([fact('api.telegram.org', 'argv', { pid: 7 })])).toEqual({});
  });
});

describe('a name that only the process claims', () => {
  const claim = (name: string) => fact(name, 'argv', { pid: 100, seenAt: NOW });

  test('is possible when there is no other', () => {
    expect(destination([claim('skillmetrics.test')])).toMatchObject({
      source: 'argv',
      confidence: 'possible',
      claimed: true,
    });
  });

  test('is a claim in its own hello, and in an answer of a name server that nobody set up', () => {
    for (const only of [
      fact('api.anthropic.com', 'sni', { local: LOCAL }),
      fact('api.anthropic.com', 'dns', { claimed: true }),
    ]) {
      expect(destination([only])).toMatchObject({ name: 'api.anthropic.com', confidence: 'possible', claimed: true });
    }
  });

  test('never hides a name that another source has', () => {
    const facts = [claim('harmless.test'), fact('api.telegram.org', 'expected')];
    expect(destination(facts)).toMatchObject({ name: 'api.telegram.org', source: 'expected', confidence: 'likely' });
    expect(destination(facts).otherNames).toBeUndefined();
  });

  test('chooses among names that another source has', () => {
    const facts = [
      claim('b.example.test'),
      fact('a.example.test', 'expected', { seenAt: NOW }),
      fact('b.example.test', 'expected', { seenAt: NOW - HOUR }),
    ];
    expect(destination(facts)).toMatchObject({
      name: 'b.example.test',
      source: 'argv',
      confidence: 'likely',
      otherNames: ['a.example.test'],
    });
  });

  test('stands behind a call of the agent', () => {
    const facts = [claim('a.test'), fact('b.test', 'tool-call', { pid: 100 })];
    expect(destination(facts)).toMatchObject({ name: 'b.test', source: 'tool-call', confidence: 'possible' });
  });
});
