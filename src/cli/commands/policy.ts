import { type ProposedRule, type Replay, removeRule, replayPolicy } from '../../agent/policy-change.ts';
import { checkReason } from '../../agent/policy-pattern.ts';
import type { PolicyRule } from '../../types/egress.ts';
import { EXIT, UserError } from '../../types/error.ts';
import { SEVERITIES } from '../../types/finding.ts';
import { findingAnswer } from '../answers.ts';
import { type Context, oneOf, type Run } from '../context.ts';
import { count, dateTime } from '../format.ts';
import { allowRule, type PolicyOptions, suppressRule } from '../policy-options.ts';
import { ruleAnswer, ruleState, ruleText, scopeText } from '../policy-text.ts';
import { noRecord, readRecord, requireRecord } from '../recorded.ts';
import { changeRecord } from '../recording.ts';
import { renderTable } from '../table.ts';
import { wrap } from '../width.ts';

/** `clawwatch policy list`: what the user allowed and muted; with `--all` also what is over. */
export const policyList: Run<{ all?: boolean }> = async (context, options) => {
  const now = context.io.now();
  const rules = await readRecord(context, (reader) => reader.policy());
  if (rules === undefined) throw noRecord(context.config);
  const shown = rules.filter((rule) => options.all === true || ruleState(rule, now) === 'in force');
  const over = rules.length - shown.length;
  context.answer({
    text: () => [
      `${count(shown.length, 'rule')}${over > 0 ? `; ${over} removed or expired (--all shows them)` : ''}`,
      ...(shown.length > 0 ? ['', ...ruleTable(shown, context)] : []),
    ],
    json: () => ({ command: 'policy list', rules: shown.map((rule) => ruleAnswer(rule, now)) }),
  });
  return EXIT.ok;
};

function ruleTable(rules: readonly PolicyRule[], { paint, io }: Context): string[] {
  return renderTable(
    rules,
    [
      { title: 'ID', dropOrder: 0, cell: (rule) => String(rule.id) },
      { title: 'ACTION', dropOrder: 0, cell: (rule) => rule.action },
      { title: 'PATTERN', dropOrder: 0, shrinkTo: 14, cell: (rule) => paint.text(rule.pattern, 120) },
      { title: 'FOR', dropOrder: 0, shrinkTo: 10, cell: (rule) => scopeText(rule.scope, paint) },
      {
        title: 'UNTIL',
        dropOrder: 2,
        cell: (rule) => (rule.expiresAt === undefined ? 'ever' : dateTime(rule.expiresAt)),
      },
      { title: 'STATE', dropOrder: 4, cell: (rule) => ruleState(rule, io.now()) },
      { title: 'FROM', dropOrder: 5, cell: (rule) => (rule.origin === 'learned' ? 'learning' : 'user') },
      { title: 'REASON', dropOrder: 3, shrinkTo: 12, cell: (rule) => paint.text(rule.reason, 200) },
    ],
    paint,
  );
}

/** `clawwatch policy remove 3`: the rule counts no longer; it stays on record. */
export const policyRemove: Run<{ id: string; reason?: string }> = async (context, { id, reason }) => {
  if (!/^\d{1,9}$/.test(id)) {
    throw new UserError(`${id.slice(0, 80)} is no number of a rule`, { hint: 'see them: clawwatch policy list' });
  }
  const now = context.io.now();
  const why = reason === undefined ? 'no longer wanted' : checkReason(reason);
  await requireRecord(context);
  const rule = await changeRecord(context, (store) => removeRule(store, Number(id), now, why));
  context.answer({
    text: () => wrap(`removed rule ${rule.id}: ${ruleText(rule, context.paint)}`, context.paint.width),
    json: () => ({ command: 'policy remove', rule: ruleAnswer(rule, now) }),
  });
  return EXIT.ok;
};

/** `clawwatch policy test *.example.com --skill weather`: what the record would not have told under this rule. */
export const policyTest: Run<PolicyOptions & { pattern: string; action: string }> = async (context, options) => {
  const now = context.io.now();
  const action = oneOf(['allow', 'suppress'] as const, options.action, '--action');
  const asked = { ...options, reason: options.reason ?? 'a trial', for: options.for ?? 'never' };
  const tried = await readRecord(context, (reader) => {
    const proposed =
      action === 'allow'
        ? allowRule(options.pattern, asked, now)
        : // A trial changes nothing, so what may not be kept for good may be tried: the limit is not the question here.
          suppressRule(options.pattern, { ...asked, for: options.for ?? '30d' }, now, (id) => reader.finding(id));
    return { proposed, replay: replayPolicy(reader, proposed) };
  });
  if (tried === undefined) throw noRecord(context.config);
  context.answer({
    text: () => replayLines(tried.proposed, tried.replay, context),
    json: () => replayAnswer(tried.proposed, tried.replay),
  });
  return EXIT.ok;
};

const SHOWN = 10;

function replayLines({ action, pattern, scope }: ProposedRule, replay: Replay, { paint }: Context): string[] {
  const graded = SEVERITIES.toReversed().flatMap((severity) =>
    replay.bySeverity[severity] === undefined ? [] : [`${replay.bySeverity[severity]} ${severity}`],
  );
  const head = `${action} ${paint.text(pattern, 120)} for ${scopeText(scope, paint)} would have silenced ${
    graded.length === 0 ? 'no finding' : `${count(replay.findings.length, 'finding')} (${graded.join(', ')})`
  }; it covers ${count(replay.contacts.length, 'contact')} and ${count(replay.connections, 'connection')} on record.`;
  const findings = replay.findings
    .slice(0, SHOWN)
    .map(
      (finding) =>
        `  ${finding.severity.toUpperCase()}  ${paint.text(finding.id, 20)}  ${paint.text(finding.title, 300)}`,
    );
  const contacts = replay.contacts
    .slice(0, SHOWN)
    .map(({ subject, destination }) => `  ${paint.text(subject, 60)} to ${paint.text(destination, 120)}`);
  return [
    ...wrap(head, paint.width),
    ...findings.flatMap((line) => wrap(line, paint.width)),
    ...(replay.findings.length > SHOWN ? [`  and ${replay.findings.length - SHOWN} more`] : []),
    ...contacts.flatMap((line) => wrap(line, paint.width)),
    ...(replay.contacts.length > SHOWN ? [`  and ${replay.contacts.length - SHOWN} more`] : []),
    ...(replay.partly.length > 0
      ? wrap(`${count(replay.partly.length, 'more contact')} it covers in part: they would still be told.`, paint.width)
      : []),
  ];
}

function replayAnswer({ action, scope, pattern }: ProposedRule, replay: Replay): object {
  const contact = ({ subject, destination }: Replay['contacts'][number]) => ({ subject, destination });
  return {
    command: 'policy test',
    rule: { action, scope, pattern },
    bySeverity: replay.bySeverity,
    connections: replay.connections,
    findings: replay.findings.map(findingAnswer),
    contacts: replay.contacts.map(contact),
    partly: replay.partly.map(contact),
  };
}
