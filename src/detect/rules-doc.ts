import type { Rule } from '../types/rule.ts';

/** `docs/rules.md`: a table of all rules and a section for each, from what the rules say about themselves. */
export function renderRulesDoc(rules: readonly Rule[]): string {
  return [
    '# Rules',
    '',
    'Generated from the rules themselves by `npm run generate`; edit `src/detect/rules/` instead.',
    '',
    'A rule gives a **finding** with a severity, or **unknown** when it could not judge. Severities: info, low, medium, high, critical. Telemetry: T0 polling, T1 kernel events and rights, T2 names, T3 kernel probes; below what a rule needs it answers unknown.',
    '',
    '| Rule | Title | At most | Needs | ATT&CK |',
    '|---|---|---|---|---|',
    ...rules.map(tableRow),
    '',
    ...rules.flatMap(section),
  ]
    .join('\n')
    .replace(/\n*$/, '\n');
}

function tableRow(rule: Rule): string {
  const cells = [`[${rule.id}](#${anchorOf(rule)})`, rule.title, rule.severity, rule.needs, rule.attack.join(', ')];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function section(rule: Rule): string[] {
  return [
    `## ${rule.id}: ${rule.title}`,
    '',
    rule.what,
    '',
    `**Why it matters.** ${rule.why}`,
    '',
    `**Severity.** At most ${rule.severity}: ${rule.severityRange}.`,
    '',
    `**Needs.** ${rule.needs}. **ATT&CK.** ${rule.attack.length === 0 ? 'none' : rule.attack.join(', ')}.`,
    '',
    `**False positives and damping.** ${rule.falsePositives}`,
    '',
    ...(rule.whatToDo === undefined ? [] : [`**What to do.** ${rule.whatToDo}`, '']),
    ...options(rule),
  ];
}

function options(rule: Rule): string[] {
  const defaults = Object.entries(rule.defaults);
  if (defaults.length === 0) return ['No tuned numbers.', ''];
  return [
    '| Option | Default | Why |',
    '|---|---|---|',
    ...defaults.map(
      ([name, value]) =>
        `| \`${name}\` | ${cell(JSON.stringify(value) ?? String(value))} | ${cell(rule.optionNotes[name] ?? '')} |`,
    ),
    '',
  ];
}

/** GitHub's anchor of the section's heading. */
function anchorOf(rule: Rule): string {
  return `${rule.id}: ${rule.title}`
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- ]/gu, '')
    .replaceAll(' ', '-');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
