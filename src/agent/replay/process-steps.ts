import type { StepWords, Translate } from './plan.ts';
import {
  type Birth,
  become,
  LOGIN_SHELL,
  markersOf,
  type SimProcess,
  STATE_DIR,
  spawnExecShell,
  spawnGateway,
  WORKSPACE,
} from './processes.ts';
import { processNamed, StepProblem, type World } from './world.ts';

/** Seconds that a command without a `hold` runs when a step only says that it ran. */
const BRIEF_S = 0.5;

/** Words of cases about processes. */
export const PROCESS_STEPS: Readonly<Record<string, Translate>> = {
  proc(words, plan) {
    let made: SimProcess | undefined;
    plan.at(words.t, (world, at) => {
      made = spawnInTree(world, words, at);
    });
    endAfter(words, plan, () => made, undefined);
  },
  // Either a process becomes another program, or a command runs for a moment.
  exec(words, plan) {
    const by = words.textOr('by', undefined);
    if (by !== undefined) {
      plan.at(words.t, (world) => {
        const process = needed(world, by);
        become(process, argvOf(words), words.textOr('exe', undefined));
        Object.assign(process.markers, markersOf(words.fields('env') ?? {}));
        world.isChanged = true;
      });
      return;
    }
    let made: SimProcess | undefined;
    plan.at(words.t, (world, at) => {
      made = spawnInTree(world, words, at);
    });
    endAfter(words, plan, () => made, BRIEF_S);
  },
  fork(words, plan) {
    plan.at(words.t, (world, at) => {
      const parent = needed(world, words.text('by'));
      const { exe } = parent;
      born(world, words, world.processes.spawn({ ppid: parent.pid, argv: parent.argv, ...(exe && { exe }), at }));
    });
  },
  fork_exec(words, plan) {
    let made: SimProcess | undefined;
    plan.at(words.t, (world, at) => {
      const by = words.text('by');
      const parent = by === 'exec' ? world.processes.get(shellOfLast(world)) : needed(world, by);
      if (parent === undefined) throw new StepProblem('fork_exec: no command of the agent is running');
      made = born(world, words, world.processes.spawn({ ...birthOf(world, words, at), ppid: parent.pid }));
    });
    endAfter(words, plan, () => made, undefined);
  },
  setsid_fork(words, plan) {
    plan.at(words.t, (world, at) => {
      const parent = needed(world, words.text('by'));
      const made = world.processes.spawn({
        ...birthOf(world, words, at),
        ppid: parent.pid,
        stdio: ['/dev/null', '/dev/null', '/dev/null'],
      });
      made.isDaemon = true;
      born(world, words, made);
    });
  },
  reparent(words, plan) {
    plan.at(words.t, (world) => {
      const to = words.textOr('to', '1');
      const parent = /^\d+$/.test(to) ? Number(to) : needed(world, to).pid;
      const process = needed(world, words.text('by'));
      process.ppid = parent;
      process.isDaemon = true;
      world.isChanged = true;
    });
  },
  exit(words, plan) {
    plan.at(words.t, (world, at) => end(world, needed(world, words.text('by')), at));
  },
  restart(words, plan) {
    plan.at(words.t, (world, at) => {
      needed(world, words.text('by'));
      restartGateway(world, words.fields('env_add') ?? words.fields('env') ?? {}, at);
    });
  },
  noop: (words, plan) => plan.at(words.t, () => {}),
};

function endAfter(
  words: StepWords,
  plan: Parameters<Translate>[1],
  made: () => SimProcess | undefined,
  otherwise: number | undefined,
): void {
  const hold = words.step.hold === undefined ? otherwise : words.number('hold', 0);
  if (hold === undefined) return;
  plan.at(words.t + hold, (world, at) => {
    const process = made();
    if (process !== undefined) end(world, process, at);
  });
}

/** A process by its name in the case. @throws StepProblem when there is none. */
export function needed(world: World, word: string): SimProcess {
  const found = processNamed(world, word) ?? ofTree(world, word);
  if (found === undefined) throw new StepProblem(`there is no process "${word.slice(0, 60)}"`);
  return found;
}

