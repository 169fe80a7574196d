import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ruleFacts } from '../agent/rule-facts.ts';
import { connectionAnswer, findingAnswer, listenerAnswer } from '../cli/answers.ts';
import { findExplained } from '../cli/commands/explain.ts';
import { dateTime } from '../cli/format.ts';
import { inertJson } from '../cli/inert-json.ts';
import { ownVersion } from '../cli/version.ts';
import { EXIT, UserError } from '../types/error.ts';
import type { LiveReader } from '../types/live.ts';
import { safeText } from '../types/text.ts';
import { withoutSecrets } from './secrets.ts';

/** Time before and after a finding whose sockets are part of its evidence, ms. */
const AROUND_MS = 5 * 60_000;
/** Length of the flight recorder, ms. */
const FLIGHT_MS = 5 * 60_000;
const MOST_SOCKETS = 5_000;

/** A folder with everything on record about a finding, for somebody who was not here. Returns its path. */
export function writeEvidence(reader: LiveReader, id: string, root: string, now: number): string {
  const explained = findExplained(
    {
      finding: (typed) => reader.finding(typed),
      findings: () => reader.findings({ status: ['open', 'acknowledged', 'suppressed'], limit: 500 }),
      findingEvents: (fingerprint) => reader.findingEvents(fingerprint),
      listeners: ({ sinceAt } = {}) =>
        reader.listeners({ limit: MOST_SOCKETS, ...(sinceAt === undefined ? {} : { sinceAt }) }),
      connections: ({ sinceAt } = {}) => reader.connectionsBetween(sinceAt ?? 0, now, MOST_SOCKETS),
    },
    id,
  );
  if (explained === undefined)
    throw new UserError(`there is no finding ${id}`, { hint: 'it was deleted with its age' });
  const { finding, events, together } = explained;
  const gateway = reader.gateways().find((each) => each.id === finding.gatewayId);
  const around = reader
    .connectionsBetween(finding.firstAt - AROUND_MS, finding.lastAt + AROUND_MS, MOST_SOCKETS)
    .map(({ connection, firstAt, closedAt }) => ({ ...connectionAnswer(connection), firstAt, closedAt }));
  const bundle = {
    clawwatch: ownVersion(),
    writtenAt: now,
    finding: findingAnswer(finding),
    rule: ruleFacts(finding.ruleId),
    events,
    incident: together.map(findingAnswer),
    listeners: explained.listeners.map(listenerAnswer),
    connections: explained.connections.map(connectionAnswer),
    socketsAround: { fromAt: finding.firstAt - AROUND_MS, toAt: finding.lastAt + AROUND_MS, connections: around },
    configuration: gateway && { path: gateway.config.path, network: gateway.config.networkSubset },
  };
  return writeFolder(root, `${finding.id}-${stamp(now)}`, 'finding', bundle, (clean) =>
    findingPage(clean as typeof bundle),
  );
}

/** The last five minutes of the record, before they are old. Returns the path of the folder. */
export function writeFlight(reader: LiveReader, root: string, now: number): string {
  const fromAt = now - FLIGHT_MS;
  const flight = {
    clawwatch: ownVersion(),
    fromAt,
    toAt: now,
    blindSpots: reader.lastCycle()?.blindSpots ?? [],
    blindPeriods: reader.blindPeriods(fromAt),
    findings: reader.findings({ sinceAt: fromAt, limit: 1_000 }).map(findingAnswer),
    changes: reader.changes(1_000).filter(({ at }) => at >= fromAt),
    listeners: reader
      .listeners({ sinceAt: fromAt, limit: MOST_SOCKETS })
      .map(({ listener, firstAt, closedAt }) => ({ ...listenerAnswer(listener), firstAt, closedAt })),
    connections: reader
      .connectionsBetween(fromAt, now, MOST_SOCKETS)
      .map(({ connection, firstAt, closedAt }) => ({ ...connectionAnswer(connection), firstAt, closedAt })),
  };
  return writeFolder(root, `flight-${stamp(now)}`, 'flight', flight, (clean) => flightPage(clean as typeof flight));
}

