import { readFileSync } from 'node:fs';
import type { CommandOutput, RunCommand } from '../../../src/collect/portable/command.ts';
import type { ParsedSocket } from '../../../src/collect/portable/endpoint.ts';
import type { SocketRequest } from '../../../src/types/collector.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

/** A recording in lines, as a runner would give them. */
export function recordedLines(path: string): string[] {
  return readFileSync(new URL(path, FIXTURES), 'utf8').split('\n').slice(0, -1);
}

export function answer(lines: string[], end: Partial<CommandOutput> = {}): CommandOutput {
  return { lines, exitCode: 0, stderr: '', ...end };
}

/** A runner that gives one answer and remembers what it was asked. */
export function fakeRun(output: CommandOutput): RunCommand & { asked: { command: string; args: readonly string[] }[] } {
  const asked: { command: string; args: readonly string[] }[] = [];
  return Object.assign(
    async (command: string, args: readonly string[]) => {
      asked.push({ command, args });
      return output;
    },
    { asked },
  );
}

export const REQUEST: SocketRequest = { netns: [], now: 1_700_000_000_000 };
export const NEVER = new AbortController().signal;

/** One line a person can compare: protocol, family, ends, state, pids. */
export function summary(socket: ParsedSocket): string {
  const end = (point: { address: string; port: number; zone?: string } | undefined) =>
    point ? `${point.address}${point.zone === undefined ? '' : `%${point.zone}`} ${point.port}` : '-';
  const dual = socket.dualStack === undefined ? '' : ` dual=${socket.dualStack}`;
  const pids = (socket.pids ?? []).join(',') || 'nobody';
  return `${socket.protocol}${socket.family} ${end(socket.local)} > ${end(socket.remote)} ${socket.state} ${pids}${dual}`;
}

/** Runs of a property: `CLAWWATCH_FUZZ_RUNS`, else 1,000. */
export const FUZZ = { numRuns: Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000) };
