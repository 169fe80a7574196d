import { Command, Option } from 'commander';
import { COLLECTORS } from '../config/schema.ts';
import { SEVERITIES } from '../types/finding.ts';
import type { Run } from './context.ts';
import { addIntelCommands } from './intel-program.ts';
import { addPolicyCommands } from './policy-program.ts';
import { addReplayCommands } from './replay-program.ts';
import { addSensorCommands } from './sensor-program.ts';

/** How a command of the tree is run once its options are parsed; the man page and tests hand in one that does nothing. */
export type Execute = <Options extends object>(
  load: () => Promise<Run<Options>>,
  options: Options,
  globals: object,
) => Promise<void>;

const EXIT_CODES = `
Exit codes:
  0   nothing at or above --fail-on, or the answer was given
  1   scan: findings at or above --fail-on; intel check: it is listed
  2   wrong usage or configuration
  3   blind: something essential could not be seen, and there are no findings
  4   internal error, a database that cannot be used, or an answer that could not be written
  78  this system cannot run ClawWatch (Node.js too old, no SQLite for it)
`;

/**
 * The tree of commands with help texts. Modules of commands are loaded when one is run: parsing and help touch neither
 * the stages nor SQLite.
 */
export function buildProgram(version: string, execute: Execute): Command {
  const program = new Command('clawwatch')
    .description('Network exposure monitor and outbound-connection watchdog for OpenClaw')
    .version(version, '-V, --version')
    .option('--json', 'answer in JSON (docs/json.md), with schemaVersion')
    .option('--db <file>', 'database of the record')
    .option('--config <file>', 'configuration file')
    .option('--no-color', 'no colours (so does NO_COLOR)')
    .option('--ascii', 'signs in ASCII only')
    .option('--verbose', 'write debug lines to the log')
    .addOption(new Option('--collector <name>', 'how sockets are read').choices([...COLLECTORS]))
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError(true)
    .showHelpAfterError('(clawwatch help shows all commands)')
    // Else `clawwatch scan --help` would not say that there is --json.
    .configureHelp({ showGlobalOptions: true });
  addScan(program, execute);
  addAgent(program, execute);
  addSockets(program, execute);
  addFindings(program, execute);
  addTui(program, execute);
  addAcknowledge(program, execute);
  addPolicyCommands(program, execute, { examples });
  addSensorCommands(program, execute, { examples });
  addIntelCommands(program, execute, { examples });
  addReplayCommands(program, execute, { examples });
  addDoctor(program, execute);
  return program;
}

function addScan(program: Command, execute: Execute): void {
  program
    .command('scan')
    .description('look once: is a gateway exposed, who talks out, what needs doing')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 from this severity on (default: low)').choices([...SEVERITIES]),
    )
    .option('--all', 'also list every listening socket of this machine')
    .option('--no-record', 'write nothing to the database')
    .addHelpText(
      'after',
      examples('clawwatch scan', 'clawwatch scan --fail-on high --json', 'sudo clawwatch scan --all --no-record'),
    )
    .action((options: { record: boolean; all?: boolean }, command: Command) =>
      execute(async () => (await import('./commands/scan.ts')).scan, options, command.optsWithGlobals()),
    );
}

function addAgent(program: Command, execute: Execute): void {
  const agent = program
    .command('agent')
    .description('watch all the time')
    .addHelpText('after', examples('clawwatch agent run'));
  agent
    .command('run')
    .description('look again and again, in the foreground; one agent for each database')
    .option('--interval <duration>', 'time between two looks (default: 2s)')
    .option('--max-cycles <number>', 'end after so many looks')
    .addHelpText(
      'after',
      examples('clawwatch agent run', 'clawwatch agent run --interval 5s', 'clawwatch agent run --json --max-cycles 1'),
    )
    .action((options: { maxCycles?: string }, command: Command) =>
      execute(async () => (await import('./commands/agent-run.ts')).agentRun, options, command.optsWithGlobals()),
    );
}

