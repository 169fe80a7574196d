/** Turns the kernel's monotonic time into Unix ms. Times inside the sensor are ns since `baseNs`. */
export interface EventClock {
  baseNs: bigint;
  /** Now, in ns since the base. */
  elapsedNs(): number;
  /** Unix ms of a moment, integer, by the offset of the last `refresh`. */
  unixMs(timeNs: number): number;
  /** Takes over a step of the wall clock. To be called between batches: within one, order in time is order in Unix ms. */
  refresh(): void;
}

// Reading two clocks one after the other, one of them in whole ms, is off by a millisecond or two. Below this it is no step.
const TOLERANCE_MS = 5;

/** `monotonicNs` must be the clock that the trace buffer uses: CLOCK_MONOTONIC. */
export function createEventClock(now: () => number, monotonicNs: () => bigint): EventClock {
  const baseNs = monotonicNs();
  let offsetMs = now();
  const elapsedNs = () => Number(monotonicNs() - baseNs);
  return {
    baseNs,
    elapsedNs,
    unixMs: (timeNs) => Math.floor(offsetMs + timeNs / 1e6),
    refresh() {
      const current = now() - elapsedNs() / 1e6;
      if (Math.abs(current - offsetMs) > TOLERANCE_MS) offsetMs = current;
    },
  };
}
