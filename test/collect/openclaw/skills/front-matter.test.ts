import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFrontMatter } from '../../../../src/collect/openclaw/skills/front-matter.ts';

describe('front matter', () => {
  test.each([
    ['plain words', '---\nname: weather\nversion: 1.2.3\n---\n', { name: 'weather', version: '1.2.3' }],
    ['quotes and comments', '---\nname: "we # ather" # c\nversion: \'1\' \n---', { name: 'we # ather', version: '1' }],
    ['other line ends and a mark', '\ufeff---\r\nname: a b\r\n---\r\n', { name: 'a b' }],
    ['nested keys', '---\nmetadata:\n  name: no\nname: yes\n---', { name: 'yes' }],
    ['collections and blocks', '---\nname: [a]\nversion: |\n---', {}],
    ['only the first block', '---\nname: a\n---\n---\nname: b\n---', { name: 'a' }],
    ['a block without an end', '---\nname: a\n', {}],
    ['no block', 'name: a\n---', {}],
    ['an endless value', `---\nname: ${'x'.repeat(500)}\n---`, {}],
  ])('%s', (_, text, expected) => {
    expect(parseFrontMatter(text)).toEqual(expected);
  });

  test('nothing makes it throw or answer at length', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('---', 'name:', 'version: "', "name: 'x", '...'));
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        const { name = '', version = '' } = parseFrontMatter(['---', ...lines].join(end));
        expect(Math.max(name.length, version.length)).toBeLessThanOrEqual(200);
      }),
      { numRuns: Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1_000) },
    );
  });
});