function addSockets(program: Command, execute: Execute): void {
  program
    .command('listeners')
    .description('everything on this machine that waits for connections, gateways first')
    .option('--live', 'look now, also while an agent is recording')
    .option('--all', 'find the owners of all sockets, not only of listeners')
    .addHelpText('after', examples('clawwatch listeners', 'clawwatch listeners --live --json'))
    .action((options: { live?: boolean; all?: boolean }, command: Command) =>
      execute(async () => (await import('./commands/sockets.ts')).listeners, options, command.optsWithGlobals()),
    );
  program
    .command('connections')
    .description('whom OpenClaw talks to, and who talks to it')
    .option('--live', 'look now, also while an agent is recording')
    .option('--all', 'connections of the whole machine')
    .addHelpText('after', examples('clawwatch connections', 'clawwatch connections --all --live'))
    .action((options: { live?: boolean; all?: boolean }, command: Command) =>
      execute(async () => (await import('./commands/sockets.ts')).connections, options, command.optsWithGlobals()),
    );
  program
    .command('skills')
    .description('installed skills, where they are from, and whether their files were changed since')
    .option('--live', 'look now, also while an agent is recording')
    .option('--all', 'those that come with OpenClaw as well')
    .addHelpText('after', examples('clawwatch skills', 'clawwatch skills --all --json'))
    .action((options: { live?: boolean; all?: boolean }, command: Command) =>
      execute(async () => (await import('./commands/skills.ts')).skills, options, command.optsWithGlobals()),
    );
}

function addFindings(program: Command, execute: Execute): void {
  program
    .command('findings')
    .description('what is recorded, the worst first')
    .option('--status <words>', 'open, acknowledged, suppressed, resolved (several with commas) or all', 'open')
    .option('--severity <severity>', `this severity or worse: ${SEVERITIES.join(', ')}`)
    .option('--since <duration>', 'only findings that were true in this time')
    .addHelpText(
      'after',
      examples(
        'clawwatch findings',
        'clawwatch findings --status all --since 7d',
        'clawwatch findings --severity high --json',
      ),
    )
    .action((options: { status: string; severity?: string; since?: string }, command: Command) =>
      execute(async () => (await import('./commands/findings.ts')).findings, options, command.optsWithGlobals()),
    );
  program
    .command('explain')
    .description('a finding with its evidence, why it matters, and what to do')
    .argument('<id>', 'id of the finding, or at least 6 characters of its fingerprint')
    .addHelpText('after', examples('clawwatch explain F-7K2M9Q'))
    .action((id: string, _options: object, command: Command) =>
      execute(async () => (await import('./commands/explain.ts')).explain, { id }, command.optsWithGlobals()),
    );
}

function addTui(program: Command, execute: Execute): void {
  program
    .command('tui')
    .description('the screen to leave open: am I exposed, who talks out, what needs me')
    .addHelpText('after', examples('clawwatch tui', 'clawwatch tui --ascii --no-color'))
    .action((_options: object, command: Command) => {
      const globals = command.optsWithGlobals();
      return execute(async () => (await import('./commands/tui.ts')).tui, globals, globals);
    });
}

function addAcknowledge(program: Command, execute: Execute): void {
  program
    .command('acknowledge')
    .description('you have seen these findings: they stay on record and are no longer shown as open')
    .argument('<ids...>', 'ids of findings')
    .option('--reason <text>', 'why, for the record')
    .addHelpText('after', examples("clawwatch acknowledge F-7K2M9Q --reason 'the test machine'"))
    .action((ids: string[], options: { reason?: string }, command: Command) =>
      execute(
        async () => (await import('./commands/acknowledge.ts')).acknowledge,
        { ...options, ids },
        command.optsWithGlobals(),
      ),
    );
}

function addDoctor(program: Command, execute: Execute): void {
  program
    .command('doctor')
    .description('what can be seen on this machine, what not, and how to change that')
    .option('--selftest', 'open short connections to ourselves on loopback and tell who saw them')
    .addHelpText('after', examples('clawwatch doctor', 'clawwatch doctor --selftest', 'sudo clawwatch doctor --json'))
    .action((options: { selftest?: boolean }, command: Command) =>
      execute(async () => (await import('./commands/doctor.ts')).doctor, options, command.optsWithGlobals()),
    );
}

function examples(...commands: string[]): string {
  return `\nExamples:\n${commands.map((command) => `  ${command}`).join('\n')}\n`;
}
