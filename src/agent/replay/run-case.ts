import type { Detect } from '../../detect/detect.ts';
import type { KeptLedger } from '../../detect/ledger/ledger.ts';
import { createExpectations } from '../../enrich/egress/egress.ts';
import { ruledNames } from '../../enrich/egress/ruled-names.ts';
import { compareSeverity, type Finding, type Severity } from '../../types/finding.ts';
import type { Indicators } from '../../types/indicators.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot, TelemetryLevel } from '../../types/snapshot.ts';
import { type Actors, actorsOf } from './actors.ts';
import type { ReplayCase } from './case.ts';
import { createReplayEngine } from './engine.ts';
import { createLooker } from './look.ts';
import { createMemoryHistory } from './memory-history.ts';
import { connect } from './net-steps.ts';
import { isOpenBefore, openAlerts } from './open-alerts.ts';
import { scriptOf } from './steps.ts';
import { createWorld, type World } from './world.ts';

/** What a replay is run with; each run makes its own. */
export interface ReplayParts {
  /** @param open findings that are open from before the case, as a rule that tells them. */
  createDetect: (open: Rule) => Detect;
  createLedger?: () => KeptLedger;
  /** The lists in force, with those of the case: value and tier. */
  indicatorsFor?: (declared: Readonly<Record<string, string>>) => Indicators;
}

/** A finding over the time of a case. Times are ms from the start of the case. */
export interface Alert {
  finding: Finding;
  firstMs: number;
  lastMs: number;
  /** Each rise of its severity. */
  rises: { atMs: number; severity: Severity }[];
}

/** What one replay of a case brought. */
export interface CaseRun {
  level: TelemetryLevel;
  /** Judgements and admissions of not knowing, in the order of their first sight. */
  alerts: Alert[];
  keyMs: number;
  endMs: number;
  looks: number;
  actors: Actors;
}

/** 2026-11-20 12:00 UTC. */
export const CASE_START = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
/** Rules that wait for a memory of names find one: the collector has been running for so long. */
const WARM_UP_MS = 40 * 60_000;
/** Below what counts as a gap in watching. */
const WARM_UP_EVERY_MS = 100_000;
const INTERVAL_MS = 2_000;
const MINUTE_MS = 60_000;
/** Timers of rules of a minute or two end within this time of an event. */
const NEAR_MS = 6 * 60_000;
/** Well below the ten minutes for which incidents and the ledger remember. */
const IDLE_MS = 4 * 60_000;
/** Seconds of virtual time after the last event. */
const AFTER_MS = 60_000;
/** Cases of up to this length get a look every two seconds throughout. */
const DENSE_MS = 6 * 60_000;

/**
 * Replays a case at one level of telemetry. The same case gives the same findings, whatever the clock on the wall.
 *
 * @throws StepProblem when a step cannot be done.
 */
export function runCase(replayCase: ReplayCase, level: TelemetryLevel, parts: ReplayParts): CaseRun {
  const script = scriptOf(replayCase.run);
  const world = createWorld(replayCase, CASE_START);
  const expectationsOf = createExpectations();
  const looker = createLooker(world, {
    level,
    expectedOf: (gateway) => expectationsOf(gateway, []),
    ruled: () => ruledNames(world.policy, CASE_START),
  });
  const history = createMemoryHistory({
    learningSince: CASE_START - 8 * DAY_MS,
    learningUntil: CASE_START - DAY_MS,
    wasLearned: (_subject, destination) => world.learned.has(destination),
  });
  const engine = createReplayEngine({
    detect: parts.createDetect(openAlerts(world)),
    history,
    expectationsOf,
    policy: () => world.policy,
    ...(parts.createLedger && { ledger: parts.createLedger() }),
    ...(parts.indicatorsFor && { indicators: parts.indicatorsFor(replayCase.indicators) }),
  });
  const alerts = new Map<string, Alert>();
  let looks = 0;
  const lookAt = (ms: number): Snapshot => {
    looks++;
    const { snapshot, findings } = engine(looker.look(CASE_START + ms));
    for (const finding of findings) if (!isOpenBefore(finding)) note(alerts, finding, ms);
    return snapshot;
  };
  longPoll(world);
  for (let ms = -WARM_UP_MS; ms < 0; ms += WARM_UP_EVERY_MS) lookAt(ms);
  lookAt(-INTERVAL_MS);
  const endMs = script.endMs + AFTER_MS;
  const passed = (ms: number) => history.passed(CASE_START + ms);
  drive({ actions: script.actions, endMs, level, world, lookAt, passed });
  return {
    level,
    alerts: [...alerts.values()].sort((a, b) => a.firstMs - b.firstMs),
    keyMs: script.keyMs,
    endMs,
    looks,
    actors: actorsOf(replayCase, world),
  };
}

