import { EXIT, type ExitCode, UserError } from '../types/error.ts';
import { safeText, shellQuote } from '../types/text.ts';

/** Why the database cannot be used, for the person who has to do something about it. */
export interface StorageProblem {
  /** SQLite's name (`SQLITE_FULL`), or `UNUSABLE` when the store itself refused. */
  code: string;
  message: string;
  hint: string;
  /** With which a command ends that could do nothing else: 2 the place is not to be trusted, 4, 78 no SQLite here. */
  exitCode: ExitCode;
  /** True when a new handle is needed before it can get better. */
  reopen: boolean;
}

const MEANINGS: Readonly<Record<string, { what: string; hint: (path: string) => string; reopen?: boolean }>> = {
  SQLITE_FULL: {
    what: 'the disk that holds it is full',
    hint: (path) => `make room: df -h ${shellQuote(directory(path))}`,
  },
  SQLITE_CORRUPT: { what: 'it is damaged', hint: moveAway, reopen: true },
  SQLITE_NOTADB: { what: 'it is not a SQLite database', hint: moveAway, reopen: true },
  SQLITE_IOERR: {
    what: 'reading or writing it failed',
    hint: () => 'look for disk errors: dmesg | tail',
    reopen: true,
  },
  SQLITE_CANTOPEN: { what: 'it cannot be opened', hint: rights, reopen: true },
  SQLITE_READONLY: { what: 'it cannot be written', hint: rights, reopen: true },
  SQLITE_PERM: { what: 'we may not open it', hint: rights, reopen: true },
  SQLITE_AUTH: { what: 'we may not open it', hint: rights, reopen: true },
  SQLITE_BUSY: { what: 'another process holds it', hint: (path) => `see who: fuser -v ${shellQuote(path)}` },
  SQLITE_LOCKED: { what: 'another process holds it', hint: (path) => `see who: fuser -v ${shellQuote(path)}` },
};

/**
 * The problem behind an error of the store, or `undefined` when the error is a bug of ours and must keep its stack.
 * SQLite's extended codes (`SQLITE_IOERR_WRITE`) count as their family.
 */
export function storageProblem(error: unknown, path: string): StorageProblem | undefined {
  const code = sqliteCode(error) ?? sqliteCode((error as Error | undefined)?.cause);
  const family = code && Object.keys(MEANINGS).find((name) => code === name || code.startsWith(`${name}_`));
  if (error instanceof UserError) {
    return {
      code: family ?? 'UNUSABLE',
      message: error.message,
      hint: error.hint,
      exitCode: error.exitCode,
      reopen: family !== 'SQLITE_FULL',
    };
  }
  if (!family) return undefined;
  const meaning = MEANINGS[family]!;
  return {
    code: family,
    message: `database ${safeText(path)}: ${meaning.what}`,
    hint: meaning.hint(path),
    exitCode: EXIT.internal,
    reopen: meaning.reopen ?? false,
  };
}

function sqliteCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

function moveAway(path: string): string {
  return `move it away, a new one is begun: mv ${shellQuote(path)} ${shellQuote(`${path}.damaged`)}`;
}

function rights(path: string): string {
  return `check owner and mode: ls -ld ${shellQuote(directory(path))} ${shellQuote(path)}`;
}

function directory(path: string): string {
  return path.replace(/\/[^/]*$/, '') || '/';
}
