import { setTimeout as delay } from 'node:timers/promises';
import { actorsOf } from '../../../src/agent/replay/actors.ts';
import type { CaseStep, ReplayCase } from '../../../src/agent/replay/case.ts';
import { createLabNames } from '../../../src/agent/replay/lab.ts';
import { labPack } from '../../../src/agent/replay/parts.ts';
import { wordsOfStep } from '../../../src/agent/replay/plan.ts';
import { STATE_DIR, WORKSPACE } from '../../../src/agent/replay/processes.ts';
import { type Alert, type CaseRun, note } from '../../../src/agent/replay/run-case.ts';
import { type Script, scriptIn, type Translations } from '../../../src/agent/replay/steps.ts';
import { approvalOf, asList, StepProblem } from '../../../src/agent/replay/world.ts';
import type { TelemetryLevel } from '../../../src/types/snapshot.ts';
import { startSensor } from '../sensor.ts';
import { LIVE_CONNECTION_STEPS } from './connection-steps.ts';
import { createLiveHost } from './host.ts';
import { createCaseNetwork, liveProfile } from './network.ts';
import { LIVE_PROCESS_STEPS, type LiveAct, programsOf } from './process-steps.ts';
import { startWatch, type Watch } from './watch.ts';
import { configWith, type LiveWorld, tellName } from './world.ts';

const TRANSLATIONS: Translations<LiveAct> = new Map([
  ...Object.entries(LIVE_PROCESS_STEPS),
  ...Object.entries(LIVE_CONNECTION_STEPS),
]);

/** A case that takes longer is one for the replay. */
const LONGEST_MS = 120_000;
/** The real time after the last event in which a benign case must stay silent; a replay waits for a minute. */
const TAIL_MS = 10_000;
/** Looks before the case begins: what a first look says of what is there already is no answer to the case. */
const LOOKS_BEFORE = 2;
const POLL_MS = 250;
/** A host has no name only when nobody has heard one for long enough: see `src/detect/grace.ts`. */
const RESTS_ON_ABSENT_NAMES = 'EGR-03';
/** A step that comes late moves those after it, so that what lies between them stays as the case has it. */
const SLIP_MS = 200;
/** Held up for longer than this, a case on this machine says nothing of the agent. */
const MOST_SLIP_MS = 60_000;

/** What a case needs before anything runs. */
interface Prepared {
  script: Script<LiveAct>;
  steps: CaseStep[];
  skills: string[];
}

/** Reads what is to happen. @throws StepProblem when there is no live form of it. */
export function prepare(replayCase: ReplayCase): Prepared {
  if (replayCase.mode === 'replay') {
    throw new StepProblem('its mode is replay: it takes hours, or facts that a live machine cannot be made to have');
  }
  for (const key of ['cron', 'provider_firewall']) {
    if (replayCase.delta[key] !== undefined) throw new StepProblem(`delta: "${key}" has no live form`);
  }
  const steps = allSteps(replayCase.run);
  for (const { do: word } of steps) {
    if (word !== 'repeat' && !TRANSLATIONS.has(word))
      throw new StepProblem(`step "${word.slice(0, 40)}" has no live form`);
  }
  const young = replayCase.expect.find(({ rule }) => rule === RESTS_ON_ABSENT_NAMES);
  if (young !== undefined) {
    throw new StepProblem(`${young.rule} is info until the agent has listened to names for half an hour`);
  }
  liveProfile(replayCase.pre);
  const script = scriptIn(replayCase.run, TRANSLATIONS);
  if (script.endMs > LONGEST_MS) throw new StepProblem(`it takes ${Math.round(script.endMs / 1000)} s`);
  return { script, steps, skills: skillsIn(steps) };
}

/** Those inside a repeat as well. */
function allSteps(steps: readonly CaseStep[]): CaseStep[] {
  return steps.flatMap((step) => {
    const inner = Array.isArray(step.steps) ? step.steps : step.step === undefined ? [] : [step.step];
    return [step, ...allSteps(inner.map((each) => ({ t: 0, ...(each as object) }) as CaseStep))];
  });
}

function skillsIn(steps: readonly CaseStep[]): string[] {
  const words = steps.flatMap(({ tree, by }) => [tree, by]).filter((word) => typeof word === 'string');
  return [...new Set(words.flatMap((word) => /^skill:([a-z0-9][\w-]{0,60})$/i.exec(word)?.[1] ?? []))];
}

/**
 * Runs a case with real processes and sockets in network namespaces of its own, under the eyes of the real agent.
 *
 * @param level `T0` without a sensor, `T2` with one.
 * @throws StepProblem when a step cannot be done here.
 */
export async function runLiveCase(replayCase: ReplayCase, level: 'T0' | 'T2'): Promise<CaseRun> {
  const prepared = prepare(replayCase);
  // Closed in turn from the last one on, also when one of them fails to.
  await using open = new AsyncDisposableStack();
  return await runWith(replayCase, prepared, level, open);
}

