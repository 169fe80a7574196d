import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { type CommandLimits, type RunCommand, superviseCommand } from './command.ts';

/** The part of node-netstat 1.9 that we use; it ships no types. */
interface NodeNetstat {
  (options: { platform: string; done: () => void }, handler: (line: string) => void): unknown;
  commands: Record<string, { cmd: string; args: readonly string[] }>;
  parsers: Record<string, (line: string, emit: (line: string) => void) => void>;
}

/** Its process starter, which its own tests replace too. */
interface Activators {
  _spawn: (command: string, args: readonly string[]) => ChildProcess;
}

// Any name that is not a platform. Naming one explicitly also keeps the library from guessing: inside WSL it would run
// netstat.exe and show the sockets of the Windows host.
const OURS = 'clawwatch';

/**
 * Runs netstat through node-netstat, which spawns it and cuts its output into lines; the parsing is ours, because its
 * parsers lose wildcard addresses, cut IPv6 and throw inside a stream handler on lines without a pid column.
 *
 * Command, line handler and process starter are entered for one call and taken out before it returns: the library reads
 * all three synchronously, so nobody else ever sees them. The starter is replaced because the library's own inherits
 * the environment (and with it translated states), has no timeout, and drops exit code and error text.
 */
export function createNetstatRunner(limits: CommandLimits = {}): RunCommand {
  return async (command, args, signal) => {
    signal.throwIfAborted();
    const require = createRequire(import.meta.url);
    const netstat = require('node-netstat') as NodeNetstat;
    const activators = require('node-netstat/lib/activators') as Activators;

    const { child, ended } = superviseCommand(command, args, signal, limits);
    const lines: string[] = [];
    const starter = activators._spawn;
    try {
      netstat.commands[OURS] = { cmd: command, args };
      netstat.parsers[OURS] = (line, emit) => emit(line);
      activators._spawn = () => child;
      // `done` comes twice when the program is missing and says success for every exit code, so `ended` decides.
      netstat({ platform: OURS, done: () => {} }, (line) => {
        lines.push(line);
      });
    } finally {
      activators._spawn = starter;
      delete netstat.commands[OURS];
      delete netstat.parsers[OURS];
    }
    const end = await ended;
    signal.throwIfAborted();
    return { ...end, lines };
  };
}
