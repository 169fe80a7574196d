import { formatEndpoint } from '../types/ip.ts';
import type { Change } from '../types/live.ts';
import type { Database } from './open.ts';

type Row = Omit<Change, 'kind'> & { protocol?: string; address?: string; port?: number };

/** One question for each kind of change; each takes a limit and answers from the newest end. */
const QUESTIONS: readonly { kind: Change['kind']; sql: string }[] = [
  {
    kind: 'finding',
    sql: `SELECT e.at, e.event, f.rule_id || ' ' || json_extract(d.payload, '$.title') AS subject, f.severity
      FROM (SELECT * FROM finding_events ORDER BY id DESC LIMIT ?) AS e
      JOIN findings AS f ON f.id = e.finding_id JOIN finding_details AS d ON d.finding_id = f.id`,
  },
  {
    kind: 'listener',
    sql: `SELECT s.first_at AS at, 'opened' AS event, json_extract(s.payload, '$.service') AS subject,
        json_extract(s.payload, '$.protocol') AS protocol, json_extract(s.payload, '$.local.address') AS address,
        json_extract(s.payload, '$.local.port') AS port FROM listeners AS s ORDER BY s.id DESC LIMIT ?`,
  },
  {
    kind: 'listener',
    sql: `SELECT s.closed_at AS at, 'closed' AS event, json_extract(s.payload, '$.service') AS subject,
        json_extract(s.payload, '$.protocol') AS protocol, json_extract(s.payload, '$.local.address') AS address,
        json_extract(s.payload, '$.local.port') AS port
      FROM listeners AS s WHERE s.closed_at IS NOT NULL ORDER BY s.closed_at DESC LIMIT ?`,
  },
  {
    kind: 'configuration',
    sql: `SELECT recorded_at AS at, 'recorded' AS event, 'network settings of gateway ' || gateway_id AS subject
      FROM config_history ORDER BY id DESC LIMIT ?`,
  },
  {
    kind: 'skill',
    sql: `SELECT first_at AS at, 'found' AS event, json_extract(payload, '$.name') AS subject
      FROM skills ORDER BY first_at DESC LIMIT ?`,
  },
  {
    kind: 'skill',
    sql: `SELECT gone_at AS at, 'removed' AS event, json_extract(payload, '$.name') AS subject
      FROM skills WHERE gone_at IS NOT NULL ORDER BY gone_at DESC LIMIT ?`,
  },
  {
    kind: 'policy',
    sql: `SELECT created_at AS at, action AS event, pattern || ' (' || reason || ')' AS subject
      FROM policy_rules ORDER BY id DESC LIMIT ?`,
  },
  {
    kind: 'policy',
    sql: `SELECT removed_at AS at, 'removed' AS event, pattern AS subject
      FROM policy_rules WHERE removed_at IS NOT NULL ORDER BY removed_at DESC LIMIT ?`,
  },
  {
    kind: 'blind',
    sql: `SELECT from_at AS at, 'not seen' AS event,
        cause || ' (' || ((to_at - from_at) / 1000) || ' s)' AS subject
      FROM blind_periods ORDER BY id DESC LIMIT ?`,
  },
  {
    kind: 'gateway',
    sql: `SELECT first_at AS at, 'found' AS event, id AS subject FROM gateways ORDER BY first_at DESC LIMIT ?`,
  },
  {
    kind: 'gateway',
    sql: `SELECT gone_at AS at, 'gone' AS event, id AS subject
      FROM gateways WHERE gone_at IS NOT NULL ORDER BY gone_at DESC LIMIT ?`,
  },
];

/** What changed, newest first: the newest of each kind, put together. */
export function createListChanges(database: Database): (limit: number) => Change[] {
  const questions = QUESTIONS.map(({ kind, sql }) => ({ kind, statement: database.prepare<Row>(sql) }));
  return (limit) =>
    questions
      .flatMap(({ kind, statement }) => statement.all(limit).map((row) => toChange(kind, row)))
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
}

function toChange(kind: Change['kind'], { at, event, subject, severity, protocol, address, port }: Row): Change {
  const name = subject ?? '';
  const socket = `${protocol} ${formatEndpoint(address ?? '', port ?? 0)}`;
  return {
    at,
    kind,
    event,
    subject: kind === 'listener' ? `${socket}${name === 'none' ? '' : ` ${name}`}` : name,
    ...(severity == null ? {} : { severity }),
  };
}
