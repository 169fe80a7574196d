import { type Block, createAddressMap, networkOf, parseBlock } from './address-set.ts';
import { PUBLIC_RESOLVERS } from './data/public-resolvers.ts';
import { CLOUD_NETWORKS, CONTENT_NETWORKS } from './data/shared-ranges.ts';

/** The widest block that an indicator may be, in bits: what is wider names neighbours who did nothing. */
export const MIN_BITS = { 4: 28, 6: 64 } as const;

/** Addresses of which nothing can be said as a whole. */
export interface SharedPlaces {
  /** In a content network or a cloud: the next tenant is another one, so only a port or a URL there can be bad. */
  isRented(block: Block): boolean;
  /** A name server that everybody asks: never bad, at no port. */
  isResolver(block: Block): boolean;
}

export function createSharedPlaces(): SharedPlaces {
  const rented = createOverlap(`${CONTENT_NETWORKS} ${CLOUD_NETWORKS}`);
  const resolvers = createOverlap(PUBLIC_RESOLVERS);
  return { isRented: rented, isResolver: resolvers };
}

/** Whether a block of at least `MIN_BITS` and a list have an address in common, in either direction. */
function createOverlap(list: string): (block: Block) => boolean {
  const holders = createAddressMap<true>();
  const inside = new Map<string, Block[]>();
  for (const text of list.trim().split(/\s+/)) {
    holders.add(text, true);
    const block = parseBlock(text)!;
    if (block.bits <= MIN_BITS[block.family]) continue;
    const near = neighbourhood(block);
    inside.set(near, [...(inside.get(near) ?? []), block]);
  }
  return (block) =>
    holders.find(block.network).length > 0 ||
    (inside.get(neighbourhood(block)) ?? []).some(
      (listed) => listed.bits >= block.bits && networkOf(listed.network, block.family, block.bits) === block.network,
    );
}

function neighbourhood({ family, network }: Block): string {
  return networkOf(network, family, MIN_BITS[family]);
}
