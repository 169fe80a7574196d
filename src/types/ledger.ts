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
  /** Newest last, at most 32. */
  addresses: readonly string[];
  remoteClass?: AddressClass;
  verdict?: EgressVerdict;
  verdictReason?: string;
  firstAt: number;
  lastAt: number;
  /** Activity events (catalogue 1.5), Unix ms, oldest first: a new connection, or bytes sent after a silence. */
  activity: readonly number[];
  /** Bytes of each activity event, sent and received until the next one; as long as `activity`. */
  activityBytes: readonly { bytesOut: number; bytesIn: number }[];
  /** Sums since then, Unix ms, to the minute. */
  bytesSince(sinceAt: number): { bytesOut: number; bytesIn: number };
  /** Keys of its connections in this look. */
  socketKeys: readonly string[];
  /** Pids that hold or held its connections, newest last, at most 16. */
  pids: readonly number[];
}

/** What the family did lately, kept between looks so that rules can speak of windows and stay functions of their input. */
export interface Ledger {
  contacts(): Iterable<ContactWindow>;
  /** Attempts of a subject since then, oldest first; loopback ones too. */
  attempts(subject: string, sinceAt: number): readonly Attempt[];
  subjects(): Iterable<string>;
  questions(sinceAt: number): readonly DnsQuestion[];
  /** Since when it has been kept without a gap, Unix ms; a window that reaches further back proves nothing by silence. */
  since(): number;
}
