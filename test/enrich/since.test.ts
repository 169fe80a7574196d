import { describe, expect, it } from 'vitest';
import { type SeenBefore, sinceWhen } from '../../src/enrich/since.ts';
import type { Since } from '../../src/types/snapshot.ts';

const past = (firstAt: number | undefined, lastCycleAt?: number, recorded?: Since): SeenBefore => ({
  firstSeenAt: () => firstAt,
  lastCycleAt: () => lastCycleAt,
  sinceOf: () => recorded,
});
const observed: Since = { at: 500, basis: 'observed' };

describe('since when a socket is there', () => {
  it.each<[string, SeenBefore, number | undefined, Since]>([
    ['new after a cycle without it', past(undefined, 900), 100, { at: 1000, basis: 'observed' }],
    ['there at the very first look', past(undefined), 100, { at: 100, basis: 'process-start' }],
    ['there at the very first look, owner unknown', past(undefined), undefined, { at: 1000, basis: 'first-look' }],
    ['recorded before', past(500, 900, observed), 100, observed],
    ['recorded before its process started again', past(500, 900, observed), 700, { at: 700, basis: 'process-start' }],
    ['recorded by a store that does not tell since', past(500, 900), undefined, { at: 500, basis: 'first-look' }],
    ['a process from the future', past(undefined), 2000, { at: 1000, basis: 'first-look' }],
    ['recorded, and a process from the future', past(500, 900, observed), 2000, observed],
  ])('%s', (_title, history, startedAt, expected) => {
    expect(sinceWhen('key', 1000, startedAt, history)).toEqual(expected);
  });

  it('is asked of a store that knows no since', () => {
    const history = { firstSeenAt: () => 500, lastCycleAt: () => 900 };
    expect(sinceWhen('key', 1000, 100, history)).toEqual({ at: 100, basis: 'process-start' });
  });
});
