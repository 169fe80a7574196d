import { expect, test } from 'vitest';
import { ruledNames } from '../../../src/enrich/egress/ruled-names.ts';
import type { PolicyRule } from '../../../src/types/egress.ts';

const NOW = 1_000_000;

function rule(pattern: string, more: Partial<PolicyRule> = {}): PolicyRule {
  const scope = { kind: 'skill', name: 'weather' } as const;
  return { id: 1, action: 'allow', scope, pattern, reason: 'r', createdAt: 0, origin: 'user', ...more };
}

test('exact names alone, once, whatever their port and spelling', () => {
  const patterns = ['api.example.test:443', 'API.Example.test.', '*.example.test', 'a-*.example.test', '192.0.2.7'];
  expect(
    ruledNames(
      [...patterns, '192.0.2.0/24', 'x://'].map((each) => rule(each)),
      NOW,
    ),
  ).toEqual(['api.example.test']);
});

test('rules that are over name nobody', () => {
  const over = [rule('a.test', { removedAt: 5 }), rule('b.test', { expiresAt: NOW })];
  expect(ruledNames([...over, rule('c.test', { expiresAt: NOW + 1 })], NOW)).toEqual(['c.test']);
});
