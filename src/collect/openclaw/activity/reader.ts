import { posix } from 'node:path';
import type { BlindSpot } from '../../../types/blind-spot.ts';
import type { ProcessTable } from '../../../types/collector.ts';
import type { AgentActivity } from '../../../types/egress.ts';
import type { GatewayFact } from '../../../types/gateway.ts';
import { createFileView } from '../file-view.ts';
import { createForeignDatabases, type ForeignDatabase, type ForeignDatabases, type NotReadCause } from '../sqlite.ts';
import { blindSpotOf, type RecordName } from './blind-spots.ts';
import { runsElsewhere } from './elsewhere.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { readStateTables, type TableProgress } from './state-tables.ts';
import { readTranscripts } from './transcripts.ts';

export interface ActivityReaderOptions {
  /** Unix ms. */
  now?: () => number;
  procRoot?: string;
  databases?: ForeignDatabases;
  ownUid?: number | undefined;
}

/** Reads what the agents of running gateways did in the last quarter of an hour, from OpenClaw's own record. */
export interface ActivityReader {
  /**
   * Synchronous and short: unchanged files cost two `lstat` calls each.
   *
   * What it tells is the agent's own word, and a skill that writes the user's files can forge it. So it may explain a
   * connection of the family and never excuse one.
   *
   * @throws what `signal.throwIfAborted` throws.
   */
  read(
    gateways: readonly GatewayFact[],
    table: ProcessTable,
    signal: AbortSignal,
  ): { activities: AgentActivity[]; blindSpots: BlindSpot[] };
}

const MAX_AGENTS = 64;
/** A stamp that no file has: it is read again with the next look. */
const UNREAD = '';
const NO_CURSOR = -1;

interface FileState {
  stamp: string;
  /** Device and inode that the cursor belongs to. */
  inode: string;
  cursor: number;
  problem?: { cause: NotReadCause | 'no-zstd'; why: string } | undefined;
}

interface GatewayState {
  stateDir: string;
  ledger: Ledger;
  files: Map<string, FileState>;
}

interface Progress extends TableProgress {
  problem?: FileState['problem'];
}

type Work = (database: ForeignDatabase, ledger: Ledger, cursor: number | undefined) => Progress;

export function createActivityReader(options: ActivityReaderOptions = {}): ActivityReader {
  const now = options.now ?? Date.now;
  const procRoot = options.procRoot ?? '/proc';
  const databases =
    options.databases ?? createForeignDatabases({ now, ...('ownUid' in options ? { ownUid: options.ownUid } : {}) });
  const ownUid = 'ownUid' in options ? options.ownUid : process.getuid?.();
  const view = createFileView();
  const states = new Map<string, GatewayState>();

  const readState: Work = (database, ledger, cursor) => {
    const { different, ...progress } = readStateTables(database, ledger, cursor, now());
    return different === undefined ? progress : { ...progress, problem: { cause: 'different', why: different } };
  };
  const readAgent: Work = (database, ledger, cursor) => {
    const { packed, ...progress } = readTranscripts(database, ledger, cursor, now());
    if (packed === 0) return progress;
    const why = `${packed} events are packed in a way that this Node cannot unpack`;
    return { ...progress, problem: { cause: 'no-zstd', why } };
  };

  function stateOf(gateway: GatewayFact, stateDir: string): GatewayState {
    const known = states.get(gateway.id);
    if (known?.stateDir === stateDir) return known;
    const fresh: GatewayState = { stateDir, ledger: createLedger(), files: new Map() };
    states.set(gateway.id, fresh);
    return fresh;
  }

  function readFile(gateway: GatewayFact, state: GatewayState, path: string, work: Work): FileState['problem'] {
    const known = state.files.get(path);
    const stamp = databases.stamp(path);
    if (stamp === undefined) {
      state.files.delete(path);
      return { cause: 'missing', why: 'this OpenClaw keeps no such database' };
    }
    if (known?.stamp === stamp && known.problem?.cause !== 'slow') return known.problem;
    const inode = stamp.split(':', 2).join(':');
    const cursor = known?.inode === inode && known.cursor !== NO_CURSOR ? known.cursor : undefined;
    const reading = databases.read(path, gateway.uid, (database) => work(database, state.ledger, cursor));
    const next: FileState = reading.ok
      ? {
          inode,
          stamp: reading.value.more ? UNREAD : stamp,
          cursor: reading.value.cursor,
          problem: reading.value.problem,
        }
      : {
          inode,
          stamp: reading.cause === 'busy' ? UNREAD : stamp,
          cursor: cursor ?? NO_CURSOR,
          problem: { cause: reading.cause, why: reading.why },
        };
    state.files.set(path, next);
    return next.problem;
  }

  function readGateway(gateway: GatewayFact, table: ProcessTable, blindSpots: BlindSpot[]): AgentActivity[] {
    const note = (what: RecordName, cause: Parameters<typeof blindSpotOf>[2], why: string) => {
      const spot = blindSpotOf(gateway, what, cause, why);
      const isKnown = blindSpots.some((one) => one.id === spot?.id && one.what === spot.what);
      if (spot !== undefined && !isKnown) blindSpots.push(spot);
    };
    const calls = 'tool calls and skill use';
    const { stateDir } = gateway;
    if (stateDir === undefined) {
      note(calls, 'no-state-dir', 'its state directory is not known');
      return [];
    }
    if (gateway.pid !== undefined && table.processes.has(gateway.pid) && runsElsewhere(gateway, procRoot)) {
      // SQLite resolves links itself and would take /proc/PID/root for the host's own root.
      note(calls, 'container', 'it runs in another file system, and its databases cannot be opened from outside');
      return [];
    }
    if (ownUid !== undefined && gateway.uid !== ownUid) {
      note(calls, 'other-user', "its databases are another user's");
      return [];
    }
    const state = stateOf(gateway, stateDir);
    const problem = readFile(gateway, state, posix.join(stateDir, 'state', 'openclaw.sqlite'), readState);
    if (problem !== undefined) note(calls, problem.cause, problem.why);
    const agents = view.list(posix.join(stateDir, 'agents'), MAX_AGENTS);
    for (const agent of typeof agents === 'string' ? [] : agents) {
      const path = posix.join(stateDir, 'agents', agent, 'agent', 'openclaw-agent.sqlite');
      const trouble = readFile(gateway, state, path, readAgent);
      // An agent that was never asked anything has no database yet.
      if (trouble !== undefined && trouble.cause !== 'missing') {
        note('arguments of tool calls', trouble.cause, trouble.why);
      }
    }
    return state.ledger.activities(gateway.id, now(), gateway.startedAt);
  }

  return {
    read(gateways, table, signal) {
      signal.throwIfAborted();
      const blindSpots: BlindSpot[] = [];
      const running = gateways.filter((gateway) => gateway.running);
      const activities = running.flatMap((gateway) => readGateway(gateway, table, blindSpots));
      const ids = new Set(running.map((gateway) => gateway.id));
      for (const id of states.keys()) if (!ids.has(id)) states.delete(id);
      return { activities, blindSpots };
    },
  };
}
