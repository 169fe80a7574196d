import { posix } from 'node:path';
import type { Confidence, Gateway } from '../types/gateway.ts';
import type { ContainerPublish } from '../types/host-facts.ts';
import { canonicalAddress, classifyAddress, isWildcard } from '../types/ip.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Reach, Snapshot } from '../types/snapshot.ts';
import { widestReach } from './exposure.ts';

/** A port of a gateway in a container that the host gives away. */
export interface PublishedPort {
  /** Absent: a container that is OpenClaw's by its image or port, whose gateway could not be seen. */
  gateway?: Gateway;
  /** Container or gateway, short and stable. Raw. */
  name: string;
  hostAddress: string;
  hostPort: number;
  containerPort: number;
  reach: Reach;
  source: ContainerPublish['source'];
  confidence: Confidence;
  /** Listener on the host side, where one exists: without Docker's userland proxy there is none. */
  listenerKey?: string;
}

type Raw = Omit<ContainerPublish, 'container' | 'protocol'> & { container?: string; containerAddress?: string };

const GATEWAY_PORT = 18_789;
const OPENCLAW_NAME = /openclaw|clawdbot|moltbot/i;

/** Ports of gateways and of OpenClaw containers that are published beyond loopback, from processes and from host facts. */
export function publishedPorts(snapshot: Snapshot): PublishedPort[] {
  const facts: Raw[] = (snapshot.hostFacts?.publishes ?? []).filter(({ protocol }) => protocol === 'tcp');
  const proxies = snapshot.processes.flatMap((process) => proxyPublish(process) ?? []);
  const found = [...facts, ...proxies].flatMap((raw) => publishedPort(raw, snapshot) ?? []);
  // The same port from two sources: who knows the gateway speaks, else the engine before the traces that it leaves.
  const byPort = new Map<string, PublishedPort>();
  for (const port of found) {
    const key = `${isWildcard(port.hostAddress) ? '*' : port.hostAddress} ${port.hostPort} ${port.hostAddress.includes(':') ? 6 : 4}`;
    const known = byPort.get(key);
    if (known === undefined || (known.gateway === undefined && port.gateway !== undefined)) byPort.set(key, port);
  }
  return [...byPort.values()].filter(({ reach }) => reach !== 'loopback');
}

function publishedPort(raw: Raw, snapshot: Snapshot): PublishedPort | undefined {
  const gateway = snapshot.gateways.find((each) => each.running && leadsTo(raw, each, snapshot));
  const isNamed = raw.isOpenClaw === true || OPENCLAW_NAME.test(raw.image ?? '');
  const isOurs = gateway !== undefined || isNamed || raw.containerPort === GATEWAY_PORT;
  if (!isOurs) return undefined;
  // Of a container that cannot be looked into, only ports that mean something by themselves.
  if (gateway === undefined && !isKnownPort(raw.containerPort, GATEWAY_PORT)) return undefined;
  const hostAddress = raw.hostAddress === '' ? '0.0.0.0' : (canonicalAddress(raw.hostAddress) ?? raw.hostAddress);
  const listener = snapshot.listeners.find(
    ({ protocol, place, local, service }) =>
      protocol === 'tcp' &&
      local.port === raw.hostPort &&
      local.address === hostAddress &&
      (service === 'docker-proxy' || place === 'host'),
  );
  return {
    ...(gateway === undefined ? {} : { gateway }),
    name: gateway === undefined ? `container ${raw.container ?? raw.image ?? 'unknown'}` : `gateway ${gateway.id}`,
    hostAddress,
    hostPort: raw.hostPort,
    containerPort: raw.containerPort,
    reach: listener?.reach ?? reachOf(hostAddress, snapshot),
    source: raw.source,
    confidence: gateway !== undefined ? gateway.confidence : isNamed ? 'likely' : 'possible',
    ...(listener === undefined ? {} : { listenerKey: listener.key }),
  };
}

