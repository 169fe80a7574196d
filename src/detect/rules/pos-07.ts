import { type Finding, type Fix, fingerprint } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import { cleartextDetours, type Detour, environmentDetours, hostsDetours, resolverDetours } from '../name-path.ts';
import { restart } from '../remedies.ts';
import { finding, gatewaySubject } from '../subjects.ts';

interface Options {
  listed: number;
}

const ID = 'POS-07';

export const pos07: Rule<Options> = {
  id: ID,
  title: 'Name resolution, TLS trust or proxy path altered; cleartext remote',
  what: 'A line of the hosts file that leads a model provider, a chat service or a package registry elsewhere; a public name server that is new; variables of the gateway and its family that change trusted certificates, the proxy or the address of a provider; and a remote gateway, model or MCP server over clear text.',
  why: 'Whoever stands on that path reads prompts and keys, and answers in the place of the model.',
  falsePositives:
    'Names that lead to this host or to nowhere (0.0.0.0) are blocked and not diverted. Only well-known names are protected, because people pin hosts of their own. A proxy on loopback is how OpenClaw hides its secrets, certificates in a system folder are low, name servers of the private network never count, and a public one not within two minutes after sleep. A model in the LAN over http is ordinary. Variables count as far as the collector keeps them. Remote debugging in clear text is POS-04.',
  whatToDo: 'If it was not you: take it back, restart the gateway, and replace the keys that went over that path.',
  severity: 'high',
  severityRange:
    'high for a diverted name, for certificates from a folder open to everybody, for a switched-off check and for a foreign provider address; medium for clear text, a public proxy and a new public name server; low for a private proxy and for certificates in a system folder',
  needs: 'T0',
  attack: ['T1557', 'T1090.001', 'T1040'],
  defaults: { listed: 12 },
  optionNotes: { listed: 'How many diverted names are told one by one; the rest is counted in the last one.' },
  judge(snapshot, { options }) {
    // Without a gateway nobody's prompts go over these paths.
    if (snapshot.gateways.length === 0) return [];
    const hosts = hostsDetours(snapshot);
    return [
      ...hosts.slice(0, options.listed).map((detour, index) => {
        const more = index === options.listed - 1 ? hosts.length - options.listed : 0;
        return diverted(detour, more);
      }),
      ...resolverDetours(snapshot).map((detour) => ({
        ...diverted(detour, 0),
        hints: { restsOn: ['settled network'] as const },
      })),
      ...snapshot.gateways.flatMap((gateway) =>
        [...environmentDetours(gateway, snapshot), ...cleartextDetours(gateway, snapshot)].map((detour) =>
          ofGateway(detour, gateway),
        ),
      ),
    ];
  },
};

const WHY = 'Whoever answers there reads prompts, keys and messages, and can put words into the mouth of the model.';

function diverted(detour: Detour, more: number): Finding {
  const isHosts = detour.key.startsWith('hosts ');
  return finding({
    ruleId: ID,
    severity: detour.severity,
    title: `${isHosts ? 'The hosts file diverts a service of the agent: ' : 'A new name server: '}${detour.what}`,
    subject: isHosts ? 'hosts file' : 'name servers',
    why: WHY,
    evidence: [
      { label: detour.where, value: detour.value },
      ...(more > 0 ? [{ label: 'further names', value: String(more) }] : []),
    ],
    fixes: isHosts
      ? [
          {
            text: 'Find out who wrote the line and when; take it out if it was not you.',
            command: 'ls -l --time-style=full-iso /etc/hosts',
          },
          { text: 'Then replace the keys of that service: they may have been read.' },
        ]
      : [{ text: 'See which network or program set it.', command: 'resolvectl status' }],
    confidence: 'certain',
    fingerprint: fingerprint(ID, detour.key),
  });
}

function ofGateway(detour: Detour, gateway: Gateway): Finding {
  const isConfig = detour.key.startsWith('cleartext ');
  return finding({
    ruleId: ID,
    severity: detour.severity,
    title: isConfig
      ? `Gateway "${gateway.id}": ${detour.what}`
      : `Gateway "${gateway.id}": ${detour.where} is set, and ${detour.what}`,
    subject: gatewaySubject(gateway),
    why: isConfig ? 'Everybody on the way can read it, and answer instead (CVE-2026-40045 was such a case).' : WHY,
    evidence: [{ label: detour.where, value: detour.value }],
    fixes: isConfig
      ? [{ text: `Use https:// or wss:// in ${detour.where}, or reach it through an SSH forward or the tailnet.` }]
      : environmentFixes(detour, gateway),
    confidence: 'certain',
    fingerprint: fingerprint(ID, gateway.id, detour.key),
    gatewayId: gateway.id,
  });
}

function environmentFixes(detour: Detour, gateway: Gateway): Fix[] {
  const where =
    gateway.unit === undefined ? 'the command or the shell that starts it' : `the unit ${gateway.unit} or its drop-ins`;
  return [{ text: `If it was not you, take ${detour.where} out of ${where}.` }, ...restart(gateway)];
}
