import {
  type Evidence,
  type Finding,
  type Fix,
  fingerprint,
  type Severity,
  shiftSeverity,
} from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import { formatEndpoint } from '../../types/ip.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { authGrade, exposureSeverity, gatewayListeners, widestReach } from '../exposure.ts';
import { type PublishedPort, publishedPorts } from '../published-ports.ts';
import { afterExposure, verify } from '../remedies.ts';
import { graver } from '../severity.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';

const ID = 'EXP-04';

export const exp04: Rule = {
  id: ID,
  title: 'Container publishes the gateway on all interfaces',
  what: "A port of a gateway in a container that the host gives to the network: by Docker's proxy process, by the engine's own word, or by an address translation without any listening socket.",
  why: 'Inside a container the gateway must listen on the wildcard, so its configuration looks the same whether it is open or not. A published port goes past UFW and firewalld to the container.',
  falsePositives:
    'A port published on 127.0.0.1 is silent, and a container on the network of the host is EXP-01 and EXP-02. A container without a visible gateway counts by its image or by port 18789 alone, and says how sure that is. Docker with its userland proxy switched off leaves no process and no socket: then only the engine or the packet filter show the port.',
  whatToDo: 'Publish on 127.0.0.1 and reach the gateway through an SSH forward or Tailscale Serve.',
  severity: 'critical',
  severityRange:
    'LAN medium, internet high; critical without authentication; one step down, not below low, where a Docker rule is proved to drop the port for both families',
  needs: 'T0',
  attack: ['T1133', 'T1610'],
  defaults: {},
  optionNotes: {},
  judge(snapshot) {
    const ports = publishedPorts(snapshot);
    const byName = Map.groupBy(ports, ({ name }) => name);
    const running = snapshot.gateways.filter((gateway) => gateway.running);
    return [
      ...[...byName.values()].map((same) => published(same, snapshot)),
      ...running.filter((gateway) => isInTheDark(gateway, ports, snapshot)).map(publishUnknown),
    ];
  },
};

function severityOf(port: PublishedPort, snapshot: Snapshot): Severity {
  const severity =
    exposureSeverity(port.reach, port.gateway === undefined ? 'unknown' : authGrade(port.gateway)) ?? 'low';
  return isDropped(port, snapshot) ? shiftSeverity(severity, -1, 'low') : severity;
}

/** Only a rule on the path of published ports counts: a rule of UFW is not on it. */
function isDropped({ hostPort }: PublishedPort, { hostFacts }: Snapshot): boolean {
  const onPath = (hostFacts?.firewall ?? []).filter(
    ({ port, protocol, by }) => port === hostPort && protocol === 'tcp' && /docker/i.test(by),
  );
  return [4, 6].every((family) => onPath.some((each) => each.family === family && each.answer === 'closed'));
}

function published(ports: PublishedPort[], snapshot: Snapshot): Finding {
  const lead = ports[0]!;
  const { gateway } = lead;
  const reach = widestReach(ports.map((port) => port.reach));
  const where = [...new Set(ports.map(({ hostAddress, hostPort }) => formatEndpoint(hostAddress, hostPort)))].sort();
  const who = gateway === undefined ? `A ${lead.name} that looks like OpenClaw` : gatewayName(gateway);
  return finding({
    ruleId: ID,
    severity: ports.map((port) => severityOf(port, snapshot)).reduce(graver),
    title: `${who} is published by its container engine on ${where.slice(0, 3).join(' and ')}, open to ${REACH_WORDS[reach]}`,
    subject: gateway === undefined ? lead.name : gatewaySubject(gateway),
    why: 'Published ports are translated before the rules of UFW and firewalld are asked, so "deny" there does not apply.',
    evidence: [...ports.slice(0, 8).map(portEvidence), ...firewallEvidence(ports, snapshot), ...authEvidence(gateway)],
    fixes: fixes(ports),
    confidence: lead.confidence,
    fingerprint: fingerprint(ID, lead.name, reach),
    ...(gateway === undefined ? {} : { gatewayId: gateway.id }),
    socketKeys: ports.flatMap(({ listenerKey }) => listenerKey ?? []),
  });
}

