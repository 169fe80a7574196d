import { isWildcard } from '../types/ip.ts';
import type { Connection, Listener } from '../types/snapshot.ts';
import type { Observation } from '../types/socket.ts';
import type { Surroundings } from './listener.ts';
import { sinceWhen } from './since.ts';
import type { Site } from './site.ts';

/** Answers whether a local end belongs to a listener of this look. */
export type ListenerIndex = (socket: Observation) => boolean;

/** Indexes listeners by namespace, protocol, port; a wildcard takes every address that its family can carry. */
export function indexListeners(listeners: readonly Listener[]): ListenerIndex {
  const specific = new Set<string>();
  const wildcards = new Set<string>();
  const ports = new Set<number>();
  for (const { netns, protocol, local, dualStack } of listeners) {
    ports.add(local.port);
    const port = `${netns} ${protocol} ${local.port}`;
    if (!isWildcard(local.address)) specific.add(`${port} ${local.address}`);
    else {
      if (local.address !== '::' || dualStack !== 'no') wildcards.add(`${port} 4`);
      if (local.address === '::') wildcards.add(`${port} 6`);
    }
  }
  return ({ netns, protocol, local }) => {
    if (!ports.has(local.port)) return false;
    const port = `${netns} ${protocol} ${local.port}`;
    return wildcards.has(`${port} ${local.address.includes(':') ? 6 : 4}`) || specific.has(`${port} ${local.address}`);
  };
}

/** @param key see `connectionKey`. */
export function enrichConnection(
  socket: Observation,
  key: string,
  isListener: ListenerIndex,
  around: Surroundings,
): Connection {
  const { view, history } = around;
  const owner = socket.pids === undefined ? undefined : around.owners.among(socket.pids);
  const atGateway = gatewayAt(socket, around.sites);
  const gatewayId = owner?.gatewayId ?? atGateway?.fact.id;
  const remoteClass = socket.remote && view.classify(socket.remote.address);
  const connection: Connection = {
    ...socket,
    key,
    direction: directionOf(socket, remoteClass, atGateway !== undefined || isListener(socket), around),
    // Not the start of its process: a gateway runs for weeks, its connections for seconds.
    since:
      socket.openedAt === undefined
        ? sinceWhen(key, around.at, undefined, history)
        : { at: socket.openedAt, basis: 'observed' },
  };
  if (remoteClass !== undefined) connection.remoteClass = remoteClass;
  if (owner !== undefined) connection.owner = owner;
  if (gatewayId !== undefined) connection.gatewayId = gatewayId;
  return connection;
}

function gatewayAt({ protocol, netns, local }: Observation, sites: readonly Site[]): Site | undefined {
  if (protocol !== 'tcp') return undefined;
  for (const site of sites) {
    if (site.port === local.port && site.netns === netns && site.fact.running) return site;
  }
  return undefined;
}

function directionOf(
  socket: Observation,
  remoteClass: Connection['remoteClass'],
  isServerSide: boolean,
  { view }: Surroundings,
): Connection['direction'] {
  const { remote } = socket;
  if (remote === undefined || remoteClass === 'unspecified') return 'unknown';
  // Only addresses of the same namespace: the same private address in another one can be somebody else's machine.
  if (remoteClass === 'loopback' || view.find(socket.netns, remote.address)?.up) return 'internal';
  if (isServerSide || socket.state === 'SYN_RECV' || socket.state === 'NEW_SYN_RECV') return 'inbound';
  return 'outbound';
}
