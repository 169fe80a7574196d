import { canonicalAddress, isWildcard } from '../../types/ip.ts';
import type { Endpoint } from '../../types/socket.ts';
import { HOST_NETNS } from './lab.ts';
import type { SimProcess } from './processes.ts';
import type { SimSocket } from './sockets.ts';
import { StepProblem, type World } from './world.ts';

/** A connection as a step describes it. */
export interface ConnectWords {
  dst: string;
  tls: boolean;
  /** False: no question to a name server came before it. */
  hasQuestion: boolean;
  sni?: string;
  out: number;
  in: number;
  dropSyn: boolean;
  refuse: boolean;
  /** The other side says goodbye first, so nothing is left of it here. */
  closedByServer: boolean;
  alias?: string;
  protocol: 'tcp' | 'udp';
}

/** `host:port`, `[v6]:port`. @throws StepProblem when it is neither. */
export function endOf(text: string): { host: string; port: number } {
  const match = /^\[([^\]]+)\]:(\d{1,5})$/.exec(text) ?? /^([^:]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new StepProblem(`not an address with a port: ${text.slice(0, 80)}`);
  return { host: match[1]!, port };
}

/** An address with a port, canonical. @throws StepProblem */
export function addressOf(text: string): Endpoint & { isMapped: boolean } {
  const { host, port } = endOf(text);
  const address = canonicalAddress(host);
  if (address === undefined) throw new StepProblem(`not an address: ${host.slice(0, 80)}`);
  return { address, port, isMapped: host.includes(':') && !address.includes(':') };
}

/** Opens a connection of a process, and the other end of it where that is on this machine. */
export function connect(world: World, by: SimProcess, words: ConnectWords, at: number): SimSocket[] {
  const { host, port } = endOf(words.dst);
  const literal = canonicalAddress(host);
  const name = literal === undefined ? host.toLowerCase() : undefined;
  const address = literal ?? world.names.addressOf(name!);
  if (name !== undefined && words.hasQuestion) answer(world, by, { name, type: 'A', address, at });
  const netns = by.netns ?? HOST_NETNS;
  const local = { address: sourceFor(world, netns, address), port: world.sockets.ephemeralPort() };
  const isMapped = literal !== undefined && host.includes(':') && !literal.includes(':');
  const opener = world.sockets.open({
    netns,
    protocol: words.protocol,
    family: isMapped || address.includes(':') ? 6 : 4,
    state: words.dropSyn ? 'SYN_SENT' : 'ESTABLISHED',
    local,
    remote: { address, port },
    pids: [by.pid],
    openedAt: at,
    isOpener: true,
    leavesRemnant: !words.closedByServer,
    bytesOut: words.dropSyn ? 0 : words.out,
    bytesIn: words.dropSyn ? 0 : words.in,
    ...((words.dropSyn || words.refuse) && { failed: true }),
  });
  const said = words.sni ?? name;
  if (words.tls && said !== undefined) remember(world.hellos, opener, said);
  if (words.alias !== undefined) world.socketAliases.set(words.alias, opener);
  if (words.refuse) world.sockets.close(opener, at);
  const isHere = world.profile.interfaces.some((each) => each.netns === netns && each.address === address);
  if (!isHere || words.dropSyn || words.refuse) return [opener];
  const listener = world.sockets.listenerAt(netns, words.protocol, address, port);
  const accepted = world.sockets.open({
    netns,
    protocol: words.protocol,
    family: opener.family,
    state: 'ESTABLISHED',
    local: { address, port },
    remote: local,
    pids: listener?.pids ?? [],
    openedAt: at,
    leavesRemnant: words.closedByServer,
    bytesOut: words.in,
    bytesIn: words.out,
  });
  return [opener, accepted];
}

/** A connection from outside to a listener of this machine. */
export function inbound(world: World, from: string, to: string, owner: SimProcess | undefined, at: number): SimSocket {
  const local = addressOf(to);
  const port = world.sockets.ephemeralPort();
  const remote = canonicalAddress(from) === undefined ? addressOf(from) : { address: canonicalAddress(from)!, port };
  let listener = world.sockets.listenerAt(HOST_NETNS, 'tcp', local.address, local.port);
  if (listener === undefined && owner !== undefined) {
    listener = world.sockets.open({
      netns: HOST_NETNS,
      protocol: 'tcp',
      family: 4,
      state: 'LISTEN',
      local: { address: local.address.includes(':') ? '::' : '0.0.0.0', port: local.port },
      pids: [owner.pid],
      openedAt: at,
    });
  }
  return world.sockets.open({
    netns: HOST_NETNS,
    protocol: 'tcp',
    family: listener?.family === 6 || local.address.includes(':') ? 6 : 4,
    state: 'ESTABLISHED',
    local: { address: local.address, port: local.port },
    remote: { address: remote.address, port: remote.port },
    pids: owner === undefined ? (listener?.pids ?? []) : [owner.pid],
    openedAt: at,
    bytesOut: 2_000,
    bytesIn: 900,
  });
}

interface Answer {
  name: string;
  type: string;
  address?: string;
  rcode?: string;
  at: number;
}

const MAX_REMEMBERED = 5_000;

/** A question to the name server and its answer. */
export function answer(world: World, by: SimProcess, { name, type, address, rcode = 'NOERROR', at }: Answer): void {
  world.questions.push({
    at,
    name,
    type,
    rcode,
    server: world.profile.resolver,
    pid: by.pid,
    netns: by.netns ?? HOST_NETNS,
  });
  if (address === undefined) return;
  const server = world.profile.resolver;
  remember(world.answers, `${address} ${name}`, { address, name, source: 'dns', seenAt: at, ttlMs: 60_000, server });
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_REMEMBERED) map.delete(map.keys().next().value as K);
}

/** The address of ours that a packet to `remote` leaves with. */
function sourceFor(world: World, netns: string, remote: string): string {
  const own = world.profile.interfaces.filter((each) => each.netns === netns);
  if (own.some(({ address }) => address === remote)) return remote;
  const family = remote.includes(':') ? 6 : 4;
  if (remote.startsWith('127.')) return '127.0.0.1';
  const tailnet = /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^fd7a:/.test(remote);
  const fits = own.filter((each) => each.family === family && each.interface !== 'lo');
  const found = fits.find((each) => (each.interface === 'tailscale0') === tailnet) ?? fits[0];
  return found?.address ?? (family === 6 ? '2001:db8:a::10' : '192.168.50.10');
}

/** Where a listener of a step waits. */
export function listenEnd(text: string): Endpoint {
  const { address, port } = addressOf(text);
  return { address: isWildcard(address) && text.startsWith('[') ? '::' : address, port };
}
