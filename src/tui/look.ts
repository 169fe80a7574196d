import type { Paint } from '../cli/paint.ts';
import type { Severity } from '../types/finding.ts';
import type { ReachOrUnknown } from '../types/snapshot.ts';
import type { Line, Tone } from './line.ts';

/** Signs of the screen. They carry the meaning, also for those who see no colours and on terminals without them. */
export interface Signs {
  good: string;
  bad: string;
  warn: string;
  unknown: string;
  alive: string;
  dead: string;
  bar: string;
  cursor: string;
  up: string;
  down: string;
  fresh: string;
  closed: string;
  /** Eight heights, lowest first. */
  heights: string;
}

const UTF8: Signs = {
  good: '✔',
  bad: '✖',
  warn: '!',
  unknown: '?',
  alive: '●',
  dead: '○',
  bar: '─',
  cursor: '›',
  up: '▲',
  down: '▼',
  fresh: '+',
  closed: '×',
  heights: '▁▂▃▄▅▆▇█',
};

const ASCII: Signs = {
  good: '+',
  bad: 'x',
  warn: '!',
  unknown: '?',
  alive: '*',
  dead: 'o',
  bar: '-',
  cursor: '>',
  up: '^',
  down: 'v',
  fresh: '+',
  closed: 'x',
  heights: '_.:-=+*#',
};

/** How the screen is drawn. Text from outside gets onto it through `paint.text` and nothing else. */
export interface LookOfScreen {
  paint: Paint;
  signs: Signs;
  color: boolean;
}

export function lookOfScreen(paint: Paint, color: boolean): LookOfScreen {
  return { paint, signs: paint.own('…') === '…' ? UTF8 : ASCII, color };
}

// Selection and weight are attributes and no colours, so NO_COLOR leaves them.
const COLOURS: Readonly<Record<Tone, string>> = {
  good: '32',
  bad: '1;31',
  warn: '33',
  dim: '90',
  strong: '1',
  accent: '36',
  fresh: '1;36',
  selected: '7',
};
const WITHOUT_COLOURS: Partial<Record<Tone, string>> = { bad: '1', strong: '1', fresh: '1', selected: '7' };

/** A line as the terminal takes it. */
export function toTerminal(line: Line, color: boolean): string {
  let text = '';
  for (const piece of line) {
    const code = piece.tone && (color ? COLOURS[piece.tone] : WITHOUT_COLOURS[piece.tone]);
    text += code ? `\u001b[${code}m${piece.text}\u001b[m` : piece.text;
  }
  return text;
}

export const SEVERITY_TONE: Readonly<Record<Severity, Tone | undefined>> = {
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'accent',
  info: 'dim',
};

/** Sign of a severity: the first letter would be read as a word. */
export function severitySign(severity: Severity, signs: Signs): string {
  if (severity === 'critical' || severity === 'high') return signs.bad;
  return severity === 'info' ? ' ' : signs.warn;
}

export function reachTone(reach: ReachOrUnknown): Tone | undefined {
  if (reach === 'loopback') return 'good';
  return reach === 'unknown' || reach === 'container' || reach === 'tailnet' ? 'warn' : 'bad';
}

export function reachSign(reach: ReachOrUnknown, signs: Signs): string {
  if (reach === 'loopback') return signs.good;
  if (reach === 'unknown') return signs.unknown;
  return reach === 'container' || reach === 'tailnet' ? signs.warn : signs.bad;
}

/** Values as a row of heights; 0 is a blank height, the largest is the highest. */
export function sparkline(values: readonly number[], signs: Signs): string {
  const most = Math.max(...values, 0);
  const heights = [...signs.heights];
  return values
    .map((value) => {
      if (value <= 0 || most === 0) return heights[0]!;
      // A little is never drawn as nothing.
      return heights[Math.max(1, Math.round((value / most) * (heights.length - 1)))]!;
    })
    .join('');
}
