import { type RecordReplay, replayRecord, type WouldFind } from '../../agent/replay/record-replay.ts';
import { ruleWords } from '../../agent/replay/rule-words.ts';
import { checkRuleOptions } from '../../config/rule-options.ts';
import { EXIT, UserError } from '../../types/error.ts';
import { SEVERITIES } from '../../types/finding.ts';
import type { Context, Run } from '../context.ts';
import { count, dateTime } from '../format.ts';
import { noRecord, readRecord } from '../recorded.ts';
import { wrap } from '../width.ts';

export interface RulesTestOptions {
  rule?: string;
  /** `key=value` of that rule. */
  option?: string[];
  /** Days of the record. */
  days?: string;
}

const DAY_MS = 86_400_000;
const SHOWN = 20;

/** `clawwatch rules test --rule EGR-04 --option openDays=1`: what these numbers would have found in the record. */
export const rulesTest: Run<RulesTestOptions> = async (context, given) => {
  const rule = ruleOf(given.rule);
  const options = optionsOf(rule, given.option ?? []);
  const days = Number(given.days ?? 7);
  if (!(days > 0 && days <= 365)) {
    throw new UserError(`--days ${given.days?.slice(0, 40)} is not possible`, { hint: 'give a number from 1 to 365' });
  }
  const sinceAt = context.io.now() - days * DAY_MS;
  const tried = await readRecord(context, (reader) =>
    replayRecord(reader, { ...(rule === undefined ? {} : { rule }), options, sinceAt }),
  );
  if (tried === undefined) throw noRecord(context.config);
  context.answer({
    text: () => textOf(tried, Object.keys(options).length > 0, context),
    json: () => ({
      command: 'rules test',
      rule: rule ?? null,
      options,
      looks: tried.looks,
      span: tried.span ?? null,
      isPartial: tried.isPartial,
      found: tried.found.map(answerOf),
      before: tried.before.map(answerOf),
    }),
  });
  return EXIT.ok;
};

function ruleOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const found = ruleWords().find(({ id }) => id === given.toUpperCase());
  if (found !== undefined) return found.id;
  throw new UserError(`there is no rule ${given.slice(0, 40)}`, { hint: 'they are listed in docs/rules.md' });
}

/** `days=3` as a number, `on=true` as a switch, everything else as JSON or text. */
function optionsOf(rule: string | undefined, pairs: readonly string[]): Record<string, object> {
  if (pairs.length === 0) return {};
  if (rule === undefined) throw new UserError('--option needs --rule', { hint: 'options belong to one rule' });
  const values: Record<string, unknown> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UserError(`--option ${pair.slice(0, 60)} is no key=value`, { hint: 'openDays=3' });
    values[pair.slice(0, at)] = readValue(pair.slice(at + 1));
  }
  const { options, warnings } = checkRuleOptions({ [rule]: values }, ruleWords());
  const [wrong] = warnings;
  if (wrong !== undefined) throw new UserError(wrong, { hint: 'options and their ranges are in docs/rules.md' });
  return options;
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(tried: RecordReplay, isChanged: boolean, context: Context): string[] {
  const { paint } = context;
  if (tried.span === undefined) return ['there is nothing in the record of that time'];
  const { fromAt, toAt } = tried.span;
  const graded = SEVERITIES.toReversed().flatMap((severity) => {
    const number = tried.found.filter(({ finding }) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}`];
  });
  const head = `would have told ${count(tried.found.length, 'finding')}${graded.length > 0 ? ` (${graded.join(', ')})` : ''} between ${dateTime(fromAt)} and ${dateTime(toAt)}, in ${count(tried.looks, 'look')}`;
  return [
    ...wrap(head, paint.width),
    ...(isChanged ? wrap(`with its own numbers: ${count(tried.before.length, 'finding')}`, paint.width) : []),
    ...tried.found.slice(0, SHOWN).flatMap((found) => lineOf(found, context)),
    ...(tried.found.length > SHOWN ? [`  and ${tried.found.length - SHOWN} more`] : []),
    ...wrap(
      'The record holds sockets and the last state of each gateway. Rules about arguments, files, name questions and changes of the configuration have nothing to judge here.',
      paint.width,
    ),
    ...(tried.isPartial ? wrap('The record is longer than what was looked at.', paint.width) : []),
  ];
}

function lineOf({ finding, firstAt }: WouldFind, { paint }: Context): string[] {
  const { severity, ruleId, title } = finding;
  return wrap(`  ${dateTime(firstAt)}  ${severity.toUpperCase()}  ${ruleId}  ${paint.text(title, 300)}`, paint.width);
}

function answerOf({ finding, firstAt, lastAt }: WouldFind): object {
  const { ruleId, severity, title, subject, fingerprint, socketKeys } = finding;
  return { ruleId, severity, title, subject, fingerprint, socketKeys, firstAt, lastAt };
}
