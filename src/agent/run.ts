import type { Alarm } from './alarm.ts';
import { type Clock, gapBetween, type Moment, momentOf } from './clock.ts';
import type { CycleResult } from './cycle.ts';
import type { Log } from './log.ts';
import { Outage } from './outage.ts';
import type { Recorder } from './recorder.ts';
import type { StorageProblem } from './storage-problem.ts';

export interface AgentRun {
  /** One look. */
  cycle(signal: AbortSignal): Promise<CycleResult>;
  recorder: Recorder;
  intervalMs: number;
  retention: { days: number; megabytes: number };
  clock: Clock;
  log: Log;
  /** Ends the agent cleanly: SIGTERM, SIGINT. */
  stop: AbortSignal;
  /** Unix ms of the last look in the record before this start. */
  lastCycleAt?: number | undefined;
  /** For tests and trials; without it the agent runs until it is stopped. */
  maxCycles?: number;
  /** Rung when something should not wait for the next look. */
  alarm?: Pick<Alarm, 'wait'>;
  /** For the person who watches; called after each look. */
  onCycle?(result: CycleResult): void;
  onFailure?(error: unknown): void;
  /** Called once when the database gets out of order, and once with `undefined` when it is well again. */
  onStorage?(problem: StorageProblem | undefined): void;
}

/** What an agent did, for its last line. */
export interface AgentTotals {
  cycles: number;
  failed: number;
  /** Looks left out because the one before was still going on. */
  skipped: number;
}

const RETAIN_EVERY_MS = 3_600_000;
// Together 5 s: a service manager must never have to kill an agent that is writing.
const ABORT_AFTER_MS = 4000;
const LEAVE_AFTER_MS = 1000;

/**
 * Looks again and again until stopped. Looks start on a fixed grid of the monotonic clock: none overlaps another, none
 * drifts, and one that takes longer than the interval leaves out the looks that it covered. The alarm brings further ones
 * in between. A look that throws is
 * logged, counted and becomes a blind period; it never ends the agent.
 */
export async function runAgent(run: AgentRun): Promise<AgentTotals> {
  const totals: AgentTotals = { cycles: 0, failed: 0, skipped: 0 };
  const outage = new Outage(run.recorder);
  const storage = storageWatch(run);
  recordAbsence(run);
  let due = run.clock.monotonic();
  let retainedAt = Number.NEGATIVE_INFINITY;
  let before: Moment | undefined;
  let isRegular = true;

  while (!run.stop.aborted && totals.cycles < (run.maxCycles ?? Number.POSITIVE_INFINITY)) {
    const moment = momentOf(run.clock);
    const gap = before && gapBetween(before, moment, run.intervalMs);
    if (gap) {
      run.log.warn(gap, 'nobody looked for a while');
      run.recorder.recordBlindPeriod(gap);
    }
    before = moment;
    totals.cycles++;
    if (!(await oneLook(run, outage))) totals.failed++;
    storage();
    if (run.clock.monotonic() - retainedAt >= RETAIN_EVERY_MS && !run.recorder.problem()) {
      retainedAt = run.clock.monotonic();
      retain(run);
    }
    if (isRegular) due += run.intervalMs;
    const late = run.clock.monotonic() - due;
    if (late > 0) {
      const missed = Math.ceil(late / run.intervalMs);
      totals.skipped += missed;
      due += missed * run.intervalMs;
      run.log.debug({ missed }, 'a look took longer than the interval');
    }
    if (totals.cycles < (run.maxCycles ?? Number.POSITIVE_INFINITY)) {
      const restMs = due - run.clock.monotonic();
      if (run.alarm === undefined) await pause(restMs, run.stop);
      else isRegular = !(await run.alarm.wait(restMs, run.stop));
    }
  }
  return totals;
}

/** True when the look was made; a stop in the middle of it is not a failure. */
async function oneLook(run: AgentRun, outage: Outage): Promise<boolean> {
  const failing = outage.lasts;
  try {
    const result = await withDeadlineAfterStop(run);
    if (!result) return true;
    if (result.recorded) outage.succeeded(result.snapshot.at);
    else
      outage.failed(
        `not recorded: ${run.recorder.problem()?.message ?? 'the database is out of order'}`,
        result.snapshot.at,
      );
    run.onCycle?.(result);
    return true;
  } catch (error) {
    if (run.stop.aborted) return true;
    const message = error instanceof Error ? error.message : String(error);
    // The stack once per outage: a month of the same failure must not fill a disk.
    run.log.error(failing ? { reason: message } : { err: error }, 'a look failed');
    outage.failed(`the look failed: ${message.slice(0, 200)}`, run.clock.now());
    run.onFailure?.(error);
    return false;
  }
}

/** The look's result, or `undefined` when a stop did not leave it the time to end. */
async function withDeadlineAfterStop(run: AgentRun): Promise<CycleResult | undefined> {
  const abort = new AbortController();
  const ended = new AbortController();
  const look = run.cycle(abort.signal);
  const leave = untilAborted(run.stop, ended.signal).then(async () => {
    await pause(ABORT_AFTER_MS, ended.signal);
    abort.abort(new Error('the agent is stopping'));
    await pause(LEAVE_AFTER_MS, ended.signal);
    return undefined;
  });
  try {
    return await Promise.race([look, leave]);
  } finally {
    ended.abort();
    // A look that is left behind may still reject; nobody is there to hear it.
    look.catch(() => {});
  }
}

function recordAbsence(run: AgentRun): void {
  const last = run.lastCycleAt;
  if (last === undefined) return;
  const now = run.clock.now();
  if (last > now) {
    run.recorder.recordBlindPeriod({
      fromAt: now,
      toAt: now,
      cause: 'the clock was set back while the agent was not running',
    });
  } else if (now - last > Math.max(2 * run.intervalMs, 5000)) {
    run.recorder.recordBlindPeriod({ fromAt: last, toAt: now, cause: 'agent not running' });
  }
}

function retain(run: AgentRun): void {
  try {
    const deleted = run.recorder.retain(run.retention, run.clock.now());
    if (deleted > 0) run.log.info({ deleted }, 'old rows deleted');
  } catch (error) {
    run.log.error({ err: error }, 'deleting old rows failed');
  }
}

/** Reports each change of the database's state once. */
function storageWatch(run: AgentRun): () => void {
  let known: string | undefined;
  return () => {
    const problem = run.recorder.problem();
    if (problem?.code === known) return;
    known = problem?.code;
    run.onStorage?.(problem);
  };
}

/** Resolves after `ms`, or at once when `signal` aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve();
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

/** Resolves when `signal` aborts; also when `ended` does, so that nothing is left listening. */
function untilAborted(signal: AbortSignal, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    function done(): void {
      signal.removeEventListener('abort', done);
      ended.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    ended.addEventListener('abort', done);
  });
}
