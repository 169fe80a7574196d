import type { FamilyMember, ProcessFact } from '../../src/types/process.ts';
import { processKey } from '../../src/types/process.ts';
import type { Connection, Owner, Role, Snapshot } from '../../src/types/snapshot.ts';
import { connection, gateway, history, NOW, owner, process, snapshot } from './builders.ts';

// Stories of what agents run: processes of a family, with the sockets that they hold.

/** Learning ended long ago. */
export const LEARNED = history({ learningSince: () => NOW - 30 * 86_400_000, learningUntil: () => NOW - 86_400_000 });

const SKILLS = '/home/u/.openclaw/workspace/skills';

export function member(fact: ProcessFact, more: Partial<FamilyMember> = {}): FamilyMember {
  return {
    pid: fact.pid,
    startTicks: fact.startTicks,
    gatewayId: 'default',
    basis: 'descendant',
    ancestors: [],
    detached: false,
    firstSeenAt: NOW - 600_000,
    ...more,
  };
}

/** A Python script of this skill. */
export function skillProcess(pid: number, skill: string, more: Partial<ProcessFact> = {}): ProcessFact {
  const argv = ['python3', `${SKILLS}/${skill}/scripts/run.py`];
  return process(pid, { comm: 'python3', exe: '/usr/bin/python3', argv, ...more });
}

export function shell(pid: number, ppid: number, more: Partial<ProcessFact> = {}): ProcessFact {
  return process(pid, { ppid, comm: 'bash', exe: '/usr/bin/bash', argv: ['bash'], ...more });
}

/** Who holds a socket, with membership. */
export function agent(role: Role, fact: ProcessFact, more: Partial<Owner> = {}): Owner {
  const skill = role === 'skill' ? { skill: /skills\/([^/]+)/.exec(fact.argv.join(' '))?.[1] ?? 'x' } : {};
  return owner(role, fact, { member: member(fact), ...skill, ...more });
}

let port = 41_000;

/** An outbound connection of this owner, open since a minute and explained by nothing. */
export function outbound(who: Owner, remote: [string, number], more: Partial<Connection> = {}): Connection {
  port += 1;
  return connection(['192.168.50.10', port], remote, {
    direction: 'outbound',
    verdict: 'unknown',
    owner: who,
    gatewayId: 'default',
    pids: [who.process.pid],
    ...more,
  });
}

export function named(name: string, more: Partial<Connection['destination']> = {}): Partial<Connection> {
  return {
    destination: { name, domain: name.split('.').slice(-2).join('.'), source: 'dns', confidence: 'likely', ...more },
  };
}

/** A look at these processes, all of the family unless given as `others`. */
export function familyLook(
  processes: readonly ProcessFact[],
  more: Partial<Snapshot> & { others?: ProcessFact[]; detached?: readonly number[] } = {},
): Snapshot {
  const { others = [], detached = [], ...rest } = more;
  const byPid = new Map(processes.map((fact) => [fact.pid, fact]));
  return snapshot({
    telemetry: 'T2',
    gateways: [gateway()],
    processes: [...processes, ...others],
    family: processes.map((fact) => {
      const parent = byPid.get(fact.ppid);
      const isDetached = detached.includes(fact.pid);
      return member(fact, {
        ancestors: parent === undefined ? [] : [processKey(parent)],
        detached: isDetached,
        basis: isDetached ? 'remembered' : 'descendant',
      });
    }),
    ...rest,
  });
}

/** Everything a hostile program may call itself. */
export const HOSTILE_WORDS = [
  '\u001b[2J\u202e$(reboot)',
  "'; rm -rf / #",
  'x'.repeat(65_536),
  '\n{"rule":"none"}',
  '((((((((((((((((((((((((((((',
];
