import type { ContactRecord } from './contact.ts';
import type { Finding, Severity } from './finding.ts';
import type { Indicators } from './indicators.ts';
import type { Ledger, PastConnection } from './ledger.ts';
import type { Since, Snapshot, TelemetryLevel } from './snapshot.ts';

/** The network-relevant part of a gateway's configuration as recorded earlier. */
export interface ConfigRecord {
  gatewayId: string;
  hash: string;
  /** Canonical subset without secrets, see `ConfigFact.networkSubset`. */
  subset: Record<string, unknown>;
  /** Unix ms. */
  recordedAt: number;
}

/** What rules may ask about the past. The store answers it; tests answer from a plain object. */
export interface History {
  /**
   * Since when the open listener or connection with this key has been recorded without a gap, Unix ms; `undefined`: not
   * open in the last cycle. One that was closed and came back counts from its return; `wasListening` asks further back.
   */
  firstSeenAt(key: string): number | undefined;
  /** `since` of the open listener or connection with this key as first recorded, so that it stays what it was. */
  sinceOf?(key: string): Since | undefined;
  /** Unix ms of the last recorded cycle; `undefined` on the very first look. */
  lastCycleAt(): number | undefined;
  /**
   * The configuration that counts as settled: the one that was current 24 h before the last cycle, or the oldest
   * recorded while history is younger. So a change stays a difference for a day, and a change taken back is none.
   */
  settledConfig(gatewayId: string): ConfigRecord | undefined;
  /** Distinct remote addresses that connected to a gateway's ports since then, with first sight in Unix ms. */
  inboundPeers(gatewayId: string, sinceAt: number): { address: string; firstAt: number; lastAt: number }[];
  /** Listeners on a port in the past, newest first: for a squatter that took the gateway's place. */
  wasListening(key: string, sinceAt: number): boolean;
  /** When this subject was first seen with this destination, see `contactOf`; Unix ms. */
  destinationFirstSeenAt(subject: string, destination: string): number | undefined;
  /** On how many different days (UTC); 0 for a contact that is not on record. */
  destinationDays(subject: string, destination: string): number;
  /** Whether the contact is learned: it silences novelty (EGR-04) and nothing else. */
  isLearned(subject: string, destination: string): boolean;
  /** Whether it was taken in by learning once, see `isFamiliar`: then it is not new, though something grave was found since. */
  isFamiliar?(subject: string, destination: string): boolean;
  /** Contacts last judged `unknown` and seen since then: a short connection must not be forgotten with its end. */
  unknownContacts(sinceAt: number): ContactRecord[];
  /**
   * Connections of contacts that were open at some time since then, oldest first; of more than `limit` the newest. The
   * ledger of windows is restored from them.
   */
  contactConnections?(sinceAt: number, limit: number): PastConnection[];
  /** When learning began: the first recorded cycle, or the last restart of learning. Unix ms. */
  learningSince(): number | undefined;
  /** When it ends or ended; `undefined` before the first cycle, which is a time of learning too. */
  learningUntil(): number | undefined;
}

/** What a rule gets beside the snapshot. */
export interface RuleContext<Options extends object = object> {
  history: History;
  options: Options;
  /** Unix ms; the only clock a rule may use, so that a replay can drive it. */
  now: number;
  /** What happened in the windows that rules speak of; absent in tests of rules that need none. */
  ledger?: Ledger;
  /** Lists of indicators and categories; absent in tests of rules that need none. */
  indicators?: Indicators;
  /** True for a single look (`scan`): there is no second cycle to confirm in, so confirmation delays do not apply. */
  singleLook: boolean;
}

/** One judgement, one file. Pure: same snapshot, history, options and time, same findings. */
export interface Rule<Options extends object = object> {
  /** Never renamed once released. */
  id: string;
  title: string;
  /** One or two sentences for `docs/rules.md`: what it looks for. */
  what: string;
  /** Why it matters, for `docs/rules.md`. */
  why: string;
  /** What makes it fire without harm, and how that is damped. */
  falsePositives: string;
  /** What a person should do, in general, for `docs/rules.md`; each finding has its own copyable fixes. */
  whatToDo?: string;
  /** Highest severity it can give by default, and the range in words. */
  severity: Severity;
  severityRange: string;
  /** Below this level the rule answers UNKNOWN. */
  needs: TelemetryLevel;
  /** MITRE ATT&CK technique ids. */
  attack: string[];
  /** Tuned numbers, each explained in `optionNotes`. */
  defaults: Options;
  optionNotes: Record<string, string>;
  judge(snapshot: Snapshot, context: RuleContext<Options>): Finding[];
}
