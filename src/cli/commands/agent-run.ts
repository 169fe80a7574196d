import { createAlarm } from '../../agent/alarm.ts';
import { SYSTEM_CLOCK } from '../../agent/clock.ts';
import { type CycleResult, runCycle } from '../../agent/cycle.ts';
import { takeLock } from '../../agent/lock.ts';
import { createLog } from '../../agent/log.ts';
import { type AgentTotals, runAgent } from '../../agent/run.ts';
import type { StorageProblem } from '../../agent/storage-problem.ts';
import { formatDuration } from '../../config/duration.ts';
import { EXIT, type ExitCode, UserError } from '../../types/error.ts';
import type { FindingRecord } from '../../types/store.ts';
import type { Context, Run } from '../context.ts';
import { count, dateTime } from '../format.ts';
import { inertJsonLine } from '../inert-json.ts';
import { SEVERITY_STYLE } from '../paint.ts';
import { openFindings } from '../verdict.ts';
import { ownVersion } from '../version.ts';

export interface AgentRunOptions {
  maxCycles?: string;
}

/** `clawwatch agent run`: looks again and again, in the foreground, and says what begins and what ends. */
export const agentRun: Run<AgentRunOptions> = async (context, options) => {
  const { io, config } = context;
  const maxCycles = options.maxCycles === undefined ? undefined : cycles(options.maxCycles);
  const giveBack = takeLock({ database: config.database, now: io.now });
  const stop = io.untilStopped();
  const log = createLog({
    level: config.logLevel,
    ...(config.logFile ? { file: config.logFile } : {}),
    write: (line) => void io.stderr.write(line),
  });
  const alarm = createAlarm(SYSTEM_CLOCK.monotonic);
  try {
    const { stages, warnings } = await io.createStages(config, {
      onUrgent: alarm.ring,
      env: io.env,
      now: io.now,
      record: true,
      hostOwners: 'listeners-and-touched',
      onIntelChange: (change) =>
        log[change.problems.length > 0 ? 'warn' : 'info'](change, 'packs of indicators changed'),
      onRuleError: (ruleId, error) => log.error({ ruleId, err: error }, 'a rule failed'),
    });
    for (const warning of warnings) context.warn(warning);
    const say = speaker(context);
    const lastCycleAt = stages.recorder.history().lastCycleAt();
    refuseUnusable(stages.recorder.problem());
    say.started();
    const totals = await runAgent({
      cycle: (signal) => runCycle(stages, 'agent', signal),
      recorder: stages.recorder,
      intervalMs: config.intervalMs,
      retention: { days: config.retentionDays, megabytes: config.retentionMegabytes },
      clock: { ...SYSTEM_CLOCK, now: io.now },
      log,
      stop: stop.signal,
      alarm,
      lastCycleAt,
      ...(maxCycles !== undefined ? { maxCycles } : {}),
      onCycle: say.looked,
      onStorage: say.storage,
    });
    const problem = stages.recorder.problem();
    stages.recorder.close();
    say.stopped(totals);
    return maxCycles === undefined ? EXIT.ok : trialExitCode(totals, problem);
  } finally {
    log.close();
    stop.dispose();
    giveBack();
  }
};

/** A trial with `--max-cycles` is asked whether it works; an agent that was told to stop has done so, whatever came before. */
function trialExitCode({ cycles, failed }: AgentTotals, problem: StorageProblem | undefined): ExitCode {
  if (failed > 0 && failed === cycles) return EXIT.internal;
  return problem?.exitCode ?? EXIT.ok;
}

function cycles(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UserError(`--max-cycles ${text.slice(0, 80)} is not possible`, { hint: 'give a whole number from 1' });
}

/** A place that is not to be trusted gets no better by waiting; a full disk or a damaged file may, and looks go on meanwhile. */
function refuseUnusable(problem: StorageProblem | undefined): void {
  if (!problem || problem.exitCode === EXIT.internal) return;
  throw new UserError(problem.message, { hint: problem.hint, exitCode: problem.exitCode });
}

// Findings carried over partial looks; a skill that opens ports all day must not fill the memory.
const MOST_REMEMBERED = 1000;

/** What the person at the terminal reads: a line at the start and one for each thing that begins or ends. */
function speaker({ io, config, paint, json }: Context) {
  // No larger than what is open now: an agent runs for months.
  let known = new Map<string, FindingRecord>();
  let first = true;
  const event = (name: string, fields: object, text: () => string) =>
    void io.stdout.write(
      json ? inertJsonLine({ event: name, at: io.now(), ...fields }) : `${dateTime(io.now())}  ${text()}\n`,
    );

  function looked({ snapshot, findings }: CycleResult): void {
    const open = new Map(openFindings(findings).map((finding) => [finding.fingerprint, finding]));
    if (first) {
      const running = snapshot.gateways.filter((gateway) => gateway.running).length;
      event(
        'watching',
        { gateways: running },
        () => `watching ${count(running, 'running gateway')}, ${count(snapshot.listeners.length, 'listener')}`,
      );
    }
    for (const [key, finding] of open) {
      if (known.has(key)) continue;
      const { id, ruleId, severity, title, fingerprint } = finding;
      event('finding', { id, ruleId, severity, title, fingerprint }, () =>
        paint.style(
          SEVERITY_STYLE[severity],
          `${severity.toUpperCase()}  ${paint.text(ruleId, 20)}  ${paint.text(title, 300)}  ${paint.text(id, 20)}`,
        ),
      );
    }
    // In a look that missed sockets, absence proves nothing: what was there stays until a whole look says otherwise.
    const muted = new Set(findings.filter(({ status }) => status !== 'open').map((finding) => finding.fingerprint));
    const partial = snapshot.blindSpots.some((spot) => spot.essential || spot.socketsMissing);
    for (const [key, finding] of known) {
      if (open.has(key)) continue;
      const isMuted = muted.has(key);
      if (partial && !isMuted && open.size < MOST_REMEMBERED) {
        open.set(key, finding);
        continue;
      }
      const { id, ruleId, title, fingerprint } = finding;
      // It is still true: somebody suppressed or acknowledged it.
      const word = isMuted ? 'muted' : 'ended';
      event(
        word,
        { id, ruleId, title, fingerprint },
        () => `${word}  ${paint.text(ruleId, 20)}  ${paint.text(title, 300)}  ${paint.text(id, 20)}`,
      );
    }
    known = open;
    first = false;
  }

  return {
    looked,
    started: () =>
      event(
        'started',
        { version: ownVersion(), pid: io.pid, intervalMs: config.intervalMs, database: config.database },
        () =>
          `ClawWatch ${ownVersion()} agent, pid ${io.pid}, looks every ${formatDuration(config.intervalMs)}, records in ${paint.text(config.database, 300)}`,
      ),
    stopped: (totals: AgentTotals) =>
      event(
        'stopped',
        totals,
        () => `stopped after ${count(totals.cycles, 'look')}, ${totals.failed} failed, ${totals.skipped} left out`,
      ),
    storage(problem: StorageProblem | undefined): void {
      const text = problem
        ? `not recorded, still watching: ${paint.text(problem.message, 400)}\n  hint: ${paint.text(problem.hint, 400)}`
        : 'recording again';
      io.stderr.write(`clawwatch: ${text}\n`);
    },
  };
}
