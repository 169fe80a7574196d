import type { Pressed } from './screen.ts';
import type { Form, FormField } from './state.ts';

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
