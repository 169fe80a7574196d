import type { GatewayFact } from '../types/gateway.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Listener } from '../types/snapshot.ts';

const CONTAINER_CGROUP =
  /(?:^|\/)(?:docker|libpod|lxc|crio|kubepods|containerd|machine\.slice)(?=[-./]|$)|docker-[0-9a-f]{12,}|cri-containerd-/;

/**
 * Where a namespace is: `host` for our own (also a container that uses the host's network, because its ports are the
 * host's), `container` where any process in it belongs to one, else a plain `namespace`.
 */
export function createPlaces(
  processes: readonly ProcessFact[],
  gateways: readonly GatewayFact[],
  ownNetns: string,
): (netns: string) => Listener['place'] {
  const containers = new Set<string>();
  for (const { netns, cgroup } of processes) {
    if (netns !== undefined && cgroup !== undefined && CONTAINER_CGROUP.test(cgroup)) containers.add(netns);
  }
  for (const { netns, inContainer } of gateways) {
    if (netns !== undefined && inContainer) containers.add(netns);
  }
  return (netns) =>
    netns === ownNetns || netns === 'own' ? 'host' : containers.has(netns) ? 'container' : 'namespace';
}
