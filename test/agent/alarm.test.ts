import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Alarm, createAlarm } from '../../src/agent/alarm.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const make = () => createAlarm(() => performance.now());

/** What a wait came to, and after how many ms. */
function waiting(alarm: Alarm, ms: number, signal = never) {
  const startedAt = performance.now();
  const seen: { urgent?: boolean; afterMs?: number } = {};
  const done = alarm.wait(ms, signal).then((urgent) => {
    seen.urgent = urgent;
    seen.afterMs = Math.round(performance.now() - startedAt);
  });
  return { seen, done };
}

async function after(alarm: Alarm, ms: number, signal = never) {
  const { seen, done } = waiting(alarm, ms, signal);
  await vi.advanceTimersByTimeAsync(ms);
  await done;
  return seen;
}

describe('an alarm', () => {
  test('that nobody rings ends with the time', async () => {
    expect(await after(make(), 2_000)).toEqual({ urgent: false, afterMs: 2_000 });
  });

  test('that is rung during the wait ends it at once', async () => {
    const alarm = make();
    const { seen } = waiting(alarm, 2_000);
    await vi.advanceTimersByTimeAsync(700);
    alarm.ring();
    alarm.ring();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual({ urgent: true, afterMs: 700 });
  });

  test('that was rung before the wait ends it at once, and only that one', async () => {
    const alarm = make();
    for (let ring = 0; ring < 5; ring++) alarm.ring();
    expect(await after(alarm, 2_000)).toEqual({ urgent: true, afterMs: 0 });
    expect(await after(alarm, 2_000)).toEqual({ urgent: false, afterMs: 2_000 });
  });

  test('that was rung before a look that is due anyway is answered by that', async () => {
    const alarm = make();
    alarm.ring();
    expect(await after(alarm, 0)).toEqual({ urgent: false, afterMs: 0 });
    expect(await after(alarm, 2_000)).toEqual({ urgent: false, afterMs: 2_000 });
  });

  test('ends when it is told to stop, before, during and after a ring', async () => {
    const gone = new AbortController();
    gone.abort();
    expect(await after(make(), 2_000, gone.signal)).toEqual({ urgent: false, afterMs: 0 });
    const stop = new AbortController();
    const { seen } = waiting(make(), 2_000, stop.signal);
    await vi.advanceTimersByTimeAsync(300);
    stop.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual({ urgent: false, afterMs: 300 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leaves no timer and no listener behind', async () => {
    const alarm = make();
    const stop = new AbortController();
    const added = vi.spyOn(stop.signal, 'addEventListener');
    const removed = vi.spyOn(stop.signal, 'removeEventListener');
    for (let round = 0; round < 20; round++) {
      alarm.ring();
      await after(alarm, 100, stop.signal);
    }
    expect(vi.getTimerCount()).toBe(0);
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
    // Rung by somebody who did not hear that nobody waits.
    alarm.ring();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('looks beyond the regular ones', () => {
  /** Rings without end for so long, and looks whenever it may; how many looks it got. */
  async function storm(alarm: Alarm, ms: number): Promise<number> {
    const end = performance.now() + ms;
    let looks = 0;
    while (performance.now() < end) {
      alarm.ring();
      const { urgent } = await after(alarm, Math.min(250, end - performance.now()));
      if (urgent) looks++;
    }
    return looks;
  }

  test('are eight at once and four a second after that', async () => {
    const alarm = make();
    let atOnce = 0;
    for (;;) {
      alarm.ring();
      const { seen, done } = waiting(alarm, 10_000);
      await vi.advanceTimersByTimeAsync(0);
      if (seen.urgent === undefined) {
        await vi.advanceTimersByTimeAsync(250);
        await done;
        expect(seen).toEqual({ urgent: true, afterMs: 250 });
        break;
      }
      atOnce++;
    }
    expect(atOnce).toBe(8);
  });

  test('of a skill that never stops are bounded, and a quiet time fills them up again', async () => {
    const alarm = make();
    const looks = await storm(alarm, 60_000);
    expect(looks).toBeGreaterThan(100);
    expect(looks).toBeLessThanOrEqual(8 + 4 * 60 + 1);
    await vi.advanceTimersByTimeAsync(3_600_000);
    let atOnce = 0;
    for (let ring = 0; ring < 20; ring++) {
      alarm.ring();
      if ((await after(alarm, 1)).urgent) atOnce++;
    }
    expect(atOnce).toBe(8);
  });

  test('that must wait come at the regular look when that is sooner', async () => {
    const alarm = make();
    for (let look = 0; look < 8; look++) {
      alarm.ring();
      await after(alarm, 1);
    }
    alarm.ring();
    expect(await after(alarm, 100)).toEqual({ urgent: false, afterMs: 100 });
    expect(await after(alarm, 2_000)).toEqual({ urgent: false, afterMs: 2_000 });
  });
});
