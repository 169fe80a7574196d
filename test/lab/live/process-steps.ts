import type { StepWords, Translate } from '../../../src/agent/replay/plan.ts';
import { argvOf, programIn } from '../../../src/agent/replay/process-steps.ts';
import { HOME, programOf, WORKSPACE } from '../../../src/agent/replay/processes.ts';
import { StepProblem } from '../../../src/agent/replay/world.ts';
import type { Birth, HostProcess } from './host.ts';
import { type LiveWorld, processNamed } from './world.ts';

/** What a live case does at a moment. */
export type LiveAct = (world: LiveWorld) => Promise<void>;

/** Seconds that a command without a `hold` runs when a step only says that it ran. */
const BRIEF_S = 0.5;

/** Words of cases about processes, with real ones. */
export const LIVE_PROCESS_STEPS: Readonly<Record<string, Translate<LiveAct>>> = {
  proc(words, plan) {
    refuse(words, 'cpu', 'netns');
    const { made, end } = held(words, undefined);
    plan.at(words.t, async (world) => made(await spawnInTree(world, words)));
    if (end !== undefined) plan.at(words.t + end.after, end.act);
  },
  exec(words, plan) {
    const by = words.textOr('by', undefined);
    if (by !== undefined) {
      plan.at(words.t, (world) => becomeAnother(world, processNamed(world, by), words));
      return;
    }
    const { made, end } = held(words, BRIEF_S);
    plan.at(words.t, async (world) => made(await spawnInTree(world, words)));
    if (end !== undefined) plan.at(words.t + end.after, end.act);
  },
  fork_exec(words, plan) {
    const { made, end } = held(words, undefined);
    plan.at(words.t, async (world) => {
      const parent = processNamed(world, words.text('by'));
      const stdio = await stdioOf(world, words);
      made(await born(world, words, parent, { ...birthOf(words, parent), ...(stdio && { stdio }) }));
    });
    if (end !== undefined) plan.at(words.t + end.after, end.act);
  },
  setsid_fork(words, plan) {
    plan.at(words.t, async (world) => {
      const parent = processNamed(world, words.text('by'));
      const birth = birthOf(words, parent);
      await born(world, words, parent, { ...birth, stdio: ['null', 'null', 'null'], daemon: true });
    });
  },
  exit(words, plan) {
    plan.at(words.t, async (world) => exit(processNamed(world, words.text('by'))));
  },
  restart(words, plan) {
    plan.at(words.t, async (world) => {
      const before = world.host.gateway;
      if (processNamed(world, words.text('by')) !== before) throw new StepProblem('restart: only of the gateway');
      await world.host.restartGateway(textMap(words.fields('env_add') ?? words.fields('env') ?? {}));
      for (const listener of world.listeners.filter(({ owner }) => owner === before)) {
        listener.owner = world.host.gateway;
        await listener.owner.order('listen', { address: listener.address, port: listener.port, v6only: true });
      }
    });
  },
  noop: (words, plan) => plan.at(words.t, async () => {}),
};

/** @throws StepProblem for a word that only a replay can do. */
export function refuse({ step }: StepWords, ...names: readonly string[]): void {
  const found = names.find((name) => step[name] !== undefined);
  if (found !== undefined) throw new StepProblem(`${step.do} at t=${step.t}: "${found}" has no live form`);
}

function held(words: StepWords, otherwise: number | undefined) {
  let process: HostProcess | undefined;
  const after = words.step.hold === undefined ? otherwise : words.number('hold', 0);
  const act: LiveAct = async () => {
    if (process !== undefined) await exit(process);
  };
  return {
    made: (one: HostProcess) => {
      process = one;
    },
    end: after === undefined ? undefined : { after, act },
  };
}

async function exit(process: HostProcess): Promise<void> {
  await process.order('exit').catch(() => {});
}

async function spawnInTree(world: LiveWorld, words: StepWords): Promise<HostProcess> {
  const tree = words.textOr('tree', 'user');
  const [kind, name = ''] = [tree.split(':')[0]!, tree.slice(tree.indexOf(':') + 1)];
  const stdio = await stdioOf(world, words);
  const birth = (parent: HostProcess): Birth => ({ ...birthOf(words, parent), ...(stdio && { stdio }) });
  if (kind === 'system') return born(world, words, undefined, birth(world.host.login));
  const parent = await parentIn(world, kind, name, argvOf(words));
  const process = await born(world, words, parent, birth(parent));
  if (words.list('opens')?.some((path) => /ptmx/.test(path))) await process.order('open_terminal');
  return process;
}

