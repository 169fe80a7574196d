import type { Evidence, Finding } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Listener, Owner, ReachableAddress } from '../types/snapshot.ts';

/** Short and stable name of a gateway for `Finding.subject`. */
export function gatewaySubject(gateway: Pick<Gateway, 'id'>): string {
  return `gateway ${gateway.id}`;
}

/** A gateway at the head of a sentence. */
export function gatewayName(gateway: Pick<Gateway, 'id'>): string {
  return `Gateway "${gateway.id}"`;
}

/** File name of the program: of `exe`, which a process cannot choose freely, else of its own telling. */
export function programName(process: ProcessFact): string {
  const interpreted = scriptOf(process);
  return (
    baseName(interpreted ?? process.exe?.replace(/ \(deleted\)$/, '') ?? process.argv[0] ?? process.comm) ||
    process.comm
  );
}

const INTERPRETER = /^(node|nodejs|bun|deno|python[\d.]*|ruby|perl|bash|dash|sh|zsh|php)$/;

/** The script, where an interpreter runs one: "node" alone would give every skill the same name. */
function scriptOf(process: ProcessFact): string | undefined {
  if (process.exe === undefined && process.argv.length < 2) return undefined;
  if (!INTERPRETER.test(baseName(process.exe ?? process.argv[0] ?? ''))) return undefined;
  const script = process.argv[1];
  return script === undefined || script === '' || script.startsWith('-') ? undefined : script;
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** Name of the skill whose folder the program comes from; `undefined` when no path names one. */
export function skillName(process: ProcessFact): string | undefined {
  for (const path of [process.exe, ...process.argv.slice(0, 4), process.cwd]) {
    const name = path && /[\\/]skills[\\/]([^\\/\s'"]{1,80})(?:[\\/]|$)/.exec(path)?.[1];
    if (name) return name;
  }
  return undefined;
}

/** Short and stable name of whoever holds a socket: role and name, never a pid. */
export function ownerSubject(owner: Owner): string {
  const program = programName(owner.process);
  switch (owner.role) {
    case 'skill':
      return `skill ${owner.skill ?? skillName(owner.process) ?? program}`;
    case 'exec':
      return `agent command ${program}`;
    case 'detached':
      return `detached process ${program}`;
    case 'mcp':
      return `MCP server ${program}`;
    case 'browser':
      return `agent browser ${program}`;
    case 'gateway':
      return `gateway ${owner.gatewayId ?? program}`;
    case 'helper':
      return `helper ${program}`;
    case 'other':
      return `process ${program}`;
  }
}

/** The same at the head of a sentence: `Skill "file-helper"`. */
export function ownerName(owner: Owner): string {
  const subject = ownerSubject(owner);
  const name = ownerNameOnly(owner);
  const words = subject.slice(0, subject.length - name.length).trim();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} "${name}"`;
}

function ownerNameOnly(owner: Owner): string {
  const program = programName(owner.process);
  if (owner.role === 'skill') return owner.skill ?? skillName(owner.process) ?? program;
  return owner.role === 'gateway' ? (owner.gatewayId ?? program) : program;
}

/** Evidence lines about a process: what it is, and how it descends. */
export function ownerEvidence(owner: Owner): Evidence[] {
  const { process } = owner;
  const lines: Evidence[] = [{ label: 'process', value: `${process.comm} (pid ${process.pid}), ${owner.role}` }];
  if (process.exe !== undefined) lines.push({ label: 'program', value: process.exe });
  // Arguments can hold anything and be 64 KiB long; a finding is stored and shown, so it keeps what identifies.
  if (process.argv.length > 0) lines.push({ label: 'arguments', value: process.argv.join(' ').slice(0, 400) });
  if (owner.lineage.length > 0) {
    const line = [...owner.lineage]
      .reverse()
      .slice(0, 12)
      .map(({ pid, comm }) => `${comm} ${pid}`);
    lines.push({ label: 'started by', value: line.join(' › ') });
  }
  return lines;
}

/** `tcp 0.0.0.0:18789`. */
export function socketWords(listener: Pick<Listener, 'protocol' | 'local'>): string {
  return `${listener.protocol} ${formatEndpoint(listener.local.address, listener.local.port)}`;
}

/** One line for each address at which somebody else can knock; loopback is left out. */
export function reachEvidence(addresses: readonly ReachableAddress[], port: number): Evidence[] {
  return addresses
    .filter(({ reach }) => reach !== 'loopback')
    .map((at) => ({
      label: `reachable (${at.reach})`,
      value: `${formatEndpoint(at.address, port)}${at.interface === undefined ? '' : ` on ${at.interface}`}${at.confidence === 'certain' ? '' : `, ${at.confidence}`}`,
    }));
}

/** Words for a moment: ISO 8601 in UTC, without milliseconds; front ends may rewrite it. Invalid times are said so. */
export function momentWords(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : `${date.toISOString().slice(0, 19)}Z`;
}

/** A finding of verdict "finding" with the fields that hardly vary filled in. */
export function finding(parts: Omit<Finding, 'verdict' | 'socketKeys'> & { socketKeys?: string[] }): Finding {
  return { verdict: 'finding', socketKeys: [], ...parts };
}

/** A rule's admission that it could not judge. Never graver than medium: not knowing is not knowing of harm. */
export function unknownFinding(
  parts: Omit<Finding, 'verdict' | 'socketKeys' | 'confidence' | 'severity'> & {
    socketKeys?: string[];
    severity?: 'info' | 'low' | 'medium';
  },
): Finding {
  return { verdict: 'unknown', severity: 'medium', confidence: 'certain', socketKeys: [], ...parts };
}
