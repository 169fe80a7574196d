import { type Finding, type Fix, fingerprint, type Severity } from '../types/finding.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Listener, Owner, ServiceName, Snapshot } from '../types/snapshot.ts';
import { COMMAND_ROLES } from './agent-family.ts';
import { hasLasted, listenerAgeMs } from './damping.ts';
import { describeReach, reachesAtLeast } from './exposure.ts';
import { verify } from './remedies.ts';
import type { NewListenerOptions } from './rules/exp-09.ts';
import {
  finding,
  momentWords,
  ownerEvidence,
  ownerName,
  ownerSubject,
  reachEvidence,
  socketWords,
} from './subjects.ts';

const ID = 'EXP-09';

const DECLARED: ReadonlySet<ServiceName> = new Set<ServiceName>([
  'docker-proxy',
  'mdns',
  'portal',
  'portal-ingress',
  'gateway-internal',
]);

// Multicast discovery: every client binds the port of the protocol and shares it.
const DISCOVERY_PORTS: ReadonlySet<number> = new Set([5353, 1900, 5355]);

/** Listeners that skills, commands and detached processes hold (the first half of EXP-09). */
export function agentListeners(snapshot: Snapshot, context: RuleContext<NewListenerOptions>): Finding[] {
  return snapshot.listeners.flatMap((listener) => {
    const { owner } = listener;
    if (owner === undefined || !COMMAND_ROLES.has(owner.role) || DECLARED.has(listener.service)) return [];
    const severity =
      listener.protocol === 'udp' ? udpSeverity(listener, context) : tcpSeverity(listener, owner, context);
    return severity === undefined ? [] : [opened(listener, owner, severity, context)];
  });
}

/** Inside a container "beyond loopback" is the container's network: other containers, and the publisher. */
function isBeyondLoopback(listener: Listener): boolean {
  return reachesAtLeast(listener.reach, 'container');
}

function tcpSeverity(listener: Listener, owner: Owner, context: RuleContext<NewListenerOptions>): Severity | undefined {
  if (isBeyondLoopback(listener)) return 'high';
  if (!hasLasted(listener, context, context.options.loopbackMs)) return undefined;
  return owner.role === 'exec' ? 'low' : 'medium';
}

function udpSeverity(listener: Listener, context: RuleContext<NewListenerOptions>): Severity | undefined {
  const { port } = listener.local;
  if (!isBeyondLoopback(listener) || DISCOVERY_PORTS.has(port)) return undefined;
  if (port < context.options.ephemeralFrom) return 'high';
  // Here age is the only evidence, and a single look may not claim an age that it has not seen.
  return listenerAgeMs(listener, context.now) >= context.options.udpMs ? 'medium' : undefined;
}

function opened(
  listener: Listener,
  owner: Owner,
  severity: Severity,
  context: RuleContext<NewListenerOptions>,
): Finding {
  const beyond = isBeyondLoopback(listener);
  const from = describeReach(listener.reach, listener.reachableAt);
  const gatewayId = owner.gatewayId ?? listener.gatewayId;
  // Ephemeral ports differ each time; a fixed one is part of what the program is.
  const port = listener.local.port < context.options.ephemeralFrom ? String(listener.local.port) : 'ephemeral';
  return finding({
    ruleId: ID,
    severity,
    title: `${ownerName(owner)} listens on ${socketWords(listener)}, open to ${from}`,
    subject: ownerSubject(owner),
    why: beyond
      ? 'What the agent starts has no reason to accept connections from other machines; a bind shell or payload server looks just like this.'
      : 'A listener that stays is a way back in for other local programs and for web pages in a browser on this host.',
    evidence: [
      { label: 'listens on', value: socketWords(listener) },
      ...reachEvidence(listener.reachableAt, listener.local.port),
      ...ownerEvidence(owner),
      { label: 'since', value: `${momentWords(listener.since.at)} (${listener.since.basis})` },
    ],
    fixes: stopFixes(owner),
    confidence: owner.confidence,
    fingerprint: fingerprint(
      ID,
      gatewayId ?? '',
      ownerSubject(owner),
      listener.protocol,
      port,
      beyond ? 'beyond' : 'loopback',
    ),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: [listener.key],
  });
}

function stopFixes(owner: Owner): Fix[] {
  return [
    {
      text: `Ask the agent to stop it (its process tool), or end pid ${owner.process.pid} yourself after checking that it still is the program named here.`,
      command: `ps -o pid,ppid,user,lstart,args -p ${owner.process.pid}`,
    },
    verify(),
  ];
}
