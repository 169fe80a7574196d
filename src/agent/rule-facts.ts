import { ALL_RULES } from '../detect/rules/index.ts';

/** What a rule is about, for readers who do not have the program at hand. */
export function ruleFacts(
  ruleId: string,
): { id: string; title: string; severity: string; attack: string[] } | undefined {
  const rule = ALL_RULES.find(({ id }) => id === ruleId);
  return rule && { id: rule.id, title: rule.title, severity: rule.severity, attack: [...rule.attack] };
}
