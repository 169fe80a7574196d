import { hostname } from 'node:os';
import type { BlindSpot } from '../types/blind-spot.ts';
import type { Collector, ProcessTable } from '../types/collector.ts';
import type { GatewayFact } from '../types/gateway.ts';
import type { FamilyMember } from '../types/process.ts';
import type { Observation } from '../types/socket.ts';
import type { Witness } from '../types/witness.ts';
import { createAgentFacts } from './agent-facts.ts';
import { createLostSources } from './lost-sources.ts';
import type { Candidates } from './openclaw/candidates.ts';
import { createFamilyMemory, type FamilyRoot } from './openclaw/family.ts';
import { familyRootOf } from './openclaw/family-root.ts';
import { createRecogniser } from './openclaw/recogniser.ts';
import { type CollectorWish, createParts } from './parts.ts';

export interface CollectorOptions {
  /** `netlink`, `procfs`, `netstat`, `lsof`, or `auto` for the best that the system has. */
  collector: CollectorWish;
  /** Whose sockets get owners beside the family's. `all` costs a search of the whole host when anything is new. */
  hostOwners: 'all' | 'listeners-and-touched';
  now: () => number;
  env: Readonly<Record<string, string | undefined>>;
  /** Home directories that may hold an OpenClaw, instead of all that this host knows. */
  homes?: readonly string[];
  /** Key of the hashes of secrets; with a lasting one a changed token is noticed across restarts. */
  secretHashKey?: string;
  /** True for a single look, which waits for byte counters that an agent would have at its next one. */
  waitForBytes?: boolean;
  /** Names that gateways had in earlier runs. */
  rememberedGateways?: () => readonly { id: string; stateDir: string }[];
  platform?: NodeJS.Platform;
  procRoot?: string;
  /** Our own processes, which belong to nobody. */
  ownPids?: readonly number[];
  /** Tells what happened between looks, where there is a sensor. */
  witness?: Witness;
}

/** Port of a gateway that says nothing else. A squatter may sit there before any gateway was ever started. */
const DEFAULT_PORT = 18789;

/**
 * One look at the machine, in the order of what it costs: processes, possible gateways and their family, sockets of
 * every namespace they live in, owners, and only then the decision which of them are gateways.
 */
