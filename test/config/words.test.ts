import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderConfigDoc } from '../../src/config/config-doc.ts';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';
import { nearestWord } from '../../src/config/nearest.ts';
import { checkRuleOptions } from '../../src/config/rule-options.ts';
import { environmentName, OPTION_KEYS } from '../../src/config/schema.ts';

describe('durations', () => {
  test.each([
    ['2s', 2000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    [' 3m ', 180_000],
    ['1w', 604_800_000],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '2', 's', '-2s', '2 s', '2S', '1e3s', '0x10s', 'Infinitys', '2s2s', '99999999999s'])(
    '%j is refused',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  test('what is written is read as the same', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 900_000_000 }), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});

describe('the nearest word', () => {
  test.each([
    ['intervalms', 'intervalMs'],
    ['failon', 'failOn'],
    ['retentionDay', 'retentionDays'],
    ['zebra', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ])('of %.20j is %s', (word, expected) => expect(nearestWord(word, OPTION_KEYS)).toBe(expected));
});

describe('options of rules', () => {
  const rules = [{ id: 'EXP-10', defaults: { attempts: 5, windowMs: 60_000, quiet: false, ports: [1] } }];

  test('of the same kind as the default are taken', () => {
    const given = { 'EXP-10': { attempts: 9, quiet: true, ports: [2, 3] } };
    expect(checkRuleOptions(given, rules)).toEqual({ options: given, warnings: [] });
  });

  test.each([
    [{ 'EXP-11': {} }, 'there is no rule EXP-11; did you mean EXP-10?'],
    [{ 'EXP-10': { attempt: 9 } }, 'EXP-10: attempt is unknown; did you mean attempts?'],
    [{ 'EXP-10': { attempts: '9' } }, 'attempts is "9", not a number of 0 or more; using 5'],
    [{ 'EXP-10': { attempts: -1 } }, 'attempts is -1, not a number of 0 or more; using 5'],
    [{ 'EXP-10': { attempts: null } }, 'attempts is null, not a number of 0 or more; using 5'],
    [{ 'EXP-10': { ports: { 0: 1 } } }, 'not a list'],
    [{ 'EXP-10': { toString: 1 } }, 'toString is unknown'],
  ])('that a rule cannot take warn and keep the default: %j', (given, warning) => {
    const { options, warnings } = checkRuleOptions(given as Record<string, Record<string, unknown>>, rules);
    expect(options).toEqual({});
    expect(warnings.join()).toContain(warning);
  });
});

test('docs/config.md names every option, its variable, its range and its default', () => {
  const doc = renderConfigDoc();
  for (const key of OPTION_KEYS) {
    expect(doc).toContain(`| \`${key}\` |`);
    if (key !== 'rules') expect(doc).toContain(environmentName(key));
  }
  expect(doc).toContain('| `CLAWWATCH_INTERVAL_MS` | `--interval` | whole number from 250 to 3600000 | `2000` |');
});
