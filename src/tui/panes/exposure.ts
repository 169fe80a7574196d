import { endpoint, ownerText, reachPlaces, reachWord, shortTime } from '../../cli/format.ts';
import type { LiveReader, Numbered } from '../../types/live.ts';
import type { Listener } from '../../types/snapshot.ts';
import type { ListenerRecord } from '../../types/store.ts';
import { reachSign, reachTone } from '../look.ts';
import type { Row, RowSource } from '../rows.ts';
import { searchText, type TablePane } from './pane.ts';

/** A listening socket. Few enough to be held whole. */
export interface ListenerRow extends Row {
  listener: Listener;
}

const REACH_ORDER = ['loopback', 'container', 'tailnet', 'unknown', 'lan', 'public'];
const rank = ({ listener }: ListenerRow) =>
  REACH_ORDER.indexOf(listener.reach) + (listener.gatewayId === undefined ? 0 : 10);

export const EXPOSURE: TablePane<ListenerRow> = {
  empty: 'Nothing listens, or nobody looked yet.',
  compare: (a, b) => rank(b) - rank(a) || a.listener.local.port - b.listener.local.port,
  columns: [
    {
      id: 'reach',
      title: 'REACH',
      width: 11,
      grow: 0,
      drop: 0,
      cell: ({ listener }, { signs }) => `${reachSign(listener.reach, signs)} ${reachWord(listener.reach)}`,
      tone: ({ listener }) => reachTone(listener.reach),
      sort: rank,
    },
    {
      id: 'address',
      title: 'ADDRESS',
      width: 20,
      grow: 1,
      drop: 0,
      cell: ({ listener }, { paint }) => `${endpoint(listener.local, paint)}/${listener.protocol}`,
      sort: ({ listener }) => listener.local.port,
    },
    {
      id: 'service',
      title: 'FOR',
      width: 12,
      grow: 0,
      drop: 2,
      cell: ({ listener }) => (listener.service === 'none' ? '' : listener.service),
      sort: ({ listener }) => listener.service,
    },
    {
      id: 'process',
      title: 'PROCESS',
      width: 14,
      grow: 2,
      drop: 0,
      cell: ({ listener }, { paint }) => ownerText(listener.owner, paint),
      sort: ({ listener }) => listener.owner?.process.comm ?? '',
    },
    {
      id: 'gateway',
      title: 'GATEWAY',
      width: 10,
      grow: 0,
      drop: 4,
      cell: ({ listener }, { paint }) => paint.text(listener.gatewayId ?? '', 40),
      sort: ({ listener }) => listener.gatewayId ?? '',
    },
    {
      id: 'since',
      title: 'SINCE',
      width: 7,
      grow: 0,
      drop: 3,
      cell: ({ listener }, _look, now) =>
        `${listener.since.basis === 'first-look' ? '<' : ''}${shortTime(listener.since.at, now).slice(-5)}`,
      sort: ({ listener }) => listener.since.at,
    },
    {
      id: 'why',
      title: 'REACHABLE FROM',
      width: 24,
      grow: 3,
      drop: 1,
      cell: ({ listener }, { paint }) => reachPlaces(listener.reachableAt, paint),
      sort: ({ listener }) => listener.reachableAt.length,
    },
  ],
};

export function listenerSource(reader: LiveReader): RowSource<ListenerRow> {
  return {
    present: () => reader.openListeners(),
    read: (rows) => (rows.length === 0 ? [] : reader.listenerRows(rows).map(toRow)),
  };
}

function toRow({ row, listener }: Numbered<ListenerRecord>): ListenerRow {
  const { local, owner, service, reach, gatewayId, protocol } = listener;
  return {
    row,
    listener,
    text: searchText(
      local.address,
      local.port,
      protocol,
      service,
      reach,
      gatewayId,
      owner?.role,
      owner?.process.argv.join(' '),
    ),
    fields: {
      port: local.port,
      host: local.address,
      ...(owner?.skill === undefined ? {} : { skill: owner.skill }),
      ...(owner ? { role: owner.role, pid: owner.process.pid } : {}),
    },
  };
}
