import { posix } from 'node:path';
import { ENVIRON_MARKERS, ENVIRON_SECRETS, lengthMarker, type ProcessFact } from '../../types/process.ts';
import { CONTAINER_NETNS, HOST_NETNS } from './lab.ts';

export const HOME = '/home/u';
export const STATE_DIR = `${HOME}/.openclaw`;
export const WORKSPACE = `${STATE_DIR}/workspace`;
/** The user who owns OpenClaw. */
export const UID = 1000;

/** A process of the machine, with what no look can see. */
export interface SimProcess extends ProcessFact {
  markers: Record<string, string>;
  stdio: (string | undefined)[];
  /** Unix ms; absent while it runs. */
  endedAt?: number;
  /** Unix ms; known to whoever hears of births. */
  bornAt: number;
  maker: number;
  /** Left the session of its parent, so that it outlives it. */
  isDaemon?: boolean;
  /** The shell that the agent's exec tool starts for one command. */
  isExecShell?: boolean;
  /** Share of one core, 0 to 1. */
  cpuShare?: number;
}

/** What a case says of a new process. */
export interface Birth {
  ppid: number;
  argv: string[];
  at: number;
  exe?: string;
  comm?: string;
  env?: Record<string, string>;
  cwd?: string;
  uid?: number;
  cgroup?: string;
  netns?: string;
  stdio?: (string | undefined)[];
  holdsTerminal?: boolean;
  cpuShare?: number;
}

export interface SimProcesses {
  all(): Iterable<SimProcess>;
  get(pid: number): SimProcess | undefined;
  spawn(birth: Birth): SimProcess;
  /** It ends, and with it its children, unless they left its session: those go to the service manager. */
  exit(pid: number, at: number): void;
  /** Forgets what ended before `at`. */
  sweep(at: number): void;
  /** A number for a pipe, a socket of a process pair or a terminal, never used twice. */
  inode(): number;
}

const PROGRAMS: Readonly<Record<string, string>> = {
  node: '/usr/bin/node',
  npm: '/usr/bin/node',
  npx: '/usr/bin/node',
  openclaw: '/usr/bin/node',
  vite: '/usr/bin/node',
  claude: '/usr/bin/node',
  python3: '/usr/bin/python3.12',
  python: '/usr/bin/python3.12',
  sh: '/usr/bin/dash',
  chrome: '/opt/google/chrome/chrome',
  firefox: '/usr/lib/firefox/firefox',
  sshd: '/usr/sbin/sshd',
  chronyd: '/usr/sbin/chronyd',
  tailscaled: '/usr/sbin/tailscaled',
  caddy: '/usr/bin/caddy',
  cloudflared: '/usr/local/bin/cloudflared',
};

/** A machine without OpenClaw: service managers, a login over SSH. */
export function createProcesses(bootAt: number): SimProcesses {
  const processes = new Map<number, SimProcess>();
  let nextPid = 2_000;
  let nextInode = 900_000;

  function spawn(birth: Birth): SimProcess {
    return add(nextPid++, birth);
  }

  function add(pid: number, birth: Birth): SimProcess {
    const parent = processes.get(birth.ppid);
    const exe = birth.exe ?? programOf(birth.argv[0] ?? '', birth.cwd ?? parent?.cwd);
    const uid = birth.uid ?? parent?.uid ?? 0;
    const cwd = birth.cwd ?? parent?.cwd ?? '/';
    const cgroup = birth.cgroup ?? parent?.cgroup;
    const process: SimProcess = {
      pid,
      startTicks: Math.max(1, Math.round((birth.at - bootAt) / 10)),
      startedAt: birth.at,
      bornAt: birth.at,
      ppid: birth.ppid,
      maker: birth.ppid,
      uid,
      comm: birth.comm ?? commOf(exe, birth.argv[0] ?? ''),
      argv: birth.argv,
      exe,
      cwd,
      netns: birth.netns ?? parent?.netns ?? HOST_NETNS,
      markers: { ...parent?.markers, ...markersOf(birth.env ?? {}) },
      stdio: birth.stdio ?? parent?.stdio ?? [undefined, undefined, undefined],
      ...(cgroup !== undefined && { cgroup }),
      ...(birth.holdsTerminal === true && { holdsTerminal: true }),
      ...(birth.cpuShare !== undefined && { cpuShare: birth.cpuShare }),
    };
    processes.set(pid, process);
    return process;
  }

  function exit(pid: number, at: number): void {
    const process = processes.get(pid);
    if (process === undefined || process.endedAt !== undefined) return;
    process.endedAt = at;
    for (const child of processes.values()) {
      if (child.ppid !== pid || child.endedAt !== undefined) continue;
      if (child.isDaemon) child.ppid = USER_MANAGER;
      else exit(child.pid, at);
    }
    const parent = processes.get(process.ppid);
    const isLast = ![...processes.values()].some(({ ppid, endedAt }) => ppid === process.ppid && endedAt === undefined);
    if (parent?.isExecShell && isLast) exit(parent.pid, at);
  }

  const before = bootAt + 60_000;
  const system = { uid: 0, at: before, cwd: '/' };
  add(1, { ...system, ppid: 0, argv: ['/sbin/init'], exe: '/usr/lib/systemd/systemd', cgroup: '/init.scope' });
  add(SSHD, {
    ...system,
    ppid: 1,
    argv: ['sshd: /usr/sbin/sshd -D'],
    comm: 'sshd',
    cgroup: '/system.slice/ssh.service',
  });
  add(USER_MANAGER, {
    ppid: 1,
    at: before,
    argv: ['/usr/lib/systemd/systemd', '--user'],
    uid: UID,
    cgroup: `${USER_SLICE}/init.scope`,
    env: { HOME },
  });
  const login = { at: before, uid: UID, cgroup: '/user.slice/user-1000.slice/session-3.scope', cwd: HOME };
  add(LOGIN, { ...login, ppid: SSHD, argv: ['sshd: u@pts/0'], comm: 'sshd', env: { HOME } });
  const terminal = '/dev/pts/0';
  add(LOGIN_SHELL, {
    ...login,
    ppid: LOGIN,
    argv: ['-bash'],
    exe: '/usr/bin/bash',
    stdio: [terminal, terminal, terminal],
  });
  return {
    all: () => processes.values(),
    get: (pid) => processes.get(pid),
    spawn,
    exit,
    sweep(at) {
      for (const [pid, { endedAt }] of processes) if (endedAt !== undefined && endedAt < at) processes.delete(pid);
    },
    inode: () => nextInode++,
  };
}

