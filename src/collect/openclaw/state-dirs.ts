import type { FileView } from './file-view.ts';
import type { Home } from './homes.ts';
import { LOCK_FILE_NAME, type LockReading, readLockFile } from './lock-file.ts';
import { createFileMemo } from './memo.ts';
import { normalizeProfile } from './profile-port.ts';

/** A directory in which a gateway keeps its state. */
export interface StateDir {
  view: FileView;
  path: string;
  /** Same for two names of one directory: an old `~/.clawdbot` linked to `~/.openclaw`, or a bind mount in a container. */
  identity: string;
  uid: number;
  /** By the directory's name; `undefined` for the default profile and for directories with other names. */
  profile?: string;
  home?: string;
  locks: LockReading[];
}

/** Names that OpenClaw has used, newest first; old ones count while they exist. */
const FIXED_NAMES = ['.openclaw', '.clawdbot', '.moltbot'];
const PROFILE_DIRECTORY = /^\.openclaw-(.+)$/;

const MAX_HOME_ENTRIES = 8_192;
const MAX_PROFILES = 64;
const MAX_LOCK_DIRECTORIES = 8;
const MAX_LOCKS = 16;

/** Finds state directories and the locks in them. */
export interface StateDirs {
  /** @param extra directories named by a process, a unit or our own environment; relative ones are left out. */
  list(view: FileView, homes: readonly Home[], extra: Iterable<string>): StateDir[];
}

/** @param tmpDir where builds before the state directory's own `tmp` wrote their locks. */
export function createStateDirs(tmpDir = '/tmp'): StateDirs {
  const profiles = createFileMemo<string[]>();
  const lockDirectories = createFileMemo<string[]>();
  const lockNames = createFileMemo<string[]>();
  const locks = createFileMemo<LockReading | undefined>();

  /** Names of state directories in a home, by its listing; where it cannot be listed whole, by trying the fixed ones. */
  function inHome(view: FileView, home: Home): string[] {
    if (!home.readable) return [];
    const compute = () => {
      const listed = namesIn(view, home.path, MAX_HOME_ENTRIES);
      const isWhole = listed.length > 0 && listed.length < MAX_HOME_ENTRIES;
      const named = listed.filter((name) => normalizeProfile(PROFILE_DIRECTORY.exec(name)?.[1]) !== undefined);
      const fixed = isWhole ? FIXED_NAMES.filter((name) => listed.includes(name)) : FIXED_NAMES;
      return [...fixed, ...named.slice(0, MAX_PROFILES)];
    };
    const names =
      home.stamp === undefined
        ? profiles.get(home.path, view, [home.path], compute)
        : profiles.getAt(home.path, view, home.stamp, compute);
    return names.map((name) => `${home.path}/${name}`);
  }

  function locksIn(view: FileView, directory: string): LockReading[] {
    const found = lockNames.get(directory, view, [directory], () =>
      namesIn(view, directory, 1_024)
        .filter((name) => LOCK_FILE_NAME.test(name))
        .slice(0, MAX_LOCKS),
    );
    return found.flatMap((name) => {
      const path = `${directory}/${name}`;
      return locks.get(path, view, [path], () => readLockFile(view, path)) ?? [];
    });
  }

  function locksOf(view: FileView, path: string, uid: number): LockReading[] {
    const own = lockDirectories.get(path, view, [`${path}/tmp`], () =>
      namesIn(view, `${path}/tmp`, 1_024)
        .filter((name) => /^openclaw(?:-\d+)?$/.test(name))
        .slice(0, MAX_LOCK_DIRECTORIES)
        .map((name) => `${path}/tmp/${name}`),
    );
    // The old place is shared by all state directories of a user: only locks that name this one belong here.
    const shared = locksIn(view, `${tmpDir}/openclaw-${uid}`).filter((lock) => stateDirOf(lock) === path);
    return [...own.flatMap((directory) => locksIn(view, directory)), ...shared];
  }

  return {
    list(view, homes, extra) {
      const found = new Map<string, StateDir>();
      const add = (path: string, home?: string) => {
        const stamp = view.stat(path);
        if (typeof stamp === 'string' || stamp.kind !== 'directory' || found.has(stamp.identity)) return;
        const profile = normalizeProfile(PROFILE_DIRECTORY.exec(path.slice(path.lastIndexOf('/') + 1))?.[1]);
        found.set(stamp.identity, {
          view,
          path,
          identity: stamp.identity,
          uid: stamp.uid,
          ...(profile === undefined ? {} : { profile }),
          ...(home === undefined ? {} : { home }),
          locks: locksOf(view, path, stamp.uid),
        });
      };
      for (const home of homes) for (const path of inHome(view, home)) add(path, home.path);
      for (const path of extra) if (isPlainAbsolute(path)) add(path.replace(/\/+$/, ''));
      return [...found.values()];
    },
  };
}

function namesIn(view: FileView, directory: string, limit: number): string[] {
  const listed = view.list(directory, limit);
  return typeof listed === 'string' ? [] : listed;
}

/** Locks of old builds name their configuration only; it lies in the state directory. */
function stateDirOf(lock: LockReading): string | undefined {
  return lock.stateDir ?? lock.configPath?.replace(/\/[^/]*$/, '');
}

/** A path as a process names it: absolute, of sane length, no NUL. Everything else is not looked for. */
export function isPlainAbsolute(path: string): boolean {
  return path.startsWith('/') && path.length > 1 && path.length < 4_096 && !path.includes('\0');
}
