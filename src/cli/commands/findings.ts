import { DURATION_FORM, parseDuration } from '../../config/duration.ts';
import { EXIT, UserError } from '../../types/error.ts';
import { compareSeverity, SEVERITIES } from '../../types/finding.ts';
import type { FindingFilter, FindingRecord, FindingStatus } from '../../types/store.ts';
import { cycleAnswer, findingAnswer } from '../answers.ts';
import { type Context, oneOf, type Run } from '../context.ts';
import { age, count, shortTime } from '../format.ts';
import { SEVERITY_STYLE } from '../paint.ts';
import { isRecent, noRecord, readRecord } from '../recorded.ts';
import { renderTable } from '../table.ts';
import { wrap } from '../width.ts';

export interface FindingsOptions {
  status: string;
  severity?: string;
  since?: string;
}

const STATUSES = ['open', 'acknowledged', 'suppressed', 'resolved'] as const;

/** `clawwatch findings`: what is recorded, the worst first. */
export const findings: Run<FindingsOptions> = async (context, options) => {
  const filter = filterOf(options, context.io.now());
  const seen = await readRecord(context, (reader) => ({ found: reader.findings(filter), cycle: reader.lastCycle() }));
  if (!seen) throw noRecord(context.config);
  const rows = seen.found.toSorted((a, b) => compareSeverity(b.severity, a.severity) || b.lastAt - a.lastAt);
  const lookedAgo = seen.cycle ? context.io.now() - seen.cycle.at : undefined;
  context.answer({
    text: () => [
      ...wrap(headline(rows.length, options, lookedAgo), context.paint.width),
      ...(isRecent(seen.cycle, context.config, context.io.now())
        ? []
        : wrap('No agent is recording: what happened since then is not known.', context.paint.width)),
      ...(rows.length > 0 ? ['', ...table(rows, context)] : []),
    ],
    json: () => ({ command: 'findings', lastCycle: cycleAnswer(seen.cycle), findings: rows.map(findingAnswer) }),
  });
  return EXIT.ok;
};

function filterOf(options: FindingsOptions, now: number): FindingFilter {
  const filter: FindingFilter = {};
  if (options.status !== 'all') {
    const words = options.status.split(',').map((word) => word.trim());
    filter.status = words.map((word): FindingStatus => oneOf(STATUSES, word, '--status'));
  }
  if (options.severity !== undefined) filter.minSeverity = oneOf(SEVERITIES, options.severity, '--severity');
  if (options.since !== undefined) {
    const ms = parseDuration(options.since);
    if (ms === undefined) {
      throw new UserError(`--since ${options.since.slice(0, 80)} is not a duration`, { hint: `give ${DURATION_FORM}` });
    }
    filter.sinceAt = now - ms;
  }
  return filter;
}

function headline(number: number, { status, severity, since }: FindingsOptions, lookedAgo: number | undefined): string {
  const what = `${count(number, 'finding')} (status ${status}${severity ? `, ${severity} or worse` : ''}${since ? `, true in the last ${since}` : ''})`;
  return `${what}; last look ${lookedAgo === undefined ? 'never' : `${age(lookedAgo)} ago`}`;
}

function table(rows: readonly FindingRecord[], { paint, io }: Context): string[] {
  return renderTable(
    rows,
    [
      {
        title: 'SEVERITY',
        dropOrder: 0,
        cell: (row) => (row.verdict === 'unknown' ? 'UNKNOWN' : row.severity.toUpperCase()),
        style: (row) => SEVERITY_STYLE[row.severity],
      },
      { title: 'ID', dropOrder: 0, cell: (row) => paint.text(row.id, 20) },
      { title: 'RULE', dropOrder: 3, cell: (row) => paint.text(row.ruleId, 20) },
      { title: 'TITLE', dropOrder: 0, shrinkTo: 16, cell: (row) => paint.text(row.title, 300) },
      { title: 'STATUS', dropOrder: 4, cell: (row) => row.status },
      { title: 'FIRST', dropOrder: 2, cell: (row) => shortTime(row.firstAt, io.now()) },
      { title: 'LAST', dropOrder: 5, cell: (row) => shortTime(row.lastAt, io.now()) },
      { title: 'TIMES', dropOrder: 6, cell: (row) => String(row.count) },
    ],
    paint,
  );
}
