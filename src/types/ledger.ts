import type { Contact } from './contact.ts';
import type { DnsQuestion } from './dns.ts';
import type { EgressVerdict } from './egress.ts';
import type { AddressClass } from './ip.ts';
import type { Role } from './snapshot.ts';
import type { Protocol } from './socket.ts';

/** One attempt of one subject to reach one end. */
export interface Attempt {
  /** Unix ms. */
  at: number;
  address: string;
  port: number;
  protocol: Protocol;
  remoteClass?: AddressClass;
  /** Nobody answered, or the answer was no; `undefined`: not known yet. */
  failed?: boolean;
}

/** A connection of a contact as it is on record, from which the ledger is restored at a start. */
export interface PastConnection extends Contact {
  /** See `connectionKey`. */
  key: string;
  role: Role;
  skill?: string;
  gatewayId?: string;
  name?: string;
  verdict?: EgressVerdict;
  verdictReason?: string;
  /** Unix ms. */
  firstAt: number;
  lastAt: number;
  /** Still open in the last recorded cycle. */
  isOpen: boolean;
  inode?: number;
  bytesOut: number;
  bytesIn: number;
}

/** What one subject did towards one destination (see `contactOf`) and port lately. Bounded by the longest window of any rule. */
export interface ContactWindow {
  /** As in `Contact`. */
  subject: string;
  destination: string;
  port: number;
  role: Role;
  skill?: string;
  gatewayId?: string;
  name?: string;
  /** File name of the program that held its latest connection; raw: print through `safeText`. */
  program?: string;
  /** Newest last, at most 32. */
  addresses: readonly string[];
  remoteClass?: AddressClass;
  verdict?: EgressVerdict;
  verdictReason?: string;
  firstAt: number;
  /** Of the latest event, or of the latest bytes. */
  lastAt: number;
  /** Activity events (catalogue 1.5), Unix ms, oldest first: a new connection, or bytes sent after a silence. */
  activity: readonly number[];
  /** Bytes of each activity event, sent and received until the next one; as long as `activity`. */
  activityBytes: readonly { bytesOut: number; bytesIn: number }[];
  /** Sums since then, Unix ms: to the minute for the last two hours, before them to the hour and rather too much. */
  bytesSince(sinceAt: number): { bytesOut: number; bytesIn: number };
  /** Keys of its connections in this look. */
  socketKeys: readonly string[];
  /** Pids that hold or held its connections, newest last, at most 16. */
  pids: readonly number[];
}

/** What the family did lately, kept between looks so that rules can speak of windows and stay functions of their input. */
export interface Ledger {
  contacts(): Iterable<ContactWindow>;
  /** Ends that a subject tried to reach since then, each with its latest attempt, oldest first; loopback ones too. */
  attempts(subject: string, sinceAt: number): readonly Attempt[];
  subjects(): Iterable<string>;
  questions(sinceAt: number): readonly DnsQuestion[];
  /** Since when it has been kept without a gap, Unix ms; a window that reaches further back proves nothing by silence. */
  since(): number;
  /** Since when names have been seen without a gap, Unix ms; absent: as long as everything else. */
  namesSince?(): number;
}
