import { setTimeout as delay } from 'node:timers/promises';
import { NAMES_PENDING, type NamesReading, type NamesSource } from '../collect/names/names.ts';
import type { Collected, Collector } from '../types/collector.ts';
import type { ExpectedHost } from '../types/egress.ts';
import type { GatewayFact } from '../types/gateway.ts';
import { classifyAddress } from '../types/ip.ts';
import { type Endpoint, isListening, type Observation } from '../types/socket.ts';

export interface WithNamesOptions {
  names: NamesSource;
  /** Hosts that the configuration of a gateway makes us expect: with `ruled` the only names that are ever asked for. */
  expectedOf: (gateway: GatewayFact) => readonly ExpectedHost[];
  /** Names that the user's own rules spell out. */
  ruled?: () => readonly string[];
  /** How long a look waits for answers at most, ms: the first one, and the first with other expected hosts. */
  waitMs: number;
}

/** A collector that also gives names to the far ends of the family's connections. */
export function withNames(collector: Collector, options: WithNamesOptions): Collector {
  const { names, expectedOf, ruled = () => [], waitMs } = options;
  /** Hosts whose answers a look has waited for. */
  let awaited: string | undefined;

  async function namesFor(collected: Collected, signal: AbortSignal): Promise<NamesReading> {
    const request = {
      remotes: farEnds(collected),
      processes: new Map(collected.processes.map((process) => [process.pid, process])),
      gateways: collected.gateways,
      ownNetns: collected.ownNetns,
      expected: collected.gateways.flatMap(expectedOf),
      ruled: ruled(),
      activities: collected.activities ?? [],
      seen: collected.sensor?.names ?? [],
      now: collected.at,
    };
    const reading = await names.collect(request, signal);
    // Else a look takes what is known. But a first look that knows no names yet would call every expected host unknown,
    // and of a connection that is closed by the next one that would stay on record.
    if (waitMs === 0 || !isPending(reading)) return reading;
    const hosts = JSON.stringify([...request.expected.map(({ pattern }) => pattern), ...request.ruled]);
    if (hosts === awaited) return reading;
    awaited = hosts;
    await Promise.race([names.settled(), delay(waitMs, undefined, { signal })]);
    // Also when time ran out: most answers are there by then.
    return names.collect(request, signal);
  }

  return {
    id: collector.id,
    isSupported: () => collector.isSupported(),
    async collect(signal) {
      const collected = await collector.collect(signal);
      const { names: found, resolvers, blindSpots } = await namesFor(collected, signal);
      return { ...collected, names: found, resolvers, blindSpots: [...collected.blindSpots, ...blindSpots] };
    },
  };
}

/** Names are still being asked for, and something has none. */
function isPending({ blindSpots }: NamesReading): boolean {
  return blindSpots.some(({ id }) => id === NAMES_PENDING);
}

/**
 * Far ends of connections that the family opened. Whoever called the gateway, and ends on this host, need no name; counted
 * among those without one they would keep a claimed name from its only address.
 */
function farEnds(collected: Collected): FarEnd[] {
  const family = new Set(collected.family.map((member) => member.pid));
  const listening = new Set<string>();
  const ports = new Set<number>();
  for (const socket of collected.observations) {
    if (!isListening(socket)) continue;
    listening.add(localEnd(socket));
    ports.add(socket.local.port);
  }
  const isLoopback = new Map<string, boolean>();
  // Thousands of connections go to few places, and each place is one question.
  const ends = new Map<string, FarEnd>();
  // Sockets to one place mostly share the object that names it, and one look at that is enough.
  const asked = new Map<number, Set<Endpoint>>();
  for (const socket of collected.observations) {
    const { pids, remote } = socket;
    if (pids === undefined || remote === undefined || isListening(socket)) continue;
    const pid = pids.find((each) => family.has(each));
    if (pid === undefined) continue;
    let ofProcess = asked.get(pid);
    if (ofProcess?.has(remote)) continue;
    const { address, port } = remote;
    let loopback = isLoopback.get(address);
    if (loopback === undefined) {
      loopback = classifyAddress(address) === 'loopback';
      isLoopback.set(address, loopback);
    }
    if (loopback || (ports.has(socket.local.port) && listening.has(localEnd(socket)))) continue;
    if (ofProcess === undefined) {
      ofProcess = new Set();
      asked.set(pid, ofProcess);
    }
    ofProcess.add(remote);
    const key = `${pid} ${port} ${address}`;
    if (!ends.has(key)) ends.set(key, { pid, address, port });
  }
  return [...ends.values()];
}

interface FarEnd {
  pid: number;
  address: string;
  port: number;
}

function localEnd({ netns, protocol, local }: Observation): string {
  return `${netns} ${protocol} ${local.port}`;
}
