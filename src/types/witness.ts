import type { BlindSpot } from './blind-spot.ts';
import type { IsKnownRemnant, ProcessTable } from './collector.ts';
import type { DnsQuestion } from './dns.ts';
import type { NameFact } from './egress.ts';
import type { LossEvent, NameBlindness, SensorStatus } from './sensor.ts';
import type { Observation } from './socket.ts';

/** What the sensor gave to one look. */
export interface SensorShare {
  /** What it watches. */
  sources: SensorStatus['sources'];
  /** TCP connections opened in each namespace since the look before, and those of which the process is known. */
  opens: { netns: string; opened: number; owned: number }[];
  nameBlindness?: NameBlindness;
  /** Names seen on the wire for the far ends of this look. */
  names: NameFact[];
  /** Questions to name servers since the look before, oldest first. */
  questions?: DnsQuestion[];
}

/** A stretch in which a source of events was blind, or events that it lost. */
export interface Loss {
  /** Unix ms. */
  fromAt: number;
  toAt: number;
  source: LossEvent['source'];
  /** Exact number of events, where known. */
  count?: number;
  /** Cause, in one clause. */
  why: string;
}

/** Tells what happened between two looks. Without its sensor it is silent, and says so. */
export interface Witness {
  /** Takes everything that arrived so far into this look. The table comes back with those who came and went. */
  begin(table: ProcessTable): Promise<WitnessedLook>;
  close(): void;
}

/** What was witnessed since the look before. */
export interface WitnessedLook {
  table: ProcessTable;
  isKnownRemnant: IsKnownRemnant;
  /**
   * Adds the family's connections that no table shows any more, and owners to remnants. Once for each look.
   *
   * @param family pids of the family.
   */
  explain(observations: readonly Observation[], family: ReadonlySet<number>): WitnessReading;
}

export interface WitnessReading {
  observations: Observation[];
  sensor?: SensorShare;
  losses: Loss[];
  blindSpots: BlindSpot[];
}
