import type { Collected, Collector } from '../types/collector.ts';
import type { Finding } from '../types/finding.ts';
import type { History } from '../types/rule.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { BlindPeriod, FindingRecord } from '../types/store.ts';
import type { Loss } from '../types/witness.ts';
import type { Recorder } from './recorder.ts';

/** The stages of one look, each made once. `start.ts` hands in the real ones, tests hand in fakes. */
export interface Stages {
  collector: Pick<Collector, 'id' | 'collect'>;
  enrich(collected: Collected, history: History): Snapshot;
  detect(snapshot: Snapshot, history: History, when: { now: number; singleLook: boolean }): Finding[];
  recorder: Recorder;
}

/** What one look found. */
export interface CycleResult {
  snapshot: Snapshot;
  /** Everything that is true now, with its life in the record; muted ones included. */
  findings: FindingRecord[];
  /** False when the look could not be written to the record (or was not meant to be). */
  recorded: boolean;
}

/**
 * One look: collect, enrich, detect, store.
 *
 * @throws whatever a stage throws, except trouble with the database: that is a state of the recorder, because what
 *   was seen stays true when it cannot be written down.
 */
export async function runCycle(stages: Stages, origin: 'agent' | 'scan', signal: AbortSignal): Promise<CycleResult> {
  const collected = await stages.collector.collect(signal);
  const history = stages.recorder.history();
  const snapshot = stages.enrich(collected, history);
  const found = stages.detect(snapshot, history, { now: snapshot.at, singleLook: origin === 'scan' });
  const { findings, recorded } = stages.recorder.record(snapshot, found, origin);
  for (const loss of collected.losses ?? []) stages.recorder.recordBlindPeriod(blindPeriodOf(loss));
  return { snapshot, findings, recorded };
}

function blindPeriodOf({ fromAt, toAt, source, count, why }: Loss): BlindPeriod {
  const what = count === undefined ? '' : `, ${count} events`;
  return { fromAt, toAt, cause: `sensor (${source}): ${why}${what}` };
}
