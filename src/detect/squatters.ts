import { type Finding, fingerprint, type Severity } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Listener, Owner, Role, Snapshot } from '../types/snapshot.ts';
import { COMMAND_ROLES } from './agent-family.ts';
import { hasLasted } from './damping.ts';
import { openclawCommand, verify } from './remedies.ts';
import type { NewListenerOptions } from './rules/exp-09.ts';
import {
  finding,
  gatewayName,
  gatewaySubject,
  ownerEvidence,
  ownerName,
  ownerSubject,
  reachEvidence,
  socketWords,
  unknownFinding,
} from './subjects.ts';

const ID = 'EXP-09';

// Roles that a gateway starts to serve on its ports; a squatter is none of them.
const SERVING_ROLES: ReadonlySet<Role> = new Set<Role>(['gateway', 'helper', 'browser']);

// Where systems install it. A copy elsewhere, or a program that only calls itself ssh, is not believed.
const SSH = new Set(['/usr/bin/ssh', '/bin/ssh', '/usr/local/bin/ssh', '/opt/homebrew/bin/ssh']);

/** Processes that hold a gateway's port and are not that gateway (the second half of EXP-09). */
export function squatters(snapshot: Snapshot, context: RuleContext<NewListenerOptions>): Finding[] {
  return snapshot.gateways.flatMap((gateway) => {
    const onPort = snapshot.listeners.filter((listener) => isOnPortOf(listener, gateway));
    const strangers = onPort.filter(
      (listener) => listener.owner !== undefined && isStranger(listener, listener.owner, gateway),
    );
    const lasting = strangers.filter((listener) => hasLasted(listener, context, context.options.overlapMs));
    const byOwner = Map.groupBy(
      lasting,
      (listener) => `${ownerSubject(listener.owner!)} ${isMainPort(listener, gateway)}`,
    );
    const findings = [...byOwner.values()].map((held) => squatting(gateway, held));
    const unseen = onPort.filter(
      (listener) =>
        listener.owner === undefined && isMainPort(listener, gateway) && listener.service !== 'docker-proxy',
    );
    return unseen.length === 0 ? findings : [...findings, ownerUnseen(gateway, unseen)];
  });
}

function isMainPort(listener: Listener, gateway: Gateway): boolean {
  return listener.local.port === gateway.declared.port;
}

/** The gateway port, and the companions to which OpenClaw sends its token: browser control and extension relay. */
function isOnPortOf(listener: Listener, gateway: Gateway): boolean {
  if (listener.protocol !== 'tcp' || listener.state !== 'LISTEN') return false;
  const sameNetwork = gateway.netns === undefined ? listener.place === 'host' : listener.netns === gateway.netns;
  const base = gateway.declared.port;
  return sameNetwork && [base, base + 2, base + 10].includes(listener.local.port);
}

function isStranger(listener: Listener, owner: Owner, gateway: Gateway): boolean {
  if (listener.service === 'docker-proxy') return false;
  const isThisGateway =
    gateway.pid !== undefined && owner.process.pid === gateway.pid && owner.process.startTicks === gateway.startTicks;
  if (isThisGateway) return false;
  // Another gateway on the same port is a conflict between profiles, and its own findings speak for it.
  return !SERVING_ROLES.has(owner.role) || (owner.role === 'browser' && isMainPort(listener, gateway));
}

function squatting(gateway: Gateway, held: Listener[]): Finding {
  const owner = held[0]!.owner!;
  const main = isMainPort(held[0]!, gateway);
  const where = held.map(socketWords).join(' and ');
  return finding({
    ruleId: ID,
    severity: severityOf(gateway, owner, main),
    title: `${ownerName(owner)} (pid ${owner.process.pid}) holds ${where}, ${main ? 'the port' : 'a companion port'} of gateway "${gateway.id}", and is not the gateway`,
    subject: ownerSubject(owner),
    why: isForward(gateway, owner)
      ? 'The gateway is not running and an SSH forward answers in its place: normal when you use a gateway on another machine.'
      : "Clients send their token to whatever answers there. A more specific address wins over the gateway's own, so it need not even be stopped.",
    evidence: [
      ...held.map((listener) => ({ label: 'listens on', value: socketWords(listener) })),
      ...held.flatMap((listener) => reachEvidence(listener.reachableAt, listener.local.port)),
      ...ownerEvidence(owner),
      { label: 'gateway', value: gateway.running ? `running, pid ${gateway.pid ?? 'unknown'}` : 'not running' },
    ],
    fixes: [
      {
        text: 'Until this is resolved do not open the Control UI and do not run the openclaw command. Look at the process, and end it when it is not yours.',
        command: `ps -o pid,ppid,user,lstart,args -p ${owner.process.pid}`,
      },
      {
        text: 'Then make a new gateway token.',
        command: openclawCommand(gateway, 'doctor', '--generate-gateway-token'),
      },
      verify(),
    ],
    confidence: owner.confidence,
    fingerprint: fingerprint(ID, gateway.id, 'squatter', ownerSubject(owner), main ? 'main' : 'companion'),
    gatewayId: gateway.id,
    socketKeys: held.map(({ key }) => key),
  });
}

function severityOf(gateway: Gateway, owner: Owner, main: boolean): Severity {
  if (isForward(gateway, owner)) return 'info';
  return main || COMMAND_ROLES.has(owner.role) ? 'high' : 'medium';
}

/** `ssh -L 18789:…` to a gateway elsewhere, on a machine whose own gateway is stopped. */
function isForward(gateway: Gateway, owner: Owner): boolean {
  return !gateway.running && owner.role === 'other' && SSH.has(owner.process.exe ?? '');
}

function ownerUnseen(gateway: Gateway, unseen: Listener[]): Finding {
  return unknownFinding({
    ruleId: ID,
    title: `${gatewayName(gateway)}: who holds ${unseen.map(socketWords).join(' and ')} could not be seen`,
    subject: gatewaySubject(gateway),
    why: 'It may be the gateway, or another program that answers in its place and collects tokens.',
    evidence: unseen.map((listener) => ({ label: 'listens on', value: socketWords(listener) })),
    fixes: [{ text: 'Look as the user that runs the gateway, or as root.', command: 'sudo clawwatch scan' }],
    fingerprint: fingerprint(ID, gateway.id, 'owner unseen'),
    gatewayId: gateway.id,
    socketKeys: unseen.map(({ key }) => key),
  });
}
