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

function destination(facts: NameFact[], pids: number[] = [100]) {
  return createDestinations(facts, domainOf)({ address: ADDRESS, pids, at: NOW });
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
    ['dns', 'sni'],
    ['sni', 'hosts'],
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

  test('is certain from the traffic of the process itself, also on a shared address', () => {
    const facts = [fact('api.telegram.org', 'sni', { pid: 100 }), fact('evil.test', 'expected')];
    expect(destination(facts)).toMatchObject({ name: 'api.telegram.org', confidence: 'certain' });
    const two = [...facts, fact('third.test', 'sni', { pid: 100, seenAt: NOW - 5_000 })];
    expect(destination(two)).toMatchObject({ name: 'api.telegram.org', confidence: 'possible' });
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
    expect(destination([claim('skillmetrics.test')])).toMatchObject({ source: 'argv', confidence: 'possible' });
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
