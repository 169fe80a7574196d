import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAlarm } from '../../src/agent/alarm.ts';
import type { CycleResult } from '../../src/agent/cycle.ts';
import { createRecorder, type Recorder } from '../../src/agent/recorder.ts';
import { type AgentRun, type AgentTotals, runAgent } from '../../src/agent/run.ts';
import type { StorageProblem } from '../../src/agent/storage-problem.ts';
import type { BlindPeriod } from '../../src/types/store.ts';
import { aFinding, aSnapshot, aStore, asRecord } from '../cli/world.ts';

const START = Date.UTC(2026, 10, 20, 14, 0, 0);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

/** An agent over fakes, on clocks that the test moves. */
function agent(overrides: Partial<AgentRun> & { store?: ReturnType<typeof aStore> } = {}) {
  const periods: BlindPeriod[] = [];
  const retained: number[] = [];
  const logged: string[] = [];
  const storage: (StorageProblem | undefined)[] = [];
  const skew = { now: 0, boottime: 0 };
  const { store = aStore(), ...rest } = overrides;
  const recordBlindPeriod = store.recordBlindPeriod;
  store.recordBlindPeriod = (period) => {
    recordBlindPeriod(period);
    periods.push(period);
  };
  store.retain = (_limits, now) => retained.push(now);
  const recorder: Recorder = createRecorder({ open: () => store, path: '/x/c.db', monotonic: () => performance.now() });
  const stop = new AbortController();
  const started: number[] = [];
  const look = async (): Promise<CycleResult> => {
    const snapshot = aSnapshot({ at: Date.now() + skew.now });
    const { findings, recorded } = recorder.record(snapshot, [aFinding()], 'agent');
    return { snapshot, findings, recorded };
  };
  const log = (_fields: object, message: string) => void logged.push(message);
  const origin = performance.now();
  const run: AgentRun = {
    recorder,
    intervalMs: 2000,
    retention: { days: 30, megabytes: 200 },
    clock: {
      now: () => Date.now() + skew.now,
      monotonic: () => performance.now(),
      boottime: () => performance.now() + skew.boottime,
    },
    log: { error: log, warn: log, info: () => {}, debug: () => {}, close: () => {} },
    stop: stop.signal,
    onStorage: (problem) => void storage.push(problem),
    ...rest,
    cycle: (signal) => {
      started.push(Math.round(performance.now() - origin));
      return (rest.cycle ?? look)(signal);
    },
  };
  return { run, look, stop, started, periods, retained, logged, storage, skew };
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function until(done: Promise<AgentTotals>, ms: number): Promise<AgentTotals> {
  await vi.advanceTimersByTimeAsync(ms);
  return done;
}

describe('the loop', () => {
  test('looks start on the grid of the interval, without drift', async () => {
    const it = agent({ maxCycles: 5, cycle: () => later(700).then(() => it.look()) });
    expect(await until(runAgent(it.run), 20_000)).toEqual({ cycles: 5, failed: 0, skipped: 0 });
    expect(it.started).toEqual([0, 2000, 4000, 6000, 8000]);
  });

  test('a slow look is never overlapped: the looks that it covered are left out and counted', async () => {
    let running = 0;
    let most = 0;
    const it = agent({
      maxCycles: 3,
      cycle: async () => {
        most = Math.max(most, ++running);
        await later(5000);
        running--;
        return it.look();
      },
    });
    expect(await until(runAgent(it.run), 60_000)).toEqual({ cycles: 3, failed: 0, skipped: 6 });
    expect(it.started).toEqual([0, 6000, 12_000]);
    expect(most).toBe(1);
  });

  test('old rows are deleted at the start and then hourly', async () => {
    const it = agent({ intervalMs: 600_000, maxCycles: 13 });
    await until(runAgent(it.run), 8_000_000);
    expect(it.retained.map((at) => at - START)).toEqual([0, 3_600_000, 7_200_000]);
  });
});

describe('the alarm', () => {
  const ringing = () => createAlarm(() => performance.now());

  test('brings a further look at once, and the grid of the others stays', async () => {
    const alarm = ringing();
    const it = agent({ alarm, maxCycles: 5 });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(2_700);
    alarm.ring();
    expect(await until(done, 20_000)).toEqual({ cycles: 5, failed: 0, skipped: 0 });
    expect(it.started).toEqual([0, 2000, 2700, 4000, 6000]);
  });

  test('rung during a look brings one right behind it', async () => {
    const alarm = ringing();
    const it = agent({ alarm, maxCycles: 3, cycle: () => later(300).then(() => it.look()) });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(100);
    alarm.ring();
    await until(done, 20_000);
    // A timer of nothing takes a ms.
    expect(it.started).toEqual([0, expect.toSatisfy((ms: number) => ms >= 300 && ms < 310), 2000]);
  });

  test('that covers a regular look leaves that one out, and counts it', async () => {
    const alarm = ringing();
    const it = agent({ alarm, maxCycles: 3, cycle: () => later(500).then(() => it.look()) });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(1_800);
    alarm.ring();
    expect(await until(done, 20_000)).toEqual({ cycles: 3, failed: 0, skipped: 1 });
    expect(it.started).toEqual([0, 1800, 4000]);
  });

  test('without end brings looks with an end, none over another, and every regular one', async () => {
    const alarm = ringing();
    let running = 0;
    let most = 0;
    const it = agent({
      alarm,
      cycle: async () => {
        most = Math.max(most, ++running);
        await later(20);
        running--;
        return it.look();
      },
    });
    const done = runAgent(it.run);
    for (let ms = 0; ms < 60_000; ms += 50) {
      alarm.ring();
      await vi.advanceTimersByTimeAsync(50);
    }
    it.stop.abort();
    const totals = await until(done, 1_000);
    expect(most).toBe(1);
    expect(totals.failed).toBe(0);
    expect(totals.cycles).toBeLessThanOrEqual(8 + 60 * 4 + 31);
    const onGrid = it.started.filter((ms) => ms % 2_000 < 25);
    expect(onGrid.length + totals.skipped).toBeGreaterThanOrEqual(30);
  });

  test('lets a stop through at once', async () => {
    const it = agent({ alarm: ringing() });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(3_000);
    it.stop.abort();
    expect(await until(done, 0)).toEqual({ cycles: 2, failed: 0, skipped: 0 });
  });
});

describe('a look that throws', () => {
  test('is logged, counted, becomes a blind period at once, and does not end the agent', async () => {
    let looks = 0;
    const it = agent({
      maxCycles: 4,
      cycle: async () => (++looks === 2 ? Promise.reject(new Error('EMFILE')) : it.look()),
    });
    expect(await until(runAgent(it.run), 10_000)).toMatchObject({ cycles: 4, failed: 1 });
    expect(it.logged).toEqual(['a look failed']);
    expect(it.periods).toEqual([
      { fromAt: START, toAt: START + 2000, cause: 'the look failed: EMFILE' },
      { fromAt: START + 2000, toAt: START + 4000, cause: 'the look failed: EMFILE' },
    ]);
  });

  test('again and again fills neither record nor memory: one blind period a minute', async () => {
    const it = agent({ maxCycles: 301, cycle: () => Promise.reject(new Error('no /proc')) });
    expect(await until(runAgent(it.run), 700_000)).toMatchObject({ failed: 301 });
    expect(it.periods.length).toBeLessThanOrEqual(12);
    expect(it.periods.at(0)?.fromAt).toBe(START);
    for (const [index, period] of it.periods.entries())
      if (index > 0) expect(period.fromAt).toBe(it.periods[index - 1]!.toAt);
  });
});

describe('the database', () => {
  const sqlite = (code: string) => Object.assign(new Error('sqlite'), { code });

  test('a full disk is said once, looks go on, and recovery writes down what was missed', async () => {
    let full = false;
    const refuse = () => {
      if (full) throw sqlite('SQLITE_FULL');
    };
    const store = aStore({
      recordCycle: (snapshot, findings) => {
        refuse();
        return { cycleId: 1, findings: findings.map((one) => asRecord(one, snapshot.at)) };
      },
      recordBlindPeriod: refuse,
    });
    const seen: boolean[] = [];
    const it = agent({ store, maxCycles: 6, onCycle: (result) => void seen.push(result.recorded) });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(1000);
    full = true;
    await vi.advanceTimersByTimeAsync(6000);
    full = false;
    await until(done, 10_000);
    expect(seen).toEqual([true, false, false, false, true, true]);
    expect(it.storage.map((problem) => problem?.code)).toEqual(['SQLITE_FULL', undefined]);
    expect(it.periods).toEqual([{ fromAt: START, toAt: START + 8000, cause: expect.stringContaining('disk') }]);
  });

  test('a damaged database is closed, and opened anew after half a minute', async () => {
    let opened = 0;
    let closed = 0;
    const good = aStore();
    const bad = aStore({
      recordCycle: () => {
        throw sqlite('SQLITE_CORRUPT');
      },
      close: () => void closed++,
    });
    const recorder = createRecorder({
      open: () => (++opened === 1 ? bad : good),
      path: '/x/c.db',
      monotonic: () => performance.now(),
    });
    const results: boolean[] = [];
    const it = agent({
      recorder,
      maxCycles: 20,
      cycle: async () => ({
        snapshot: aSnapshot({ at: Date.now() }),
        ...recorder.record(aSnapshot(), [aFinding()], 'agent'),
      }),
      onCycle: (result) => {
        results.push(result.recorded);
        expect(result.findings).toHaveLength(1);
      },
    });
    await until(runAgent(it.run), 60_000);
    expect({ opened, closed }).toEqual({ opened: 2, closed: 1 });
    expect(results.indexOf(true)).toBe(15);
    expect(it.storage.map((problem) => problem?.code)).toEqual(['SQLITE_CORRUPT', undefined]);
  });

  test('a bug in the store is a failed look with its stack, not a state of the database', async () => {
    const store = aStore({
      recordCycle: () => {
        throw new TypeError('undefined is not a row');
      },
    });
    const it = agent({ store, maxCycles: 1 });
    expect(await until(runAgent(it.run), 3000)).toMatchObject({ failed: 1 });
    expect(it.storage).toEqual([]);
  });
});

describe('stopping', () => {
  test('between two looks ends at once', async () => {
    const it = agent();
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(3000);
    it.stop.abort();
    expect(await until(done, 0)).toEqual({ cycles: 2, failed: 0, skipped: 0 });
  });

  test('lets a look that is going on end and be recorded', async () => {
    const it = agent({ cycle: () => later(3000).then(() => it.look()) });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(1000);
    it.stop.abort();
    expect(await until(done, 2500)).toMatchObject({ cycles: 1, failed: 0 });
    expect(it.periods).toEqual([]);
  });

  test('aborts a look that does not end within 4 s', async () => {
    let aborted = false;
    const it = agent({
      cycle: (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason);
          });
        }),
    });
    const done = runAgent(it.run);
    it.stop.abort();
    await vi.advanceTimersByTimeAsync(3900);
    expect(aborted).toBe(false);
    expect(await until(done, 200)).toMatchObject({ failed: 0 });
  });

  test('leaves within 5 s a look that ignores its abort', async () => {
    const it = agent({ cycle: () => new Promise(() => {}) });
    const done = runAgent(it.run);
    it.stop.abort();
    expect(await until(done, 5000)).toMatchObject({ cycles: 1 });
  });
});

