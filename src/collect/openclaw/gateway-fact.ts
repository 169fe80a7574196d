import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessTable } from '../../types/collector.ts';
import type { ConfigFact, GatewayEvidence, GatewayFact, GatewayLock } from '../../types/gateway.ts';
import type { Observation } from '../../types/socket.ts';
import { blindSpotsOfGateway } from './blind-spots.ts';
import type { CandidateProcess, Candidates } from './candidates.ts';
import type { ConfigReader } from './config/read-config.ts';
import { argumentsWithoutSecrets } from './config/secrets.ts';
import { workspacesOf } from './config/workspaces.ts';
import { confidenceOf, type Listening, listenEvidence, listeningOf } from './confirm.ts';
import { createDotenv } from './dotenv.ts';
import type { FamilyRoot } from './family.ts';
import { familyRootOfCandidate } from './family-root.ts';
import { createGatewayIds, type RememberedGateway } from './gateway-ids.ts';
import type { PackageVersions } from './package-version.ts';
import { defaultGatewayPort, normalizeProfile, parseGatewayPort } from './profile-port.ts';
import type { ServiceUnit } from './service-unit.ts';
import { isPlainAbsolute, type StateDir } from './state-dirs.ts';

export interface GatewayFactsOptions {
  configReader: ConfigReader;
  versions: PackageVersions;
  /** Home of our own user, whose gateway is named first. */
  ownHome?: string;
  /** Names that gateways had in earlier runs. */
  remembered?: () => readonly RememberedGateway[];
}

/** What is known of a gateway or of an installation, before it becomes a fact. */
interface Draft {
  id: string;
  profile: string;
  markers: Record<string, string>;
  config: ConfigFact;
  stateDir?: StateDir;
  unit?: ServiceUnit;
}

