/** Why entries of a pack are not used: reason, how many, and the first of them as the pack wrote it. */
export type Refusals = ReadonlyMap<string, { count: number; example?: string }>;

export interface RefusalCount {
  all: Refusals;
  add(reason: string, value: unknown): void;
}

export function createRefusals(): RefusalCount {
  const all = new Map<string, { count: number; example?: string }>();
  return {
    all,
    add(reason, value) {
      const known = all.get(reason);
      if (known !== undefined) known.count++;
      else all.set(reason, { count: 1, ...(typeof value === 'string' && { example: value.slice(0, 200) }) });
    },
  };
}
