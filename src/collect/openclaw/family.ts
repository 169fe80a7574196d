import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ProcessTable } from '../../types/collector.ts';
import {
  type FamilyBasis,
  type FamilyMember,
  type ProcessFact,
  type ProcessKey,
  processKey,
} from '../../types/process.ts';
import { isOrphan, isStartedBy } from './orphan.ts';
import { gatewayServiceOf } from './service-unit.ts';

/** A gateway process whose family is wanted. */
export interface FamilyRoot {
  gatewayId: string;
  pid: number;
  startTicks: number;
  cgroup?: string;
  stateDir?: string;
  /** Other names of the same directory. */
  stateDirAliases?: readonly string[];
  port?: number;
}

/**
 * Knows which processes belong to which gateway, also after they left its tree. Everything is keyed by pid and start
 * time, so a process that got a dead member's pid inherits nothing.
 *
 * What an attacker does: `setsid` and a double fork, so that the parent is pid 1. Whoever was seen once in the tree
 * stays a member; whoever was never seen in it is still caught by the service's control group or by the environment
 * that OpenClaw gives to its commands. Somebody who leaves within one cycle, out of the group, with a cleared
 * environment is caught where a sensor told of its birth (`ProcessTable.makers`), and only there.
 */
export interface FamilyMemory {
  update(table: ProcessTable, roots: readonly FamilyRoot[]): { family: FamilyMember[]; blindSpots: BlindSpot[] };
  /** Gateway that this process belonged to in the last update. */
  gatewayOf(process: Pick<ProcessFact, 'pid' | 'startTicks'>): string | undefined;
  /** True when it is a member and not itself a gateway: then a title makes no gateway of it. */
  isCommand(process: Pick<ProcessFact, 'pid' | 'startTicks'>): boolean;
}

export interface FamilyMemoryOptions {
  now?: () => number;
  /** Our own processes: they and their children belong to nobody, also when the agent itself started them. */
  ownPids?: readonly number[];
}

/** Longest parent chain that is followed; real ones have some ten links. */
const MAX_CHAIN = 128;
/** Half a second. */
const EVENT_SLACK_TICKS = 50;

interface Membership {
  gatewayId: string;
  basis: FamilyBasis;
  ancestors: ProcessKey[];
  detached: boolean;
}

export function createFamilyMemory(options: FamilyMemoryOptions = {}): FamilyMemory {
  const now = options.now ?? Date.now;
  const own = new Set(options.ownPids ?? []);
  let members = new Map<ProcessKey, FamilyMember>();

  return {
    update(table, roots) {
      const at = now();
      const look = createLook(table, roots, members, own);
      const next = new Map<ProcessKey, FamilyMember>();
      for (const process of table.processes.values()) {
        const membership = look.membershipOf(process);
        if (membership === undefined) continue;
        const key = processKey(process);
        const before = members.get(key);
        next.set(key, {
          pid: process.pid,
          startTicks: process.startTicks,
          ...membership,
          firstSeenAt: before?.firstSeenAt ?? at,
        });
      }
      members = next;
      return { family: [...next.values()], blindSpots: unreadEnvironments(table, roots, next) };
    },
    gatewayOf: (process) => members.get(processKey(process))?.gatewayId,
    isCommand: (process) => (members.get(processKey(process))?.basis ?? 'root') !== 'root',
  };
}

