import type { Protocol } from './socket.ts';

/**
 * What the event sensor tells. All times are Unix ms. Everything a process can choose (program name, file name, host name) is
 * raw: print it through `safeText`.
 */
export type SensorEvent = ProcessEvent | ConnectEvent | ListenEvent | NameEvent | QuestionEvent | LossEvent;

/** A process that was born, became another program, or ended. Threads are none: they count as their process. */
export type ProcessEvent =
  | {
      kind: 'fork';
      at: number;
      pid: number;
      /** Process that made it, which is its parent unless it asked for another one. */
      ppid: number;
      /** Name of the parent at that moment, which is the child's until it executes something. */
      comm: string;
    }
  | {
      kind: 'exec';
      at: number;
      pid: number;
      /** File that was executed, as the program that asked for it wrote it; may be relative. */
      filename: string;
    }
  | { kind: 'exit'; at: number; pid: number };

/** A connection or datagram that a process sent off. Not whether it arrived. */
export interface ConnectEvent {
  kind: 'connect';
  at: number;
  /** Process, never thread. Absent when the thread that did it could not be told. */
  pid?: number;
  /** `icmp`: an echo request or another message of a raw socket. */
  protocol: Protocol | 'icmp';
  family: 4 | 6;
  /** Canonical (see `canonicalAddress`). */
  remote: { address: string; port: number };
  /** Absent when it was not known in time: the kernel picks it after the first event. */
  local?: { address: string; port: number };
  /** TCP: whether the handshake ended well; absent while it goes on. */
  outcome?: 'established' | 'failed';
  /** Attempts of the same process to the same end that this event stands for; absent: one. */
  count?: number;
  /** Local ports of these attempts, as far as known. */
  localPorts?: number[];
}

/** A TCP socket that began to listen. */
export interface ListenEvent {
  kind: 'listen';
  at: number;
  pid?: number;
  family: 4 | 6;
  local: { address: string; port: number };
}

/** A name seen for an address, on the wire of this host. */
export interface NameEvent {
  kind: 'name';
  at: number;
  address: string;
  /** Lower case, without trailing dot, in ASCII (punycode) form, checked by `canonicalHostName`. */
  name: string;
  /** `dns`: an answer; `sni`: the server name in a TLS or QUIC hello. */
  source: 'dns' | 'sni';
  /** Network namespace in which it was seen: the same address can be another machine in another one. */
  netns?: string;
  /** DNS: how long the answer may be kept. */
  ttlMs?: number;
  /** DNS: who answered. An answer of a server that this host is not set up to ask proves little. */
  server?: string;
  /** SNI: local end of the very connection that said the name. */
  local?: { address: string; port: number };
  /** SNI: port of the far end. */
  remotePort?: number;
}

/**
 * A question that this host asked a name server, told when its answer came or was waited for in vain. The same one again
 * within ten seconds is told once.
 */
export interface QuestionEvent {
  kind: 'question';
  /** When it was asked. */
  at: number;
  /** As in `DnsQuestion`: printable ASCII without spaces, lower case, at most 253 characters; not checked to be a host. */
  name: string;
  type: string;
  rcode?: string;
  server: string;
  /** Own end, by which the process is found that sent it. */
  local: { address: string; port: number };
  netns?: string;
}

/** Something that was not seen, counted. */
export interface LossEvent {
  kind: 'loss';
  fromAt: number;
  toAt: number;
  /** Part of the sensor that was blind. */
  source: 'kernel-events' | 'datagrams' | 'names' | 'queue';
  /** Exact number of events where known. */
  count?: number;
  /** Cause, in one clause. */
  why: string;
}

/** How much of the traffic that carries names could not be read, since the sensor started. */
export interface NameBlindness {
  /** Connections to port 853, to known DNS-over-HTTPS servers, and hellos with an encrypted server name. */
  dot: number;
  doh: number;
  ech: number;
  /** Hellos and answers that were malformed or cut. */
  malformed: number;
}

/** First thing that a reader is told, and again when it changes. */
export interface SensorStatus {
  version: number;
  pid: number;
  /** Unix ms. */
  startedAt: number;
  /** What is open: `tcp`, `processes`, `datagrams`, `names`. */
  sources: ('tcp' | 'processes' | 'datagrams' | 'names')[];
  /** What is not, and why, one clause each. */
  missing: { source: string; why: string; fix?: string }[];
  nameBlindness?: NameBlindness;
  /** Events told so far, and those that were lost, by part. */
  counts: { connects: number; listens: number; names: number; lost: number };
}
