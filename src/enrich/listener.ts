import type { ProcessFact } from '../types/process.ts';
import type { Listener, ReachableAddress } from '../types/snapshot.ts';
import { listenerKey, type Observation } from '../types/socket.ts';
import type { AddressView } from './addresses.ts';
import { isDockerProxy, leadsTo, type Publish, parsePublish } from './publish.ts';
import { compareReach, reachableAt, widestReach } from './reach.ts';
import type { Owners } from './role.ts';
import { serviceOf } from './service.ts';
import { type SeenBefore, sinceWhen } from './since.ts';
import type { Site } from './site.ts';

/** What listeners are judged with. */
export interface Surroundings {
  at: number;
  ownNetns: string;
  view: AddressView;
  owners: Owners;
  sites: readonly Site[];
  place: (netns: string) => Listener['place'];
  /** Forwardings of Docker's proxy, as its processes show them. */
  publishes: readonly Publish[];
  history: SeenBefore;
}

export function enrichListener(socket: Observation, around: Surroundings): Listener {
  const { view, sites, publishes } = around;
  const owner = socket.pids === undefined ? undefined : around.owners.among(socket.pids);
  const key = listenerKey(socket);
  const { service, gatewayId } = serviceOf(socket, owner, sites, (proxy) => {
    const publish = publishes.find(({ pid }) => pid === proxy.process.pid);
    return publish && gatewayBehind(publish, sites, view);
  });
  const place = around.place(socket.netns);
  const addresses = reachableAt(socket, view, place === 'container');
  if (place === 'container') addresses.push(...publishedAt(socket, around));
  addresses.sort((a, b) => compareReach(b.reach, a.reach));
  return {
    ...socket,
    key,
    ...(owner !== undefined && { owner }),
    ...(gatewayId !== undefined && { gatewayId }),
    service,
    reach: widestReach(addresses),
    reachableAt: addresses,
    since: sinceWhen(key, around.at, owner?.process.startedAt, around.history),
    place,
  };
}

/** Forwardings of all Docker proxies among the processes. */
export function findPublishes(processes: readonly ProcessFact[], owners: Owners): Publish[] {
  return processes
    .filter((process) => process.comm === 'docker-proxy')
    .flatMap((process) => {
      const owner = owners.of(process.pid);
      const publish = owner !== undefined && isDockerProxy(owner) ? parsePublish(process) : undefined;
      return publish === undefined ? [] : [publish];
    });
}

/** Forwardings that end at a listener's port. */
export function publishesOf(socket: Observation, publishes: readonly Publish[], view: AddressView): Publish[] {
  const target = { netns: socket.netns, protocol: socket.protocol, port: socket.local.port };
  return publishes.filter((publish) => leadsTo(publish, target, view));
}

function gatewayBehind(publish: Publish, sites: readonly Site[], view: AddressView): string | undefined {
  return sites.find((site) => {
    const target = { netns: site.netns, protocol: 'tcp' as const, port: site.port };
    return site.netns !== undefined && leadsTo(publish, target, view);
  })?.fact.id;
}

// The host's addresses through which a container's port is published: reach as of a listener on the host.
function publishedAt(socket: Observation, around: Surroundings): ReachableAddress[] {
  return publishesOf(socket, around.publishes, around.view).flatMap(({ hostAddress, hostPort }) =>
    reachableAt(
      {
        netns: around.ownNetns,
        family: hostAddress.includes(':') ? 6 : 4,
        dualStack: 'no',
        local: { address: hostAddress, port: hostPort },
      },
      around.view,
      false,
    ),
  );
}
