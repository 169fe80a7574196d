import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import { type ProcessFact, processKey } from '../../types/process.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Connection, Listener, Snapshot } from '../../types/snapshot.ts';
import { authGrade, exposureSeverity } from '../exposure.ts';
import { forwardersOf, portsOfGateway } from '../forwarders.ts';
import { processEvidence } from '../process-words.ts';
import { openclawCommand, verify } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, socketWords } from '../subjects.ts';
import { isOwnHost, isTunnelControl, type Tunnel, tunnelOf } from '../tunnel-programs.ts';

const ID = 'EXP-05';

export const exp05: Rule = {
  id: ID,
  title: 'Public tunnel attached to the gateway',
  what: 'A tunnel program (cloudflared, ngrok, bore, frpc, ssh -R and their like) whose arguments name a port of the gateway, or which was connected to one over loopback; and a gateway that itself talks to the control host of a tunnel service.',
  why: 'The socket stays on loopback and every check of the bind looks perfect, while the gateway is on the internet.',
  falsePositives:
    'An SSH forward to this host (sshd connects to the gateway) is the recommended way and no tunnel, and neither is cloudflared access. A tunnel to a webhook port alone is a documented set-up and low. A tunnel whose end is written in a file or at its service counts from its first connection to the gateway, and as long as it runs; until then it is only info. A tunnel that runs as a library inside the gateway is seen by the name of its control host, which needs a sensor; other tunnel programs and renamed ones are seen by nothing but their connection, and only as clients of the gateway.',
  whatToDo:
    'Stop the tunnel, or put something with an identity of its own in front of it. Never give a gateway an address that only has to be guessed.',
  severity: 'critical',
  severityRange:
    'high with authentication, critical without it or with a version whose authentication can be passed by; ssh -R to a server of your own one step less; low when only a webhook port is reached; info while its end is not known',
  needs: 'T0',
  attack: ['T1572', 'T1090.002', 'T1133', 'T1219'],
  defaults: {},
  optionNotes: {},
  judge(snapshot, context) {
    const tunnels = snapshot.processes.flatMap((process) => {
      const tunnel = tunnelOf(process);
      return tunnel === undefined ? [] : [{ process, tunnel }];
    });
    const running = snapshot.gateways.filter((gateway) => gateway.running);
    const attached = running.flatMap((gateway) => attachedTo(gateway, tunnels, snapshot));
    const told = new Set(attached.map(({ process }) => process));
    // What its arguments send elsewhere is nobody's business here.
    const open = tunnels.filter(({ process, tunnel }) => !told.has(process) && tunnel.targets.length === 0);
    return [
      ...attached.map((each) => tunnelled(each, snapshot)),
      ...running.flatMap((gateway) => insideGateway(gateway, snapshot, context)),
      ...(running.length === 0 ? [] : endUnknown(open, snapshot)),
    ];
  },
};

interface Running {
  process: ProcessFact;
  tunnel: Tunnel;
}

interface Attached extends Running {
  gateway: Gateway;
  ports: Listener[];
  how: 'its arguments' | 'a connection over loopback';
}

function attachedTo(gateway: Gateway, tunnels: readonly Running[], snapshot: Snapshot): Attached[] {
  const ports = portsOfGateway(snapshot, gateway);
  const own = new Set(snapshot.interfaces.map(({ address }) => address));
  const forwarders = forwardersOf(snapshot, gateway);
  return tunnels.flatMap(({ process, tunnel }) => {
    const sameNetwork = process.netns === undefined || gateway.netns === undefined || process.netns === gateway.netns;
    const named = sameNetwork ? tunnel.targets.filter(({ host }) => isOwnHost(host, own)).map(({ port }) => port) : [];
    const live = forwarders.filter((each) => each.process === processKey(process)).map(({ port }) => port);
    const reached = ports.filter(({ local }) => named.includes(local.port) || live.includes(local.port));
    if (reached.length === 0) return [];
    const how = live.length > 0 ? 'a connection over loopback' : 'its arguments';
    return [{ process, tunnel, gateway, ports: reached, how }];
  });
}

function severityOf({ gateway, tunnel, ports }: Attached): Severity {
  if (ports.every(({ service }) => service === 'webhook')) return 'low';
  // At the other end of somebody's own server stands that server's own lock, which cannot be seen from here.
  return exposureSeverity(tunnel.isPublic ? 'public' : 'lan', tunnel.isPublic ? authGrade(gateway) : lent(gateway))!;
}

/** Without authentication a server of one's own is high and not critical: not everybody finds it. */
function lent(gateway: Gateway) {
  const grade = authGrade(gateway);
  return grade === 'none' ? 'weak' : grade;
}

