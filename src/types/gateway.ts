import type { ReachableAddress, ReachOrUnknown, Since } from './snapshot.ts';

/** Why we believe that a process is a gateway, or that one ran here. */
export interface GatewayEvidence {
  kind: 'lock-file' | 'service-unit' | 'environ' | 'title' | 'listen' | 'open-files' | 'state-dir' | 'package';
  /** One sentence, safe to print after `safeText`. */
  detail: string;
}

/** A lock file of the gateway and what it is worth. */
export interface GatewayLock {
  path: string;
  pid?: number;
  /** The port the gateway wrote when it started. */
  port?: number;
  /** Clock ticks since boot, to be equal to `ProcessFact.startTicks`. */
  startTicks?: number;
  /** Unix ms. */
  createdAt?: number;
  configPath?: string;
  stateDir?: string;
  role?: string;
  /** live: that process runs; stale: no such pid; reused: the pid is another process now. */
  status: 'live' | 'stale' | 'reused' | 'unreadable' | 'invalid';
}

/** A secret in a configuration, without the secret. */
export interface SecretFact {
  /** How it is given: written out, by environment reference, by a secret reference that we do not resolve. */
  given: 'literal' | 'env' | 'reference';
  /** Characters; absent when unresolved. */
  length?: number;
  /** First 16 hex digits of a keyed SHA-256, only good for "same as before" and "same as that other one". */
  hash?: string;
  /** A published placeholder, blank, "undefined", "null" or the like. */
  placeholder?: boolean;
}

/** openclaw.json as found. Secrets are replaced by their `SecretFact` before anything else sees the object. */
export interface ConfigFact {
  status: 'read' | 'missing' | 'unreadable' | 'invalid';
  path?: string;
  /** Unix ms of the last change of the main file. */
  modifiedAt?: number;
  /** Main file and every included one that was read. */
  files: string[];
  /** The merged object, secrets replaced by `{ "$secret": SecretFact }`; `{}` unless `status` is read. */
  value: Record<string, unknown>;
  /** Keys that OpenClaw does not know, with what to write instead where an old guide is the likely source. */
  unknownKeys: { key: string; hint: string }[];
  /** Everything else worth saying: an include that could not be read, an unset ${VARIABLE}, a parse error. */
  problems: string[];
  /** Canonical JSON of the network-relevant keys, and its hash, for drift (POS-06). */
  networkSubset: Record<string, unknown>;
  networkHash?: string;
}

/** The version of the code that runs and of the code on disk; they differ after an update without a restart. */
export interface VersionFact {
  installed?: string;
  running?: string;
  packagePath?: string;
}

/** A gateway as collected: identity, evidence, configuration. */
export interface GatewayFact {
  /** Profile name where unique, else with the state directory; stable across restarts. */
  id: string;
  profile: string;
  running: boolean;
  /** How sure we are that it is a gateway. */
  confidence: Confidence;
  pid?: number;
  startTicks?: number;
  startedAt?: number;
  uid?: number;
  netns?: string;
  /** In a container as OpenClaw itself would decide it; decides the default bind. */
  inContainer?: boolean;
  stateDir?: string;
  /** Every agent workspace known from the configuration, absolute. */
  workspaces: string[];
  locks: GatewayLock[];
  evidence: GatewayEvidence[];
  config: ConfigFact;
  /** Arguments that the gateway was started with, where recoverable (unit file, argv of a not yet titled process). */
  startArguments?: string[];
  /** Allow-listed environment of the process or of its unit. */
  markers: Record<string, string>;
  /** Service unit, where one manages it. */
  unit?: string;
  version: VersionFact;
}

/** How sure an attribution is. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** `gateway.bind` words of OpenClaw. */
export type BindMode = 'loopback' | 'lan' | 'tailnet' | 'auto' | 'custom';

/** Where a declared value came from, strongest first. */
export type DeclaredBy = 'flag' | 'environment' | 'config' | 'container default' | 'profile default' | 'default';

/** What configuration, environment and flags say should happen. */
export interface DeclaredBind {
  mode: BindMode | 'invalid';
  modeBy: DeclaredBy;
  /** The raw word when it is not one of the modes ("0.0.0.0"). */
  raw?: string;
  /** Addresses that this mode means on this host, canonical; empty when it cannot be said. */
  addresses: string[];
  port: number;
  portBy: DeclaredBy | 'lock file' | 'socket';
  /** What the config file alone says: this is what OpenClaw's own tools report. */
  configMode: BindMode | 'invalid' | 'unset' | 'unreadable';
}

/** Authentication in front of the gateway, from configuration; strength and never the secret. */
export interface AuthFact {
  mode: 'token' | 'password' | 'trusted-proxy' | 'none' | 'unset' | 'unknown';
  /** A0 none or as good as none, A1 sound, `unknown` when we could not read it. */
  strength: 'none' | 'weak' | 'sound' | 'unknown';
  /** Why, for the reader: "token of 12 characters", "trusted-proxy without trustedProxies". */
  reasons: string[];
}

/** A gateway with everything said about it: declared against effective. */
export interface Gateway extends GatewayFact {
  declared: DeclaredBind;
  auth: AuthFact;
  /** Keys of its gateway-port listeners, then of all its other listeners. */
  gatewayListeners: string[];
  otherListeners: string[];
  /**
   * The widest reach of the gateway port itself; `unknown` when its sockets could not be read. `loopback` without any
   * `reachableAt` when they were read and none listens (`bindVerdict` is then `not listening`).
   */
  reach: ReachOrUnknown;
  reachableAt: ReachableAddress[];
  since?: Since;
  /** Sentences that explain a difference between declared and effective; empty when they agree. */
  differences: string[];
  /** `different`: the socket is not what was declared, in either direction. */
  bindVerdict: 'as declared' | 'wider than declared' | 'narrower than declared' | 'not listening' | 'unknown';
}
