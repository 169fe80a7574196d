import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessTable } from '../../types/collector.ts';
import type { GatewayEvidence, GatewayLock } from '../../types/gateway.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { FamilyRoot } from './family.ts';
import { isGatewayRole, judgeLock, type LockReading } from './lock-file.ts';
import {
  ancestorsOf,
  canBeRuntime,
  gatewayArguments,
  isAgentCommand,
  isServiceProcess,
  isTitledGateway,
} from './process-evidence.ts';
import type { ProcessLook, ProcessLooks } from './process-look.ts';
import { gatewayServiceOf, isCgroupOfUnit, type ServiceUnit } from './service-unit.ts';
import type { StateDir } from './state-dirs.ts';

/** A process that may be a gateway, with everything that can be said before the sockets are read. */
export interface CandidateProcess {
  process: ProcessFact;
  look: ProcessLook;
  evidence: GatewayEvidence[];
  /** A live lock with the right start time, in a file of the process's own user. */
  hasStrongLock: boolean;
  /** Only a title, or only arguments: nothing without a socket. */
  isOnlyTitle: boolean;
  /** Pid of a possible gateway above it: then it is that gateway's command, and only a lock makes it more. */
  under?: number;
  lock?: GatewayLock;
  stateDir?: StateDir;
  unit?: ServiceUnit;
  startArguments?: string[];
}

/** What was found before the sockets are read. */
export interface Candidates {
  /** Pids whose sockets and network namespaces are wanted. */
  pids: ReadonlySet<number>;
  /** Gateways that are certain already, for the family that decides whose sockets get owners. */
  roots: FamilyRoot[];
  processes: CandidateProcess[];
  /** Every installation found, running or not, each with its judged locks. */
  installations: { stateDir: StateDir; locks: GatewayLock[] }[];
  units: ServiceUnit[];
  blindSpots: BlindSpot[];
}

/** A lock that was compared with the processes. */
export interface JudgedLock {
  lock: GatewayLock;
  holder?: ProcessFact;
}

/** Compares every lock of a state directory with the process it names. */
export function judgeLocks(
  stateDir: StateDir,
  table: ProcessTable,
  contained: readonly ContainedProcess[],
): JudgedLock[] {
  return stateDir.locks.map((reading) => {
    const holder = holderOf(reading, stateDir, table, contained);
    const lock = judgeLock(reading, holder);
    return lock.status === 'live' && holder ? { lock, holder } : { lock };
  });
}

/** A process that has another pid inside its container. */
export interface ContainedProcess {
  process: ProcessFact;
  look: ProcessLook;
}

/**
 * The process that a lock names. A lock on a volume of a container holds the pid inside it, so a contained process is
 * the holder when inner pid and start time both fit; the start time is the same inside and outside.
 */
function holderOf(
  reading: LockReading,
  stateDir: StateDir,
  table: ProcessTable,
  contained: readonly ContainedProcess[],
): ProcessFact | undefined {
  const inner = contained.find(
    ({ process, look }) => look.innerPid === reading.pid && process.startTicks === reading.startTicks,
  )?.process;
  if (inner) return inner;
  return reading.pid !== undefined && stateDir.view.place === 'host' ? table.processes.get(reading.pid) : undefined;
}

/** Processes worth a closer look, by what the table alone shows. Cheap: it sees every process of the host. */
export function suspectsOf(table: ProcessTable): ProcessFact[] {
  const suspects: ProcessFact[] = [];
  for (const process of table.processes.values()) {
    const isSuspect =
      isTitledGateway(process) ||
      (process.markers.OPENCLAW_SERVICE_MARKER !== undefined && isServiceProcess(process, table)) ||
      gatewayServiceOf(process.cgroup) !== undefined ||
      (process.argv.length > 1 && gatewayArguments(process) !== undefined);
    if (isSuspect && suspects.length < MAX_SUSPECTS) suspects.push(process);
  }
  return suspects;
}

/** Anybody can start a thousand processes with our title; they cost a look each. */
const MAX_SUSPECTS = 256;

export interface EvidenceSources {
  table: ProcessTable;
  looks: ProcessLooks;
  units: readonly ServiceUnit[];
  /** Strong evidence by pid. */
  locks: ReadonlyMap<number, { judged: JudgedLock; stateDir: StateDir }>;
}

/** Everything that speaks for one process; `undefined` when nothing does. */
export function weigh(process: ProcessFact, sources: EvidenceSources): CandidateProcess | undefined {
  const { table, units } = sources;
  const evidence: GatewayEvidence[] = [];
  const held = canBeRuntime(process) ? sources.locks.get(process.pid) : undefined;
  if (held) evidence.push(lockEvidence(held.judged.lock));
  const mayBe = held !== undefined || !isAgentCommand(process);
  const argv = mayBe ? gatewayArguments(process) : undefined;
  const titled = mayBe && (isTitledGateway(process) || argv !== undefined);
  if (titled) {
    evidence.push({
      kind: 'title',
      detail: argv ? 'its arguments are "openclaw gateway"' : 'it is titled openclaw-gateway',
    });
  }
  const unit = mayBe ? unitOf(process, table, units) : undefined;
  if (unit) evidence.push({ kind: 'service-unit', detail: `it is the main process of ${unit.name}` });
  if (mayBe && isServiceProcess(process, table)) {
    evidence.push({ kind: 'environ', detail: 'it was started with the markers of the OpenClaw service' });
  }
  if (evidence.length === 0) return undefined;
  return {
    process,
    look: sources.looks.of(process),
    evidence,
    hasStrongLock: held?.judged.lock.startTicks !== undefined && process.startTicks > 0,
    isOnlyTitle: titled && evidence.length === 1,
    ...(held ? { lock: held.judged.lock, stateDir: held.stateDir } : {}),
    ...(unit?.file ? { unit: unit.file } : {}),
    ...(argv ? { startArguments: argv } : {}),
  };
}

