import type { BlindSpot } from '../types/blind-spot.ts';
import type { Gateway } from '../types/gateway.ts';
import { isWildcard } from '../types/ip.ts';
import type { Listener, ReachableAddress, Since } from '../types/snapshot.ts';
import type { Observation } from '../types/socket.ts';
import { judgeAuth } from './auth.ts';
import { compareBind } from './bind-verdict.ts';
import { tailscaleMode } from './declared-bind.ts';
import { explainDifferences } from './differences.ts';
import { publishesOf, type Surroundings } from './listener.ts';
import { compareReach, widestReach } from './reach.ts';
import type { Site } from './site.ts';

/** Everything one gateway's sockets are judged from. */
export interface GatewayRequest {
  site: Site;
  listeners: readonly Listener[];
  /** All listening observations, to tell "none there" from "could not be read". */
  observations: readonly Observation[];
  /** Namespaces whose tables were read whole; absent where the source does not say. */
  netnsRead?: readonly string[];
  around: Surroundings;
}

/** A gateway with what is declared, what its sockets do, and why the two differ. */
export function enrichGateway(request: GatewayRequest): { gateway: Gateway; blindSpots: BlindSpot[] } {
  const { site, around } = request;
  const { fact } = site;
  const own = request.listeners.filter((listener) => listener.gatewayId === fact.id);
  const atPort = own.filter((listener) => listener.service === 'gateway');
  const others = own.filter(
    (listener) =>
      listener.service !== 'gateway' && (listener.owner?.gatewayId === fact.id || listener.service !== 'none'),
  );
  const isBlind = fact.running && isUnread(request, atPort);
  const verdict = isBlind
    ? 'unknown'
    : atPort.length === 0
      ? 'not listening'
      : compareBind(site.declared.addresses, atPort);
  const publishes = atPort.flatMap((listener) =>
    listener.place === 'container' ? publishesOf(listener, around.publishes, around.view) : [],
  );
  const since = sinceOfWidest(atPort);
  const gateway: Gateway = {
    ...fact,
    declared: site.declared,
    auth: judgeAuth(fact),
    gatewayListeners: atPort.map((listener) => listener.key),
    otherListeners: others.map((listener) => listener.key),
    reach: isBlind ? 'unknown' : widestReach(atPort),
    reachableAt: merge(atPort),
    ...(since !== undefined && { since }),
    differences: explainDifferences({ site, verdict, listeners: atPort, publishes, view: around.view }),
    bindVerdict: verdict,
  };
  return { gateway, blindSpots: blindSpotsOf(site, atPort, publishes.length > 0, isBlind) };
}

/**
 * True when nothing can be said about the sockets of a running gateway. An unread namespace looks like one without
 * sockets, and a socket in our own namespace need not be this gateway's.
 */
function isUnread({ site, observations, netnsRead }: GatewayRequest, atPort: readonly Listener[]): boolean {
  const { fact } = site;
  if (atPort.length > 0) {
    const isSure = atPort.some(({ owner, uid }) => owner !== undefined || (uid !== undefined && uid === fact.uid));
    return fact.netns === undefined && !isSure && widestReach(atPort) === 'loopback';
  }
  if (fact.netns === undefined) return true;
  const there = observations.filter((socket) => socket.netns === fact.netns);
  // Its port may be another than we think, and one of the sockets without a visible owner its own.
  const mayBeHidden = (socket: Observation) =>
    socket.protocol === 'tcp' &&
    !socket.pids?.length &&
    (socket.uid === undefined || fact.uid === undefined || socket.uid === fact.uid);
  // A gateway that still starts has no socket yet: that is an answer where its namespace was read, and else none.
  if (there.length === 0) return !netnsRead?.includes(fact.netns);
  return there.some(mayBeHidden);
}

function sinceOfWidest(listeners: readonly Listener[]): Since | undefined {
  return listeners.toSorted((a, b) => compareReach(b.reach, a.reach) || a.since.at - b.since.at)[0]?.since;
}

function merge(listeners: readonly Listener[]): ReachableAddress[] {
  const byAddress = new Map<string, ReachableAddress>();
  for (const answer of listeners.flatMap((listener) => listener.reachableAt)) {
    const key = `${answer.address} ${answer.interface ?? ''}`;
    const known = byAddress.get(key);
    if (known === undefined || (known.confidence !== 'certain' && answer.confidence === 'certain')) {
      byAddress.set(key, answer);
    }
  }
  return [...byAddress.values()].sort((a, b) => compareReach(b.reach, a.reach));
}

function blindSpotsOf(site: Site, atPort: readonly Listener[], isPublished: boolean, isBlind: boolean): BlindSpot[] {
  const gatewayId = site.fact.id;
  const spots: BlindSpot[] = [];
  if (isBlind) {
    spots.push({
      id: 'enrich.gateway.sockets',
      source: 'enrich',
      what: 'the listening sockets of the gateway',
      why: 'its process runs, and no socket could be counted to it',
      fix: 'run clawwatch as the user of the gateway, or with sudo',
      essential: true,
      gatewayId,
    });
  }
  const isOpenInContainer = atPort.some(({ place, local }) => place === 'container' && !isLoopbackText(local.address));
  if (isOpenInContainer && !isPublished) {
    spots.push({
      id: 'enrich.container.published',
      source: 'enrich',
      what: 'published ports of the container not visible',
      why: 'the container engine forwards without a process that shows it',
      fix: `docker ps --filter publish=${site.port} --format '{{.Names}} {{.Ports}}'`,
      essential: true,
      gatewayId,
    });
  }
  const served = site.fact.running ? tailscaleMode(site.fact) : undefined;
  if (served !== undefined) {
    spots.push({
      id: 'enrich.tailscale.served',
      source: 'enrich',
      what: `who reaches the gateway through Tailscale ${served}`,
      why: 'Tailscale forwards to its loopback socket from inside its own process',
      fix: 'tailscale serve status --json',
      essential: served === 'funnel',
      gatewayId,
    });
  }
  return spots;
}

function isLoopbackText(address: string): boolean {
  return !isWildcard(address) && (address === '::1' || address.startsWith('127.'));
}
