import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACK_LIMITS, PackError, packText } from './pack.ts';

/** Packs that are read from the folder; more is a mistake or a flood. */
export const MAX_PACKS = 8;
const NAME = /^[a-z0-9][a-z0-9-]{0,39}\.json$/;

/** `$XDG_DATA_HOME/clawwatch/intel`; XDG says that a relative value is to be ignored. */
export function intelFolder(env: NodeJS.ProcessEnv, home: string): string {
  const base = env.XDG_DATA_HOME;
  return join(base?.startsWith('/') ? base : join(home, '.local', 'share'), 'clawwatch', 'intel');
}

export interface StoredPack {
  /** Name without `.json`. */
  name: string;
  text: string;
}

export interface StoredPacks {
  packs: StoredPack[];
  /** Names of packs that are there and could not be read. */
  unread: string[];
  /** What could not be used and why, one sentence each. */
  problems: string[];
}

/** The packs in the folder; an absent folder holds none. A file that somebody else could have written is not read. */
export function readStoredPacks(folder: string): StoredPacks {
  let names: string[];
  try {
    const problem = folderProblem(folder);
    if (problem !== undefined) return { packs: [], unread: [], problems: [problem] };
    names = readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problems = code === 'ENOENT' ? [] : [`the folder of packs cannot be read (${code})`];
    return { packs: [], unread: [], problems };
  }
  const packs: StoredPack[] = [];
  const unread: string[] = [];
  const problems = names.length > MAX_PACKS ? [`only the first ${MAX_PACKS} of ${names.length} packs are read`] : [];
  for (const name of names.slice(0, MAX_PACKS)) {
    try {
      packs.push({ name: name.slice(0, -5), text: packText(readPackFile(join(folder, name), true)) });
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      unread.push(name.slice(0, -5));
      problems.push(`pack ${name.slice(0, -5)} is not used: ${error.message}`);
    }
  }
  return { packs, unread, problems };
}

/** Why the folder is not to be trusted; throws when it is not there. */
export function folderProblem(folder: string): string | undefined {
  const facts = lstatSync(folder);
  if (!facts.isDirectory()) return 'the place of the packs is no folder of its own';
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  if (facts.uid !== uid && facts.uid !== 0) return `the folder of packs belongs to user ${facts.uid}`;
  return (facts.mode & 0o022) === 0 ? undefined : 'the folder of packs can be written by others';
}

/**
 * A small regular file. `trusted`: only ours or root's, and not writable by others.
 *
 * @throws PackError with the reason.
 */
export function readPackFile(path: string, trusted: boolean): Buffer {
  let file: number;
  try {
    // Not blocking: a FIFO in this place must not hang the start. No link: it was put there by somebody else.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (trusted ? constants.O_NOFOLLOW : 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PackError(code === 'ELOOP' ? 'it is a symbolic link' : `it cannot be opened (${code ?? 'error'})`);
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) throw new PackError('it is no regular file');
    if (facts.size > PACK_LIMITS.bytes) throw new PackError('it is larger than 16 MiB');
    const uid = process.getuid?.();
    if (trusted && uid !== undefined) {
      if (facts.uid !== uid && facts.uid !== 0) throw new PackError(`it belongs to user ${facts.uid}`);
      if ((facts.mode & 0o022) !== 0) throw new PackError('it can be written by others');
    }
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
