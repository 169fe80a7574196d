import type { Confidence, GatewayFact } from '../types/gateway.ts';
import type { FamilyMember, ProcessFact, ProcessKey } from '../types/process.ts';
import { processKey } from '../types/process.ts';
import type { Owner, Role } from '../types/snapshot.ts';
import { createLineage, type Lineage } from './lineage.ts';
import {
  isConfiguredMcpServer,
  isExecShell,
  isManagedBrowser,
  isOwnTool,
  isRelay,
  isUnreadShell,
  isWorker,
  remoteDebuggingPort,
} from './process-shape.ts';
import {
  type SkillEvidence,
  type SkillRoot,
  skillNamedInArguments,
  skillOfProgram,
  skillOfWorkingDirectory,
  skillRoots,
} from './skill-path.ts';

/** Owners of one look; each process is judged once. */
export interface Owners {
  /** `undefined` when no such process was seen. */
  of(pid: number): Owner | undefined;
  /** The most telling of several holders: the gateway before its family before everybody else, then the oldest. */
  among(pids: readonly number[]): Owner | undefined;
}

/** What roles are judged from. */
export interface RoleRequest {
  processes: readonly ProcessFact[];
  family: readonly FamilyMember[];
  gateways: readonly { fact: GatewayFact; port: number }[];
  /** Our own processes: never anybody's family, also when an agent runs us. */
  ownPids: ReadonlySet<number>;
}

interface Judgement {
  role: Role;
  confidence: Confidence;
  skill?: string;
}

interface Family {
  fact: GatewayFact;
  port: number;
  roots: SkillRoot[];
}

export function createOwners(request: RoleRequest): Owners {
  const lineage = createLineage(request.processes, request.family);
  const families = new Map<string, Family>(
    request.gateways.map(({ fact, port }) => [fact.id, { fact, port, roots: skillRoots(fact) }]),
  );
  const rootOf = rootFinder(request.gateways.map(({ fact }) => fact));
  const judge = createJudge(lineage, families, rootOf);
  const owners = new Map<number, Owner>();

  function create(process: ProcessFact): Owner {
    const isOurs = request.ownPids.has(process.pid);
    const member = isOurs ? undefined : lineage.member(process);
    const root = isOurs ? undefined : rootOf(process);
    const gatewayId = root?.id ?? member?.gatewayId;
    return {
      process,
      ...(isOurs ? OTHER : judge(process)),
      ...(gatewayId !== undefined && { gatewayId }),
      ...(member !== undefined && { member }),
      lineage: lineage.chain(process, (step) => rootOf(step) !== undefined),
    };
  }

  function of(pid: number): Owner | undefined {
    const known = owners.get(pid);
    if (known !== undefined) return known;
    const process = lineage.process(pid);
    if (process === undefined) return undefined;
    const owner = create(process);
    owners.set(pid, owner);
    return owner;
  }

  return {
    of,
    among: (pids) =>
      pids.length === 1
        ? of(pids[0]!)
        : pids
            .map(of)
            .filter((owner) => owner !== undefined)
            .sort((a, b) => rank(a) - rank(b) || a.process.startTicks - b.process.startTicks)[0],
  };
}

const OTHER: Judgement = { role: 'other', confidence: 'certain' };

function rank(owner: Owner): number {
  return owner.role === 'gateway' ? 0 : owner.gatewayId !== undefined ? 1 : 2;
}

function rootFinder(facts: readonly GatewayFact[]): (process: ProcessFact) => GatewayFact | undefined {
  const byPid = new Map(facts.filter((fact) => fact.running && fact.pid !== undefined).map((fact) => [fact.pid, fact]));
  return (process) => {
    const fact = byPid.get(process.pid);
    // A reused pid is another process: start times differ.
    return fact?.startTicks === undefined || fact.startTicks === process.startTicks ? fact : undefined;
  };
}

/**
 * A role follows from the parent's role and the process's own shape. Only the gateway and its helpers can start
 * helpers: what a skill starts stays a skill's, whatever name and arguments it gives itself.
 */
