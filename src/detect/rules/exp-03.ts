import type { Fix } from '../../types/finding.ts';
import { type Finding, fingerprint, type Severity, shiftSeverity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import type { Listener } from '../../types/snapshot.ts';
import { COMPANION_SEVERITY, type Companion, type CompanionKind, companionOf } from '../companion-ports.ts';
import { isConfirmed } from '../damping.ts';
import { authGrade, describeReach, exposureSeverity, reachesAtLeast, widestReach } from '../exposure.ts';
import { bindLoopback, openclawCommand, unsetConfig, verify } from '../remedies.ts';
import { graver } from '../severity.ts';
import { finding, ownerEvidence, ownerName, ownerSubject, reachEvidence, socketWords } from '../subjects.ts';

interface Options {
  confirmMs: number;
}

const ID = 'EXP-03';

export const exp03: Rule<Options> = {
  id: ID,
  title: 'Companion or control port exposed',
  what: 'A listener of a gateway family other than the gateway port (browser control, Chrome remote debugging, VNC, Node inspector, widget sandbox host, portals, webhooks, MCP servers, Ollama, the ngrok console) that the tailnet, the LAN or the internet can reach.',
  why: 'Remote debugging and VNC hand over every logged-in session without a password; several releases opened them on all interfaces (CVE-2026-28395, CVE-2026-43581, CVE-2026-32064, CVE-2026-43575). An agent can open portals at run time, and no official check looks at those sockets.',
  falsePositives:
    'mDNS and other UDP sockets are not judged. Chrome remote debugging on the virtual adapter between Windows and WSL2 is documented practice and only medium. Webhooks check signatures and are mild. Listeners inside a container are left to its published ports. Unrelated programs on these port numbers are inventory and not findings; skills and commands on other ports are EXP-09.',
  whatToDo:
    'Bind the companion to 127.0.0.1 (webhookHost, cdpUrl, portals), put a proxy with authentication in front where it must be public, and run OpenClaw 2026.4.10 or newer.',
  severity: 'critical',
  severityRange:
    'control of browser, desktop or code: medium on the tailnet, high on the LAN, critical on the internet; MCP servers medium, high, high; portals, Ollama, ngrok console and unclassified ports low, medium, high; webhooks info, low, medium; sandbox host one step below the gateway itself',
  needs: 'T0',
  attack: ['T1133', 'T1185', 'T1539'],
  defaults: { confirmMs: 3000 },
  optionNotes: {
    confirmMs:
      'Age of the owning process in ms from which one look is enough; a browser opens its debugging port within a second.',
  },
  judge(snapshot, context) {
    const gateways = new Map(snapshot.gateways.map((gateway) => [gateway.id, gateway]));
    const incidents = new Map<string, Exposed[]>();
    for (const listener of snapshot.listeners) {
      if (listener.place === 'container' || !reachesAtLeast(listener.reach, 'tailnet')) continue;
      const gateway = gateways.get(listener.owner?.gatewayId ?? listener.gatewayId ?? '');
      const companion = companionOf(listener, gateway);
      const startedAt = listener.owner?.process.startedAt;
      if (
        companion === undefined ||
        !isConfirmed({ keys: [listener.key], startedAt }, context, context.options.confirmMs)
      )
        continue;
      const key = incidentKey(listener, companion.kind);
      incidents.set(key, [...(incidents.get(key) ?? []), { listener, gateway, companion }]);
    }
    return [...incidents.values()].map((exposed) => incident(exposed));
  },
};

interface Exposed {
  listener: Listener;
  gateway: Gateway | undefined;
  companion: Companion;
}

/** Ports of one kind held by one program are one incident: a browser's debugging port and its VNC, all portals. */
function incidentKey(listener: Listener, kind: CompanionKind): string {
  const owner = listener.owner === undefined ? 'unknown owner' : ownerSubject(listener.owner);
  return fingerprint(ID, listener.owner?.gatewayId ?? listener.gatewayId ?? '', owner, kind);
}

function incident(exposed: Exposed[]): Finding {
  const { listener, gateway, companion } = exposed[0]!;
  const { owner } = listener;
  const addresses = exposed.flatMap((one) => one.listener.reachableAt);
  const reach = widestReach(exposed.map((one) => one.listener.reach));
  const names = [...new Set(exposed.map((one) => `${one.companion.name} (port ${one.listener.local.port})`))];
  const holder =
    owner === undefined
      ? 'an unseen process'
      : `${ownerName(owner).charAt(0).toLowerCase()}${ownerName(owner).slice(1)}`;
  return finding({
    ruleId: ID,
    severity: exposed.map(severityOf).reduce(graver),
    title: `${names.slice(0, 3).join(' and ')} of ${holder} can be reached from ${describeReach(reach, addresses)}`,
    subject: owner === undefined ? `port ${listener.local.port}` : ownerSubject(owner),
    why: WHY[companion.kind],
    evidence: [
      ...exposed.map((one) => ({ label: 'listens on', value: `${socketWords(one.listener)} (${one.companion.name})` })),
      ...exposed.flatMap((one) => reachEvidence(one.listener.reachableAt, one.listener.local.port)),
      ...(owner === undefined ? [] : ownerEvidence(owner)),
      ...(exposed.every(isWslAdapter)
        ? [{ label: 'note', value: 'only on the virtual adapter between Windows and WSL2' }]
        : []),
    ],
    fixes: [...fixesFor(companion.kind, gateway), verify()],
    confidence: owner?.confidence ?? 'possible',
    fingerprint: incidentKey(listener, companion.kind),
    ...(gateway === undefined ? {} : { gatewayId: gateway.id }),
    socketKeys: exposed.map((one) => one.listener.key),
  });
}

function severityOf(exposed: Exposed): Severity {
  const { listener, gateway, companion } = exposed;
  const reach = listener.reach;
  if (reach !== 'tailnet' && reach !== 'lan' && reach !== 'public') return 'info';
  if (companion.kind === 'sandbox-host') {
    // It is open because the gateway is; alone it gives less than the gateway does.
    const grade = gateway === undefined ? 'unknown' : authGrade(gateway);
    return shiftSeverity(exposureSeverity(reach, grade) ?? 'medium', -1);
  }
  if (companion.kind === 'control' && reach === 'lan' && isWslAdapter(exposed)) return 'medium';
  return COMPANION_SEVERITY[companion.kind][reach];
}

/** Windows names the adapter to WSL2 `vEthernet (WSL)`; only what is reachable there and nowhere else counts. */
function isWslAdapter({ listener }: Exposed): boolean {
  const beyond = listener.reachableAt.filter(({ reach }) => reach !== 'loopback');
  return beyond.length > 0 && beyond.every((at) => at.interface?.startsWith('vEthernet') ?? false);
}

const WHY: Readonly<Record<CompanionKind, string>> = {
  control:
    'Whoever connects drives the browser, the desktop or the program itself, with all sessions that are logged in, and is asked for no password.',
  'sandbox-host':
    'It serves agent-made pages on the same addresses as the gateway, so it is open because the gateway is.',
  portal:
    'A portal forwards to a local service that was never meant for others; the agent can open one during a conversation.',
  webhook: 'Requests are checked by signature, but the handler runs inside the gateway and is as exposed as its bugs.',
  mcp: 'An MCP server runs tools for whoever connects; many have no authentication of their own.',
  model: 'Anybody can use the models, read what is loaded, and pull or delete models; Ollama has no authentication.',
  'tunnel-console': 'The console shows every request that passed the tunnel, tokens included, and can send it again.',
  canvas: 'This port belonged to old releases; nothing of a current OpenClaw should answer there.',
  unclassified: 'The family of the gateway opened a port that is no known service, and others can reach it.',
};

function fixesFor(kind: CompanionKind, gateway: Gateway | undefined): Fix[] {
  if (gateway === undefined) return [{ text: 'Bind the service to 127.0.0.1, or stop it.' }];
  switch (kind) {
    case 'control':
      return [
        unsetConfig(
          gateway,
          'Take a wildcard or LAN address out of the browser settings, and start the browser without --remote-debugging-address.',
          'browser.cdpUrl',
        ),
        {
          text: 'Run a release in which relays and noVNC stay on loopback (2026.4.10 or newer).',
          command: openclawCommand(gateway, 'update'),
        },
      ];
    case 'sandbox-host':
      return bindLoopback(gateway).slice(0, -1);
    case 'portal':
      return [
        {
          text: 'Ask the agent to close its portals, or stop them in the Control UI; a gateway that binds loopback opens them on loopback only.',
        },
      ];
    case 'webhook':
      return [
        { text: "Set the channel's webhookHost to 127.0.0.1 and let a proxy with TLS forward only the webhook path." },
      ];
    case 'model':
      return [{ text: 'Set OLLAMA_HOST to 127.0.0.1 in its service and restart it.' }];
    default:
      return [{ text: 'Bind the service to 127.0.0.1, or stop it.' }];
  }
}
