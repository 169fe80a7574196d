import type { BlindSpot } from './blind-spot.ts';
import type { ContactRecord } from './contact.ts';
import type { EgressVerdict, PolicyRule, SkillFact } from './egress.ts';
import type { Finding, Severity } from './finding.ts';
import type { Gateway } from './gateway.ts';
import type { History } from './rule.ts';
import type { Connection, ConnectionCoverage, Listener, Snapshot } from './snapshot.ts';

/** open: true in the last cycle; acknowledged: seen by a person; suppressed: muted with a reason; resolved: gone. */
export type FindingStatus = 'open' | 'acknowledged' | 'suppressed' | 'resolved';

/** A finding with its life. Times are Unix ms. */
export interface FindingRecord extends Finding {
  /** Short id, `F-7K2M9Q`. */
  id: string;
  status: FindingStatus;
  firstAt: number;
  lastAt: number;
  resolvedAt?: number;
  /** Cycles or events in which it was true. */
  count: number;
}

export interface FindingFilter {
  status?: readonly FindingStatus[];
  minSeverity?: Severity;
  /** Only findings true at or after this moment, Unix ms. */
  sinceAt?: number;
  limit?: number;
}

/** One recorded cycle. */
export interface CycleRecord {
  id: number;
  at: number;
  durationMs: number;
  /** `agent` or `scan`. */
  origin: 'agent' | 'scan';
  blindSpots: BlindSpot[];
  /** Connections recorded, and how many of them had an owner. */
  connections: number;
  connectionsOwned: number;
}

/** A stretch without a look although the agent should have been looking. */
export interface BlindPeriod {
  fromAt: number;
  toAt: number;
  cause: string;
}

/** A socket as recorded, with its life. `closedAt` is absent while it is open. Times are Unix ms. */
export interface ListenerRecord {
  listener: Listener;
  firstAt: number;
  lastAt: number;
  closedAt?: number;
}
export interface ConnectionRecord {
  connection: Connection;
  firstAt: number;
  lastAt: number;
  closedAt?: number;
}

/** What happened to a finding: new, reopened, resolved, or a status that it was given. */
export interface FindingEvent {
  /** Unix ms. */
  at: number;
  event: string;
  /** Empty when the event speaks for itself. */
  reason: string;
}

/** Which contacts to list. */
export interface ContactFilter {
  subject?: string;
  verdict?: readonly EgressVerdict[];
  /** Only those seen at or after this moment, Unix ms. */
  sinceAt?: number;
  limit?: number;
}

/** Connections opened against those identified, for at most an hour. */
export interface CoverageRecord extends ConnectionCoverage {
  fromAt: number;
  toAt: number;
}

/** All that looking needs: the command line and the terminal screen get only this, over a read-only handle. */
export interface StoreReader {
  lastCycle(): CycleRecord | undefined;
  gateways(): Gateway[];
  listeners(filter?: { open?: boolean; sinceAt?: number; limit?: number }): ListenerRecord[];
  connections(filter?: { open?: boolean; sinceAt?: number; limit?: number }): ConnectionRecord[];
  /** Skills that are installed now, as last found. */
  skills(): SkillFact[];
  findings(filter?: FindingFilter): FindingRecord[];
  /** By short id or any unique prefix of the fingerprint; throws `UserError` when it is ambiguous. */
  finding(idOrPrefix: string): FindingRecord | undefined;
  /** What happened to a finding, oldest first; empty for one that does not exist. */
  findingEvents(fingerprint: string): FindingEvent[];
  blindPeriods(sinceAt: number): BlindPeriod[];
  /** Every rule of the user's, also expired and removed ones, oldest first: `isInForce` tells which count. */
  policy(): PolicyRule[];
  /** Contacts, newest sight first. */
  destinations(filter?: ContactFilter): ContactRecord[];
  /** Hours with anything measured since then, oldest first. */
  coverage(sinceAt: number): CoverageRecord[];
  learningSince(): number | undefined;
  /**
   * Bytes of the database file, its `-wal` included, and rows per table. `overLimitBytes` is set when the last `retain`
   * could not get under its limit, because what is left is open or held by a reader.
   */
  size(): { bytes: number; rows: Record<string, number>; overLimitBytes?: number };
  close(): void;
}

/** What the agent and `scan` need on top. */
export interface Store extends StoreReader {
  history(): History;
  /** One cycle, one transaction: after a crash it is there whole or not at all. */
  recordCycle(
    snapshot: Snapshot,
    findings: Finding[],
    origin: 'agent' | 'scan',
  ): { cycleId: number; findings: FindingRecord[] };
  recordBlindPeriod(period: BlindPeriod): void;
  setFindingStatus(fingerprint: string, status: FindingStatus, reason: string, at: number): void;
  /** Writes a rule and mutes what it mutes at once. */
  addPolicyRule(rule: Omit<PolicyRule, 'id' | 'removedAt' | 'removedReason'>): PolicyRule;
  /** The rule stays on record as removed. @throws UserError when there is none in force with this id. */
  removePolicyRule(id: number, at: number, reason: string): PolicyRule;
  /** What a changed policy says of contacts without a connection at the moment. */
  judgeDestinations(verdicts: readonly { id: number; verdict: EgressVerdict; reason: string }[], at: number): void;
  /** Refuses contacts in the review: they are not learned, whatever was seen. */
  rejectDestinations(ids: readonly number[], at: number): void;
  /** Forgets what was learned and begins anew; rules of the user's stay. */
  restartLearning(at: number): void;
  /** Deletes what is older than `days`, then the oldest until the file is under `megabytes`. Returns rows deleted. */
  retain(limits: { days: number; megabytes: number }, now: number): number;
}
