import { type Finding, fingerprint } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { isConfirmed } from '../damping.ts';
import {
  type AuthGrade,
  authGrade,
  describeReach,
  exposureConfidence,
  exposureSeverity,
  gatewayListeners,
  isHeldByContainer,
} from '../exposure.ts';
import { exposureEvidence } from '../exposure-evidence.ts';
import { bindLoopback, verify } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';

interface Options {
  confirmMs: number;
}

const ID = 'EXP-01';

export const exp01: Rule<Options> = {
  id: ID,
  title: 'Gateway listens beyond loopback',
  what: 'A gateway on this host, or in an ordinary network namespace, whose own port answers on an address that the tailnet or the LAN can reach. It judges the socket and not the configuration, and says where the two differ.',
  why: "Whoever controls a gateway controls the agent, its files, its keys and its chat accounts. The configuration often says loopback while the socket is open: a --bind flag, a container default or a restart inside the process wins silently, and OpenClaw's own status, doctor and audit read the configuration.",
  falsePositives:
    'A further loopback listener beside a tailnet or custom one is by design and does not count. A socket must be seen in two looks or belong to a process older than confirmMs. A tailnet bind with sound authentication is only info. The identity of the finding holds the gateway and the reach, so restarts and new pids are not news. Inside a container a wildcard is normal: there only published ports count, and where those cannot be seen POS-08 says so. A host firewall is not read yet, so severity does not sink behind one.',
  whatToDo:
    'Bind the gateway to loopback, start the process anew without --bind, and look again. Reach it through an SSH forward or Tailscale Serve.',
  severity: 'critical',
  severityRange:
    'tailnet: info with sound authentication, low when it could not be read, medium with a weak secret, high without; LAN: medium, medium, high, critical. A version with a known bypass counts as without authentication. The internet: see EXP-02',
  needs: 'T0',
  attack: ['T1133'],
  defaults: { confirmMs: 3000 },
  optionNotes: {
    confirmMs:
      'Age of the gateway process in ms from which one look is enough. A starting gateway settles its binds within about two seconds; three leave a margin.',
  },
  judge(snapshot, context) {
    return snapshot.gateways.flatMap((gateway) => {
      if (!gateway.running || isHeldByContainer(snapshot, gateway)) return [];
      if (gateway.reach === 'unknown') return isTold(snapshot, gateway) ? [] : [reachUnknown(gateway)];
      // The internet is EXP-02's: one open door is one finding.
      if (gateway.reach !== 'tailnet' && gateway.reach !== 'lan') return [];
      const open = gatewayListeners(snapshot, gateway).filter(({ reach }) => reach !== 'loopback');
      const candidate = { keys: open.map(({ key }) => key), startedAt: gateway.startedAt };
      return isConfirmed(candidate, context, context.options.confirmMs)
        ? [exposed(snapshot, gateway, gateway.reach)]
        : [];
    });
  },
};

function exposed(snapshot: Snapshot, gateway: Gateway, reach: 'tailnet' | 'lan'): Finding {
  const auth = authGrade(gateway);
  return finding({
    ruleId: ID,
    severity: exposureSeverity(reach, auth) ?? 'medium',
    title: `${gatewayName(gateway)} can be reached from ${describeReach(reach, gateway.reachableAt)}`,
    subject: gatewaySubject(gateway),
    why: `Everybody there can talk to the gateway's port ${authWords(auth)}. ${gateway.differences.length > 0 ? 'The configuration and the socket disagree, so the official status is not to be trusted here.' : 'A gateway hands out control of the agent, its files and its accounts.'}`,
    evidence: exposureEvidence(snapshot, gateway),
    fixes: bindLoopback(gateway),
    confidence: exposureConfidence(gateway, reach),
    fingerprint: fingerprint(ID, gateway.id, reach),
    gatewayId: gateway.id,
    socketKeys: [...gateway.gatewayListeners],
  });
}

function authWords(auth: AuthGrade): string {
  switch (auth) {
    case 'sound':
      return 'and is held off by its authentication alone';
    case 'weak':
      return 'and only a weak secret holds them off';
    case 'none':
      return 'and nothing that deserves the name of authentication holds them off';
    case 'unknown':
      return 'and whether authentication holds them off could not be read';
  }
}

/** An essential blind spot of this gateway is already an UNKNOWN of POS-08. */
function isTold(snapshot: Snapshot, gateway: Gateway): boolean {
  return snapshot.blindSpots.some(({ essential, gatewayId }) => essential && gatewayId === gateway.id);
}

function reachUnknown(gateway: Gateway): Finding {
  return unknownFinding({
    ruleId: ID,
    title: `${gatewayName(gateway)} runs, but who can reach it could not be seen`,
    subject: gatewaySubject(gateway),
    why: 'Its sockets or the addresses of this host could not be read, so neither "safe" nor "exposed" would be true.',
    evidence: [{ label: 'bind', value: gateway.bindVerdict }],
    fixes: [
      { text: 'See what ClawWatch can and cannot read here, and how to change that.', command: 'clawwatch doctor' },
      verify(),
    ],
    fingerprint: fingerprint(ID, gateway.id, 'unknown'),
    gatewayId: gateway.id,
  });
}
