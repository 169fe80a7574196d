import { readlinkSync } from 'node:fs';
import type { ProcessFact } from '../../types/process.ts';
import { parseCgroup } from './cgroup.ts';
import { parseCmdline } from './cmdline.ts';
import { scanEnviron } from './environ.ts';
import { createFileReader, errorCode, isDenied } from './file-reader.ts';
import { readNetns } from './netns.ts';
import { parseStat, type StatFields } from './stat.ts';

/** A process as read, with what decides when to read it again. */
export interface ReadProcess {
  fact: ProcessFact;
  zombie: boolean;
  kernelThread: boolean;
  /** True when a right was missing for program, working directory or environment. */
  denied: boolean;
}

/** Reads single processes below `procRoot`. Every function returns `undefined` when the process is gone. */
export interface ProcessReader {
  /** `denied` when the process is there and may not be looked at (hidepid=1). */
  stat(pid: number): StatFields | 'denied' | undefined;
  /** Everything, given a fresh `stat`. `previous` fills what a zombie has lost. */
  details(stat: StatFields, uid: number, previous?: ReadProcess): ReadProcess;
  /** Only what tells that a process has become another program or moved: arguments, program, namespace. */
  isSame(stat: StatFields, known: ProcessFact): boolean;
}

// argv is shown and searched, never stored whole elsewhere; 64 KiB and more is only ever an attack on readers.
const CMDLINE_LIMIT = 32 * 1024;
// The kernel's own limit for arguments and environment together is 2 MiB with the usual stack limit.
const ENVIRON_LIMIT = 2 * 1024 * 1024;

export function createProcessReader(
  procRoot: string,
  startedAt: (startTicks: number) => number | undefined,
): ProcessReader {
  const files = createFileReader();
  // A second one, because an environment is wiped after use and the sweep costs by the size of the buffer.
  const secrets = createFileReader();

  function argv(pid: number): string[] {
    const length = files.read(`${procRoot}/${pid}/cmdline`, CMDLINE_LIMIT);
    return length <= 0 ? [] : parseCmdline(files.buffer, length);
  }

  function link(pid: number, name: 'exe' | 'cwd'): { target?: string; denied?: true } {
    try {
      return { target: readlinkSync(`${procRoot}/${pid}/${name}`) };
    } catch (error) {
      return isDenied(errorCode(error)) ? { denied: true } : {};
    }
  }

  function environ(pid: number): { markers: Record<string, string>; unread: boolean; denied: boolean } {
    const length = secrets.read(`${procRoot}/${pid}/environ`, ENVIRON_LIMIT);
    const markers = length > 0 ? scanEnviron(secrets.buffer, length) : {};
    secrets.wipe();
    // Nothing at all is what a process shows that has ended or wiped the area: no proof of no markers.
    if (length <= 0) return { markers, unread: true, denied: length < 0 && isDenied(secrets.code) };
    return { markers, unread: secrets.truncated, denied: false };
  }

  function cgroup(pid: number): string | undefined {
    const length = files.read(`${procRoot}/${pid}/cgroup`);
    return length < 0 ? undefined : parseCgroup(files.buffer.toString('utf8', 0, length));
  }

  function basics(stat: StatFields, uid: number): ProcessFact {
    const { pid, startTicks, ppid, pgid, sid, comm } = stat;
    const at = startedAt(startTicks);
    return {
      pid,
      startTicks,
      ...(at === undefined ? {} : { startedAt: at }),
      ppid,
      pgid,
      sid,
      uid,
      comm,
      argv: [],
      markers: {},
    };
  }

  function details(stat: StatFields, uid: number, previous?: ReadProcess): ReadProcess {
    const fact = basics(stat, uid);
    const zombie = stat.state === 'Z' || stat.state === 'X';
    const read: ReadProcess = { fact, zombie, kernelThread: stat.kernelThread, denied: false };
    if (stat.kernelThread) return read;
    if (zombie && previous !== undefined) {
      const { argv, exe, cwd, cgroup, netns, markers, markersUnread } = previous.fact;
      Object.assign(fact, withoutUndefined({ argv, exe, cwd, cgroup, netns, markers, markersUnread }));
      return read;
    }
    const exe = link(stat.pid, 'exe');
    const cwd = link(stat.pid, 'cwd');
    const environment = environ(stat.pid);
    fact.argv = argv(stat.pid);
    fact.markers = environment.markers;
    if (environment.unread) fact.markersUnread = true;
    Object.assign(
      fact,
      withoutUndefined({
        exe: exe.target,
        cwd: cwd.target,
        cgroup: cgroup(stat.pid),
        netns: readNetns(procRoot, stat.pid),
      }),
    );
    read.denied = exe.denied === true || cwd.denied === true || environment.denied;
    return read;
  }

  return {
    stat(pid) {
      const length = files.read(`${procRoot}/${pid}/stat`);
      if (length < 0) return isDenied(files.code) ? 'denied' : undefined;
      const stat = parseStat(files.buffer, length);
      return stat?.pid === pid ? stat : undefined;
    },
    details,
    isSame(stat, known) {
      if (stat.comm !== known.comm) return false;
      const now = argv(stat.pid);
      return (
        now.length === known.argv.length &&
        now.every((argument, index) => argument === known.argv[index]) &&
        link(stat.pid, 'exe').target === known.exe &&
        readNetns(procRoot, stat.pid) === known.netns
      );
    },
  };
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
