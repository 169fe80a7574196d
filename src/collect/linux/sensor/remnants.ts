import type { Endpoint } from '../../../types/socket.ts';
import { createEnds } from './ends.ts';

/** Connections that a look took in as over, for as long as the kernel may still show what is left of them. */
export interface Remnants {
  add(localPort: number, remote: Endpoint, at: number): void;
  /** Whether a TIME_WAIT is left of one of them, and not of a later connection between the same ends. */
  isKnown(localPort: number, remote: Endpoint, closedAt: number): boolean;
}

/** TIME_WAIT lasts 60 s, and a look may be late. */
const KEPT_MS = 65_000;
const SWEEP_MS = 10_000;
/** The kernel's timer against our clock. */
const ERROR_MS = 250;
/** More than the kernel keeps itself by default, some 16 MB. What is beyond is told again, as a remnant of nobody's. */
const MAX_KNOWN = 400_000;
/** Moments are kept in this unit, from the first one on: small numbers need no memory of their own. */
const UNIT_MS = 100;

/**
 * Without it each look would take what the look before explained for another connection, that nobody owns. When the sensor
 * was away, a connection between the same ends that it did not see is told apart by its later end.
 */
export function createRemnants(): Remnants {
  const overAt = createEnds<number>();
  let base: number | undefined;
  let sweptAt = 0;

  function unitsOf(at: number): number {
    base ??= at;
    return Math.ceil((at - base) / UNIT_MS);
  }

  return {
    add(localPort, remote, at) {
      if (Math.abs(at - sweptAt) >= SWEEP_MS) {
        sweptAt = at;
        const [oldest, newest] = [unitsOf(at - KEPT_MS), unitsOf(at + KEPT_MS)];
        // A clock that was set back must not keep any for ever.
        overAt.sweep((each) => each < oldest || each > newest);
      }
      if (overAt.size < MAX_KNOWN) overAt.set('tcp', localPort, remote, unitsOf(at));
    },
    isKnown(localPort, remote, closedAt) {
      if (overAt.size === 0) return false;
      const known = overAt.get('tcp', localPort, remote);
      return known !== undefined && unitsOf(closedAt - ERROR_MS) <= known;
    },
  };
}
