import { randomBytes } from 'node:crypto';
import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessTable } from '../../types/collector.ts';
import type { GatewayFact } from '../../types/gateway.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { Observation } from '../../types/socket.ts';
import { blindSpotsOfHomes } from './blind-spots.ts';
import {
  type CandidateProcess,
  type Candidates,
  type ContainedProcess,
  installationsOf,
  type JudgedLock,
  judgeLocks,
  locksByHolder,
  suspectsOf,
  weigh,
  withLock,
  withOpenFiles,
  withoutPretenders,
} from './candidates.ts';
import { createConfigReader } from './config/read-config.ts';
import { createFileView, type FileView } from './file-view.ts';
import { createGatewayFacts } from './gateway-fact.ts';
import type { RememberedGateway } from './gateway-ids.ts';
import { createHomes, type Home } from './homes.ts';
import { isGatewayRole } from './lock-file.ts';
import { createPackageVersions } from './package-version.ts';
import { createProcessLooks } from './process-look.ts';
import { createServiceUnits } from './service-units.ts';
import { createStateDirs, isPlainAbsolute, type StateDir } from './state-dirs.ts';

export interface RecogniserOptions {
  /** Home directories to look in, instead of those of `/etc/passwd`, `/home` and `/root`. */
  homes?: readonly string[];
  /** Our own environment: HOME, OPENCLAW_HOME and OPENCLAW_STATE_DIR name places to look. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Directory that is `/` of the host; `''` for the real one. */
  fsRoot?: string;
  procRoot?: string;
  /** Where old builds put their locks. */
  tmpDir?: string;
  /** Key of the hashes of secrets. Without one each run has its own, and drift of a secret is seen within a run only. */
  secretHashKey?: string;
  /** Names that gateways had in earlier runs, so that a name never passes to another installation. */
  remembered?: () => readonly RememberedGateway[];
  /** From the family memory: true for a member of a gateway's family that is no gateway itself. */
  isFamilyCommand?: (process: ProcessFact) => boolean;
  /** The host's file system, where it is not `fsRoot` as it stands: `ownedBy(createFileView(root), 0)` for a recorded one. */
  hostView?: FileView;
}

/** Finds the gateways of this machine. */
export interface Recogniser {
  /** Before the sockets are read: which processes may be gateways. Rejects only when aborted. */
  candidates(table: ProcessTable, signal: AbortSignal): Promise<Candidates>;
  /** With sockets and their owners: which of them are, and every installation that does not run. */
  confirm(
    candidates: Candidates,
    observations: readonly Observation[],
    table: ProcessTable,
  ): { gateways: GatewayFact[]; blindSpots: BlindSpot[] };
}

/** Directories that processes and units may name, besides those found in homes. */
const MAX_NAMED_DIRECTORIES = 64;

