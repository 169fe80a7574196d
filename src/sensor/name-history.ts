import type { NameEvent } from '../types/sensor.ts';

/** Names of addresses as last seen, for readers that come later than the answer. */
export interface NameHistory {
  add(event: NameEvent): void;
  /** Oldest first. */
  recent(now: number): NameEvent[];
}

/** A day: what an agent counts as a name of an address at all. */
const KEPT_MS = 24 * 60 * 60_000;
/** About 4 MB at the most. A flood of names pushes out the oldest. */
const MAX_NAMES = 10_000;

/** Only DNS answers: a server name in a hello belongs to one connection, and that is over. */
export function createNameHistory(limit = MAX_NAMES): NameHistory {
  const known = new Map<string, NameEvent>();
  return {
    add(event) {
      if (event.source !== 'dns') return;
      const key = `${event.netns ?? ''} ${event.address} ${event.server ?? ''} ${event.name}`;
      known.delete(key);
      known.set(key, event);
      if (known.size > limit) known.delete(known.keys().next().value!);
    },
    recent(now) {
      return [...known.values()].filter(({ at }) => Math.abs(now - at) <= KEPT_MS);
    },
  };
}
