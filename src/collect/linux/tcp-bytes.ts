import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { BlindSpot } from '../../types/blind-spot.ts';
import { isLoopback } from '../../types/ip.ts';
import type { Observation } from '../../types/socket.ts';
import { type CommandOutput, createCommandRunner, type RunCommand } from '../portable/command.ts';
import { count, type Tool, toolBlindSpots } from '../portable/tool-blindness.ts';
import { readNetns } from './netns.ts';
import { parseTcpInfo, payloadBytes, type TcpInfo } from './ss-tcp-info.ts';

export interface TcpBytesOptions {
  run?: RunCommand;
  now?: () => number;
  /** Least time between the starts of two readings, ms. */
  minIntervalMs?: number;
  /** Wall time of one reading until ss is killed, ms. Counts for the own runner only. */
  timeoutMs?: number;
  /** Number of the namespace that ss reads: the one we run in. */
  ownNetns?: string;
  /** Absolute path of ss, or `undefined` when it is not there. */
  findSs?: () => string | undefined;
}

/** Byte counters of TCP sockets, from the side: they lag behind a look and never delay it. */
export interface TcpBytes {
  /**
   * Fills `bytesOut` and `bytesIn` of the family's TCP sockets in our own namespace from the latest finished reading,
   * and starts the next one in the background when one is due and the family has a connection that it opened, or one
   * with another host. A socket that no reading has shown gets neither field. TIME_WAIT has no counters, nor has UDP.
   *
   * @param family pids whose sockets matter; `pids` of the observations must be assigned.
   */
  annotate(observations: Observation[], family: ReadonlySet<number>): BlindSpot[];
  /** Resolves when no reading is under way. Unlike a reading, waiting for it does keep the process alive. */
  settled(): Promise<void>;
  /** Kills a reading that is under way and starts no other. */
  close(): void;
}

const SOURCE = 'ss';
const TOOL: Tool = {
  source: SOURCE,
  name: 'ss',
  what: 'bytes sent and received by each connection',
  install: 'install the package iproute2 (iproute on Fedora and its relatives)',
};

// Never the user's PATH: whoever can write into one of its folders would choose what we count.
const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/run/current-system/sw/bin'];
const FILTER = ['state', 'connected', 'exclude', 'time-wait'];
/** -H is of iproute2 4.9, -O of 5.1; without them there is a header, and two lines for each socket. */
const MODERN = ['-tineHO', ...FILTER];
const OLD = ['-tine', ...FILTER];
/** About 60,000 sockets: ss pads every row to the longest. */
const MAX_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 2_000;

/** States in which there is a connection, and so counters. */
const OPEN: ReadonlySet<string> = new Set([
  'ESTABLISHED',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
]);

/**
 * Bytes of TCP connections from `ss -tine`, as a program. The kernel gives them over sock_diag, a netlink socket, which Node
 * cannot open without native code; `/proc/net/tcp` does not have them. What was sent between the last reading and the
 * end of a connection is not counted, so the figures are at least what was sent.
 *
 * Sockets are matched by inode. The kernel deals them out for all namespaces together and comes round after 2^32; an
 * inode that is missing in one look is forgotten, so a reading says nothing about a later socket with the same number.
 */
export function createTcpBytes(options: TcpBytesOptions = {}): TcpBytes {
  const { now = Date.now, minIntervalMs = 10_000, timeoutMs = TIMEOUT_MS, findSs = findSystemSs } = options;
  const run = options.run ?? createCommandRunner({ timeoutMs, maxBytes: MAX_BYTES, background: true });
  const ownNetns = options.ownNetns ?? readNetns('/proc', 'self') ?? 'own';
  const closing = new AbortController();
  let known = new Map<number, TcpInfo>();
  let blindSpots: BlindSpot[] = [];
  let args = MODERN;
  let startedAt: number | undefined;
  let running: Promise<void> | undefined;

  async function ask(ss: string): Promise<CommandOutput> {
    try {
      const output = await run(ss, args, closing.signal);
      const isOld = args === MODERN && (output.exitCode ?? 0) !== 0 && /option/.test(output.stderr);
      if (!isOld) return output;
      args = OLD;
      return await run(ss, args, closing.signal);
    } catch (error) {
      // Out of processes or memory: spawn throws some of these instead of reporting them.
      return { lines: [], exitCode: null, stderr: String(error), problem: 'not-started' };
    }
  }

  async function read(ss: string): Promise<void> {
    const output = await ask(ss);
    if (closing.signal.aborted) return;
    const isWhole = output.problem === undefined && output.exitCode === 0;
    // The last line of a killed tool may end inside a number.
    const { sockets, unreadable } = parseTcpInfo(isWhole ? output.lines : output.lines.slice(0, -1));
    known = isWhole ? sockets : new Map([...known, ...sockets]);
    blindSpots = [
      ...toolBlindSpots(TOOL, output).map((spot) => ({ ...spot, essential: false })),
      ...(unreadable > 0 ? [unreadableRows(unreadable)] : []),
    ];
  }

  /** Starts a reading when one is due; answers what is known to be missing. */
  function refresh(): BlindSpot[] {
    if (closing.signal.aborted) return blindSpots;
    const ss = findSs();
    if (ss === undefined) return toolBlindSpots(TOOL, MISSING).map((spot) => ({ ...spot, essential: false }));
    // The clock may have been set back.
    const isDue = startedAt === undefined || Math.abs(now() - startedAt) >= minIntervalMs;
    if (isDue && running === undefined) {
      startedAt = now();
      running = read(ss).finally(() => {
        running = undefined;
      });
    }
    return blindSpots;
  }

  return {
    annotate(observations, family) {
      const ours = observations.filter(({ protocol, netns }) => protocol === 'tcp' && netns === ownNetns);
      const listening = new Set(ours.filter(({ state }) => state === 'LISTEN').map(({ local }) => local.port));
      const present = new Map<number, TcpInfo>();
      let isWorthIt = false;
      for (const socket of ours) {
        const info = socket.inode === undefined ? undefined : known.get(socket.inode);
        if (info !== undefined) present.set(socket.inode!, info);
        if (!OPEN.has(socket.state) || !socket.pids?.some((pid) => family.has(pid))) continue;
        // Where somebody listens on the local port the connection was accepted; nothing else tells the two ends apart.
        const opened = !listening.has(socket.local.port);
        // Whoever listens on the very port that it sends from looks like an acceptor; its peer is elsewhere all the same.
        isWorthIt ||= opened || (socket.remote !== undefined && !isLoopback(socket.remote.address));
        if (info !== undefined) Object.assign(socket, payloadBytes(info.state, info, opened));
      }
      known = present;
      return isWorthIt ? [...refresh()] : [];
    },
    async settled() {
      const hold = setInterval(() => {}, TIMEOUT_MS);
      try {
        while (running !== undefined) await running;
      } finally {
        clearInterval(hold);
      }
    },
    close() {
      closing.abort();
    },
  };
}

const MISSING: CommandOutput = { lines: [], exitCode: null, stderr: '', problem: 'missing' };

function unreadableRows(rows: number): BlindSpot {
  return {
    id: 'ss.rows',
    source: SOURCE,
    what: `bytes sent and received by ${count(rows, 'connection')}`,
    why: 'ss printed them in a form that we do not know',
    fix: 'report it with the output of: ss -V',
    essential: false,
  };
}

function findSystemSs(): string | undefined {
  return FOLDERS.map((folder) => join(folder, 'ss')).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
