import type { Finding } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import { agentListeners } from '../agent-listeners.ts';
import { squatters } from '../squatters.ts';

export interface NewListenerOptions {
  loopbackMs: number;
  udpMs: number;
  ephemeralFrom: number;
  overlapMs: number;
}

export const exp09: Rule<NewListenerOptions> = {
  id: 'EXP-09',
  title: 'New listener by an agent descendant, or a squatter on an OpenClaw port',
  what: 'A listening socket of a skill, an agent command or a process that left the agent tree; and a port of a known gateway that is held, also on a second and more specific address, by a process that is not this gateway.',
  why: 'Bind shells and payload servers wait for their master on a port of their own. A squatter that answers on the port of the gateway collects the token that every client sends first (CVE-2026-22174).',
  falsePositives:
    "Development servers on loopback count only after a minute: low for a command, medium for a skill or a detached process. UDP sockets count only beyond loopback, and on an ephemeral port only after a minute, because name lookups and calls bind such ports all the time; mDNS, SSDP and LLMNR never count. Docker's port publisher and other gateways are no squatters, a restart may overlap for ten seconds, and an SSH forward on the port of a stopped gateway is only info. Raw and packet sockets are not seen yet.",
  whatToDo:
    'Look at the program named and stop it. With a squatter: do not open the Control UI or run the openclaw command until it is gone, then make a new token.',
  severity: 'high',
  severityRange:
    'beyond loopback high (a long-lived ephemeral UDP port medium); loopback medium for skills and detached processes, low for commands; squatter high, medium on a companion port when it is no agent descendant; owner unseen: unknown',
  needs: 'T0',
  attack: ['T1571', 'T1059.004', 'T1036.005', 'T1557'],
  defaults: { loopbackMs: 60_000, udpMs: 60_000, ephemeralFrom: 32_768, overlapMs: 10_000 },
  optionNotes: {
    loopbackMs:
      'Age in ms from which a loopback listener counts: shorter ones are OAuth callbacks, test runs and previews.',
    udpMs: 'Age in ms from which a UDP socket on an ephemeral port counts: name lookups last seconds.',
    ephemeralFrom:
      "First port of the ephemeral range; Linux's default. Other systems begin higher, which only makes the rule stricter.",
    overlapMs:
      'Age in ms from which another process on the gateway port counts: a restart may overlap with its successor for some seconds.',
  },
  judge(snapshot, context): Finding[] {
    const squatting = squatters(snapshot, context);
    const told = new Set(squatting.flatMap(({ socketKeys }) => socketKeys));
    // A skill on the port of the gateway is one fact; the squatter says it better.
    return [
      ...squatting,
      ...agentListeners(snapshot, context).filter(({ socketKeys }) => !socketKeys.every((key) => told.has(key))),
    ];
  },
};
