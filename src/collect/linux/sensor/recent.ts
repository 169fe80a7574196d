/** Whether something was there lately; bounded, so that new keys without end cost nothing but repeats. */
export interface Recent {
  /** True for a key that was not asked about within the time. */
  isNew(key: string): boolean;
}

const MAX_KEYS = 4_096;

export function createRecent(keptMs: number, now: () => number): Recent {
  const seen = new Map<string, number>();
  return {
    isNew(key) {
      const at = now();
      const before = seen.get(key);
      if (before !== undefined && Math.abs(at - before) < keptMs) return false;
      seen.delete(key);
      seen.set(key, at);
      if (seen.size > MAX_KEYS) seen.delete(seen.keys().next().value!);
      return true;
    },
  };
}
