import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { createRequire } from 'node:module';
import { UserError } from '../types/error.ts';
import { safeText, shellQuote } from '../types/text.ts';

const LARGEST_BYTES = 1024 * 1024;

/**
 * Reads the configuration file, or `undefined` when it is not there. Everything else is refused with a `UserError`
 * instead of being guessed at: options that somebody else can write would let a skill switch the watchdog's eyes off,
 * and a half-read file would do so by accident.
 *
 * @param uid our own user id; `undefined` on systems without user ids, where owner and mode are not checked.
 */
export function readConfigFile(path: string, uid: number | undefined): Record<string, unknown> | undefined {
  const text = readTrusted(path, uid);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    // Loaded here and not above: without a file, which is the usual case, its cost is saved.
    value = (createRequire(import.meta.url)('json5') as { parse(text: string): unknown }).parse(text);
  } catch (error) {
    throw new UserError(
      `${safeText(path)} is not JSON5: ${safeText((error as Error).message.replace(/^JSON5: /, ''))}`,
      {
        hint: 'correct that place; docs/config.md shows a whole file',
        cause: error,
      },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError(`${safeText(path)} does not hold an object`, { hint: 'write { option: value, … }' });
  }
  return value as Record<string, unknown>;
}

function readTrusted(path: string, uid: number | undefined): string | undefined {
  let file: number;
  try {
    // Not blocking: somebody's FIFO in this place must not hang the start.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UserError(`cannot read ${safeText(path)} (${code})`, {
      hint: 'make it readable, or name another with --config',
      cause: error,
    });
  }
  try {
    const stats = fstatSync(file);
    refuseUntrusted(path, stats, uid);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function refuseUntrusted(path: string, stats: Stats, uid: number | undefined): void {
  const name = safeText(path);
  if (!stats.isFile()) throw new UserError(`${name} is not a regular file`, { hint: 'name a file with --config' });
  if (stats.size > LARGEST_BYTES)
    throw new UserError(`${name} is larger than 1 MiB`, { hint: 'name the right file with --config' });
  if (uid === undefined) return;
  if (stats.uid !== uid && stats.uid !== 0) {
    throw new UserError(`${name} belongs to user ${stats.uid}, who could change what ClawWatch looks at`, {
      hint: `chown ${uid} ${shellQuote(path)}`,
    });
  }
  // The group counts for root alone: with a private group per user, 0664 is what many systems create.
  if ((stats.mode & 0o002) !== 0 || (uid === 0 && stats.gid !== 0 && (stats.mode & 0o020) !== 0)) {
    throw new UserError(`${name} can be written by others`, { hint: `chmod go-w ${shellQuote(path)}` });
  }
}
