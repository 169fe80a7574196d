import { type ProposedRule, replayPolicy } from '../agent/policy-change.ts';
import { count } from '../cli/format.ts';
import type { Paint } from '../cli/paint.ts';
import { allowRule, type PolicyOptions, suppressRule } from '../cli/policy-options.ts';
import { ruleText } from '../cli/policy-text.ts';
import { wrap } from '../cli/width.ts';
import { UserError } from '../types/error.ts';
import { SEVERITIES } from '../types/finding.ts';
import type { LiveReader } from '../types/live.ts';
import type { Pressed } from './screen.ts';
import type { Form, FormField } from './state.ts';

/** Connections that a preview goes through, the newest: a month of them would freeze the screen. */
const PREVIEWED = 10_000;
const SHOWN = 6;

/** What the form is about when it opens. */
export interface Proposal {
  pattern: string;
  scope: string;
}

export function openForm(action: Form['action'], { pattern, scope }: Proposal): Form {
  const fields: FormField[] = [
    {
      id: 'pattern',
      label: 'what',
      value: pattern,
      hint: action === 'allow' ? 'host, *.domain, address, block; each with :port' : 'finding, rule or host',
    },
    { id: 'scope', label: 'for whom', value: scope, hint: 'skill NAME, role NAME or everywhere' },
    { id: 'for', label: 'how long', value: action === 'allow' ? '30d' : '24h', hint: '1h, 24h, 30d or never' },
    { id: 'reason', label: 'why', value: '', hint: 'needed: whoever reads it next was not here' },
  ];
  const first = fields.findIndex(({ value }) => value === '');
  return { kind: 'form', action, fields, at: Math.max(0, first) };
}

/** The form after a key that edits it. Enter and Esc are the caller's. */
export function typeInForm(form: Form, key: Pressed): Form {
  const to = (at: number): Form => ({ ...form, at: (at + form.fields.length) % form.fields.length });
  if (key.name === 'tab' || key.name === 'down') return to(form.at + 1);
  if (key.name === 'S-tab' || key.name === 'up') return to(form.at - 1);
  const edit = (change: (value: string) => string): Form => ({
    ...form,
    problem: undefined,
    fields: form.fields.map((field, index) => (index === form.at ? { ...field, value: change(field.value) } : field)),
  });
  if (key.name === 'backspace') return edit((value) => value.slice(0, -1));
  if (key.name === 'C-u') return edit(() => '');
  if (key.text !== undefined) return edit((value) => (value + key.text).slice(0, 500));
  return form;
}

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
