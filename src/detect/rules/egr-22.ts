import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Connection, Listener, Owner, Snapshot } from '../../types/snapshot.ts';
import { type AgentContact, endEvidence, isNameless } from '../agent-contacts.ts';
import { AGENT_ROLES, type AgentFamily, agentFamilyOf, isOpenToOthers, socketInodeOf } from '../agent-family.ts';
import { disableSkill, freeze, inspect, muteRule } from '../agent-fixes.ts';
import { reachesAtLeast } from '../exposure.ts';
import { partialSight, sees } from '../partial-sight.ts';
import { programOf } from '../programs.ts';
import { finding, momentWords, ownerEvidence, ownerName, ownerSubject, socketWords } from '../subjects.ts';

interface Options {
  minAgeMs: number;
}

const ID = 'EGR-22';

export const egr22: Rule<Options> = {
  id: ID,
  title: 'Detached agent descendant with network activity',
  what: 'A process that the agent started has left its tree, outlived the command that made it, and holds a connection to somewhere else or listens.',
  why: 'OpenClaw ends the whole group of a command when the command ends. Who is still there has left it on purpose, to stay.',
  falsePositives:
    "Agents of SSH and GPG, message buses, multiplexers and the like count only when they are not the system's own file; build daemons only when they talk to other hosts. Approved, suppressed and expected contacts are no activity. Releases before 2026.9 leave innocent orphans behind, which mostly have no connection.",
  whatToDo: 'Find out which command started it, and look for what would start it again: cron, units, shell profiles.',
  severity: 'high',
  severityRange:
    'medium; high with a listener beyond loopback, with a connection for input and output, or with a bare address where names are seen',
  needs: 'T0',
  attack: ['T1543', 'T1036.005', 'T1059'],
  defaults: { minAgeMs: 60_000 },
  optionNotes: {
    minAgeMs: 'Age in ms from which it counts: what belongs to a command that just ended is gone by then.',
  },
  judge(snapshot, context) {
    const family = agentFamilyOf(snapshot);
    const listeners = Map.groupBy(snapshot.listeners, ({ owner }) => owner?.process.pid);
    const found = family.members
      .filter(({ member }) => member.detached)
      .flatMap(({ process }) =>
        survivor(family.ownerOf(process), listeners.get(process.pid) ?? [], family, snapshot, context),
      );
    const unseen = sees(snapshot, 'T1') ? undefined : 'who left the tree before a look saw him in it is not known';
    return [...found, ...partialSight(egr22, snapshot, unseen)];
  },
};

const SYSTEM_FOLDER = /^\/(?:usr|bin|sbin|lib|opt|nix\/store|snap)\//;
/** Programs that leave the tree of whoever starts them by design. */
const DAEMON =
  /^(?:ssh-agent|gpg-agent|dirmngr|keyboxd|scdaemon|dbus-daemon|dbus-broker|dbus-launch|tmux|tmux: server|screen|SCREEN|chrome_crashpad_handler|crashpad_handler|dockerd-rootless\.sh|rootlesskit)$/;
const BUILD_DAEMON = /(?:^|\/)(?:adb|sccache|bazel|watchman|ccache)$|GradleDaemon|KotlinCompileDaemon|\/bazel-/;

function survivor(
  owner: Owner,
  listeners: readonly Listener[],
  family: AgentFamily,
  snapshot: Snapshot,
  { now, options }: RuleContext<Options>,
): Finding[] {
  const { process, member } = owner;
  if (member === undefined || !AGENT_ROLES.has(owner.role)) return [];
  const age = process.startedAt === undefined ? now - member.firstSeenAt : now - process.startedAt;
  if (age < options.minAgeMs) return [];
  const contacts = family
    .connectionsOf(process.pid)
    .filter((connection): connection is AgentContact => isActivity(connection));
  if (contacts.length === 0 && listeners.length === 0) return [];
  if (isKnownDaemon(owner, contacts.length > 0)) return [];
  return [told(owner, contacts, listeners, reasonToRise(owner, contacts, listeners, snapshot))];
}

function isActivity({ direction, remote, remoteClass, verdict = 'unknown', owner }: Connection): boolean {
  if (owner === undefined || remote === undefined || direction === 'internal' || remoteClass === 'loopback')
    return false;
  return verdict === 'unknown' || verdict === 'learned';
}

/** Its name is its own choice; the system's file is not. */
function isKnownDaemon({ process }: Owner, talks: boolean): boolean {
  const isOfSystem = SYSTEM_FOLDER.test(process.exe ?? '');
  if (isOfSystem && DAEMON.test(programOf(process))) return true;
  return !talks && process.argv.slice(0, 40).some((word) => BUILD_DAEMON.test(word.slice(0, 300)));
}

function reasonToRise(
  { process }: Owner,
  contacts: readonly AgentContact[],
  listeners: readonly Listener[],
  snapshot: Snapshot,
): string | undefined {
  if (listeners.some(({ reach }) => reachesAtLeast(reach, 'container'))) return 'it listens beyond loopback';
  const inode = socketInodeOf(process.stdio?.[0]);
  if (inode > 0 && contacts.some((contact) => contact.inode === inode && isOpenToOthers(contact))) {
    return 'its input is a connection to another host';
  }
  const isBare = contacts.some((contact) => contact.remoteClass === 'public' && isNameless(contact));
  return isBare && sees(snapshot, 'T2') ? 'it talks to a bare address' : undefined;
}

function told(
  owner: Owner,
  contacts: readonly AgentContact[],
  listeners: readonly Listener[],
  rise: string | undefined,
): Finding {
  const { process, gatewayId } = owner;
  const subject = ownerSubject(owner);
  const severity: Severity = rise === undefined ? 'medium' : 'high';
  return finding({
    ruleId: ID,
    severity,
    title: `${ownerName(owner)} outlived the command that started it and ${contacts.length > 0 ? 'talks to other hosts' : 'listens'}`,
    subject,
    why: 'OpenClaw ends what a command leaves behind. This process left the tree of its command and went on by itself.',
    evidence: [
      ...endEvidence(contacts),
      ...listeners.slice(0, 4).map((listener) => ({ label: 'listens on', value: socketWords(listener) })),
      ...(process.startedAt === undefined ? [] : [{ label: 'runs since', value: momentWords(process.startedAt) }]),
      ...(rise === undefined ? [] : [{ label: 'sign', value: rise }]),
      ...ownerEvidence(owner),
    ],
    fixes: [inspect(process), freeze(process), ...disableSkill(owner), muteRule(ID, owner)],
    confidence: owner.confidence,
    fingerprint: fingerprint(ID, gatewayId ?? '', subject),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: [...contacts, ...listeners].map(({ key }) => key).slice(0, 50),
    hints: { pids: [process.pid] },
  });
}