const SSHD = 700;
export const USER_MANAGER = 900;
const LOGIN = 950;
export const LOGIN_SHELL = 951;
const USER_SLICE = '/user.slice/user-1000.slice/user@1000.service';

/** The gateway and its spawn broker. */
export function spawnGateway(processes: SimProcesses, at: number, inContainer: boolean, env: Record<string, string>) {
  const place = inContainer
    ? { cgroup: `/system.slice/docker-${'4f'.repeat(32)}.scope`, netns: CONTAINER_NETNS }
    : { cgroup: `${USER_SLICE}/app.slice/openclaw-gateway.service` };
  const gateway = processes.spawn({
    ppid: USER_MANAGER,
    at,
    ...GATEWAY,
    uid: UID,
    stdio: ['/dev/null', `socket:[${processes.inode()}]`, `socket:[${processes.inode()}]`],
    env: { ...GATEWAY.env, ...env },
    ...place,
  });
  const broker = processes.spawn({ ppid: gateway.pid, at, ...BROKER });
  return { gateway, broker };
}

/** Where OpenClaw is installed. */
export const PACKAGE = '/usr/lib/node_modules/openclaw';

/** The gateway as it shows itself. */
export const GATEWAY = {
  argv: ['openclaw-gateway'],
  exe: '/usr/bin/node',
  comm: 'openclaw-gatewa',
  cwd: HOME,
  env: { HOME, OPENCLAW_SERVICE_MARKER: 'openclaw', OPENCLAW_SERVICE_KIND: 'gateway' },
};

/** The process that starts commands for it. */
export const BROKER = {
  argv: ['node', `${PACKAGE}/dist/process/spawn-broker/worker.js`],
  exe: '/usr/bin/node',
  comm: 'MainThread',
  cwd: WORKSPACE,
};

/** The shell in which the exec tool runs one command, below the broker. */
export function spawnExecShell(processes: SimProcesses, broker: number, command: readonly string[], at: number) {
  const pair = () => `socket:[${processes.inode()}]`;
  const shell = processes.spawn({
    ppid: broker,
    at,
    ...execShell(command),
    cwd: WORKSPACE,
    // Node gives its children pairs of local sockets, which look like network sockets until their number is looked up.
    stdio: [pair(), pair(), pair()],
  });
  shell.isExecShell = true;
  return shell;
}

/** Words, program and environment of that shell. */
export function execShell(command: readonly string[]): Required<Pick<Birth, 'argv' | 'exe' | 'env'>> {
  return {
    argv: ['/bin/bash', '--noprofile', '--norc', '-c', `eval ${command.map(quoted).join(' ')}`],
    exe: '/usr/bin/bash',
    env: {
      OPENCLAW_SHELL: 'exec',
      OPENCLAW_CLI: '1',
      OPENCLAW_STATE_DIR: STATE_DIR,
      OPENCLAW_GATEWAY_PORT: '18789',
    },
  };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Words and the program file of a process that becomes another program. */
export function become(process: SimProcess, argv: string[], exe: string | undefined): void {
  process.argv = argv;
  process.exe = exe ?? programOf(argv[0] ?? '', process.cwd);
  process.comm = commOf(process.exe, argv[0] ?? '');
}

/** The program file that a word stands for on the machine of a case. */
export function programOf(word: string, cwd: string | undefined): string {
  const name = word.split(' ')[0]!.replace(/:$/, '');
  if (name.startsWith('/')) return posix.normalize(name);
  if (name.includes('/')) return posix.join(cwd ?? '/', name);
  return PROGRAMS[name] ?? `/usr/bin/${name}`;
}

/** At most 15 bytes, as the kernel keeps it; Node 24 renames its main thread. */
export function commOf(exe: string, word: string): string {
  const name = posix.basename(exe);
  if (name === 'node') return word === 'node' ? 'MainThread' : posix.basename(word).slice(0, 15);
  return name.slice(0, 15);
}

/** What a collector would keep of an environment. */
export function markersOf(env: Record<string, unknown>): Record<string, string> {
  const markers: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (ENVIRON_MARKERS.has(name)) markers[name] = String(value);
    if (ENVIRON_SECRETS.has(name)) markers[lengthMarker(name)] = String(Buffer.byteLength(String(value)));
  }
  return markers;
}