/** One look at one table: judges each process once, whatever order they come in. */
function createLook(
  table: ProcessTable,
  roots: readonly FamilyRoot[],
  remembered: ReadonlyMap<ProcessKey, FamilyMember>,
  own: ReadonlySet<number>,
) {
  const rootOf = new Map(roots.map((root) => [`${root.pid}:${root.startTicks}`, root]));
  const services = serviceGroups(table, roots);
  // By pid: within one table a pid is one process.
  const judged = new Map<number, Membership | undefined>();
  const ours = new Set<number>();

  /** Whoever made it, where a kernel event told that; else its parent, unless that pid has gone to a younger process. */
  function parentOf(process: ProcessFact): ProcessFact | undefined {
    const maker = table.makers?.get(process.pid);
    const parent = table.processes.get(maker ?? process.ppid);
    if (parent === undefined || parent.pid === process.pid) return undefined;
    // The start of a process that is gone is known by its event, and that is not exact to the tick.
    const slack = maker === undefined ? 0 : EVENT_SLACK_TICKS;
    const isYounger = parent.startTicks > process.startTicks + slack && process.startTicks > 0;
    return isYounger ? undefined : parent;
  }

  /** Judges parents before children without recursion: a table can hold a chain of any length. */
  function membershipOf(process: ProcessFact): Membership | undefined {
    const chain: ProcessFact[] = [];
    const seen = new Set<number>();
    let at: ProcessFact | undefined = process;
    while (at !== undefined && !judged.has(at.pid) && !seen.has(at.pid) && chain.length < MAX_CHAIN) {
      chain.push(at);
      seen.add(at.pid);
      at = parentOf(at);
    }
    for (const link of chain.reverse()) judged.set(link.pid, judge(link));
    return judged.get(process.pid);
  }

  function judge(process: ProcessFact): Membership | undefined {
    const parent = parentOf(process);
    if (own.has(process.pid) || (parent !== undefined && ours.has(parent.pid))) {
      ours.add(process.pid);
      return undefined;
    }
    const key = processKey(process);
    const root = rootOf.get(key);
    if (root) return { gatewayId: root.gatewayId, basis: 'root', ancestors: [], detached: false };

    const parentMembership = parent && judged.get(parent.pid);
    const before = remembered.get(key);
    if (parentMembership) return child(process, parent!, parentMembership, before);
    if (before) return left(process, before);
    return stranger(process);
  }

  /** The parent is a member: so is the child, on the parent's ground. */
  function child(
    process: ProcessFact,
    parent: ProcessFact,
    of: Membership,
    before: FamilyMember | undefined,
  ): Membership {
    const reachesRoot = of.basis === 'root' || of.basis === 'descendant';
    // Lineage as first seen is kept: it is the evidence of which command started it.
    const ancestors = before?.ancestors.length
      ? before.ancestors
      : [processKey(parent), ...of.ancestors].slice(0, MAX_CHAIN);
    const gatewayId = before?.gatewayId ?? of.gatewayId;
    // Adopted before the first look at it: only the event of its birth told whose it is.
    if (reachesRoot && parent.pid !== process.ppid)
      return { gatewayId, basis: 'remembered', ancestors, detached: true };
    if (reachesRoot) return { gatewayId, basis: 'descendant', ancestors, detached: false };
    return { gatewayId, basis: of.basis, ancestors, detached: of.detached || hasLostParent(process, ancestors) };
  }

  /** Once a member, now without a parent in the family. */
  function left(process: ProcessFact, before: FamilyMember): Membership {
    // A gateway that was not recognised in this one look (its lock just went) is still the same process.
    if (before.basis === 'root') return { gatewayId: before.gatewayId, basis: 'root', ancestors: [], detached: false };
    const detached = before.detached || before.ancestors.length === 0 || hasLostParent(process, before.ancestors);
    const basis = before.basis === 'cgroup' || before.basis === 'environ' ? before.basis : 'remembered';
    return { gatewayId: before.gatewayId, basis, ancestors: before.ancestors, detached };
  }

  /** Never seen in the tree. */
  function stranger(process: ProcessFact): Membership | undefined {
    const service = services.find((group) => isInGroup(process.cgroup, group.path));
    if (service) return { gatewayId: service.gatewayId, basis: 'cgroup', ancestors: [], detached: true };
    const starters = roots.filter((one) => isStartedBy(process, one, roots.length === 1));
    // Two gateways in two namespaces can have the same port; a command lives in the namespace of its own.
    const isNear = ({ pid }: FamilyRoot) => table.processes.get(pid)?.netns === process.netns;
    const root = starters.find(isNear) ?? starters[0];
    if (root === undefined || !isOrphan(process, parentOf)) return undefined;
    return { gatewayId: root.gatewayId, basis: 'environ', ancestors: [], detached: true };
  }

  /** True when another process has adopted it. A parent that merely vanished while we read is no adoption yet. */
  function hasLostParent(process: ProcessFact, ancestors: readonly ProcessKey[]): boolean {
    const recorded = ancestors[0];
    if (recorded === undefined) return false;
    const parent = table.processes.get(process.ppid);
    return parent === undefined
      ? recorded !== `${process.ppid}:${recorded.split(':')[1]}`
      : processKey(parent) !== recorded;
  }

  return { membershipOf };
}

/** Control groups that hold one gateway and nothing else. A login session or a slice is shared with the user. */
function serviceGroups(table: ProcessTable, roots: readonly FamilyRoot[]): { path: string; gatewayId: string }[] {
  return roots.flatMap((root) => {
    const path = root.cgroup ?? table.processes.get(root.pid)?.cgroup;
    return path !== undefined && gatewayServiceOf(path) !== undefined ? [{ path, gatewayId: root.gatewayId }] : [];
  });
}

function isInGroup(cgroup: string | undefined, group: string): boolean {
  return cgroup !== undefined && (cgroup === group || cgroup.startsWith(`${group}/`));
}

/** Orphans of the gateway's user whose environment we may not read: a detached child could be among them. */
function unreadEnvironments(
  table: ProcessTable,
  roots: readonly FamilyRoot[],
  members: ReadonlyMap<ProcessKey, FamilyMember>,
): BlindSpot[] {
  const uids = new Set(roots.map((root) => table.processes.get(root.pid)?.uid).filter((uid) => uid !== undefined));
  let unread = 0;
  for (const process of table.processes.values()) {
    const matters = process.markersUnread && process.ppid === 1 && process.uid !== undefined && uids.has(process.uid);
    if (matters && !members.has(processKey(process))) unread++;
  }
  if (unread === 0) return [];
  return [
    {
      id: 'family.environ.unread',
      source: 'openclaw-family',
      what: `origin of ${unread} orphaned process${unread === 1 ? '' : 'es'} of the gateway's user`,
      why: 'their environment may not be read, so a detached command of the agent could be among them',
      fix: 'run ClawWatch as the user of the gateway, or as root',
      essential: false,
    },
  ];
}
