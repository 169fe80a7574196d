import type { SkillFact } from '../../../types/egress.ts';
import type { SkillOrigin } from './origin.ts';
import { hashFile, type Tree, type TreeEntry, treeDigest } from './tree.ts';

/** Hashes of files by path and stamp, so that nothing is read twice while it stays as it is. */
export interface FileHashes {
  /** `undefined`: cannot be read. `'later'`: this look has hashed enough. */
  of(directory: string, entry: TreeEntry): string | 'later' | undefined;
  /** Begins a look with a fresh allowance. */
  begin(): void;
}

/** About 20 ms of hashing; larger skills are compared over several looks. */
const BYTES_PER_LOOK = 8 * 1024 ** 2;
const MAX_KNOWN = 20_000;

export function createFileHashes(): FileHashes {
  const known = new Map<string, { stamp: string; hash: string | undefined }>();
  let allowance = BYTES_PER_LOOK;
  return {
    begin() {
      allowance = BYTES_PER_LOOK;
    },
    of(directory, entry) {
      const path = `${directory}/${entry.path}`;
      const old = known.get(path);
      if (old?.stamp === entry.stamp) return old.hash;
      if (allowance <= 0) return 'later';
      allowance -= entry.size;
      const hash = hashFile(path);
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(path, { stamp: entry.stamp, hash });
      return hash;
    },
  };
}

export type Drift = Pick<SkillFact, 'drift' | 'driftDetail'>;

/**
 * Compares a skill's files with what its installer noted. `none` says that they agree, not that the skill is honest: its
 * note lies in its own folder, and whoever changes the one can change the other. So the note is compared with the
 * workspace's lock file too.
 */
export function driftOf(
  directory: string,
  tree: Tree,
  origin: SkillOrigin | undefined,
  locked: SkillOrigin | undefined,
  hashes: FileHashes,
): Drift {
  if (origin === undefined) return unknown('it has no note of its origin');
  const conflict = contradiction(origin, locked);
  if (conflict !== undefined) return changed(conflict);
  const { skillFile, fileTreeSha256 } = origin;
  if (skillFile === undefined && fileTreeSha256 === undefined) return unknown('its origin note holds no hashes');
  if (skillFile !== undefined) {
    const verdict = skillFileDrift(directory, tree, skillFile, hashes);
    if (verdict !== undefined) return verdict;
  }
  if (fileTreeSha256 === undefined) return { drift: 'none', driftDetail: 'only SKILL.md is compared' };
  return treeDrift(directory, tree, fileTreeSha256, hashes);
}

function contradiction(origin: SkillOrigin, locked: SkillOrigin | undefined): string | undefined {
  if (locked === undefined) return undefined;
  const differs = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
  if (
    differs(origin.fileTreeSha256, locked.fileTreeSha256) ||
    differs(origin.skillFile?.sha256, locked.skillFile?.sha256)
  ) {
    return 'its origin note and the lock file of the workspace name different hashes';
  }
  return undefined;
}

function skillFileDrift(
  directory: string,
  tree: Tree,
  expected: { path: string; sha256: string },
  hashes: FileHashes,
): Drift | undefined {
  const entry = tree.entries.find((one) => one.path === expected.path && one.type === 'file');
  if (entry === undefined) {
    return tree.complete ? changed('the file that was noted at its installation is gone') : unknown(TOO_LARGE);
  }
  const hash = hashes.of(directory, entry);
  if (hash === undefined) return unknown('its SKILL.md cannot be read');
  if (hash === 'later') return unknown(LATER);
  return hash === expected.sha256 ? undefined : changed(`${expected.path} is not as installed`);
}

function treeDrift(directory: string, tree: Tree, expected: string, hashes: FileHashes): Drift {
  // The hash of a tree with such entries does not exist, so they came later.
  const special = tree.entries.find((entry) => entry.type === 'other');
  if (special !== undefined) return changed(`${special.path} is a link or no file; an installed skill has none`);
  if (!tree.complete) return unknown(TOO_LARGE);
  // Backup programs and package stores link files without changing them.
  if (tree.entries.some((entry) => entry.type === 'file' && entry.links > 1)) {
    return unknown('a file of it has a second name elsewhere');
  }
  const known = new Map<string, string>();
  for (const entry of tree.entries) {
    if (entry.type !== 'file') continue;
    const hash = hashes.of(directory, entry);
    if (hash === undefined) return unknown(`${entry.path} cannot be read`);
    if (hash === 'later') return unknown(LATER);
    known.set(entry.path, hash);
  }
  const digest = treeDigest(tree.entries, (path) => known.get(path)!);
  return digest === expected ? { drift: 'none' } : changed('its files are not as installed');
}

const TOO_LARGE = 'it has more files than are compared, or some cannot be read';
const LATER = 'its files are still being compared';

function changed(detail: string): Drift {
  return { drift: 'changed', driftDetail: detail };
}

function unknown(detail: string): Drift {
  return { drift: 'unknown', driftDetail: detail };
}
