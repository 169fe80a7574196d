/**
 * Records what a real gateway looks like in `/proc` and on disk, as fixtures for the unit tests:
 * `node test/lab/record.ts` (root, about two minutes) rewrites `test/fixtures/recorded/`.
 */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NODE } from './install.ts';
import { createMachine, type Machine, spawnIn } from './machine.ts';
import { ADDRESS, createNetwork, type Network } from './namespaces.ts';
import {
  fakeModel,
  type GatewaySetup,
  lockFiles,
  MODEL_PORT,
  type RunningGateway,
  startGateway,
  untilLogged,
} from './openclaw.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'recorded');
const NET_FILES = ['tcp', 'tcp6', 'udp', 'udp6', 'if_inet6', 'fib_trie', 'route', 'ipv6_route', 'dev'];
const PLAIN_FILES = ['stat', 'status', 'cmdline', 'comm', 'cgroup', 'environ'];

interface Story {
  name: string;
  setup: GatewaySetup;
  container?: boolean;
  after?: (gateway: RunningGateway) => Promise<void>;
}

const STORIES: Story[] = [
  { name: 'loopback', setup: { gateway: { bind: 'loopback' } } },
  { name: 'lan', setup: { gateway: { bind: 'lan' } } },
  { name: 'unset-in-container', setup: {}, container: true },
  { name: 'tailnet', setup: { gateway: { bind: 'tailnet' } } },
  { name: 'custom', setup: { gateway: { bind: 'custom', customBindHost: ADDRESS.lan4 } } },
  { name: 'flag-lan-over-loopback', setup: { gateway: { bind: 'loopback' }, args: ['--bind', 'lan'] } },
  {
    name: 'loopback-written-while-lan-runs',
    setup: { gateway: { bind: 'lan' } },
    after: async (gateway) => {
      const from = gateway.log().length;
      await gateway.openclaw(['config', 'set', 'gateway.bind', 'loopback']);
      await untilLogged(gateway, /http server listening/, from);
    },
  },
  { name: 'profile-ops', setup: { profile: 'ops', port: 55291, gateway: { bind: 'loopback' } } },
  {
    name: 'portal-and-exec',
    setup: { gateway: { bind: 'lan' }, config: fakeModel(ADDRESS.inetPeer4) },
    after: async (gateway) => {
      await turn(gateway, { name: 'portal', args: { action: 'open', port: 3000 } });
      await turn(gateway, { name: 'exec', args: { command: '(setsid nohup sleep 300 >/dev/null 2>&1 &)' } });
      await turn(gateway, { name: 'exec', args: { command: 'sleep 300', background: true } });
    },
  },
];

async function turn(gateway: RunningGateway, call: object): Promise<void> {
  const script = `please DO:${JSON.stringify(call)}`;
  const done = await gateway.openclaw(['agent', '--agent', 'main', '--message', script, '--json'], 120_000);
  if (done.code !== 0) throw new Error(`agent turn failed: ${done.stderr}`);
}

/** Folder that the gateway's home lay in, as the fixtures name it. */
const HOME_IN_FIXTURES = '/home/claw';

async function record(machine: Machine, holders: number[], gateway: RunningGateway, folder: string): Promise<void> {
  // Same length where the text is binary or padded does not matter here: stat, cmdline and environ have no offsets.
  const rename = (text: string) => text.replaceAll(gateway.home, HOME_IN_FIXTURES);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), rename(text));
  };
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(rename(target), join(folder, path));
  };
  const netns = readlinkSync(`/proc/${machine.holderPid}/ns/net`);
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!pid || holders.includes(pid) || linkOf(`/proc/${pid}/ns/net`) !== netns) continue;
    for (const file of PLAIN_FILES) write(`proc/${pid}/${file}`, latin1(`/proc/${pid}/${file}`));
    for (const file of ['exe', 'cwd']) link(`proc/${pid}/${file}`, readlinkSync(`/proc/${pid}/${file}`));
    for (const file of ['net', 'mnt', 'pid', 'user'])
      link(`proc/${pid}/ns/${file}`, readlinkSync(`/proc/${pid}/ns/${file}`));
    // The root of the recorded machine is the fixture folder, never the machine that a test runs on.
    link(`proc/${pid}/root`, '../..');
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const target = linkOf(`/proc/${pid}/fd/${fd}`) ?? '';
      // Sockets and open state files are what the parsers look for; pipes and libraries would be a thousand links.
      if (target.startsWith('socket:') || target.startsWith(gateway.home)) link(`proc/${pid}/fd/${fd}`, target);
    }
    mkdirSync(join(folder, `proc/${pid}/task/${pid}`), { recursive: true });
    write(`proc/${pid}/task/${pid}/children`, latin1(`/proc/${pid}/task/${pid}/children`));
  }
  for (const file of NET_FILES) write(`proc/${gateway.pid}/net/${file}`, latin1(`/proc/${gateway.pid}/net/${file}`));
  link('proc/self', String(gateway.pid));
  link('proc/net', 'self/net');
  for (const file of ['stat', 'uptime']) write(`proc/${file}`, latin1(`/proc/${file}`));
  write('proc/sys/net/ipv6/bindv6only', '0\n');
  write('proc/sys/kernel/random/boot_id', '00000000-0000-4000-8000-000000000000\n');
  for (const path of [gateway.configPath, ...lockFiles(gateway)]) {
    write(path.replace(gateway.home, '.').replace('./', 'home/claw/'), readFileSync(path, 'utf8'));
  }
  write('ss-ltnpH.txt', (await machine.run(['ss', '-Hltnp'])).stdout);
  write('ss-tunapH.txt', (await machine.run(['ss', '-Htunap'])).stdout);
  write('ip-addr.json', (await machine.run(['ip', '-j', 'addr'])).stdout);
  write('gateway-status.json', (await gateway.openclaw(['gateway', 'status', '--json'])).stdout);
  write('security-audit.json', (await gateway.openclaw(['security', 'audit', '--json'])).stdout);
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

const latin1 = (path: string) => readFileSync(path, 'latin1');

async function main(network: Network, only: string[]): Promise<void> {
  const machines = {
    bare: await createMachine(network, { container: false }),
    container: await createMachine(network, { container: true }),
  };
  const model = spawnIn(network.inet, [
    NODE,
    join(import.meta.dirname, 'fake-model.ts'),
    ADDRESS.inetPeer4,
    String(MODEL_PORT),
  ]);
  await new Promise((resolve) => model.stdout!.once('data', resolve));
  for (const story of STORIES) {
    if (only.length > 0 && !only.includes(story.name)) continue;
    const machine = story.container ? machines.container : machines.bare;
    const gateway = await startGateway(machine, story.setup);
    await story.after?.(gateway);
    const folder = join(FIXTURES, story.name);
    rmSync(folder, { recursive: true, force: true });
    const holders = Object.values(machines).map((one) => one.holderPid);
    await record(machine, holders, gateway, folder);
    if (story.container) writeFileSync(join(folder, '.dockerenv'), '');
    await gateway.stop();
    process.stdout.write(`${story.name}: gateway ${gateway.pid}, started in ${gateway.startMs} ms\n`);
  }
}

const network = createNetwork(['lan', 'tailnet', 'internet']);
try {
  await main(network, process.argv.slice(2));
} finally {
  network.close();
}
process.exit(0);
