import { type BeaconScore, type BeaconWindow, firstAtOrAfter, scoreBeacon } from './score.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Shape of a window without its place in time. */
type Frame = Omit<BeaconWindow, 'startAt' | 'lengthMs'>;

interface FixedWindow extends Frame {
  lengthMs: number;
  /** Events from which it says anything. */
  minEvents: number;
}

const DAILY = { bins: 24, minBars: 6, idealRun: 12, bimodalFrom: 11 };

/**
 * A check-in each minute is lost in the 24 bins of a day during its first hours; one each four hours is lost in the bins
 * of a day for ever. So each speed has its window.
 */
const FIXED: readonly FixedWindow[] = [
  { name: '1 h', lengthMs: HOUR_MS, minEvents: 12, ...DAILY },
  { name: '24 h', lengthMs: DAY_MS, minEvents: 8, ...DAILY },
  { name: '7 d', lengthMs: 7 * DAY_MS, minEvents: 10, bins: 28, minBars: 8, idealRun: 14, bimodalFrom: 13 },
];

const OBSERVED = { minSpanMs: 2 * HOUR_MS, maxSpanMs: 7 * DAY_MS, minEvents: 10 };

/** The most any window can look back. */
export const LONGEST_WINDOW_MS = 7 * DAY_MS;

export interface WindowScore extends BeaconScore {
  window: BeaconWindow['name'];
}

/**
 * The highest score of all windows that have enough events. Windows end at the last event and not at the clock: the
 * score of a contact that is silent does not change, and need not be worked out again.
 *
 * @param times Unix ms, ascending.
 * @returns `undefined` while no window can say anything.
 */
export function strongestWindow(
  times: readonly number[],
  bytes: readonly number[],
  foldLost = false,
): WindowScore | undefined {
  const lastAt = times.at(-1);
  if (lastAt === undefined) return undefined;
  const spanMs = lastAt - times[0]!;
  let best: WindowScore | undefined;
  let isLived = false;
  for (const { lengthMs, minEvents, ...frame } of FIXED) {
    // The moment of the last event belongs to the window, the one a whole window before does not.
    const startAt = lastAt - lengthMs + 1;
    if (times.length - firstAtOrAfter(times, startAt) < minEvents) continue;
    const score = scoreBeacon(times, bytes, { ...frame, startAt, lengthMs }, foldLost);
    if (score === undefined || score.bars < frame.minBars) continue;
    isLived ||= spanMs * 2 >= lengthMs;
    if (best === undefined || score.score > best.score) best = { ...score, window: frame.name };
  }
  // A window that is more than half empty because the contact is young says nothing against it.
  const observed = isLived ? undefined : observedWindow(times, bytes, lastAt, foldLost);
  return observed !== undefined && observed.score > (best?.score ?? -1) ? observed : best;
}

/** The whole time since the first event: where a rhythm is too slow for a day and too young for a week. */
function observedWindow(
  times: readonly number[],
  bytes: readonly number[],
  lastAt: number,
  foldLost: boolean,
): WindowScore | undefined {
  const startAt = times[firstAtOrAfter(times, lastAt - OBSERVED.maxSpanMs)]!;
  const lengthMs = lastAt - startAt;
  if (lengthMs < OBSERVED.minSpanMs || times.length < OBSERVED.minEvents) return undefined;
  const score = scoreBeacon(times, bytes, { name: 'observed', ...DAILY, startAt, lengthMs }, foldLost);
  return score === undefined ? undefined : { ...score, window: 'observed' };
}
