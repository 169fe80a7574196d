import { addRule } from '../../agent/policy-change.ts';
import { EXIT } from '../../types/error.ts';
import type { Run } from '../context.ts';
import { count } from '../format.ts';
import { allowRule, type PolicyOptions } from '../policy-options.ts';
import { ruleAnswer, ruleText } from '../policy-text.ts';
import { changeRecord } from '../recording.ts';
import { wrap } from '../width.ts';

/** `clawwatch allow api.example.com --skill weather --for 30d --reason "…"`: this contact is fine. */
export const allow: Run<PolicyOptions & { pattern: string }> = async (context, options) => {
  const proposed = allowRule(options.pattern, options, context.io.now());
  const { rule, contacts } = await changeRecord(context, (store) => addRule(store, proposed));
  context.answer({
    text: () => wrap(`rule ${rule.id}: ${ruleText(rule, context.paint)}; ${covers(contacts)}`, context.paint.width),
    json: () => ({ command: 'allow', rule: ruleAnswer(rule, context.io.now()), contacts }),
  });
  return EXIT.ok;
};

/** How much of the record a new rule covers; none is worth saying, since a misspelt pattern looks like that. */
export function covers(contacts: number): string {
  return contacts === 0 ? 'nothing on record matches it yet' : `${count(contacts, 'contact')} on record match it`;
}
