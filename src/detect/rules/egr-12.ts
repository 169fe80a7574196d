import { type Finding, fingerprint } from '../../types/finding.ts';
import type { AddressClass } from '../../types/ip.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { type AgentContact, bySubject, endEvidence, endWords, unexplained } from '../agent-contacts.ts';
import { COMMAND_ROLES } from '../agent-family.ts';
import { allowEnd, disableSkill, inspect, muteRule } from '../agent-fixes.ts';
import { type NearService, serviceOfLoopback, serviceOfNetwork } from '../near-services.ts';
import { graver } from '../severity.ts';
import { finding, ownerEvidence, ownerName } from '../subjects.ts';

const ID = 'EGR-12';

export const egr12: Rule = {
  id: ID,
  title: 'Contact with LAN hosts or sensitive local services',
  what: 'A skill, command or detached process contacts a machine of a private network that nothing explains, or a port of this host that controls a browser, Docker, a running program or a data base.',
  why: 'From here an agent gets to machines that no stranger could reach. The debugging port of the browser is every session in it.',
  falsePositives:
    'What is configured, approved or learned is left out, and so are name, time, discovery and printing services, tailnet peers, and whatever the gateway, its helpers and its browser do. A data base on loopback is only low for a command. While learning, a plain new host is info. All contacts of one skill or command are one finding, which rises with the gravest.',
  whatToDo:
    'Allow the host and port for this skill if it belongs to its work; if not, stop it and look at what it reached.',
  severity: 'high',
  severityRange:
    'low for one new host of a private network, medium for ports of administration and data and for control ports on loopback; high for Docker without authentication, and for SSH and file sharing by a skill or detached process; low for data bases on loopback by a command',
  needs: 'T0',
  attack: ['T1021.004', 'T1210', 'T1046', 'T1185', 'T1539'],
  defaults: {},
  optionNotes: {},
  judge(snapshot, context) {
    const graded = [...onNetwork(snapshot, context), ...onLoopback(snapshot)];
    const services = new Map(graded.map(({ contact, service }) => [contact, service]));
    return bySubject([...services.keys()], () => '').map(({ subject, groups }) => told(subject, groups[0]!, services));
  },
};

const NEAR: ReadonlySet<AddressClass | undefined> = new Set<AddressClass>(['private', 'link-local', 'cgnat']);

interface Graded {
  contact: AgentContact;
  service: NearService;
}

function onNetwork(snapshot: Snapshot, { history, now }: RuleContext): Graded[] {
  const until = history.learningUntil();
  const isLearning = until === undefined || now < until;
  return unexplained(snapshot, COMMAND_ROLES).flatMap((contact) => {
    if (!NEAR.has(contact.remoteClass)) return [];
    const { port } = contact.remote;
    const service = serviceOfNetwork({ port, protocol: contact.protocol }, contact.owner.role);
    if (service === undefined) return [];
    // Only novelty is learned; a port of administration is one from the first second.
    const isPlain = service.severity === 'low' && isLearning;
    return [{ contact, service: isPlain ? { ...service, severity: 'info' as const } : service }];
  });
}

/** The client's row of a loopback connection; the other one belongs to the service. Nobody gives these a verdict. */
function onLoopback({ connections, gateways }: Snapshot): Graded[] {
  return connections.flatMap((connection) => {
    const { owner, remote, remoteClass, protocol, verdict } = connection;
    if (remoteClass !== 'loopback' || protocol !== 'tcp' || owner === undefined || !COMMAND_ROLES.has(owner.role))
      return [];
    if (remote === undefined || verdict === 'approved' || verdict === 'suppressed') return [];
    const gateway = gateways.find(({ id }) => id === owner.gatewayId);
    const service = serviceOfLoopback(remote.port, owner.role, gateway);
    return service === undefined ? [] : [{ contact: { ...connection, owner, remote }, service }];
  });
}

function told(
  subject: string,
  contacts: readonly AgentContact[],
  services: ReadonlyMap<AgentContact, NearService>,
): Finding {
  const severity = contacts.map((contact) => services.get(contact)!.severity).reduce(graver);
  const first = contacts.find((contact) => services.get(contact)!.severity === severity)!;
  const { owner } = first;
  const { gatewayId } = owner;
  const ends = new Set(contacts.map(endWords)).size;
  const more = ends > 1 ? ` and ${ends - 1} more` : '';
  return finding({
    ruleId: ID,
    severity,
    title: `${ownerName(owner)} contacts ${services.get(first)!.name} at ${endWords(first)}${more}`,
    subject,
    why: 'Services that only this machine or network can reach mostly trust whoever reaches them. What the agent runs can then go on from there.',
    evidence: [
      ...endEvidence([first, ...contacts]),
      ...[...new Set(contacts.map((contact) => services.get(contact)!.name))]
        .slice(0, 8)
        .map((value) => ({ label: 'service', value })),
      ...ownerEvidence(owner),
    ],
    fixes: [
      ...(first.remoteClass === 'loopback' ? [muteRule(ID, owner)] : allowEnd(owner, first)),
      inspect(owner.process),
      ...disableSkill(owner),
    ],
    confidence: owner.confidence,
    // Without the host: forty machines in a row are one sweep, and the second kind of contact makes it graver.
    fingerprint: fingerprint(ID, gatewayId ?? '', subject),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: contacts.map(({ key }) => key).slice(0, 50),
  });
}
