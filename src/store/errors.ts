import { EXIT, UserError } from '../types/error.ts';
import { shellQuote } from '../types/text.ts';

/**
 * Turns what SQLite and the file system say into one line and a hint. Anything else is a bug and comes back as it is.
 * A damaged file is never recreated: it may hold the only trace of what happened, so a person moves it aside.
 */
export function storeError(error: unknown, path: string): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return error;
  for (const [pattern, explain] of ANSWERS) {
    if (pattern.test(code)) {
      const [message, hint] = explain(path);
      return new UserError(message, { hint, exitCode: EXIT.internal, cause: error });
    }
  }
  return error;
}

/** A database that cannot be trusted any more. */
export function damaged(path: string, what: string, cause?: unknown): UserError {
  return new UserError(`the record is damaged (${what}): ${path}`, {
    hint: moveAside(path),
    exitCode: EXIT.internal,
    cause,
  });
}

/** Reads a stored JSON text; what does not parse was damaged on disk, since nothing else is ever written. */
export function parsePayload<Value>(text: string, path: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    throw damaged(path, 'a stored value is unreadable', error);
  }
}

function moveAside(path: string): string {
  const word = shellQuote(path);
  return `keep it for inspection and start a new one: mv ${word} ${shellQuote(`${path}.corrupt`)}; rm -f ${shellQuote(`${path}-wal`)} ${shellQuote(`${path}-shm`)}`;
}

const ANSWERS: [RegExp, (path: string) => [string, string]][] = [
  [/^SQLITE_NOTADB/, (path) => [`not a ClawWatch record: ${path}`, moveAside(path)]],
  [/^SQLITE_CORRUPT/, (path) => [`the record is damaged: ${path}`, moveAside(path)]],
  [
    /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    (path) => [
      `the disk is full, this look was not recorded: ${path}`,
      'free some space; the next look is recorded again',
    ],
  ],
  [
    /^SQLITE_(BUSY|LOCKED)/,
    (path) => [
      `another process holds the record: ${path}`,
      `wait for it or end it; see who it is: fuser -v ${shellQuote(path)}`,
    ],
  ],
  [
    /^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|EACCES|EPERM|EROFS|ENOTDIR)/,
    (path) => [
      `the record cannot be opened: ${path}`,
      'check that its directory exists and is yours to read and write',
    ],
  ],
  [
    /^(SQLITE_IOERR|EIO)/,
    (path) => [
      `the disk did not read or write the record: ${path}`,
      'check the disk and its mount (dmesg), then try again',
    ],
  ],
];