/** Folder 0700, files 0600, never through a link and never over something that is there. */
function writeFolder(root: string, name: string, file: string, facts: object, page: (clean: object) => string): string {
  const folder = join(root, name);
  const clean = withoutSecrets(facts) as object;
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, `${file}.json`), inertJson(clean), { mode: 0o600, flag: 'wx' });
    writeFileSync(join(folder, `${file}.md`), page(clean), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new UserError(`cannot write ${safeText(folder, 200)} (${code})`, {
      hint: 'check the folder',
      exitCode: EXIT.internal,
    });
  }
  return folder;
}

function stamp(at: number): string {
  return new Date(at).toISOString().replaceAll(/[:.]/g, '-');
}

/** Text from outside in Markdown: inert, and without what would be a heading, a link or a table of its own. */
function md(value: string | undefined, length = 400): string {
  return safeText(value ?? '', length).replaceAll(/[\\`*_{}[\]()<>#|!~&]/g, '\\$&');
}

interface FindingBundle {
  finding: ReturnType<typeof findingAnswer>;
  rule: ReturnType<typeof ruleFacts>;
  events: { at: number; event: string; reason: string }[];
  connections: ReturnType<typeof connectionAnswer>[];
  socketsAround: { connections: object[] };
  configuration: { network: object } | undefined;
}

function findingPage({ finding, rule, events, connections, socketsAround, configuration }: FindingBundle): string {
  const lineage = connections.flatMap(({ owner }) =>
    owner
      ? [
          `- ${owner.lineage
            .toReversed()
            .map(({ pid, comm }) => `${md(comm, 40)} ${pid}`)
            .join(' › ')}`,
        ]
      : [],
  );
  return [
    `# ${md(finding.title)}`,
    '',
    `${finding.severity}, ${md(finding.ruleId)}, ${md(finding.id)}, ${finding.status}, ${finding.confidence}`,
    '',
    `First ${dateTime(finding.firstAt)}, last ${dateTime(finding.lastAt)}, true in ${finding.count} looks.`,
    '',
    `## Why it matters\n\n${md(finding.why, 1000)}`,
    `\n## Rule\n\n${rule === undefined ? 'not one of this version' : `${md(rule.title)}${rule.attack.length > 0 ? ` (${rule.attack.join(', ')})` : ''}`}`,
    '\n## Evidence\n',
    ...finding.evidence.map(({ label, value }) => `- ${md(label, 80)}: ${md(value, 500)}`),
    '\n## Lineage\n',
    ...(lineage.length > 0 ? new Set(lineage) : ['not on record']),
    '\n## What to do\n',
    ...finding.fixes.map(
      ({ text, command }) => `- ${md(text, 500)}${command === undefined ? '' : `\n\n      ${safeText(command, 0)}\n`}`,
    ),
    '\n## History\n',
    ...events.map(
      ({ at, event, reason }) => `- ${dateTime(at)} ${md(event, 60)}${reason === '' ? '' : `: ${md(reason)}`}`,
    ),
    `\n## Sockets\n\n${socketsAround.connections.length} connections from five minutes before to five minutes after are in finding.json.`,
    '\n## Network settings of the gateway\n',
    configuration === undefined
      ? 'not on record'
      : JSON.stringify(configuration.network, undefined, 2)
          .split('\n')
          .map((line) => `    ${safeText(line, 300)}`)
          .join('\n'),
    '',
  ].join('\n');
}

interface Flight {
  fromAt: number;
  toAt: number;
  blindPeriods: { fromAt: number; toAt: number; cause: string }[];
  findings: ReturnType<typeof findingAnswer>[];
  changes: { at: number; kind: string; event: string; subject: string }[];
  listeners: object[];
  connections: object[];
}

function flightPage({ fromAt, toAt, blindPeriods, findings, changes, listeners, connections }: Flight): string {
  return [
    `# ${dateTime(fromAt)} to ${dateTime(toAt)}`,
    '',
    `${connections.length} connections, ${listeners.length} listeners, ${findings.length} findings; all of it in flight.json.`,
    '\n## Findings\n',
    ...findings.map(({ severity, ruleId, title }) => `- ${severity} ${md(ruleId)} ${md(title)}`),
    '\n## What changed\n',
    ...changes.map(({ at, kind, event, subject }) => `- ${dateTime(at)} ${kind} ${md(event, 60)}: ${md(subject)}`),
    '\n## Not seen\n',
    ...blindPeriods.map(({ fromAt: from, toAt: to, cause }) => `- ${dateTime(from)} to ${dateTime(to)}: ${md(cause)}`),
    '',
  ].join('\n');
}
