import { styleText } from 'node:util';
import type { Severity } from '../types/finding.ts';
import { safeText } from '../types/text.ts';
import type { Io } from './io.ts';
import type { Verdict } from './verdict.ts';

type Style = Parameters<typeof styleText>[0];

/** How this output is drawn: width, colour, signs. Text from outside gets onto it only through `text`. */
export interface Paint {
  /** Columns of a line; no line is longer. */
  width: number;
  /** Mark of a cut-off text. */
  cutMark: string;
  /** Text from outside, inert, cut to `maxLength` characters, in ASCII where the terminal has nothing else. */
  text(value: string, maxLength?: number): string;
  /** Own sentences: unchanged, or with ASCII in the place of typographic signs. */
  own(value: string): string;
  /** Whether there are colours at all. */
  color: boolean;
  /** Colour repeats what the words say and never says it alone. */
  style(style: Style, text: string): string;
}

const NARROWEST = 40;
// Where there is no terminal there is no width; long enough for tables, short enough for a log or a mail.
const WITHOUT_TERMINAL = 120;

export function createPaint(
  io: Pick<Io, 'env' | 'isTTY' | 'columns'>,
  options: { color?: boolean; ascii?: boolean },
): Paint {
  const color = options.color !== false && wantsColor(io);
  const ascii = options.ascii === true || !isUtf8(io.env);
  const given = io.columns ?? (Number(io.env.COLUMNS) || WITHOUT_TERMINAL);
  const own = ascii ? toAscii : (value: string) => value;
  return {
    width: Math.max(NARROWEST, Math.min(given, 1000)),
    cutMark: ascii ? '~' : '…',
    text: (value, maxLength) => own(safeText(value, maxLength)),
    own,
    color,
    style: (style, text) => (color ? styleText(style, text, { validateStream: false }) : text),
  };
}

export const SEVERITY_STYLE: Readonly<Record<Severity, Style>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'gray',
};

export const VERDICT_STYLE: Readonly<Record<Verdict, Style>> = {
  OK: 'green',
  UNKNOWN: 'yellow',
  FINDINGS: 'yellow',
  EXPOSED: ['bold', 'red'],
  ERROR: ['bold', 'red'],
};

function wantsColor(io: Pick<Io, 'env' | 'isTTY'>): boolean {
  // no-color.org: present and not empty, whatever its value; it wins over FORCE_COLOR as Node does it.
  if (io.env.NO_COLOR) return false;
  if (io.env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(io.env.FORCE_COLOR);
  return io.isTTY && io.env.TERM !== 'dumb';
}

function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  // Unset in services and cron, where the reader is a log or a mail: both take UTF-8.
  return !locale || /utf-?8/i.test(locale) || !/^(C|POSIX)$|\./.test(locale);
}

const ASCII: Readonly<Record<string, string>> = {
  '…': '~',
  '–': '-',
  '—': '-',
  '·': '-',
  '›': '>',
  '→': '>',
  '×': 'x',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
};

function toAscii(value: string): string {
  return value.replace(/[^\x20-\x7e\n]/gu, (sign) => ASCII[sign] ?? `\\u{${sign.codePointAt(0)!.toString(16)}}`);
}
