import type { Command } from 'commander';
import type { SensorRunOptions } from './commands/sensor-run.ts';
import type { Execute } from './program.ts';

/** `sensor …` in the tree of commands. None of them reads a configuration: root must not obey a file of somebody else. */
export function addSensorCommands(
  program: Command,
  execute: Execute,
  { examples }: { examples(...commands: string[]): string },
): void {
  const sensor = program
    .command('sensor')
    .description('the small process that starts as root and misses no short connection (Linux)')
    .addHelpText('after', examples('sudo clawwatch sensor install', 'clawwatch sensor status'));
  const reader = (command: Command) =>
    command.option('--reader <user>', 'who may read besides root (name or uid; several times)', collect, []);
  reader(sensor.command('run'))
    .description('watch in the foreground; for service managers and containers')
    .option('--user <user>', 'whom it becomes (default: clawwatch-sensor, else uid 61111)')
    .option('--socket-folder <folder>', 'where its sockets are (default: /run/clawwatch)')
    .option('--no-names', 'do not watch DNS answers and server names')
    .option('--no-datagrams', 'do not watch where datagrams go')
    .addHelpText('after', examples('sudo clawwatch sensor run --reader alice'))
    .action((options: SensorRunOptions, command: Command) =>
      execute(async () => (await import('./commands/sensor-run.ts')).sensorRun, options, {
        ...command.optsWithGlobals(),
        withoutConfig: true,
      }),
    );
  for (const [name, description] of [
    ['install', 'make it a hardened system service (systemd), or print how to run it'],
    ['uninstall', 'remove the service again'],
  ] as const) {
    const command = sensor.command(name).description(description).option('--dry-run', 'only say what would be done');
    if (name === 'install') reader(command);
    command
      .addHelpText('after', examples(`sudo clawwatch sensor ${name} --dry-run`, `sudo clawwatch sensor ${name}`))
      .action((options: object, self: Command) =>
        execute(async () => (await import('./commands/sensor-service.ts'))[name], options, {
          ...self.optsWithGlobals(),
          withoutConfig: true,
        }),
      );
  }
  sensor
    .command('status')
    .description('whether it is heard, what it watches and what it lost')
    .option('--socket-folder <folder>', 'where its sockets are (default: /run/clawwatch)')
    .addHelpText('after', examples('clawwatch sensor status', 'clawwatch sensor status --json'))
    .action((options: object, command: Command) =>
      execute(async () => (await import('./commands/sensor-status.ts')).sensorStatus, options, {
        ...command.optsWithGlobals(),
        withoutConfig: true,
      }),
    );
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