function lockEvidence(lock: GatewayLock): GatewayEvidence {
  const start = lock.startTicks === undefined ? '' : ' and its start time';
  return { kind: 'lock-file', detail: `${lock.path} names pid ${lock.pid}${start}` };
}

/** A candidate whose lock was found after all. */
export function withLock(candidate: CandidateProcess, lock: GatewayLock): CandidateProcess {
  const hasStrongLock = lock.startTicks !== undefined && candidate.process.startTicks > 0;
  return {
    ...candidate,
    lock,
    hasStrongLock,
    isOnlyTitle: false,
    evidence: [lockEvidence(lock), ...candidate.evidence],
  };
}

/** A candidate that has the database or the lock of a state directory open. */
export function withOpenFiles(candidate: CandidateProcess, stateDir: string): CandidateProcess {
  const evidence: GatewayEvidence = { kind: 'open-files', detail: `it has files open in ${stateDir}` };
  return { ...candidate, isOnlyTitle: false, evidence: [...candidate.evidence, evidence] };
}

/** All installations with their locks, those included that only a process led to. */
export function installationsOf(
  judged: readonly { stateDir: StateDir; judged: readonly JudgedLock[] }[],
  processes: readonly CandidateProcess[],
): Candidates['installations'] {
  const known = new Set(judged.map(({ stateDir }) => stateDir.identity));
  const led = processes.flatMap(({ stateDir, lock }) =>
    stateDir && !known.has(stateDir.identity) ? [{ stateDir, locks: lock ? [lock] : [] }] : [],
  );
  return [...judged.map(({ stateDir, judged: locks }) => ({ stateDir, locks: locks.map((one) => one.lock) })), ...led];
}

/**
 * The unit whose main process this is: the runtime in the unit's control group that no other runtime of the group
 * started, and of several (a daemonised command stays in the group) the one that started first.
 */
function unitOf(
  process: ProcessFact,
  table: ProcessTable,
  units: readonly ServiceUnit[],
): { name: string; file?: ServiceUnit } | undefined {
  const name = gatewayServiceOf(process.cgroup);
  if (name === undefined || !canBeRuntime(process) || isAgentCommand(process)) return undefined;
  for (const other of table.processes.values()) {
    if (other === process || other.cgroup !== process.cgroup) continue;
    const isOlder =
      other.startTicks < process.startTicks || (other.startTicks === process.startTicks && other.pid < process.pid);
    if (isOlder && canBeRuntime(other) && !isAgentCommand(other)) return undefined;
  }
  const file = units.find((unit) => isCgroupOfUnit(process.cgroup, unit));
  return { name, ...(file ? { file } : {}) };
}

/**
 * Takes out the pretenders: a process below a possible gateway, or one that the family memory knows, is that gateway's
 * command whatever it calls itself. Only a live lock of its own makes it a gateway (a gateway that restarts itself starts
 * its successor that way), and never a certain one while it is below another.
 *
 * What an attacker gains by the title: his listener would be judged as the gateway's own and not as that of a command.
 * So he must not get it by a name and two variables. With the gateway's user rights he can write a lock too; then his
 * process is shown as a second gateway below the first, which is no hiding place.
 */
export function withoutPretenders(
  candidates: readonly CandidateProcess[],
  table: ProcessTable,
  isFamilyCommand: (process: ProcessFact) => boolean,
): CandidateProcess[] {
  const pids = new Set(candidates.map((candidate) => candidate.process.pid));
  return candidates.flatMap((candidate) => {
    const above = ancestorsOf(candidate.process, table).find((ancestor) => pids.has(ancestor.pid));
    const isCommand = above !== undefined || isFamilyCommand(candidate.process);
    if (isCommand && !candidate.lock) return [];
    return [above === undefined ? candidate : { ...candidate, under: above.pid }];
  });
}

/** Live locks of gateways by the pid of their holder; a lock with a start time beats one without. */
export function locksByHolder(
  installations: readonly { stateDir: StateDir; judged: readonly JudgedLock[] }[],
): Map<number, { judged: JudgedLock; stateDir: StateDir }> {
  const found = new Map<number, { judged: JudgedLock; stateDir: StateDir }>();
  for (const { stateDir, judged } of installations) {
    for (const one of judged) {
      if (one.holder === undefined || !isGatewayRole(one.lock.role)) continue;
      const known = found.get(one.holder.pid);
      const isBetter = known?.judged.lock.startTicks === undefined || known.judged.lock.port === undefined;
      if (known === undefined || isBetter) found.set(one.holder.pid, { judged: one, stateDir });
    }
  }
  return found;
}
