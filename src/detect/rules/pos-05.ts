import { type Finding, fingerprint } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { ContainerIsolation } from '../../types/host-facts.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { shellQuote } from '../../types/text.ts';
import { type Hole, holesOf, sandboxHoles } from '../container-isolation.ts';
import { gatewayListeners } from '../exposure.ts';
import { openclawCommand, unsetConfig } from '../remedies.ts';
import { graver } from '../severity.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';

const ID = 'POS-05';

export const pos05: Rule = {
  id: ID,
  title: 'Container isolation broken',
  what: "A container of the gateway or of its tools that is privileged, holds the socket of the container engine, shares the network or the processes of its host, has joined another container's network, or has capabilities that reach out of it; and settings under which OpenClaw would start its tool containers so.",
  why: 'People let an agent do more because it is in a container. With one of these it is on the host, or on the network of everything else.',
  falsePositives:
    'The sandbox of OpenClaw needs the engine in some set-ups: the finding says which container has it, and can be muted with that reason. A gateway in a container without a sandbox for its tools is the ordinary case and not told: the container is the wall. Host network alone is also what EXP-01 and EXP-02 judge by the socket.',
  whatToDo: 'Take the hole out of the Compose file or the configuration and create the container anew.',
  severity: 'high',
  severityRange:
    'high for privileged, the engine socket, network or processes of the host and a joined network; medium for capabilities and for settings that merely allow it; UNKNOWN (info) where a gateway runs in a container that could not be looked at',
  needs: 'T0',
  attack: ['T1611', 'T1610', 'T1613'],
  defaults: {},
  optionNotes: {},
  judge(snapshot) {
    const containers = (snapshot.hostFacts?.isolation ?? []).filter(
      (container) =>
        container.isOpenClaw === true || container.isSandbox === true || gatewayIn(container, snapshot) !== undefined,
    );
    const open = containers.flatMap((container) => {
      const holes = holesOf(container);
      return holes.length === 0 ? [] : [holed(container, holes, gatewayIn(container, snapshot))];
    });
    return [
      ...open,
      ...snapshot.gateways.flatMap((gateway) => {
        const holes = sandboxHoles(gateway.config.value);
        return holes.length === 0 ? [] : [sandboxOf(gateway, holes)];
      }),
      ...snapshot.gateways.filter((gateway) => isUnseen(gateway, snapshot)).map(notLookedAt),
    ];
  },
};

function gatewayIn({ netns, hostNetwork }: ContainerIsolation, { gateways }: Snapshot): Gateway | undefined {
  // In the network of the host the namespace says nothing about who is in the container.
  if (netns === undefined || hostNetwork === true) return undefined;
  return gateways.find((gateway) => gateway.running && gateway.netns === netns);
}

function holed(container: ContainerIsolation, holes: readonly Hole[], gateway: Gateway | undefined): Finding {
  const what = container.isSandbox === true ? 'Tool container' : 'Container';
  const kinds = [...new Set(holes.map(({ kind }) => kind))].sort();
  const worst = holes.map(({ severity }) => severity).reduce(graver);
  const lead = holes.find(({ severity }) => severity === worst)!;
  // A tool container has a new name each time; its image is what it is.
  const name = container.isSandbox === true ? (container.image ?? 'sandbox') : container.container;
  return finding({
    ruleId: ID,
    severity: worst,
    title: `${what} "${container.container}" is not closed off: ${lead.what}`,
    subject: gateway === undefined ? `container ${name}` : gatewaySubject(gateway),
    why: 'Whatever the agent or a skill runs in it can get out of it, or at its neighbours.',
    evidence: [
      ...holes.map(({ kind, what: value }) => ({ label: kind, value })),
      {
        label: 'container',
        value: `${container.container}${container.image === undefined ? '' : ` (${container.image})`}`,
      },
      { label: 'known from', value: container.source === 'engine' ? 'the container engine' : 'its own process' },
    ],
    fixes: [
      {
        text: 'Look at how it was created, take the hole out there, and create it anew.',
        command: `docker inspect --format '{{json .HostConfig}}' ${shellQuote(container.container)}`,
      },
      {
        text: 'Where a tool needs the engine, give it a socket proxy that allows only what it needs, or a rootless engine of another user.',
      },
    ],
    confidence: container.isOpenClaw === true || gateway !== undefined ? 'certain' : 'likely',
    fingerprint: fingerprint(ID, container.isSandbox === true ? 'sandbox' : 'container', name, ...kinds),
    ...(gateway === undefined ? {} : { gatewayId: gateway.id }),
  });
}

function sandboxOf(gateway: Gateway, holes: ReturnType<typeof sandboxHoles>): Finding {
  const keys = [...new Set(holes.map(({ key }) => key))].sort();
  return finding({
    ruleId: ID,
    severity: holes.map(({ severity }) => severity).reduce(graver),
    title: `${gatewayName(gateway)} starts its tools in containers that are not closed off: ${holes[0]!.what}`,
    subject: gatewaySubject(gateway),
    why: 'Tools run what a model or a skill wrote. The sandbox is there to hold that, and this setting opens it.',
    evidence: holes.map(({ key, what }) => ({ label: key, value: what })),
    fixes: [
      ...keys.slice(0, 4).map((key) => unsetConfig(gateway, `Take ${key} back.`, key)),
      { text: 'Create the tool containers anew.', command: openclawCommand(gateway, 'sandbox', 'recreate', '--all') },
    ],
    confidence: 'certain',
    fingerprint: fingerprint(ID, gateway.id, 'sandbox settings', ...new Set(holes.map(({ kind }) => kind))),
    gatewayId: gateway.id,
  });
}

/** Only where its sockets prove a container of its own: a marker file alone also lies on development machines. */
function isUnseen(gateway: Gateway, snapshot: Snapshot): boolean {
  const isInside = gatewayListeners(snapshot, gateway).some(({ place }) => place === 'container');
  if (!gateway.running || !isInside) return false;
  return !(snapshot.hostFacts?.isolation ?? []).some(({ netns }) => netns !== undefined && netns === gateway.netns);
}

function notLookedAt(gateway: Gateway): Finding {
  return unknownFinding({
    ruleId: ID,
    severity: 'info',
    title: `${gatewayName(gateway)} runs in a container, and how well that one is closed off could not be seen`,
    subject: gatewaySubject(gateway),
    why: 'A mounted engine socket or a privileged container would let the agent out, and neither shows in its sockets.',
    evidence: [{ label: 'not seen', value: 'its mounts, capabilities and namespaces' }],
    fixes: [
      {
        text: 'Ask the engine.',
        command:
          "docker ps -q | xargs -r docker inspect --format '{{.Name}} {{.HostConfig.Privileged}} {{.HostConfig.NetworkMode}} {{.HostConfig.Binds}}'",
      },
    ],
    fingerprint: fingerprint(ID, gateway.id, 'unknown'),
    gatewayId: gateway.id,
  });
}
