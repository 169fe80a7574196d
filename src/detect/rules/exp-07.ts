import { type Finding, type Fix, fingerprint, type Severity, shiftSeverity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { valueAt, wordsOf } from '../config-value.ts';
import { authGrade, describeReach, exposureSeverity, hasVersionBypass, reachesAtLeast } from '../exposure.ts';
import { processEvidence } from '../process-words.ts';
import { openclawCommand, restart, setConfig, verify } from '../remedies.ts';
import { type ReverseProxy, reverseProxies } from '../reverse-proxies.ts';
import { graver } from '../severity.ts';
import { finding, gatewaySubject, reachEvidence, socketWords, unknownFinding } from '../subjects.ts';

const ID = 'EXP-07';

export const exp07: Rule = {
  id: ID,
  title: 'Reverse proxy in front without attribution or authentication',
  what: 'A reverse proxy (nginx, Caddy, Traefik, HAProxy, Envoy, Apache, lighttpd) that others can reach and that was connected to a port of the gateway over loopback, while the gateway does not know it as a proxy or does not ask who comes.',
  why: 'Behind a proxy every stranger comes from 127.0.0.1. Old gateways trusted and paired whoever came from there, which was the first mass compromise; new ones refuse, and people then open the bind instead.',
  falsePositives:
    'A proxy is known by a connection to the gateway: one that has had no visitor since looking began is not told yet, and from its first visitor on it counts as long as it runs. A gateway that names its proxies and authenticates is info. A proxy in a container of its own comes over a bridge and not over loopback, and is not seen.',
  whatToDo:
    'Name the exact address of the proxy in gateway.trustedProxies, let the proxy overwrite X-Forwarded-* and authenticate there, and keep the bind on loopback.',
  severity: 'critical',
  severityRange:
    'medium to critical with a fault, by who can reach the proxy and by authentication, as in EXP-01 and EXP-02; one step less for the portal ingress, which is meant to stand behind a proxy; info without a fault',
  needs: 'T0',
  attack: ['T1190', 'T1550.001', 'T1199'],
  defaults: {},
  optionNotes: {},
  judge(snapshot) {
    return snapshot.gateways
      .filter((gateway) => gateway.running)
      .flatMap((gateway) => reverseProxies(snapshot, gateway))
      .map((proxy) => judgeProxy(proxy, snapshot));
  },
};

/** What is wrong with a gateway that stands behind a proxy, each with the words for a reader. */
function faultsOf(gateway: Gateway): string[] {
  const config = gateway.config.value;
  const isOn = (path: string) => valueAt(config, path) === true;
  const isTrustedProxy = gateway.auth.mode === 'trusted-proxy';
  const lacks = (path: string) => {
    const value = valueAt(config, path);
    return wordsOf(value).every((word) => word.trim() === '');
  };
  return [
    ...(hasVersionBypass(gateway) ? ['this version trusts and pairs whoever comes from 127.0.0.1'] : []),
    ...(lacks('gateway.trustedProxies') ? ['gateway.trustedProxies is empty: strangers count as this host'] : []),
    ...(gateway.auth.strength === 'none' ? ['there is no authentication behind the proxy'] : []),
    ...(gateway.auth.strength === 'weak' ? ['the secret behind the proxy is weak'] : []),
    ...(isTrustedProxy && lacks('gateway.auth.trustedProxy.userHeader')
      ? ['gateway.auth.trustedProxy.userHeader is not set']
      : []),
    ...(isTrustedProxy && lacks('gateway.auth.trustedProxy.allowUsers')
      ? ['gateway.auth.trustedProxy.allowUsers is empty: everybody whom the proxy names may come in']
      : []),
    ...(isOn('gateway.allowRealIpFallback') ? ['gateway.allowRealIpFallback lets a visitor claim any address'] : []),
    ...(isOn('gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback')
      ? ['the Host header of a visitor decides which origin is trusted']
      : []),
  ];
}

function severityOf({ gateway, reach, targets }: ReverseProxy): Severity {
  // On the tailnet the table knows info and low; a fault of the proxy set-up is worth more than that.
  const severity = graver(exposureSeverity(reach, authGrade(gateway)) ?? 'medium', 'medium');
  return targets.every(({ service }) => service === 'portal-ingress') ? shiftSeverity(severity, -1) : severity;
}

function judgeProxy(proxy: ReverseProxy, snapshot: Snapshot): Finding {
  const { gateway, program } = proxy;
  const isRead = gateway.config.status === 'read' || gateway.config.status === 'missing';
  // What a version or an authentication that is known to be bad says needs no file.
  if (!isRead && authGrade(gateway) !== 'none') return unread(proxy, snapshot);
  const faults = faultsOf(gateway);
  const from = describeReach(
    proxy.reach,
    proxy.fronts.flatMap(({ reachableAt }) => reachableAt),
  );
  return finding({
    ruleId: ID,
    severity: faults.length === 0 ? 'info' : severityOf(proxy),
    title:
      faults.length === 0
        ? `${program} passes ${from} on to gateway "${gateway.id}", which knows it as its proxy`
        : `${program} passes ${from} on to gateway "${gateway.id}": ${faults[0]}`,
    subject: gatewaySubject(gateway),
    why:
      faults.length === 0
        ? 'The gateway is open to them in spite of its bind, and the proxy and its authentication hold them off.'
        : 'To the gateway every visitor of the proxy comes from this host, whatever its bind and its firewall say.',
    evidence: [...faults.map((value) => ({ label: 'fault', value })), ...proxyEvidence(proxy, snapshot)],
    fixes: faults.length === 0 ? [] : fixes(proxy),
    confidence: proxy.confidence,
    fingerprint: fingerprint(ID, gateway.id, program, faults.length === 0 ? 'sound' : 'fault'),
    gatewayId: gateway.id,
    socketKeys: keysOf(proxy),
  });
}

function keysOf({ fronts, targets }: ReverseProxy): string[] {
  return [...fronts, ...targets].slice(0, 20).map(({ key }) => key);
}

function proxyEvidence({ fronts, targets, process, gateway, reach, confidence }: ReverseProxy, snapshot: Snapshot) {
  return [
    ...fronts.slice(0, 4).map((front) => ({ label: 'takes in', value: socketWords(front) })),
    ...fronts.slice(0, 4).flatMap((front) => reachEvidence(front.reachableAt, front.local.port)),
    ...targets.slice(0, 4).map((target) => ({ label: 'leads to', value: socketWords(target) })),
    ...processEvidence(process, snapshot),
    ...(confidence === 'certain'
      ? []
      : [{ label: 'known by', value: 'the user of the sockets; their owner was not seen' }]),
    { label: 'authentication', value: [gateway.auth.mode, ...gateway.auth.reasons].join('; ') },
    ...(reachesAtLeast(reach, 'public') ? [] : [{ label: 'reach', value: reach }]),
  ];
}

function fixes({ gateway, process }: ReverseProxy): Fix[] {
  return [
    ...(hasVersionBypass(gateway)
      ? [{ text: 'Bring OpenClaw up to date first.', command: openclawCommand(gateway, 'update') }]
      : []),
    setConfig(
      gateway,
      'Name the proxy, so that its visitors are told apart from this host; let it overwrite X-Forwarded-For and not append.',
      'gateway.trustedProxies',
      '["127.0.0.1"]',
    ),
    ...(gateway.auth.mode === 'none'
      ? [setConfig(gateway, 'Turn token authentication on.', 'gateway.auth.mode', 'token')]
      : []),
    ...restart(gateway),
    {
      text: 'Or stop the proxy until that is done. Do not bind the gateway wider instead.',
      command: `ps -o pid,ppid,user,lstart,args -p ${process.pid}`,
    },
    verify(),
  ];
}

function unread(proxy: ReverseProxy, snapshot: Snapshot): Finding {
  const { gateway, program } = proxy;
  return unknownFinding({
    ruleId: ID,
    title: `${program} passes strangers on to gateway "${gateway.id}", and whether it is set up for that could not be read`,
    subject: gatewaySubject(gateway),
    why: 'Without its configuration it cannot be said whether the gateway tells visitors of the proxy from this host.',
    evidence: [
      { label: 'configuration', value: `${gateway.config.path ?? 'no path known'}: ${gateway.config.status}` },
      ...proxyEvidence(proxy, snapshot),
    ],
    fixes: [{ text: 'Look as the user that runs the gateway.', command: 'clawwatch scan' }],
    fingerprint: fingerprint(ID, gateway.id, program, 'unknown'),
    gatewayId: gateway.id,
    socketKeys: keysOf(proxy),
  });
}
