import { type coverageAnswer, coverageText } from '../cli/coverage-text.ts';
import { age, reachWord } from '../cli/format.ts';
import { blindSpotSentence } from '../cli/not-seen.ts';
import type { Verdict } from '../cli/verdict.ts';
import type { BlindSpot } from '../types/blind-spot.ts';
import { SEVERITIES } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { FindingCount } from '../types/live.ts';
import { type Line, type Span, span, spread, type Tone } from './line.ts';
import { type LookOfScreen, SEVERITY_TONE } from './look.ts';

/** What the header tells; all of it is true at `now` or says of when it is. */
export interface HeaderFacts {
  host: string;
  /** Absent: nothing is on record. */
  lastLook?: { at: number; origin: 'agent' | 'scan' } | undefined;
  /** An agent holds the lock of this database. */
  isAgentAlive: boolean;
  /** The last look is recent enough to be called "now". */
  isRecent: boolean;
  gateways: readonly { gateway: Gateway; verdict: Verdict; listensAt: readonly { address: string; port: number }[] }[];
  hostVerdict: Verdict;
  counts: readonly FindingCount[];
  coverage: ReturnType<typeof coverageAnswer>;
  blindSpots: readonly BlindSpot[];
  frozenAt?: number | undefined;
  /** A look of our own is under way. */
  isLooking: boolean;
  /** Why the database could not be read at the last try. */
  problem?: string | undefined;
}

const VERDICT_TONE: Readonly<Record<Verdict, Tone>> = {
  OK: 'good',
  UNKNOWN: 'warn',
  FINDINGS: 'warn',
  EXPOSED: 'bad',
  ERROR: 'bad',
};

/** Lines above every pane. `room` limits those for gateways. */
export function headerLines(facts: HeaderFacts, look: LookOfScreen, width: number, room: number, now: number): Line[] {
  return [
    titleLine(facts, look, width, now),
    ...gatewayLines(facts, look, Math.max(1, room), now),
    countsLine(facts, width, now),
    blindLine(facts, look),
  ];
}

function titleLine(facts: HeaderFacts, look: LookOfScreen, width: number, now: number): Line {
  const { signs, paint } = look;
  const left: Span[] = [span(' ClawWatch', 'strong'), span(`  ${paint.text(facts.host, 40)}  `)];
  if (facts.problem !== undefined) {
    left.push(span(`${signs.bad} the record cannot be read: ${paint.text(facts.problem, 100)}`, 'bad'));
  } else if (facts.lastLook === undefined) {
    left.push(span(`${signs.unknown} nothing is on record yet`, 'warn'));
  } else {
    const ago = `looked ${age(Math.max(0, now - facts.lastLook.at))} ago`;
    if (facts.isAgentAlive && facts.isRecent) left.push(span(`agent ${signs.alive} ${ago}`, 'good'));
    else if (facts.isAgentAlive) left.push(span(`agent ${signs.warn} runs, but ${ago}`, 'bad'));
    else left.push(span(`${signs.dead} no agent: ${ago}`, 'warn'));
  }
  const right: Span[] = [];
  if (facts.isLooking) right.push(span('looking ', 'accent'));
  else if (!facts.isAgentAlive) right.push(span('l looks now ', 'accent'));
  if (facts.frozenAt !== undefined) right.push(span(`rows FROZEN ${age(now - facts.frozenAt)} ago (p) `, 'bad'));
  return spread(left, right, width);
}

function gatewayLines(facts: HeaderFacts, look: LookOfScreen, room: number, now: number): Line[] {
  if (facts.lastLook === undefined)
    return [[span(' no verdict: look once with l, or run: clawwatch agent run', 'warn')]];
  if (facts.gateways.length === 0)
    return [
      [...verdictSpans(facts.hostVerdict, facts, look, now), span('  no gateway of OpenClaw is known on this host')],
    ];
  const shown = facts.gateways.slice(0, facts.gateways.length > room ? Math.max(1, room - 1) : room);
  const lines: Line[] = shown.map((each) => gatewayLine(each, facts, look, now));
  const more = facts.gateways.slice(shown.length);
  if (more.length > 0) {
    const words = more.map(({ gateway, verdict }) => `${look.paint.text(gateway.id, 20)} ${verdict}`).join(', ');
    const isBad = more.some(({ verdict }) => verdict === 'EXPOSED' || verdict === 'ERROR');
    const text = ` and ${more.length} more: ${words}`;
    if (room > 1) lines.push([span(text, isBad ? 'bad' : 'dim')]);
    else lines[0] = [...lines[0]!, span(text, isBad ? 'bad' : 'dim')];
  }
  return lines;
}

