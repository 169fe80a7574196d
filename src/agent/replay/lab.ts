import { canonicalAddress } from '../../types/ip.ts';
import type { InterfaceAddress } from '../../types/snapshot.ts';

/** Blocks for documentation that stand for the internet in a case. */
export const LAB_PUBLIC: readonly string[] = ['198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'];

/** Network namespaces of a case, by the names that cases use. */
export const HOST_NETNS = '4026531840';
export const CONTAINER_NETNS = '4026532900';

/** Names of the lab and the last byte of their address in 203.0.113.0/24. */
const SERVICES: readonly (readonly [names: string, lastByte: number])[] = [
  ['api.telegram.org', 20],
  ['api.anthropic.com', 21],
  ['any.npmjs.org', 22],
  ['github.com', 23],
  ['codeload.github.com', 24],
  ['api.github.com', 25],
  ['discord.com gateway.discord.gg', 26],
  ['clawhub.ai', 27],
  ['telemetry.openclaw.ai', 28],
  ['open.feishu.cn', 29],
  ['any.debian.org', 30],
  ['huggingface.co', 31],
  ['api.open-meteo.com', 32],
  ['webhook.site', 40],
  ['gofile.io store1.gofile.io', 41],
  ['pastebin.com', 42],
  ['glot.io', 43],
  ['bore.pub', 44],
  ['dns.google', 45],
  ['x.workers.dev', 46],
  ['upd.duckdns.org', 47],
  ['pool.minexmr-like.test', 48],
  ['region1.v2.argotunnel.com', 49],
  ['connect.ngrok-agent.com', 50],
];

/** Fresh unknown names and the last byte of their address in 198.51.100.0/24. */
const STRANGERS: readonly (readonly [name: string, lastByte: number])[] = [
  ['skillmetrics.test', 70],
  ['cdn-sync.test', 71],
  ['notes-sync.test', 72],
  ['agent-hub.test', 73],
  ['up-eu.test', 74],
  ['malbuzz.test', 75],
];

/** What the lab publishes as malicious, with the tier of each. */
export const LAB_INDICATORS: Readonly<Record<string, string>> = {
  '198.51.100.66': 'A',
  '198.51.100.66:13338': 'A',
  'malbuzz.test': 'A',
  'fakeskills.test': 'B',
};

/** Addresses by name. A name that nobody declared has an address all the same, always the same one. */
export interface LabNames {
  addressOf(name: string): string;
  /** Gives a name an address where it has none. */
  declare(name: string, address: string): void;
  /** The name that the lab's own name server has for an address. */
  namesOf(address: string): readonly string[];
}

export function createLabNames(declared: Readonly<Record<string, string>>): LabNames {
  const addresses = new Map<string, string>();
  const names = new Map<string, string[]>();
  const add = (name: string, address: string) => {
    if (addresses.has(name)) return;
    addresses.set(name, address);
    names.set(address, [...(names.get(address) ?? []), name]);
  };
  for (const [name, address] of Object.entries(declared)) add(name, expand(address));
  for (const [list, byte] of SERVICES) for (const name of list.split(' ')) add(name, `203.0.113.${byte}`);
  for (const [name, byte] of STRANGERS) add(name, `198.51.100.${byte}`);
  return {
    addressOf(name) {
      if (!addresses.has(name)) add(name, unusedAddress(name, names));
      return addresses.get(name)!;
    },
    declare: (name, address) => add(name.toLowerCase(), expand(address)),
    namesOf: (address) => names.get(address) ?? [],
  };
}

/** `.71` is short for the block of strangers. */
function expand(address: string): string {
  return canonicalAddress(address.startsWith('.') ? `198.51.100${address}` : address) ?? address;
}

