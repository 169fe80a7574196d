import { type Evidence, type Finding, type Fix, fingerprint, type Severity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import { secretAt } from '../config-value.ts';
import { reachesAtLeast } from '../exposure.ts';
import { openclawCommand, restart, setConfig } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';

const ID = 'POS-01';

export const pos01: Rule = {
  id: ID,
  title: 'Gateway authentication missing or weak',
  what: 'A gateway whose effective authentication is none, a placeholder, a secret that is too short, trusted-proxy without proxies, or a secret that the hooks use as well.',
  why: 'Loopback is no substitute: every local program and every web page in a local browser can connect. Of the gateways found open in early 2026, most could be entered without a password.',
  falsePositives:
    'A secret that is given by reference cannot be measured by us and is UNKNOWN, never weak. The strength of a passphrase is judged by its length alone.',
  whatToDo: 'Let OpenClaw generate a token, use a different one for hooks, and restart the gateway.',
  severity: 'critical',
  severityRange:
    'critical when the tailnet, the LAN or the internet can reach the gateway, high in a container or when the reach is unknown, medium on loopback, low while it is not running',
  needs: 'T0',
  attack: ['T1552.001', 'T1133'],
  defaults: {},
  optionNotes: {},
  judge(snapshot) {
    return snapshot.gateways.flatMap((gateway) => {
      const reused = reusedSecrets(gateway);
      const { strength } = gateway.auth;
      if (strength === 'none' || strength === 'weak' || reused.length > 0) return [weak(gateway, reused)];
      return strength === 'unknown' ? [unreadable(gateway)] : [];
    });
  },
};

/** Gateway secrets that equal the token of the hooks: whoever may post a hook may then control the gateway. */
function reusedSecrets(gateway: Gateway): string[] {
  const hooks = secretAt(gateway.config.value, 'hooks.token')?.hash;
  if (hooks === undefined) return [];
  return ['gateway.auth.token', 'gateway.auth.password'].filter(
    (key) => secretAt(gateway.config.value, key)?.hash === hooks,
  );
}

function severityOf(gateway: Gateway): Severity {
  if (!gateway.running) return 'low';
  if (reachesAtLeast(gateway.reach, 'tailnet')) return 'critical';
  return gateway.reach === 'loopback' ? 'medium' : 'high';
}

function weak(gateway: Gateway, reused: readonly string[]): Finding {
  const { mode, strength, reasons } = gateway.auth;
  const fault = {
    none: 'has no authentication',
    weak: 'has weak authentication',
    sound: 'shares its secret with the hooks',
    unknown: 'shares its secret with the hooks',
  }[strength];
  return finding({
    ruleId: ID,
    severity: severityOf(gateway),
    title: `${gatewayName(gateway)} ${fault}${gateway.reach === 'loopback' || !gateway.running ? '' : ` and can be reached from ${gateway.reach === 'unknown' ? 'an unknown extent' : `beyond this host (${gateway.reach})`}`}`,
    subject: gatewaySubject(gateway),
    why:
      gateway.reach === 'loopback'
        ? 'Every program and every web page in a browser on this host can try to drive the gateway.'
        : 'Whoever can connect can drive the gateway, or needs little to.',
    evidence: [
      { label: 'mode', value: mode },
      ...reasons.map((reason): Evidence => ({ label: 'reason', value: reason })),
      ...reused.map((key): Evidence => ({ label: 'reused', value: `${key} is the same secret as hooks.token` })),
      { label: 'reach', value: gateway.running ? gateway.reach : 'not running' },
      ...(gateway.config.path === undefined ? [] : [{ label: 'configuration', value: gateway.config.path }]),
    ],
    fixes: fixes(gateway, reused),
    confidence: gateway.confidence,
    fingerprint: fingerprint(ID, gateway.id, strength, ...reused),
    gatewayId: gateway.id,
    socketKeys: [...gateway.gatewayListeners],
  });
}

function fixes(gateway: Gateway, reused: readonly string[]): Fix[] {
  return [
    ...(gateway.auth.mode === 'none'
      ? [setConfig(gateway, 'Turn token authentication on.', 'gateway.auth.mode', 'token')]
      : []),
    ...(gateway.auth.mode === 'trusted-proxy'
      ? [
          {
            text: 'Name the exact address of the proxy in gateway.trustedProxies and the header in gateway.auth.trustedProxy.userHeader.',
          },
        ]
      : [
          {
            text: 'Let OpenClaw make a long random token.',
            command: openclawCommand(gateway, 'doctor', '--generate-gateway-token'),
          },
        ]),
    ...(reused.length > 0 ? [{ text: 'Give hooks.token a secret of its own.' }] : []),
    ...restart(gateway),
  ];
}

function unreadable(gateway: Gateway): Finding {
  return unknownFinding({
    ruleId: ID,
    title: `${gatewayName(gateway)}: whether it has sound authentication could not be read`,
    subject: gatewaySubject(gateway),
    why: 'The secret or the configuration was out of our reach. That is not the same as weak, and not the same as sound.',
    evidence: [
      { label: 'mode', value: gateway.auth.mode },
      ...gateway.auth.reasons.map((reason) => ({ label: 'reason', value: reason })),
      { label: 'configuration', value: `${gateway.config.path ?? 'no path known'}: ${gateway.config.status}` },
    ],
    fixes: [
      {
        text: "OpenClaw's own audit can resolve its secrets; run it as the user that runs the gateway.",
        command: openclawCommand(gateway, 'security', 'audit'),
      },
    ],
    fingerprint: fingerprint(ID, gateway.id, 'unknown'),
    gatewayId: gateway.id,
  });
}