function gatewayLine(
  { gateway, verdict, listensAt }: HeaderFacts['gateways'][number],
  facts: HeaderFacts,
  look: LookOfScreen,
  now: number,
): Line {
  const { paint } = look;
  const { mode, raw } = gateway.declared;
  const declared = mode === 'invalid' ? `"${paint.text(raw ?? '', 20)}"` : mode;
  const where = listensAt.map(({ address, port }) => formatEndpoint(address, port)).join(' ');
  const effective = !gateway.running
    ? 'not running'
    : where || (gateway.reach === 'unknown' ? 'sockets unread' : 'listens on nothing');
  const strength =
    gateway.auth.strength === 'sound'
      ? ''
      : ` (${gateway.auth.strength === 'none' ? 'as good as none' : gateway.auth.strength})`;
  return [
    ...verdictSpans(verdict, facts, look, now),
    span(`  ${paint.text(gateway.id, 24)}`, 'strong'),
    span(`  ${effective}`),
    span(`  declared ${declared}`, gateway.bindVerdict === 'wider than declared' ? 'bad' : undefined),
    span(`  reach ${gateway.running ? reachWord(gateway.reach) : '-'}`),
    span(`  auth ${gateway.auth.mode}${strength}`, gateway.auth.strength === 'sound' ? undefined : 'warn'),
  ];
}

/** A verdict of an old look is none of now. */
function verdictSpans(
  verdict: Verdict,
  { isRecent, lastLook }: HeaderFacts,
  { signs }: LookOfScreen,
  now: number,
): Span[] {
  const sign = verdict === 'OK' ? signs.good : verdict === 'UNKNOWN' ? signs.unknown : signs.bad;
  if (isRecent) return [span(` ${sign} ${verdict}`, VERDICT_TONE[verdict])];
  return [
    span(` ${signs.unknown} UNKNOWN`, 'warn'),
    span(` (was ${verdict} ${age(Math.max(0, now - (lastLook?.at ?? now)))} ago)`),
  ];
}

function countsLine({ counts, coverage, lastLook }: HeaderFacts, width: number, now: number): Line {
  if (lastLook === undefined) return [];
  const sum = (wanted: (count: FindingCount) => boolean) =>
    counts.filter(wanted).reduce((total, { count }) => total + count, 0);
  const spans: Span[] = [span(' ')];
  for (const severity of SEVERITIES.toReversed()) {
    const number = sum((one) => one.status === 'open' && one.verdict === 'finding' && one.severity === severity);
    if (number > 0) spans.push(span(`${number} ${severity}  `, SEVERITY_TONE[severity]));
  }
  if (spans.length === 1) spans.push(span('no open finding  ', 'good'));
  const unjudged = sum((one) => one.status === 'open' && one.verdict === 'unknown');
  if (unjudged > 0) spans.push(span(`${unjudged} unjudged  `, 'warn'));
  spans.push(
    span(
      `${sum((one) => one.status === 'suppressed')} suppressed  ${sum((one) => one.status === 'acknowledged')} acknowledged`,
      'dim',
    ),
  );
  if (coverage === null) return spread(spans, [span('coverage not measured ', 'dim')], width);
  const { text, isEnough } = coverageText(coverage, now);
  const short = coverage.opened === 0 ? 'no connection opened ' : shortCoverage(coverage);
  const room = width - spans.reduce((total, { text: own }) => total + own.length, 0) - 3;
  return spread(spans, [span(text.length <= room ? `${text} ` : short, isEnough ? 'dim' : 'warn')], width);
}

function shortCoverage({ opened, seen, owned, named }: NonNullable<HeaderFacts['coverage']>): string {
  const percent = (part: number) => Math.floor((100 * part) / opened);
  return `seen ${percent(seen)} % owned ${percent(owned)} % named ${percent(named)} % `;
}

function blindLine({ blindSpots, lastLook }: HeaderFacts, { paint, signs }: LookOfScreen): Line {
  if (lastLook === undefined) return [];
  if (blindSpots.length === 0) return [span(' not seen: connections shorter than a look', 'dim')];
  const [first] = blindSpots.toSorted((a, b) => Number(b.essential) - Number(a.essential));
  const more = blindSpots.length > 1 ? ` (and ${blindSpots.length - 1} more: clawwatch doctor)` : '';
  const essential = first!.essential;
  return [
    span(
      ` ${essential ? signs.bad : signs.warn} not seen${more}: ${blindSpotSentence(first!, paint)}`,
      essential ? 'bad' : 'warn',
    ),
  ];
}
