import { type CycleResult, runCycle } from '../agent/cycle.ts';
import type { StorageProblem } from '../agent/storage-problem.ts';
import type { Context } from './context.ts';

/** A resolver that does not answer within a second would only make the person wait. */
const NAMES_MS = 1_000;

const DAY_MS = 86_400_000;

/** Where only cron looks there is no agent that deletes old rows; once a day is enough and costs the other looks nothing. */
function isNewDay(before: number | undefined, at: number): boolean {
  return before !== undefined && Math.floor(before / DAY_MS) !== Math.floor(at / DAY_MS);
}

export interface Look {
  result: CycleResult;
  /** Why the look could not be recorded. */
  problem?: StorageProblem;
}

/** One fresh look with the real stages (or a test's). Throws when the machine could not be looked at. */
export async function lookNow(
  { io, config, warn }: Context,
  options: { record: boolean; everything: boolean },
): Promise<Look> {
  const { stages, warnings } = await io.createStages(config, {
    env: io.env,
    now: io.now,
    record: options.record,
    hostOwners: options.everything ? 'all' : 'listeners-and-touched',
    waitForNamesMs: NAMES_MS,
    waitForBytes: true,
  });
  for (const warning of warnings) warn(warning);
  try {
    const before = options.record ? stages.recorder.history().lastCycleAt() : undefined;
    const result = await runCycle(stages, 'scan', new AbortController().signal);
    // Asked before old rows go: a look that is on record stays so when deleting them fails.
    const problem = stages.recorder.problem();
    if (result.recorded && isNewDay(before, result.snapshot.at)) {
      const { retentionDays: days, retentionMegabytes: megabytes } = config;
      stages.recorder.retain({ days, megabytes }, result.snapshot.at);
    }
    return { result, ...(problem ? { problem } : {}) };
  } finally {
    stages.recorder.close();
  }
}
