import type { CoverageRecord } from '../types/store.ts';
import { count, shortTime } from './format.ts';

/** Share of opened connections below which it is worth saying how to see more. */
const ENOUGH = 0.8;

/** Sums of connections opened against those identified, for JSON answers; null where nothing was measured yet. */
export function coverageAnswer(hours: readonly CoverageRecord[]) {
  const first = hours[0];
  if (first === undefined) return null;
  const sum = (key: 'intervalMs' | 'opened' | 'seen' | 'owned' | 'named') =>
    hours.reduce((total, hour) => total + hour[key], 0);
  return {
    sinceAt: first.fromAt,
    untilAt: Math.max(...hours.map(({ toAt }) => toAt)),
    measuredMs: sum('intervalMs'),
    opened: sum('opened'),
    seen: sum('seen'),
    owned: sum('owned'),
    named: sum('named'),
  };
}

/** `since 13:02: 412 connections opened, 380 identified (92 %), owners of 90 %, names for 61 %`, and whether it is much. */
export function coverageText(
  coverage: NonNullable<ReturnType<typeof coverageAnswer>>,
  now: number,
): { text: string; isEnough: boolean } {
  const { sinceAt, opened, seen, owned, named } = coverage;
  const since = `since ${shortTime(sinceAt, now)}`;
  if (opened === 0) return { text: `${since}: no connection was opened`, isEnough: true };
  // Cut and not rounded: 100 % is said when it is true.
  const percent = (part: number) => `${Math.floor((100 * part) / opened)} %`;
  return {
    text: `${since}: ${count(opened, 'connection')} opened, ${seen} identified (${percent(seen)}), owners of ${percent(owned)}, names for ${percent(named)}`,
    isEnough: seen / opened >= ENOUGH,
  };
}
