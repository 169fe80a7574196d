import type { NameFact } from '../../../types/egress.ts';
import type { NameEvent } from '../../../types/sensor.ts';

/** Names that were seen on the wire, by address. */
export interface WireNames {
  add(event: NameEvent): void;
  /** What is known of these addresses, old names included; who reads it decides by age. */
  of(addresses: Iterable<string>): NameFact[];
}

const MAX_ADDRESSES = 20_000;
const MAX_NAMES_PER_ADDRESS = 32;
/** Beyond this a name says nothing any more: addresses of clouds move on. */
const KEPT_MS = 24 * 60 * 60_000;

/**
 * A bounded history. An address that collects names without end (a content network, or somebody who floods us) keeps the
 * newest; addresses that were not named for longest go first.
 */
export function createWireNames(now: () => number = Date.now): WireNames {
  const byAddress = new Map<string, Map<string, NameFact>>();

  return {
    add({ at, address, name, source, netns, server, ttlMs, local, remotePort }) {
      const facts = byAddress.get(address) ?? new Map<string, NameFact>();
      byAddress.delete(address);
      byAddress.set(address, facts);
      if (byAddress.size > MAX_ADDRESSES) byAddress.delete(byAddress.keys().next().value!);
      const key =
        source === 'sni'
          ? `sni ${netns ?? ''} ${local?.address ?? ''} ${local?.port ?? ''} ${remotePort ?? ''}`
          : `dns ${netns ?? ''} ${server ?? ''} ${name}`;
      facts.delete(key);
      facts.set(key, {
        address,
        name,
        source,
        seenAt: at,
        ...(netns !== undefined && { netns }),
        ...(server !== undefined && { server }),
        ...(ttlMs !== undefined && { ttlMs }),
        ...(local !== undefined && { local }),
      });
      if (facts.size > MAX_NAMES_PER_ADDRESS) facts.delete(facts.keys().next().value!);
    },
    of(addresses) {
      const oldest = now() - KEPT_MS;
      const found: NameFact[] = [];
      for (const address of new Set(addresses)) {
        for (const fact of byAddress.get(address)?.values() ?? []) if (fact.seenAt >= oldest) found.push(fact);
      }
      return found;
    },
  };
}
