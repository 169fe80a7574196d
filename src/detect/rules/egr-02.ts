import { type Finding, fingerprint } from '../../types/finding.ts';
import { formatEndpoint } from '../../types/ip.ts';
import type { Rule } from '../../types/rule.ts';
import { agentFamilyOf } from '../agent-family.ts';
import { disableSkill, freeze, inspect } from '../agent-fixes.ts';
import { publicPrefix } from '../damping.ts';
import { type ReverseShell, type ReverseShellOptions, reverseShells } from '../reverse-shells.ts';
import { finding, ownerEvidence, ownerName, ownerSubject, programName } from '../subjects.ts';

const ID = 'EGR-02';

export const egr02: Rule<ReverseShellOptions> = {
  id: ID,
  title: 'Reverse-shell shape',
  what: 'A shell or interpreter of the agent family whose input and output are a connection to another host; or come and go through a relay that holds one; or that sits on a terminal, or on the pipes, of a program with such a connection.',
  why: 'Who holds the other end types commands on this machine, with all rights of OpenClaw. Malicious skills of early 2026 did just this over bash, Python and netcat.',
  falsePositives:
    'Programs that Node starts have local socket pairs as input and output: only a connection that is established and leads to another host counts. Terminal servers of the system (sshd, tmux, screen, mosh), shells with a command or script, and far ends that are expected, approved or learned are left out where a terminal or a child is the only sign. A program that is no shell but has a connection for input and output is high and not critical, since servers made for inetd look the same. Learning and approvals never silence the two plain shapes.',
  whatToDo:
    'Freeze the process and look at it before you end it. Then cut the network, disable the skill, and replace every secret that the user of OpenClaw could read.',
  severity: 'critical',
  severityRange:
    'critical for a shell on a connection or behind a relay; high for other programs on a connection, for shells with a script behind a relay, and for terminals and pipes of a connected program; medium for pipes where the rhythm of the traffic was not seen',
  needs: 'T0',
  attack: ['T1059.004', 'T1095', 'T1571', 'AML.T0072'],
  defaults: { terminalMs: 5_000, burstBytes: 4_096, bursts: 3 },
  optionNotes: {
    terminalMs: 'Age in ms from which a shell on a terminal or on pipes counts: shorter ones are single commands.',
    burstBytes: 'Bytes in each direction below which a turn of the traffic is small: a command and its answer.',
    bursts: 'Small turns from which a shell on pipes counts as typed into.',
  },
  judge(snapshot, { ledger, now, options }) {
    if (snapshot.family.length === 0) return [];
    return reverseShells({ family: agentFamilyOf(snapshot), ledger, options, now }).map(told);
  },
};

const SHAPES: Readonly<Record<ReverseShell['shape'], string>> = {
  socket: 'input and output are one connection',
  relay: 'input and output go through another program that holds the connection',
  terminal: 'it sits on a terminal of a program that holds the connection',
  child: 'it is fed through pipes by an interpreter that holds the connection',
};

function told(found: ReverseShell): Finding {
  const { shape, severity, shell, carrier, owner, connection, doubt } = found;
  const remote = connection.remote!;
  const name = connection.destination?.name;
  const end = formatEndpoint(remote.address, remote.port);
  const { gatewayId } = owner;
  return finding({
    ruleId: ID,
    severity,
    title: `${ownerName(owner)} gives ${name === undefined ? end : `${name} (${end})`} a shell on this machine: ${programName(shell)}`,
    subject: ownerSubject(owner),
    why: 'Whoever holds the other end of this connection can run commands here with the rights of OpenClaw.',
    evidence: [
      { label: 'shape', value: SHAPES[shape] },
      { label: 'shell', value: `${shell.comm} (pid ${shell.pid}): ${shell.argv.join(' ').slice(0, 200)}` },
      { label: 'destination', value: name === undefined ? end : `${name}, ${end}` },
      { label: 'descriptors', value: (shell.stdio ?? []).map((target) => target ?? 'closed').join(', ') },
      ...(shell === carrier ? [] : [{ label: 'held by', value: `${carrier.comm} (pid ${carrier.pid})` }]),
      ...(doubt === undefined ? [] : [{ label: 'not seen', value: doubt }]),
      ...ownerEvidence(owner),
    ],
    fixes: [inspect(shell), freeze(shell), ...(shell === carrier ? [] : [freeze(carrier)]), ...disableSkill(owner)],
    confidence: doubt === undefined ? owner.confidence : 'possible',
    // Not the shape: a shell that is seen as two of them in turn is one shell.
    fingerprint: fingerprint(
      ID,
      gatewayId ?? '',
      ownerSubject(owner),
      connection.destination?.domain ?? name ?? publicPrefix(remote.address),
    ),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: [connection.key],
    hints: { pids: [...new Set([shell.pid, carrier.pid])] },
  });
}
