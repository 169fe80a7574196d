import { shortTime } from '../../cli/format.ts';
import { compareSeverity, type Severity } from '../../types/finding.ts';
import type { LiveReader } from '../../types/live.ts';
import type { FindingRecord, FindingStatus } from '../../types/store.ts';
import { SEVERITY_TONE, severitySign } from '../look.ts';
import type { Row, RowSource } from '../rows.ts';
import { searchText, type TablePane } from './pane.ts';

/** A finding without its evidence, which is read when somebody asks for it. Text is raw. */
export interface FindingRow extends Row {
  id: string;
  fingerprint: string;
  ruleId: string;
  verdict: FindingRecord['verdict'];
  severity: Severity;
  title: string;
  subject: string;
  status: FindingStatus;
  firstAt: number;
  lastAt: number;
  count: number;
  gatewayId?: string;
}

const STATUS_ORDER: readonly FindingStatus[] = ['open', 'acknowledged', 'suppressed', 'resolved'];

export const FINDINGS: TablePane<FindingRow> = {
  empty: 'Nothing found. What could not be seen stands in the header.',
  compare: (a, b) =>
    STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) ||
    compareSeverity(b.severity, a.severity) ||
    b.lastAt - a.lastAt,
  columns: [
    {
      id: 'severity',
      title: 'SEVERITY',
      width: 10,
      grow: 0,
      drop: 0,
      cell: (row, { signs }) =>
        row.verdict === 'unknown'
          ? `${signs.unknown} UNKNOWN`
          : `${severitySign(row.severity, signs)} ${row.severity.toUpperCase()}`,
      tone: (row) => (row.status === 'open' ? SEVERITY_TONE[row.severity] : 'dim'),
      sort: (row) => -compareSeverity('critical', row.severity),
    },
    {
      id: 'id',
      title: 'ID',
      width: 8,
      grow: 0,
      drop: 3,
      cell: (row, { paint }) => paint.text(row.id, 16),
      sort: (row) => row.id,
    },
    {
      id: 'rule',
      title: 'RULE',
      width: 6,
      grow: 0,
      drop: 1,
      cell: (row, { paint }) => paint.text(row.ruleId, 12),
      sort: (row) => row.ruleId,
    },
    {
      id: 'title',
      title: 'WHAT',
      width: 28,
      grow: 4,
      drop: 0,
      cell: (row, { paint }) => paint.text(row.title, 300),
      sort: (row) => row.title,
    },
    {
      id: 'subject',
      title: 'SUBJECT',
      width: 20,
      grow: 1,
      drop: 6,
      cell: (row, { paint }) => paint.text(row.subject, 80),
      sort: (row) => row.subject,
    },
    {
      id: 'status',
      title: 'STATUS',
      width: 12,
      grow: 0,
      drop: 4,
      cell: (row) => row.status,
      sort: (row) => row.status,
    },
    {
      id: 'first',
      title: 'FIRST',
      width: 5,
      grow: 0,
      drop: 5,
      cell: (row, _look, now) => when(row.firstAt, now),
      sort: (row) => row.firstAt,
    },
    {
      id: 'last',
      title: 'LAST',
      width: 5,
      grow: 0,
      drop: 2,
      cell: (row, _look, now) => when(row.lastAt, now),
      sort: (row) => row.lastAt,
    },
    {
      id: 'count',
      title: 'TIMES',
      width: 6,
      grow: 0,
      drop: 2,
      right: true,
      cell: (row) => String(row.count),
      sort: (row) => row.count,
    },
  ],
};

/** `14:02` today, else `11-18`. */
function when(at: number, now: number): string {
  const text = shortTime(at, now);
  return text.length === 5 ? text : text.slice(5, 10);
}

export function findingSource(reader: LiveReader, most: number): RowSource<FindingRow> {
  return {
    present: () => reader.presentFindings(most),
    read: (rows) => (rows.length === 0 ? [] : reader.findingRows(rows).map((finding) => toRow(finding.row, finding))),
  };
}

export function toRow(row: number, finding: FindingRecord): FindingRow {
  const { id, fingerprint, ruleId, verdict, severity, title, subject, status, firstAt, lastAt, count, gatewayId } =
    finding;
  const skill = /^skill (.+)$/.exec(subject)?.[1];
  return {
    row,
    id,
    fingerprint,
    ruleId,
    verdict,
    severity,
    title,
    subject,
    status,
    firstAt,
    lastAt,
    count,
    ...(gatewayId === undefined ? {} : { gatewayId }),
    text: searchText(id, ruleId, severity, status, title, subject, gatewayId),
    fields: {
      severity,
      host: title,
      ...(skill === undefined ? { role: subject } : { skill }),
      verdict: verdict === 'unknown' ? 'unknown' : status,
    },
  };
}
