import { type Finding, type Fix, fingerprint } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import { type DangerousSetting, dangerousSettings } from '../dangerous-settings.ts';
import { openclawCommand, setConfig, unsetConfig } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';

const ID = 'POS-04';

export const pos04: Rule = {
  id: ID,
  title: 'Dangerous network-relevant settings',
  what: "Settings of openclaw.json that open origins, trust proxies too widely, announce too much, publish the gateway or silence OpenClaw's own audit; and keys that OpenClaw does not know, as old guides recommend them.",
  why: 'Each of them belongs to a family of published holes. A key that OpenClaw does not know protects nobody, and a current gateway refuses to start on it.',
  falsePositives:
    'Full mDNS counts only where Bonjour is on, a missing rate limit only where the LAN can reach the gateway and no sound token stands before it. Flags that do nothing any more are info. A setting may be wanted; it stays listed until you suppress it.',
  whatToDo: 'Set the key to the safe value that the finding names.',
  severity: 'high',
  severityRange:
    'info for retired flags, low for announcements, old hand-shakes, silenced checks and unknown keys, medium for the rest, high for open origins and trust where the LAN or more can reach the gateway, and for Tailscale Funnel',
  needs: 'T0',
  attack: ['T1562.001', 'T1018'],
  defaults: {},
  optionNotes: {},
  judge(snapshot) {
    return snapshot.gateways.flatMap((gateway) => {
      const { status } = gateway.config;
      if (status === 'unreadable' || status === 'invalid') return [unreadable(gateway)];
      return [
        ...dangerousSettings(gateway, snapshot).map((setting) => dangerous(gateway, setting)),
        ...gateway.config.unknownKeys.map(({ key, hint }) => unknownKey(gateway, key, hint)),
      ];
    });
  },
};

function dangerous(gateway: Gateway, setting: DangerousSetting): Finding {
  const { key, value, why, safe, checkId, severity } = setting;
  const known = checkId === undefined ? '' : ` (${checkId})`;
  return finding({
    ruleId: ID,
    severity,
    title: `${gatewayName(gateway)}: ${key} is ${value}${known}`,
    subject: `${gatewaySubject(gateway)}, ${key}`,
    why,
    evidence: [
      { label: key, value },
      { label: 'safe value', value: safe ?? 'unset, or exact values without wildcards' },
      ...configEvidence(gateway),
    ],
    fixes: [
      safe === undefined
        ? unsetConfig(gateway, 'Remove it, or list exact values.', key)
        : setConfig(gateway, 'Set the safe value.', key, safe),
    ],
    confidence: gateway.confidence,
    fingerprint: fingerprint(ID, gateway.id, key),
    gatewayId: gateway.id,
  });
}

function unknownKey(gateway: Gateway, key: string, hint: string): Finding {
  return finding({
    ruleId: ID,
    severity: 'low',
    title: `${gatewayName(gateway)}: OpenClaw does not know the key ${key}`,
    subject: `${gatewaySubject(gateway)}, ${key}`,
    why: 'It has no effect, whatever a guide says about it: it neither opens nor protects anything, and a current gateway refuses to start on it.',
    evidence: [
      { label: key, value: 'unknown to OpenClaw' },
      ...(hint === '' ? [] : [{ label: 'write instead', value: hint }]),
      ...configEvidence(gateway),
    ],
    fixes: [unsetConfig(gateway, hint === '' ? 'Remove it.' : `Remove it. ${hint}`, key)],
    confidence: 'certain',
    fingerprint: fingerprint(ID, gateway.id, 'unknown key', key),
    gatewayId: gateway.id,
  });
}

function configEvidence({ config }: Gateway) {
  return config.path === undefined ? [] : [{ label: 'configuration', value: config.path }];
}

function unreadable(gateway: Gateway): Finding {
  const { config } = gateway;
  const validate: Fix = {
    text: 'See what OpenClaw says about the file.',
    command: openclawCommand(gateway, 'config', 'validate'),
  };
  return unknownFinding({
    ruleId: ID,
    title: `${gatewayName(gateway)}: its settings could not be ${config.status === 'invalid' ? 'understood' : 'read'}`,
    subject: gatewaySubject(gateway),
    why: 'Dangerous settings may be in it. The sockets were judged all the same; they do not need the file.',
    evidence: [
      ...configEvidence(gateway),
      ...config.problems.slice(0, 5).map((problem) => ({ label: 'problem', value: problem })),
    ],
    fixes: [
      config.status === 'invalid'
        ? validate
        : { text: 'Look as the user that runs the gateway, or as root.', command: 'sudo clawwatch scan' },
    ],
    fingerprint: fingerprint(ID, gateway.id, 'unreadable'),
    gatewayId: gateway.id,
  });
}
