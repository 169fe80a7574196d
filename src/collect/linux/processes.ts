import { readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProcessSource, ProcessTable } from '../../types/collector.ts';
import type { ProcessFact } from '../../types/process.ts';
import { findAttended, looksLikeFamily } from './attention.ts';
import { createBootClock } from './boot-clock.ts';
import { errorCode } from './file-reader.ts';
import { readNetns } from './netns.ts';
import { processBlindSpots } from './process-blind-spots.ts';
import { createProcessReader, type ReadProcess } from './process-reader.ts';
import { createStdioReader } from './stdio.ts';

/** A `ProcessSource` that can be told whom to look at closely. */
export interface ProcfsProcesses extends ProcessSource {
  /**
   * Looks closely at these and everything below them from the next `read` on, as it does by itself for whatever looks
   * like OpenClaw. For family members that do not: an MCP server with a scrubbed environment after its parent died.
   */
  watch(pids: ReadonlySet<number>): void;
}

interface Known extends ReadProcess {
  /** Number and birth of the `/proc/PID` inode and effective uid: together they change when the pid gets a new owner. */
  inode: number;
  bornMs: number;
  uid: number;
  /** Clock ticks since boot at which everything is read again. */
  refreshTicks: number;
  looksLikeFamily: boolean;
}

/** A process this young may still exec, set its title and change its group: everything is read in each cycle. */
const YOUNG_TICKS = 10 * 100;
/** Old and unattended processes are read again this often: an exec long after the start is seen that late. */
const REFRESH_TICKS = 60 * 100;
/** Processes read before timers and signals get a turn. */
const TURN = 1000;

/**
 * Processes from `/proc`. What it costs is decided by what is read again:
 *
 * - Every call lists `/proc` and stats each `/proc/PID` (2 µs): a new inode means a new process, even under an old pid.
 * - `stat` is read again (10 µs) where parentage can have changed. A process gets another parent only when its parent
 *   ends, so it is enough to read processes that have children (a zombie has lost them already) and those whose parent is
 *   gone, new or a zombie.
 * - Attended processes (see `findAttended`) are compared in name, arguments, program and namespace, and read anew when
 *   one differs; young ones are read anew always; all others once a minute, spread over the minute.
 *
 * `startedAt` is as exact as the boot time, one second. Unreadable parts are counted into blind spots.
 */
