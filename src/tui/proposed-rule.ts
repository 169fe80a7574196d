import { type ProposedRule, replayPolicy } from '../agent/policy-change.ts';
import { count } from '../cli/format.ts';
import type { Paint } from '../cli/paint.ts';
import { allowRule, type PolicyOptions, suppressRule } from '../cli/policy-options.ts';
import { ruleText } from '../cli/policy-text.ts';
import { wrap } from '../cli/width.ts';
import { UserError } from '../types/error.ts';
import { SEVERITIES } from '../types/finding.ts';
import type { LiveReader } from '../types/live.ts';
import type { Form, FormField } from './state.ts';

/** Connections that a preview goes through, the newest: a month of them would freeze the screen. */
const PREVIEWED = 10_000;
const SHOWN = 6;

/** The rule that the form says. @throws UserError as `clawwatch allow` and `suppress` do. */
export function ruleOf(form: Form, reader: Pick<LiveReader, 'finding'>, now: number): ProposedRule {
  const value = (id: FormField['id']) => form.fields.find((field) => field.id === id)!.value.trim();
  const options: PolicyOptions = { ...scopeOf(value('scope')), for: value('for'), reason: value('reason') };
  return form.action === 'allow'
    ? allowRule(value('pattern'), options, now)
    : suppressRule(value('pattern'), options, now, (id) => reader.finding(id));
}

function scopeOf(text: string): PolicyOptions {
  const [, kind, name] = /^(skill|role)\s+(.+)$/.exec(text) ?? [];
  if (kind === 'skill' && name !== undefined) return { skill: name };
  if (kind === 'role' && name !== undefined) return { role: name };
  if (text === 'everywhere') return { everywhere: true };
  throw new UserError('for whom: this is no scope', { hint: 'write skill NAME, role NAME or everywhere' });
}

/** What the rule would silence, as lines. Changes nothing. */
export function previewLines(rule: ProposedRule, reader: LiveReader, paint: Paint): string[] {
  const replay = replayPolicy({ ...reader, connections: () => reader.connections({ limit: PREVIEWED }) }, rule);
  const severities = SEVERITIES.toReversed()
    .filter((severity) => replay.bySeverity[severity])
    .map((severity) => `${replay.bySeverity[severity]} ${severity}`);
  const found = `${count(replay.findings.length, 'finding')}${severities.length > 0 ? ` (${severities.join(', ')})` : ''}`;
  const lines = [
    `Rule: ${ruleText(rule, paint)}. Reason: ${paint.text(rule.reason, 200)}`,
    `It would have silenced ${found}, ${count(replay.contacts.length, 'contact')} and ${count(replay.connections, 'connection')} of the newest ${PREVIEWED}.`,
    ...replay.findings
      .slice(0, SHOWN)
      .map(({ severity, id, title }) => `  ${severity.toUpperCase()} ${paint.text(id, 20)} ${paint.text(title, 200)}`),
    ...replay.contacts
      .slice(0, SHOWN)
      .map(({ subject, destination }) => `  ${paint.text(subject, 60)} to ${paint.text(destination, 120)}`),
  ];
  if (replay.partly.length > 0)
    lines.push(`${count(replay.partly.length, 'more contact')} it covers in part: they would still be told.`);
  return lines.flatMap((line) => wrap(line, paint.width - 4));
}
