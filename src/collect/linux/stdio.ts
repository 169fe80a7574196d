import { readdirSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { type ProcessFact, type ProcessKey, processKey } from '../../types/process.ts';

/** Reads what attended processes read from and write to, and who of them holds a terminal for others. */
export interface StdioReader {
  /**
   * Puts a new fact in place of each that changed.
   *
   * @param facts attended processes by pid.
   * @param isSettled neither young nor just executed: one that is no shell and no interpreter need not be asked each time.
   */
  update(facts: Map<number, ProcessFact>, isSettled: (fact: ProcessFact) => boolean): void;
}

type Stdio = NonNullable<ProcessFact['stdio']>;

/** A process can move its descriptors at any time without executing anything; only these do so for a living. */
const MOVES_DESCRIPTORS =
  /^(?:(?:ba|da|z|k|fi|a|c|tc)?sh|busybox|python[\d.]*|pypy[\d.]*|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|node|nodejs|bun|deno|pwsh|osascript|nc|ncat|netcat|nc\.\w+|socat|telnet|openssl)$/;
/** Every other program is asked in each of so many looks, in turn. */
const TURNS = 8;
/** Most processes read in one look, so that a fork bomb costs some milliseconds and not seconds; the others keep what was read. */
const MAX_READ = 400;
/** Descriptors of one process searched for a terminal in one look; of more than these it is another part in each look. */
const MAX_DESCRIPTORS = 256;
/** Parents of a shell on a terminal that are asked whether it is theirs. */
const MAX_CLIMB = 6;

/**
 * Three links each for shells and interpreters, and for all others when they are young or their turn comes: so a family of
 * twenty costs less than a tenth of a millisecond. The descriptors of a process are searched only when somebody below it
 * sits on a terminal, and what was found is asked again first.
 */
export function createStdioReader(procRoot: string): StdioReader {
  let terminals = new Map<ProcessKey, string>();
  let turn = 0;

  function links(pid: number): Stdio | undefined {
    const found = [0, 1, 2].map((descriptor) => targetOf(`${procRoot}/${pid}/fd/${descriptor}`));
    // All closed looks the same as no right to read; neither says anything.
    return found.every((target) => target === undefined) ? undefined : found;
  }

  function holdsTerminal(pid: number, key: ProcessKey, next: Map<ProcessKey, string>): boolean {
    const directory = `${procRoot}/${pid}/fd`;
    const before = terminals.get(key);
    const descriptor =
      before !== undefined && isMaster(targetOf(`${directory}/${before}`)) ? before : searchMaster(directory, turn);
    if (descriptor !== undefined) next.set(key, descriptor);
    return descriptor !== undefined;
  }

  function withLinks(fact: ProcessFact, settled: boolean): ProcessFact {
    const { pid, exe, argv, comm } = fact;
    const program = posix.basename(exe?.replace(/ \(deleted\)$/, '') ?? argv[0] ?? comm);
    const isDue = !settled || fact.stdio === undefined || pid % TURNS === turn % TURNS;
    if (!isDue && !MOVES_DESCRIPTORS.test(program)) return fact;
    const stdio = links(pid);
    if (isSame(stdio, fact.stdio)) return fact;
    const { stdio: _, ...rest } = fact;
    return stdio === undefined ? rest : { ...rest, stdio };
  }

  /** Pids that hold a terminal on which somebody below them sits. */
  function findHolders(facts: ReadonlyMap<number, ProcessFact>): Set<number> {
    const next = new Map<ProcessKey, string>();
    const asked = new Map<number, boolean>();
    for (const fact of facts.values()) {
      if (!isOnTerminal(fact.stdio)) continue;
      let holder = facts.get(fact.ppid);
      for (let step = 0; holder !== undefined && step < MAX_CLIMB && asked.size < MAX_READ; step += 1) {
        const { pid, ppid } = holder;
        // A parent on the same terminal is a shell above a shell; whoever made the terminal is further up.
        if (!asked.has(pid) && holder.stdio?.[0] !== fact.stdio?.[0]) {
          asked.set(pid, holdsTerminal(pid, processKey(holder), next));
        }
        if (asked.get(pid) || ppid === pid) break;
        holder = facts.get(ppid);
      }
    }
    terminals = next;
    return new Set([...asked].flatMap(([pid, holds]) => (holds ? pid : [])));
  }

  return {
    update(facts, isSettled) {
      const all = [...facts.values()];
      // Of too many another part in each look, or decoys with lower pids would hide a shell for ever.
      const from = all.length > MAX_READ ? (turn * MAX_READ) % all.length : 0;
      for (const fact of [...all.slice(from), ...all.slice(0, from)].slice(0, MAX_READ)) {
        facts.set(fact.pid, withLinks(fact, isSettled(fact)));
      }
      const holders = findHolders(facts);
      for (const [pid, fact] of facts) {
        const holds = holders.has(pid);
        if (holds === (fact.holdsTerminal === true)) continue;
        const { holdsTerminal: _, ...rest } = fact;
        facts.set(pid, holds ? { ...rest, holdsTerminal: true } : rest);
      }
      turn += 1;
    },
  };
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** `/dev/ptmx`, or `/dev/pts/ptmx` where that is what the name stands for. */
function isMaster(target: string | undefined): boolean {
  return target === '/dev/ptmx' || target === '/dev/pts/ptmx';
}

function isOnTerminal(stdio: Stdio | undefined): boolean {
  return stdio?.[0]?.startsWith('/dev/pts/') === true;
}

function searchMaster(directory: string, turn: number): string | undefined {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return undefined;
  }
  const parts = Math.ceil(names.length / MAX_DESCRIPTORS);
  const from = parts < 2 ? 0 : (turn % parts) * MAX_DESCRIPTORS;
  return names.slice(from, from + MAX_DESCRIPTORS).find((name) => isMaster(targetOf(`${directory}/${name}`)));
}

function isSame(a: Stdio | undefined, b: Stdio | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.every((target, index) => target === b[index]));
}
