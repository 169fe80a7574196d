import { reachPlaces, since } from '../../cli/format.ts';
import type { Verdict } from '../../cli/verdict.ts';
import type { HeaderFacts } from '../header.ts';
import { type Line, span } from '../line.ts';
import { type LookOfScreen, SEVERITY_TONE } from '../look.ts';
import { headLine, placeColumns, rowLine } from '../table.ts';
import { CONNECTIONS, type ConnectionRow } from './connections.ts';
import { FINDINGS, type FindingRow } from './findings.ts';
import { type Day, dayLines } from './timeline.ts';

/** What the first pane puts together from the others. */
export interface OverviewFacts {
  header: HeaderFacts;
  /** Outbound connections of OpenClaw, the most telling first. */
  talking: readonly ConnectionRow[];
  talkingTotal: number;
  /** Open findings, the worst first. */
  needs: readonly FindingRow[];
  needsTotal: number;
  day: Day | undefined;
  lifeOf(row: number): 'fresh' | 'closed' | undefined;
}

const TITLES = { gateways: 'AM I EXPOSED', talking: 'TALKING OUT NOW', day: 'LAST 24 HOURS', needs: 'NEEDS YOU' };

/** The three questions in one screen of `height` lines. */
export function overviewLines(
  facts: OverviewFacts,
  look: LookOfScreen,
  width: number,
  height: number,
  now: number,
): Line[] {
  const gateways = gatewayReach(facts.header, look, now).slice(0, Math.max(1, Math.floor(height / 6)));
  const day = dayLines(facts.day, look);
  // Three titles, and what is left is shared: who talks out and what needs a person.
  const left = height - gateways.length - (day.length > 0 ? day.length + 1 : 0) - 3;
  const forNeeds = Math.max(2, Math.min(facts.needs.length, Math.ceil(left / 2)) || 2);
  const forTalking = Math.max(2, left - forNeeds);
  return [
    title(TITLES.gateways, look, width),
    ...gateways,
    title(TITLES.needs, look, width),
    ...needsLines(facts, look, width, forNeeds, now),
    title(TITLES.talking, look, width),
    ...talkingLines(facts, look, width, forTalking, now),
    ...(day.length > 0 ? [title(TITLES.day, look, width), ...day] : []),
  ].slice(0, height);
}

function title(text: string, { signs }: LookOfScreen, width: number): Line {
  return [span(` ${text} `, 'strong'), span(signs.bar.repeat(Math.max(0, width - text.length - 3)), 'dim')];
}

function gatewayReach({ gateways, isRecent, lastLook }: HeaderFacts, look: LookOfScreen, now: number): Line[] {
  const { paint, signs } = look;
  if (lastLook === undefined) return [[span(` ${signs.unknown} nobody has looked yet`, 'warn')]];
  if (gateways.length === 0) return [[span(' no gateway of OpenClaw is known on this host', 'dim')]];
  return gateways.flatMap(({ gateway, verdict }) => {
    const name = paint.text(gateway.id, 30);
    if (!gateway.running) return [[span(` ${signs.dead} ${name}: not running`)]];
    const places =
      gateway.reach === 'unknown' ? 'unknown' : reachPlaces(gateway.reachableAt, paint) || 'this host only';
    const from = gateway.since ? `, ${since(gateway.since, now)}` : '';
    const line: Line = [
      span(
        ` ${answerSign(verdict, isRecent, look)} ${name}: reachable from ${places}${from}`,
        verdict === 'EXPOSED' ? 'bad' : undefined,
      ),
    ];
    const why: Line[] = gateway.differences
      .slice(0, 1)
      .map((sentence) => [span(`   ${paint.text(sentence, 300)}`, 'warn')]);
    return [line, ...why];
  });
}

function answerSign(verdict: Verdict, isRecent: boolean, { signs }: LookOfScreen): string {
  if (!isRecent || verdict === 'UNKNOWN') return signs.unknown;
  return verdict === 'OK' ? signs.good : signs.bad;
}

function needsLines(
  { needs, needsTotal, header }: OverviewFacts,
  look: LookOfScreen,
  width: number,
  room: number,
  now: number,
): Line[] {
  if (header.lastLook === undefined) return [[span(' not known', 'dim')]];
  if (needs.length === 0) return [[span(' nothing that was seen needs you', 'dim')]];
  const columns = FINDINGS.columns.filter(({ id }) => !['subject', 'status'].includes(id));
  const placed = placeColumns(columns, width);
  const isCut = needsTotal > room;
  const lines = needs
    .slice(0, isCut ? room - 1 : room)
    .map((row) => rowLine(row, placed, { isSelected: false }, look, now));
  return isCut ? [...lines, [span(`  and ${needsTotal - lines.length} more (4)`, SEVERITY_TONE.info)]] : lines;
}

function talkingLines(facts: OverviewFacts, look: LookOfScreen, width: number, room: number, now: number): Line[] {
  const { talking, talkingTotal, header, lifeOf } = facts;
  if (header.lastLook === undefined) return [[span(' not known', 'dim')]];
  if (talking.length === 0) {
    const isBlind = header.blindSpots.some(({ essential, socketsMissing }) => essential || socketsMissing);
    return [
      [span(isBlind ? ' not known: not all sockets could be read' : ' nobody of OpenClaw at the last look', 'dim')],
    ];
  }
  const placed = placeColumns(CONNECTIONS.columns, width);
  const isCut = talkingTotal > room - 1;
  const rows = talking.slice(0, Math.max(1, isCut ? room - 2 : room - 1));
  return [
    headLine(placed, undefined, look),
    ...rows.map((row) => rowLine(row, placed, { isSelected: false, life: lifeOf(row.row) }, look, now)),
    ...(isCut ? [[span(`  and ${talkingTotal - rows.length} more (3)`, 'dim' as const)]] : []),
  ];
}
