import { POPULAR_1 } from './popular-1.ts';
import { POPULAR_2 } from './popular-2.ts';
import { POPULAR_3 } from './popular-3.ts';
import { POPULAR_4 } from './popular-4.ts';

/** Source: list `tranco10k` of the MISP warning lists (CC0 1.0), its version of 2025-01-15; without ranks. */
export const POPULAR_REVIEW = { asOf: '2025-01-15', licence: 'CC0-1.0' } as const;

/**
 * Registrable domains of the most used sites. It only ever excuses: no pack may call one of them malicious as a whole,
 * and no look-alike is made of one. Being popular proves nothing about a contact; anybody can rent a page at many of them.
 */
export function popularDomains(): Set<string> {
  return new Set([POPULAR_1, POPULAR_2, POPULAR_3, POPULAR_4].flatMap((part) => part.trim().split(/\s+/)));
}
