import type { ReplayCase } from '../../../src/agent/replay/case.ts';
import type { CaseRun } from '../../../src/agent/replay/run-case.ts';
import { type CaseReport, judgeRuns, newReport } from '../../../src/agent/replay/verdict.ts';
import { StepProblem } from '../../../src/agent/replay/world.ts';
import { missing } from '../namespaces.ts';
import { prepare, runLiveCase } from './run-live-case.ts';

/**
 * Runs a case live and judges it by the rules of cases: one that needs no telemetry without a sensor; any other with one,
 * and a malicious one without as well, where an alert or an admission must come. What cannot be run here is not run and
 * no pass.
 */
export async function judgeLiveCase(replayCase: ReplayCase): Promise<CaseReport> {
  const report = newReport(replayCase);
  if (replayCase.problems.length > 0) return report;
  const beganAt = performance.now();
  try {
    prepare(replayCase);
    const lacking = missing();
    if (lacking !== undefined) throw new StepProblem(lacking);
    const runs: CaseRun[] = [];
    const needsSensor = replayCase.needs !== 'T0';
    if (!needsSensor || replayCase.kind === 'malicious') runs.push(await runLiveCase(replayCase, 'T0'));
    if (needsSensor) runs.push(await runLiveCase(replayCase, 'T2'));
    judgeRuns(replayCase, runs, report);
  } catch (error) {
    const isStep = error instanceof StepProblem;
    report.outcome = isStep ? 'not run' : 'fail';
    report.reasons.push(isStep ? error.message : `it broke off: ${(error as Error).message}`);
  }
  report.durationMs = Math.round(performance.now() - beganAt);
  return report;
}

/** Judges cases, so many at a time; `tell` hears of each when it is done. */
export async function judgeLiveCases(
  cases: readonly ReplayCase[],
  lanes: number,
  tell: (report: CaseReport) => void,
): Promise<void> {
  const waiting = [...cases];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) tell(await judgeLiveCase(next));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
