import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProcessTable } from '../../../types/collector.ts';
import { isLoopback } from '../../../types/ip.ts';
import type { ProcessFact } from '../../../types/process.ts';
import type { ConnectEvent, ListenEvent, SensorEvent } from '../../../types/sensor.ts';
import type { Observation } from '../../../types/socket.ts';
import type { Loss, SensorShare, Witness, WitnessReading } from '../../../types/witness.ts';
import { createBootClock } from '../boot-clock.ts';
import { createProcessReader, type ProcessReader } from '../process-reader.ts';
import { absence, lossSpots, unfollowedSpots, unlisted } from './blind-spots.ts';
import { createBriefs } from './brief.ts';
import { createSensorClient, type SensorClient, type SensorClientOptions, type SensorState } from './client.ts';
import { withEnded } from './ended.ts';
import { createKin } from './kin.ts';
import { createQuestions, type Questions } from './questions.ts';
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
/** Different losses kept between two looks; equal ones are summed up, and beyond this all of them are. */
const MAX_LOSSES = 64;
/** A contact that was just seen needs no look of its own. */
const SAME_CONTACT_MS = 60_000;
const MAX_ADDRESSES = 1_024;
/** A sensor that is there answers within milliseconds. */
const FIRST_ANSWER_MS = 300;
const MS_PER_TICK = 10;
/** Starts by the tick, events by the ns; clocks are corrected in between. */
const START_ERROR_MS = 500;

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
  const briefs = createBriefs();
  const questions = createQuestions();
  const isHere = createIsLoopback();
  let arrived = emptyHarvest();

  function takeConnect(event: ConnectEvent): void {
    const { pid, protocol, remote, count = 1 } = event;
    questions.note(event);
    const kinship = pid === undefined ? 'unknown' : kin.kinshipOf(pid);
    if (protocol === 'tcp') {
      const netns = pid === undefined ? '' : (kin.netnsOf(pid) ?? '');
      const opens = arrived.opens.get(netns) ?? { opened: 0, owned: 0 };
      opens.opened += count;
      if (pid !== undefined) opens.owned += count;
      arrived.opens.set(netns, opens);
    }
    if (kinship === 'stranger' || pid === undefined) return;
    if (arrived.connects.length < MAX_CONNECTS) {
      arrived.connects.push(event);
      if (kinship === 'family') arrived.ofFamily.add(event);
    } else arrived.overflow += count;
    if (kinship !== 'family' || isHere(remote.address)) return;
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
      else if (event.kind === 'question') questions.take(event);
      else if (event.kind === 'loss') {
        const { kind: _kind, ...loss } = event;
        addLoss(arrived.losses, loss);
        // What was lost may have left traces that a look still finds.
        onUrgent();
      } else kin.take(event);
    }
  }

  const client = (options.connect ?? createSensorClient)({
    uid: options.uid ?? process.getuid?.() ?? -1,
    now,
    onEvents: take,
    onGap: (gap) => addLoss(arrived.losses, { ...gap, source: 'kernel-events' }),
    ...(options.folder !== undefined && { folder: options.folder }),
  });

  /** The boot time that the kernel tells is exact to the second only; two births in a row need better. */
  const bootAt = () => now() - clock.uptimeTicks() * MS_PER_TICK;

  return {
    async begin(table) {
      await client.settled(FIRST_ANSWER_MS);
      // What a new reader is told of the past comes right behind the first message.
      await nextTurn();
      const harvest: Harvest = { ...arrived, asked: questions.drain() };
      arrived = emptyHarvest();
      addUntoldQuestions(harvest, now());
      const attended = withEnded(table, kin, new Set(harvest.connects.map(({ pid }) => pid!)), bootAt());
      return {
        table: attended,
        isKnownRemnant: (localPort, remote, closedAgoMs) =>
          briefs.isKnownRemnant(localPort, remote, now() - closedAgoMs),
        explain(observations, family) {
          kin.settle(table, family);
          const unfollowed = unfollowedOf(harvest, table, family, bootAt());
          return explain(observations, family, attended, harvest, unfollowed, client.state());
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
    unfollowed: number,
    state: SensorState,
  ): WitnessReading {
    const own = harvest.connects.filter(({ pid }) => family.has(pid!));
    const netnsOf = (pid: number) => netnsIn(table, pid) ?? table.ownNetns;
    const isTold = state.heard && state.status.sources.includes('tcp');
    const brief = briefs.join(observations, own, { netnsOf, seenAt: now(), isTold });
    const left = brief.left + harvest.overflow;
    const remotes = brief.observations.flatMap(({ pids, remote }) =>
      remote !== undefined && pids?.some((pid) => family.has(pid)) ? [remote.address] : [],
    );
    const sensor: SensorShare | undefined = state.heard
      ? {
          sources: state.status.sources,
          opens: [...harvest.opens].map(([netns, opens]) => ({ netns: netns || table.ownNetns, ...opens })),
          names: names.of(remotes),
          questions: harvest.asked.questions,
          ...(state.status.nameBlindness && { nameBlindness: state.status.nameBlindness }),
        }
      : undefined;
    return {
      observations: brief.observations,
      ...(sensor && { sensor }),
      losses: harvest.losses,
      blindSpots: [...absence(state), ...lossSpots(harvest.losses), ...unlisted(left), ...unfollowedSpots(unfollowed)],
    };
  }
}

/** Thousands of connections in a second go to few places. */
function createIsLoopback(): (address: string) => boolean {
  const known = new Map<string, boolean>();
  return (address) => {
    let answer = known.get(address);
    if (answer === undefined) {
      answer = isLoopback(address);
      if (known.size >= MAX_ADDRESSES) known.clear();
      known.set(address, answer);
    }
    return answer;
  };
}

interface Harvest {
  connects: ConnectEvent[];
  /** Those whose process was family when it connected. */
  ofFamily: Set<ConnectEvent>;
  opens: Map<string, { opened: number; owned: number }>;
  losses: Loss[];
  overflow: number;
  asked: ReturnType<Questions['drain']>;
}

function emptyHarvest(): Harvest {
  const asked = { questions: [], left: 0 };
  return { connects: [], ofFamily: new Set(), opens: new Map(), losses: [], overflow: 0, asked };
}

function addUntoldQuestions({ losses, asked }: Harvest, at: number): void {
  if (asked.left === 0) return;
  const fromAt = asked.questions.at(-1)?.at ?? at;
  const why = 'more questions to name servers came than are kept between two looks';
  addLoss(losses, { source: 'names', fromAt: Math.min(fromAt, at), toAt: at, count: asked.left, why });
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

/**
 * Connections of processes that were family then and cannot be shown to be any more: of their birth or their parents'
 * nothing is left, because too many came and went in between (what a fork bomb is good for), or because a pid lives again.
 * Whoever is still there speaks for itself.
 */
function unfollowedOf(
  { ofFamily }: Harvest,
  { processes }: ProcessTable,
  family: ReadonlySet<number>,
  bootAt: number,
): number {
  let sum = 0;
  for (const { pid, at, count = 1 } of ofFamily) {
    const process = processes.get(pid!);
    const isThere = process !== undefined && bootAt + process.startTicks * MS_PER_TICK <= at + START_ERROR_MS;
    if (!isThere && !family.has(pid!)) sum += count;
  }
  return sum;
}

function addLoss(losses: Loss[], loss: Loss): void {
  const isCounted = loss.count !== undefined;
  const same =
    losses.find(
      ({ source, why, count }) => source === loss.source && why === loss.why && (count !== undefined) === isCounted,
    ) ?? (losses.length >= MAX_LOSSES ? losses.at(-1) : undefined);
  if (same === undefined) return void losses.push({ ...loss });
  same.fromAt = Math.min(same.fromAt, loss.fromAt);
  same.toAt = Math.max(same.toAt, loss.toAt);
  if (loss.count !== undefined) same.count = (same.count ?? 0) + loss.count;
}
