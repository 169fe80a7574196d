import { bytes, shortTime } from '../../cli/format.ts';
import type { SkillFact } from '../../types/egress.ts';
import type { LiveReader, SkillTraffic } from '../../types/live.ts';
import type { Row, RowSource } from '../rows.ts';
import { searchText, type TablePane } from './pane.ts';

/** An installed skill with whom it contacted. Text is raw. */
export interface SkillRow extends Row {
  skill: Pick<SkillFact, 'name' | 'source' | 'drift' | 'installedAt' | 'changedAt' | 'version' | 'gatewayId'>;
  traffic: SkillTraffic | undefined;
  isInstalled: boolean;
}

const DRIFT_WORDS: Readonly<Record<SkillFact['drift'], string>> = {
  changed: 'changed',
  unknown: 'no origin',
  none: 'as installed',
};

const weight = ({ skill, traffic }: SkillRow) =>
  (traffic ? 4 + traffic.unknown : 0) + (skill.drift === 'changed' ? 2 : 0) + (skill.source === 'bundled' ? -1 : 0);

export const SKILLS: TablePane<SkillRow> = {
  empty: 'No skill is installed, or nobody looked yet.',
  compare: (a, b) => weight(b) - weight(a) || (a.skill.name < b.skill.name ? -1 : 1),
  columns: [
    {
      id: 'skill',
      title: 'SKILL',
      width: 18,
      grow: 2,
      drop: 0,
      cell: ({ skill }, { paint }) => paint.text(skill.name, 80),
      sort: ({ skill }) => skill.name,
    },
    {
      id: 'files',
      title: 'FILES',
      width: 14,
      grow: 0,
      drop: 0,
      cell: ({ skill, isInstalled }, { signs }) =>
        isInstalled ? `${skill.drift === 'changed' ? signs.warn : ' '} ${DRIFT_WORDS[skill.drift]}` : '  not installed',
      tone: ({ skill }) => (skill.drift === 'changed' ? 'warn' : undefined),
      sort: ({ skill }) => skill.drift,
    },
    {
      id: 'from',
      title: 'FROM',
      width: 11,
      grow: 0,
      drop: 3,
      cell: ({ skill }) => skill.source,
      sort: ({ skill }) => skill.source,
    },
    {
      id: 'version',
      title: 'VERSION',
      width: 9,
      grow: 0,
      drop: 6,
      cell: ({ skill }, { paint }) => paint.text(skill.version ?? '', 30),
      sort: ({ skill }) => skill.version ?? '',
    },
    {
      id: 'installed',
      title: 'INSTALLED',
      width: 10,
      grow: 0,
      drop: 5,
      cell: ({ skill }) => day(skill.installedAt),
      sort: ({ skill }) => skill.installedAt ?? 0,
    },
    {
      id: 'changed',
      title: 'CHANGED',
      width: 10,
      grow: 0,
      drop: 4,
      cell: ({ skill }) => day(skill.changedAt),
      sort: ({ skill }) => skill.changedAt ?? 0,
    },
    {
      id: 'hosts',
      title: 'HOSTS',
      width: 5,
      grow: 0,
      drop: 0,
      right: true,
      cell: ({ traffic }) => (traffic ? String(traffic.hosts) : '-'),
      sort: ({ traffic }) => traffic?.hosts ?? -1,
    },
    {
      id: 'unknown',
      title: 'UNKNOWN',
      width: 8,
      grow: 0,
      drop: 0,
      right: true,
      cell: ({ traffic }, { signs }) =>
        traffic?.unknown ? `${signs.warn} ${traffic.unknown}` : traffic ? `${signs.good} 0` : '-',
      tone: ({ traffic }) => (traffic?.unknown ? 'warn' : undefined),
      sort: ({ traffic }) => traffic?.unknown ?? -1,
    },
    {
      id: 'out',
      title: 'OUT',
      width: 9,
      grow: 0,
      drop: 1,
      right: true,
      cell: ({ traffic }) => (traffic ? bytes(traffic.bytesOut) : ''),
      sort: ({ traffic }) => traffic?.bytesOut ?? -1,
    },
    {
      id: 'in',
      title: 'IN',
      width: 9,
      grow: 0,
      drop: 2,
      right: true,
      cell: ({ traffic }) => (traffic ? bytes(traffic.bytesIn) : ''),
      sort: ({ traffic }) => traffic?.bytesIn ?? -1,
    },
  ],
};

function day(at: number | undefined): string {
  return at === undefined ? '' : shortTime(at, 0).slice(0, 10);
}

/**
 * Skills and their contacts. They have no numbers of their own that stay, so a row's number is that of its name and place,
 * given when it is first seen.
 */
export function skillSource(reader: LiveReader): RowSource<SkillRow> {
  const numbers = new Map<string, number>();
  let latest = new Map<number, SkillRow>();
  return {
    present() {
      latest = new Map();
      const traffic = new Map(reader.skillTraffic().map((each) => [each.skill, each]));
      const rows: Omit<SkillRow, keyof Row>[] = reader
        .skills()
        .map((skill) => ({ skill, traffic: traffic.get(skill.name), isInstalled: true }));
      const installed = new Set(rows.map(({ skill }) => skill.name));
      for (const each of traffic.values()) {
        // It was seen to contact hosts and is no longer there: worth more than one that is.
        if (!installed.has(each.skill)) rows.push({ skill: removed(each.skill), traffic: each, isInstalled: false });
      }
      for (const row of rows) {
        const key = JSON.stringify([row.skill.gatewayId, row.skill.name, row.skill.source]);
        if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
        latest.set(numbers.get(key)!, { ...row, ...searchable(row), row: numbers.get(key)! });
      }
      return [...latest.keys()];
    },
    read: (rows) => rows.flatMap((row) => latest.get(row) ?? []),
  };
}

function removed(name: string): SkillRow['skill'] {
  return { name, source: 'extra', drift: 'unknown', gatewayId: '' };
}

function searchable({ skill, traffic }: Pick<SkillRow, 'skill' | 'traffic'>): Pick<SkillRow, 'text' | 'fields'> {
  const verdict = traffic?.unknown ? 'unknown' : '';
  return {
    text: searchText(skill.name, skill.source, skill.drift, skill.version, verdict),
    fields: { skill: skill.name, verdict },
  };
}
