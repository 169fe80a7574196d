import { describe, expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import { pos06 } from '../../src/detect/rules/pos-06.ts';
import { openStore } from '../../src/store/store.ts';
import type { Gateway } from '../../src/types/gateway.ts';
import { at, gateway, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const HOUR = 3600;

/** A gateway with this bind, as configured. */
function bound(bind: string): Gateway {
  const one = gateway('default', 18789);
  return { ...one, config: { ...one.config, networkSubset: { gateway: { bind } }, networkHash: `hash ${bind}` } };
}

/** Looks at this configuration, records what POS-06 says, and returns the statuses of its findings. */
function story() {
  const store = places.closing(openStore({ path: places.file() }));
  const detect = createDetect({ rules: [pos06] });
  return {
    store,
    look(hours: number, bind: string) {
      const seen = snapshot(hours * HOUR, { gateways: [bound(bind)] });
      const found = detect(seen, store.history(), { now: seen.at, singleLook: false });
      store.recordCycle(seen, found, 'agent');
      return store.findings().map(({ status }) => status);
    },
  };
}

describe('a change of the configuration', () => {
  test('stays an open finding for a day of looks and is settled then', () => {
    const { look, store } = story();
    look(0, 'loopback');
    expect(look(1, 'lan')).toEqual(['open']);
    for (let hour = 1.5; hour <= 24.5; hour += 0.5) expect(look(hour, 'lan'), `hour ${hour}`).toEqual(['open']);
    look(25.5, 'lan');
    expect(look(26, 'lan')).toEqual(['resolved']);
    expect(store.findings()).toHaveLength(1);
  });

  test('that is taken back resolves at once', () => {
    const { look } = story();
    look(0, 'loopback');
    look(30, 'loopback');
    expect(look(31, 'lan')).toEqual(['open']);
    expect(look(31.1, 'loopback')).toEqual(['resolved']);
  });

  test('is measured against the oldest configuration while the record is younger than a day', () => {
    const { look, store } = story();
    look(0, 'loopback');
    look(1, 'lan');
    look(2, 'tailnet');
    expect(store.history().settledConfig('default')).toMatchObject({ hash: 'hash loopback', recordedAt: at(0) });
    expect(store.history().settledConfig('another')).toBeUndefined();
  });

  test('is still known after old rows were deleted', () => {
    const { look, store } = story();
    look(0, 'loopback');
    look(1, 'custom');
    look(24 * 60, 'custom');
    look(24 * 60 + 1, 'lan');
    store.retain({ days: 30, megabytes: 100 }, at((24 * 60 + 1) * HOUR));
    expect(store.history().settledConfig('default')).toMatchObject({ hash: 'hash custom' });
    expect(look(24 * 60 + 2, 'lan')).toContain('open');
  });
});
