import { type Finding, type Fix, fingerprint, type Severity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { ServeRoute } from '../../types/host-facts.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { valueAt } from '../config-value.ts';
import { authGrade } from '../exposure.ts';
import { portsOfGateway } from '../forwarders.ts';
import { afterExposure, setConfig } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';
import { isOwnHost } from '../tunnel-programs.ts';

const ID = 'EXP-06';

export const exp06: Rule = {
  id: ID,
  title: 'Tailscale Funnel (or wide Serve) in front of the gateway',
  what: "A route of Tailscale Funnel that ends at a port of the gateway, also at one of its unnamed loopback listeners; the gateway's own setting for it where Tailscale could not be asked; and a Serve route without authentication behind it.",
  why: 'Funnel turns a loopback socket into a public HTTPS address, with a name that certificate logs publish on the first day.',
  falsePositives:
    'A Funnel to another program of this host is none of its business. Serve is open to the tailnet alone and only info, or low when the gateway asks for no authentication. That Tailscale could not be asked is said once, and only where Tailscale runs beside a gateway.',
  whatToDo: 'Turn Funnel off, or back to Serve; then treat the gateway as found.',
  severity: 'critical',
  severityRange:
    'Funnel high with sound authentication, critical with any other; Serve info, low without authentication; UNKNOWN where Tailscale could not be asked',
  needs: 'T0',
  attack: ['T1133', 'T1572'],
  defaults: {},
  optionNotes: {},
  judge(snapshot) {
    return snapshot.gateways
      .filter((gateway) => gateway.running)
      .flatMap((gateway) => {
        const serves = snapshot.hostFacts?.serves;
        if (serves === undefined) return byConfiguration(gateway, snapshot);
        const own = serves.filter((route) => endsAt(route, gateway, snapshot));
        const open = own.filter(({ funnel }) => funnel);
        return open.length > 0 ? [funnelled(gateway, open)] : own.length > 0 ? [served(gateway, own)] : [];
      });
  },
};

function endsAt({ target }: ServeRoute, gateway: Gateway, snapshot: Snapshot): boolean {
  // `https+insecure://`: a scheme that URL parsers know nothing of, and a bare port or host:port.
  const text = /^\d{1,5}$/.test(target)
    ? `http://127.0.0.1:${target}`
    : target.replace(/^(?!\w[\w+.-]*:\/\/)/, 'http://');
  const url = URL.parse(text.replace('https+insecure:', 'https:'));
  if (url === null) return false;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const own = new Set(snapshot.interfaces.map(({ address }) => address));
  if (!isOwnHost(url.hostname.replace(/^\[|\]$/g, ''), own)) return false;
  return port === gateway.declared.port || portsOfGateway(snapshot, gateway).some(({ local }) => local.port === port);
}

function openSeverity(gateway: Gateway): Severity {
  return authGrade(gateway) === 'sound' ? 'high' : 'critical';
}

function funnelled(gateway: Gateway, routes: readonly ServeRoute[]): Finding {
  const isOwn = tailscaleMode(gateway) === 'funnel';
  const fronts = [...new Set(routes.map(({ front }) => front))].sort();
  return finding({
    ruleId: ID,
    severity: openSeverity(gateway),
    title: `${gatewayName(gateway)} is on the internet through Tailscale Funnel at ${fronts[0]}`,
    subject: gatewaySubject(gateway),
    why: 'The name of a Funnel is published with its certificate, so it is found without being told to anybody.',
    evidence: [
      ...routes.slice(0, 8).map(routeEvidence),
      {
        label: 'set up by',
        value: isOwn ? 'gateway.tailscale.mode' : 'somebody outside of OpenClaw, which does not know of it',
      },
      { label: 'authentication', value: [gateway.auth.mode, ...gateway.auth.reasons].join('; ') },
    ],
    fixes: close(gateway, isOwn),
    confidence: 'certain',
    fingerprint: fingerprint(ID, gateway.id, 'funnel'),
    gatewayId: gateway.id,
  });
}

function routeEvidence({ front, path, target, funnel }: ServeRoute) {
  return { label: funnel ? 'Funnel' : 'Serve', value: `${front}${path} to ${target}` };
}

function served(gateway: Gateway, routes: readonly ServeRoute[]): Finding {
  const isOpen = authGrade(gateway) === 'none';
  return finding({
    ruleId: ID,
    severity: isOpen ? 'low' : 'info',
    title: `${gatewayName(gateway)} is open to the tailnet through Tailscale Serve${isOpen ? ', without authentication' : ''}`,
    subject: gatewaySubject(gateway),
    why: isOpen
      ? 'Every device of the tailnet, a shared one too, may drive the gateway.'
      : 'This is a recommended way in: devices of the tailnet alone, and authentication behind it.',
    evidence: routes.slice(0, 8).map(routeEvidence),
    fixes: isOpen ? [setConfig(gateway, 'Turn token authentication on.', 'gateway.auth.mode', 'token')] : [],
    confidence: 'certain',
    fingerprint: fingerprint(ID, gateway.id, 'serve'),
    gatewayId: gateway.id,
  });
}

function tailscaleMode(gateway: Gateway): unknown {
  return valueAt(gateway.config.value, 'gateway.tailscale.mode');
}

function close(gateway: Gateway, isOwn: boolean): Fix[] {
  return [
    ...(isOwn
      ? [setConfig(gateway, 'Let OpenClaw use Serve, which stays in the tailnet.', 'gateway.tailscale.mode', 'serve')]
      : []),
    { text: 'Take every Funnel route of this host away.', command: 'tailscale funnel reset' },
    ...afterExposure(gateway),
    { text: 'Look again at what is open.', command: 'tailscale funnel status' },
  ];
}

/** Nobody asked Tailscale. What the gateway itself would set up is known all the same. */
function byConfiguration(gateway: Gateway, snapshot: Snapshot): Finding[] {
  if (tailscaleMode(gateway) === 'funnel') {
    return [
      finding({
        ruleId: ID,
        severity: openSeverity(gateway),
        title: `${gatewayName(gateway)} is set to open itself to the internet through Tailscale Funnel`,
        subject: gatewaySubject(gateway),
        why: 'Its socket stays on loopback and every check of the bind looks well, while Tailscale forwards strangers to it.',
        evidence: [
          { label: 'gateway.tailscale.mode', value: 'funnel' },
          { label: 'not seen', value: 'what Tailscale really serves' },
        ],
        fixes: close(gateway, true),
        confidence: 'likely',
        fingerprint: fingerprint(ID, gateway.id, 'funnel'),
        gatewayId: gateway.id,
      }),
    ];
  }
  const runsTailscale = snapshot.processes.some(({ comm }) => comm === 'tailscaled' || comm === 'tailscaled.exe');
  const isTold = snapshot.blindSpots.some(({ id, gatewayId }) => id === TOLD && gatewayId === gateway.id);
  return runsTailscale && !isTold ? [tailscaleUnknown(gateway)] : [];
}

const TOLD = 'enrich.tailscale.served';

function tailscaleUnknown(gateway: Gateway): Finding {
  return unknownFinding({
    ruleId: ID,
    // Rare, and set up by hand: it is listed, and does not take the answer about the socket away.
    severity: 'info',
    title: `${gatewayName(gateway)}: whether Tailscale Funnel leads to it could not be seen`,
    subject: gatewaySubject(gateway),
    why: 'Tailscale forwards from inside its own process to a loopback port, and no socket of the host tells to whom.',
    evidence: [{ label: 'seen', value: 'tailscaled runs on this host' }],
    fixes: [{ text: 'Ask Tailscale.', command: 'tailscale serve status' }],
    fingerprint: fingerprint(ID, gateway.id, 'unknown'),
    gatewayId: gateway.id,
  });
}
