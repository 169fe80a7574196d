import { formatEndpoint } from '../types/ip.ts';
import type { Connection, Snapshot } from '../types/snapshot.ts';
import { labelled } from './block.ts';
import { count } from './format.ts';
import type { Paint } from './paint.ts';

const SHOWN = 6;

/** One remote end and how many connections of a family go there. */
export interface OutboundTarget {
  address: string;
  port: number;
  protocol: string;
  connections: number;
}

/** Where the families of all gateways talk to, most connections first. */
export function outboundTargets(snapshot: Pick<Snapshot, 'connections'>): OutboundTarget[] {
  const targets = new Map<string, OutboundTarget>();
  for (const connection of snapshot.connections) {
    const { remote, protocol } = connection;
    if (!remote || !isFamilyOutbound(connection)) continue;
    const key = `${protocol} ${formatEndpoint(remote.address, remote.port)}`;
    const target = targets.get(key) ?? { address: remote.address, port: remote.port, protocol, connections: 0 };
    target.connections++;
    targets.set(key, target);
  }
  return [...targets.values()].sort((a, b) => b.connections - a.connections || (a.address < b.address ? -1 : 1));
}

function isFamilyOutbound(connection: Connection): boolean {
  return connection.direction === 'outbound' && connection.gatewayId !== undefined;
}

export function outboundLines(snapshot: Snapshot, paint: Paint): string[] {
  if (snapshot.gateways.length === 0) return [];
  const targets = outboundTargets(snapshot);
  // An empty table that nobody could read is not silence.
  const gap = snapshot.blindSpots.some((spot) => spot.essential || spot.socketsMissing);
  if (targets.length === 0 && gap) return labelled('Outbound', 'unknown: not all sockets could be read', paint);
  if (targets.length === 0) return labelled('Outbound', 'no connection of OpenClaw is open at this moment', paint);
  const shown = targets.slice(0, SHOWN).map((target) => {
    const many = target.connections > 1 ? ` ×${target.connections}` : '';
    return `${formatEndpoint(target.address, target.port)}${target.protocol === 'udp' ? '/udp' : ''}${many}`;
  });
  const total = targets.reduce((sum, target) => sum + target.connections, 0);
  const more = targets.length > SHOWN ? ` and ${targets.length - SHOWN} more (clawwatch connections)` : '';
  const text = `${count(total, 'connection')} to ${count(targets.length, 'address', 'addresses')}: ${shown.join(', ')}${more}`;
  return labelled('Outbound', text, paint);
}

/** Connections that closed in the last minute and have lost their owner in the kernel. */
export function closedWithoutOwner(snapshot: Pick<Snapshot, 'connections'>): number {
  return snapshot.connections.filter((connection) => connection.state === 'TIME_WAIT' && !connection.owner).length;
}
