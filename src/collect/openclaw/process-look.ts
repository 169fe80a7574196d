import { opendirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { ProcessTable } from '../../types/collector.ts';
import { type ProcessFact, processKey } from '../../types/process.ts';
import { hasSameCgroupView, isContainer } from './container.ts';
import { createFileView, type FileView } from './file-view.ts';

/** What can be learnt about a possible gateway beyond the process table. Cached: none of it changes in a process. */
export interface ProcessLook {
  /** Its file system; the host's where both are the same. */
  view: FileView;
  /** True when its file system is another one than ours. */
  elsewhere: boolean;
  /** True when we may not look: another user's process. */
  denied: boolean;
  /** Pid in its own pid namespace, which is what its lock file says. */
  innerPid: number;
  /** As OpenClaw decides it, once at its start; `undefined` when we cannot tell. */
  inContainer?: boolean;
}

export interface ProcessLooks {
  of(process: ProcessFact): ProcessLook;
  /** State directory by the files it holds open, for a gateway that nothing else locates. */
  stateDirByOpenFiles(process: ProcessFact): string | undefined;
  /** Forgets processes that are gone. */
  prune(table: ProcessTable): void;
}

/** Open files that are looked at; a gateway has some hundred and opens its database among the first. */
const MAX_FILES = 2_048;
const STATE_FILE =
  /^(\/.+)\/(?:state\/openclaw\.sqlite(?:-wal|-shm)?|tmp\/openclaw(?:-\d+)?\/gateway\.[0-9a-z]+\.lock(?:\.sqlite)?)$/;

export function createProcessLooks(procRoot: string, host: FileView): ProcessLooks {
  const looks = new Map<string, ProcessLook>();
  const openFiles = new Map<string, string | undefined>();

  return {
    of(process) {
      const key = processKey(process);
      const look = looks.get(key) ?? lookAt(process, procRoot, host);
      looks.set(key, look);
      return look;
    },
    stateDirByOpenFiles(process) {
      const key = processKey(process);
      const known = openFiles.get(key);
      if (known !== undefined) return known;
      // Not kept when absent: the gateway may only be starting.
      const found = findStateDir(`${procRoot}/${process.pid}/fd`);
      if (found !== undefined) openFiles.set(key, found);
      return found;
    },
    prune(table) {
      const alive = (key: string) => {
        const [pid, startTicks] = key.split(':').map(Number);
        return table.processes.get(pid!)?.startTicks === startTicks;
      };
      for (const cache of [looks, openFiles]) for (const key of cache.keys()) if (!alive(key)) cache.delete(key);
    },
  };
}

function lookAt(process: ProcessFact, procRoot: string, host: FileView): ProcessLook {
  const root = `${procRoot}/${process.pid}/root`;
  const here = { view: host, elsewhere: false, denied: false, innerPid: process.pid };
  try {
    const theirs = statSync(`${root}/`);
    const ours = statSync(`${host.root}/`);
    const elsewhere = theirs.dev !== ours.dev || theirs.ino !== ours.ino;
    const view = elsewhere ? createFileView(root, 'container') : host;
    const inContainer = isContainer(view, process.markers, hasSameCgroupView(procRoot, process.pid));
    const look = { view, elsewhere, denied: false, innerPid: innermostPid(procRoot, process.pid) };
    return inContainer === undefined ? look : { ...look, inContainer };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return { ...here, denied: code === 'EACCES' || code === 'EPERM' };
  }
}

/** Last number of the `NSpid:` line; the pid itself where there is no such line. */
function innermostPid(procRoot: string, pid: number): number {
  try {
    const status = readFileSync(`${procRoot}/${pid}/status`, 'utf8');
    const inner = /^NSpid:[\t ]*(?:\d+[\t ]+)*(\d+)[\t ]*$/m.exec(status)?.[1];
    return inner === undefined ? pid : Number(inner);
  } catch {
    return pid;
  }
}

function findStateDir(descriptors: string): string | undefined {
  try {
    const directory = opendirSync(descriptors);
    try {
      let count = 0;
      for (
        let entry = directory.readSync();
        entry !== null && count < MAX_FILES;
        entry = directory.readSync(), count++
      ) {
        const found = stateDirOfLink(`${descriptors}/${entry.name}`);
        if (found !== undefined) return found;
      }
    } finally {
      directory.closeSync();
    }
  } catch {
    // Not ours to look at, or gone.
  }
  return undefined;
}

function stateDirOfLink(link: string): string | undefined {
  try {
    return STATE_FILE.exec(readlinkSync(link).replace(/ \(deleted\)$/, ''))?.[1];
  } catch {
    return undefined;
  }
}