interface Drive {
  actions: ReturnType<typeof scriptOf>['actions'];
  endMs: number;
  level: TelemetryLevel;
  world: World;
  lookAt(ms: number): void;
  /** Looks went on until then and nothing was new in them. */
  passed(ms: number): void;
}

/**
 * Lets things happen and looks: with events at once, on the grid of two seconds after everything else, each minute while
 * the last event is near, and then as often as the windows of the rules need it. A day in which nothing happens has 43,000
 * looks of an agent, and each would say what the one before said.
 */
function drive({ actions, endMs, level, world, lookAt, passed }: Drive): void {
  const isDense = endMs <= DENSE_MS;
  let next = 0;
  let lookedAt = -INTERVAL_MS;
  let happenedAt = 0;
  let followUps = 0;
  for (let ms = 0; ms <= endMs; ) {
    while (next < actions.length && actions[next]!.atMs <= ms) {
      const action = actions[next++]!;
      action.act(world, CASE_START + action.atMs);
      happenedAt = ms;
    }
    const isOnGrid = ms % INTERVAL_MS === 0;
    if (world.isChanged) followUps = 1;
    const idleMs = ms - happenedAt > NEAR_MS ? IDLE_MS : MINUTE_MS;
    const isPending = world.isChanged || world.isStirred || followUps > 0;
    if ((isOnGrid && (isPending || isDense || ms - lookedAt >= idleMs)) || (level !== 'T0' && world.isChanged)) {
      if (!world.isChanged) followUps--;
      if (ms - lookedAt > MINUTE_MS) passed(ms - INTERVAL_MS);
      lookAt(ms);
      lookedAt = ms;
    }
    const isWaiting = world.isChanged || world.isStirred || followUps > 0;
    const grid = (Math.floor(ms / INTERVAL_MS) + 1) * INTERVAL_MS;
    const look = isDense || isWaiting ? grid : Math.max(grid, nextIdleLook(lookedAt, happenedAt));
    const event = actions[next]?.atMs;
    ms = event === undefined ? look : Math.max(ms + 1, Math.min(event, look));
  }
}

/** On the grid. */
function nextIdleLook(lookedAt: number, happenedAt: number): number {
  const minute = lookedAt + MINUTE_MS;
  const wanted = minute - happenedAt > NEAR_MS ? lookedAt + IDLE_MS : minute;
  return Math.ceil(wanted / INTERVAL_MS) * INTERVAL_MS;
}

/** What the gateway does all day: it asks its channel for messages. */
function longPoll(world: World): void {
  connect(
    world,
    world.gateway,
    {
      dst: 'api.telegram.org:443',
      tls: true,
      hasQuestion: true,
      out: 620,
      in: 400,
      dropSyn: false,
      refuse: false,
      closedByServer: false,
      protocol: 'tcp',
    },
    CASE_START - WARM_UP_MS,
  );
}

/** Alerts kept for one case; a rule that tells more of them is at fault anyway. */
const MAX_ALERTS = 5_000;

/** Takes a finding of a look into the alerts of a case. @param ms from the start of the case. */
export function note(alerts: Map<string, Alert>, finding: Finding, ms: number): void {
  const key = `${finding.verdict} ${finding.fingerprint}`;
  const known = alerts.get(key);
  if (known === undefined) {
    if (alerts.size >= MAX_ALERTS) return;
    alerts.set(key, { finding, firstMs: ms, lastMs: ms, rises: [{ atMs: ms, severity: finding.severity }] });
    return;
  }
  known.lastMs = ms;
  if (compareSeverity(finding.severity, known.rises.at(-1)!.severity) > 0) {
    known.rises.push({ atMs: ms, severity: finding.severity });
    known.finding = finding;
  }
}
