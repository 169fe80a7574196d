import type { AgentContact } from './agent-contacts.ts';
import { programOf } from './programs.ts';

/** Ports at which ordinary services on the internet are reached, by protocol. */
const USUAL: Readonly<Record<'tcp' | 'udp', ReadonlySet<number>>> = {
  tcp: new Set([25, 53, 80, 143, 443, 465, 587, 853, 993, 995, 3478, 5222, 5228, 8080, 8443, 9418]),
  udp: new Set([53, 123, 443, 853, 3478, 5349]),
};

/**
 * Ports that back doors, bot networks and miners use by habit; 13338 and 56001 are of campaigns against OpenClaw (early
 * 2026).
 */
const KNOWN_BAD: ReadonlySet<number> = new Set([
  23, 1337, 2323, 3333, 4444, 5555, 6666, 6667, 7777, 9001, 9999, 13_338, 31_337, 56_001,
]);

const SSH_PROGRAM = /^(?:ssh|scp|sftp|rsync|git|git-remote-.*|mosh|autossh)$/;

export function isKnownBadPort(port: number): boolean {
  return KNOWN_BAD.has(port);
}

/** True where neither the port is usual nor the program is one for it. Port 0 is an attempt of which the port is not known. */
export function isOddPort({ remote, protocol, owner }: Pick<AgentContact, 'remote' | 'protocol' | 'owner'>): boolean {
  const { port } = remote;
  if (port === 0 || USUAL[protocol].has(port)) return false;
  return !(port === 22 && protocol === 'tcp' && SSH_PROGRAM.test(programOf(owner.process)));
}