function tunnelled(attached: Attached, snapshot: Snapshot): Finding {
  const { gateway, process, tunnel, ports, how } = attached;
  const onlyWebhook = ports.every(({ service }) => service === 'webhook');
  return finding({
    ruleId: ID,
    severity: severityOf(attached),
    title: `${tunnel.program} carries strangers to ${onlyWebhook ? 'a webhook port of gateway' : 'gateway'} "${gateway.id}" past its bind`,
    subject: gatewaySubject(gateway),
    why: `${tunnel.isPublic ? 'Whoever has or guesses the public address reaches it' : 'Whoever reaches the server at the other end reaches it'}, and to the gateway every one of them comes from this host.`,
    evidence: [
      ...ports.map((port) => ({ label: 'leads to', value: socketWords(port) })),
      { label: 'known by', value: how },
      ...processEvidence(process, snapshot),
      { label: 'authentication', value: [gateway.auth.mode, ...gateway.auth.reasons].join('; ') },
    ],
    fixes: stop(gateway, process),
    confidence: how === 'its arguments' ? 'likely' : 'certain',
    fingerprint: fingerprint(ID, gateway.id, tunnel.program, onlyWebhook ? 'webhook' : 'gateway'),
    gatewayId: gateway.id,
    socketKeys: ports.map(({ key }) => key),
  });
}

function stop(gateway: Gateway, process: ProcessFact) {
  return [
    {
      text: 'Look at the tunnel, and stop it at the place that started it: a service comes back when only its process ends.',
      command: `ps -o pid,ppid,user,lstart,cgroup,args -p ${process.pid}`,
    },
    {
      text: 'If you need access from outside, put a login in front of the tunnel, or use Tailscale Serve or an SSH forward.',
    },
    {
      text: 'Take it that the address was found: make a new gateway token and look through the paired devices.',
      command: openclawCommand(gateway, 'devices', 'list'),
    },
    verify(),
  ];
}

/** A tunnel that runs as a library: no process of its own, only the gateway's connection to the service. */
function insideGateway(gateway: Gateway, snapshot: Snapshot, { indicators }: RuleContext): Finding[] {
  const reports = snapshot.connections.filter(({ direction, owner, gatewayId, destination }) => {
    if (direction !== 'outbound' || gatewayId !== gateway.id || owner?.role !== 'gateway') return false;
    const name = destination?.name;
    if (name === undefined) return false;
    return isTunnelControl(name) || indicators?.categoriesOf({ name }).includes('tunnel-control') === true;
  });
  if (reports.length === 0) return [];
  const names = [...new Set(reports.map(({ destination }) => destination!.name!))].sort();
  return [
    finding({
      ruleId: ID,
      severity: exposureSeverity('public', authGrade(gateway))!,
      title: `${gatewayName(gateway)} itself holds a tunnel: it is connected to ${names[0]}`,
      subject: gatewaySubject(gateway),
      why: 'A plugin or a library opened a public address for it from the inside, and no process of its own shows that.',
      evidence: reports.slice(0, 5).map((connection) => ({ label: 'connected to', value: farEnd(connection) })),
      fixes: [
        {
          text: 'Find the plugin that does it, and turn it off.',
          command: openclawCommand(gateway, 'plugins', 'list'),
        },
        verify(),
      ],
      confidence: 'likely',
      fingerprint: fingerprint(ID, gateway.id, 'inside'),
      gatewayId: gateway.id,
      socketKeys: reports.map(({ key }) => key).slice(0, 50),
    }),
  ];
}

function farEnd({ destination, remote }: Connection): string {
  return `${destination!.name} port ${remote?.port ?? 'unknown'}`;
}

/** One line for each kind of program: that a tunnel runs is known, and where it ends is not. */
function endUnknown(open: readonly Running[], snapshot: Snapshot): Finding[] {
  return [...Map.groupBy(open, ({ tunnel }) => tunnel.program)].map(([program, same]) =>
    finding({
      ruleId: ID,
      severity: 'info',
      title: `${program} runs on this host, and where it leads is not written in its arguments`,
      subject: `tunnel ${program}`,
      why: 'Its routes are in a file or at its service. If one leads to the gateway, that is told at its first connection.',
      evidence: same.slice(0, 3).flatMap(({ process }) => processEvidence(process, snapshot)),
      fixes: [{ text: 'Look into its configuration for a port of the gateway.' }],
      confidence: 'possible',
      fingerprint: fingerprint(ID, 'end unknown', program),
    }),
  );
}