/** What runs in a tree of which a case says no more than its name. */
const PROGRAMS_OF_TREES: Readonly<Record<string, readonly string[]>> = {
  exec: ['python3', '-c', 'task'],
  user: ['python3', 'task.py'],
  system: ['/usr/sbin/service'],
  'browser:managed': ['chrome', '--remote-debugging-port=18800', `--user-data-dir=${STATE_DIR}/browser/a`],
  'browser:user': ['firefox'],
};

/** `skill:NAME` alone means a script of that skill, which the agent has started; likewise the other trees. */
export function ofTree(world: World, word: string): SimProcess | undefined {
  const skill = /^skill:(.+)$/.exec(word)?.[1];
  const argv =
    skill === undefined
      ? Object.hasOwn(PROGRAMS_OF_TREES, word)
        ? PROGRAMS_OF_TREES[word]
        : undefined
      : ['python3', `${WORKSPACE}/skills/${skill}/scripts/main.py`];
  if (argv === undefined) return undefined;
  const birth: Birth = { ppid: 1, argv: [...argv], at: world.broker.bornAt };
  const ppid = parentIn(world, word, birth, birth.at);
  const process = world.processes.spawn({ ...birth, ...placeOf(word, 'service'), ppid });
  world.aliases.set(word, process);
  return process;
}

function placeOf(tree: string, service: string): Partial<Birth> {
  return tree === 'system' ? { uid: 0, cgroup: `/system.slice/${service}.service` } : {};
}

function spawnInTree(world: World, words: StepWords, at: number): SimProcess {
  const tree = words.textOr('tree', 'user');
  const birth = birthOf(world, words, at);
  const ppid = parentIn(world, tree, birth, at);
  const place = placeOf(tree, words.textOr('as', 'service'));
  const process = world.processes.spawn({ ...programIn(tree, birth), ...place, ppid });
  return born(world, words, process);
}

function parentIn(world: World, tree: string, birth: Birth, at: number): number {
  const [kind, name = ''] = [tree.split(':')[0]!, tree.slice(tree.indexOf(':') + 1)];
  switch (kind) {
    case 'exec':
    case 'skill':
      return spawnExecShell(world.processes, world.broker.pid, birth.argv, at).pid;
    case 'child':
      return needed(world, name).pid;
    case 'gw':
    case 'gateway':
    case 'mcp':
      return world.gateway.pid;
    case 'browser':
      return name === 'managed' ? world.gateway.pid : LOGIN_SHELL;
    case 'user':
      return LOGIN_SHELL;
    case 'system':
      return 1;
    default:
      throw new StepProblem(`there is no tree "${tree.slice(0, 60)}"`);
  }
}

/** The program of a skill lies in the folder of the skill, also where a case writes `./worker`. */
export function programIn<Born extends Pick<Birth, 'argv' | 'exe' | 'cwd'>>(tree: string, birth: Born): Born {
  const skill = /^skill:(.+)$/.exec(tree)?.[1];
  if (skill === undefined || birth.exe !== undefined) return birth;
  const folder = `${WORKSPACE}/skills/${skill}`;
  if (birth.argv.some((word) => word.includes(`/skills/${skill}/`))) return birth;
  const program = birth.argv[0] ?? 'main';
  const isRelative = program.startsWith('./');
  return isRelative ? { ...birth, exe: `${folder}/scripts/${program.slice(2)}` } : { ...birth, cwd: folder };
}

