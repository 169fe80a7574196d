import { liveHolder } from '../../agent/lock.ts';
import type { SelfTest } from '../../agent/self-test.ts';
import type { BlindSpot } from '../../types/blind-spot.ts';
import { EXIT, type ExitCode, UserError } from '../../types/error.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { BlindPeriod, CycleRecord } from '../../types/store.ts';
import { blindSpotAnswer } from '../answers.ts';
import { labelled } from '../block.ts';
import type { Context, Run } from '../context.ts';
import { coverageAnswer, coverageText } from '../coverage-text.ts';
import type { Check } from '../doctor-check.ts';
import { selfTestChecks, sensorChecks } from '../doctor-sensor.ts';
import { age, count, dateTime } from '../format.ts';
import { lookNow } from '../look.ts';
import { VERDICT_STYLE } from '../paint.ts';
import { readRecord } from '../recorded.ts';
import { ownVersion } from '../version.ts';

/** `clawwatch doctor`: how far ClawWatch's answers can be trusted on this machine, and how to make them better. */
export const doctor: Run<{ selftest?: boolean }> = async (context, { selftest = false }) => {
  const checks: Check[] = [program(context), rights(context), ...configuration(context)];
  const looked = await lookCheck(context, checks);
  checks.push(...sensorChecks(await context.io.askSensor(), context.io.now()));
  const tested = selftest ? await testItself(context, checks) : undefined;
  checks.push(await database(context), await agent(context));
  const coverage = await measured(context);
  if (coverage) checks.push(coverageCheck(coverage, context));
  const blindSpots = looked?.blindSpots ?? [];
  const exitCode = exitCodeOf(checks, blindSpots);
  context.answer({
    text: () => screen(checks, blindSpots, exitCode, context),
    json: () => ({
      command: 'doctor',
      version: ownVersion(),
      verdict: VERDICT_OF[exitCode] ?? 'OK',
      exitCode,
      checks,
      coverage,
      ...(tested && { selfTest: tested }),
      blindSpots: blindSpots.map(blindSpotAnswer),
    }),
  });
  return exitCode;
};

const VERDICT_OF: Readonly<Partial<Record<ExitCode, string>>> = { [EXIT.blind]: 'UNKNOWN', [EXIT.internal]: 'ERROR' };

function exitCodeOf(checks: readonly Check[], blindSpots: readonly BlindSpot[]): ExitCode {
  if (checks.some((check) => check.state === 'ERROR')) return EXIT.internal;
  return blindSpots.some((spot) => spot.essential) ? EXIT.blind : EXIT.ok;
}

function program({ io }: Context): Check {
  return { name: 'program', state: 'OK', text: `ClawWatch ${ownVersion()}, Node ${io.nodeVersion}, ${io.platform}` };
}

function rights({ io }: Context): Check {
  // Not "all can be read": inside a container, or without CAP_SYS_PTRACE, root is denied too, and that is listed below.
  if (io.uid === 0) return { name: 'rights', state: 'OK', text: 'root: no other user sees more on this machine' };
  if (io.uid === undefined) return { name: 'rights', state: 'NOTE', text: 'this system has no user ids' };
  return {
    name: 'rights',
    state: 'NOTE',
    text: `user ${io.uid}: sockets of everybody, owners of this user's processes only`,
    fix: 'run as the user who runs OpenClaw, or with sudo to see the owners of all sockets',
  };
}

function configuration({ configPath, warnings, config }: Context): Check[] {
  const file: Check = { name: 'config', state: 'OK', text: configPath ?? 'no file, defaults' };
  const lab = config.labPublic.length > 0 ? ['CLAWWATCH_LAB_PUBLIC is set: verdicts are not real'] : [];
  return [file, ...[...warnings, ...lab].map((text): Check => ({ name: 'config', state: 'NOTE', text }))];
}

async function lookCheck(context: Context, checks: Check[]): Promise<Snapshot | undefined> {
  try {
    const { result } = await lookNow(context, { record: false, everything: true });
    checks.push(...seen(result.snapshot));
    return result.snapshot;
  } catch (error) {
    const fix = error instanceof UserError ? error.hint : 'run clawwatch scan: it prints the cause in full';
    checks.push({ name: 'look', state: 'ERROR', text: `the look failed: ${(error as Error).message}`, fix });
    return undefined;
  }
}

async function testItself({ io, config }: Context, checks: Check[]): Promise<SelfTest | undefined> {
  try {
    const tested = await io.selfTest(config);
    checks.push(...selfTestChecks(tested));
    return tested;
  } catch (error) {
    const fix = 'try again; it needs loopback and a child process';
    checks.push({ name: 'selftest', state: 'ERROR', text: `it failed: ${(error as Error).message}`, fix });
    return undefined;
  }
}

