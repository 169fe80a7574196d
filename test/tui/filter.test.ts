import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFilter, regexProblem, type Searchable } from '../../src/tui/filter.ts';

const ROWS: Record<string, Searchable> = {
  model: {
    text: 'gateway node api.anthropic.com 443 dns expected',
    fields: {
      port: [443, 40001],
      host: ['api.anthropic.com', '203.0.113.1'],
      role: 'gateway',
      pid: 812,
      verdict: 'expected',
    },
  },
  bin: {
    text: 'weather-pro node w.js webhook.site 8443 sni unknown',
    fields: {
      port: [8443, 40002],
      host: ['webhook.site', '203.0.113.2'],
      skill: 'weather-pro',
      role: 'skill',
      pid: 2291,
      verdict: 'unknown',
    },
  },
  high: { text: 'exp-01 high gateway', fields: { severity: 'high', role: 'gateway default' } },
  low: { text: 'pos-04 low mdns', fields: { severity: 'low' } },
};

function matching(filter: string): string[] | string {
  const parsed = parseFilter(filter);
  return parsed.ok ? Object.keys(ROWS).filter((name) => parsed.test(ROWS[name]!)) : parsed.problem;
}

describe('filter', () => {
  test.each([
    ['', ['model', 'bin', 'high', 'low']],
    ['port:443', ['model']],
    ['port:40000-50000', ['model', 'bin']],
    ['host:webhook', ['bin']],
    ['host:203.0.113.1', ['model']],
    ['skill:weather', ['bin']],
    ['role:gateway', ['model', 'high']],
    ['pid:2291', ['bin']],
    ['verdict:unknown', ['bin']],
    ['severity:low', ['high', 'low']],
    ['severity:medium', ['high']],
    ['NODE -verdict:expected', ['bin']],
    ['/web.ook/', ['bin']],
    ['-/web.ook/ node', ['model']],
    ['/a b/ nothing', []],
  ])('%s', (filter, names) => expect(matching(filter)).toEqual(names));

  test.each([
    ['port:https', /takes a number/],
    ['severity:awful', /takes one of/],
    ['host:', /needs a value/],
    ['/(a+)+b/', /may not be repeated/],
    ['/(a|a)*b/', /may not be repeated/],
    ['/a*a*a*b/', /at most 2 repetitions/],
    ['/(.)\\1/', /refer back/],
    ['/(?=a)/', /may not hold/],
    ['/a{1000}/', /at most 99/],
    ['/[/', /no regular expression/],
    ['/open', /end the regular expression/],
    ['x'.repeat(300), /at most 200/],
  ])('refuses %s', (filter, problem) => expect(matching(filter)).toMatch(problem));

  test('whatever is typed is a filter or a sentence', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (typed) => {
        const parsed = parseFilter(typed);
        if (parsed.ok) for (const row of Object.values(ROWS)) expect(typeof parsed.test(row)).toBe('boolean');
        else expect(parsed.problem).not.toBe('');
      }),
    );
  });

  test('no accepted regular expression takes more steps than the square of the line times its length', () => {
    // Counted and not timed: what is accepted has no repeated group and at most two repetitions.
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab(|)*+?{}[]\\1,.'), maxLength: 30 }), (source) => {
        if (regexProblem(source) !== undefined) return;
        const bare = source.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
        expect(bare.match(/\)[*+?{]/)).toBeNull();
        expect((bare.match(/[*+{]/g) ?? []).length).toBeLessThanOrEqual(4);
      }),
    );
  });
});
