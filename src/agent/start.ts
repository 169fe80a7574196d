import { homedir } from 'node:os';
import { createCollector } from '../collect/collector.ts';
import { createListenerWatch } from '../collect/linux/listener-watch.ts';
import { createWitness } from '../collect/linux/sensor/witness.ts';
import { createNames } from '../collect/names/names.ts';
import { checkRuleOptions } from '../config/rule-options.ts';
import type { Config } from '../config/schema.ts';
import { createDetect } from '../detect/detect.ts';
import { createLedger } from '../detect/ledger/ledger.ts';
import { ALL_RULES } from '../detect/rules/index.ts';
import { createEgress, createExpectations } from '../enrich/egress/egress.ts';
import { ruledNames } from '../enrich/egress/ruled-names.ts';
import { createEnrich } from '../enrich/enrich.ts';
import { intelFolder } from '../intel/folder.ts';
import { createIntelWatch, type IntelChange } from '../intel/watch.ts';
import { openStore } from '../store/store.ts';
import type { Stages } from './cycle.ts';
import { loadHashKey } from './hash-key.ts';
import { createNoRecorder, createRecorder } from './recorder.ts';
import { withNames } from './with-names.ts';

/** What a command wants beside the configuration. */
export interface StartOptions {
  env: NodeJS.ProcessEnv;
  now: () => number;
  /** False: nothing is written, not even an empty database. */
  record: boolean;
  /** Whose sockets get owners beside the family's: see `createCollector`. */
  hostOwners: 'all' | 'listeners-and-touched';
  /** How long a look waits for names of expected hosts that it does not know yet, ms; default `FIRST_NAMES_MS`. */
  waitForNamesMs?: number;
  /** True for a single look, which waits for the byte counters that an agent has at its next one. */
  waitForBytes?: boolean;
  /** Called when the sensor tells of something that should not wait for the next look. */
  onUrgent?: () => void;
  /** Folder of the sensor's sockets, where it is another one. */
  sensorFolder?: string;
  /** Further packs of indicators by path, for laboratories; held to the same checks as any other. */
  intelPacks?: readonly string[];
  /** Told when installed packs of indicators changed and were taken over. */
  onIntelChange?: (change: IntelChange) => void;
  /** Told of a rule that threw; its answer is an UNKNOWN finding in any case. */
  onRuleError?: (ruleId: string, error: unknown) => void;
}

/**
 * What the first look of an agent waits for names. Some seventy are asked for, at a pace that no name server minds; those
 * that the configuration names come first.
 */
const FIRST_NAMES_MS = 3_000;

/** The real stages from a configuration, each made once, and what is wrong with the rules' options. */
export function createStages(config: Config, options: StartOptions): { stages: Stages; warnings: string[] } {
  const { env, now } = options;
  const rules = checkRuleOptions(config.rules, ALL_RULES);
  const recorder = options.record
    ? createRecorder({
        open: () => openStore({ path: config.database, now, learnDays: config.learnDays }),
        path: config.database,
        monotonic: () => performance.now(),
      })
    : createNoRecorder();
  // When an agent of OpenClaw runs us, we and the starter that handed over to us are not what is looked for.
  const own = new Set(env.CLAWWATCH_HANDED_OVER ? [process.pid, process.ppid] : [process.pid]);
  const secretHashKey = loadHashKey(config.database, options.record);
  // A recording or another system has no sensor, and netstat is chosen by who distrusts everything else.
  const hasSensor = process.platform === 'linux' && ['auto', 'netlink', 'procfs'].includes(config.collector);
  const witness = hasSensor
    ? createWitness({
        now,
        ...(options.onUrgent && { onUrgent: options.onUrgent }),
        ...(options.sensorFolder !== undefined && { folder: options.sensorFolder }),
      })
    : undefined;
  if (options.onUrgent && process.platform === 'linux' && ['auto', 'netlink'].includes(config.collector)) {
    createListenerWatch({ onNew: options.onUrgent });
  }
  const collector = createCollector({
    collector: config.collector,
    ...(config.homes ? { homes: config.homes } : {}),
    env,
    hostOwners: options.hostOwners,
    ownPids: [...own],
    rememberedGateways: () => recorder.gateways(),
    waitForBytes: options.waitForBytes === true,
    ...(witness && { witness }),
    ...(secretHashKey === undefined ? {} : { secretHashKey }),
    now,
  });
  const intel = createIntelWatch({
    folder: intelFolder(env, env.HOME ?? homedir()),
    labPublic: config.labPublic,
    now,
    ...(options.intelPacks && { packFiles: options.intelPacks }),
    ...(options.onIntelChange && { onChange: options.onIntelChange }),
  });
  const enrich = createEnrich({ labPublic: config.labPublic, ownPids: () => own });
  const expectationsOf = createExpectations();
  const egress = createEgress(expectationsOf);
  const detect = createDetect({
    rules: ALL_RULES,
    options: rules.options,
    ledger: createLedger(),
    ...(options.onRuleError ? { onRuleError: options.onRuleError } : {}),
  });
  const stages: Stages = {
    collector: withNames(collector, {
      // Whoever put a bad host into the configuration must not hear from us.
      names: createNames({ now, neverAsk: (name) => intel.inForce().match({ name }).length > 0 }),
      expectedOf: (gateway) => expectationsOf(gateway, []),
      ruled: () => ruledNames(recorder.policy(), now()),
      waitMs: options.waitForNamesMs ?? FIRST_NAMES_MS,
    }),
    enrich: (collected, history) =>
      egress(enrich(collected, history), collected, { policy: recorder.policy(), history }),
    detect: (snapshot, history, when) => detect(snapshot, history, { ...when, indicators: intel.inForce() }),
    recorder,
  };
  return { stages, warnings: [...rules.warnings, ...intel.problems] };
}
