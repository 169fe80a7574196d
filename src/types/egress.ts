import { createHash } from 'node:crypto';
import type { Confidence } from './gateway.ts';
import type { Role } from './snapshot.ts';

/**
 * Where the name of an address is from, most trustworthy first. Never a reverse look-up: it is wrong for clouds, and the
 * question tells an attacker's resolver that somebody watches.
 */
export type NameSource =
  | 'dns' // an answer seen on this host
  | 'sni' // the server name in a TLS or QUIC hello
  | 'hosts' // /etc/hosts
  | 'tool-call' // a name in the arguments of the agent's tool call
  | 'argv' // a name in the arguments of the process
  | 'expected'; // forward resolution of a host that the configuration names

/** A name seen for an address. */
export interface NameFact {
  address: string;
  /** Lower case, without trailing dot, in ASCII (punycode) form. */
  name: string;
  source: NameSource;
  /** Unix ms. */
  seenAt: number;
  /** Only for connections of this process, when the name comes from its own arguments or tool call. */
  pid?: number;
  /** Only for the connection with this local end: the server name in its own hello. */
  local?: { address: string; port: number };
  /** Only for connections in this network namespace. */
  netns?: string;
  /** DNS: who answered. */
  server?: string;
  /** DNS: how long the answer may be kept. */
  ttlMs?: number;
  /** True when it is only the word of somebody who may lie: an answer of a name server that nobody set up. */
  claimed?: true;
}

/** What we say about the far end of a connection. */
export interface Destination {
  name?: string;
  source?: NameSource;
  /** Age of the name when the connection was seen, ms. */
  ageMs?: number;
  confidence?: Confidence;
  /** Registrable domain by the Public Suffix List, its private part included. */
  domain?: string;
  /** Other names that the same address also carries: a shared address proves little. */
  otherNames?: string[];
  /** Nothing but the process's own word stands behind the name: no permission may rest on it. */
  claimed?: true;
}

/** A host that the user's own configuration makes us expect, and of whom. */
export interface ExpectedHost {
  /** Exact host, or `*.domain` for whole labels below it. */
  pattern: string;
  port?: number;
  /** Who may contact it: role names, or `any` member of the family. */
  roles: readonly (Role | 'any')[];
  category:
    | 'provider'
    | 'channel'
    | 'tool'
    | 'mcp'
    | 'proxy'
    | 'update'
    | 'telemetry'
    | 'registry'
    | 'plugin'
    | 'local';
  /** Why, for the reader: "channels.telegram is enabled in openclaw.json". */
  reason: string;
}

/** Judgement of one connection against what is expected and allowed. */
export type EgressVerdict = 'expected' | 'approved' | 'learned' | 'unknown' | 'suppressed';

/** How far a rule of the user's reaches. */
export interface PolicyScope {
  kind: 'skill' | 'role' | 'everywhere';
  /** Skill or role name; absent for `everywhere`. */
  name?: string;
}

/** A rule of the user's: this is fine (`allow`), or do not tell me (`suppress`). It stays in the record after it expired. */
export interface PolicyRule {
  id: number;
  action: 'allow' | 'suppress';
  scope: PolicyScope;
  /** Host, `*.domain`, address or CIDR, each optionally with `:port`; for `suppress` also a rule id or finding id. */
  pattern: string;
  reason: string;
  createdAt: number;
  /** Unix ms; absent: never. */
  expiresAt?: number;
  removedAt?: number;
  removedReason?: string;
  /** `user`, or `learn review` for what was accepted from learning. */
  origin: 'user' | 'learned';
}

/** An installed skill as found on disk. */
export interface SkillFact {
  /** Directory name; a skill chooses it, so raw. */
  name: string;
  /** `name:` of its SKILL.md where that is another one; OpenClaw shows the skill by it. Raw. */
  declaredName?: string;
  directory: string;
  /** Kind of root it lies in. */
  source:
    | 'workspace'
    | 'project-agents'
    | 'user-agents'
    | 'state'
    | 'workshop'
    | 'library'
    | 'extra'
    | 'plugin'
    | 'bundled';
  gatewayId: string;
  version?: string;
  /** Registry slug and owner from `.clawhub/origin.json`. */
  origin?: { registry?: string; slug?: string; owner?: string };
  installedAt?: number;
  /** Newest change of any of its files, Unix ms. */
  changedAt?: number;
  /** Files against the hashes of its origin file: `unknown` when there is nothing to compare with. */
  drift: 'none' | 'changed' | 'unknown';
  driftDetail?: string;
}

/** The form in which OpenClaw's audit table names a tool call. */
export function hashOfCall(id: string): string {
  return `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

/** Something that the agent did, from OpenClaw's own databases: for attribution, with the confidence that it allows. */
export interface AgentActivity {
  kind: 'tool-call' | 'skill-read';
  gatewayId: string;
  /** Unix ms. */
  startedAt: number;
  /** Unix ms; absent while it runs or when the end is not recorded. */
  endedAt?: number;
  tool?: string;
  toolCallId?: string;
  sessionId?: string;
  /** Shell command of an `exec` call, as the model wrote it. */
  command?: string;
  /** URL or host arguments of a call. */
  hosts?: string[];
  skill?: string;
}
