/** A process as the system showed it. Everything a process can choose (comm, argv, cwd) is for display and evidence. */
export interface ProcessFact {
  pid: number;
  /** Field 22 of `/proc/PID/stat`, clock ticks since boot; with the pid it names one process for ever. 0 if unknown. */
  startTicks: number;
  /** Unix ms, derived from `startTicks`; absent where the system does not tell. */
  startedAt?: number;
  ppid: number;
  pgid?: number;
  sid?: number;
  uid?: number;
  /** Kernel name, at most 15 bytes on Linux; a process can rename itself, so it never identifies anything alone. */
  comm: string;
  /** Arguments; empty when unreadable. A process can overwrite them: the gateway does. */
  argv: string[];
  /** Target of `/proc/PID/exe`; absent without the right to read it. */
  exe?: string;
  cwd?: string;
  /** Innermost control group path, for example `/user.slice/…/openclaw-gateway.service`. */
  cgroup?: string;
  /** Network namespace number; absent without the right to read it. */
  netns?: string;
  /** Environment variables of the allow list (`ENVIRON_MARKERS`) that this process was started with; never others. */
  markers: Record<string, string>;
  /**
   * Targets of descriptors 0, 1 and 2 (`socket:[123]`, `pipe:[45]`, `/dev/pts/3`); read for the family only. Absent: not read.
   */
  stdio?: readonly (string | undefined)[];
  /** Holds the master side of a terminal (`/dev/ptmx`); with `stdio` only. */
  holdsTerminal?: boolean;
  /** True when `environ` could not be read, so that missing markers prove nothing. */
  markersUnread?: boolean;
}

/** `pid:startTicks`: survives pid reuse, which a pid alone does not. */
export type ProcessKey = string;

export function processKey(process: Pick<ProcessFact, 'pid' | 'startTicks'>): ProcessKey {
  return `${process.pid}:${process.startTicks}`;
}

/**
 * The only environment variables ever kept. Values of these are paths, ports and words; tokens live under other names
 * and are never read into memory beyond the scan for these names.
 */
export const ENVIRON_MARKERS: ReadonlySet<string> = new Set([
  'OPENCLAW_SERVICE_MARKER',
  'OPENCLAW_SERVICE_KIND',
  'OPENCLAW_GATEWAY_PORT',
  'OPENCLAW_GATEWAY_BIND',
  'OPENCLAW_PROFILE',
  'OPENCLAW_STATE_DIR',
  'OPENCLAW_CONFIG_PATH',
  'OPENCLAW_HOME',
  'OPENCLAW_SYSTEMD_UNIT',
  'OPENCLAW_LAUNCHD_LABEL',
  'OPENCLAW_WINDOWS_TASK_NAME',
  'OPENCLAW_SHELL',
  'OPENCLAW_CLI',
  'OPENCLAW_SUBAGENT_EXEC',
  'OPENCLAW_DISABLE_BONJOUR',
  'OPENCLAW_INCLUDE_ROOTS',
  'OPENCLAW_PROXY_ACTIVE',
  'HOME',
  'FLY_APP_NAME',
  'FLY_MACHINE_ID',
  'npm_lifecycle_event',
  'CLAWWATCH_CALL',
  'CLAWWATCH_RUN',
  'CLAWWATCH_SESSION',
]);

/**
 * Variables that hold the gateway's own secret. Only the length of the value is kept, as the marker `NAME#length`: it tells
 * a gateway that has its token from the environment from one that has none.
 */
export const ENVIRON_SECRETS: ReadonlySet<string> = new Set(['OPENCLAW_GATEWAY_TOKEN', 'OPENCLAW_GATEWAY_PASSWORD']);

/** Name of the marker with the length, in bytes, of a secret variable; no variable can be called so. */
export function lengthMarker(secretName: string): string {
  return `${secretName}#length`;
}

/** How a process came to be counted to a gateway's family, strongest first. */
export type FamilyBasis =
  | 'root' // the gateway process itself
  | 'descendant' // its parent chain reaches the root now
  | 'remembered' // it did when first seen, and has been re-parented since
  | 'cgroup' // same service unit as the root
  | 'environ'; // started with OPENCLAW_SHELL or this gateway's state directory in its environment

/** A process that belongs to a gateway. */
export interface FamilyMember {
  pid: number;
  startTicks: number;
  gatewayId: string;
  basis: FamilyBasis;
  /** Process keys from the parent up to the gateway as recorded at first sight, nearest first. */
  ancestors: ProcessKey[];
  /** True once it left the tree: its recorded parent is gone and another process adopted it. */
  detached: boolean;
  /** Unix ms. */
  firstSeenAt: number;
}