export function createProcfsProcesses(
  options: { procRoot?: string; now?: () => number; ownUid?: number } = {},
): ProcfsProcesses {
  const procRoot = options.procRoot ?? '/proc';
  const ownUid = options.ownUid ?? process.getuid?.() ?? -1;
  const clock = createBootClock(procRoot, options.now ?? Date.now);
  const reader = createProcessReader(procRoot, clock.startedAt);
  const stdio = createStdioReader(procRoot);
  let known = new Map<number, Known>();
  let attended: ReadonlySet<number> = new Set();
  let parents: ReadonlySet<number> = new Set();
  let watched: ReadonlySet<number> = new Set();

  function readAnew(
    pid: number,
    identity: Stats,
    previous: Known | undefined,
    ticks: number,
  ): Known | 'denied' | undefined {
    const stat = reader.stat(pid);
    if (stat === undefined || stat === 'denied') return stat;
    const same = previous?.fact.startTicks === stat.startTicks ? previous : undefined;
    const read = reader.details(stat, identity.uid, same);
    // Read again at the end of the look; until then the same object is compared with what was.
    const { stdio: descriptors, holdsTerminal } = same?.fact ?? {};
    if (descriptors !== undefined) read.fact.stdio = descriptors;
    if (holdsTerminal === true) read.fact.holdsTerminal = true;
    // The pid may have passed to another process between two files: then the parts do not belong together.
    if (statSync(`${procRoot}/${pid}`, { throwIfNoEntry: false })?.ino !== identity.ino) return undefined;
    return {
      ...read,
      inode: identity.ino,
      bornMs: identity.ctimeMs,
      uid: identity.uid,
      refreshTicks: same === undefined ? ticks + spread(pid) : ticks + REFRESH_TICKS,
      looksLikeFamily: looksLikeFamily(read.fact),
    };
  }

  /** Brings a process that is still the same one up to date as far as its kind needs it. */
  function review(entry: Known, identity: Stats, ticks: number): Known | 'denied' | undefined {
    const { pid, startTicks } = entry.fact;
    if (entry.kernelThread) return entry;
    if (ticks - startTicks < YOUNG_TICKS || ticks >= entry.refreshTicks) return readAnew(pid, identity, entry, ticks);
    const isAttended = attended.has(pid) || watched.has(pid);
    if (!isAttended && !parents.has(pid)) return entry;
    return reviewStat(entry, identity, ticks, isAttended);
  }

  function reviewStat(entry: Known, identity: Stats, ticks: number, closely: boolean): Known | 'denied' | undefined {
    const { fact } = entry;
    const stat = reader.stat(fact.pid);
    if (stat === undefined || stat === 'denied') return stat;
    const isZombie = stat.state === 'Z' || stat.state === 'X';
    const isChanged = stat.comm !== fact.comm || isZombie !== entry.zombie || (closely && !reader.isSame(stat, fact));
    if (isChanged && !isZombie) return readAnew(fact.pid, identity, entry, ticks);
    if (isZombie === entry.zombie && stat.ppid === fact.ppid && stat.pgid === fact.pgid && stat.sid === fact.sid) {
      return entry;
    }
    return { ...entry, zombie: isZombie, fact: { ...fact, ppid: stat.ppid, pgid: stat.pgid, sid: stat.sid } };
  }

  async function readAll(names: string[], ticks: number, signal: AbortSignal) {
    const next = new Map<number, Known>();
    const lost = new Set<number>();
    let hidden = 0;
    let count = 0;
    for (const name of names) {
      const first = name.charCodeAt(0);
      if (first < 0x31 || first > 0x39) continue;
      count += 1;
      if (count % TURN === 0) {
        await nextTurn();
        signal.throwIfAborted();
      }
      const pid = Number(name);
      const identity = statSync(`${procRoot}/${name}`, { throwIfNoEntry: false });
      if (identity === undefined) continue;
      const before = known.get(pid);
      const isSame = before !== undefined && isSameProcess(before, identity);
      const entry = isSame ? review(before, identity, ticks) : readAnew(pid, identity, before, ticks);
      if (entry === 'denied') hidden += 1;
      else if (entry !== undefined) {
        next.set(pid, entry);
        if (entry.zombie || (before !== undefined && before.fact.startTicks !== entry.fact.startTicks)) lost.add(pid);
      }
    }
    return { next, lost, hidden };
  }

  /** Reads the parent again of everybody whose recorded parent has ended. */
  function readoptOrphans(next: Map<number, Known>, lost: ReadonlySet<number>, ticks: number): void {
    for (const [pid, entry] of next) {
      const { ppid } = entry.fact;
      // An entry that was read in this very call is up to date, orphan or not.
      if (ppid === 0 || entry.kernelThread || (next.has(ppid) && !lost.has(ppid))) continue;
      const identity = statSync(`${procRoot}/${pid}`, { throwIfNoEntry: false });
      if (identity === undefined || identity.ino !== entry.inode) next.delete(pid);
      else {
        const fresh = reviewStat(entry, identity, ticks, false);
        if (fresh === undefined || fresh === 'denied') next.delete(pid);
        else next.set(pid, fresh);
      }
    }
  }

  /** Adds to everybody attended what it reads from and writes to. */
  function readStdio(next: Map<number, Known>, processes: Map<number, ProcessFact>, ticks: number): void {
    const facts = new Map<number, ProcessFact>();
    for (const pid of attended) {
      const entry = next.get(pid);
      if (entry === undefined || entry.kernelThread || entry.zombie) continue;
      facts.set(pid, entry.fact);
    }
    stdio.update(facts, ({ startTicks }) => ticks - startTicks >= YOUNG_TICKS);
    for (const [pid, fact] of facts) {
      const entry = next.get(pid)!;
      if (fact === entry.fact) continue;
      next.set(pid, { ...entry, fact });
      processes.set(pid, fact);
    }
  }

  return {
    id: 'procfs',
    watch(pids) {
      watched = new Set(pids);
    },
    async read(signal): Promise<ProcessTable> {
      signal.throwIfAborted();
      const ticks = clock.uptimeTicks();
      const listing = listProcesses(procRoot);
      const { next, lost, hidden } = await readAll(listing.names, ticks, signal);
      readoptOrphans(next, lost, ticks);
      known = next;

      const processes = new Map<number, ProcessFact>();
      const nextParents = new Set<number>();
      for (const [pid, entry] of next) {
        processes.set(pid, entry.fact);
        nextParents.add(entry.fact.ppid);
      }
      parents = nextParents;
      attended = findAttended(processes, watched, (fact) => next.get(fact.pid)!.looksLikeFamily);
      readStdio(next, processes, ticks);
      return {
        processes,
        ownNetns: readNetns(procRoot, 'self') ?? 'own',
        blindSpots: processBlindSpots({
          entries: next.values(),
          processes,
          hidden,
          ownPid: selfPid(procRoot),
          ownUid,
          ...(listing.code === undefined ? {} : { listCode: listing.code }),
        }),
      };
    },
  };
}

function isSameProcess(known: Known, identity: Stats): boolean {
  return known.inode === identity.ino && known.bornMs === identity.ctimeMs && known.uid === identity.uid;
}

/** When a process is due for the first time: by its pid, so that a first look does not make all of them due at once. */
function spread(pid: number): number {
  return REFRESH_TICKS / 2 + ((pid * 7919) % (REFRESH_TICKS / 2));
}

function listProcesses(procRoot: string): { names: string[]; code?: string } {
  try {
    return { names: readdirSync(procRoot) };
  } catch (error) {
    return { names: [], code: errorCode(error) };
  }
}

function selfPid(procRoot: string): number | undefined {
  try {
    const pid = Number(readlinkSync(`${procRoot}/self`));
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}