describe('time in which nobody looked', () => {
  test('before this start', async () => {
    const it = agent({ lastCycleAt: START - 60_000, maxCycles: 1 });
    await until(runAgent(it.run), 10);
    expect(it.periods).toEqual([{ fromAt: START - 60_000, toAt: START, cause: 'agent not running' }]);
  });

  test('a quick restart is none', async () => {
    const it = agent({ lastCycleAt: START - 3000, maxCycles: 1 });
    await until(runAgent(it.run), 10);
    expect(it.periods).toEqual([]);
  });

  test('a last look in the future tells of a clock that was set back', async () => {
    const it = agent({ lastCycleAt: START + 60_000, maxCycles: 1 });
    await until(runAgent(it.run), 10);
    expect(it.periods).toEqual([{ fromAt: START, toAt: START, cause: expect.stringContaining('set back') }]);
  });

  const jumps: [string, { now: number; boottime: number }, string][] = [
    ['suspension', { now: 600_000, boottime: 600_000 }, 'the machine was suspended for 600 s'],
    ['a clock set forward', { now: 3_600_000, boottime: 0 }, 'the clock was set forward by 3600 s'],
    ['a clock set back', { now: -3_600_000, boottime: 0 }, 'the clock was set back by 3600 s'],
  ];
  test.each(jumps)('%s is recorded with its cause', async (_name, by, cause) => {
    const it = agent({ maxCycles: 3 });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(1000);
    Object.assign(it.skew, by);
    await until(done, 10_000);
    expect(it.periods).toHaveLength(1);
    expect(it.periods[0]).toMatchObject({ cause });
    expect(it.periods[0]!.fromAt).toBeLessThanOrEqual(it.periods[0]!.toAt);
  });

  test('corrections below a minute are none', async () => {
    const it = agent({ maxCycles: 3 });
    const done = runAgent(it.run);
    await vi.advanceTimersByTimeAsync(1000);
    it.skew.now = 50_000;
    await until(done, 10_000);
    expect(it.periods).toEqual([]);
  });

  test('a look that held everything up for minutes', async () => {
    let looks = 0;
    const it = agent({ maxCycles: 2, cycle: () => later(++looks === 1 ? 180_000 : 10).then(() => it.look()) });
    await until(runAgent(it.run), 400_000);
    expect(it.periods).toEqual([expect.objectContaining({ cause: 'the agent was held up for 178 s' })]);
  });
});
