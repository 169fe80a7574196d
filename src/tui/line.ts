import { cut, displayWidth, pad } from '../cli/width.ts';

/** What a piece of text means; the screen decides what that looks like. Colour never says anything alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong' | 'accent' | 'fresh' | 'selected';

/** A piece of inert text. */
export interface Span {
  text: string;
  tone?: Tone;
}

/** One line of the screen. */
export type Line = readonly Span[];

export function span(text: string, tone?: Tone): Span {
  return tone === undefined ? { text } : { text, tone };
}

export function plain(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** The line in exactly `width` columns: cut with `mark`, or filled with blanks. */
export function fit(line: Line, width: number, mark: string): Line {
  const used = line.reduce((sum, { text }) => sum + displayWidth(text), 0);
  if (used === width) return line;
  if (used < width)
    return [...line, span(' '.repeat(width - used), line.at(-1)?.tone === 'selected' ? 'selected' : undefined)];
  const fitted: Span[] = [];
  let room = width;
  for (const piece of line) {
    const needs = displayWidth(piece.text);
    if (needs < room) {
      fitted.push(piece);
      room -= needs;
      continue;
    }
    const shown = cut(piece.text, room - displayWidth(mark), '') + mark;
    // A wide character at the edge leaves one column.
    fitted.push({ ...piece, text: pad(takeColumns(shown, room), room) });
    break;
  }
  return fitted;
}

function takeColumns(text: string, room: number): string {
  return displayWidth(text) <= room ? text : cut(text, room, '');
}

/** Two ends of a line with blanks between; the right one is dropped where there is no room. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - displayWidth(plain(left)) - displayWidth(plain(right));
  return room < 1 ? left : [...left, span(' '.repeat(room)), ...right];
}

/** The whole line in one tone. */
export function toned(line: Line, tone: Tone): Line {
  return line.map(({ text }) => span(text, tone));
}
