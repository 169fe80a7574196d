import { type Command, Option } from 'commander';
import type { Execute } from './program.ts';

/** Texts shared by the help of several commands. */
interface Help {
  examples(...commands: string[]): string;
}

/** `allow`, `suppress`, `policy …` and `learn …` in the tree of commands. */
export function addPolicyCommands(program: Command, execute: Execute, { examples }: Help): void {
  scoped(program.command('allow').description('a contact is fine: host, *.domain, address or block, each with :port'))
    .addHelpText(
      'after',
      examples(
        "clawwatch allow api.open-meteo.com --skill weather --for 30d --reason 'it is the forecast'",
        "clawwatch allow '*.example.com:443' --role exec --for 24h --reason 'testing the API'",
      ),
    )
    .action((pattern: string, options: object, command: Command) =>
      execute(
        async () => (await import('./commands/allow.ts')).allow,
        { ...options, pattern },
        command.optsWithGlobals(),
      ),
    );
  scoped(program.command('suppress').description('do not tell me: a finding, a rule, or hosts as for allow'))
    .addHelpText(
      'after',
      examples(
        "clawwatch suppress F-7K2M9Q --for 24h --reason 'a test bench'",
        "clawwatch suppress EXP-09 --role exec --for 1h --reason 'I start dev servers'",
      ),
    )
    .action((pattern: string, options: object, command: Command) =>
      execute(
        async () => (await import('./commands/suppress.ts')).suppress,
        { ...options, pattern },
        command.optsWithGlobals(),
      ),
    );
  addPolicy(program, execute, examples);
  addLearn(program, execute, examples);
}

function scoped(command: Command): Command {
  return command
    .argument('<pattern>', 'what it is about')
    .option('--skill <name>', 'for this skill')
    .option('--role <name>', 'for this role: gateway, helper, exec, skill, mcp, browser, detached')
    .option('--everywhere', 'for everybody')
    .addOption(new Option('--for <duration>', 'how long: 1h, 24h, 30d, never').default('30d'))
    .option('--reason <text>', 'why; needed');
}

function addPolicy(program: Command, execute: Execute, examples: Help['examples']): void {
  const policy = program
    .command('policy')
    .description('what you allowed and suppressed')
    .addHelpText('after', examples('clawwatch policy list', 'clawwatch policy remove 3'));
  policy
    .command('list')
    .description('rules in force')
    .option('--all', 'also expired and removed ones')
    .addHelpText('after', examples('clawwatch policy list', 'clawwatch policy list --all --json'))
    .action((options: { all?: boolean }, command: Command) =>
      execute(async () => (await import('./commands/policy.ts')).policyList, options, command.optsWithGlobals()),
    );
  policy
    .command('remove')
    .description('a rule counts no longer; it stays on record')
    .argument('<id>', 'number of the rule')
    .option('--reason <text>', 'why')
    .addHelpText('after', examples('clawwatch policy remove 3'))
    .action((id: string, options: object, command: Command) =>
      execute(
        async () => (await import('./commands/policy.ts')).policyRemove,
        { ...options, id },
        command.optsWithGlobals(),
      ),
    );
  policy
    .command('test')
    .description('what a rule would have silenced of all that is on record')
    .argument('<pattern>', 'as for allow and suppress')
    .addOption(new Option('--action <action>', 'kind of rule').choices(['allow', 'suppress']).default('allow'))
    .option('--skill <name>', 'for this skill')
    .option('--role <name>', 'for this role')
    .option('--everywhere', 'for everybody')
    .addHelpText('after', examples("clawwatch policy test '*.example.com' --skill weather"))
    .action((pattern: string, options: { action: string }, command: Command) =>
      execute(
        async () => (await import('./commands/policy.ts')).policyTest,
        { ...options, pattern },
        command.optsWithGlobals(),
      ),
    );
}

function addLearn(program: Command, execute: Execute, examples: Help['examples']): void {
  const learn = program
    .command('learn')
    .description('what is usual: contacts of the first days')
    .addHelpText('after', examples('clawwatch learn status', 'clawwatch learn review'));
  learn
    .command('status')
    .description('whether it still learns, and what it has')
    .addHelpText('after', examples('clawwatch learn status'))
    .action((options: object, command: Command) =>
      execute(async () => (await import('./commands/learn.ts')).learnStatus, options, command.optsWithGlobals()),
    );
  learn
    .command('review')
    .description('what was learned, to be accepted or refused')
    .option('--accept <numbers...>', 'make rules of these; "all": of all that are learned')
    .option('--reject <numbers...>', 'these are not learned')
    .option('--reason <text>', 'why they are accepted')
    .addHelpText(
      'after',
      examples(
        'clawwatch learn review',
        'clawwatch learn review --accept 3 7 --reject 5',
        'clawwatch learn review --accept all',
      ),
    )
    .action((options: object, command: Command) =>
      execute(async () => (await import('./commands/learn.ts')).learnReview, options, command.optsWithGlobals()),
    );
  learn
    .command('restart')
    .description('forget what was learned and begin anew; your rules stay')
    .addHelpText('after', examples('clawwatch learn restart'))
    .action((options: object, command: Command) =>
      execute(async () => (await import('./commands/learn.ts')).learnRestart, options, command.optsWithGlobals()),
    );
}
