import type { ContactRecord } from './contact.ts';
import type { Severity } from './finding.ts';
import type { ConnectionRecord, FindingRecord, FindingStatus, ListenerRecord, StoreReader } from './store.ts';

/** A record with its row number, which is what a screen holds on to between two looks at the database. */
export type Numbered<Value> = Value & { row: number };

/** Findings of one kind, counted. */
export interface FindingCount {
  severity: Severity;
  status: FindingStatus;
  verdict: 'finding' | 'unknown';
  count: number;
}

/** Contacts of a skill, summed. */
export interface SkillTraffic {
  skill: string;
  hosts: number;
  /** Contacts that are neither expected nor allowed nor learned. */
  unknown: number;
  bytesOut: number;
  bytesIn: number;
  lastAt: number;
}

/** Something that became another than it was. Text is raw: print it through `safeText`. */
export interface Change {
  /** Unix ms. */
  at: number;
  kind: 'finding' | 'listener' | 'configuration' | 'skill' | 'policy' | 'blind' | 'gateway';
  /** What happened, in a word or two: `new`, `closed`, `removed`. */
  event: string;
  /** What it happened to. */
  subject: string;
  severity?: Severity;
}

/**
 * What a screen that stays open asks several times a second. Each question costs what is shown or open, never what is on
 * record: a month of closed connections is not read for one frame.
 */
export interface LiveReader extends StoreReader {
  /** Another number after every write of somebody else. */
  version(): number;
  /** Row numbers of connections that are open, newest first. */
  openConnections(): number[];
  /** The highest number of a connection; 0 where there is none. */
  newestConnection(): number;
  /** Numbers of connections above a row that are open, of those that closed at or after a moment, and the newest of both. */
  connectionsSince(row: number, closedAt: number): { fresh: number[]; gone: number[]; row: number; closedAt: number };
  /** Row numbers of listeners that are open, newest first. */
  openListeners(): number[];
  /** Row numbers of findings that are true now, the worst first. */
  presentFindings(limit: number): number[];
  connectionRows(rows: readonly number[]): Numbered<ConnectionRecord>[];
  listenerRows(rows: readonly number[]): Numbered<ListenerRecord>[];
  findingRows(rows: readonly number[]): Numbered<FindingRecord>[];
  findingCounts(): FindingCount[];
  /** Connections that were open at some time between the two moments, newest first. */
  connectionsBetween(fromAt: number, toAt: number, limit: number): ConnectionRecord[];
  skillTraffic(): SkillTraffic[];
  /** The contact that a finding of this fingerprint tells of. */
  contactOf(fingerprint: string): ContactRecord | undefined;
  /** What changed, newest first. */
  changes(limit: number): Change[];
  /**
   * Connections recorded in each of `buckets` stretches of time from `fromAt` on. Counted by row numbers, which grow with
   * time: where the clock was set back or rows were deleted, it is the order of magnitude.
   */
  opened(fromAt: number, bucketMs: number, buckets: number): number[];
  /** Findings that were new in each stretch. */
  found(fromAt: number, bucketMs: number, buckets: number): number[];
}
