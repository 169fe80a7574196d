import type { Fix } from '../types/finding.ts';
import type { Paint } from './paint.ts';
import { displayWidth, pad, wrap } from './width.ts';

/** Width of the left column, where verdicts, severities and labels stand. */
export const LABEL = 10;

/** A label and text beside it, wrapped under itself. The text is inert already. */
export function labelled(label: string, text: string, paint: Paint, style?: Parameters<Paint['style']>[0]): string[] {
  const lines = wrap(paint.own(text), paint.width - LABEL);
  const shown = pad(label, LABEL);
  return lines.map((line, index) => (index > 0 ? ' '.repeat(LABEL) : style ? paint.style(style, shown) : shown) + line);
}

/** Text on the left and a short one at the right edge; on a line of its own where there is no room. */
export function withRight(lines: readonly string[], right: string, paint: Paint, indent: number): string[] {
  const last = lines.at(-1) ?? '';
  const room = paint.width - displayWidth(stripStyle(last)) - displayWidth(right);
  if (room >= 2) return [...lines.slice(0, -1), last + ' '.repeat(room) + right];
  return [...lines, ...wrap(right, paint.width - indent).map((line) => ' '.repeat(indent) + line)];
}

/** What to do: the sentence wrapped, the command so that it can be copied as it stands. */
export function fixLines(fix: Fix, paint: Paint, label = '  fix'): string[] {
  const sentence = labelled(label, paint.text(fix.text, 500), paint);
  return fix.command ? [...sentence, ...commandLines(fix.command, paint)] : sentence;
}

/**
 * A command, continued with a backslash between words where it is longer than the line, so that a copy of all its lines
 * still runs. One single word longer than a line stays whole: a cut path would be a wrong path.
 */
export function commandLines(command: string, paint: Paint): string[] {
  const indent = ' '.repeat(LABEL);
  const room = paint.width - LABEL - 2;
  const lines: string[] = [];
  let line = '';
  for (const word of shellWords(paint.text(command, 0))) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > room) {
      lines.push(`${indent}${line} \\`);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}

// Quoted parts stay together; a backslash inside single quotes would not continue the line.
function shellWords(command: string): string[] {
  return command.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\]|['"\\])+/g) ?? [];
}

function stripStyle(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
