import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BeaconWindow, scoreBeacon } from '../../../src/detect/beacon/score.ts';
import { strongestWindow } from '../../../src/detect/beacon/windows.ts';
import { mulberry32 } from './random.ts';

const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 300);
const DAY_S = 86_400;
const DAY: BeaconWindow = {
  name: '24 h',
  startAt: 0,
  lengthMs: DAY_S * 1000 - 1,
  bins: 24,
  minBars: 6,
  idealRun: 12,
  bimodalFrom: 11,
};

/** Moments (s) from 0 on, with these intervals in turn, until the end of the day. */
function cycle(...intervals: number[]): number[] {
  const times: number[] = [];
  for (let at = 0, step = 0; at < DAY_S; at += intervals[step++ % intervals.length]!) times.push(at);
  return times;
}

const inTurn = (count: number, ...values: number[]) =>
  Array.from({ length: count }, (_, index) => values[index % values.length]!);

function score(seconds: readonly number[], sizes: readonly number[]) {
  return scoreBeacon(
    seconds.map((at) => at * 1000),
    inTurn(seconds.length, ...sizes),
    DAY,
  )!;
}

const oddHours = Array.from({ length: 24 }, (_, hour) =>
  Array.from({ length: hour % 2 === 0 ? 1 : 5 }, (_, j) => hour * 3600 + 60 + j * 600),
).flat();

describe('golden values of the published method', () => {
  test.each([
    ['G1', cycle(60), [400], [1, 1, 1, 1, 1], 1440],
    ['G2', cycle(50, 70), [300, 500], [1, 0.875, 1, 1, 0.969], 1440],
    ['G3', cycle(40, 60, 60, 120), [200, 220, 260, 900], [0.917, 0.788, 1, 1, 0.926], 1235],
    ['G4', cycle(20, 50, 60, 100, 170), [100, 150, 300, 350, 900], [0.367, 0.5, 1, 1, 0.717], 1080],
    ['G5', inTurn(6, 0).map((_, i) => 600 + i * 14_400), [1200], [1, 1, 0, 0.834, 0.709], 6],
    ['G6', oddHours, [500], [1, 1, 1, 1, 1], 72],
    ['G7', inTurn(96, 0).map((_, i) => 9 * 3600 + i * 300), [700], [1, 1, 0, 0.667, 0.667], 96],
  ])('%s', (_name, times, sizes, [timestamp, dataSize, histogram, duration, total], count) => {
    expect(times).toHaveLength(count);
    const result = score(times, sizes);
    expect(Math.abs(result.timestamp - timestamp!)).toBeLessThanOrEqual(0.001);
    expect(Math.abs(result.dataSize - dataSize!)).toBeLessThanOrEqual(0.001);
    expect(Math.abs(result.histogram - histogram!)).toBeLessThanOrEqual(0.001);
    expect(Math.abs(result.duration - duration!)).toBeLessThanOrEqual(0.001);
    expect(Math.abs(result.score - total!)).toBeLessThanOrEqual(0.001);
  });

  test('the middle values that lead to them', () => {
    expect(score(cycle(40, 60, 60, 120), [200, 220, 260, 900])).toMatchObject({
      medianGapMs: 60_000,
      medianBytes: 220,
      bytesDeviation: 20,
    });
  });
});

describe('the four parts', () => {
  test('three moments say nothing', () => {
    expect(scoreBeacon([0, 60_000, 120_000], [1, 1, 1], DAY)).toBeUndefined();
  });

  test('several connections at one moment are one interval less, and not one of zero', () => {
    const times = [0, 0, 0, 60, 60, 120, 180, 240].map((s) => s * 1000);
    expect(scoreBeacon(times, inTurn(8, 100), DAY)!.timestamp).toBe(1);
  });

  test('bytes of nothing are not even bytes', () => {
    expect(score(cycle(60), [0]).dataSize).toBe(0.5);
  });

  test('a run goes on over midnight', () => {
    const night = cycle(600).filter((at) => at < 6 * 3600 || at >= 18 * 3600);
    expect(score(night, [100]).duration).toBe(1);
  });

  test('events that were missed are folded into the rhythm', () => {
    const random = mulberry32(3);
    const jittered = cycle(60).map((at) => at + random() * 6);
    const times = jittered.filter(() => random() < 0.55).map((at) => at * 1000);
    const sizes = inTurn(times.length, 400);
    const folded = scoreBeacon(times, sizes, DAY, true)!;
    expect(folded.timestamp).toBeGreaterThan(scoreBeacon(times, sizes, DAY)!.timestamp + 0.1);
    expect(folded.medianGapMs).toBeGreaterThan(58_000);
    expect(folded.medianGapMs).toBeLessThan(62_000);
  });
});

describe('windows', () => {
  const every = (periodS: number, count: number, jitter = 0, seed = 1) => {
    const random = mulberry32(seed);
    let at = Date.UTC(2026, 10, 20);
    return Array.from({ length: count }, () => {
      const now = at;
      at += periodS * 1000 * (1 + jitter * (2 * random() - 1));
      return now;
    });
  };
  const best = (times: number[]) => strongestWindow(times, inTurn(times.length, 400));

  test('a check-in each minute shows within its first hour', () => {
    const found = best(every(60, 60, 0.3, 7))!;
    expect(found.window).toBe('1 h');
    expect(found.score).toBeGreaterThan(0.9);
  });

  test('one each four hours shows after forty hours, and in a week', () => {
    expect(best(every(14_400, 8, 0.02, 11))).toBeUndefined();
    const young = best(every(14_400, 11, 0.02, 11))!;
    expect(young.window).toBe('observed');
    expect(young.score).toBeGreaterThan(0.85);
    const old = best(every(14_400, 42, 0.02, 11))!;
    expect(old.window).toBe('7 d');
    expect(old.score).toBeGreaterThan(0.93);
  });

  test('one each half hour shows in a day', () => {
    expect(best(every(1800, 48, 0.002, 3))).toMatchObject({ window: '24 h' });
  });

  test('a young rhythm does not lose its score while the day fills', () => {
    const scores = Array.from({ length: 38 }, (_, i) => best(every(1800, i + 11, 0.002, 3))!.score);
    expect(Math.min(...scores)).toBeGreaterThan(0.85);
  });

  test('human moments do not', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = mulberry32(seed);
      let at = 0;
      const times = Array.from({ length: 60 }, () => {
        at += -Math.log(1 - random()) * 60_000;
        return at;
      });
      expect(best(times)?.score ?? 0).toBeLessThan(0.9);
    }
  });
});

test('any series gives a score between 0 and 1, or none', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e13, noNaN: true }), { maxLength: 80 }),
      fc.array(fc.nat(), { maxLength: 80 }),
      fc.boolean(),
      (unsorted, sizes, foldLost) => {
        const times = unsorted.sort((a, b) => a - b);
        const found = strongestWindow(times, inTurn(times.length, ...(sizes.length > 0 ? sizes : [0])), foldLost);
        for (const part of ['score', 'timestamp', 'dataSize', 'histogram', 'duration'] as const) {
          const value = found?.[part] ?? 0;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      },
    ),
    { numRuns },
  );
});
