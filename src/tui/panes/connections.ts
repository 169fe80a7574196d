import { bytes } from '../../cli/format.ts';
import { formatEndpoint } from '../../types/ip.ts';
import type { LiveReader, Numbered } from '../../types/live.ts';
import type { ConnectionRecord } from '../../types/store.ts';
import type { Tone } from '../line.ts';
import { type LookOfScreen, sparkline } from '../look.ts';
import type { Row, RowSource } from '../rows.ts';
import { searchText, secondsOf, type TablePane } from './pane.ts';

/** A connection as the pane holds it. Text is raw. */
export interface ConnectionRow extends Row {
  key: string;
  who: string;
  role: string;
  skill?: string | undefined;
  process: string;
  pid: number | undefined;
  isFamily: boolean;
  host: string;
  name?: string | undefined;
  source: string;
  address: string;
  port: number;
  protocol: string;
  state: string;
  direction: string;
  verdict: string;
  firstAt: number;
  closedAt?: number | undefined;
  bytesOut: number | undefined;
  bytesIn: number | undefined;
  /** Bytes a second between the last sights, oldest first. */
  rates: readonly number[];
  sampledAt: number;
}

const RATES = 8;
/** Without a byte for this long a connection is quiet. */
const QUIET_MS = 60_000;

const VERDICT_TONE: Readonly<Record<string, Tone>> = { unknown: 'warn', suppressed: 'dim' };
const VERDICT_ORDER = ['unknown', '', 'learned', 'approved', 'expected', 'suppressed'];

export const CONNECTIONS: TablePane<ConnectionRow> = {
  empty: 'No connection of OpenClaw is open (o shows those of the whole machine).',
  columns: [
    {
      id: 'who',
      title: 'WHO',
      width: 14,
      grow: 1,
      drop: 0,
      cell: (row, { paint }) => paint.text(row.who, 60),
      sort: (row) => row.who,
    },
    {
      id: 'process',
      title: 'PROCESS',
      width: 12,
      grow: 2,
      drop: 4,
      cell: (row, { paint }) => paint.text(`${row.process}${row.pid === undefined ? '' : ` ${row.pid}`}`, 80),
      sort: (row) => row.process,
    },
    {
      id: 'host',
      title: 'TO',
      width: 20,
      grow: 4,
      drop: 0,
      cell: destination,
      sort: (row) => row.host,
    },
    {
      id: 'source',
      title: 'NAME BY',
      width: 8,
      grow: 0,
      drop: 5,
      cell: (row) => row.source,
      sort: (row) => row.source,
    },
    {
      id: 'state',
      title: 'STATE',
      width: 11,
      grow: 0,
      drop: 7,
      cell: (row) => row.state,
      sort: (row) => row.state,
    },
    {
      id: 'age',
      title: 'AGE',
      width: 6,
      grow: 0,
      drop: 2,
      right: true,
      cell: (row, _look, now) => secondsOf((row.closedAt ?? now) - row.firstAt),
      sort: (row) => row.firstAt,
    },
    {
      id: 'out',
      title: 'OUT',
      width: 8,
      grow: 0,
      drop: 1,
      right: true,
      cell: (row) => (row.bytesOut === undefined ? '' : bytes(row.bytesOut)),
      sort: (row) => row.bytesOut ?? -1,
    },
    {
      id: 'in',
      title: 'IN',
      width: 8,
      grow: 0,
      drop: 3,
      right: true,
      cell: (row) => (row.bytesIn === undefined ? '' : bytes(row.bytesIn)),
      sort: (row) => row.bytesIn ?? -1,
    },
    {
      id: 'rate',
      title: 'BYTES/S',
      width: 8,
      grow: 0,
      drop: 6,
      cell: (row, { signs }) => (row.rates.some((rate) => rate > 0) ? sparkline(row.rates, signs) : ''),
      tone: () => 'accent',
      sort: (row) => row.rates.at(-1) ?? 0,
    },
    {
      id: 'verdict',
      title: 'VERDICT',
      width: 12,
      grow: 0,
      drop: 0,
      cell: (row, { signs }) => `${verdictSign(row.verdict, signs)} ${row.verdict || row.direction}`,
      tone: (row) => VERDICT_TONE[row.verdict],
      sort: (row) => VERDICT_ORDER.indexOf(row.verdict),
    },
  ],
};

