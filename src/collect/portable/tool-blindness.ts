import type { BlindSpot } from '../../types/blind-spot.ts';
import type { Observation } from '../../types/socket.ts';
import { safeText } from '../../types/text.ts';
import type { CommandOutput } from './command.ts';

/** Which tool a source uses and how a person gets it. */
export interface Tool {
  /** Id of the source, first part of every blind spot's id. */
  source: string;
  /** Program name for the reader. */
  name: string;
  /** What cannot be seen without it. */
  what: string;
  /** How to get it. */
  install: string;
  /** Exit codes besides 0 that are an ordinary answer. */
  ordinaryExitCodes?: readonly number[];
  /** Complaints on standard error that say nothing new. */
  ordinaryComplaint?: RegExp;
}

const CAUSES: Record<NonNullable<CommandOutput['problem']>, { id: string; why: string }> = {
  missing: { id: 'missing', why: 'is not installed' },
  'not-permitted': { id: 'not-permitted', why: 'may not be started by this user' },
  timeout: { id: 'timeout', why: 'did not end in time and was killed' },
  'too-much-output': { id: 'too-much-output', why: 'printed more than we read and was killed' },
  'not-started': { id: 'not-started', why: 'could not be started' },
};

/** What the way a tool ended keeps from us. Essential unless it ran to its end and only complained. */
export function toolBlindSpots(tool: Tool, output: CommandOutput): BlindSpot[] {
  const complaint = output.stderr.replace(tool.ordinaryComplaint ?? /(?!)/, '').trim();
  const said = complaint === '' ? '' : `: ${safeText(complaint, 160)}`;
  const spot = (id: string, why: string, essential: boolean, fix?: string): BlindSpot => ({
    id: `${tool.source}.${id}`,
    source: tool.source,
    what: tool.what,
    why: `${tool.name} ${why}${said}`,
    ...(fix !== undefined && { fix }),
    essential,
  });
  if (output.problem !== undefined) {
    const cause = CAUSES[output.problem];
    return [spot(cause.id, cause.why, true, output.problem === 'missing' ? tool.install : undefined)];
  }
  if (output.exitCode !== 0 && !(tool.ordinaryExitCodes ?? []).includes(output.exitCode ?? -1)) {
    return [spot('failed', `ended with code ${output.exitCode ?? 'none'}`, true)];
  }
  return complaint === '' ? [] : [spot('complaint', 'left something out', false)];
}

/** Counts things for a sentence: `1 line`, `12 lines`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Sockets whose owner was looked up and is not visible; TIME_WAIT has none for anybody and is not counted. */
export function ownerlessBlindSpots(
  source: string,
  observations: readonly Observation[],
  fix: string,
  root = process.getuid?.() === 0,
): BlindSpot[] {
  const ownerless = observations.filter((socket) => socket.pids?.length === 0 && socket.state !== 'TIME_WAIT').length;
  if (ownerless === 0) return [];
  const what = `owners of ${count(ownerless, 'socket')}`;
  const why = root ? 'no process that can be seen from here holds them' : 'they belong to other users';
  return [{ id: `${source}.owners`, source, what, why, ...(!root && { fix }), essential: false }];
}
