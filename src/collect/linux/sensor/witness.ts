import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BlindSpot } from '../../../types/blind-spot.ts';
import type { ProcessTable } from '../../../types/collector.ts';
import { isLoopback } from '../../../types/ip.ts';
import type { ProcessFact } from '../../../types/process.ts';
import type { ConnectEvent, ListenEvent, SensorEvent } from '../../../types/sensor.ts';
import type { Observation } from '../../../types/socket.ts';
import type { Loss, SensorShare, Witness, WitnessReading } from '../../../types/witness.ts';
import { createBootClock } from '../boot-clock.ts';
import { createProcessReader, type ProcessReader } from '../process-reader.ts';
import { briefObservations } from './brief.ts';
import { createSensorClient, type SensorClient, type SensorClientOptions, type SensorState } from './client.ts';
import { withEnded } from './ended.ts';
import { createKin } from './kin.ts';
import { createRecent } from './recent.ts';
import { createWireNames } from './wire-names.ts';

export interface WitnessOptions {
  now?: () => number;
  procRoot?: string;
  uid?: number;
  /** Folder of the sensor's sockets. */
  folder?: string;
  /** Called when something should be looked at without waiting for the next look. */
  onUrgent?: () => void;
  /** Makes the connection to the sensor; tests hand in their own. */
  connect?: (options: SensorClientOptions) => SensorClient;
}

/** Events kept between two looks; each may stand for many connections. */
const MAX_CONNECTS = 100_000;
/** A contact that was just seen needs no look of its own. */
const SAME_CONTACT_MS = 60_000;
/** A sensor that is there answers within milliseconds. */
const FIRST_ANSWER_MS = 300;
const MS_PER_TICK = 10;

/**
 * What the sensor tells between two looks, put together: processes that came and went, connections that no look can see,
 * names from the wire, and what was lost.
 */
export function createWitness(options: WitnessOptions = {}): Witness {
  const { now = Date.now, procRoot = '/proc', onUrgent = () => {} } = options;
  const clock = createBootClock(procRoot, now);
  const reader = createProcessReader(procRoot, clock.startedAt);
  const kin = createKin({ now, readFact: (pid) => readFact(reader, procRoot, pid) });
  const names = createWireNames(now);
  const recent = createRecent(SAME_CONTACT_MS, now);
  let arrived = emptyHarvest();

  function takeConnect(event: ConnectEvent): void {
    const { pid, protocol, remote, count = 1 } = event;
    const kinship = pid === undefined ? 'unknown' : kin.kinshipOf(pid);
    if (protocol === 'tcp') {
      const netns = pid === undefined ? '' : (kin.netnsOf(pid) ?? '');
      const opens = arrived.opens.get(netns) ?? { opened: 0, owned: 0 };
      opens.opened += count;
      if (pid !== undefined) opens.owned += count;
      arrived.opens.set(netns, opens);
    }
    if (kinship === 'stranger' || pid === undefined) return;
    if (arrived.connects.length < MAX_CONNECTS) arrived.connects.push(event);
    else arrived.overflow += count;
    if (kinship !== 'family' || isLoopback(remote.address)) return;
    if (recent.isNew(`${pid} ${remote.address} ${remote.port}`)) onUrgent();
  }

  /** Whoever listens for others, a stranger included: he may have taken a gateway's place. */
  function takeListen({ pid, local }: ListenEvent): void {
    if (isLoopback(local.address) && pid !== undefined && kin.kinshipOf(pid) === 'stranger') return;
    if (recent.isNew(`listen ${pid} ${local.address} ${local.port}`)) onUrgent();
  }

  function take(events: readonly SensorEvent[]): void {
    for (const event of events) {
      if (event.kind === 'connect') takeConnect(event);
      else if (event.kind === 'listen') takeListen(event);
      else if (event.kind === 'name') names.add(event);
      else if (event.kind === 'loss') {
        const { kind: _kind, ...loss } = event;
        arrived.losses.push(loss);
        // What was lost may have left traces that a look still finds.
        onUrgent();
      } else kin.take(event);
    }
  }

  const client = (options.connect ?? createSensorClient)({
    uid: options.uid ?? process.getuid?.() ?? -1,
    now,
    onEvents: take,
    onGap: (gap) => void arrived.losses.push({ ...gap, source: 'kernel-events' }),
    ...(options.folder !== undefined && { folder: options.folder }),
  });

  /** The boot time that the kernel tells is exact to the second only; two births in a row need better. */
  const bootAt = () => now() - clock.uptimeTicks() * MS_PER_TICK;

  return {
    async begin(table) {
      await client.settled(FIRST_ANSWER_MS);
      // What a new reader is told of the past comes right behind the first message.
      await nextTurn();
      const harvest = arrived;
      arrived = emptyHarvest();
      const attended = withEnded(table, kin, new Set(harvest.connects.map(({ pid }) => pid!)), bootAt());
      return {
        table: attended,
        explain(observations, family) {
          kin.settle(table, family);
          return explain(observations, family, attended, harvest, client.state());
        },
      };
    },
    close: () => client.close(),
  };

  function explain(
    observations: readonly Observation[],
    family: ReadonlySet<number>,
    table: ProcessTable,
    harvest: Harvest,
    state: SensorState,
  ): WitnessReading {
    const own = harvest.connects.filter(({ pid }) => family.has(pid!));
    const netnsOf = (pid: number) => netnsIn(table, pid) ?? table.ownNetns;
    const brief = briefObservations(observations, own, netnsOf, now());
    const left = brief.left + harvest.overflow;
    const remotes = brief.observations.flatMap(({ pids, remote }) =>
      remote !== undefined && pids?.some((pid) => family.has(pid)) ? [remote.address] : [],
    );
    const sensor: SensorShare | undefined = state.heard
      ? {
          sources: state.status.sources,
          opens: [...harvest.opens].map(([netns, opens]) => ({ netns: netns || table.ownNetns, ...opens })),
          names: names.of(remotes),
          ...(state.status.nameBlindness && { nameBlindness: state.status.nameBlindness }),
        }
      : undefined;
    return {
      observations: brief.observations,
      ...(sensor && { sensor }),
      losses: harvest.losses,
      blindSpots: [...absence(state), ...lossSpots(harvest.losses), ...(left > 0 ? [unlisted(left)] : [])],
    };
  }
}

