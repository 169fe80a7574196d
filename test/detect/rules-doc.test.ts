import { describe, expect, test } from 'vitest';
import { ALL_RULES } from '../../src/detect/rules/index.ts';
import { renderRulesDoc } from '../../src/detect/rules-doc.ts';

const doc = renderRulesDoc(ALL_RULES);

describe('docs/rules.md', () => {
  test('has a row and a section for every rule, and the row leads to the section', () => {
    for (const rule of ALL_RULES) {
      const anchor = new RegExp(`\\| \\[${rule.id}\\]\\(#(\\S+)\\) \\|`).exec(doc)?.[1];
      const heading = `${rule.id}: ${rule.title}`;
      expect(doc).toContain(`\n## ${heading}\n`);
      expect(anchor).toBe(
        heading
          .toLowerCase()
          .replace(/[^a-z0-9\- ]/g, '')
          .replaceAll(' ', '-'),
      );
    }
  });

  test('says of every rule what, why, severity, false positives, what to do and each tuned number', () => {
    for (const rule of ALL_RULES) {
      for (const text of [rule.what, rule.why, rule.severityRange, rule.falsePositives, rule.whatToDo!]) {
        expect(text, rule.id).toBeTruthy();
        expect(doc).toContain(text);
      }
      for (const [name, value] of Object.entries(rule.defaults))
        expect(doc).toContain(`| \`${name}\` | ${JSON.stringify(value)} |`);
    }
  });

  test('ends with one line break and is the same each time', () => {
    expect(doc).toMatch(/[^\n]\n$/);
    expect(renderRulesDoc(ALL_RULES)).toBe(doc);
  });
});
