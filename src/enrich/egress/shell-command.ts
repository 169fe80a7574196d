import { posix } from 'node:path';

/** How well a shell's command fits a recorded one. `partial`: what was cut off or blotted out cannot be compared. */
export type CommandMatch = 'exact' | 'partial';

// OpenClaw 2026.9.6 wraps a command twice: `eval '…'` behind its shell snapshot, and this behind a changed PATH.
// biome-ignore lint/suspicious/noTemplateCurlyInString: text of a shell, not of this program
const PATH_PREFIX = 'export PATH="${OPENCLAW_PREPEND_PATH}${PATH:+:$PATH}"; unset OPENCLAW_PREPEND_PATH; ';

/** Commands are recorded up to here. */
const RECORDED_CHARACTERS = 4_096;
/** What OpenClaw writes in its record in place of a secret. */
const BLOT = '***';
/** Fewer certain characters than this between blots prove nothing. */
const MIN_CERTAIN = 8;

const SHELL = /^(?:ba|z|da|k|fi|a)?sh$/;

/** The command that a shell of the exec tool was given, without OpenClaw's wrapping; `undefined` for other processes. */
export function commandOfShell(argv: readonly string[]): string | undefined {
  if (!SHELL.test(posix.basename(argv[0] ?? ''))) return undefined;
  const at = argv.findIndex((argument, index) => index > 0 && /^-[a-z]*c$/.test(argument));
  const text = at < 0 || at > 3 ? undefined : argv[at + 1];
  if (text === undefined) return undefined;
  const inner = unwrapEval(text.trimEnd());
  return inner.startsWith(PATH_PREFIX) ? inner.slice(PATH_PREFIX.length) : inner;
}

/** The argument of the `eval` that follows the snapshot. The command may hold an `eval` of its own, so it is the first. */
function unwrapEval(text: string): string {
  if (!text.startsWith('if [ -r ')) return text;
  const quoted = /(?:^|\s)eval '/.exec(text);
  if (quoted === null) return text;
  const from = quoted.index + quoted[0].length;
  // A quote inside is written '\'' and the last one closes; a cut argument has none.
  const end = text.endsWith("'") && text.length > from ? text.length - 1 : text.length;
  return text.slice(from, end).replaceAll("'\\''", "'");
}

/** True when a record may fit a command that is not letter by letter the same. */
export function isLoose(recorded: string): boolean {
  return recorded.length >= RECORDED_CHARACTERS || recorded.includes(BLOT);
}

/** Compares a shell's command with a recorded one. Linear, whatever both hold. */
export function matchCommand(command: string, recorded: string): CommandMatch | undefined {
  if (recorded.trim() === '') return undefined;
  if (command.trimEnd() === recorded.trimEnd()) return 'exact';
  const isCut = recorded.length >= RECORDED_CHARACTERS;
  if (!recorded.includes(BLOT)) return isCut && command.startsWith(recorded) ? 'partial' : undefined;
  return fitsAround(command.trimEnd(), recorded.trimEnd().split(/\*{3,}/), isCut) ? 'partial' : undefined;
}

function fitsAround(command: string, pieces: readonly string[], isCut: boolean): boolean {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (pieces.reduce((sum, piece) => sum + piece.trim().length, 0) < MIN_CERTAIN) return false;
  if (!command.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, isCut ? undefined : -1)) {
    const found = command.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return isCut || (command.length - last.length >= at && command.endsWith(last));
}
