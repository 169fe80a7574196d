import type { BlindSpot } from '../../types/blind-spot.ts';
import type { SocketReading, SocketRequest, SocketSource } from '../../types/collector.ts';
import { connectionKey, type Observation } from '../../types/socket.ts';
import type { RunCommand } from './command.ts';
import { createLsofSockets } from './lsof.ts';
import { createNetstatSockets } from './netstat.ts';
import { ownerlessBlindSpots } from './tool-blindness.ts';

export interface DarwinOptions {
  runLsof?: RunCommand;
  runNetstat?: RunCommand;
}

// Gaps of one tool that the other one fills while it works, or that it has said already.
const FILLED_BY_NETSTAT = new Set(['lsof.other-users', 'lsof.time-wait', 'lsof.dual-stack']);
const FILLED_BY_LSOF = new Set(['netstat.identity', 'netstat.short-lived', 'netstat.owners']);

/**
 * Sockets of macOS: lsof knows every holder but only of processes that we may look into; netstat knows every socket of
 * the host and one pid for each. Both run at the same time, and one alone is still an answer with a gap.
 */
export function createDarwinSockets(options: DarwinOptions = {}): SocketSource {
  const lsof = createLsofSockets({ platform: 'darwin', ...(options.runLsof && { run: options.runLsof }) });
  const netstat = createNetstatSockets({ platform: 'darwin', ...(options.runNetstat && { run: options.runNetstat }) });
  return {
    id: 'darwin',
    isSupported: () => true,
    async read(request: SocketRequest, signal: AbortSignal): Promise<SocketReading> {
      const [owned, all] = await Promise.all([lsof.read(request, signal), netstat.read(request, signal)]);
      const observations = mergeSockets(owned.observations, all.observations);
      return { observations, blindSpots: mergeBlindSpots(owned.blindSpots, all.blindSpots, observations) };
    },
  };
}

/**
 * Adds to the sockets of lsof what only netstat saw. Two sockets with the same addresses are matched by pid first and
 * then one to one, never dropped: an extra one is somebody else on the same port, which is just what matters. Pure.
 */
export function mergeSockets(owned: readonly Observation[], all: readonly Observation[]): Observation[] {
  const waiting = Map.groupBy(owned, mergeKey);
  const matched = new Map<Observation, Observation>();
  const later: Observation[] = [];
  const match = (seen: Observation, fits: (candidate: Observation) => boolean): boolean => {
    const candidates = waiting.get(mergeKey(seen)) ?? [];
    const at = candidates.findIndex(fits);
    if (at < 0) return false;
    matched.set(candidates[at]!, seen);
    candidates.splice(at, 1);
    return true;
  };
  for (const seen of all) {
    const [pid] = seen.pids ?? [];
    if (pid === undefined || !match(seen, (candidate) => candidate.pids?.includes(pid) ?? false)) later.push(seen);
  }
  const added = later.filter((seen) => !match(seen, () => true));
  return [...owned.map((socket) => withDualStack(socket, matched.get(socket))), ...added];
}

// The zone is written differently by both tools (index and name), so it is no part of the key.
function mergeKey(socket: Observation): string {
  return `${connectionKey(socket)} ${socket.family}`;
}

function withDualStack(socket: Observation, seen: Observation | undefined): Observation {
  return seen?.dualStack === undefined ? socket : { ...socket, dualStack: seen.dualStack };
}

function mergeBlindSpots(
  lsof: readonly BlindSpot[],
  netstat: readonly BlindSpot[],
  merged: readonly Observation[],
): BlindSpot[] {
  const lsofWorks = !lsof.some((spot) => spot.essential);
  const netstatWorks = !netstat.some((spot) => spot.essential);
  return [
    // netstat sees every socket, so what lsof could not is a missing owner and no missing socket.
    ...lsof
      .filter((spot) => !(netstatWorks && FILLED_BY_NETSTAT.has(spot.id)))
      .map((spot) => (netstatWorks ? { ...spot, essential: false } : spot)),
    ...netstat.filter((spot) => !(lsofWorks && FILLED_BY_LSOF.has(spot.id))),
    ...(lsofWorks ? ownerlessBlindSpots('darwin', merged, 'run it as root: sudo clawwatch scan') : []),
  ];
}
