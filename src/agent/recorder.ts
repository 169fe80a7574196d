import type { PolicyRule } from '../types/egress.ts';
import { type Finding, findingId } from '../types/finding.ts';
import type { History } from '../types/rule.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { BlindPeriod, FindingRecord, Store } from '../types/store.ts';
import { type StorageProblem, storageProblem } from './storage-problem.ts';

/** The record as a cycle uses it: never throws for trouble with the database, and says what the trouble is. */
export interface Recorder {
  history(): History;
  record(
    snapshot: Snapshot,
    found: Finding[],
    origin: 'agent' | 'scan',
  ): { findings: FindingRecord[]; recorded: boolean };
  /** Gateways by the names that they have in the record; none while the database is out of order. */
  gateways(): { id: string; stateDir: string }[];
  /** Rules of the user's that are on record; none while the database is out of order. */
  policy(): PolicyRule[];
  /** False when it could not be written. */
  recordBlindPeriod(period: BlindPeriod): boolean;
  /** Rows deleted; 0 also when the database is out of order. */
  retain(limits: { days: number; megabytes: number }, now: number): number;
  /** What is wrong now; `undefined` while everything is written. */
  problem(): StorageProblem | undefined;
  close(): void;
}

/** A history in which nothing ever happened: for the first look and for looks without a database. */
export const NO_HISTORY: History = {
  firstSeenAt: () => undefined,
  lastCycleAt: () => undefined,
  settledConfig: () => undefined,
  inboundPeers: () => [],
  wasListening: () => false,
  destinationFirstSeenAt: () => undefined,
  destinationDays: () => 0,
  isLearned: () => false,
  unknownContacts: () => [],
  learningSince: () => undefined,
  learningUntil: () => undefined,
};

// Opening is the expensive part of trying again; a full disk costs nothing to try.
const REOPEN_AFTER_MS = 30_000;

/**
 * A recorder over a store that may be missing, full or damaged, now or later. It tries again by itself: at the next look,
 * and with a new handle at most every 30 s where the old one is of no use any more.
 *
 * @param monotonic ms of a clock that is never set.
 */
export function createRecorder(options: { open: () => Store; path: string; monotonic: () => number }): Recorder {
  let store: Store | undefined;
  let problem: StorageProblem | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;

  /** Runs `use` on the store. Anything that is not trouble with the database is thrown on. */
  function attempt<Result>(use: (store: Store) => Result): { result: Result } | undefined {
    try {
      const open = ready();
      return open && { result: use(open) };
    } catch (error) {
      return fail(error);
    }
  }

  function ready(): Store | undefined {
    if (store) return store;
    if (options.monotonic() - triedAt < REOPEN_AFTER_MS) return undefined;
    triedAt = options.monotonic();
    store = options.open();
    return store;
  }

  function fail(error: unknown): undefined {
    const found = storageProblem(error, options.path);
    if (!found) throw error;
    problem = found;
    if (found.reopen && store) {
      closeQuietly();
      triedAt = options.monotonic();
    }
    return undefined;
  }

  function closeQuietly(): void {
    try {
      store?.close();
    } catch {
      // A damaged database may not even close; the handle is given up either way.
    }
    store = undefined;
  }

  const ask = <Answer>(question: (history: History) => Answer, otherwise: Answer): Answer =>
    attempt((open) => ({ answer: question(open.history()) }))?.result.answer ?? otherwise;

  /** The same for what is asked of each of ten thousand sockets. */
  function askOfSocket<Answer>(question: (history: History, key: string) => Answer | undefined) {
    return (key: string): Answer | undefined => {
      try {
        const open = ready();
        return open && question(open.history(), key);
      } catch (error) {
        return fail(error);
      }
    };
  }

  return {
    history: () => ({
      firstSeenAt: askOfSocket((history, key) => history.firstSeenAt(key)),
      sinceOf: askOfSocket((history, key) => history.sinceOf?.(key)),
      lastCycleAt: () => ask((history) => history.lastCycleAt(), undefined),
      settledConfig: (gatewayId) => ask((history) => history.settledConfig(gatewayId), undefined),
      inboundPeers: (gatewayId, sinceAt) => ask((history) => history.inboundPeers(gatewayId, sinceAt), []),
      wasListening: (key, sinceAt) => ask((history) => history.wasListening(key, sinceAt), false),
      destinationFirstSeenAt: (subject, destination) =>
        ask((history) => history.destinationFirstSeenAt(subject, destination), undefined),
      destinationDays: (subject, destination) => ask((history) => history.destinationDays(subject, destination), 0),
      isLearned: (subject, destination) => ask((history) => history.isLearned(subject, destination), false),
      isFamiliar: (subject, destination) =>
        ask((history) => history.isFamiliar?.(subject, destination) ?? false, false),
      unknownContacts: (sinceAt) => ask((history) => history.unknownContacts(sinceAt), []),
      contactConnections: (sinceAt, limit) => ask((history) => history.contactConnections?.(sinceAt, limit) ?? [], []),
      learningSince: () => ask((history) => history.learningSince(), undefined),
      learningUntil: () => ask((history) => history.learningUntil(), undefined),
    }),
    record(snapshot, found, origin) {
      const written = attempt((open) => open.recordCycle(snapshot, found, origin));
      if (!written) return { findings: unrecorded(found, snapshot.at), recorded: false };
      problem = undefined;
      return { findings: current(written.result.findings, found), recorded: true };
    },
    gateways: () =>
      (attempt((open) => open.gateways())?.result ?? []).flatMap(({ id, stateDir }) =>
        stateDir === undefined ? [] : [{ id, stateDir }],
      ),
    policy: () => attempt((open) => open.policy())?.result ?? [],
    recordBlindPeriod: (period) => attempt((open) => open.recordBlindPeriod(period)) !== undefined,
    retain: (limits, now) => attempt((open) => open.retain(limits, now))?.result ?? 0,
    problem: () => problem,
    close: closeQuietly,
  };
}

/** For `--no-record`: looks, remembers nothing, and leaves nothing behind. */
export function createNoRecorder(): Recorder {
  return {
    history: () => NO_HISTORY,
    record: (snapshot, found) => ({ findings: unrecorded(found, snapshot.at), recorded: false }),
    gateways: () => [],
    policy: () => [],
    recordBlindPeriod: () => true,
    retain: () => 0,
    problem: () => undefined,
    close: () => {},
  };
}

function unrecorded(found: readonly Finding[], at: number): FindingRecord[] {
  return found.map((finding) => ({
    ...finding,
    id: findingId(finding.fingerprint),
    status: 'open',
    firstAt: at,
    lastAt: at,
    count: 1,
  }));
}

/** A store may also report what has just been resolved; a result of a look is what is true now. */
function current(records: readonly FindingRecord[], found: readonly Finding[]): FindingRecord[] {
  const now = new Set(found.map((finding) => finding.fingerprint));
  return records.filter((record) => now.has(record.fingerprint) && record.status !== 'resolved');
}
