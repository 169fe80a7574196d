import { isLoopback, isWildcard } from '../types/ip.ts';
import { type FamilyMember, type ProcessFact, processKey } from '../types/process.ts';
import type { Connection, Owner, Role, Snapshot } from '../types/snapshot.ts';
import { perLook } from './per-look.ts';
import { skillName } from './subjects.ts';

/** Roles of what the model or a skill started; they have no traffic of OpenClaw's own. */
export const AGENT_ROLES: ReadonlySet<Role> = new Set<Role>(['skill', 'exec', 'detached', 'mcp']);

/** The same without MCP servers, which the configuration starts. */
export const COMMAND_ROLES: ReadonlySet<Role> = new Set<Role>(['skill', 'exec', 'detached']);

/** The family's processes and connections of one look, by what rules ask for. */
export interface AgentFamily {
  members: readonly { process: ProcessFact; member: FamilyMember }[];
  process(pid: number): ProcessFact | undefined;
  /** Parent as recorded when it was first seen, else the living one. */
  parent(process: ProcessFact): ProcessFact | undefined;
  /** Who it is: as judged for its sockets, else as its nearest judged parent, else by path and membership. */
  ownerOf(process: ProcessFact): Owner;
  connectionsOf(pid: number): readonly Connection[];
  /** Open connection to somebody else that has this inode; `undefined` for a local pair, a file, a loopback end. */
  remoteSocket(inode: number): Connection | undefined;
}

/** Longest parent chain that is followed; a fork chain can be of any length. */
const MAX_CLIMB = 24;

/** Made once for each look; nothing is worked out before it is asked for: most looks ask for nothing. */
export const agentFamilyOf: (snapshot: Snapshot) => AgentFamily = perLook(createAgentFamily);

function createAgentFamily(snapshot: Snapshot): AgentFamily {
  const byPid = new Map(snapshot.processes.map((process) => [process.pid, process]));
  const byKey = new Map(snapshot.family.map((member) => [processKey(member), member]));
  const members = snapshot.family.flatMap((member) => {
    const process = byPid.get(member.pid);
    return process !== undefined && process.startTicks === member.startTicks ? [{ process, member }] : [];
  });
  let byHolder: Map<number, Connection[]> | undefined;
  let byInode: Map<number, Connection> | undefined;
  let judged: Map<number, Owner> | undefined;

  function holders(): Map<number, Connection[]> {
    if (byHolder !== undefined) return byHolder;
    byHolder = new Map();
    for (const connection of snapshot.connections) {
      const own = connection.owner?.process.pid;
      const pids = connection.pids ?? (own === undefined ? [] : [own]);
      for (const pid of pids) {
        const list = byHolder.get(pid);
        if (list === undefined) byHolder.set(pid, [connection]);
        else list.push(connection);
      }
    }
    return byHolder;
  }

  function owners(): Map<number, Owner> {
    if (judged !== undefined) return judged;
    judged = new Map();
    for (const { owner } of [...snapshot.listeners, ...snapshot.connections]) {
      if (owner !== undefined && owner.role !== 'other') judged.set(owner.process.pid, owner);
    }
    return judged;
  }

  function parent(process: ProcessFact): ProcessFact | undefined {
    const recorded = byKey.get(processKey(process))?.ancestors[0];
    const pid = recorded === undefined ? process.ppid : Number.parseInt(recorded, 10);
    const found = byPid.get(pid);
    if (found === undefined || found.pid === process.pid) return undefined;
    return recorded === undefined || processKey(found) === recorded ? found : undefined;
  }

  function ownerOf(process: ProcessFact): Owner {
    const known = owners().get(process.pid);
    if (known !== undefined && known.process.startTicks === process.startTicks) return known;
    const member = byKey.get(processKey(process));
    const lineage = [{ pid: process.pid, comm: process.comm }];
    let above: Owner | undefined;
    let skill = skillName(process);
    for (let step = parent(process); step !== undefined && lineage.length < MAX_CLIMB; step = parent(step)) {
      lineage.push({ pid: step.pid, comm: step.comm });
      const owner = owners().get(step.pid);
      if (above === undefined && owner !== undefined && AGENT_ROLES.has(owner.role)) above = owner;
      if (byKey.has(processKey(step))) skill ??= skillName(step);
    }
    const role: Role = member === undefined ? 'other' : roleOf(member, skill, above);
    const name = role === 'skill' ? (skill ?? above?.skill) : undefined;
    return {
      process,
      role,
      confidence: member === undefined ? 'certain' : 'likely',
      lineage,
      ...(member === undefined ? {} : { gatewayId: member.gatewayId, member }),
      ...(name === undefined ? {} : { skill: name }),
    };
  }

  return {
    members,
    process: (pid) => byPid.get(pid),
    parent,
    ownerOf,
    connectionsOf: (pid) => holders().get(pid) ?? [],
    remoteSocket(inode) {
      if (byInode === undefined) {
        byInode = new Map();
        for (const connection of snapshot.connections) {
          if (connection.inode && isOpenToOthers(connection)) byInode.set(connection.inode, connection);
        }
      }
      return byInode.get(inode);
    },
  };
}

function roleOf(member: FamilyMember, skill: string | undefined, above: Owner | undefined): Role {
  if (member.basis === 'root') return 'gateway';
  if (skill !== undefined || above?.skill !== undefined) return 'skill';
  if (member.detached) return 'detached';
  return above?.role ?? 'exec';
}

/** Established, and the far end is not this host's loopback. */
export function isOpenToOthers({ state, remote, brief }: Connection): boolean {
  if (state !== 'ESTABLISHED' || remote === undefined || brief) return false;
  return !isLoopback(remote.address) && !isWildcard(remote.address);
}

/** Inode in `socket:[123]`; 0 for everything else. */
export function socketInodeOf(target: string | undefined): number {
  const inode = Number(/^socket:\[(\d{1,15})\]$/.exec(target ?? '')?.[1] ?? 0);
  return Number.isSafeInteger(inode) ? inode : 0;
}
