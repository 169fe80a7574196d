import type { Connection, Listener, Owner } from '../types/snapshot.ts';
import { bytes, endpoint, ownerText, reachWord, shortTime } from './format.ts';
import type { Paint } from './paint.ts';
import { type Column, renderTable } from './table.ts';

const REACH_ORDER = ['unknown', 'public', 'lan', 'tailnet', 'container', 'loopback'];
const DIRECTION_ORDER = ['outbound', 'inbound', 'internal', 'unknown'];

/** Listeners, those of gateways first and then the widest reach. */
export function listenerTable(listeners: readonly Listener[], now: number, paint: Paint): string[] {
  const rows = listeners.toSorted(
    (a, b) =>
      Number(b.gatewayId !== undefined) - Number(a.gatewayId !== undefined) ||
      REACH_ORDER.indexOf(a.reach) - REACH_ORDER.indexOf(b.reach) ||
      a.local.port - b.local.port,
  );
  return renderTable(
    rows,
    [
      { title: 'REACH', dropOrder: 0, cell: (row) => reachWord(row.reach), style: (row) => reachStyle(row) },
      { title: 'ADDRESS', dropOrder: 0, shrinkTo: 18, cell: (row) => `${endpoint(row.local, paint)}/${row.protocol}` },
      { title: 'PROCESS', dropOrder: 0, shrinkTo: 10, cell: (row) => ownerText(row.owner, paint) },
      { title: 'FOR', dropOrder: 2, cell: (row) => (row.service === 'none' ? '' : row.service) },
      { title: 'GATEWAY', dropOrder: 3, shrinkTo: 8, cell: (row) => paint.text(row.gatewayId ?? '', 40) },
      { title: 'PLACE', dropOrder: 5, cell: (row) => row.place },
      { title: 'SINCE', dropOrder: 4, cell: (row) => shortTime(row.since.at, now) },
    ],
    paint,
  );
}

function reachStyle(listener: Listener): Parameters<Paint['style']>[0] | undefined {
  if (!listener.gatewayId) return undefined;
  return listener.reach === 'loopback' ? 'green' : 'red';
}

/** Connections, those of gateways first, outbound before inbound. */
export function connectionTable(connections: readonly Connection[], now: number, paint: Paint): string[] {
  const rows = connections.toSorted(
    (a, b) =>
      Number(b.gatewayId !== undefined) - Number(a.gatewayId !== undefined) ||
      DIRECTION_ORDER.indexOf(a.direction) - DIRECTION_ORDER.indexOf(b.direction) ||
      byText(a.remote?.address, b.remote?.address),
  );
  return renderTable(
    rows,
    [
      { title: 'WAY', dropOrder: 0, cell: (row) => WAY[row.direction] },
      { title: 'REMOTE', dropOrder: 0, shrinkTo: 18, cell: (row) => remote(row, paint) },
      ...(rows.some(({ destination }) => destination?.name) ? [nameColumn(paint)] : []),
      ...(rows.some(({ verdict }) => verdict) ? [VERDICT] : []),
      { title: 'PROCESS', dropOrder: 0, shrinkTo: 10, cell: (row) => ownerText(row.owner, paint) },
      { title: 'PART', dropOrder: 2, cell: (row) => partText(row.owner, paint) },
      { title: 'GATEWAY', dropOrder: 3, shrinkTo: 8, cell: (row) => paint.text(row.gatewayId ?? '', 40) },
      ...(rows.some(({ bytesOut, bytesIn }) => bytesOut !== undefined || bytesIn !== undefined) ? TRAFFIC : []),
      { title: 'LOCAL', dropOrder: 6, shrinkTo: 12, cell: (row) => endpoint(row.local, paint) },
      { title: 'STATE', dropOrder: 5, cell: (row) => row.state },
      { title: 'SINCE', dropOrder: 4, cell: (row) => shortTime(row.since.at, now) },
    ],
    paint,
  );
}

/** A name with its source, since a name that a process gives itself is worth less than one that was seen. */
function nameColumn(paint: Paint): Column<Connection> {
  return {
    title: 'NAME',
    dropOrder: 0,
    shrinkTo: 14,
    cell: ({ destination }) =>
      destination?.name === undefined
        ? '-'
        : `${paint.text(destination.name, 120)}${destination.source === undefined ? '' : ` (${destination.source})`}`,
  };
}

const VERDICT: Column<Connection> = {
  title: 'VERDICT',
  dropOrder: 1,
  cell: ({ verdict }) => verdict ?? '',
  style: ({ verdict }) => (verdict === 'unknown' ? 'yellow' : undefined),
};

const TRAFFIC: readonly Column<Connection>[] = [
  { title: 'OUT', dropOrder: 7, cell: ({ bytesOut }) => (bytesOut === undefined ? '' : bytes(bytesOut)) },
  { title: 'IN', dropOrder: 8, cell: ({ bytesIn }) => (bytesIn === undefined ? '' : bytes(bytesIn)) },
];

const WAY: Readonly<Record<Connection['direction'], string>> = {
  outbound: 'out',
  inbound: 'in',
  internal: 'inside',
  unknown: '?',
};

function byText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function remote(connection: Connection, paint: Paint): string {
  if (!connection.remote) return '-';
  return `${endpoint(connection.remote, paint)}${connection.protocol === 'udp' ? '/udp' : ''}`;
}

function partText(owner: Owner | undefined, paint: Paint): string {
  if (!owner || owner.role === 'other') return '';
  return owner.skill ? `skill ${paint.text(owner.skill, 40)}` : owner.role;
}
