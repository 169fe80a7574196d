import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeText, shellQuote } from '../../src/types/text.ts';

const RUNS = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);

// Written independently of the implementation: lists what must never survive, by number.
function isDangerous(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0xad ||
    code === 0x34f ||
    code === 0x61c ||
    code === 0x115f ||
    code === 0x1160 ||
    code === 0x180e ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0x3164 ||
    (code >= 0xd800 && code <= 0xf8ff) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    code === 0xffa0 ||
    (code >= 0xfff0 && code <= 0xfffb) ||
    code > 0xffff
  );
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom(
      '\u001b[31m',
      '\r',
      '\n',
      '\u0000',
      '\u009b',
      '\u202e',
      '\u2066',
      '\u200b',
      '\ufeff',
      '\u{1f600}',
      '\ud800',
      'a',
    ),
    maxLength: 300,
  }),
);

describe('safeText', () => {
  it('lets no control, bidi, zero-width, separator, surrogate or astral character through', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(0, 10, 200), (text, limit) => {
        const bad = [...safeText(text, limit)].filter((character) => isDangerous(character.codePointAt(0)!));
        expect(bad).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('never exceeds the limit', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 80 }), (text, limit) => {
        expect(safeText(text, limit).length).toBeLessThanOrEqual(limit);
      }),
      { numRuns: RUNS },
    );
  });

  it('changes nothing when applied twice', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(safeText(safeText(text, 0), 0)).toBe(safeText(text, 0));
        expect(safeText(safeText(text))).toBe(safeText(text));
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ['weather-pro', 'weather-pro'],
    ['Grüße, 東京, Ελλάδα', 'Grüße, 東京, Ελλάδα'],
    ['\u001b[32mOK', '\\x1b[32mOK'],
    ['a\nFINDING none', 'a\\x0aFINDING none'],
    ['abc\u202etxt.exe', 'abc\\u{202e}txt.exe'],
    ['\u{1f600}', '\\u{1f600}'],
    ['\ud83d', '\\u{d83d}'],
  ])('shows %j as %s', (text, expected) => {
    expect(safeText(text)).toBe(expected);
  });

  it('marks text that was cut, also when the cut falls into escapes', () => {
    expect(safeText('x'.repeat(500), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(safeText('\u0000'.repeat(65536), 12)).toHaveLength(12);
    expect(safeText('x'.repeat(10), 10)).toBe('x'.repeat(10));
    expect(safeText('\u{1f600}'.repeat(100), 5)).toHaveLength(5);
  });
});

describe('shellQuote', () => {
  it.each([
    ['/home/u/.openclaw', '/home/u/.openclaw'],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['$(reboot)', "'$(reboot)'"],
    ['', "''"],
    ['~root', "'~root'"],
    ['a;b', "'a;b'"],
  ])('writes %j as %s', (word, expected) => {
    expect(shellQuote(word)).toBe(expected);
  });

  it('refuses a word whose quoting would still move the cursor', () => {
    expect(shellQuote('a\u001b]0;x')).toContain('control characters');
  });
});