export function verdictSign(verdict: string, signs: LookOfScreen['signs']): string {
  if (verdict === 'unknown') return signs.warn;
  return verdict === '' || verdict === 'suppressed' ? ' ' : signs.good;
}

export function destination(row: ConnectionRow, { paint }: LookOfScreen): string {
  const host =
    row.name === undefined ? formatEndpoint(row.address, row.port) : `${paint.text(row.name, 120)}:${row.port}`;
  return row.protocol === 'tcp' ? host : `${host}/${row.protocol}`;
}

/** Connections that are open, from the record. */
export function connectionSource(reader: LiveReader, clock: () => number): RowSource<ConnectionRow> {
  let mark: { row: number; closedAt: number } | undefined;
  return {
    present: () => reader.openConnections(),
    changed() {
      // The first question only sets the mark: what is there then comes from `present`.
      const isFirst = mark === undefined;
      const since = reader.connectionsSince(mark?.row ?? reader.newestConnection(), mark?.closedAt ?? clock());
      mark = { row: since.row, closedAt: since.closedAt };
      return isFirst ? { fresh: [], gone: [] } : since;
    },
    read: (rows, before) =>
      rows.length === 0 ? [] : reader.connectionRows(rows).map((record) => toRow(record, before(record.row), clock())),
  };
}

/** A row from a record; `before` is the same row as it was, for the rates. */
export function toRow(
  { row, connection, firstAt, closedAt }: Numbered<ConnectionRecord>,
  before: ConnectionRow | undefined,
  now: number,
): ConnectionRow {
  const { owner, destination: to, remote, local, protocol, state, direction, verdict, bytesOut, bytesIn } = connection;
  const role = owner?.role ?? '';
  const skill = owner?.skill;
  const process = owner ? owner.process.argv.join(' ').slice(0, 120) || owner.process.comm : '';
  const who = skill ?? (role === 'other' || role === '' ? '-' : role);
  const host = to?.name ?? remote?.address ?? '-';
  const source = to?.name === undefined ? '' : `${to.source ?? ''}${to.claimed ? '?' : ''}`;
  return {
    row,
    key: connection.key,
    who,
    role,
    skill,
    process,
    pid: owner?.process.pid,
    isFamily: connection.gatewayId !== undefined,
    host,
    name: to?.name,
    source,
    address: remote?.address ?? '',
    port: remote?.port ?? 0,
    protocol,
    state,
    direction,
    verdict: verdict ?? '',
    firstAt,
    closedAt,
    bytesOut,
    bytesIn,
    ...ratesOf(bytesOut, bytesIn, before, now),
    text: searchText(
      who,
      role,
      process,
      host,
      remote?.address,
      remote?.port,
      source,
      protocol,
      state,
      direction,
      verdict,
    ),
    fields: {
      port: [remote?.port ?? 0, local.port],
      host: [host, remote?.address ?? ''],
      ...(skill === undefined ? {} : { skill }),
      role,
      ...(owner ? { pid: owner.process.pid } : {}),
      verdict: verdict ?? '',
    },
  };
}

function ratesOf(bytesOut = 0, bytesIn = 0, before: ConnectionRow | undefined, now: number) {
  if (before === undefined) return { rates: [], sampledAt: now };
  const elapsed = now - before.sampledAt;
  const more = bytesOut + bytesIn - (before.bytesOut ?? 0) - (before.bytesIn ?? 0);
  // The record writes growing counters once in sixteen looks: no change until then is not "no bytes".
  if (more === 0 && elapsed < QUIET_MS) return { rates: before.rates, sampledAt: before.sampledAt };
  return { rates: [...before.rates, Math.max(0, (more * 1000) / Math.max(1, elapsed))].slice(-RATES), sampledAt: now };
}
