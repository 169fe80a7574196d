import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A gateway on this machine whose children are connected to an internet that exists in the bench only. */
export interface OutboundLoad {
  home: string;
  /** The gateway and its children. */
  family: number[];
  /** The block of documentation addresses that stands for the internet. */
  labPublic: string;
  /** Each child closes its oldest connections and opens as many. */
  renew(connections: number): Promise<void>;
  end(): Promise<void>;
}

const PORT = 18789;
const INTERNET = '203.0.113.0/24';
const OUR_ADDRESS = '192.168.77.1';
const CHILDREN = 8;
/** Of 250 addresses: those of hosts that the configuration explains, and those whose names nothing explains. */
const EXPECTED_ADDRESSES = 100;
const UNKNOWN_ADDRESSES = 100;
const EXPECTED_NAMES = ['api.telegram.org', 'api.openai.com', 'any.npmjs.org', 'clawhub.ai', 'github.com'];

/** Must run in the bench's own namespaces, as `bench/main.ts` makes them for root: hosts file and links are theirs. */
export async function startOutboundLoad(connections: number): Promise<OutboundLoad> {
  const folder = mkdtempSync(join(tmpdir(), 'clawwatch-bench-outbound-'));
  const farEnd = await startFarEnd();
  nameHosts(folder);
  const home = join(folder, 'home');
  const stateDir = join(home, '.openclaw');
  const lockDir = join(stateDir, 'tmp', `openclaw-${process.getuid!()}`);
  mkdirSync(lockDir, { recursive: true });
  const configPath = join(stateDir, 'openclaw.json');
  writeFileSync(configPath, JSON.stringify(CONFIG));
  const skill = join(stateDir, 'workspace', 'skills', 'metrics');
  mkdirSync(skill, { recursive: true });
  writeFileSync(join(skill, 'SKILL.md'), '---\nname: metrics\ndescription: sends figures\n---\n');
  const each = Math.ceil(connections / CHILDREN);
  const gateway = spawn(
    process.execPath,
    [`${import.meta.dirname}/outbound/gateway.ts`, ...[PORT, CHILDREN, each].map(String), skill],
    { stdio: ['pipe', 'pipe', 'inherit'], cwd: home, env: { PATH: process.env.PATH, HOME: home } },
  );
  await once(gateway.stdout!, 'data');
  const pid = gateway.pid!;
  const lock = { pid, createdAt: new Date(), configPath, stateDir, port: PORT, startTime: startTicks(pid) };
  writeFileSync(join(lockDir, 'gateway.state.lock'), JSON.stringify(lock));
  return {
    home,
    labPublic: INTERNET,
    family: [pid, ...childrenOf(pid)],
    async renew(count) {
      gateway.stdin!.write(`renew ${Math.ceil(count / CHILDREN)}\n`);
      await once(gateway.stdout!, 'data');
    },
    async end() {
      await endChild(gateway);
      await endChild(farEnd);
      execFileSync('umount', ['/etc/hosts']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const CONFIG = {
  gateway: { port: PORT, bind: 'loopback', auth: { mode: 'token', token: 'a-token-of-the-bench-0123456789abcdef' } },
  channels: { telegram: { enabled: true, botToken: '1:x' } },
  models: { providers: { openai: { apiKey: 'x', models: [] } } },
  agents: { defaults: { model: { primary: 'openai/gpt-5' } } },
};

/** A second namespace that answers for the whole block; it goes when its last process does. */
async function startFarEnd(): Promise<ChildProcess> {
  const script = 'ip link set lo up && echo up && read go && exec "$0" "$@"';
  const program = [process.execPath, `${import.meta.dirname}/outbound/far-end.ts`];
  const child = spawn('unshare', ['--net', 'sh', '-c', script, ...program], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  const there = [`--net=/proc/${child.pid}/ns/net`, 'ip'];
  const ip = (...args: string[]) => execFileSync('ip', args);
  const ipThere = (...args: string[]) => execFileSync('nsenter', [...there, ...args]);
  ip('link', 'add', 'bench0', 'type', 'veth', 'peer', 'name', 'bench1', 'netns', String(child.pid));
  ip('address', 'add', `${OUR_ADDRESS}/24`, 'dev', 'bench0');
  ip('link', 'set', 'bench0', 'up');
  ipThere('address', 'add', '192.168.77.2/24', 'dev', 'bench1');
  ipThere('link', 'set', 'bench1', 'up');
  ipThere('route', 'add', 'local', INTERNET, 'dev', 'lo');
  ip('route', 'add', INTERNET, 'via', '192.168.77.2');
  child.stdin!.write('go\n');
  await once(child.stdout!, 'data');
  return child;
}

/** A hosts file over the machine's own one, in this mount namespace alone. */
function nameHosts(folder: string): void {
  const lines = ['127.0.0.1 localhost'];
  for (let index = 1; index <= EXPECTED_ADDRESSES + UNKNOWN_ADDRESSES; index += 1) {
    const isExpected = index <= EXPECTED_ADDRESSES;
    const name = isExpected
      ? EXPECTED_NAMES[index % EXPECTED_NAMES.length]!
      : `node-${index}.site-${index % 40}.example`;
    lines.push(`203.0.113.${index} ${name}`);
  }
  writeFileSync(join(folder, 'hosts'), `${lines.join('\n')}\n`);
  execFileSync('mount', ['--bind', join(folder, 'hosts'), '/etc/hosts']);
}

function startTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin!.end();
  await Promise.race([ended, delay(5_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
}
