import { readlinkSync } from 'node:fs';
import type { BlindSpot } from '../../types/blind-spot.ts';

/** Number of our own network namespace; `'own'` on systems without such a thing or when it cannot be read. */
export function readOwnNetns(platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'linux') return 'own';
  try {
    return /^net:\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/net'))?.[1] ?? 'own';
  } catch {
    return 'own';
  }
}

/** The namespaces that were asked for and that a portable source cannot enter. */
export function foreignNetnsBlindSpot(source: string, asked: readonly { netns: string }[], own: string): BlindSpot[] {
  const foreign = new Set(asked.map((entry) => entry.netns).filter((netns) => netns !== own));
  if (foreign.size === 0) return [];
  return [
    {
      id: `${source}.netns-unread`,
      source,
      what: `everything in ${foreign.size === 1 ? 'one other network namespace' : `${foreign.size} other network namespaces`}`,
      why: 'this source reads only the network namespace it runs in',
      fix: 'use the /proc collector: leave out --collector',
      essential: true,
    },
  ];
}