const REACH_WORDS = {
  loopback: 'this host only',
  container: 'other containers',
  tailnet: 'the tailnet',
  lan: 'the LAN',
  public: 'the internet',
} as const;

function portEvidence({ hostAddress, hostPort, containerPort, source }: PublishedPort): Evidence {
  const value = `${formatEndpoint(hostAddress, hostPort)} to port ${containerPort} of the container (known from: ${source})`;
  return { label: 'published', value };
}

function authEvidence(gateway: Gateway | undefined): Evidence[] {
  const value = gateway === undefined ? 'could not be read' : [gateway.auth.mode, ...gateway.auth.reasons].join('; ');
  return [{ label: 'authentication', value }];
}

function firewallEvidence(ports: readonly PublishedPort[], { hostFacts }: Snapshot): Evidence[] {
  const wanted = new Set(ports.map(({ hostPort }) => hostPort));
  return (hostFacts?.firewall ?? [])
    .filter(({ port }) => wanted.has(port))
    .slice(0, 6)
    .map(({ family, answer, by, reason }) => ({
      label: `firewall (IPv${family})`,
      value: `${by}: ${answer}, ${reason}${answer === 'closed' && !/docker/i.test(by) ? '; it does not apply to a published port' : ''}`,
    }));
}

function fixes(ports: readonly PublishedPort[]): Fix[] {
  const { hostPort, containerPort, gateway } = ports[0]!;
  const drop = (tool: string) =>
    `sudo ${tool} -I DOCKER-USER -p tcp -m conntrack --ctorigdstport ${hostPort} --ctdir ORIGINAL ! -s 127.0.0.0/8 -j DROP`;
  return [
    {
      text: `Publish it on this host alone: write "127.0.0.1:${hostPort}:${containerPort}" in the Compose file or behind -p, and create the container anew. This finds it.`,
      command: `docker ps --filter publish=${hostPort} --format '{{.Names}} {{.Ports}}'`,
    },
    { text: 'Until then drop it where published ports do pass, IPv4.', command: drop('iptables') },
    {
      text: 'And the same for IPv6, which has rules of its own.',
      command: drop('ip6tables').replace(' ! -s 127.0.0.0/8', ''),
    },
    ...(gateway === undefined ? [] : afterExposure(gateway)),
    verify(),
  ];
}

/** A gateway in a container, an engine that runs, and nothing that shows what the engine publishes. */
function isInTheDark(gateway: Gateway, ports: readonly PublishedPort[], snapshot: Snapshot): boolean {
  if (snapshot.hostFacts?.publishes !== undefined || ports.some((port) => port.gateway === gateway)) return false;
  // The look has said so already, as a blind spot of this gateway.
  if (snapshot.blindSpots.some(({ id, gatewayId }) => id === TOLD && gatewayId === gateway.id)) return false;
  // A publish on loopback is known, and then there is no second one to be feared that would not show the same way.
  if (gateway.reachableAt.some(({ reach, confidence }) => reach === 'loopback' && confidence === 'certain'))
    return false;
  const isInside = gatewayListeners(snapshot, gateway).some(({ place }) => place === 'container');
  return isInside && snapshot.processes.some(({ comm }) => ENGINES.has(comm));
}

const TOLD = 'enrich.container.published';
const ENGINES: ReadonlySet<string> = new Set(['dockerd', 'containerd', 'containerd-shim', 'conmon', 'podman', 'crio']);

function publishUnknown(gateway: Gateway): Finding {
  return unknownFinding({
    ruleId: ID,
    title: `${gatewayName(gateway)} runs in a container, and what is published of it could not be observed`,
    subject: gatewaySubject(gateway),
    why: 'Without its userland proxy the engine forwards by address translation alone, and no socket of the host shows it.',
    evidence: [{ label: 'port in the container', value: String(gateway.declared.port) }],
    fixes: [
      {
        text: 'Ask the engine.',
        command: `docker ps --filter publish=${gateway.declared.port} --format '{{.Names}} {{.Ports}}'`,
      },
    ],
    fingerprint: fingerprint(ID, gateway.id, 'unknown'),
    gatewayId: gateway.id,
  });
}
