import type { ProcessTable } from '../../types/collector.ts';
import type { Observation } from '../../types/socket.ts';

/** Pids by socket inode. */
export type Holders = Map<number, Set<number>>;

/** Everything known about owners between calls. */
export interface OwnerMemory {
  /** Processes whose descriptors could not be read in the last search of the host. */
  readonly denied: number;
  /** Known holders; `undefined` when nothing is known. */
  holders(inode: number): ReadonlySet<number> | undefined;
  /** True when this inode was searched for in vain. */
  hasFailed(inode: number): boolean;
  /** False while a vain search is too recent to be repeated. */
  isDue(inode: number): boolean;
  /** True when the last search of the host is so long ago that sockets may have been handed on unnoticed. */
  isStale(): boolean;
  /** Number of inodes that it knows something about. */
  readonly size: number;
  /** Takes the outcome of a search of the whole host in place of everything known. */
  replace(holders: Holders, table: ProcessTable): void;
  add(holders: Holders, table: ProcessTable): void;
  noteFailures(sockets: readonly Observation[], denied: number): void;
  forgetDead(table: ProcessTable): void;
  forgetClosed(observations: readonly Observation[]): void;
}

/** First pause before a vain search is repeated; it doubles each time, so a kernel socket costs next to nothing. */
const RETRY_MS = 10_000;
const RETRY_MAX_MS = 600_000;
/** A holder that closed its copy while another process keeps the socket is noticed this late. */
const STALE_MS = 300_000;

export function createOwnerMemory(nowMs: () => number): OwnerMemory {
  let known: Holders = new Map();
  let startTicks = new Map<number, number>();
  const failures = new Map<number, { retryAtMs: number; pauseMs: number }>();
  let denied = 0;
  let searchedAtMs: number | undefined;

  function add(holders: Holders, table: ProcessTable): void {
    for (const [inode, pids] of holders) {
      known.set(inode, pids);
      failures.delete(inode);
      for (const pid of pids) startTicks.set(pid, table.processes.get(pid)?.startTicks ?? -1);
    }
  }

  return {
    get denied() {
      return denied;
    },
    get size() {
      return known.size + failures.size;
    },
    holders: (inode) => known.get(inode),
    hasFailed: (inode) => failures.has(inode),
    isDue: (inode) => nowMs() >= (failures.get(inode)?.retryAtMs ?? 0),
    isStale: () => searchedAtMs !== undefined && nowMs() - searchedAtMs >= STALE_MS,
    add,
    replace(holders, table) {
      known = new Map();
      startTicks = new Map();
      searchedAtMs = nowMs();
      add(holders, table);
    },
    noteFailures(sockets, deniedProcesses) {
      denied = deniedProcesses;
      for (const { inode } of sockets) {
        if (inode === undefined) continue;
        const pauseMs = Math.min((failures.get(inode)?.pauseMs ?? RETRY_MS / 2) * 2, RETRY_MAX_MS);
        failures.set(inode, { pauseMs, retryAtMs: nowMs() + pauseMs });
      }
    },
    forgetDead(table) {
      const dead = new Set<number>();
      for (const [pid, ticks] of startTicks) if (table.processes.get(pid)?.startTicks !== ticks) dead.add(pid);
      if (dead.size === 0) return;
      for (const pid of dead) startTicks.delete(pid);
      for (const [inode, pids] of known) {
        for (const pid of pids) if (dead.has(pid)) pids.delete(pid);
        if (pids.size === 0) known.delete(inode);
      }
    },
    forgetClosed(observations) {
      const open = new Set<number>();
      for (const { inode } of observations) if (inode !== undefined) open.add(inode);
      for (const inode of known.keys()) if (!open.has(inode)) known.delete(inode);
      for (const inode of failures.keys()) if (!open.has(inode)) failures.delete(inode);
    },
  };
}
