import { addRule } from '../../agent/policy-change.ts';
import { EXIT } from '../../types/error.ts';
import type { Run } from '../context.ts';
import { count } from '../format.ts';
import { type PolicyOptions, suppressRule } from '../policy-options.ts';
import { ruleAnswer, ruleText } from '../policy-text.ts';
import { changeRecord } from '../recording.ts';
import { wrap } from '../width.ts';
import { covers } from './allow.ts';

/** `clawwatch suppress F-7K2M9Q --for 24h --reason "…"`: do not tell me. What is muted stays on record and is counted. */
export const suppress: Run<PolicyOptions & { pattern: string }> = async (context, options) => {
  const now = context.io.now();
  const done = await changeRecord(context, (store) => {
    const proposed = suppressRule(options.pattern, options, now, (id) => store.finding(id));
    const before = muted(store.findings({ status: ['suppressed'] }));
    const added = addRule(store, proposed);
    const after = muted(store.findings({ status: ['suppressed'] }));
    return { ...added, findings: [...after].filter((id) => !before.has(id)) };
  });
  const { rule, contacts, findings } = done;
  const isReference = /^[A-Z]/.test(rule.pattern);
  const effect = `${count(findings.length, 'finding')} suppressed${isReference ? '' : `; ${covers(contacts)}`}`;
  context.answer({
    text: () => [
      ...wrap(`rule ${rule.id}: ${ruleText(rule, context.paint)}; ${effect}`, context.paint.width),
      ...wrap('What is suppressed stays on record: clawwatch findings --status suppressed', context.paint.width),
    ],
    json: () => ({ command: 'suppress', rule: ruleAnswer(rule, now), findings, contacts }),
  });
  return EXIT.ok;
};

function muted(findings: readonly { id: string }[]): Set<string> {
  return new Set(findings.map(({ id }) => id));
}