async function runWith(
  replayCase: ReplayCase,
  { script, steps, skills }: Prepared,
  level: TelemetryLevel,
  open: AsyncDisposableStack,
): Promise<CaseRun> {
  const network = await createCaseNetwork(replayCase.pre);
  open.defer(network.close);
  const { version = '2026.9.6', approve = [], hosts = [], ...delta } = replayCase.delta;
  const config = configWith(delta);
  const host = await createLiveHost({
    network,
    ownPids: level === 'T0',
    programs: programsOf(steps.map(wordsOfStep)),
    config: JSON.stringify(config, null, 2),
    version: String(version),
    hosts: asList(hosts),
    // Its shell must be the machine's own and not one that stands for a shell of the case.
    before: async (machine) => {
      if (level === 'T0') return;
      const sensor = await startSensor(machine);
      open.defer(() => sensor.end('SIGTERM'));
    },
  });
  open.defer(host.close);
  for (const skill of skills) {
    host.writeOwned(`${WORKSPACE}/skills/${skill}/SKILL.md`, `---\nname: ${skill}\ndescription: of the lab\n---\n`);
  }
  const outside = await host.outsider(network.outside);
  await outside.order('serve_names', { addresses: [network.resolver] });
  const world: LiveWorld = {
    network,
    own: new Set(liveProfile(replayCase.pre).interfaces.map(({ address }) => address)),
    host,
    outside,
    names: createLabNames(replayCase.names),
    aliases: new Map(),
    sockets: new Map(),
    listeners: [],
    outsidePorts: new Set(),
    told: new Set(),
    config,
    lastShell: undefined,
  };
  await begin(world);
  const now = Date.now();
  const watch = await startWatch({
    machine: host.machine,
    stateDir: STATE_DIR,
    pack: labPack(replayCase.indicators, now),
    policy: asList(approve).map((line) => approvalOf(line, now)),
    hasSensor: level !== 'T0',
    skills,
  });
  open.defer(watch.close);
  return await Promise.race([play({ replayCase, script, world, watch, level }), watch.ended]);
}

/** What the gateway does all day: it listens on loopback and asks its channel for messages. */
async function begin(world: LiveWorld): Promise<void> {
  const { gateway } = world.host;
  for (const address of ['127.0.0.1', '::1']) {
    await gateway.order('listen', { address, port: 18_789, v6only: true });
    world.listeners.push({ owner: gateway, address, port: 18_789 });
  }
  for (const name of ['api.telegram.org', 'api.anthropic.com', 'telemetry.openclaw.ai', 'github.com', 'clawhub.ai']) {
    await tellName(world, name, [world.names.addressOf(name)]);
  }
  await pollChannel(world);
}

async function pollChannel(world: LiveWorld): Promise<void> {
  const by = 'gw';
  const step = { t: 0, do: 'connect', by, dst: 'api.telegram.org:443', tls: true, out: 620, in: 400, as_sock: 'poll' };
  for (const { act } of scriptIn([step], TRANSLATIONS).actions) await act(world);
}

interface Play {
  replayCase: ReplayCase;
  script: Script<LiveAct>;
  world: LiveWorld;
  watch: Watch;
  level: TelemetryLevel;
}

/** Lets things happen at their times, and writes down what the agent says meanwhile. */
async function play({ replayCase, script, world, watch, level }: Play): Promise<CaseRun> {
  for (const until = watch.looks() + LOOKS_BEFORE; watch.looks() < until; ) await delay(POLL_MS);
  watch.assertSees();
  const startAt = Date.now();
  const alerts = new Map<string, Alert>();
  let keyMs = script.keyMs;
  let isKeyDone = false;
  const look = () => {
    for (const finding of watch.findings()) {
      // A finding is dated by its look; a rise is seen at the latest sight of it.
      const ms = (alerts.has(`${finding.verdict} ${finding.fingerprint}`) ? finding.lastAt : finding.firstAt) - startAt;
      note(alerts, finding, ms);
    }
  };
  const elapsed = () => Date.now() - startAt;
  let slipMs = 0;
  for (const { atMs, act, isKey } of script.actions) {
    for (let rest = atMs + slipMs - elapsed(); rest > 0; rest = atMs + slipMs - elapsed()) {
      await delay(Math.min(POLL_MS, rest));
      look();
    }
    const lateMs = elapsed() - atMs - slipMs;
    if (lateMs > SLIP_MS) slipMs += lateMs;
    if (slipMs > MOST_SLIP_MS) throw new Error(`steps came ${slipMs} ms late: the machine is too busy`);
    await act(world);
    if (isKey && !isKeyDone) {
      isKeyDone = true;
      keyMs = elapsed();
    }
  }
  const endMs = elapsed();
  const longest = Math.max(0, ...replayCase.expect.map(({ within }) => keyMs + within * 1000));
  const until = Math.max(endMs + TAIL_MS, longest + POLL_MS);
  while (elapsed() < until && !isAllTold(replayCase, alerts, elapsed() > endMs + TAIL_MS)) {
    await delay(POLL_MS);
    look();
  }
  watch.assertSees();
  return {
    level,
    alerts: [...alerts.values()].sort((a, b) => a.firstMs - b.firstMs),
    keyMs,
    endMs,
    looks: watch.looks(),
    actors: actorsOf(replayCase, world),
  };
}

/** Waiting is over when nothing is left to be told, and the time for what must not be told has passed. */
function isAllTold({ expect }: ReplayCase, alerts: ReadonlyMap<string, Alert>, isTailOver: boolean): boolean {
  const told = new Set([...alerts.values()].map(({ finding }) => finding.ruleId));
  return isTailOver && expect.every(({ rule }) => told.has(rule));
}