/** In 198.51.100.128/25 while there is room, then in 2001:db8:f::/48: a case may make up thousands of names. */
function unusedAddress(name: string, taken: ReadonlyMap<string, unknown>): string {
  let hash = 2_166_136_261;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619) >>> 0;
  for (let step = 0; step < 126; step++) {
    const address = `198.51.100.${129 + ((hash + step) % 126)}`;
    if (!taken.has(address)) return address;
  }
  return canonicalAddress(`2001:db8:f::${(hash >>> 16).toString(16)}:${(hash & 0xffff).toString(16)}`)!;
}

/** A machine before anything happens. */
export interface Profile {
  interfaces: InterfaceAddress[];
  /** True where the gateway lives in the container stand-in. */
  inContainer: boolean;
  /** Whether somebody asks a container engine, and Tailscale. */
  hasContainers: boolean;
  hasTailscale: boolean;
  cloudVendor?: string;
  resolver: string;
}

const LAN = inHost('eth0', '192.168.50.10', 24);
const PUBLIC = [inHost('eth0', '203.0.113.10', 24), inHost('eth0', '2001:db8:a::10', 64)];
const LO = [inHost('lo', '127.0.0.1', 8), inHost('lo', '::1', 128)];
const CONTAINER = [
  { ...inHost('eth0', '172.18.0.2', 16), netns: CONTAINER_NETNS },
  { ...inHost('lo', '127.0.0.1', 8), netns: CONTAINER_NETNS },
];
const BRIDGE = inHost('br-oc', '172.18.0.1', 16);
const TAILNET = [inHost('tailscale0', '100.101.102.103', 32), inHost('tailscale0', 'fd7a:115c:a1e0::6667', 128)];

const PLAIN = { inContainer: false, hasContainers: false, hasTailscale: false };

const PROFILES: Readonly<Record<string, Profile>> = {
  P0: { ...PLAIN, interfaces: [...LO, LAN], resolver: '192.168.50.1' },
  P0L: { ...PLAIN, interfaces: [...LO, LAN, PUBLIC[1]!], resolver: '192.168.50.1' },
  P1: { ...PLAIN, interfaces: [...LO, ...PUBLIC], resolver: '203.0.113.2' },
  P2: {
    ...PLAIN,
    interfaces: [...LO, ...PUBLIC, BRIDGE, ...CONTAINER],
    inContainer: true,
    hasContainers: true,
    resolver: '203.0.113.2',
  },
  P3: { ...PLAIN, interfaces: [...LO, LAN, ...TAILNET], hasTailscale: true, resolver: '192.168.50.1' },
  P4: { ...PLAIN, interfaces: [...LO, ...PUBLIC], cloudVendor: 'Amazon EC2', resolver: '203.0.113.2' },
};

/** `undefined` for a profile that does not exist. */
export function profileOf(id: string): Profile | undefined {
  return Object.hasOwn(PROFILES, id) ? PROFILES[id] : undefined;
}

/** Whom everybody of the family has known since learning: registrable domains and names. */
export const BASELINE: ReadonlySet<string> = new Set([
  'api.telegram.org',
  'telegram.org',
  'api.anthropic.com',
  'anthropic.com',
  'telemetry.openclaw.ai',
  'openclaw.ai',
  'any.npmjs.org',
  'npmjs.org',
  'github.com',
  'api.github.com',
  'codeload.github.com',
  'clawhub.ai',
]);

/** openclaw.json of every profile, before the case's own changes. */
export function labConfig(): Record<string, unknown> {
  return {
    gateway: {
      mode: 'local',
      port: 18789,
      bind: 'loopback',
      auth: { mode: 'token', token: 'q7v2m9x4k1c8n5b3z6w0r8t2y4u6i1o3p5a7s9d2f4g6h8j0' },
    },
    channels: { telegram: { enabled: true, botToken: '123456789:AAE-lab-token-lab-token-lab-token-0' } },
    agents: { defaults: { model: 'anthropic/claude-sonnet-5', heartbeat: { every: '30m' } } },
  };
}

function inHost(name: string, address: string, prefix: number): InterfaceAddress {
  return { netns: HOST_NETNS, interface: name, address, prefix, family: address.includes(':') ? 6 : 4, up: true };
}