/** Turns candidates and installations into gateway facts. */
export function createGatewayFacts(options: GatewayFactsOptions) {
  const ids = createGatewayIds(options.remembered);
  const dotenv = createDotenv();

  function rootsOf(processes: readonly CandidateProcess[]): FamilyRoot[] {
    return inOrder(processes, options.ownHome).flatMap((candidate) => {
      // Without sockets only what needs none: the rest gets its name when it is confirmed.
      if (confidenceOf(candidate, 'no') !== 'certain') return [];
      return [familyRootOfCandidate(nameOf(candidate, processes).id, candidate)];
    });
  }

  function nameOf(candidate: CandidateProcess, all: readonly CandidateProcess[]): { id: string; profile: string } {
    const { process, stateDir, unit } = candidate;
    const profile =
      stateDir?.profile ?? normalizeProfile(process.markers.OPENCLAW_PROFILE) ?? unit?.profile ?? 'default';
    const place = stateDir?.path ?? `uid ${process.uid ?? 'unknown'}`;
    // Several gateways may share one state directory (OPENCLAW_ALLOW_MULTI_GATEWAY); their ports tell them apart.
    const twin = all.find((other) => other.stateDir?.identity === stateDir?.identity && stateDir !== undefined);
    const suffix = twin !== undefined && twin !== candidate ? ` port ${candidate.lock?.port ?? 'unknown'}` : '';
    return {
      id: ids.idFor(`${keyOf(stateDir) ?? `${place} ${profile}`}${suffix}`, profile, `${place}${suffix}`),
      profile,
    };
  }

  function draftOf(candidate: CandidateProcess, all: readonly CandidateProcess[]): Draft {
    const { process, stateDir, unit, lock } = candidate;
    const markers = { ...(stateDir ? dotenv.read(stateDir) : {}), ...unit?.markers, ...process.markers };
    const { id, profile } = nameOf(candidate, all);
    const configPath = lock?.configPath ?? markers.OPENCLAW_CONFIG_PATH;
    const home = stateDir?.home ?? markers.OPENCLAW_HOME ?? markers.HOME;
    const config: ConfigFact =
      stateDir === undefined
        ? { ...NO_CONFIG, problems: ['its state directory is not known'] }
        : options.configReader.read({
            view: stateDir.view,
            stateDir: stateDir.path,
            environment: markers,
            ...(configPath !== undefined && isPlainAbsolute(configPath) ? { path: configPath } : {}),
            ...(process.uid === undefined ? {} : { uid: process.uid }),
            ...(home === undefined ? {} : { home }),
          });
    return { id, profile, markers, config, ...(stateDir ? { stateDir } : {}), ...(unit ? { unit } : {}) };
  }

  function running(
    candidate: CandidateProcess,
    candidates: Candidates,
    observations: readonly Observation[],
    table: ProcessTable,
  ): { gateway: GatewayFact; listening: Listening } | undefined {
    const { process, look, lock } = candidate;
    const quickPort = lock?.port ?? parseGatewayPort(process.markers.OPENCLAW_GATEWAY_PORT);
    const listening = listeningOf(
      candidate,
      observations,
      quickPort ?? defaultGatewayPort(candidate.stateDir?.profile),
    );
    const confidence = confidenceOf(candidate, listening);
    if (confidence === undefined) return undefined;
    const draft = draftOf(candidate, candidates.processes);
    const startArguments = shownArguments(candidate.startArguments ?? draft.unit?.startArguments);
    const gateway: GatewayFact = {
      ...shared(draft, candidates),
      running: true,
      confidence,
      pid: process.pid,
      startTicks: process.startTicks,
      evidence: [...candidate.evidence, ...listenEvidence(candidate, observations), ...nested(candidate)],
      version: options.versions.read({
        view: look.view,
        startArguments: startArguments ?? [],
        gateway: process,
        children: childrenOf(process.pid, table),
      }),
      ...defined({
        startedAt: process.startedAt,
        uid: process.uid,
        netns: process.netns,
        inContainer: look.inContainer,
        startArguments,
      }),
    };
    return { gateway, listening };
  }

  /** An installation that no running gateway belongs to: what a stale lock, a unit or a configuration tells. */
  function resting(stateDir: StateDir, locks: GatewayLock[], candidates: Candidates): GatewayFact | undefined {
    const unit = candidates.units.find((one) => isUnitOf(one, stateDir));
    const markers = { ...dotenv.read(stateDir), ...unit?.markers };
    const config = options.configReader.read({
      view: stateDir.view,
      stateDir: stateDir.path,
      uid: stateDir.uid,
      environment: markers,
      ...(markers.OPENCLAW_CONFIG_PATH !== undefined && isPlainAbsolute(markers.OPENCLAW_CONFIG_PATH)
        ? { path: markers.OPENCLAW_CONFIG_PATH }
        : {}),
      ...(stateDir.home === undefined ? {} : { home: stateDir.home }),
    });
    const hasMeaning =
      config.status !== 'missing' || locks.length > 0 || unit !== undefined || config.unknownKeys.length > 0;
    if (!hasMeaning) return undefined;
    const profile = stateDir.profile ?? unit?.profile ?? 'default';
    const id = ids.idFor(keyOf(stateDir)!, profile, stateDir.path);
    const draft: Draft = { id, profile, markers, config, stateDir, ...(unit ? { unit } : {}) };
    return {
      ...shared(draft, candidates),
      running: false,
      confidence: 'likely',
      evidence: restingEvidence(stateDir, locks, config, unit),
      version: options.versions.read({
        view: stateDir.view,
        startArguments: unit?.startArguments ?? [],
        children: [],
        uid: stateDir.uid,
      }),
      ...defined({ startArguments: shownArguments(unit?.startArguments), uid: stateDir.uid }),
    };
  }

  return {
    rootsOf,
    confirm(candidates: Candidates, observations: readonly Observation[], table: ProcessTable) {
      const gateways: GatewayFact[] = [];
      const blindSpots: BlindSpot[] = [];
      const used = new Set<string>();
      for (const candidate of inOrder(candidates.processes, options.ownHome)) {
        const found = running(candidate, candidates, observations, table);
        if (found === undefined) continue;
        if (candidate.stateDir) used.add(candidate.stateDir.identity);
        gateways.push(found.gateway);
        blindSpots.push(...blindSpotsOfGateway(found.gateway, found.listening === 'unseen'));
      }
      for (const { stateDir, locks } of candidates.installations) {
        const gateway = used.has(stateDir.identity) ? undefined : resting(stateDir, locks, candidates);
        if (gateway) gateways.push(gateway);
      }
      return { gateways, blindSpots };
    },
  };
}