/** See `candidates.ts` for what counts as evidence and what an attacker would fake. */
export function createRecogniser(options: RecogniserOptions = {}): Recogniser {
  const env = options.env ?? {};
  const host = options.hostView ?? createFileView(options.fsRoot ?? '');
  const isFamilyCommand = options.isFamilyCommand ?? (() => false);
  const looks = createProcessLooks(options.procRoot ?? '/proc', host);
  const ownHome = env.HOME;
  const homes = createHomes({
    ...(options.homes ? { homes: options.homes } : {}),
    ...(ownHome !== undefined && isPlainAbsolute(ownHome) ? { ownHome } : {}),
  });
  const insideHomes = createHomes();
  const stateDirs = createStateDirs(options.tmpDir);
  const units = createServiceUnits();
  const facts = createGatewayFacts({
    configReader: createConfigReader({
      hashKey: options.secretHashKey ?? randomBytes(16).toString('hex'),
      hashKeyLasts: options.secretHashKey !== undefined,
    }),
    versions: createPackageVersions(),
    ...(ownHome === undefined ? {} : { ownHome }),
    ...(options.remembered === undefined ? {} : { remembered: options.remembered }),
  });

  /** State directories inside containers, seen through the processes that may be gateways there. */
  function containedStateDirs(contained: readonly ContainedProcess[]): StateDir[] {
    const seen = new Set<string>();
    return contained.flatMap(({ process, look }) => {
      const identity = look.view.stat('/');
      const key = typeof identity === 'string' ? look.view.root : identity.identity;
      if (look.denied || seen.has(key)) return [];
      seen.add(key);
      const markers = placesIn(process.markers);
      const home = process.markers.HOME;
      const homesThere = insideHomes.list(look.view);
      const extra: Home[] = home !== undefined && isPlainAbsolute(home) ? [{ path: home, readable: true }] : [];
      return stateDirs.list(look.view, [...extra, ...homesThere], markers);
    });
  }

  return {
    async candidates(table, signal) {
      signal.throwIfAborted();
      looks.prune(table);
      const suspects = suspectsOf(table);
      const foundHomes = homes.list(host);
      const foundUnits = units.read(host, foundHomes);
      const contained = suspects
        .map((process) => ({ process, look: looks.of(process) }))
        .filter(({ process, look }) => look.elsewhere || look.innerPid !== process.pid);

      // Our own home is among the homes already, unless the caller chose others; here it only expands "~".
      const named = new Set(placesIn({ ...env, HOME: env.OPENCLAW_STATE_DIR?.startsWith('~') ? env.HOME : undefined }));
      for (const unit of foundUnits) for (const path of placesIn(unit.markers)) named.add(path);
      for (const path of placesOfProcesses(table)) named.add(path);
      const inside = containedStateDirs(contained.filter(({ look }) => look.elsewhere));
      const insideIdentities = new Set(inside.map((dir) => dir.identity));
      const onHost = stateDirs.list(host, foundHomes, [...named].slice(0, MAX_NAMED_DIRECTORIES));
      // A directory that a container has mounted is the container's: there its paths are right.
      const all = [...inside, ...onHost.filter((dir) => !insideIdentities.has(dir.identity))];
      const judged = all.map((stateDir) => ({ stateDir, judged: judgeLocks(stateDir, table, contained) }));

      const locks = locksByHolder(judged);
      const holders = [...locks.keys()].flatMap((pid) => table.processes.get(pid) ?? []);
      const weighed = [...new Set([...suspects, ...holders])].flatMap(
        (process) => weigh(process, { table, looks, units: foundUnits, locks }) ?? [],
      );
      const processes = withoutPretenders(weighed, table, isFamilyCommand).map((candidate) =>
        locate(candidate, all, (stateDir) => judgeLocks(stateDir, table, contained)),
      );
      const installations = installationsOf(judged, processes);
      return {
        pids: new Set(processes.map((candidate) => candidate.process.pid)),
        roots: facts.rootsOf(processes),
        processes,
        installations,
        units: foundUnits,
        blindSpots: blindSpotsOfHomes(foundHomes),
      };
    },
    confirm: (candidates, observations, table) => facts.confirm(candidates, observations, table),
  };

  /** Finds the state directory of a candidate whose lock was in none of the places that were looked at. */
  function locate(
    candidate: CandidateProcess,
    known: readonly StateDir[],
    judge: (stateDir: StateDir) => JudgedLock[],
  ): CandidateProcess {
    if (candidate.stateDir || candidate.look.denied) return candidate;
    const view = candidate.look.elsewhere ? candidate.look.view : host;
    const markers = { ...candidate.unit?.markers, ...candidate.process.markers };
    const byFiles = markers.OPENCLAW_STATE_DIR === undefined ? looks.stateDirByOpenFiles(candidate.process) : undefined;
    const wanted = [...(byFiles === undefined ? [] : [byFiles]), ...placesIn(markers)];
    const found = stateDirs.list(view, [], wanted)[0];
    if (found === undefined) return candidate;
    const stateDir = known.find((dir) => dir.identity === found.identity) ?? found;
    const located =
      byFiles === undefined ? { ...candidate, stateDir } : withOpenFiles({ ...candidate, stateDir }, byFiles);
    const own = judge(stateDir).find(
      ({ holder, lock }) => holder?.pid === candidate.process.pid && isGatewayRole(lock.role),
    );
    return own ? withLock(located, own.lock) : located;
  }
}

/** Directories that an environment names, most exact first. */
function placesIn(markers: Readonly<Record<string, string | undefined>>): string[] {
  const { OPENCLAW_STATE_DIR: stateDir, OPENCLAW_HOME: home, HOME: userHome, OPENCLAW_PROFILE: profile } = markers;
  const suffix =
    profile !== undefined && /^[a-z0-9][a-z0-9_-]{0,63}$/i.test(profile) && profile !== 'default' ? `-${profile}` : '';
  const base = home?.trim() || userHome?.trim();
  const expanded = stateDir?.trim().replace(/^~(?=$|\/)/, () => base ?? '~');
  const places = [expanded, ...(base ? [`${base}/.openclaw${suffix}`, `${base}/.clawdbot`] : [])];
  return places.filter((path): path is string => path !== undefined && isPlainAbsolute(path));
}

/** Only what a process says about OpenClaw: every process has a HOME, and homes are found elsewhere. */
function placesOfProcesses(table: ProcessTable): Set<string> {
  const places = new Set<string>();
  for (const { markers } of table.processes.values()) {
    if (markers.OPENCLAW_STATE_DIR === undefined && markers.OPENCLAW_HOME === undefined) continue;
    if (places.size >= MAX_NAMED_DIRECTORIES) break;
    for (const path of placesIn(markers)) places.add(path);
  }
  return places;
}
