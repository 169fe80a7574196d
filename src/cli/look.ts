import { type CycleResult, runCycle } from '../agent/cycle.ts';
import type { StorageProblem } from '../agent/storage-problem.ts';
import type { Context } from './context.ts';

/** A resolver that does not answer within a second would only make the person wait. */
const NAMES_MS = 1_000;

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
    const result = await runCycle(stages, 'scan', new AbortController().signal);
    const problem = stages.recorder.problem();
    return { result, ...(problem ? { problem } : {}) };
  } finally {
    stages.recorder.close();
  }
}
