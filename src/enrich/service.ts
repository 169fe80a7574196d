import { isLoopback, isWildcard } from '../types/ip.ts';
import type { Owner, ServiceName } from '../types/snapshot.ts';
import type { Observation } from '../types/socket.ts';
import { isRecord, portAt, valueAt } from './config-value.ts';
import { remoteDebuggingPort } from './process-shape.ts';
import { isDockerProxy, parsePublish } from './publish.ts';
import { mayHold, type Site } from './site.ts';

/** What a listener is for, and whose it is. */
export interface Service {
  service: ServiceName;
  gatewayId?: string;
}

const MDNS_PORT = 5353;
// Telegram, Nextcloud Talk and Gmail, Teams, Feishu, voice call: what their plugins use unless told otherwise.
const WEBHOOK_PORTS = [8787, 8788, 3978, 3000, 3334];

/**
 * Judged by owner first and port second: a process of the agent on the browser's port is not the browser. Where nobody
 * can be seen behind a port of the gateway, the port speaks, because a gap must not hide a gateway.
 *
 * @param containers finds the gateway that a Docker forwarding ends at.
 */
export function serviceOf(
  socket: Observation,
  owner: Owner | undefined,
  sites: readonly Site[],
  containers: (owner: Owner) => string | undefined,
): Service {
  if (owner !== undefined && isDockerProxy(owner)) {
    return named('docker-proxy', parsePublish(owner.process) === undefined ? undefined : containers(owner));
  }
  const own = owner?.gatewayId === undefined ? undefined : sites.find((site) => site.fact.id === owner.gatewayId);
  if (own !== undefined) return named(familyService(socket, owner!, own), own.fact.id);
  if (owner?.gatewayId !== undefined) return named('none', owner.gatewayId);
  const neighbours = sites.filter((site) => socket.protocol === 'tcp' && site.netns === socket.netns);
  if (owner === undefined) {
    const unseen = neighbours.find((site) => mayHold(socket, site.fact) && unseenService(socket, site) !== 'none');
    if (unseen !== undefined) return named(unseenService(socket, unseen), unseen.fact.id);
  }
  // Somebody else, or nobody we can name, on a gateway's port: its port, and not its service.
  const squatted = neighbours.filter((site) => site.port === socket.local.port);
  return named('none', (squatted.find((site) => site.fact.running) ?? squatted[0])?.fact.id);
}

function named(service: ServiceName, gatewayId: string | undefined): Service {
  return gatewayId === undefined ? { service } : { service, gatewayId };
}

function unseenService(socket: Observation, site: Site): ServiceName {
  return site.port === socket.local.port ? 'gateway' : companionService(socket.local.port - site.port);
}

function familyService(socket: Observation, owner: Owner, site: Site): ServiceName {
  const { port } = socket.local;
  if (owner.role === 'browser') {
    const offset = port - site.port;
    return socket.protocol === 'tcp' && (port === remoteDebuggingPort(owner.process) || isCdpOffset(offset))
      ? 'cdp'
      : 'none';
  }
  if (owner.role !== 'gateway' && owner.role !== 'helper') return 'none';
  if (socket.protocol === 'udp') return port === MDNS_PORT ? 'mdns' : innerService(socket);
  if (port === site.port) return owner.role === 'gateway' ? 'gateway' : 'none';
  return (
    configuredService(port, site) ??
    (companionService(port - site.port) === 'none' ? undefined : companionService(port - site.port)) ??
    (isPortal(socket, owner, site) ? 'portal' : innerService(socket))
  );
}

// Offsets from the gateway's port, from OpenClaw's own derivation of ports.
function companionService(offset: number): ServiceName {
  if (offset === 1) return 'sandbox-host';
  if (offset === 2) return 'browser-control';
  if (offset === 3) return 'legacy-cdp';
  if (offset >= 4 && offset <= 10) return 'extension-relay';
  return isCdpOffset(offset) ? 'cdp' : 'none';
}

function isCdpOffset(offset: number): boolean {
  return offset >= 11 && offset <= 110;
}

function configuredService(port: number, { fact, port: gatewayPort }: Site): ServiceName | undefined {
  const config = fact.config.value;
  if (port === portAt(config, 'gateway', 'portals', 'ingress', 'port')) return 'portal-ingress';
  if (port === portAt(config, 'mcp', 'apps', 'sandboxPort')) return 'sandbox-host';
  const isCompanion = companionService(port - gatewayPort) !== 'none';
  return webhookPorts(config).has(port) || (!isCompanion && WEBHOOK_PORTS.includes(port)) ? 'webhook' : undefined;
}

function webhookPorts(config: unknown): Set<number> {
  const channels = valueAt(config, 'channels');
  const ports = (isRecord(channels) ? Object.values(channels) : []).flatMap((channel) => [
    portAt(channel, 'webhookPort'),
    portAt(channel, 'webhook', 'port'),
  ]);
  ports.push(portAt(config, 'hooks', 'gmail', 'serve', 'port'));
  return new Set(ports.filter((port) => port !== undefined));
}

/**
 * A portal opens a random port on the gateway's own addresses. With a loopback bind it cannot be told from the
 * gateway's inner listeners; both are reachable from this host only, so nothing is lost.
 */
function isPortal(socket: Observation, owner: Owner, site: Site): boolean {
  if (owner.role !== 'gateway') return false;
  const { address } = socket.local;
  if (isLoopback(address)) return false;
  return site.hosts.has(address) || site.declared.addresses.includes(address) || [...site.hosts].some(isWildcard);
}

function innerService(socket: Observation): ServiceName {
  return isLoopback(socket.local.address) ? 'gateway-internal' : 'none';
}
