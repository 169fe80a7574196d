import { EXIT, type ExitCode, UserError } from '../types/error.ts';
import type { Context } from './context.ts';
import { inertJsonLine } from './inert-json.ts';
import type { Io } from './io.ts';
import { createPaint } from './paint.ts';
import { wrap } from './width.ts';

/**
 * A look that threw: the answer is ERROR, never "nothing found". The stack goes to stderr, where a report of the bug
 * needs it.
 */
export function failedLook(context: Context, error: unknown): ExitCode {
  if (error instanceof UserError) throw error;
  const { paint } = context;
  const message = messageOf(error);
  context.answer({
    text: () => [
      ...wrap(`${paint.style(['bold', 'red'], 'ERROR')}     the look failed: ${paint.text(message, 300)}`, paint.width),
      ...wrap('This is no verdict. What can be seen, and what cannot: clawwatch doctor', paint.width),
    ],
    json: () => ({ verdict: 'ERROR', exitCode: EXIT.internal, error: { message, hint: 'clawwatch doctor' } }),
  });
  context.io.stderr.write(stackText(error));
  return EXIT.internal;
}

/** Any error that ends a command, said in the way that fits it; returns the exit code. */
export function reportError(error: unknown, io: Io, json: boolean): ExitCode {
  const paint = createPaint({ ...io, columns: undefined }, {});
  const user = error instanceof UserError ? error : undefined;
  const exitCode = user?.exitCode ?? EXIT.internal;
  if (json) {
    const message = messageOf(error);
    // On one line: a reader of `agent run --json` takes line for line.
    io.stdout.write(inertJsonLine({ verdict: 'ERROR', exitCode, error: { message, hint: user?.hint ?? null } }));
  }
  if (user) io.stderr.write(`clawwatch: ${paint.text(user.message, 1000)}\n  hint: ${paint.text(user.hint, 1000)}\n`);
  else io.stderr.write(stackText(error));
  return exitCode;
}

/** The JSON answer to wrong arguments, of which commander has written the sentence for people. */
export function reportUsage(message: string, io: Pick<Io, 'stdout'>): void {
  // For a group without a command, commander prints its help and says "(outputHelp)".
  const said = message === '(outputHelp)' ? 'no command given' : message.replace(/^error: /, '');
  const error = { message: said, hint: 'clawwatch help shows all commands' };
  io.stdout.write(inertJsonLine({ verdict: 'ERROR', exitCode: EXIT.usage, error }));
}

/** Text from outside may be part of a message, so each line of the stack is made inert for itself. */
function stackText(error: unknown): string {
  const paint = createPaint({ env: {}, isTTY: false }, {});
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').slice(0, 40);
  return `clawwatch: internal error, please report it:\n${lines.map((line) => paint.text(line, 400)).join('\n')}\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