export function createCollector(options: CollectorOptions): Collector {
  const { now } = options;
  const procRoot = options.procRoot === undefined ? {} : { procRoot: options.procRoot };
  const parts = createParts({
    platform: options.platform ?? process.platform,
    collector: options.collector,
    now,
    ...procRoot,
  });
  const agentFacts = createAgentFacts({ platform: options.platform ?? process.platform, now, ...procRoot });
  const memory = createFamilyMemory({ now, ownPids: options.ownPids ?? [process.pid] });
  const lostSources = createLostSources();
  const recogniser = createRecogniser({
    env: options.env,
    ...procRoot,
    ...(options.homes === undefined ? {} : { homes: options.homes }),
    ...(options.secretHashKey === undefined ? {} : { secretHashKey: options.secretHashKey }),
    ...(options.rememberedGateways === undefined ? {} : { remembered: options.rememberedGateways }),
    isFamilyCommand: (candidate) => memory.isCommand(candidate),
  });

  function assignOwners(
    table: ProcessTable,
    observations: Observation[],
    family: readonly FamilyMember[],
    candidates: Candidates,
  ): BlindSpot[] {
    const pids = new Set([...candidates.pids, ...family.map((member) => member.pid)]);
    parts.processes.watch?.(pids);
    const blindSpots = parts.owners?.assign({
      observations,
      table,
      family: pids,
      host: options.hostOwners,
      touchedPorts: gatewayPorts(candidates),
    });
    return blindSpots ?? [];
  }

  async function countBytes(observations: Observation[], family: readonly FamilyMember[]): Promise<BlindSpot[]> {
    const { bytes } = parts;
    if (bytes === undefined || family.length === 0) return [];
    const pids = new Set(family.map((member) => member.pid));
    const blindSpots = bytes.annotate(observations, pids);
    if (!options.waitForBytes) return blindSpots;
    await bytes.settled();
    return bytes.annotate(observations, pids);
  }

  return {
    id: parts.sockets.id,
    isSupported: () => parts.sockets.isSupported(),
    async collect(signal) {
      const at = now();
      const startedAt = performance.now();
      const living = await parts.processes.read(signal);
      const witnessed = await options.witness?.begin(living);
      // With those who came and went. None of them is a gateway, nor a way into a namespace.
      const table = witnessed?.table ?? living;
      const candidates = await recogniser.candidates(living, signal);
      let kin = memory.update(table, candidates.roots);
      const netns = namespacesOf(living, [...candidates.pids, ...kin.family.map((member) => member.pid)]);
      const reading = await parts.sockets.read(
        { netns, now: at, ...(witnessed && { isKnownRemnant: witnessed.isKnownRemnant }) },
        signal,
      );
      let ownerBlindness = assignOwners(table, reading.observations, kin.family, candidates);
      const recognised = recogniser.confirm(candidates, reading.observations, living);

      const late = lateRoots(recognised.gateways, candidates.roots);
      if (late.length > 0) {
        // Known by title and socket only: their family could not be named before the sockets were read.
        kin = memory.update(table, [...candidates.roots, ...late]);
        ownerBlindness = assignOwners(table, reading.observations, kin.family, candidates);
      }
      const told = witnessed?.explain(reading.observations, new Set(kin.family.map((member) => member.pid)));
      if (told !== undefined) reading.observations = told.observations;
      const lost = lostSources({ at, told, table, family: kin.family });
      const byteBlindness = await countBytes(reading.observations, kin.family);
      const interfaces = parts.interfaces.read(netns);
      const { blindSpots: agentBlindness, ...known } = agentFacts.read(
        { gateways: recognised.gateways, table, netns },
        signal,
      );
      return {
        at,
        durationMs: performance.now() - startedAt,
        host: hostname(),
        sources: [...new Set([parts.sockets.id, parts.processes.id, ...(told?.sensor ? ['sensor'] : [])])],
        ownNetns: table.ownNetns,
        observations: reading.observations,
        ...(reading.netnsRead && { netnsRead: reading.netnsRead }),
        ...(reading.closedSockets && { closedSockets: reading.closedSockets }),
        processes: [...table.processes.values()],
        gateways: recognised.gateways,
        family: kin.family,
        interfaces: interfaces.interfaces,
        ...known,
        ...(told?.sensor && { sensor: told.sensor }),
        ...(told !== undefined && { losses: told.losses }),
        ...(lost.length > 0 && { telemetryLost: lost }),
        blindSpots: [
          ...table.blindSpots,
          ...candidates.blindSpots,
          ...kin.blindSpots,
          ...reading.blindSpots.map(withMissingSockets),
          ...ownerBlindness,
          ...byteBlindness,
          ...recognised.blindSpots,
          ...interfaces.blindSpots,
          ...agentBlindness,
          ...(told?.blindSpots ?? []),
        ],
      };
    },
  };
}

/** Whatever is essential to a socket source is about sockets that it did not show: nothing of them is closed for it. */
function withMissingSockets(spot: BlindSpot): BlindSpot {
  return spot.essential ? { ...spot, socketsMissing: true } : spot;
}

/** Every other network namespace that these processes live in, each with one process to read it through. */
function namespacesOf(table: ProcessTable, pids: readonly number[]): { netns: string; pid: number }[] {
  const found = new Map<string, number>();
  for (const pid of pids) {
    const netns = table.processes.get(pid)?.netns;
    if (netns !== undefined && netns !== table.ownNetns && !found.has(netns)) found.set(netns, pid);
  }
  return [...found].map(([netns, pid]) => ({ netns, pid }));
}

/** Ports at which a socket of anybody matters: those that gateways listen on or would listen on. */
function gatewayPorts(candidates: Candidates): Set<number> {
  const ports = new Set([DEFAULT_PORT]);
  for (const root of candidates.roots) if (root.port !== undefined) ports.add(root.port);
  for (const { locks } of candidates.installations) {
    for (const lock of locks) if (lock.port !== undefined) ports.add(lock.port);
  }
  return ports;
}

/** Running gateways that were confirmed by their sockets and were not certain before. */
function lateRoots(gateways: readonly GatewayFact[], roots: readonly FamilyRoot[]): FamilyRoot[] {
  return gateways.flatMap((gateway) => {
    const root = familyRootOf(gateway);
    const isKnown = roots.some(({ pid, startTicks }) => pid === root?.pid && startTicks === root.startTicks);
    return root === undefined || isKnown ? [] : [root];
  });
}
