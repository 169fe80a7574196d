/**
 * Text from outside, made inert for any terminal, chat message or log line.
 *
 * A skill chooses its process name, arguments, file and host names. With them an attacker would move the cursor, colour
 * a line green, forge a second line, reverse the reading order or hide characters. So nothing but visible characters
 * leaves this function: controls (C0, DEL, C1), line and paragraph separators, bidi controls, zero-width characters,
 * unassigned, private and surrogate code points, and everything beyond the basic plane (blessed draws ghosts there)
 * become a visible escape such as `\x1b` or `\u{202e}`.
 *
 * @param maxLength characters of the result, the ellipsis included; 0 for no limit.
 */
export function safeText(value: string, maxLength = 200): string {
  // Cut first: 64 KiB of argv must not cost a regular expression over 64 KiB for each drawn frame.
  const limited = maxLength > 0 && value.length > maxLength * 2 ? value.slice(0, maxLength * 2) : value;
  const inert = limited.replace(UNSAFE, escapeCharacter);
  if (maxLength === 0 || inert.length <= maxLength) return inert;
  return `${inert.slice(0, Math.max(0, maxLength - 1))}…`;
}

// \p{C}: control, format (bidi, zero-width), surrogate, private use, unassigned. \p{Zl}, \p{Zp}: line separators.
// Default-ignorable: variation selectors, fillers and joiners that are letters or marks by category yet draw nothing.
const UNSAFE = /\p{C}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}|[\u{10000}-\u{10ffff}]/gu;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** A word for a POSIX shell, quoted where needed, for commands that a person copies. Controls are refused, not quoted. */
export function shellQuote(word: string): string {
  if (safeText(word, 0) !== word) return "'(text with control characters: see the JSON output)'";
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
