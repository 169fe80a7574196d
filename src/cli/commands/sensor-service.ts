import { readerUids } from '../../agent/sensor-process.ts';
import { planInstall, planUninstall, type ServicePlan } from '../../agent/sensor-service.ts';
import { EXIT } from '../../types/error.ts';
import type { Context, Run } from '../context.ts';

export interface SensorServiceOptions {
  reader?: string[];
  dryRun?: boolean;
}

/** `clawwatch sensor install`: says each step, then does it. */
export const install: Run<SensorServiceOptions> = async (context, options) => {
  const { io } = context;
  const wished = options.reader ?? [];
  // Whoever calls sudo is the one whose agent is to read.
  const caller = /^[1-9]\d{0,8}$/.test(io.env.SUDO_UID ?? '') ? [io.env.SUDO_UID!] : [];
  const host = await io.serviceHost();
  const readers = readerUids(wished.length > 0 ? wished : caller, host.passwd);
  return carryOut(planInstall(host, readers), 'install', context, options);
};

/** `clawwatch sensor uninstall`. */
export const uninstall: Run<SensorServiceOptions> = async (context, options) =>
  carryOut(planUninstall(await context.io.serviceHost()), 'uninstall', context, options);

function carryOut(
  plan: ServicePlan,
  command: string,
  context: Context,
  { dryRun = false }: SensorServiceOptions,
): typeof EXIT.ok {
  const isDone = plan.isSystemd && !dryRun;
  if (isDone) for (const step of plan.steps) step.run();
  const unit = plan.unit
    .trimEnd()
    .split('\n')
    .map((line) => context.paint.text(line, 600));
  const steps = plan.steps.map(({ text }) => text);
  context.answer({
    text: () => [
      ...(plan.isSystemd ? [] : ['This system has no systemd. Let your service manager keep this running, as root:']),
      ...(plan.isSystemd && dryRun ? ['Would be done:'] : []),
      ...steps.map((text) => `  ${context.paint.text(text, 600)}`),
      ...(dryRun && plan.unit !== '' && plan.isSystemd ? ['', ...unit] : []),
      ...(isDone ? ['', 'done.  clawwatch sensor status tells whether it is heard'] : []),
    ],
    json: () => ({ command: `sensor ${command}`, systemd: plan.isSystemd, done: isDone, steps, unit: plan.unit }),
  });
  return EXIT.ok;
}
