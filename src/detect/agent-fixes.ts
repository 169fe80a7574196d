import type { Fix } from '../types/finding.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Connection, Owner } from '../types/snapshot.ts';
import { shellQuote } from '../types/text.ts';

/** Looks at a process and its parents before anything is done to it. */
export function inspect({ pid }: ProcessFact): Fix {
  return {
    text: `See whether pid ${pid} still is the program named here, and what it has open.`,
    command: `ps -o pid,ppid,user,lstart,args -p ${pid}; ls -l /proc/${pid}/fd`,
  };
}

/**
 * Stops a process without ending it, so that what it is can still be looked at. A pid alone may be another process by the
 * time somebody copies this, so the command asks for the start of the process first.
 */
export function freeze({ pid, startTicks }: ProcessFact): Fix {
  const isSame = `[ "$(sed 's/.*) //' /proc/${pid}/stat | cut -d' ' -f20)" = ${startTicks} ]`;
  return {
    text: 'Freeze it: it can do nothing more, and the evidence stays. This does so only while the pid is the same process.',
    command: `${isSame} && kill -STOP ${pid}`,
  };
}

/** Allows one far end for one skill or role. A name that only the process claims permits nothing, so then it is the address. */
export function allowEnd(owner: Owner, { remote, destination }: Pick<Connection, 'remote' | 'destination'>): Fix[] {
  if (remote === undefined) return [];
  const isProven = destination?.name !== undefined && destination.claimed !== true;
  const pattern = shellQuote(
    isProven ? `${destination.name}:${remote.port}` : formatEndpoint(remote.address, remote.port),
  );
  return [
    {
      text: 'If you know what it is for, allow it and say why.',
      command: `clawwatch allow ${pattern} ${scopeOf(owner)} --for 30d --reason 'what it is for'`,
    },
  ];
}

/** Mutes a rule where there is no far end to allow: loopback ports and programs. */
export function muteRule(ruleId: string, owner: Owner): Fix {
  return {
    text: 'If it is meant to be so, mute this rule here for a while and say why.',
    command: `clawwatch suppress ${ruleId} ${scopeOf(owner)} --for 30d --reason 'what it is for'`,
  };
}

function scopeOf({ role, skill }: Owner): string {
  if (role === 'other') return '';
  return skill === undefined ? `--role ${role}` : `--skill=${shellQuote(skill)}`;
}

/** Takes a skill out of service. */
export function disableSkill({ skill }: { skill?: string | undefined }): Fix[] {
  // Its name becomes a path of keys; one with a dot would name another key.
  if (skill === undefined || !/^[\w-]{1,80}$/.test(skill)) return [];
  return [
    {
      text: 'Disable the skill until you know what it does.',
      command: `openclaw config set skills.entries.${skill}.enabled false`,
    },
  ];
}
