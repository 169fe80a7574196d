import { type Profile, profileOf } from '../../../src/agent/replay/lab.ts';
import { StepProblem } from '../../../src/agent/replay/world.ts';
import { collect, runIn, spawnIn } from '../machine.ts';
import { ip, removeNamespace, routesOutside, sweep } from '../namespaces.ts';

/** The network of one case: the host, and one namespace that is its LAN, its tailnet and the internet together. */
export interface CaseNetwork {
  host: string;
  outside: string;
  /** Addresses at which `outside` runs the name server that the host is set up to ask. */
  resolver: string;
  /** From now on what is sent to this address is lost: no answer and no refusal. */
  drop(address: string): void;
  /** Kills everything inside and removes the namespaces. Safe to call twice. */
  close(): void;
}

/** All that an address of a case can lie in, beside the machine's own. */
const LAB_ROUTE =
  /^(local |broadcast |multicast |anycast |blackhole )?(192\.168\.50\.|198\.51\.100\.|203\.0\.113\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.169\.254|172\.18\.|224\.0\.0\.0\/4|127\.|::1\b|2001:db8:|fd7a:115c:a1e0:|fe80:|ff00:)/;
/** Further documentation prefixes: in no route of a case, and nobody's on the internet either. */
const PROBES = ['192.0.2.1', '3fff::1'];

const INTERNET_4 = ['198.51.100.0/24', '203.0.113.0/24'];
const INTERNET_6 = '2001:db8::/32';
/** Machines of the LAN; from .40 on nobody is there. */
const LAN_PEERS = ['192.168.50.2/31', '192.168.50.4/30', '192.168.50.16/28', '192.168.50.32/29'];
const DARK = { from: 40, to: 89 };
const METADATA = '169.254.169.254';
const HOME_ROUTER = '192.168.50.1';
const PROVIDER_ROUTER = '203.0.113.1';
const ROUTER_6 = '2001:db8:a::1';

let cases = 0;

/**
 * Builds it while other cases go on: nothing here waits for a command without letting them run.
 *
 * @throws StepProblem for a profile that does not exist or that has no live form.
 */
export async function createCaseNetwork(profileId: string): Promise<CaseNetwork> {
  const profile = liveProfile(profileId);
  if (cases === 0) sweep();
  const part = `cw-${process.pid}-case${++cases}`;
  const [host, outside] = [`${part}-host`, `${part}-outside`];
  const close = () => {
    for (const name of [host, outside]) removeNamespace(name);
    process.removeListener('exit', close);
  };
  process.on('exit', close);
  try {
    for (const name of [host, outside]) ip('netns', 'add', name);
    const devices = devicesOf(profile);
    await batch(host, ['link set lo up', ...devices.flatMap((device) => hostLink(device, outside, profile))]);
    await batch(outside, ['link set lo up', ...outsideLinks(devices, profile)]);
    await batch(
      host,
      devices.flatMap((device) => hostRoutes(device, profile)),
    );
    if (devices.includes('eth0') && isAtHome(profile)) await batch(host, await darkNeighbours(outside));
    for (const name of [host, outside]) await assertCaseIsClosed(name);
  } catch (error) {
    close();
    throw error;
  }
  return {
    host,
    outside,
    resolver: profile.resolver,
    drop: (address) => {
      if (address === METADATA || address.startsWith('192.168.50.')) return;
      if (!LAB_ROUTE.test(address)) throw new StepProblem(`${address.slice(0, 60)} is not an address of the lab`);
      ip('-n', outside, 'route', 'replace', 'blackhole', address, 'table', 'local');
    },
    close,
  };
}

/** @throws StepProblem */
export function liveProfile(id: string): Profile {
  const profile = profileOf(id);
  if (profile === undefined) throw new StepProblem(`there is no profile ${id.slice(0, 40)}`);
  if (profile.inContainer) throw new StepProblem(`profile ${id} has no live form: it needs a container engine`);
  if (profile.cloudVendor !== undefined) throw new StepProblem(`profile ${id} has no live form: DMI is the host's`);
  return profile;
}

function devicesOf(profile: Profile): string[] {
  return [...new Set(profile.interfaces.map((each) => each.interface ?? 'lo'))].filter((device) => device !== 'lo');
}

const ownOf = (device: string, profile: Profile) => profile.interfaces.filter((each) => each.interface === device);
const isAtHome = (profile: Profile) => profile.interfaces.some(({ address }) => address.startsWith('192.168.50.'));
const hasIpv6 = (device: string, profile: Profile) => ownOf(device, profile).some(({ family }) => family === 6);

