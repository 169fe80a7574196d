import type { History } from '../types/rule.ts';
import type { Since } from '../types/snapshot.ts';

/** What `since` needs of the past. */
export type SeenBefore = Pick<History, 'firstSeenAt' | 'lastCycleAt' | 'sinceOf'>;

/**
 * Since when a socket is there: what was recorded first stays, unless its process is younger than that. Otherwise
 * observed, if a cycle before did not have it; else not before its process started; else since we looked.
 *
 * @param startedAt start of the owning process, Unix ms.
 */
export function sinceWhen(key: string, at: number, startedAt: number | undefined, history: SeenBefore): Since {
  if (startedAt === undefined) {
    // Of connections, of which there may be ten thousand: one question each.
    const known = history.sinceOf?.(key);
    if (known !== undefined) return known;
  }
  const firstAt = history.firstSeenAt(key);
  if (firstAt === undefined) {
    if (history.lastCycleAt() !== undefined) return { at, basis: 'observed' };
    return startedAt !== undefined && startedAt <= at
      ? { at: startedAt, basis: 'process-start' }
      : { at, basis: 'first-look' };
  }
  const recorded = history.sinceOf?.(key);
  if (recorded !== undefined && (startedAt === undefined || startedAt <= recorded.at)) return recorded;
  // A service restarted: the same key, but this socket cannot be older than the process that holds it. Clocks that
  // jumped make a start in the future, which proves nothing.
  if (startedAt !== undefined && startedAt <= at) return { at: startedAt, basis: 'process-start' };
  return recorded ?? { at: firstAt, basis: 'first-look' };
}
