import type { BlindSpot } from '../types/blind-spot.ts';
import type { Collected } from '../types/collector.ts';
import { isWildcard } from '../types/ip.ts';
import type { Connection, Listener, Snapshot } from '../types/snapshot.ts';
import { isListening, type Observation } from '../types/socket.ts';
import { type Classifier, createAddressView, createClassifier } from './addresses.ts';
import { enrichConnection, indexListeners } from './connection.ts';
import { type ConnectionKeys, createConnectionKeys } from './connection-keys.ts';
import { enrichGateway } from './gateway.ts';
import { enrichListener, findPublishes, type Surroundings } from './listener.ts';
import { createPlaces } from './place.ts';
import { createOwners } from './role.ts';
import type { SeenBefore } from './since.ts';
import { locate, type Site } from './site.ts';

/** What does not change between looks. */
export interface EnrichOptions {
  /** CIDR blocks that count as public although they are special-use, for laboratories only. */
  labPublic?: string[];
  /** Our own process, which belongs to no family even when an agent runs us. */
  ownPid?: number;
  /** Our own processes where there are more of them. */
  ownPids?: () => ReadonlySet<number>;
}

export type Enrich = (collected: Collected, history: SeenBefore) => Snapshot;

/**
 * Says of every socket whose it is, what for, and who can reach it; and of every gateway what is declared and what its
 * sockets do. Pure and synchronous. An odd fact is left out and counted in a blind spot: it never costs the others.
 */
export function createEnrich(options: EnrichOptions = {}): Enrich {
  const classify = createClassifier(options.labPublic ?? []);
  const keys = createConnectionKeys();
  return (collected, history) => {
    const odd = createOddities();
    const around = surroundings(collected, history, { ...options, classify }, odd);
    const [listening, connected] = split(collected.observations);
    const listeners = listening.flatMap((socket) => odd.guard('socket', () => enrichListener(socket, around)));
    const connections = judgeConnections(connected, listeners, { around, keys, odd });
    const { observations, netnsRead } = collected;
    const tables = netnsRead === undefined ? { observations } : { observations, netnsRead };
    const gateways = around.sites.flatMap((site) =>
      odd.guard('gateway', () => enrichGateway({ site, listeners, ...tables, around })),
    );
    return {
      at: collected.at,
      durationMs: collected.durationMs,
      host: collected.host,
      telemetry: telemetryOf(collected),
      sources: collected.sources,
      gateways: gateways.map(({ gateway }) => gateway),
      listeners,
      connections,
      processes: collected.processes,
      family: collected.family,
      interfaces: collected.interfaces,
      addressContext: around.view.context,
      ...(collected.closedSockets && { closedSockets: collected.closedSockets }),
      ...(collected.sensor?.questions && { questions: collected.sensor.questions }),
      ...(collected.telemetryLost && { telemetryLost: collected.telemetryLost }),
      blindSpots: mergeBlindSpots([
        ...collected.blindSpots,
        ...unreadInterfaces(listeners, around),
        ...gateways.flatMap(({ blindSpots }) => blindSpots),
        ...odd.blindSpots(),
      ]),
    };
  };
}

/** Kernel events make T1, names from the wire T2; rights alone change only what a blind spot says. */
function telemetryOf({ sensor }: Collected): Snapshot['telemetry'] {
  if (sensor === undefined || !sensor.sources.includes('tcp') || !sensor.sources.includes('processes')) return 'T0';
  return sensor.sources.includes('names') ? 'T2' : 'T1';
}

function surroundings(
  collected: Collected,
  history: SeenBefore,
  options: EnrichOptions & { classify: Classifier },
  odd: Oddities,
): Surroundings {
  const { ownNetns, processes } = collected;
  const view = createAddressView(collected.interfaces, options.labPublic ?? [], options.classify);
  const listening = collected.observations.filter(isListening);
  const sites: Site[] = collected.gateways.flatMap((fact) =>
    odd.guard('gateway', () => locate({ fact, ownNetns, listening, view })),
  );
  const owners = createOwners({
    processes,
    family: collected.family,
    gateways: sites,
    ownPids: ownPids(options),
  });
  return {
    at: collected.at,
    ownNetns,
    view,
    owners,
    sites,
    place: createPlaces(processes, collected.gateways, ownNetns),
    publishes: findPublishes(processes, owners),
    history: askedOnce(history),
  };
}

