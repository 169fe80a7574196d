import { medianDeviation, medianOf, quartilesOf, rounded, variationOf } from './statistics.ts';

/** A stretch of time that is searched for regularity, and how it is cut. */
export interface BeaconWindow {
  name: '1 h' | '24 h' | '7 d' | 'observed';
  /** Unix ms of its start; events at or after it count. */
  startAt: number;
  lengthMs: number;
  bins: number;
  /** Fewer bins with an event than this give no duration. */
  minBars: number;
  /** As many bins in a row count as lasting. */
  idealRun: number;
  /** From so many bins with an event on, two levels of activity count as regular. */
  bimodalFrom: number;
}

export interface BeaconScore {
  /** Mean of the four, 0 to 1; of the three others where no bytes are known. */
  score: number;
  timestamp: number;
  dataSize: number;
  histogram: number;
  duration: number;
  /** Bins with an event. */
  bars: number;
  events: number;
  /** Middle time between two events, ms. */
  medianGapMs: number;
  /** Middle number of bytes sent, and how far the others are from it. */
  medianBytes: number;
  bytesDeviation: number;
  /** Events in each bin, oldest first. */
  counts: readonly number[];
}

/** Below this many different moments there are no three intervals to compare. */
const MIN_MOMENTS = 4;
/** Quartiles closer than this (s, or bytes) are the same: then there is no skew to speak of. */
const MIN_SPREAD = 10;
const BUCKET_SHARE = 0.05;

/**
 * How regular a series of events is, by the published method of RITA (version 5): the mean of four sub-scores, for
 * intervals, sizes, distribution over the window, and persistence. Written from its description.
 *
 * @param times Unix ms, ascending; those outside of the window are passed over.
 * @param bytes sent with each event.
 * @param foldLost true when some events were missed: an interval that is a multiple of the middle one counts as several.
 * @returns `undefined` where there are too few events to say anything.
 */
export function scoreBeacon(
  times: readonly number[],
  bytes: readonly number[],
  window: BeaconWindow,
  foldLost = false,
): BeaconScore | undefined {
  const from = firstAtOrAfter(times, window.startAt);
  const until = firstAtOrAfter(times, window.startAt + window.lengthMs + 1);
  const gaps = gapsBetween(times, from, until);
  if (gaps.length < MIN_MOMENTS - 1) return undefined;
  const intervals = foldLost ? folded(gaps) : gaps;
  const sizes = Float64Array.from(bytes.slice(from, until)).sort();
  const hasBytes = (sizes.at(-1) ?? 0) > 0;
  const counts = histogramOf(times, from, until, window);
  const bars = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  const timestamp = rounded(evenness(intervals, 1));
  const dataSize = rounded(evenness(sizes, 0));
  const histogram = histogramScore(counts, bars, window.bimodalFrom);
  const spanMs = times[until - 1]! - times[from]!;
  const duration = durationScore(counts, bars, spanMs / window.lengthMs, window);
  return {
    // Where nobody counted the bytes, sizes say nothing, and neither for nor against it.
    score: hasBytes
      ? rounded((timestamp + dataSize + histogram + duration) / 4)
      : rounded((timestamp + histogram + duration) / 3),
    timestamp,
    dataSize,
    histogram,
    duration,
    bars,
    events: until - from,
    medianGapMs: medianOf(intervals) * 1000,
    medianBytes: medianOf(sizes),
    bytesDeviation: medianDeviation(sizes),
    counts,
  };
}

/** Index of the first element that is not below `value`. */
export function firstAtOrAfter(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Seconds between events, sorted; events of the same moment are one. */
function gapsBetween(times: readonly number[], from: number, until: number): Float64Array {
  const gaps = new Float64Array(Math.max(0, until - from - 1));
  let count = 0;
  for (let index = from + 1; index < until; index++) {
    const gap = (times[index]! - times[index - 1]!) / 1000;
    if (gap > 0) gaps[count++] = gap;
  }
  return gaps.subarray(0, count).sort();
}

/** A multiple of the middle interval, within a tenth, stands for that many intervals of which the ends were missed. */
function folded(sorted: Float64Array): Float64Array {
  const middle = medianOf(sorted);
  if (middle <= 0) return sorted;
  return sorted
    .map((gap) => {
      const periods = Math.round(gap / middle);
      return periods > 1 && Math.abs(gap / periods - middle) <= middle * 0.1 ? gap / periods : gap;
    })
    .sort();
}

/** Mean of symmetry (Bowley's skewness) and concentration (deviation from the median): 1 for equal values. */
function evenness(sorted: Float64Array, whenTiny: number): number {
  const { lower, middle, upper } = quartilesOf(sorted);
  const isFlat = upper - lower < MIN_SPREAD || middle === lower || middle === upper;
  const skewness = isFlat ? 0 : (lower + upper - 2 * middle) / (upper - lower);
  const concentration = middle < 1 ? whenTiny : Math.max(0, (middle - medianDeviation(sorted)) / middle);
  return (1 - Math.abs(skewness) + concentration) / 2;
}

function histogramOf(times: readonly number[], from: number, until: number, window: BeaconWindow): number[] {
  const counts = new Array<number>(window.bins).fill(0);
  const width = window.lengthMs / window.bins;
  for (let index = from; index < until; index++) {
    const bin = Math.min(window.bins - 1, Math.floor((times[index]! - window.startAt) / width));
    counts[bin]! += 1;
  }
  return counts;
}

/** Even over all bins, or at two levels (an implant that works by day and sleeps by night still has two). */
function histogramScore(counts: readonly number[], bars: number, bimodalFrom: number): number {
  const even = rounded(Math.max(0, 1 - variationOf(counts)));
  return bars < bimodalFrom ? even : Math.max(even, rounded(twoLevels(counts, bars)));
}

function twoLevels(counts: readonly number[], bars: number): number {
  const bucket = Math.ceil(BUCKET_SHARE * Math.max(...counts));
  const levels = new Map<number, number>();
  for (const count of counts) {
    if (count === 0) continue;
    const level = Math.floor(count / bucket) * bucket;
    levels.set(level, (levels.get(level) ?? 0) + 1);
  }
  const [most = 0, second = 0] = [...levels.values()].sort((a, b) => b - a);
  // One bin may be out of line.
  return Math.min(1, (most + second) / Math.max(1, bars - 1));
}

/** The better of covered time and longest run. The covered time is rounded up, as the golden values have it. */
function durationScore(counts: readonly number[], bars: number, covered: number, window: BeaconWindow): number {
  if (bars < window.minBars) return 0;
  const run = Math.min(1, longestRun(counts) / window.idealRun);
  return Math.max(Math.min(1, Math.ceil(covered * 1000) / 1000), rounded(run));
}

/** Bins in a row with an event; the last and the first are neighbours, so that midnight ends no run. */
function longestRun(counts: readonly number[]): number {
  let longest = 0;
  let run = 0;
  for (let index = 0; index < counts.length * 2; index++) {
    run = counts[index % counts.length]! > 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return Math.min(longest, counts.length);
}
