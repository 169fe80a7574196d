import { commandLines } from '../cli/block.ts';
import { explanation, findExplained, lineages } from '../cli/commands/explain.ts';
import { dateTime, endpoint, ownerText, reachPlaces, since } from '../cli/format.ts';
import type { Paint } from '../cli/paint.ts';
import { wrap } from '../cli/width.ts';
import type { LiveReader } from '../types/live.ts';
import { shellQuote } from '../types/text.ts';
import type { ConnectionRow } from './panes/connections.ts';
import type { ListenerRow } from './panes/exposure.ts';
import type { FindingRow } from './panes/findings.ts';
import type { SkillRow } from './panes/skills.ts';
import type { ChangeRow } from './panes/timeline.ts';
import type { Reading } from './state.ts';

/** Sockets that are read for one explanation: a finding of a month ago must not read a month. */
const MOST_SOCKETS = 3_000;
const MOST_CONTACTS = 200;

/** A finding as `clawwatch explain` tells it. */
export function explainFinding(
  { id }: Pick<FindingRow, 'id'>,
  reader: LiveReader,
  paint: Paint,
  now: number,
): Reading | undefined {
  const explained = findExplained(
    {
      finding: (typed) => reader.finding(typed),
      // Those of the same incident are few and present; the whole list would be read for them.
      findings: () =>
        reader.findings({ status: ['open', 'acknowledged', 'suppressed'], minSeverity: 'medium', limit: 500 }),
      findingEvents: (fingerprint) => reader.findingEvents(fingerprint),
      listeners: ({ sinceAt } = {}) =>
        reader.listeners({ limit: MOST_SOCKETS, ...(sinceAt === undefined ? {} : { sinceAt }) }),
      connections: ({ sinceAt } = {}) => reader.connectionsBetween(sinceAt ?? 0, now, MOST_SOCKETS),
    },
    id,
  );
  if (explained === undefined) return undefined;
  const command = explained.finding.fixes.find((fix) => fix.command !== undefined)?.command;
  return reading(`${paint.text(id, 20)}`, explanation(explained, paint), command);
}

export function explainConnection(row: ConnectionRow, reader: LiveReader, paint: Paint): Reading | undefined {
  const record = reader.connectionRows([row.row])[0];
  if (record === undefined) return undefined;
  const { connection, firstAt, closedAt } = record;
  const { destination: to, owner, remote, toolCall } = connection;
  const name = to?.name;
  const facts: [string, string | undefined][] = [
    ['to', remote ? `${endpoint(remote, paint)}/${connection.protocol}` : undefined],
    [
      'name',
      name &&
        `${paint.text(name, 200)} (${to?.source ?? 'unknown source'}, ${to?.confidence ?? 'unsure'}${to?.claimed ? ', only the word of the process' : ''})`,
    ],
    [
      'also',
      to?.otherNames
        ?.slice(0, 8)
        .map((other) => paint.text(other, 100))
        .join(', '),
    ],
    ['from', endpoint(connection.local, paint)],
    [
      'state',
      `${connection.direction}, ${closedAt === undefined ? connection.state : `closed ${dateTime(closedAt)}`}, since ${dateTime(firstAt)}`,
    ],
    [
      'bytes',
      connection.bytesOut === undefined ? 'not counted' : `${connection.bytesOut} out, ${connection.bytesIn ?? 0} in`,
    ],
    [
      'verdict',
      `${connection.verdict ?? 'none'}${connection.verdictReason ? `: ${paint.text(connection.verdictReason, 200)}` : ''}`,
    ],
    ['process', ownerText(owner, paint)],
    ['lineage', lineages([connection], paint).join('; ') || undefined],
    ['call', toolCall && `${paint.text(toolCall.tool, 60)} (${toolCall.confidence})`],
  ];
  const host = name ?? remote?.address;
  const scope = owner?.skill === undefined ? `--role ${owner?.role ?? 'exec'}` : `--skill ${shellQuote(owner.skill)}`;
  const command =
    host && owner && owner.role !== 'other'
      ? `clawwatch allow ${shellQuote(host)} ${scope} --for 30d --reason '…'`
      : undefined;
  return reading('connection', factLines(facts, paint), command, paint);
}

export function explainListener({ listener }: ListenerRow, paint: Paint, now: number): Reading {
  const facts: [string, string | undefined][] = [
    [
      'listens',
      `${endpoint(listener.local, paint)}/${listener.protocol}${listener.service === 'none' ? '' : `, ${listener.service}`}`,
    ],
    ['reach', reachPlaces(listener.reachableAt, paint) || 'this host only'],
    ...listener.reachableAt
      .slice(0, 12)
      .map(({ address, interface: name, reach, confidence }): [string, string] => [
        '',
        `${address}${name ? ` on ${paint.text(name, 20)}` : ''}: ${reach} (${confidence})`,
      ]),
    ['since', since(listener.since, now)],
    ['place', listener.place],
    ['gateway', listener.gatewayId && paint.text(listener.gatewayId, 60)],
    ['process', ownerText(listener.owner, paint)],
    ['lineage', lineages([listener], paint).join('; ') || undefined],
  ];
  return reading('listener', factLines(facts, paint));
}

export function explainSkill({ skill, isInstalled }: SkillRow, reader: LiveReader, paint: Paint): Reading {
  const contacts = reader.destinations({ subject: `skill ${skill.name}`, limit: MOST_CONTACTS });
  const facts: [string, string | undefined][] = [
    ['skill', paint.text(skill.name, 200)],
    ['files', isInstalled ? skill.drift : 'not installed (any more)'],
    ['from', skill.source],
    ...contacts.map(
      ({ destination, verdict, verdictReason, connections, bytesOut, bytesIn, lastAt }): [string, string] => [
        'contact',
        `${paint.text(destination, 120)}: ${verdict ?? 'unknown'}${verdictReason ? ` (${paint.text(verdictReason, 120)})` : ''}, ${connections} connections, ${bytesOut} bytes out, ${bytesIn} in, last ${dateTime(lastAt)}`,
      ],
    ),
  ];
  if (contacts.length === 0) facts.push(['contact', 'none on record']);
  return reading('skill', factLines(facts, paint));
}

export function explainChange({ change }: ChangeRow, paint: Paint): Reading {
  return reading(
    'change',
    factLines(
      [
        ['when', dateTime(change.at)],
        ['what', `${change.kind} ${paint.text(change.event, 60)}`],
        ['of', paint.text(change.subject, 1000)],
      ],
      paint,
    ),
  );
}

function factLines(facts: readonly (readonly [string, string | undefined])[], paint: Paint): string[] {
  return facts.flatMap(([label, text]) => {
    if (text === undefined || text === '') return [];
    return wrap(paint.own(text), paint.width - 10).map((line, index) => (index === 0 ? label : '').padEnd(10) + line);
  });
}

function reading(title: string, lines: string[], command?: string, paint?: Paint): Reading {
  const shown = command !== undefined && paint ? ['', 'do', ...commandLines(command, paint)] : [];
  return { kind: 'reading', title, lines: [...lines, ...shown], top: 0, ...(command === undefined ? {} : { command }) };
}
