import { blindSpotAnswer, findingAnswer, gatewayAnswer, listenerAnswer } from '../answers.ts';
import type { Context, Run } from '../context.ts';
import { failedLook } from '../failure.ts';
import { type Look, lookNow } from '../look.ts';
import { closedWithoutOwner, outboundTargets } from '../outbound.ts';
import { scanScreen } from '../scan-screen.ts';
import { listenerTable } from '../socket-tables.ts';
import { gatewayVerdict, lookExitCode, overallVerdict } from '../verdict.ts';
import { ownVersion } from '../version.ts';

export interface ScanOptions {
  record: boolean;
  all?: boolean;
}

/** `clawwatch scan`: one look at the machine, a verdict for each gateway. */
export const scan: Run<ScanOptions> = async (context, options) => {
  let look: Look;
  try {
    look = await lookNow(context, { record: options.record, everything: options.all === true });
  } catch (error) {
    return failedLook(context, error);
  }
  const exitCode = lookExitCode(look.result, context.config.failOn, look.problem);
  context.answer({
    text: () => textOf(context, look, exitCode, options.all === true),
    json: () => scanAnswer(look, exitCode, options.all === true),
  });
  return exitCode;
};

function textOf({ paint }: Context, { result, problem }: Look, exitCode: number, all: boolean): string[] {
  const { snapshot } = result;
  const inventory = ['Listening on this host', ...listenerTable(snapshot.listeners, snapshot.at, paint)];
  return scanScreen(
    { version: ownVersion(), result, exitCode, ...(problem ? { problem } : {}), ...(all ? { inventory } : {}) },
    paint,
  );
}

function scanAnswer({ result, problem }: Look, exitCode: number, all: boolean): object {
  const { snapshot } = result;
  return {
    command: 'scan',
    version: ownVersion(),
    verdict: problem && exitCode === problem.exitCode ? 'ERROR' : overallVerdict(result),
    exitCode,
    at: snapshot.at,
    durationMs: snapshot.durationMs,
    host: snapshot.host,
    telemetry: snapshot.telemetry,
    sources: snapshot.sources,
    recorded: result.recorded,
    recordProblem: problem ? { code: problem.code, message: problem.message, hint: problem.hint } : null,
    gateways: snapshot.gateways.map((gateway) => gatewayAnswer(gateway, gatewayVerdict(gateway, result))),
    findings: result.findings.map(findingAnswer),
    outbound: outboundTargets(snapshot),
    closedWithoutOwner: closedWithoutOwner(snapshot),
    blindSpots: snapshot.blindSpots.map(blindSpotAnswer),
    listeners: snapshot.listeners.filter((listener) => all || listener.gatewayId !== undefined).map(listenerAnswer),
  };
}
