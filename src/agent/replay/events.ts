import { type CaseStep, isFields, type ReplayCase, readCases } from './case.ts';

const MAX_LINES = 100_000;

/**
 * Reads what is to be replayed: a file of cases, or a recording with one event on each line (`{"t": 1, "do": "connect", …}`,
 * the words of cases). A line without `do` says what the machine is: `{"pre": "P1", "delta": {…}, "names": {…}}`.
 */
export function readReplay(text: string, isEvents: boolean): ReplayCase[] {
  return isEvents ? [eventsAsCase(text)] : readCases(text);
}

function eventsAsCase(text: string): ReplayCase {
  const run: CaseStep[] = [];
  let machine: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').slice(0, MAX_LINES).entries()) {
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (!isFields(value)) problems.push(`line ${index + 1} is no JSON object`);
    else if (typeof value.do !== 'string') machine = { ...machine, ...value };
    else if (typeof value.t !== 'number') problems.push(`line ${index + 1}: t is missing`);
    else run.push(value as CaseStep);
  }
  const frame = { id: 'events', kind: 'benign', ...machine, run: [{ t: 0, do: 'noop' }] };
  const [read] = readCases(JSON.stringify(frame));
  if (run.length === 0) problems.push('it has no events');
  return { ...read!, run, problems: [...read!.problems, ...problems.slice(0, 20)] };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