async function parentIn(world: LiveWorld, kind: string, name: string, argv: readonly string[]): Promise<HostProcess> {
  switch (kind) {
    case 'exec':
    case 'skill':
      world.lastShell = await world.host.execShell(argv);
      return world.lastShell;
    case 'child':
      return processNamed(world, name);
    case 'gw':
    case 'mcp':
      return world.host.gateway;
    case 'browser':
      return name === 'managed' ? world.host.gateway : world.host.login;
    case 'user':
      return world.host.login;
    default:
      throw new StepProblem(`there is no tree "${kind.slice(0, 60)}"`);
  }
}

/** Gives a new process its name in the case. Without a parent it is a service. */
async function born(
  world: LiveWorld,
  words: StepWords,
  parent: HostProcess | undefined,
  birth: Birth,
): Promise<HostProcess> {
  const process = parent === undefined ? await world.host.service(birth) : await world.host.spawn(parent, birth);
  const alias = words.textOr('as', undefined);
  if (alias !== undefined) world.aliases.set(alias, process);
  return process;
}

function birthOf(words: StepWords, parent: { cwd: string }): Birth {
  return {
    argv: argvOf(words),
    ...placeOf(words, parent.cwd),
    ...(words.step.comm !== undefined && { comm: words.text('comm') }),
    env: textMap(words.fields('env') ?? {}),
  };
}

/** The program file and, where it is not the parent's, the working directory. */
function placeOf(words: StepWords, parentCwd: string): { exe: string; cwd?: string } {
  const said = { argv: argvOf(words), ...given(words, 'exe'), ...given(words, 'cwd') };
  const { exe, cwd } = programIn(words.textOr('tree', ''), said);
  const program = exe ?? programOf(said.argv[0]!, cwd ?? parentCwd);
  return { exe: merged(program), ...(cwd !== undefined && { cwd }) };
}

function given<Name extends string>(words: StepWords, name: Name): { [N in Name]?: string } {
  return words.step[name] === undefined ? {} : ({ [name]: words.text(name) } as { [N in Name]: string });
}

/** `/bin/bash` is `/usr/bin/bash` on a machine of today, and `sh` is dash. */
function merged(program: string): string {
  const path = program.replace(/^\/(s?bin)\//, '/usr/$1/');
  return path === '/usr/bin/sh' ? '/usr/bin/dash' : path;
}

/** The program files that the steps of a case will run, as far as the steps tell. */
export function programsOf(steps: readonly StepWords[]): string[] {
  const named = steps
    .filter(({ step }) => Array.isArray(step.argv) && step.argv.length > 0)
    .map((words) => placeOf(words, /^(?:exec|skill)/.test(words.textOr('tree', '')) ? WORKSPACE : HOME).exe);
  return [...named, programOf('python3', '/')];
}

/** `unix`, `pts`, `null`, a connection of the parent, or `pipe:nc.1`: the other end of descriptor 1 of process nc. */
async function stdioOf(world: LiveWorld, words: StepWords): Promise<string[] | undefined> {
  const fds = words.fields('fds');
  if (fds === undefined) return undefined;
  const stdio: string[] = [];
  for (const number of [0, 1, 2]) {
    const word = fds[number] === undefined ? 'unix' : String(fds[number]);
    const pipe = /^pipe:(.+)\.([012])$/.exec(word);
    if (pipe !== null) {
      const process = processNamed(world, pipe[1]!);
      await process.order('pipe', { fd: Number(pipe[2]) });
      stdio.push(`/proc/${process.pid}/fd/${pipe[2]} ${number === 0 ? 'r' : 'w'}`);
    } else if (['unix', 'pts', 'null'].includes(word) || world.sockets.has(word)) stdio.push(word);
    else throw new StepProblem(`fds: there is no socket or pipe "${word.slice(0, 40)}"`);
  }
  return stdio;
}

async function becomeAnother(world: LiveWorld, process: HostProcess, words: StepWords): Promise<void> {
  const birth = birthOf(words, process);
  const next = await world.host.become(process, birth);
  for (const [alias, known] of world.aliases) if (known === process) world.aliases.set(alias, next);
}

function textMap(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
