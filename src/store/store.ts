import { EXIT, UserError } from '../types/error.ts';
import type { Finding } from '../types/finding.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { BlindPeriod, FindingRecord, FindingStatus, Store } from '../types/store.ts';
import { createBlindSets } from './blind-sets.ts';
import { addBlindPeriod } from './clock.ts';
import { judgeDestinations, rejectDestinations } from './destinations.ts';
import { storeError } from './errors.ts';
import { createHistory } from './history.ts';
import { restartLearning } from './learning.ts';
import { loadMemory, type Memory } from './memory.ts';
import { applyMutes } from './mutes.ts';
import { type Database, openDatabase, transaction } from './open.ts';
import { currentUid, preparePlace } from './place.ts';
import { addPolicyRule, removePolicyRule } from './policy.ts';
import { createReader } from './reader.ts';
import { createRecordCycle } from './record-cycle.ts';
import { retain } from './retention.ts';
import { loadMigrations, migrate } from './schema.ts';
import { noteWriter, type WriterNote } from './writers.ts';

export { openStoreReader } from './reader.ts';

export interface StoreOptions {
  path: string;
  /** Unix ms; stamps migrations. Everything else is dated by its snapshot. */
  now?: () => number;
  /** How long a commit waits for another writer before it gives up. */
  busyTimeoutMs?: number;
  /** User whose eyes these are; tests give another. */
  uid?: number;
  /** Length of the learning period; 7 where nobody says. */
  learnDays?: number;
}

/**
 * Opens the record for writing, makes it where it is missing and brings its schema up to date.
 *
 * WAL with `synchronous = NORMAL`: a killed process loses nothing that was committed and needs no repair. A power
 * failure can lose the last cycles but never tears one; a commit that waits for the disk every 2 s would cost more than
 * those cycles are worth. What a person decided (`setFindingStatus`, `addPolicyRule`) is worth it and waits.
 *
 * @throws UserError when the place cannot be trusted (2), the file cannot be used (4), or SQLite does not load (78).
 */
export function openStore(options: StoreOptions): Store {
  const now = options.now ?? Date.now;
  // What the library cannot load should not leave an empty file behind.
  openDatabase(':memory:').close();
  const path = preparePlace(options.path);
  const database = openDatabase(path, { busyTimeoutMs: options.busyTimeoutMs ?? 5_000 });
  try {
    // Only before the first table, and before WAL writes the first page.
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('journal_size_limit = 8388608');
    migrate(database, loadMigrations(), path, now());
    return createStore(
      database,
      path,
      { uid: options.uid ?? currentUid() ?? 0, learnDays: options.learnDays ?? 7 },
      noteWriter(database, path),
    );
  } catch (error) {
    database.close();
    throw storeError(error, path);
  }
}

function createStore(
  database: Database,
  path: string,
  settings: { uid: number; learnDays: number },
  note: WriterNote,
): Store {
  const recordCycle = createRecordCycle(database, createBlindSets(database, path), path, settings);
  const memory = createFreshMemory(database, path);
  memory.current();
  const history = createHistory(database, memory, path, settings.learnDays);

  /** One transaction; after a failure what we believed is read again from what is really there. */
  function change<Result>(work: () => Result): Result {
    try {
      return transaction(database, work);
    } catch (error) {
      memory.forget();
      throw storeError(error, path);
    }
  }

  /** What a person decided is worth waiting for the disk; what is held in memory of it is read again. */
  function decide<Result>(work: () => Result): Result {
    try {
      database.pragma('synchronous = FULL');
      return change(work);
    } finally {
      database.pragma('synchronous = NORMAL');
      memory.forget();
    }
  }

  return {
    ...createReader(database, path),
    history: () => history,
    recordCycle: (snapshot: Snapshot, findings: Finding[], origin: 'agent' | 'scan') =>
      change((): { cycleId: number; findings: FindingRecord[] } => {
        memory.refresh();
        return recordCycle(memory.current(), snapshot, findings, origin);
      }),
    recordBlindPeriod: (period: BlindPeriod) => change(() => addBlindPeriod(database, period)),
    setFindingStatus: (fingerprint: string, status: FindingStatus, reason: string, at: number) =>
      decide(() => setFindingStatus(database, fingerprint, status, reason, at)),
    addPolicyRule: (rule) =>
      decide(() => {
        const added = addPolicyRule(database, rule);
        applyMutes(database, rule.createdAt, path);
        return added;
      }),
    removePolicyRule: (id, at, reason) =>
      decide(() => {
        const removed = removePolicyRule(database, id, at, reason);
        applyMutes(database, at, path);
        return removed;
      }),
    judgeDestinations: (verdicts, at) =>
      decide(() => {
        judgeDestinations(database, verdicts);
        applyMutes(database, at, path);
      }),
    rejectDestinations: (ids, at) => decide(() => rejectDestinations(database, ids, at)),
    restartLearning: (at) => decide(() => restartLearning(database, at)),
    retain(limits, at) {
      try {
        return retain(database, path, limits, at);
      } catch (error) {
        throw storeError(error, path);
      } finally {
        memory.forget();
      }
    },
    close() {
      try {
        note.remove();
      } catch {
        // A full disk must not keep us from closing; the next start then checks the file, which is only slower.
      }
      database.close();
    },
  };
}

/** The memory of open rows, read again when another process wrote meanwhile or when a transaction failed. */
function createFreshMemory(database: Database, path: string) {
  const dataVersion = database.prepare<{ data_version: number }>('PRAGMA data_version');
  let memory: Memory | undefined;
  let readAtVersion: number | undefined;
  const current = (): Memory => {
    if (memory === undefined) {
      readAtVersion = dataVersion.get()?.data_version;
      memory = loadMemory(database, path);
    }
    return memory;
  };
  const forget = (): void => {
    memory = undefined;
  };
  const refresh = (): void => {
    if (dataVersion.get()?.data_version !== readAtVersion) forget();
  };
  return { current, forget, refresh };
}

function setFindingStatus(
  database: Database,
  fingerprint: string,
  status: FindingStatus,
  reason: string,
  at: number,
): void {
  const row = database.prepare<{ id: number }>('SELECT id FROM findings WHERE fingerprint = ?').get(fingerprint);
  if (row === undefined) {
    throw new UserError(`no finding with fingerprint ${fingerprint.slice(0, 12).replaceAll(/[^0-9a-f]/g, '?')}`, {
      hint: 'list them: clawwatch findings',
      exitCode: EXIT.usage,
    });
  }
  database
    .prepare(
      'UPDATE findings SET status = ?, muted_by_policy = 0, resolved_at = CASE WHEN ? THEN max(last_at, ?) END WHERE id = ?',
    )
    .run(status, status === 'resolved' ? 1 : 0, at, row.id);
  database
    .prepare('INSERT INTO finding_events (finding_id, at, event, reason) VALUES (?, ?, ?, ?)')
    .run(row.id, at, status, reason);
}