interface Harvest {
  connects: ConnectEvent[];
  opens: Map<string, { opened: number; owned: number }>;
  losses: Loss[];
  overflow: number;
}

function emptyHarvest(): Harvest {
  return { connects: [], opens: new Map(), losses: [], overflow: 0 };
}

function readFact(reader: ProcessReader, procRoot: string, pid: number): ProcessFact | undefined {
  const stat = reader.stat(pid);
  const identity = statSync(`${procRoot}/${pid}`, { throwIfNoEntry: false });
  if (stat === undefined || stat === 'denied' || identity === undefined) return undefined;
  return reader.details(stat, identity.uid).fact;
}

/** A short-lived process is in the namespace of whoever made it, unless it was looked at in time. */
function netnsIn(table: ProcessTable, pid: number): string | undefined {
  let step = table.processes.get(pid);
  for (let depth = 0; step !== undefined && depth < 32; depth++) {
    if (step.netns !== undefined) return step.netns;
    step = table.processes.get(step.ppid);
  }
  return undefined;
}

/** Whoever never had a sensor is told of it by `doctor` and not at each look; one that went away is a gap. */
function absence(state: SensorState): BlindSpot[] {
  if (state.heard) {
    return state.status.missing.map(({ source, why, fix }) => ({
      id: 'sensor.part',
      source: 'sensor',
      what: `${source} from the kernel`,
      why,
      ...(fix !== undefined && { fix }),
      essential: false,
    }));
  }
  if (!state.lost) return [];
  return [
    {
      id: 'sensor.gone',
      source: 'sensor',
      what: 'connections and processes shorter than a look, and names from the wire',
      why: state.why,
      fix: state.fix ?? 'sudo systemctl restart clawwatch-sensor',
      essential: false,
    },
  ];
}

function lossSpots(losses: readonly Loss[]): BlindSpot[] {
  const counted = losses.filter(({ count }) => count !== undefined);
  if (counted.length === 0) return [];
  const sum = counted.reduce((total, { count = 0 }) => total + count, 0);
  return [
    {
      id: 'sensor.lost',
      source: 'sensor',
      what: `${sum} events of the kernel`,
      why: counted[0]!.why,
      essential: false,
    },
  ];
}

function unlisted(count: number): BlindSpot {
  return {
    id: 'sensor.unlisted',
    source: 'sensor',
    what: `${count} short connections, one by one`,
    why: 'there were too many different ones at once, so these were counted only',
    essential: false,
  };
}
