import type { Destination } from '../types/egress.ts';
import type { Connection, Snapshot } from '../types/snapshot.ts';
import { perLook } from './per-look.ts';

/** One far end and the connections of this look that lead there, whoever they belong to. */
export interface FarEnd {
  name?: string;
  address: string;
  port: number;
  otherNames: readonly string[];
  /** In the order of the look, inbound ones left out; never empty. */
  connections: Connection[];
}

/** Ten thousand connections go to few places: what is asked about a place is asked once. */
export const farEndsOf: (snapshot: Snapshot) => readonly FarEnd[] = perLook(({ connections }) => {
  const ends: FarEnd[] = [];
  const byDestination = new Map<Destination | undefined, Map<string, FarEnd[]>>();
  for (const connection of connections) {
    const { direction, remote, destination } = connection;
    if (direction === 'inbound' || remote === undefined) continue;
    let byAddress = byDestination.get(destination);
    if (byAddress === undefined) {
      byAddress = new Map();
      byDestination.set(destination, byAddress);
    }
    const { address, port } = remote;
    let atAddress = byAddress.get(address);
    if (atAddress === undefined) {
      atAddress = [];
      byAddress.set(address, atAddress);
    }
    // A sweep over the ports of one host makes as many ends.
    let end = atAddress.length < 64 ? atAddress.find((each) => each.port === port) : undefined;
    if (end === undefined) {
      const { name, otherNames = [] } = destination ?? {};
      end = { ...(name !== undefined && { name }), address, port, otherNames, connections: [] };
      atAddress.push(end);
      ends.push(end);
    }
    end.connections.push(connection);
  }
  return ends;
});
