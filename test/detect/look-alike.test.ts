import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLookAlikes, distance, marked, skeleton } from '../../src/detect/look-alike.ts';

const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 300);
const lookAlikeOf = createLookAlikes();

describe('distance', () => {
  test.each([
    ['clawhub', 'clawhub', 0],
    ['clawhub', 'clawhud', 1],
    ['clawhub', 'clahwub', 1],
    ['clawhub', 'cclawhub', 1],
    ['clawhub', 'clawub', 1],
    ['clawhub', 'claxhux', 2],
    ['ca', 'abc', 3],
  ])('of %s and %s is %i', (a, b, edits) => expect(distance(a, b, 5)).toBe(edits));

  test('is the one of a plain table, cut at its limit', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 4 }), (a, b, limit) => {
        expect(distance(a, b, limit)).toBe(Math.min(plainDistance(a, b), limit + 1));
        expect(distance(a, b, 20)).toBe(distance(b, a, 20));
      }),
      { numRuns },
    );
  });
});

/** The same by its definition, without any short cut. */
function plainDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const same = a.at(-1) === b.at(-1) ? 0 : 1;
  const [shortA, shortB] = [a.slice(0, -1), b.slice(0, -1)];
  const steps = [plainDistance(shortA, b) + 1, plainDistance(a, shortB) + 1, plainDistance(shortA, shortB) + same];
  const isSwap = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
  if (isSwap) steps.push(plainDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  return Math.min(...steps);
}

test.each([
  ['оpenclaw', 'openclaw'],
  ['0penc1aw', 'openclaw'],
  ['аntһropіс', 'anthropic'],
  ['open-claw', 'openclaw'],
  ['ＯＰＥＮＣＬＡＷ', 'openclaw'],
  ['clàwhüb', 'clawhub'],
  ['rnoltbot', 'moltbot'],
  ['openclavv', 'openclaw'],
])('%s has the skeleton of %s', (text, original) => expect(skeleton(text)).toBe(skeleton(original)));

test.each([
  ['clawhud.test', 'distance', 'clawhub'],
  ['api.opencllaw.digital', 'distance', 'openclaw'],
  ['openciaw.top', 'distance', 'openclaw'],
  ['molltbot.online', 'distance', 'moltbot'],
  ['huggingfacce.test', 'distance', 'huggingface'],
  ['hugingfacce.test', 'distance', 'huggingface'],
  ['openclaw.example', 'elsewhere', 'openclaw'],
  ['openclaw.vercel.app', 'elsewhere', 'openclaw'],
  ['openclawcli.forum', 'bait', 'openclaw'],
  ['openclaw.update-version.example', 'bait', 'openclaw'],
])('%s is told as %s of %s', (name, kind, original) => expect(lookAlikeOf(name)).toMatchObject({ kind, original }));

test('words are marked where they differ, with code points for what cannot be told apart', () => {
  expect(marked('clawhud', 'clawhub')).toBe('clawhu[d]');
  expect(marked('оpenclaw', 'openclaw')).toBe('[U+043E]penclaw');
  expect(marked('\u202eab', 'ab')).toBe('[U+202E]ab');
});

test('any name is judged, and a name of its own makes no look-alike of itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.string({ unit: 'binary', maxLength: 300 })), (name) => {
      const found = lookAlikeOf(name);
      if (found !== undefined) expect(found.domain.length).toBeGreaterThan(0);
      const own = createLookAlikes(name.includes('.') ? [name.toLowerCase()] : []);
      if (/^[a-z]{9,20}\.(?:com|net)$/.test(name)) expect(own(name)).toBeUndefined();
    }),
    { numRuns },
  );
});
