import { EXIT, UserError } from '../../types/error.ts';
import type { Connection, Listener } from '../../types/snapshot.ts';
import type { FindingEvent, FindingRecord, StoreReader } from '../../types/store.ts';
import { connectionAnswer, findingAnswer, listenerAnswer } from '../answers.ts';
import { fixLines, labelled } from '../block.ts';
import type { Run } from '../context.ts';
import { count, dateTime, endpoint, ownerText, reachWord } from '../format.ts';
import { type Paint, SEVERITY_STYLE } from '../paint.ts';
import { noRecord, readRecord } from '../recorded.ts';

/** A finding with the sockets that it rests on. */
export interface Explained {
  finding: FindingRecord;
  listeners: Listener[];
  connections: Connection[];
  events: FindingEvent[];
  /** Further findings of the same incident, gravest first. */
  together: FindingRecord[];
}

/** `clawwatch explain F-7K2M9Q`: why it was said, on what evidence, and what to do. */
export const explain: Run<{ id: string }> = async (context, { id }) => {
  const known = await readRecord(context, (reader) => ({ explained: findExplained(reader, id) }));
  if (!known) throw noRecord(context.config);
  const { explained } = known;
  if (!explained) {
    throw new UserError(`there is no finding ${id.slice(0, 80)}`, { hint: 'all ids: clawwatch findings --status all' });
  }
  context.answer({
    text: () => explanation(explained, context.paint),
    json: () => ({
      command: 'explain',
      finding: findingAnswer(explained.finding),
      listeners: explained.listeners.map(listenerAnswer),
      connections: explained.connections.map(connectionAnswer),
      events: explained.events,
      incident: explained.together.map(findingAnswer),
    }),
  });
  return EXIT.ok;
};

/** A finding by what was typed, with everything that its explanation names. */
export function findExplained(
  reader: Pick<StoreReader, 'finding' | 'findings' | 'findingEvents' | 'listeners' | 'connections'>,
  id: string,
): Explained | undefined {
  const finding = reader.finding(id);
  if (!finding) return undefined;
  const keys = new Set(finding.socketKeys);
  // Only as far back as the finding itself: a month of connections is not read for one of them.
  const filter = { sinceAt: finding.firstAt };
  return {
    finding,
    events: reader.findingEvents(finding.fingerprint),
    together: togetherWith(finding, reader),
    listeners: reader
      .listeners(filter)
      .map((record) => record.listener)
      .filter((listener) => keys.has(listener.key)),
    connections: reader
      .connections(filter)
      .map((record) => record.connection)
      .filter((connection) => keys.has(connection.key)),
  };
}

/** One skill rarely breaks more rules than this; a flood of findings must not become a flood on the screen. */
const TOGETHER = 12;

function togetherWith(
  { incidentId, fingerprint }: FindingRecord,
  reader: Pick<StoreReader, 'findings'>,
): FindingRecord[] {
  if (incidentId === undefined) return [];
  return reader
    .findings({ status: ['open', 'acknowledged', 'suppressed'], minSeverity: 'medium' })
    .filter((other) => other.incidentId === incidentId && other.fingerprint !== fingerprint)
    .slice(0, TOGETHER);
}

/** The explanation as lines for a screen of the paint's width. */
export function explanation({ finding, listeners, connections, events, together }: Explained, paint: Paint): string[] {
  const word = finding.verdict === 'unknown' ? 'UNKNOWN' : finding.severity.toUpperCase();
  const evidence = finding.evidence.map(({ label, value }) => `${paint.text(label, 60)}: ${paint.text(value, 500)}`);
  const sockets = [
    ...listeners.map(
      (listener) =>
        `${endpoint(listener.local, paint)}/${listener.protocol} reachable from ${reachWord(listener.reach)}, held by ${ownerText(listener.owner, paint)}`,
    ),
    ...connections.map(
      (connection) =>
        `${endpoint(connection.local, paint)} to ${connection.remote ? endpoint(connection.remote, paint) : 'nobody'}/${connection.protocol}, held by ${ownerText(connection.owner, paint)}`,
    ),
  ];
  return [
    ...labelled(word, paint.text(finding.title, 500), paint, SEVERITY_STYLE[finding.severity]),
    ...labelled('', `${paint.text(finding.ruleId, 20)}   ${paint.text(finding.id, 20)}   ${finding.confidence}`, paint),
    '',
    ...labelled('why', paint.text(finding.why, 1000), paint),
    '',
    ...list('evidence', evidence, paint),
    ...list('incident', incidentLines(finding, together, paint), paint),
    ...list('sockets', sockets.slice(0, 20), paint),
    ...list('lineage', lineages([...listeners, ...connections], paint), paint),
    '',
    ...(finding.fixes.length > 0
      ? finding.fixes.flatMap((fix, i) => fixLines(fix, paint, i === 0 ? 'fix' : 'then'))
      : []),
    ...(finding.fixes.length > 0 ? [''] : []),
    ...list('history', [...history(finding), ...eventLines(events, paint)], paint),
    ...labelled('same as', `fingerprint ${finding.fingerprint}`, paint),
  ];
}

/** What belongs together: `I-7K2M9Q`, and each further fact with the id to explain it by. */
function incidentLines({ incidentId }: FindingRecord, together: readonly FindingRecord[], paint: Paint): string[] {
  if (incidentId === undefined) return [];
  const facts = together.map(
    ({ id, severity, ruleId, title }) =>
      `${paint.text(id, 20)} ${severity} ${paint.text(ruleId, 20)}: ${paint.text(title, 200)}`,
  );
  return [`${paint.text(incidentId, 20)}${facts.length === 0 ? '' : ', together with'}`, ...facts];
}

function list(label: string, items: readonly string[], paint: Paint): string[] {
  return items.flatMap((item, index) => labelled(index === 0 ? label : '', item, paint));
}

/** From the process up to the gateway, each chain once. */
export function lineages(sockets: readonly { owner?: Listener['owner'] }[], paint: Paint): string[] {
  const chains = sockets.flatMap(({ owner }) => {
    if (!owner || owner.lineage.length === 0) return [];
    const chain = owner.lineage.toReversed().map(({ pid, comm }) => `${paint.text(comm, 40)} ${pid}`);
    return [
      `${chain.join(paint.own(' › '))}   (${owner.skill ? `skill ${paint.text(owner.skill, 40)}, ` : ''}${owner.role}, ${owner.confidence})`,
    ];
  });
  return [...new Set(chains)].slice(0, 5);
}

function history(finding: FindingRecord): string[] {
  const ended = finding.resolvedAt === undefined ? '' : `, resolved ${dateTime(finding.resolvedAt)}`;
  return [
    `${finding.status}; first ${dateTime(finding.firstAt)}, last ${dateTime(finding.lastAt)}${ended}, true in ${count(finding.count, 'look')}`,
  ];
}

const SHOWN_EVENTS = 8;

/** What happened to it, newest last. "new" alone says nothing that the line above does not. */
function eventLines(events: readonly FindingEvent[], paint: Paint): string[] {
  if (events.length < 2) return [];
  const shown = events.slice(-SHOWN_EVENTS);
  const earlier = events.length > shown.length ? [`${count(events.length - shown.length, 'earlier event')}`] : [];
  return [
    ...earlier,
    ...shown.map(
      ({ at, event, reason }) =>
        `${dateTime(at)} ${paint.text(event, 40)}${reason === '' ? '' : `: ${paint.text(reason, 300)}`}`,
    ),
  ];
}
