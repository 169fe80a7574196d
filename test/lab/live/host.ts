import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  BROKER,
  commOf,
  execShell,
  GATEWAY,
  HOME,
  PACKAGE,
  STATE_DIR,
  UID,
  WORKSPACE,
} from '../../../src/agent/replay/processes.ts';
import { mountOver } from '../internet.ts';
import { createMachine, type Machine, spawnIn } from '../machine.ts';
import type { CaseNetwork } from './network.ts';
import { createStandIns, type StandIn, type StandIns } from './stand-ins.ts';

/** What a new process of a case is to be. */
export interface Birth {
  argv: readonly string[];
  exe: string;
  comm?: string;
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** For descriptors 0, 1 and 2: `inherit`, `unix`, `null`, `pts`, a connection of the parent, or `/proc/PID/fd/N r`. */
  stdio?: readonly string[];
  setsid?: boolean;
  /** It leaves the tree at once and is adopted by the first process of the machine. */
  daemon?: boolean;
  uid?: number;
}

/** A process of the host, with what its children inherit. */
export interface HostProcess extends StandIn {
  env: Readonly<Record<string, string>>;
  cwd: string;
}

/** The monitored host of a live case: stand-ins in a tree of real processes. */
export interface LiveHost {
  machine: Machine;
  gateway: HostProcess;
  broker: HostProcess;
  /** The shell of the user who is logged in. */
  login: HostProcess;
  spawn(parent: HostProcess, birth: Birth): Promise<HostProcess>;
  /** The process executes another program. */
  become(process: HostProcess, birth: Birth): Promise<HostProcess>;
  /** The shell that the agent's exec tool starts for a command. */
  execShell(command: readonly string[]): Promise<HostProcess>;
  /** A service: the first process of the machine is its parent. */
  service(birth: Birth): Promise<HostProcess>;
  /** Path from outside of a path inside. */
  inside(path: string): string;
  /** Writes a file of the user who owns OpenClaw. */
  writeOwned(path: string, text: string): void;
  /** A new gateway process in the place of the one that runs; its listeners are not its own matter. */
  restartGateway(env: Readonly<Record<string, string>>): Promise<void>;
  /** A stand-in outside the host, in the namespace that is everybody else. */
  outsider(namespace: string): Promise<StandIn>;
  close(): void;
}

/** How the host of a case differs from every other one. */
export interface HostSetup {
  network: CaseNetwork;
  /** False where the kernel's events are heard, which do not know the numbers of a machine of its own. */
  ownPids: boolean;
  /** Every program file that a process of the case will run. */
  programs: readonly string[];
  /** Text of openclaw.json. */
  config: string;
  version: string;
  /** Lines of the hosts file. */
  hosts: readonly string[];
  /** Programs whose start must come before those of the case lie over the machine's own. */
  before?: (machine: Machine) => Promise<void>;
}

const OWN_PROGRAMS = [GATEWAY.exe, '/usr/bin/bash', '/usr/sbin/sshd'];

/** Builds the host and starts its gateway, without listeners. */
export async function createLiveHost(setup: HostSetup): Promise<LiveHost> {
  const machine = await createMachine(setup.network, { container: false, openclaw: false, ownPids: setup.ownPids });
  const standIns = await createStandIns(machine.folder);
  const close = () => {
    standIns.close();
    machine.close();
  };
  try {
    return await furnish(machine, standIns, setup, close);
  } catch (error) {
    close();
    throw error;
  }
}

async function furnish(machine: Machine, standIns: StandIns, setup: HostSetup, close: () => void): Promise<LiveHost> {
  const python = await pythonOf(machine);
  await mountOver(machine, machine.folder, '/etc/resolv.conf', `nameserver ${setup.network.resolver}\n`);
  await mountOver(machine, machine.folder, '/etc/hosts', ['127.0.0.1 localhost', ...setup.hosts, ''].join('\n'));
  const inside = (path: string) => `/proc/${machine.holderPid}/root${path}`;
  await setup.before?.(machine);
  await coverPrograms(machine);
  installPrograms(inside, python.executable, [...OWN_PROGRAMS, ...setup.programs]);
  const writeOwned = ownedWriter(inside);
  writeOwned(`${STATE_DIR}/openclaw.json`, setup.config);
  writeOwned(`${WORKSPACE}/AGENTS.md`, '# The agent of the lab\n');
  mkdirSync(inside(PACKAGE), { recursive: true });
  const manifest = JSON.stringify({ name: 'openclaw', version: setup.version });
  writeFileSync(inside(`${PACKAGE}/package.json`), manifest);

  const modules = join(machine.folder, 'python');
  mkdirSync(modules, { mode: 0o755 });
  copyFileSync(join(import.meta.dirname, 'stand-in.py'), join(modules, 'sitecustomize.py'));
  chmodSync(join(modules, 'sitecustomize.py'), 0o644);
  const base = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    PYTHONHOME: python.prefix,
    PYTHONPATH: modules,
    PYTHONDONTWRITEBYTECODE: '1',
  };

  /** The first stand-in of a place: its starter gives it its arguments, of their final length. */
  async function first(start: (argv: string[], env: Record<string, string>) => unknown, program: string, word: string) {
    const known = { argv: [program, word], comm: 'sshd' };
    const token = standIns.newToken();
    const arrival = standIns.arrival(token, known);
    start([program, 'x'.repeat(word.length)], { ...base, ...standIns.environmentOf({ token, ...known }) });
    return { ...(await arrival), env: base, cwd: '/' };
  }

  const spawn = (parent: HostProcess, birth: Birth) => started('spawn', parent, birth);

  async function started(word: 'spawn' | 'exec', parent: HostProcess, birth: Birth): Promise<HostProcess> {
    const { argv, exe, comm = commOf(exe, argv[0] ?? ''), stdio = ['inherit', 'inherit', 'inherit'] } = birth;
    const token = standIns.newToken();
    const env = { ...parent.env, ...birth.env };
    const cwd = birth.cwd ?? parent.cwd;
    const arrival = standIns.arrival(token, { argv, comm });
    const { setsid, daemon, uid } = birth;
    const told = { path: exe, argv, comm, env, cwd, stdio, token, socket: standIns.socket, setsid, daemon, uid };
    // Whoever is refused never arrives.
    const [process] = await Promise.all([arrival, parent.order(word, told)]);
    return { ...process, env, cwd };
  }

  const root = await first((argv, env) => machine.spawn(argv, { env }), '/usr/sbin/sshd', '-D');
  const login = await spawn(root, {
    argv: ['-bash'],
    exe: '/usr/bin/bash',
    comm: 'bash',
    cwd: HOME,
    uid: UID,
    env: { HOME },
    stdio: ['pts', 'pts', 'pts'],
    setsid: true,
  });
  // The boot clock counts in seconds, and a package that is younger than its gateway is one that was not started.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { gateway, broker } = await startGateway({}, spawn, root);
  writeLock(writeOwned, gateway);

  const host: LiveHost = {
    machine,
    gateway,
    broker,
    login,
    spawn,
    become: (process, birth) => started('exec', process, birth),
    inside,
    writeOwned,
    close,
    execShell: (command) =>
      spawn(host.broker, {
        ...execShell(command),
        cwd: WORKSPACE,
        stdio: ['unix', 'unix', 'unix'],
        setsid: true,
      }),
    service: (birth) => spawn(root, { ...birth, daemon: true, stdio: birth.stdio ?? ['null', 'null', 'null'] }),
    async restartGateway(env) {
      await host.gateway.order('exit');
      await host.broker.order('exit').catch(() => {});
      Object.assign(host, await startGateway(env, spawn, root));
      writeLock(writeOwned, host.gateway);
    },
    outsider: (namespace) =>
      first(
        (argv, env) => {
          const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
          return spawnIn(namespace, ['env', '-i', ...pairs, ...argv]);
        },
        python.executable,
        'internet',
      ),
  };
  return host;
}

