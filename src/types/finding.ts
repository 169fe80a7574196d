import { createHash } from 'node:crypto';
import type { Confidence } from './gateway.ts';

/** How much it matters, mildest first. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Negative when `a` is milder than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** Steps down or up the scale, never past its ends or past `limit`; what is past `limit` already stays where it is. */
export function shiftSeverity(
  severity: Severity,
  steps: number,
  limit: Severity = steps < 0 ? 'info' : 'critical',
): Severity {
  const from = SEVERITIES.indexOf(severity);
  const bound = SEVERITIES.indexOf(limit);
  const target =
    steps < 0 ? Math.max(from + steps, Math.min(from, bound)) : Math.min(from + steps, Math.max(from, bound));
  return SEVERITIES[target]!;
}

/** One fact that a judgement rests on. Values may hold text from outside: print through `safeText`. */
export interface Evidence {
  label: string;
  value: string;
}

/** Something a person can do; `command` is copyable as it stands and holds no text from outside unquoted. */
export interface Fix {
  text: string;
  command?: string;
}

/**
 * Kind of evidence. Two kinds that agree on one skill, destination or line of processes are worth more than either alone.
 * `exposure` is what a machine is (who can reach it, how it is set up), and not what somebody did: it joins an incident
 * and raises none.
 */
export type EvidenceFamily =
  | 'reputation'
  | 'process shape'
  | 'timing'
  | 'volume'
  | 'addressing'
  | 'novelty'
  | 'channel misuse'
  | 'exposure';

/**
 * What a rule tells the engine beside its judgement. The engine uses it up: it is in no record and on no screen. All of it
 * is optional; without it subject and sockets must do.
 */
export interface FindingHints {
  /** Destination as in `contactOf`, where the connection may be gone already. */
  destination?: string;
  /** Processes that it is about, where no socket names them; a few, nearest first. */
  pids?: readonly number[];
  /**
   * What it takes for granted, so that it waits for its grace: `absent name` that a host without a name has none (wrong
   * while the memory of names is young), `settled network` that addresses and name servers are what they usually are
   * (wrong for a moment after sleep and after a change of network).
   */
  restsOn?: readonly ('absent name' | 'settled network')[];
  /** Unix ms since which something is not seen any more: who is about to be found out has a reason for it. */
  blindSince?: number;
}

/** A rule's judgement. `unknown` says that the rule could not judge, and why. */
export interface Finding {
  ruleId: string;
  verdict: 'finding' | 'unknown';
  severity: Severity;
  /** One sentence with its subject, ready to print after `safeText`. */
  title: string;
  /** What it is about, short and stable: "gateway default", "skill file-helper". */
  subject: string;
  /** Why it matters, one or two sentences. */
  why: string;
  evidence: Evidence[];
  fixes: Fix[];
  confidence: Confidence;
  /** Parts that make two findings the same: no pid, no ephemeral port, no version path. */
  fingerprint: string;
  gatewayId?: string;
  /** Keys of the listeners and connections that it rests on. */
  socketKeys: string[];
  /** Set by the engine from the rule. */
  family?: EvidenceFamily;
  /** `I-7K2M9Q`: set by the engine on findings that belong together. Names no pid, so that a restart keeps it. */
  incidentId?: string;
  hints?: FindingHints;
}

/** Stable identity of a finding: rule and the parts that name its subject. 64 hex digits. */
export function fingerprint(ruleId: string, ...parts: string[]): string {
  return (
    createHash('sha256')
      // JSON and not a separator: a part is a name from outside and may hold any separator.
      .update(JSON.stringify([ruleId, ...parts]))
      .digest('hex')
  );
}

// Crockford's alphabet has no I, L, O, U: an id survives being read aloud.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * `F-7K2M9Q`: what a person types. Six digits of 32 hold 30 bits, so a thousand findings collide with p < 0.1 %. The
 * store asks for more `digits` (up to 12) when two findings do collide; a longer id starts with the shorter one.
 */
export function findingId(fingerprintHex: string, digits = 6): string {
  let id = '';
  for (const start of [0, 8]) {
    let bits = Number.parseInt(fingerprintHex.slice(start, start + 8), 16);
    for (let i = 0; i < 6; i++) {
      id += ALPHABET[bits & 31];
      bits >>>= 5;
    }
  }
  return `F-${id.slice(0, digits)}`;
}
