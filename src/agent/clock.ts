import { uptime } from 'node:os';

/** The three clocks that tell a set clock, a suspended machine and a stopped process apart. All in ms. */
export interface Clock {
  /** Unix ms; people and NTP set it. */
  now(): number;
  /** Never set; on Linux and macOS it stands still while the machine is suspended. */
  monotonic(): number;
  /** Never set; runs on while the machine is suspended. */
  boottime(): number;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  boottime: () => uptime() * 1000,
};

/** A moment on all three clocks. */
export interface Moment {
  now: number;
  monotonic: number;
  boottime: number;
}

export function momentOf(clock: Clock): Moment {
  return { now: clock.now(), monotonic: clock.monotonic(), boottime: clock.boottime() };
}

// Below a minute, NTP's corrections and a busy machine would fill the record with noise.
const TOLERATED_MS = 60_000;

/**
 * Why nobody looked between two looks, or `undefined` when the time between them is no longer than a minute more than it
 * should be. `fromAt` is never after `toAt`, also when the clock was set back.
 */
export function gapBetween(before: Moment, after: Moment, intervalMs: number) {
  const passed = after.monotonic - before.monotonic;
  const suspended = after.boottime - before.boottime - passed;
  const set = after.now - before.now - Math.max(passed, after.boottime - before.boottime);
  const period = { fromAt: Math.min(before.now, after.now), toAt: after.now };
  if (set < -TOLERATED_MS) return { ...period, cause: `the clock was set back by ${seconds(-set)}` };
  if (suspended > TOLERATED_MS) return { ...period, cause: `the machine was suspended for ${seconds(suspended)}` };
  if (set > TOLERATED_MS) return { ...period, cause: `the clock was set forward by ${seconds(set)}` };
  if (passed - intervalMs > TOLERATED_MS) {
    return { ...period, cause: `the agent was held up for ${seconds(passed - intervalMs)}` };
  }
  return undefined;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