function birthOf(world: World, words: StepWords, at: number): Omit<Birth, 'ppid'> & { ppid: number } {
  const env = words.fields('env');
  const fds = words.fields('fds');
  const cpu = words.number('cpu', 0);
  return {
    ppid: 1,
    argv: argvOf(words),
    at,
    ...(words.step.exe !== undefined && { exe: words.text('exe') }),
    ...(words.step.comm !== undefined && { comm: words.text('comm') }),
    ...(words.step.cwd !== undefined && { cwd: words.text('cwd') }),
    ...(env !== undefined && { env: Object.fromEntries(Object.entries(env).map(([k, v]) => [k, String(v)])) }),
    ...(fds !== undefined && { stdio: stdioOf(world, fds) }),
    ...(words.list('opens')?.some((path) => /ptmx/.test(path)) && { holdsTerminal: true }),
    ...(cpu > 0 && { cpuShare: cpu }),
  };
}

/** @throws StepProblem when there is none. */
export function argvOf(words: StepWords): string[] {
  const argv = words.list('argv');
  if (argv === undefined || argv.length === 0) throw new StepProblem(`${words.step.do} at t=${words.t}: it needs argv`);
  return argv;
}

/** `unix`, `pts`, `null`, a socket of the case, or `pipe:nc.1`: the other end of descriptor 1 of process nc. */
function stdioOf(world: World, fds: Readonly<Record<string, unknown>>): (string | undefined)[] {
  return [0, 1, 2].map((number) => {
    const word = fds[number] === undefined ? 'unix' : String(fds[number]);
    if (word === 'unix') return `socket:[${world.processes.inode()}]`;
    if (word === 'pipe') return `pipe:[${world.processes.inode()}]`;
    if (word === 'pts') return '/dev/pts/7';
    if (word === 'null') return '/dev/null';
    if (word.startsWith('/')) return word;
    const pipe = /^pipe:(.+)\.([012])$/.exec(word);
    if (pipe !== null) return pipeOf(world, needed(world, pipe[1]!), Number(pipe[2]));
    const socket = world.socketAliases.get(word);
    if (socket === undefined) throw new StepProblem(`fds: there is no socket or pipe "${word.slice(0, 40)}"`);
    return `socket:[${socket.inode}]`;
  });
}

function pipeOf(world: World, process: SimProcess, descriptor: number): string {
  const known = process.stdio[descriptor];
  if (known?.startsWith('pipe:')) return known;
  const pipe = `pipe:[${world.processes.inode()}]`;
  process.stdio = [0, 1, 2].map((number) => (number === descriptor ? pipe : process.stdio[number]));
  return pipe;
}

/** Gives a new process its name in the case, and its share of the sockets it was born with. */
function born(world: World, words: StepWords, process: SimProcess): SimProcess {
  const alias = words.textOr('as', undefined);
  if (alias !== undefined) world.aliases.set(alias, process);
  for (const socket of world.sockets.current()) {
    const isInherited = process.stdio.includes(`socket:[${socket.inode}]`);
    if (isInherited && !socket.pids.includes(process.pid)) socket.pids.push(process.pid);
  }
  world.isChanged = true;
  return process;
}

function end(world: World, process: SimProcess, at: number): void {
  world.processes.exit(process.pid, at);
  for (const socket of [...world.sockets.current()]) {
    const left = socket.pids.filter((pid) => world.processes.get(pid)?.endedAt === undefined);
    if (left.length === 0 && socket.pids.length > 0) world.sockets.close(socket, at);
    else socket.pids = left;
  }
  world.isChanged = true;
}

/** The shell of the command that the agent started last. */
function shellOfLast(world: World): number {
  let last = -1;
  for (const { pid, isExecShell, endedAt } of world.processes.all()) {
    if (isExecShell && endedAt === undefined) last = Math.max(last, pid);
  }
  return last;
}

/** A new process on the same listeners, with what its environment has gained. */
function restartGateway(world: World, env: Record<string, unknown>, at: number): void {
  const before = world.gateway;
  const listening = [...world.sockets.current()].filter(
    ({ pids, remote }) => remote === undefined && pids.includes(before.pid),
  );
  for (const socket of listening) socket.pids = [];
  end(world, before, at);
  const text = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
  Object.assign(world, spawnGateway(world.processes, at, world.profile.inContainer, text));
  for (const socket of listening) socket.pids = [world.gateway.pid];
}
