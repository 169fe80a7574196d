import { dateTime } from '../../cli/format.ts';
import type { Change, LiveReader } from '../../types/live.ts';
import { type Line, span } from '../line.ts';
import { type LookOfScreen, SEVERITY_TONE, sparkline } from '../look.ts';
import type { Row, RowSource } from '../rows.ts';
import { searchText, type TablePane } from './pane.ts';

export interface ChangeRow extends Row {
  change: Change;
}

/** Newest changes that are listed. */
const MOST = 1_000;

const BAD_EVENTS = new Set(['new', 'reopened', 'opened', 'not seen']);

export const TIMELINE: TablePane<ChangeRow> = {
  empty: 'Nothing has changed since the record began.',
  compare: (a, b) => b.change.at - a.change.at,
  columns: [
    {
      id: 'at',
      title: 'WHEN',
      width: 19,
      grow: 0,
      drop: 0,
      cell: ({ change }) => dateTime(change.at),
      sort: ({ change }) => change.at,
    },
    {
      id: 'kind',
      title: 'KIND',
      width: 13,
      grow: 0,
      drop: 1,
      cell: ({ change }) => change.kind,
      sort: ({ change }) => change.kind,
    },
    {
      id: 'event',
      title: 'WHAT',
      width: 12,
      grow: 0,
      drop: 0,
      cell: ({ change }, { paint, signs }) =>
        `${BAD_EVENTS.has(change.event) && change.severity ? signs.warn : ' '} ${paint.text(change.event, 20)}`,
      tone: ({ change }) =>
        change.severity && BAD_EVENTS.has(change.event)
          ? SEVERITY_TONE[change.severity]
          : change.kind === 'blind'
            ? 'warn'
            : undefined,
      sort: ({ change }) => change.event,
    },
    {
      id: 'subject',
      title: 'OF',
      width: 20,
      grow: 1,
      drop: 0,
      cell: ({ change }, { paint }) => paint.text(change.subject, 300),
      sort: ({ change }) => change.subject,
    },
  ],
};

export function timelineSource(reader: LiveReader): RowSource<ChangeRow> {
  let numbers = new Map<string, number>();
  let next = 1;
  let latest = new Map<number, ChangeRow>();
  return {
    present() {
      const before = numbers;
      numbers = new Map();
      latest = new Map();
      for (const change of reader.changes(MOST)) {
        const key = JSON.stringify([change.at, change.kind, change.event, change.subject]);
        const row = before.get(key) ?? next++;
        numbers.set(key, row);
        latest.set(row, { row, change, ...searchable(change) });
      }
      return [...latest.keys()];
    },
    read: (rows) => rows.flatMap((row) => latest.get(row) ?? []),
  };
}

function searchable({ kind, event, subject, severity }: Change): Pick<ChangeRow, 'text' | 'fields'> {
  return {
    text: searchText(kind, event, subject, severity),
    fields: { host: subject, verdict: event, ...(severity === undefined ? {} : { severity }) },
  };
}

export const HOUR_MS = 3_600_000;

/** The last day, hour by hour. */
export interface Day {
  fromAt: number;
  connections: readonly number[];
  findings: readonly number[];
}

/** Two rows of heights: connections and new findings of each hour, with the hour of their highest. */
export function dayLines(day: Day | undefined, look: LookOfScreen): Line[] {
  if (day === undefined) return [];
  return [
    [
      span(' connections '),
      span(sparkline(day.connections, look.signs), 'accent'),
      span(`  ${peak(day, day.connections)}`, 'dim'),
    ],
    [
      span(' findings    '),
      span(sparkline(day.findings, look.signs), 'warn'),
      span(`  ${peak(day, day.findings)}`, 'dim'),
    ],
  ];
}

function peak({ fromAt }: Day, values: readonly number[]): string {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 'none in 24 h';
  const most = Math.max(...values);
  const hour = dateTime(fromAt + values.indexOf(most) * HOUR_MS).slice(11, 13);
  return `${total} in 24 h, most ${most} from ${hour}:00 on`;
}
