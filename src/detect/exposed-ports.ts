import type { Gateway } from '../types/gateway.ts';
import type { FirewallDecision } from '../types/host-facts.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { companionOf } from './companion-ports.ts';
import { isConfirmed } from './damping.ts';
import { reachesAtLeast } from './exposure.ts';
import { publishedPorts } from './published-ports.ts';

/** A port of a gateway at which the LAN or the internet can knock, in one family of addresses. */
export interface ExposedPort {
  gateway: Gateway;
  /** On the host: for a published port not the one inside the container. */
  port: number;
  family: 4 | 6;
  /** Published by a container engine: such a port goes past the input rules. */
  isPublished: boolean;
  socketKeys: string[];
}

/** Ports of gateways that the LAN or the internet reaches as far as sockets tell; the packet filter is asked about these. */
export function exposedPorts(snapshot: Snapshot, context: RuleContext, confirmMs: number): ExposedPort[] {
  const gateways = new Map(snapshot.gateways.filter(({ running }) => running).map((each) => [each.id, each]));
  const own = snapshot.listeners.flatMap((listener): ExposedPort[] => {
    const gateway = gateways.get(listener.owner?.gatewayId ?? listener.gatewayId ?? '');
    if (gateway === undefined || listener.protocol !== 'tcp' || listener.place === 'container') return [];
    const isMain = gateway.gatewayListeners.includes(listener.key) && listener.service !== 'docker-proxy';
    if (!isMain && companionOf(listener, gateway) === undefined) return [];
    const startedAt = listener.owner?.process.startedAt;
    if (!isConfirmed({ keys: [listener.key], startedAt }, context, confirmMs)) return [];
    const wide = listener.reachableAt.filter(({ reach }) => reachesAtLeast(reach, 'lan'));
    const families = new Set(wide.map(({ address }) => familyOf(address)));
    return [...families].map((family) => ({
      gateway,
      port: listener.local.port,
      family,
      isPublished: false,
      socketKeys: [listener.key],
    }));
  });
  const published = publishedPorts(snapshot).flatMap((port): ExposedPort[] => {
    const { gateway, hostPort, hostAddress, listenerKey } = port;
    if (gateway === undefined || !reachesAtLeast(port.reach, 'lan')) return [];
    const family = familyOf(hostAddress);
    return [
      {
        gateway,
        port: hostPort,
        family,
        isPublished: true,
        socketKeys: listenerKey === undefined ? [] : [listenerKey],
      },
    ];
  });
  const distinct = new Map(
    [...own, ...published].map((each) => [`${each.gateway.id} ${each.port} ${each.family}`, each]),
  );
  return [...distinct.values()].sort((a, b) => a.port - b.port || a.family - b.family);
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** The packet filter's answer for a port; `undefined` when it was not asked about this one. */
export function decisionFor(port: ExposedPort, snapshot: Snapshot): FirewallDecision | undefined {
  const about = (snapshot.hostFacts?.firewall ?? []).filter(
    (each) => each.protocol === 'tcp' && each.port === port.port && each.family === port.family,
  );
  const onPublishPath = about.find(({ by }) => /docker/i.test(by));
  if (!port.isPublished) return about.find(({ by }) => !/docker/i.test(by)) ?? onPublishPath;
  if (onPublishPath !== undefined) return onPublishPath;
  const passedBy = about[0];
  // What input rules say of a published port is true and does not matter: it never comes to them.
  return passedBy?.answer === 'closed'
    ? {
        ...passedBy,
        answer: 'open',
        reason: `${passedBy.by} drops it (${passedBy.reason}), and a published port goes past that`,
      }
    : passedBy;
}

/** The port in words for a reader. */
export function portWords({ port, family, isPublished }: ExposedPort): string {
  return `port ${port} over IPv${family}${isPublished ? ' (published by a container engine)' : ''}`;
}
