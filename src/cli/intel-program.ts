import type { Command } from 'commander';
import type { IntelUpdateOptions } from './commands/intel-update.ts';
import type { Execute } from './program.ts';

/** `intel …` in the tree of commands: lists of what is published as malicious. */
export function addIntelCommands(
  program: Command,
  execute: Execute,
  { examples }: { examples(...commands: string[]): string },
): void {
  const intel = program
    .command('intel')
    .description('packs of indicators: what is published as malicious, and kinds of hosts')
    .addHelpText('after', examples('clawwatch intel list', 'clawwatch intel check evil.example'));
  addUpdate(intel, execute, examples);
  intel
    .command('list')
    .description('packs in use with date, licence, source, what still counts, and what was refused')
    .addHelpText('after', examples('clawwatch intel list', 'clawwatch intel list --json'))
    .action((options: object, command: Command) =>
      execute(async () => (await import('./commands/intel-list.ts')).intelList, options, command.optsWithGlobals()),
    );
  intel
    .command('check')
    .description('is this address, address:port, domain or URL listed; nothing is looked up (exit 1: it is)')
    .argument('<value>', 'as it stands or defanged: evil[.]example')
    .addHelpText(
      'after',
      examples(
        'clawwatch intel check evil.example',
        "clawwatch intel check '91[.]92[.]242[.]30'",
        'clawwatch intel check https://webhook.site/x --json',
      ),
    )
    .action((value: string, _options: object, command: Command) =>
      execute(async () => (await import('./commands/intel-check.ts')).intelCheck, { value }, command.optsWithGlobals()),
    );
  for (const [name, description] of [
    ['rollback', 'bring back the pack that was there before the last update; again: forth'],
    ['remove', 'remove an installed pack and the one before it'],
  ] as const) {
    intel
      .command(name)
      .description(description)
      .argument('<name>', 'name of the pack, see clawwatch intel list')
      .addHelpText('after', examples(`clawwatch intel ${name} my-feed`))
      .action((pack: string, _options: object, command: Command) =>
        execute(
          async () => {
            const commands = await import('./commands/intel-change.ts');
            return name === 'rollback' ? commands.intelRollback : commands.intelRemove;
          },
          { name: pack },
          command.optsWithGlobals(),
        ),
      );
  }
}

function addUpdate(intel: Command, execute: Execute, examples: (...commands: string[]) => string): void {
  intel
    .command('update')
    .description('install a pack, or a newer one in its place; nothing is installed unless all of it holds')
    .requiredOption('--from <file|url>', 'the pack: a file, or an https address')
    .option('--sha256 <hex>', 'its checksum, as its publisher tells it')
    .option('--key <file>', 'public key (Ed25519, PEM) of whoever signed it; the signature is at <file|url>.sig')
    .option('--unsigned', 'take it from the network without either')
    .option('--name <name>', 'install it under this name')
    .option('--force', 'also an older one, or one of a very different size')
    .option('--timeout <duration>', 'for everything that is fetched (default: 60s)')
    .option('--ca <file>', 'certificates (PEM) to trust, for a server of your own')
    .addHelpText(
      'after',
      examples(
        'clawwatch intel update --from ./my-feed.json',
        'clawwatch intel update --from https://feeds.example/openclaw.json --key feeds.pub.pem',
      ),
    )
    .action((options: IntelUpdateOptions, command: Command) =>
      execute(async () => (await import('./commands/intel-update.ts')).intelUpdate, options, command.optsWithGlobals()),
    );
}