/** The gateway lives in the container's network, and the port is its own or one that it derives from it. */
function leadsTo(raw: Raw, gateway: Gateway, snapshot: Snapshot): boolean {
  if (!isKnownPort(raw.containerPort, gateway.declared.port) || gateway.netns === undefined) return false;
  if (raw.netns !== undefined) return raw.netns === gateway.netns;
  if (raw.containerAddress === undefined) return raw.isOpenClaw === true && isAlone(gateway, snapshot);
  return snapshot.interfaces.some(({ netns, address }) => netns === gateway.netns && address === raw.containerAddress);
}

/** The only gateway that listens in a container: an OpenClaw container can hold no other. */
function isAlone(gateway: Gateway, { listeners, gateways }: Snapshot): boolean {
  const inside = new Set(listeners.filter(({ place }) => place === 'container').map(({ netns }) => netns));
  const candidates = gateways.filter(({ running, netns }) => running && netns !== undefined && inside.has(netns));
  return candidates.length === 1 && candidates[0] === gateway;
}

/** Gateway, sandbox host, browser control and what follows, up to the last debugging port. */
function isKnownPort(port: number, base: number): boolean {
  return port === base || (port >= base + 1 && port <= base + 110);
}

/** An address on the host side. A wildcard is at least the LAN: a gap of the interfaces makes nothing safe. */
function reachOf(address: string, snapshot: Snapshot): Reach {
  if (!isWildcard(address)) return reachOfAddress(address, snapshot);
  const host = snapshot.listeners.find(({ place }) => place === 'host')?.netns ?? snapshot.interfaces[0]?.netns;
  const reaches = snapshot.interfaces
    .filter(
      ({ netns, up, interface: name }) => up && netns === host && !/^(docker|br-|veth|cni|podman)/.test(name ?? ''),
    )
    .filter(({ address: own }) => address === '::' || !own.includes(':'))
    .map(({ address: own }) => reachOfAddress(own, snapshot));
  return widestReach([...reaches, reaches.includes('tailnet') ? 'tailnet' : 'lan']);
}

function reachOfAddress(address: string, { addressContext }: Snapshot): Reach {
  const kind = classifyAddress(address, addressContext);
  return kind === 'loopback' || kind === 'public' || kind === 'tailnet' ? kind : 'lan';
}

// Where package managers put it. Anybody may call a process docker-proxy, and few can write here.
const SYSTEM_PATH = /^\/(?:usr|bin|sbin|opt|snap|nix\/store)\//;

/** What a `docker-proxy` forwards, from its arguments, which everybody may read: its socket is root's. */
function proxyPublish(process: ProcessFact): Raw | undefined {
  if (!isDockerProxy(process)) return undefined;
  const argument = (name: string) => {
    const at = process.argv.indexOf(name);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const hostAddress = canonicalAddress(argument('-host-ip') ?? '');
  const containerAddress = canonicalAddress(argument('-container-ip') ?? '');
  const [hostPort, containerPort] = [Number(argument('-host-port')), Number(argument('-container-port'))];
  const isPort = (port: number) => Number.isInteger(port) && port > 0 && port <= 65_535;
  if ((argument('-proto') ?? 'tcp') !== 'tcp' || hostAddress === undefined) return undefined;
  if (!isPort(hostPort) || !isPort(containerPort)) return undefined;
  return {
    hostAddress,
    hostPort,
    containerPort,
    source: 'docker-proxy',
    ...(containerAddress === undefined ? {} : { containerAddress }),
  };
}

function isDockerProxy({ argv, exe, uid, comm }: ProcessFact): boolean {
  const path = exe?.replace(/ \(deleted\)$/, '');
  if (path !== undefined) return posix.basename(path) === 'docker-proxy' && SYSTEM_PATH.test(posix.normalize(path));
  const isNamed = comm === 'docker-proxy' || posix.basename(argv[0] ?? '') === 'docker-proxy';
  return isNamed && (uid === undefined || uid === 0);
}
