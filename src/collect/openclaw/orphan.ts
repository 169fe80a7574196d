import type { ProcessFact } from '../../types/process.ts';
import { parseGatewayPort } from './profile-port.ts';

/** What adopts orphans: init systems and the small ones of containers. */
const ADOPTERS: ReadonlySet<string> = new Set([
  'systemd',
  'init',
  'launchd',
  'tini',
  'dumb-init',
  'docker-init',
  'catatonit',
  'podman-init',
  's6-svscan',
  'runit',
  'runsvdir',
]);

const MAX_STEPS = 64;

/** True when the process has the variables that OpenClaw gives to commands of its agent. */
function hasAgentMarkers(process: ProcessFact): boolean {
  return process.markers.OPENCLAW_SHELL !== undefined || process.markers.OPENCLAW_CLI === '1';
}

/**
 * True when the environment says that this gateway's agent started the process: a marker of a command, and this
 * gateway's state directory or port. Where only one gateway is known, OPENCLAW_SHELL without either is enough.
 * The state directory alone is not: a user's own unit or crontab may set it.
 */
export function isStartedBy(
  process: ProcessFact,
  gateway: { stateDir?: string; stateDirAliases?: readonly string[]; port?: number },
  isOnlyGateway: boolean,
): boolean {
  if (!hasAgentMarkers(process) || process.markers.OPENCLAW_SERVICE_KIND === 'node') return false;
  const { OPENCLAW_STATE_DIR: stateDir, OPENCLAW_GATEWAY_PORT: port } = process.markers;
  if (stateDir !== undefined && gateway.stateDir !== undefined) {
    return [gateway.stateDir, ...(gateway.stateDirAliases ?? [])].some((name) => plain(name) === plain(stateDir));
  }
  if (port !== undefined && gateway.port !== undefined) return parseGatewayPort(port) === gateway.port;
  return isOnlyGateway && process.markers.OPENCLAW_SHELL !== undefined;
}

/**
 * True when nobody but an init system stands above it. Lineage wins over environment: a user who exports the variables
 * in a terminal has a shell above each of his processes, and that shell does not carry them itself (an environment is
 * that of the start). So the first ancestor without the markers decides: an adopter means orphan, a shell, a terminal
 * or a cron daemon means that somebody else is responsible.
 */
export function isOrphan(process: ProcessFact, parentOf: (process: ProcessFact) => ProcessFact | undefined): boolean {
  let at = process;
  for (let step = 0; step < MAX_STEPS; step++) {
    if (at.ppid === 0 || at.ppid === 1) return true;
    const parent = parentOf(at);
    // Gone while we read, or hidden: nothing proves another origin, and the markers do prove this one.
    if (parent === undefined) return true;
    if (!hasAgentMarkers(parent)) return ADOPTERS.has(parent.comm) && isNearTop(parent, parentOf);
    at = parent;
  }
  return false;
}

/** An adopter's own parent is pid 1 or nothing: a shell that renamed itself "systemd" is none. */
function isNearTop(process: ProcessFact, parentOf: (process: ProcessFact) => ProcessFact | undefined): boolean {
  return process.ppid <= 1 || (parentOf(process)?.ppid ?? 0) === 0;
}

function plain(path: string): string {
  return path.replace(/\/+$/, '');
}
