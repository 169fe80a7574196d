// East Asian wide and full-width blocks of the basic plane (Unicode TR 11); the planes beyond it never pass `safeText`.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /\p{Mn}|\p{Me}/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text takes in a terminal. The text has been through `safeText`, so it holds no controls. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character <= '~') return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The text in at most `width` columns, with `mark` in the place of what was cut off. */
export function cut(text: string, width: number, mark: string): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(mark);
  return room < 0 ? '' : take(text, room) + mark;
}

/** The text filled up to `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Lines of at most `width` columns, broken at spaces; a word that is longer than a line is broken anywhere. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let space = '';
  for (const piece of text.match(/ +|[^ ]+/g) ?? []) {
    if (piece.startsWith(' ')) {
      space = piece;
      continue;
    }
    let word = piece;
    if (line !== '' && displayWidth(line + space + word) <= width) {
      line += space + word;
      continue;
    }
    if (line !== '') lines.push(line);
    while (displayWidth(word) > width) {
      const head = take(word, width) || word.slice(0, 1);
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** As much of the beginning as fits. */
function take(text: string, width: number): string {
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}