/** A remnant has no row of its own, so thousands would each ask for the last cycle, which is a query. */
function askedOnce(history: SeenBefore): SeenBefore {
  let answer: { at: number | undefined } | undefined;
  return {
    firstSeenAt: (key) => history.firstSeenAt(key),
    ...(history.sinceOf && { sinceOf: (key: string) => history.sinceOf!(key) }),
    lastCycleAt() {
      answer ??= { at: history.lastCycleAt() };
      return answer.at;
    },
  };
}

function ownPids({ ownPid, ownPids }: EnrichOptions): ReadonlySet<number> {
  const pids = new Set(ownPids?.() ?? []);
  if (ownPid !== undefined) pids.add(ownPid);
  return pids;
}

function split(observations: readonly Observation[]): [Observation[], Observation[]] {
  const listening: Observation[] = [];
  const connected: Observation[] = [];
  for (const socket of observations) (isListening(socket) ? listening : connected).push(socket);
  return [listening, connected];
}

function judgeConnections(
  sockets: readonly Observation[],
  listeners: readonly Listener[],
  { around, keys, odd }: { around: Surroundings; keys: ConnectionKeys; odd: Oddities },
): Connection[] {
  const isListener = indexListeners(listeners);
  const connections: Connection[] = [];
  keys.begin();
  for (const socket of sockets) {
    try {
      connections.push(enrichConnection(socket, keys.of(socket), isListener, around));
    } catch (error) {
      odd.note('socket', error);
    }
  }
  keys.end();
  return connections;
}

/** One blind spot for each namespace whose wildcard sockets had to be judged without its interfaces. */
function unreadInterfaces(listeners: readonly Listener[], { view }: Surroundings): BlindSpot[] {
  const unread = listeners.filter(({ netns, local }) => view.of(netns) === undefined && isWildcard(local.address));
  return [...Map.groupBy(unread, ({ netns }) => netns)].map(([netns, sockets]) => {
    const gatewayId = sockets.find((socket) => socket.gatewayId !== undefined)?.gatewayId;
    return {
      id: 'enrich.interfaces.unread',
      source: 'enrich',
      what: `interface addresses of network namespace ${netns}, with ${sockets.length} wildcard sockets`,
      why: 'they could not be read, so these sockets count as open to the LAN',
      fix: 'run clawwatch with sudo',
      essential: true,
      ...(gatewayId !== undefined && { gatewayId }),
    };
  });
}

interface Oddities {
  note(kind: 'socket' | 'gateway', error: unknown): void;
  guard<T>(kind: 'socket' | 'gateway', judge: () => T): T[];
  blindSpots(): BlindSpot[];
}

// The facts come from parsers of hostile text. One that slips through must cost itself and not the look.
function createOddities(): Oddities {
  const counts = new Map<string, { count: number; why: string }>();
  function note(kind: string, error: unknown): void {
    const known = counts.get(kind);
    counts.set(kind, { count: (known?.count ?? 0) + 1, why: known?.why ?? (error as Error).name });
  }
  return {
    note,
    guard(kind, judge) {
      try {
        return [judge()];
      } catch (error) {
        note(kind, error);
        return [];
      }
    },
    blindSpots: () =>
      [...counts].map(([kind, { count, why }]) => ({
        id: `enrich.odd.${kind}`,
        source: 'enrich',
        what: `${count} ${kind}${count === 1 ? '' : 's'} that could not be judged`,
        why: `a fact had an unexpected form (${why}); this is a bug of clawwatch`,
        essential: true,
      })),
  };
}

/** The same gap reported twice is one gap; essential wins. */
export function mergeBlindSpots(blindSpots: readonly BlindSpot[]): BlindSpot[] {
  const merged = new Map<string, BlindSpot>();
  for (const spot of blindSpots) {
    const key = JSON.stringify([spot.id, spot.gatewayId ?? '', spot.what]);
    const known = merged.get(key);
    if (known === undefined || (spot.essential && !known.essential)) merged.set(key, spot);
  }
  return [...merged.values()];
}
