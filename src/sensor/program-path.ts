import { lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

/** Something of the program that an ordinary user could change, and so make root run. */
export interface UnsafePath {
  path: string;
  /** One clause. */
  why: string;
}

/** What is looked at, so that tests need not be root to have files of root. */
export type LookAtPath = (path: string) => Pick<Stats, 'uid' | 'mode'> & { kind: 'file' | 'folder' | 'link' | 'other' };

const MAX_ENTRIES = 50_000;
/** Parts of a checkout that the sensor never loads. */
const NOT_LOADED: ReadonlySet<string> = new Set(['.git', 'test', 'bench', 'docs', 'coverage', '.cache']);

/**
 * The first of these files, of what lies below the folders, or of all their parents, that anybody but root can write.
 * Group rights count whatever the group: with access control lists they stand for single users as well. Sticky folders
 * such as /tmp count too: whoever may add a file beside ours may add one that is loaded.
 */
export function findUnsafePath(
  program: { files: readonly string[]; folders: readonly string[] },
  look: LookAtPath = lookAt,
): UnsafePath | undefined {
  const checked = new Set<string>();
  const entered = new Set<string>();
  const places = [...program.files, ...program.folders];
  for (const place of places) {
    const unsafe = unsafeOnTheWay(place, checked, look);
    if (unsafe !== undefined) return unsafe;
  }
  for (const folder of program.folders) {
    const unsafe = unsafeBelow(folder, checked, entered, look);
    if (unsafe !== undefined) return unsafe;
  }
  return undefined;
}

/** The path itself and all its parents, as written and as it is once links are followed. */
function unsafeOnTheWay(path: string, checked: Set<string>, look: LookAtPath): UnsafePath | undefined {
  const ways = [path];
  try {
    ways.push(realpathSync(path));
  } catch {
    return { path, why: 'does not exist' };
  }
  for (const way of ways) {
    for (let step = way; ; step = dirname(step)) {
      const unsafe = checked.has(step) ? undefined : unsafeStep(step, look);
      if (unsafe !== undefined) return unsafe;
      checked.add(step);
      if (step === dirname(step)) break;
    }
  }
  return undefined;
}

/** `checked` are single steps, `entered` are folders all of whose content was looked at or waits for it. */
function unsafeBelow(
  folder: string,
  checked: Set<string>,
  entered: Set<string>,
  look: LookAtPath,
): UnsafePath | undefined {
  const waiting: string[] = [];
  function enter(path: string): void {
    if (entered.has(path)) return;
    entered.add(path);
    waiting.push(path);
  }

  enter(folder);
  for (let count = 0; waiting.length > 0; ) {
    const current = waiting.pop()!;
    for (const name of readdirSync(current)) {
      if (NOT_LOADED.has(name) && current === folder) continue;
      if (++count > MAX_ENTRIES) return { path: folder, why: 'has more files than can be checked' };
      const path = join(current, name);
      const unsafe = checked.has(path) ? undefined : unsafeStep(path, look);
      if (unsafe !== undefined) return unsafe;
      checked.add(path);
      const { kind } = look(path);
      if (kind === 'folder') enter(path);
      else if (kind === 'link') {
        const beyond = unsafeOnTheWay(path, checked, look);
        if (beyond?.why === 'does not exist') continue;
        if (beyond !== undefined) return beyond;
        // What is loaded through the link lies there.
        const target = realpathSync(path);
        if (look(target).kind === 'folder') enter(target);
      }
    }
  }
  return undefined;
}

function unsafeStep(path: string, look: LookAtPath): UnsafePath | undefined {
  const { uid, mode, kind } = look(path);
  if (uid !== 0) return { path, why: `belongs to uid ${uid}` };
  // The mode of a link means nothing; whoever can replace it can write its folder.
  if (kind !== 'link' && (mode & 0o022) !== 0)
    return { path, why: `can be written by others (mode ${(mode & 0o7777).toString(8)})` };
  return undefined;
}

function lookAt(path: string): ReturnType<LookAtPath> {
  const stats = lstatSync(path);
  const kind = stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
  return { uid: stats.uid, mode: stats.mode, kind };
}