const NO_CONFIG: ConfigFact = {
  status: 'unreadable',
  files: [],
  value: {},
  unknownKeys: [],
  problems: [],
  networkSubset: {},
};

/** Fields that a running gateway and a resting installation have alike. */
function shared(draft: Draft, candidates: Candidates) {
  const { stateDir, unit, config, profile } = draft;
  const installation = candidates.installations.find((one) => one.stateDir.identity === stateDir?.identity);
  return {
    id: draft.id,
    profile,
    markers: draft.markers,
    config,
    locks: installation?.locks ?? [],
    workspaces: workspacesOf(config.value, {
      ...(profile === 'default' ? {} : { profile }),
      ...(stateDir ? { stateDir: stateDir.path } : {}),
      ...(stateDir?.home === undefined ? {} : { home: stateDir.home }),
    }),
    ...(stateDir ? { stateDir: stateDir.path } : {}),
    ...(unit ? { unit: unit.name } : {}),
  };
}

function nested(candidate: CandidateProcess): GatewayEvidence[] {
  if (candidate.under === undefined) return [];
  return [{ kind: 'lock-file', detail: `but it runs below process ${candidate.under}, which may be a gateway itself` }];
}

function restingEvidence(
  stateDir: StateDir,
  locks: readonly GatewayLock[],
  config: ConfigFact,
  unit: ServiceUnit | undefined,
): GatewayEvidence[] {
  const evidence: GatewayEvidence[] = [];
  if (config.status !== 'missing')
    evidence.push({ kind: 'state-dir', detail: `${stateDir.path} holds a configuration` });
  for (const lock of locks) evidence.push({ kind: 'lock-file', detail: `${lock.path} is ${lock.status}` });
  if (unit) evidence.push({ kind: 'service-unit', detail: `${unit.path} starts it` });
  return evidence;
}

function isUnitOf(unit: ServiceUnit, stateDir: StateDir): boolean {
  if (stateDir.view.place !== 'host' || (unit.uid !== undefined && unit.uid !== stateDir.uid)) return false;
  const named = unit.markers.OPENCLAW_STATE_DIR?.replace(/\/+$/, '');
  if (named !== undefined) return named === stateDir.path;
  return unit.scope === 'user' && stateDir.home !== undefined && unit.profile === stateDir.profile;
}

/** Stable across restarts of the gateway and of ours: no pid, no inode. */
function keyOf(stateDir: StateDir | undefined): string | undefined {
  return stateDir && `${stateDir.view.place} ${stateDir.path}`;
}

/** Certain ones first, our own user's before others, then by path: so that names are given the same way each time. */
function inOrder(processes: readonly CandidateProcess[], ownHome: string | undefined): CandidateProcess[] {
  const rank = (one: CandidateProcess) =>
    (one.hasStrongLock ? 0 : 4) +
    (one.under === undefined ? 0 : 2) +
    (ownHome !== undefined && one.stateDir?.home === ownHome ? 0 : 1);
  const name = (one: CandidateProcess) => one.stateDir?.path ?? `~${one.process.pid}`;
  return [...processes].sort((a, b) => rank(a) - rank(b) || (name(a) < name(b) ? -1 : 1));
}

function shownArguments(words: readonly string[] | undefined): string[] | undefined {
  return words === undefined || words.length === 0 ? undefined : argumentsWithoutSecrets(words);
}

function childrenOf(pid: number, table: ProcessTable) {
  return [...table.processes.values()].filter((process) => process.ppid === pid);
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