function seen(snapshot: Snapshot): Check[] {
  const owned = snapshot.listeners.filter((listener) => listener.owner).length;
  const sockets = `${count(snapshot.listeners.length, 'listener')} (${owned} with a known owner), ${count(snapshot.connections.length, 'connection')}, ${count(snapshot.processes.length, 'process', 'processes')} in ${Math.round(snapshot.durationMs)} ms`;
  const lacking = snapshot.blindSpots.some((spot) => spot.essential || spot.socketsMissing);
  const gateways = snapshot.gateways.map((gateway) => `${gateway.id}${gateway.running ? '' : ' (not running)'}`);
  return [
    { name: 'collector', state: 'OK', text: `${snapshot.sources.join(', ')}; telemetry ${snapshot.telemetry}` },
    { name: 'sockets', state: lacking ? 'UNKNOWN' : 'OK', text: sockets },
    { name: 'gateways', state: gateways.length > 0 ? 'OK' : 'NOTE', text: gateways.join(', ') || 'none found' },
  ];
}

async function database(context: Context): Promise<Check> {
  const { config, io } = context;
  try {
    const state = await readRecord(context, (reader) => ({
      cycle: reader.lastCycle(),
      size: reader.size(),
      blind: reader.blindPeriods(io.now() - 86_400_000),
    }));
    if (!state) {
      return {
        name: 'database',
        state: 'NOTE',
        text: `${config.database} does not exist yet`,
        fix: 'clawwatch scan makes it',
      };
    }
    const over = state.size.overLimitBytes;
    return {
      name: 'database',
      state: over ? 'NOTE' : 'OK',
      text: `${config.database}, ${(state.size.bytes / 1_000_000).toFixed(1)} MB${over ? `, ${Math.ceil(over / 1_000_000)} MB over its limit` : ''}, ${lastLook(state.cycle, io.now())}${blindText(state.blind)}`,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { name: 'database', state: 'ERROR', text: error.message, fix: error.hint };
  }
}

function lastLook(cycle: CycleRecord | undefined, now: number): string {
  return cycle ? `last look ${age(now - cycle.at)} ago by ${cycle.origin}` : 'no look recorded';
}

function blindText(periods: readonly BlindPeriod[]): string {
  const last = periods.toSorted((a, b) => a.toAt - b.toAt).at(-1);
  if (!last) return '';
  return `; in 24 h ${count(periods.length, 'stretch', 'stretches')} without a look, the last until ${dateTime(last.toAt)}: ${last.cause}`;
}

async function agent(context: Context): Promise<Check> {
  const { config, io } = context;
  const holder = liveHolder({ database: config.database });
  if (!holder) {
    return {
      name: 'agent',
      state: 'NOTE',
      text: 'not running: nobody looks between two scans',
      fix: 'clawwatch agent run',
    };
  }
  const cycle = await readRecord(context, (reader) => reader.lastCycle()).catch(() => undefined);
  const quiet = cycle ? io.now() - cycle.at : Number.POSITIVE_INFINITY;
  const text = `runs as pid ${holder.pid}, ${lastLook(cycle, io.now())}`;
  if (quiet <= Math.max(10 * config.intervalMs, 60_000)) return { name: 'agent', state: 'OK', text };
  return { name: 'agent', state: 'ERROR', text: `${text}: it runs but records nothing`, fix: 'read its log or stderr' };
}

/** Connections opened against those identified in the last day; a record out of order is told by its own check. */
async function measured(context: Context): Promise<ReturnType<typeof coverageAnswer>> {
  const hours = await readRecord(context, (reader) => reader.coverage(context.io.now() - 86_400_000)).catch(() => []);
  return coverageAnswer(hours ?? []);
}

function coverageCheck(coverage: NonNullable<ReturnType<typeof coverageAnswer>>, { io }: Context): Check {
  const { text, isEnough } = coverageText(coverage, io.now());
  if (isEnough) return { name: 'coverage', state: 'OK', text };
  const fix =
    'look more often, since short connections come and go between two looks: clawwatch agent run --interval 500ms';
  return { name: 'coverage', state: 'NOTE', text, fix };
}

const LAST: Readonly<Partial<Record<number, string>>> = {
  [EXIT.ok]: 'Everything essential can be seen.',
  [EXIT.blind]: 'Not everything essential can be seen.',
};

function screen(
  checks: readonly Check[],
  blindSpots: readonly BlindSpot[],
  exitCode: number,
  { paint }: Context,
): string[] {
  const style = { ...VERDICT_STYLE, NOTE: 'cyan' } as const;
  const lines = checks.flatMap((check) => [
    ...labelled(check.state, `${check.name}: ${paint.text(check.text, 600)}`, paint, style[check.state]),
    ...(check.fix ? labelled('', `fix: ${paint.text(check.fix, 300)}`, paint) : []),
  ]);
  const blind = blindSpots.flatMap((spot) => [
    ...labelled(
      spot.essential ? 'UNKNOWN' : 'NOTE',
      `not seen: ${paint.text(spot.what, 300)}: ${paint.text(spot.why, 300)}`,
      paint,
      spot.essential ? style.UNKNOWN : style.NOTE,
    ),
    ...(spot.fix ? labelled('', `fix: ${paint.text(spot.fix, 300)}`, paint) : []),
  ]);
  const last = LAST[exitCode] ?? 'Something does not work.';
  return [...lines, ...blind, '', ...labelled('', `${last}  exit ${exitCode}`, paint)];
}
