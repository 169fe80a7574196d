import { type Command, CommanderError } from 'commander';
import { EXIT, type ExitCode } from '../types/error.ts';
import { safeText } from '../types/text.ts';
import { type GlobalOptions, openContext, type Run } from './context.ts';
import { reportError, reportUsage } from './failure.ts';
import { type Io, processIo } from './io.ts';
import { buildProgram } from './program.ts';
import { ownVersion } from './version.ts';

/**
 * The whole program.
 *
 * @param argv arguments without `node` and the script.
 * @returns the exit code; never throws and never ends the process.
 */
export async function main(argv: string[], io: Io = processIo()): Promise<number> {
  let exitCode: ExitCode = EXIT.ok;
  try {
    const program = buildProgram(ownVersion(), async (load, options, globals) => {
      const context = openContext(io, globals as GlobalOptions);
      const run: Run<typeof options> = await load();
      exitCode = await run(context, options);
    });
    speakThrough(program, io);
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    exitCode = endedBy(error, io, argv.includes('--json'));
  }
  const lost = await io.lostOutput?.();
  if (lost === undefined) return exitCode;
  // Half an answer must not end with the code of a whole one: 1 would say "findings", 0 "clean".
  io.stderr.write(`clawwatch: the answer could not be written: ${safeText(lost.message, 300)}\n`);
  return EXIT.internal;
}

/** The exit code of what was thrown, with its sentence written. Commander has already written its own to stderr. */
function endedBy(error: unknown, io: Io, json: boolean): ExitCode {
  if (!(error instanceof CommanderError)) return reportError(error, io, json);
  // Help and version also arrive here; commander gives them 0 and every other message 1.
  if (error.exitCode === 0) return EXIT.ok;
  if (json) reportUsage(error.message, io);
  return EXIT.usage;
}

/** The command tree without anything behind it, for the man page. */
export function createProgram(): Command {
  return buildProgram(ownVersion(), async () => {});
}

/** Commander's own sentences through our streams, made inert: a wrong argument may hold escape codes. */
function speakThrough(program: Command, io: Io): void {
  const width = io.columns ?? 100;
  const inert = (text: string) =>
    text
      .split('\n')
      .map((line) => safeText(line, 400))
      .join('\n');
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(inert(text)),
      outputError: (text, write) => write(text.replace(/^error: /, 'clawwatch: ')),
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    });
  }
}
