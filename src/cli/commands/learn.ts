import { acceptContacts, learningState, pickContacts, reviewable } from '../../agent/learn-review.ts';
import { checkReason } from '../../agent/policy-pattern.ts';
import { type ContactRecord, isLearned } from '../../types/contact.ts';
import type { PolicyRule } from '../../types/egress.ts';
import { EXIT } from '../../types/error.ts';
import type { Context, Run } from '../context.ts';
import { age, bytes, count, dateTime, shortTime } from '../format.ts';
import { ruleAnswer, ruleText } from '../policy-text.ts';
import { noRecord, readRecord, requireRecord } from '../recorded.ts';
import { changeRecord } from '../recording.ts';
import { renderTable } from '../table.ts';
import { wrap } from '../width.ts';

const DAY_MS = 86_400_000;

/** When learning began and ends; both absent before the first look. */
interface Period {
  sinceAt?: number;
  untilAt?: number;
}

function periodOf(sinceAt: number | undefined, learnDays: number): Period {
  return sinceAt === undefined ? {} : { sinceAt, untilAt: sinceAt + learnDays * DAY_MS };
}

function periodText({ sinceAt, untilAt }: Period, now: number): string {
  if (sinceAt === undefined || untilAt === undefined) return 'learning begins with the first recorded look';
  if (now >= untilAt) return `learned from ${dateTime(sinceAt)} to ${dateTime(untilAt)}`;
  return `learning since ${dateTime(sinceAt)}, ${age(untilAt - now)} to go`;
}

/** `clawwatch learn status`: whether it still learns, and what it has. */
export const learnStatus: Run = async (context) => {
  const now = context.io.now();
  const seen = await readRecord(context, (reader) => ({
    period: periodOf(reader.learningSince(), context.config.learnDays),
    contacts: reader.destinations(),
  }));
  if (!seen) throw noRecord(context.config);
  const open = reviewable(seen.contacts);
  const inState = (state: string) => open.filter((contact) => learningState(contact) === state).length;
  const counts = {
    expected: seen.contacts.filter(({ verdict }) => verdict === 'expected').length,
    learned: inState('learned'),
    accepted: inState('accepted'),
    refused: inState('refused'),
    other: inState('seen once') + inState('not learned'),
  };
  const text = `${count(seen.contacts.length, 'contact')} on record: ${counts.expected} expected, ${counts.learned} learned, ${counts.accepted} allowed, ${counts.refused} refused, ${counts.other} neither`;
  context.answer({
    text: () => [
      ...wrap(periodText(seen.period, now), context.paint.width),
      ...wrap(text, context.paint.width),
      ...wrap('Learning silences EGR-04 (first contact) and no other rule.', context.paint.width),
    ],
    json: () => ({
      command: 'learn status',
      ...seen.period,
      isLearning: now < (seen.period.untilAt ?? now + 1),
      counts,
    }),
  });
  return EXIT.ok;
};

export interface ReviewOptions {
  accept?: string[];
  reject?: string[];
  reason?: string;
}

/** `clawwatch learn review`: what was learned, to be accepted or refused. */
export const learnReview: Run<ReviewOptions> = async (context, options) => {
  const now = context.io.now();
  const { accept, reject } = options;
  if (accept === undefined && reject === undefined) return list(context, now);
  const reason = options.reason === undefined ? undefined : checkReason(options.reason);
  await requireRecord(context);
  const done = await changeRecord(context, (store) => {
    const contacts = store.destinations();
    const refused = pickContacts(contacts, reject ?? []);
    const accepted = pickContacts(contacts, accept ?? []).filter((contact) => !refused.includes(contact));
    if (refused.length > 0)
      store.rejectDestinations(
        refused.map(({ id }) => id),
        now,
      );
    return { rules: acceptContacts(store, accepted, now, reason), refused };
  });
  context.answer({
    text: () => doneLines(done, context),
    json: () => ({
      command: 'learn review',
      accepted: done.rules.map((rule) => ruleAnswer(rule, now)),
      refused: done.refused.map(contactAnswer),
    }),
  });
  return EXIT.ok;
};