function createJudge(
  lineage: Lineage,
  families: ReadonlyMap<string, Family>,
  rootOf: (process: ProcessFact) => GatewayFact | undefined,
): (process: ProcessFact) => Judgement {
  const judged = new Map<ProcessKey, Judgement>();

  // From the top down and without recursion: an attacker can fork a chain deeper than our stack, or see to a cycle.
  return function judge(process: ProcessFact): Judgement {
    const line: ProcessFact[] = [];
    const seen = new Set<ProcessKey>();
    for (let step: ProcessFact | undefined = process; step !== undefined; step = parentInFamily(step)) {
      const key = processKey(step);
      if (judged.has(key) || seen.has(key)) break;
      seen.add(key);
      line.push(step);
    }
    for (const step of line.reverse()) {
      const parent = parentInFamily(step);
      judged.set(processKey(step), decide(step, parent && judged.get(processKey(parent))));
    }
    return judged.get(processKey(process)) ?? OTHER;
  };

  function decide(process: ProcessFact, above: Judgement | undefined): Judgement {
    const root = rootOf(process);
    if (root !== undefined) return { role: 'gateway', confidence: root.confidence };
    const member = lineage.member(process);
    if (member === undefined) return OTHER;
    const family = families.get(member.gatewayId);
    if (family === undefined) return { role: 'exec', confidence: 'possible' };
    if (above?.role === 'gateway' || above?.role === 'helper') return startedByGateway(process, family);
    return startedByAgent(process, member, family, above);
  }

  function parentInFamily(process: ProcessFact): ProcessFact | undefined {
    const gatewayId = lineage.member(process)?.gatewayId;
    if (gatewayId === undefined || rootOf(process) !== undefined) return undefined;
    const parent = lineage.parent(process);
    if (parent === undefined) return undefined;
    const isSameFamily = rootOf(parent)?.id === gatewayId || lineage.member(parent)?.gatewayId === gatewayId;
    return isSameFamily ? parent : undefined;
  }
}

/** Directly below the gateway or one of its helpers. */
function startedByGateway(process: ProcessFact, { fact, port, roots }: Family): Judgement {
  if (isExecShell(process) || process.markers.OPENCLAW_SHELL !== undefined) {
    const skill = skillOfProgram(process, roots) ?? skillNamedInArguments(process, roots);
    return skill === undefined ? { role: 'exec', confidence: 'certain' } : asSkill(skill);
  }
  if (isWorker(process) || isRelay(process)) return { role: 'helper', confidence: 'certain' };
  if (isManagedBrowser(process, fact.stateDir, port)) return { role: 'browser', confidence: 'certain' };
  if (isConfiguredMcpServer(process, fact)) return { role: 'mcp', confidence: 'certain' };
  const skill = skillOfProgram(process, roots);
  if (skill !== undefined) return asSkill(skill);
  if (isOwnTool(process)) return { role: 'helper', confidence: 'likely' };
  // The exec tool starts a shell for each command; nothing else of OpenClaw starts one here.
  if (isUnreadShell(process)) return { role: 'exec', confidence: 'likely' };
  // Perhaps a plugin's own child. The stricter word: a listener of it deserves a look.
  return { role: 'exec', confidence: 'possible' };
}

/** Below a shell of the agent, a skill, an MCP server or a browser; or left over from one. */
function startedByAgent(
  process: ProcessFact,
  member: FamilyMember,
  { roots }: Family,
  above: Judgement | undefined,
): Judgement {
  const skill =
    skillOfProgram(process, roots) ??
    skillNamedInArguments(process, roots) ??
    (above?.skill === undefined ? undefined : { skill: above.skill, confidence: 'likely' as const }) ??
    skillOfWorkingDirectory(process, roots);
  if (skill !== undefined) return asSkill(skill);
  if (member.detached || above?.role === 'detached') {
    return { role: 'detached', confidence: member.basis === 'remembered' ? 'certain' : 'likely' };
  }
  if (above?.role === 'mcp' || (above?.role === 'browser' && remoteDebuggingPort(process) === undefined)) {
    return { role: above.role, confidence: 'likely' };
  }
  if (above?.role === 'exec') return { role: 'exec', confidence: above.confidence };
  return { role: 'exec', confidence: process.markers.OPENCLAW_SHELL === undefined ? 'possible' : 'likely' };
}

function asSkill({ skill, confidence }: SkillEvidence): Judgement {
  return { role: 'skill', confidence, skill };
}
