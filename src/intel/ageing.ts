import type { Indicator } from '../types/indicators.ts';

const DAY_MS = 86_400_000;

/**
 * Days after the latest sighting for which an indicator counts in full. Names stay with their owner for a year or so;
 * addresses of rented servers get the next tenant within months, a port of one within weeks.
 */
export const FRESH_DAYS: Readonly<Record<Indicator['type'], number>> = {
  domain: 365,
  url: 365,
  ip: 90,
  cidr: 90,
  'ip:port': 30,
};

/** After as many days again it is dropped. */
const DROPPED_AFTER = 2;

export type Age = 'fresh' | 'aged' | 'expired';

/** @param seenAt latest sighting, Unix ms. */
export function ageOf(type: Indicator['type'], seenAt: number, now: number): Age {
  const days = (now - seenAt) / DAY_MS;
  if (days <= FRESH_DAYS[type]) return 'fresh';
  return days <= FRESH_DAYS[type] * DROPPED_AFTER ? 'aged' : 'expired';
}