function doneLines(
  { rules, refused }: { rules: PolicyRule[]; refused: ContactRecord[] },
  { paint }: Context,
): string[] {
  return [
    ...rules.flatMap((rule) => wrap(`accepted as rule ${rule.id}: ${ruleText(rule, paint)}`, paint.width)),
    ...refused.flatMap(({ subject, destination }) =>
      wrap(`refused: ${paint.text(subject, 60)} to ${paint.text(destination, 120)}`, paint.width),
    ),
    ...(rules.length + refused.length === 0 ? ['Nothing to accept or refuse.'] : []),
  ];
}

async function list(context: Context, now: number) {
  const seen = await readRecord(context, (reader) => ({
    period: periodOf(reader.learningSince(), context.config.learnDays),
    contacts: reviewable(reader.destinations()),
  }));
  if (!seen) throw noRecord(context.config);
  const learned = seen.contacts.filter(isLearned).length;
  context.answer({
    text: () => [
      ...wrap(
        `${count(seen.contacts.length, 'contact')} beyond the configuration, ${learned} of them learned; ${periodText(seen.period, now)}`,
        context.paint.width,
      ),
      ...(seen.contacts.length > 0 ? ['', ...table(seen.contacts, context)] : []),
      ...(learned > 0 ? ['', 'Accept: clawwatch learn review --accept all   Refuse: --reject <number…>'] : []),
    ],
    json: () => ({ command: 'learn review', ...seen.period, contacts: seen.contacts.map(contactAnswer) }),
  });
  return EXIT.ok;
}

function contactAnswer(contact: ContactRecord) {
  const { id, subject, destination, role, skill, gatewayId, name, nameSource, address, port } = contact;
  const { firstAt, lastAt, days, learningDays, connections, bytesOut, bytesIn, verdict, verdictReason } = contact;
  return {
    ...{
      id,
      state: learningState(contact),
      subject,
      destination,
      role,
      skill,
      gatewayId,
      name,
      nameSource,
      address,
      port,
    },
    ...{ firstAt, lastAt, days, learningDays, connections, bytesOut, bytesIn, verdict, verdictReason },
  };
}

function table(contacts: readonly ContactRecord[], { paint, io }: Context): string[] {
  return renderTable(
    contacts,
    [
      { title: 'NO', dropOrder: 0, cell: (row) => String(row.id) },
      { title: 'WHO', dropOrder: 0, shrinkTo: 12, cell: (row) => paint.text(row.subject, 80) },
      { title: 'DESTINATION', dropOrder: 0, shrinkTo: 16, cell: (row) => paint.text(row.destination, 160) },
      { title: 'STATE', dropOrder: 0, cell: (row) => learningState(row) },
      { title: 'DAYS', dropOrder: 1, cell: (row) => String(row.days) },
      { title: 'TIMES', dropOrder: 3, cell: (row) => String(row.connections) },
      { title: 'OUT', dropOrder: 4, cell: (row) => bytes(row.bytesOut) },
      { title: 'IN', dropOrder: 5, cell: (row) => bytes(row.bytesIn) },
      { title: 'NAME FROM', dropOrder: 6, cell: (row) => row.nameSource ?? 'no name' },
      { title: 'FIRST', dropOrder: 7, cell: (row) => shortTime(row.firstAt, io.now()) },
      { title: 'LAST', dropOrder: 2, cell: (row) => shortTime(row.lastAt, io.now()) },
    ],
    paint,
  );
}

/** `clawwatch learn restart`: forgets what was learned and begins anew; accepted rules stay. */
export const learnRestart: Run = async (context) => {
  const now = context.io.now();
  await requireRecord(context);
  await changeRecord(context, (store) => store.restartLearning(now));
  const period = periodOf(now, context.config.learnDays);
  context.answer({
    text: () => wrap(`${periodText(period, now)}; rules of yours stay (clawwatch policy list)`, context.paint.width),
    json: () => ({ command: 'learn restart', ...period }),
  });
  return EXIT.ok;
};
