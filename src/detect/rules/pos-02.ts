import { type Finding, type Fix, fingerprint } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { FirewallDecision } from '../../types/host-facts.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { decisionFor, type ExposedPort, exposedPorts, portWords } from '../exposed-ports.ts';
import { verify } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';

interface Options {
  confirmMs: number;
  listed: number;
}

const ID = 'POS-02';

export const pos02: Rule<Options> = {
  id: ID,
  title: 'No effective inbound filter for an exposed port',
  what: "A port of a gateway that the LAN or the internet can reach and that the host's packet filter would let in, each family of addresses for itself, and published container ports by the rules that they really pass.",
  why: 'People rely on a firewall that does not cover the case: rules for IPv6 are often missing, and UFW does not see ports that a container engine publishes.',
  falsePositives:
    "It speaks only of ports that other rules call exposed. A cloud's security group or the router is invisible from here; say in the configuration that there is one, and this becomes info. A filter that could not be read is UNKNOWN and takes nothing away from the answer about the socket.",
  whatToDo: 'Bind the gateway to loopback; a filter is the second lock. Then add the lines that the finding names.',
  severity: 'medium',
  severityRange:
    'medium; info behind a filter that the user vouches for; UNKNOWN (info) where the filter could not be read',
  needs: 'T0',
  attack: ['T1562.004'],
  defaults: { confirmMs: 3000, listed: 12 },
  optionNotes: {
    confirmMs: 'As in EXP-01: age in ms of the process that listens from which one look is enough.',
    listed: 'How many ports are listed as evidence; the rest is counted.',
  },
  judge(snapshot, context) {
    const ports = exposedPorts(snapshot, context, context.options.confirmMs);
    return [...Map.groupBy(ports, ({ gateway }) => gateway)].flatMap(([gateway, own]) => {
      const answers = own.map((port) => ({ port, decision: decisionFor(port, snapshot) }));
      const open = answers.filter(({ decision }) => decision?.answer === 'open') as Answer[];
      const dark = answers.filter(({ decision }) => decision === undefined || decision.answer === 'unknown');
      return [
        ...(open.length > 0 ? [unfiltered(gateway, open, snapshot, context.options.listed)] : []),
        ...(dark.length > 0 ? [unread(gateway, dark, context.options.listed)] : []),
      ];
    });
  },
};

interface Answer {
  port: ExposedPort;
  decision: FirewallDecision;
}

function unfiltered(gateway: Gateway, open: readonly Answer[], { hostFacts }: Snapshot, listed: number): Finding {
  const isVouched = hostFacts?.providerFirewall === true;
  const [first] = open;
  const only6 = open.every(({ port }) => port.family === 6);
  return finding({
    ruleId: ID,
    severity: isVouched ? 'info' : 'medium',
    title: `${gatewayName(gateway)}: the packet filter lets strangers in to ${portWords(first!.port)}${open.length > 1 ? ` and ${open.length - 1} more` : ''}`,
    subject: gatewaySubject(gateway),
    why: only6
      ? 'Only IPv4 is filtered. Whoever comes over IPv6 finds the port open.'
      : 'Nothing on this host stands between the network and the port; its authentication is the only lock.',
    evidence: [
      ...open.slice(0, listed).map(({ port, decision }) => ({
        label: portWords(port),
        value: `let in by ${decision.by}: ${decision.reason}`,
      })),
      ...(open.length > listed ? [{ label: 'further ports', value: String(open.length - listed) }] : []),
      {
        label: 'not seen',
        value: isVouched
          ? 'the filter of the provider; the configuration says that there is one'
          : 'a filter of the provider or the router',
      },
    ],
    fixes: fixes(open),
    confidence: 'certain',
    fingerprint: fingerprint(ID, gateway.id),
    gatewayId: gateway.id,
    socketKeys: [...new Set(open.flatMap(({ port }) => port.socketKeys))],
  });
}

/** Lines for the filter that was found: its own words, because two front ends over one filter undo each other. */
function fixes(open: readonly Answer[]): Fix[] {
  const published = open.filter(({ port }) => port.isPublished);
  const direct = open.filter(({ port }) => !port.isPublished);
  const lines = [...published.map(dropPublished), ...direct.map(dropDirect)];
  return [...new Map(lines.map((fix) => [fix.command, fix])).values(), verify()].slice(0, 8);
}

function dropPublished({ port: { port, family } }: Answer): Fix {
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  return {
    text: `Drop it on the path of published ports, IPv${family}; a rule of UFW or firewalld is not on that path.`,
    command: `sudo ${tool} -I DOCKER-USER -p tcp -m conntrack --ctorigdstport ${port} --ctdir ORIGINAL -j DROP`,
  };
}

function dropDirect({ port: { port, family }, decision: { by } }: Answer): Fix {
  if (/ufw/i.test(by)) {
    return {
      text: 'Deny it in UFW, for both families; loopback stays open.',
      command: `sudo ufw deny proto tcp to any port ${port}`,
    };
  }
  if (/firewalld/i.test(by)) {
    const rule = `rule family="ipv${family}" port port="${port}" protocol="tcp" drop`;
    return {
      text: `Drop it in firewalld, IPv${family}, then reload it.`,
      command: `sudo firewall-cmd --permanent --add-rich-rule='${rule}'`,
    };
  }
  if (/ip6?tables/i.test(by)) {
    return {
      text: `Drop it in ${by}, IPv${family}, except from this host itself; save the rules in the way of your system.`,
      command: `sudo ${family === 4 ? 'iptables' : 'ip6tables'} -I INPUT ! -i lo -p tcp --dport ${port} -j DROP`,
    };
  }
  // A table of its own works beside whatever is there: a drop in any table is final.
  return {
    text: 'Drop it in a table of its own, for both families, except from this host itself.',
    command: `sudo nft 'table inet openclaw_guard { chain input { type filter hook input priority -5; iifname != "lo" tcp dport ${port} drop; }; }'`,
  };
}

function unread(
  gateway: Gateway,
  dark: readonly { port: ExposedPort; decision: FirewallDecision | undefined }[],
  listed: number,
): Finding {
  return unknownFinding({
    ruleId: ID,
    severity: 'info',
    title: `${gatewayName(gateway)}: whether a packet filter holds strangers off could not be read`,
    subject: gatewaySubject(gateway),
    why: 'The socket is open to them. A filter may stand in front of it, and nobody should rely on one that was not seen.',
    evidence: dark.slice(0, listed).map(({ port, decision }) => ({
      label: portWords(port),
      value: decision === undefined ? 'the packet filter was not read' : `${decision.by}: ${decision.reason}`,
    })),
    fixes: [whereToLook(dark.some(({ decision }) => decision !== undefined))],
    fingerprint: fingerprint(ID, gateway.id, 'unknown'),
    gatewayId: gateway.id,
  });
}

/** @param isRead somebody tried to read the filter; otherwise no right of ours would help. */
function whereToLook(isRead: boolean): Fix {
  if (isRead) return { text: 'Look with the rights that reading the filter takes.', command: 'sudo clawwatch scan' };
  return { text: 'Look at the filter itself: ClawWatch does not read it yet.', command: 'sudo nft list ruleset' };
}
