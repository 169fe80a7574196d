import type { GatewayFact } from '../../types/gateway.ts';
import type { CandidateProcess } from './candidates.ts';
import type { FamilyRoot } from './family.ts';
import { parseGatewayPort } from './profile-port.ts';

/** The root of a gateway's family, from the confirmed fact; `undefined` while it does not run. */
export function familyRootOf(gateway: GatewayFact): FamilyRoot | undefined {
  if (!gateway.running || gateway.pid === undefined || gateway.startTicks === undefined) return undefined;
  const lock = gateway.locks.find((one) => one.status === 'live' && one.startTicks === gateway.startTicks);
  return rootOf(gateway.id, { pid: gateway.pid, startTicks: gateway.startTicks }, [
    [gateway.stateDir, lock?.stateDir, gateway.markers.OPENCLAW_STATE_DIR],
    lock?.port ?? parseGatewayPort(gateway.markers.OPENCLAW_GATEWAY_PORT),
  ]);
}

/** The same for a candidate that is certain before the sockets are read. */
export function familyRootOfCandidate(gatewayId: string, candidate: CandidateProcess): FamilyRoot {
  const { process, stateDir, lock } = candidate;
  const root = rootOf(gatewayId, process, [
    [stateDir?.path, lock?.stateDir, process.markers.OPENCLAW_STATE_DIR],
    lock?.port ?? parseGatewayPort(process.markers.OPENCLAW_GATEWAY_PORT),
  ]);
  return process.cgroup === undefined ? root : { ...root, cgroup: process.cgroup };
}

/** A state directory has several names where links are: the one we found, the one in the lock, the one it was given. */
function rootOf(
  gatewayId: string,
  process: { pid: number; startTicks: number },
  [names, port]: [(string | undefined)[], number | undefined],
): FamilyRoot {
  const [stateDir, ...aliases] = [...new Set(names.filter((name) => name !== undefined))];
  return {
    gatewayId,
    pid: process.pid,
    startTicks: process.startTicks,
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(aliases.length === 0 ? {} : { stateDirAliases: aliases }),
    ...(port === undefined ? {} : { port }),
  };
}
