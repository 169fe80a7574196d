import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessSource, ProcessTable } from '../../types/collector.ts';
import type { ProcessFact } from '../../types/process.ts';
import { type CommandOutput, createCommandRunner, type RunCommand } from './command.ts';
import { readOwnNetns } from './own-netns.ts';
import { count, type Tool, toolBlindSpots } from './tool-blindness.ts';

export interface PsOptions {
  /** Default: the system's ps, killed after 10 s. */
  run?: RunCommand;
  ownNetns?: string;
}

// Numbers and text in separate runs. A process chooses its name and arguments, line feeds included, so in one table it
// could print a second line that makes it another process's parent. The first table holds no free text at all: only
// what is in it exists. `ucomm` is the kernel's name; `comm` of macOS is argv[0], which a process writes itself.
const NUMBERS: readonly string[] = ['-axww', '-o', 'pid=,ppid=,pgid=,uid=,lstart='];
const NAMES: readonly string[] = ['-axww', '-o', 'pid=,lstart=,ucomm='];
const ARGUMENTS: readonly string[] = ['-axww', '-o', 'pid=,lstart=,args='];

const START = String.raw`[A-Z][a-z]{2}\s+[A-Z][a-z]{2}\s+\d{1,2}\s+\d\d:\d\d:\d\d\s+\d{4}`;
const NUMBERS_ROW = new RegExp(String.raw`^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(${START})\s*$`);
const TEXT_ROW = new RegExp(String.raw`^\s*(\d+)\s+(${START})(.*)$`, 's');

const TOOL: Tool = {
  source: 'ps',
  name: 'ps',
  what: 'all processes of this host',
  install: 'install the package procps (on macOS ps is part of the system)',
};

/** Everything read from the three tables of ps. */
export interface PsReading {
  processes: Map<number, ProcessFact>;
  /** Lines of the table of numbers that could not be understood. */
  unreadable: number;
  /** Processes with two lines of text, of which one was forged; they keep no text. */
  forged: number[];
}

/** Reads recorded lines of the three tables; pure. Arguments are split at blanks, for ps does not say where they end. */
export function readPsLines(
  numbers: Iterable<string>,
  names: Iterable<string>,
  argumentLines: Iterable<string>,
): PsReading {
  const processes = new Map<number, ProcessFact>();
  const starts = new Map<number, string>();
  let unreadable = 0;
  for (const line of numbers) {
    const row = NUMBERS_ROW.exec(line);
    if (!row) {
      if (line.trim() !== '') unreadable++;
      continue;
    }
    const pid = Number(row[1]);
    const startedAt = parseStart(row[5]!);
    starts.set(pid, row[5]!);
    processes.set(pid, {
      pid,
      startTicks: 0,
      ...(startedAt !== undefined && { startedAt }),
      ppid: Number(row[2]),
      pgid: Number(row[3]),
      // macOS prints nobody (4294967294) as -2.
      uid: Number(row[4]) >>> 0,
      comm: '',
      argv: [],
      markers: {},
      markersUnread: true,
    });
  }
  const named = textByPid(names, starts);
  const argued = textByPid(argumentLines, starts);
  for (const [pid, process] of processes) {
    process.comm = named.text.get(pid) ?? '';
    process.argv = (argued.text.get(pid) ?? '').split(' ').filter((word) => word !== '');
  }
  return { processes, unreadable, forged: [...new Set([...named.forged, ...argued.forged])] };
}

/** Text of each process that is certainly its own: same pid, same start, and nobody else claims to be it. */
function textByPid(lines: Iterable<string>, starts: ReadonlyMap<number, string>) {
  const text = new Map<number, string>();
  const forged = new Set<number>();
  for (const line of lines) {
    const row = TEXT_ROW.exec(line);
    const pid = Number(row?.[1]);
    // The rest of a name with a line feed in it, a process that came or went between two tables, a reused pid.
    if (!row || starts.get(pid) !== row[2]) continue;
    if (text.has(pid)) forged.add(pid);
    else text.set(pid, row[3]!.trim());
  }
  for (const pid of forged) text.delete(pid);
  return { text, forged };
}

/** The start as ps prints it under `LC_ALL=C TZ=UTC0`, Unix ms. */
function parseStart(text: string): number | undefined {
  const at = Date.parse(`${text.replace(/\s+/g, ' ').slice(4)} UTC`);
  return Number.isNaN(at) ? undefined : at;
}

/** Processes by `ps`, for systems without `/proc`. Starts and reads three tables at the same time. */
export function createPsProcesses(options: PsOptions = {}): ProcessSource {
  const run = options.run ?? createCommandRunner();
  return {
    id: 'ps',
    async read(signal: AbortSignal): Promise<ProcessTable> {
      const [numbers, names, argumentLines] = await Promise.all(
        [NUMBERS, NAMES, ARGUMENTS].map((args) => run('ps', args, signal)),
      );
      const outputs = [numbers!, names!, argumentLines!];
      const reading = readPsLines(numbers!.lines, names!.lines, argumentLines!.lines);
      return {
        processes: reading.processes,
        ownNetns: options.ownNetns ?? readOwnNetns(),
        blindSpots: [...endBlindSpots(outputs), ...readingBlindSpots(reading, numbers!), ...WEAKNESSES],
      };
    },
  };
}

function endBlindSpots(outputs: readonly CommandOutput[]): BlindSpot[] {
  const byId = new Map(outputs.flatMap((output) => toolBlindSpots(TOOL, output)).map((spot) => [spot.id, spot]));
  return [...byId.values()];
}

function readingBlindSpots(reading: PsReading, numbers: CommandOutput): BlindSpot[] {
  const spot = (id: string, what: string, why: string): BlindSpot => ({
    id: `ps.${id}`,
    source: 'ps',
    what,
    why,
    essential: true,
  });
  const spots: BlindSpot[] = [];
  if (reading.unreadable > 0) {
    const what = `processes in ${count(reading.unreadable, 'line')} of ps that could not be understood`;
    spots.push(spot('unreadable', what, 'this version prints a format that is not known'));
  }
  if (reading.forged.length > 0) {
    const pids = `pid ${reading.forged.slice(0, 8).join(', ')}`;
    spots.push(
      spot('forged', `names and arguments of ${pids}`, 'another process imitates a line of ps in its own text'),
    );
  }
  if (reading.processes.size === 0 && numbers.problem === undefined && numbers.exitCode === 0) {
    spots.push(spot('empty', 'all processes of this host', 'ps ended well and printed no table'));
  }
  return spots;
}

const weakness = (id: string, what: string, why: string): BlindSpot => ({
  id: `ps.${id}`,
  source: 'ps',
  what,
  why,
  essential: false,
});

const WEAKNESSES: readonly BlindSpot[] = [
  weakness(
    'start',
    'the exact start of processes',
    'ps prints whole seconds, so a reused pid can pass for its predecessor',
  ),
  weakness(
    'environ',
    'environment markers of processes',
    'ps does not tell other variables from secrets, so it is not asked',
  ),
  weakness('argument-bounds', 'where one argument ends and the next begins', 'ps joins arguments by blanks'),
  weakness('paths', 'programs and working folders of processes', 'ps prints only names that a process can choose'),
];
