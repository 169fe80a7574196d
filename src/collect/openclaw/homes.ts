import type { FileStamp, FileView } from './file-view.ts';
import { createFileMemo, type FileMemo } from './memo.ts';

/** A home directory in which a gateway may live. */
export interface Home {
  path: string;
  /** Owner of the directory. */
  uid?: number;
  /** False when we may not even look for the state directory in it. */
  readable: boolean;
  /** State of the directory: changes when a name in it comes or goes. */
  stamp?: string;
}

export interface HomesOptions {
  /** Only these, instead of `/etc/passwd`, `/home/*` and `/root`. */
  homes?: readonly string[];
  /** Home of the user who runs ClawWatch; first in the order. */
  ownHome?: string;
}

/** Directories of `/home` and lines of `/etc/passwd` that are looked at: a directory server can have thousands. */
const MAX_HOMES = 256;

/** Service accounts without a home of their own. */
const NO_HOME = /^\/(?:|nonexistent|dev\/null|bin|sbin|usr\/.*|proc|proc\/.*|sys\/.*|dev\/.*)$/;

/** Finds the homes of one file system; repeated calls cost one `stat` for each home. */
export function createHomes(options: HomesOptions = {}): { list(view: FileView): Home[] } {
  const passwd = createFileMemo<string[]>();
  const children = createFileMemo<string[]>();
  const readable = createFileMemo<boolean>();

  function discovered(view: FileView): string[] {
    const fromPasswd = passwd.get('passwd', view, ['/etc/passwd'], () => {
      const reading = view.read('/etc/passwd', 1_048_576);
      return reading.ok ? parsePasswdHomes(reading.text) : [];
    });
    const fromHome = children.get('home', view, ['/home'], () => {
      const listed = view.list('/home', MAX_HOMES);
      return typeof listed === 'string' ? [] : listed.map((name) => `/home/${name}`);
    });
    return ['/root', ...fromHome, ...fromPasswd];
  }

  return {
    list(view) {
      const own = options.ownHome !== undefined && view.place === 'host' ? [options.ownHome] : [];
      const paths = options.homes ?? [...own, ...discovered(view)];
      const seen = new Set<string>();
      const homes: Home[] = [];
      for (const path of paths) {
        if (homes.length >= MAX_HOMES || !path.startsWith('/')) continue;
        const stamp = view.stat(path);
        if (stamp === 'missing') continue;
        const identity = typeof stamp === 'string' ? path : stamp.identity;
        if (seen.has(identity)) continue;
        seen.add(identity);
        homes.push(homeOf(view, path, stamp, readable));
      }
      return homes;
    },
  };
}

function homeOf(view: FileView, path: string, stamp: FileStamp | 'denied', memo: FileMemo<boolean>): Home {
  if (stamp === 'denied') return { path, readable: false };
  const isOpen = () => stamp.kind === 'directory' && view.stat(`${path}/.openclaw`) !== 'denied';
  return { path, uid: stamp.uid, readable: memo.getAt(path, view, stamp.key, isOpen), stamp: stamp.key };
}

/** Sixth field of each line; system directories that are nobody's home are left out. */
export function parsePasswdHomes(text: string): string[] {
  const homes = text
    .split('\n')
    .map((line) => line.split(':')[5])
    .filter((home): home is string => home?.startsWith('/') === true && home.length < 1_024 && !NO_HOME.test(home));
  return [...new Set(homes)].slice(0, MAX_HOMES);
}
