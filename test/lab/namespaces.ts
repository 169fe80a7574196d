import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/**
 * Network namespaces that stand for a host, its LAN, its tailnet and the internet. Nothing in them leads outside: no
 * namespace has an interface towards the machine's own network, so a program in them cannot call anybody.
 */
export interface Network {
  host: string;
  lan: string;
  inet: string;
  tail: string;
  /** Kills everything inside and removes the namespaces. Safe to call twice. */
  close(): void;
}

/** Addresses of the lab. The "internet" ones are documentation prefixes, which `LAB_PUBLIC` makes count as public. */
export const ADDRESS = {
  lan4: '192.168.50.10',
  lan6: 'fd50:cafe::10',
  lanPeer4: '192.168.50.20',
  lanPeer6: 'fd50:cafe::20',
  tail4: '100.101.102.103',
  tail6: 'fd7a:115c:a1e0::6667',
  tailPeer4: '100.101.102.104',
  tailPeer6: 'fd7a:115c:a1e0::6668',
  inet4: '203.0.113.10',
  inet6: '2001:db8::10',
  inetPeer4: '203.0.113.1',
  inetPeer6: '2001:db8::1',
} as const;

export const LAB_PUBLIC = '203.0.113.0/24,2001:db8::/48';

/** Why the lab cannot run here, or `undefined`. */
export function missing(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs Linux';
  if (process.getuid?.() !== 0) return 'the lab needs root to build network namespaces';
  for (const tool of ['ip', 'ss', 'nsenter', 'unshare', 'setpriv', 'pivot_root']) {
    if (!['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(`${folder}/${tool}`))) {
      return `the lab needs "${tool}" (apt-get install iproute2 util-linux)`;
    }
  }
  return undefined;
}

/** A namespace of a run whose process is gone; a live run keeps its own. */
export function sweep(): void {
  if (!existsSync('/run/netns')) return;
  for (const name of readdirSync('/run/netns')) {
    const owner = /^cw-(\d+)-(?:host|lan|inet|tail|case\d+-(?:host|outside))$/.exec(name)?.[1];
    if (owner && !existsSync(`/proc/${owner}`)) removeNamespace(name);
  }
}

/** @param links what the host is connected to; the order is the order of its interfaces. */
export function createNetwork(links: readonly ('lan' | 'tailnet' | 'internet')[]): Network {
  sweep();
  const [host, lan, inet, tail] = ['host', 'lan', 'inet', 'tail'].map((part) => `cw-${process.pid}-${part}`) as [
    string,
    string,
    string,
    string,
  ];
  const close = () => {
    for (const name of [host, lan, inet, tail]) removeNamespace(name);
    process.removeListener('exit', close);
  };
  process.on('exit', close);
  try {
    for (const name of [host, lan, inet, tail]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    if (links.includes('lan')) {
      connect(host, 'eth0', [`${ADDRESS.lan4}/24`, `${ADDRESS.lan6}/64`], lan, [
        `${ADDRESS.lanPeer4}/24`,
        `${ADDRESS.lanPeer6}/64`,
      ]);
    }
    if (links.includes('tailnet')) {
      connect(host, 'tailscale0', [`${ADDRESS.tail4}/32`, `${ADDRESS.tail6}/128`], tail, [
        `${ADDRESS.tailPeer4}/32`,
        `${ADDRESS.tailPeer6}/128`,
      ]);
      ip('-n', host, 'route', 'add', `${ADDRESS.tailPeer4}/32`, 'dev', 'tailscale0');
      ip('-n', host, '-6', 'route', 'add', `${ADDRESS.tailPeer6}/128`, 'dev', 'tailscale0');
      ip('-n', tail, 'route', 'add', `${ADDRESS.tail4}/32`, 'dev', 'eth0');
      ip('-n', tail, '-6', 'route', 'add', `${ADDRESS.tail6}/128`, 'dev', 'eth0');
    }
    if (links.includes('internet')) {
      connect(host, 'wan0', [`${ADDRESS.inet4}/24`, `${ADDRESS.inet6}/48`], inet, [
        `${ADDRESS.inetPeer4}/24`,
        `${ADDRESS.inetPeer6}/48`,
      ]);
    }
    for (const name of [host, lan, inet, tail]) assertClosed(name);
  } catch (error) {
    close();
    throw error;
  }
  return { host, lan, inet, tail, close };
}

/** Adds or removes an address of the host while it runs. */
export function changeAddress(network: Network, verb: 'add' | 'del', address: string, device: string): void {
  const nodad = verb === 'add' && address.includes(':') ? ['nodad'] : [];
  ip('-n', network.host, 'address', verb, address, 'dev', device, ...nodad);
}

function connect(host: string, device: string, hostAddresses: string[], peer: string, peerAddresses: string[]): void {
  ip('-n', host, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', peer);
  for (const [name, link, addresses] of [
    [host, device, hostAddresses],
    [peer, 'eth0', peerAddresses],
  ] as const) {
    ip('-n', name, 'link', 'set', link, 'up');
    // Duplicate address detection would leave an address unusable for a second or two.
    for (const address of addresses) {
      ip('-n', name, 'address', 'add', address, 'dev', link, ...(address.includes(':') ? ['nodad'] : []));
    }
  }
}

const LAB_ROUTE =
  /^(local |broadcast |multicast |anycast )?(192\.168\.50\.|203\.0\.113\.|100\.101\.102\.|127\.|::1\b|fd50:cafe:|fd7a:115c:a1e0:|2001:db8:(:|0:)|fe80:|ff00:)/;

/** Fails closed: every route is a lab route, and a connect to an address outside the lab says ENETUNREACH. */
export function assertClosed(name: string): void {
  for (const family of ['-4', '-6']) {
    const foreign = routesOutside(ip('-n', name, family, 'route', 'show', 'table', 'all'), LAB_ROUTE);
    if (foreign.length > 0) throw new Error(`${name} has routes that are not the lab's: ${foreign.join(' | ')}`);
  }
  // Documentation addresses: even a lab that failed to close itself would reach nobody.
  for (const outside of ['198.51.100.1', '2001:db8:ffff::1']) {
    const answer = execFileSync(
      'nsenter',
      [`--net=/run/netns/${name}`, process.execPath, '-e', CONNECT_ONCE, outside],
      { encoding: 'utf8', timeout: 10_000 },
    );
    if (answer !== 'ENETUNREACH') throw new Error(`${name} is not closed: a connect to ${outside} gave ${answer}`);
  }
}

/** Lines of `ip route show` that are none of a lab's. @param labRoute what the routes of the lab begin with. */
export function routesOutside(shown: string, labRoute: RegExp): string[] {
  return shown.split('\n').filter((route) => route !== '' && !labRoute.test(route));
}

const CONNECT_ONCE = `
const socket = require('net').connect({ host: process.argv[1], port: 9, timeout: 2000 });
const say = (word) => { process.stdout.write(word); process.exit(0); };
socket.on('connect', () => say('connected')).on('error', (e) => say(e.code)).on('timeout', () => say('timeout'));`;

/** Runs `ip`, of iproute2. */
export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Removes a namespace. Only processes inside it are killed: by the kernel's own list, so no pid can be a stranger's. */
export function removeNamespace(name: string): void {
  if (!existsSync(`/run/netns/${name}`)) return;
  for (let round = 0; round < 100; round++) {
    const pids = ip('netns', 'pids', name).split('\n').filter(Boolean).map(Number);
    if (pids.length === 0) break;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone by itself.
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  ip('netns', 'delete', name);
}