function hostLink(device: string, outside: string, profile: Profile): string[] {
  return [
    `link add ${device} type veth peer name ${device} netns ${outside}`,
    `link set ${device} up`,
    ...ownOf(device, profile).map(({ address, prefix, family }) => {
      return `address add ${address}/${prefix} dev ${device}${family === 6 ? ' nodad' : ''}`;
    }),
  ];
}

/** Whatever stands for the internet answers at every address of it but the host's own. */
function outsideLinks(devices: readonly string[], profile: Profile): string[] {
  return [
    ...devices.map((device) => `link set ${device} up`),
    ...INTERNET_4.map((block) => `route add local ${block} dev lo`),
    `route add local ${INTERNET_6} dev lo`,
    ...devices.flatMap((device) => (device === 'tailscale0' ? TAILNET : outsideAddresses(device, profile))),
    ...devices.flatMap((device) =>
      ownOf(device, profile).map(({ address, family }) => {
        return `route add unicast ${address}/${family === 4 ? 32 : 128} dev ${device} table local`;
      }),
    ),
  ];
}

const TAILNET = ['route add local 100.64.0.0/10 dev lo'];

function outsideAddresses(device: string, profile: Profile): string[] {
  return [
    `address add ${isAtHome(profile) ? HOME_ROUTER : PROVIDER_ROUTER}/32 dev ${device}`,
    ...(isAtHome(profile) ? LAN_PEERS.map((block) => `route add local ${block} dev lo`) : []),
    ...(hasIpv6(device, profile) ? [`address add ${ROUTER_6}/128 dev ${device} nodad`] : []),
  ];
}

function hostRoutes(device: string, profile: Profile): string[] {
  if (device === 'tailscale0') {
    return ['route add 100.64.0.0/10 dev tailscale0', 'route add fd7a:115c:a1e0::/48 dev tailscale0'];
  }
  const router = isAtHome(profile) ? HOME_ROUTER : PROVIDER_ROUTER;
  const far = [...INTERNET_4, `${METADATA}/32`].filter((block) => isAtHome(profile) || !block.startsWith('203.0.113.'));
  return [
    ...far.map((block) => `route add ${block} via ${router} dev ${device}`),
    ...(hasIpv6(device, profile) ? [`route add ${INTERNET_6} via ${ROUTER_6} dev ${device}`] : []),
    `route add 224.0.0.0/4 dev ${device}`,
  ];
}

/** Nobody is there, and nobody says so: a packet arrives at a machine that forwards nothing. */
async function darkNeighbours(outside: string): Promise<string[]> {
  const shown = await runIn(outside, ['ip', 'link', 'show', 'eth0']);
  const mac = /link\/ether (\S+)/.exec(shown.stdout)?.[1];
  if (mac === undefined) throw new Error(`eth0 of ${outside} has no address: ${shown.stderr}`);
  return Array.from({ length: DARK.to - DARK.from + 1 }, (_, at) => {
    return `neighbour add 192.168.50.${DARK.from + at} lladdr ${mac} dev eth0 nud permanent`;
  });
}

/** Commands of `ip` in one go. */
async function batch(namespace: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const child = spawnIn(namespace, ['ip', '-batch', '-'], 'pipe');
  child.stdin!.end(`${lines.join('\n')}\n`);
  const done = await collect(child, 30_000);
  if (done.code !== 0) throw new Error(`the network of the case could not be built: ${done.stderr}`);
}

/** Fails closed: every route is one of the lab, and a connect to an address outside of it says ENETUNREACH. */
async function assertCaseIsClosed(name: string): Promise<void> {
  for (const family of ['-4', '-6']) {
    const shown = await runIn(name, ['ip', family, 'route', 'show', 'table', 'all']);
    const foreign = routesOutside(shown.stdout, LAB_ROUTE);
    if (shown.code !== 0 || foreign.length > 0) throw new Error(`${name} is not closed: ${foreign.join(' | ')}`);
  }
  const probed = await runIn(name, ['python3', '-c', CONNECT, ...PROBES]);
  const wanted = PROBES.map(() => 'ENETUNREACH').join(' ');
  if (probed.stdout.trim() !== wanted) {
    throw new Error(`${name} is not closed: connects to ${PROBES.join(' and ')} gave ${probed.stdout}${probed.stderr}`);
  }
}

const CONNECT = `
import errno, socket, sys
def answer(address):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.settimeout(2)
        try:
            probe.connect((address, 9))
            return "connected"
        except OSError as error:
            return errno.errorcode.get(error.errno, "timeout")
print(*map(answer, sys.argv[1:]))`;
