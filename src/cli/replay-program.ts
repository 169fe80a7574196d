import type { Command } from 'commander';
import type { RulesTestOptions } from './commands/rules-test.ts';
import type { Execute } from './program.ts';

/** `replay` and `rules test` in the tree of commands: rules are tried before they are trusted. */
export function addReplayCommands(
  program: Command,
  execute: Execute,
  { examples }: { examples(...commands: string[]): string },
): void {
  program
    .command('replay')
    .description('what the rules say of recorded events (.jsonl) or of a file of cases, on a clock of its own')
    .argument('<file>', 'events, one JSON object on each line, or cases in YAML or Markdown')
    .option('--only <ids>', 'these cases alone, with commas')
    .addHelpText('after', examples('clawwatch replay events.jsonl', 'clawwatch replay cases.md --only M16,M20 --json'))
    .action((file: string, options: { only?: string }, command: Command) =>
      execute(
        async () => (await import('./commands/replay.ts')).replay,
        { ...options, file },
        command.optsWithGlobals(),
      ),
    );
  const rules = program
    .command('rules')
    .description('try rules on what is on record')
    .addHelpText('after', examples('clawwatch rules test --rule EGR-04 --option openDays=1'));
  rules
    .command('test')
    .description('what a rule would have found in the record, also with other numbers than its own')
    .option('--rule <id>', 'this rule alone')
    .option(
      '--option <key=value>',
      'a number of that rule; several times',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option('--days <number>', 'how far back (default: 7)')
    .addHelpText(
      'after',
      examples('clawwatch rules test', 'clawwatch rules test --rule EGR-04 --option uploadBytes=1024 --days 30'),
    )
    .action((options: RulesTestOptions, command: Command) =>
      execute(async () => (await import('./commands/rules-test.ts')).rulesTest, options, command.optsWithGlobals()),
    );
}
