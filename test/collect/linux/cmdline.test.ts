import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCmdline } from '../../../src/collect/linux/cmdline.ts';
import { numRuns } from './fuzz.ts';

describe('parseCmdline', () => {
  test('splits at NUL and keeps blanks, line ends and empty arguments in between', () => {
    expect(parseCmdline(Buffer.from('node\0a b\0\0x\ny\0'))).toEqual(['node', 'a b', '', 'x\ny']);
  });

  test.each([
    ['NULs', `openclaw-gateway${'\0'.repeat(300)}`],
    ['blanks', `openclaw-gateway${' '.repeat(300)}`],
    ['nothing', 'openclaw-gateway'],
  ])('a title padded with %s is one argument', (_, text) => {
    expect(parseCmdline(Buffer.from(text))).toEqual(['openclaw-gateway']);
  });

  test('a process without arguments has none', () => {
    expect(parseCmdline(Buffer.alloc(0))).toEqual([]);
    expect(parseCmdline(Buffer.alloc(64))).toEqual([]);
  });

  test('gives back any arguments that do not end in padding', () => {
    const argument = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    const argv = fc.array(argument, { minLength: 1 }).filter((words) => /[^ \0]$/.test(words.at(-1)!));
    fc.assert(
      fc.property(argv, (words) => {
        expect(parseCmdline(Buffer.from(words.map((word) => `${word}\0`).join('')))).toEqual(words);
      }),
      { numRuns },
    );
  });

  test('survives any bytes, and a million empty arguments become a few thousand', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        parseCmdline(Buffer.from(bytes));
      }),
      { numRuns },
    );
    expect(parseCmdline(Buffer.concat([Buffer.alloc(1_000_000), Buffer.from('x')])).length).toBeLessThan(5000);
  });
});