async function startGateway(env: Readonly<Record<string, string>>, spawn: LiveHost['spawn'], root: HostProcess) {
  const gateway = await spawn(root, {
    ...GATEWAY,
    uid: UID,
    env: { ...GATEWAY.env, ...env },
    stdio: ['null', 'unix', 'unix'],
    daemon: true,
  });
  const broker = await spawn(gateway, { ...BROKER, setsid: true });
  return { gateway, broker };
}

async function pythonOf(machine: Machine): Promise<{ executable: string; prefix: string }> {
  const asked = await machine.run([
    'python3',
    '-c',
    'import os, sys, json; print(json.dumps([os.path.realpath(sys.executable), sys.base_prefix]))',
  ]);
  if (asked.code !== 0) throw new Error(`live cases need python3: ${asked.stderr}`);
  const [executable, prefix] = JSON.parse(asked.stdout) as [string, string];
  return { executable, prefix };
}

/** A layer over `/usr`, so that programs of the case can have their own paths; it ends with the machine. */
async function coverPrograms(machine: Machine): Promise<void> {
  const layers = join(machine.folder, 'layers');
  mkdirSync(layers);
  const mounted = await machine.run(['sh', '-c', COVER, 'sh', layers]);
  if (mounted.code !== 0) throw new Error(`live cases need overlay mounts: ${mounted.stderr}`);
}

const COVER = `
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir -m 755 "$1/upper" "$1/work"
mount -t overlay -o "lowerdir=/usr,upperdir=$1/upper,workdir=$1/work" overlay /usr`;

/** Copies of the interpreter under the names of the programs that they stand for. */
function installPrograms(inside: (path: string) => string, python: string, programs: readonly string[]): void {
  const copy = inside('/usr/bin/.stand-in');
  copyFileSync(inside(python), copy);
  chmodSync(copy, 0o755);
  for (const program of new Set(programs)) {
    const path = inside(program);
    ownFolders(inside, dirname(program));
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    replaceBy(copy, path);
    if (program.startsWith(`${HOME}/`)) chownSync(path, UID, UID);
  }
}

function replaceBy(copy: string, path: string): void {
  const draft = `${path}.draft`;
  try {
    linkSync(copy, draft);
  } catch {
    // Another file system: the homes are not below the layer.
    copyFileSync(copy, draft);
    chmodSync(draft, 0o755);
  }
  renameSync(draft, path);
}

function ownedWriter(inside: (path: string) => string): LiveHost['writeOwned'] {
  return (path, text) => {
    ownFolders(inside, dirname(path));
    writeFileSync(inside(path), text, { mode: 0o600 });
    chownSync(inside(path), UID, UID);
  };
}

function ownFolders(inside: (path: string) => string, folder: string): void {
  if (!`${folder}/`.startsWith(`${HOME}/`) || existsSync(inside(folder))) return;
  ownFolders(inside, dirname(folder));
  mkdirSync(inside(folder), { mode: 0o700 });
  chownSync(inside(folder), UID, UID);
}

function writeLock(writeOwned: LiveHost['writeOwned'], { pid, startTicks }: HostProcess): void {
  const configPath = `${STATE_DIR}/openclaw.json`;
  const lock = { pid, port: 18_789, startTime: startTicks, createdAt: new Date().toISOString(), configPath };
  const text = JSON.stringify({ ...lock, stateDir: STATE_DIR });
  writeOwned(`${STATE_DIR}/tmp/openclaw-${UID}/gateway.state.lock`, text);
}
