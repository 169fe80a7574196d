import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandLines } from '../../src/cli/block.ts';
import { createPaint } from '../../src/cli/paint.ts';
import { renderTable } from '../../src/cli/table.ts';
import { cut, displayWidth, wrap } from '../../src/cli/width.ts';
import { safeText } from '../../src/types/text.ts';

const paint = (columns: number) => createPaint({ env: {}, isTTY: false, columns }, {});
const text = fc.string({ unit: 'grapheme', maxLength: 120 }).map((value) => safeText(value));

describe('width', () => {
  test.each([
    ['abc', 3],
    ['字', 2],
    ['ｆｕｌｌ', 8],
    ['한글', 4],
    ['e\u0301', 1],
    ['…', 1],
    ['⌚', 2],
    ['', 0],
  ])('of %s is %d', (value, width) => expect(displayWidth(value)).toBe(width));

  test('a cut text is as wide as allowed and marked', () => {
    expect(cut('abcdef', 4, '…')).toBe('abc…');
    expect(cut('字字字', 4, '…')).toBe('字…');
    expect(cut('abcd', 4, '…')).toBe('abcd');
  });

  test('wrapped lines fit and lose nothing but spaces at breaks', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 60 }), (value, width) => {
        const lines = wrap(value, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(value.replaceAll(' ', ''));
      }),
    );
  });
});

describe('tables', () => {
  type Row = { a: string; b: string; c: string };
  const columns = [
    { title: 'A', dropOrder: 0, shrinkTo: 5, cell: (row: Row) => row.a },
    { title: 'B', dropOrder: 2, cell: (row: Row) => row.b },
    { title: 'C', dropOrder: 1, shrinkTo: 4, cell: (row: Row) => row.c },
  ];

  test('drop the least important column first, then cut', () => {
    const rows = [{ a: 'a'.repeat(20), b: 'b'.repeat(20), c: 'c'.repeat(20) }];
    expect(renderTable(rows, columns, paint(70))[1]).toBe(`${'a'.repeat(20)}  ${'b'.repeat(20)}  ${'c'.repeat(20)}`);
    expect(renderTable(rows, columns, paint(40))[1]).toBe(`${'a'.repeat(7)}…  ${'b'.repeat(20)}  ${'c'.repeat(7)}…`);
    expect(renderTable([{ ...rows[0]!, b: 'b'.repeat(35) }], columns, paint(40))[1]).toBe(
      `${'a'.repeat(18)}…  ${'c'.repeat(18)}…`,
    );
  });

  test('never have a line longer than the terminal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: text, b: text, c: text }), { maxLength: 6 }),
        fc.integer({ min: 40, max: 200 }),
        (rows, width) => {
          for (const line of renderTable(rows, columns, paint(width)))
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('commands to copy', () => {
  test('are continued outside quotes only, so that all lines together are the command', () => {
    const words = fc.array(fc.stringMatching(/^([a-z/.-]{1,12}|'[a-z #]{0,20}'|"[a-z $]{0,20}")$/), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 40, max: 90 }), (parts, width) => {
        const command = parts.join(' ');
        const joined = commandLines(command, paint(width))
          .map((line) => line.slice(10))
          .join('\n')
          .replaceAll(' \\\n', ' ');
        expect(joined).toBe(command);
      }),
    );
  });
});
