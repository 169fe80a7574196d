import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessSource, ProcessTable } from '../../types/collector.ts';
import type { ProcessFact } from '../../types/process.ts';
import { createCommandRunner, type RunCommand, toolPath } from './command.ts';
import { count, type Tool, toolBlindSpots } from './tool-blindness.ts';

export interface TasklistOptions {
  /** Default: tasklist.exe of System32, killed after 10 s. */
  run?: RunCommand;
}

const ARGS: readonly string[] = ['/fo', 'csv', '/nh'];

const TOOL: Tool = {
  source: 'tasklist',
  name: 'tasklist',
  what: 'all processes of this host',
  install: 'restore tasklist.exe in System32; it is part of Windows',
};

/** Everything read from one output of tasklist. */
export interface TasklistReading {
  processes: Map<number, ProcessFact>;
  unreadable: number;
}

/** Reads recorded lines of `tasklist /fo csv /nh`; pure. Columns: image name, pid, session name, session, memory. */
export function readTasklistLines(lines: Iterable<string>): TasklistReading {
  const reading: TasklistReading = { processes: new Map(), unreadable: 0 };
  for (const line of lines) {
    if (line.trim() === '') continue;
    const [name, pidText] = splitCsv(line.trim()) ?? [];
    if (name === undefined || pidText === undefined || !/^\d{1,10}$/.test(pidText)) {
      reading.unreadable++;
      continue;
    }
    const pid = Number(pidText);
    reading.processes.set(pid, {
      pid,
      startTicks: 0,
      ppid: 0,
      comm: name,
      argv: [],
      markers: {},
      markersUnread: true,
    });
  }
  return reading;
}

/** Fields of one quoted CSV line, `""` inside for a quote; `undefined` when it is none. */
function splitCsv(line: string): string[] | undefined {
  const fields: string[] = [];
  const field = /"((?:[^"]|"")*)"(,|$)/sy;
  while (field.lastIndex < line.length) {
    const match = field.exec(line);
    if (!match) return undefined;
    fields.push(match[1]!.replaceAll('""', '"'));
    if (match[2] === '') return fields;
  }
  return undefined;
}

/** Names of processes of Windows by pid; nothing else, and it says so. */
export function createTasklistProcesses(options: TasklistOptions = {}): ProcessSource {
  const run = options.run ?? createCommandRunner();
  return {
    id: 'tasklist',
    async read(signal: AbortSignal): Promise<ProcessTable> {
      const output = await run(toolPath('tasklist', 'win32', process.env.SystemRoot), ARGS, signal);
      const reading = readTasklistLines(output.lines);
      const blindSpots = toolBlindSpots(TOOL, output);
      if (reading.unreadable > 0) {
        const what = `processes in ${count(reading.unreadable, 'line')} of tasklist that could not be understood`;
        blindSpots.push(spot('unreadable', what, 'this version prints a format that is not known', true));
      }
      if (reading.processes.size === 0 && output.problem === undefined && output.exitCode === 0) {
        blindSpots.push(spot('empty', TOOL.what, 'tasklist ended well and printed no table', true));
      }
      return { processes: reading.processes, ownNetns: 'own', blindSpots: [...blindSpots, ...WEAKNESSES] };
    },
  };
}

function spot(id: string, what: string, why: string, essential: boolean): BlindSpot {
  return { id: `tasklist.${id}`, source: 'tasklist', what, why, essential };
}

const WEAKNESSES: readonly BlindSpot[] = [
  spot('lineage', 'which process started which', 'tasklist does not print parents', false),
  spot(
    'start',
    'when processes started',
    'tasklist does not print it, so a reused pid can pass for its predecessor',
    false,
  ),
  spot('command-line', 'arguments, programs, folders and users of processes', 'tasklist prints only file names', false),
  spot('environ', 'environment markers of processes', 'tasklist does not print them', false),
];
