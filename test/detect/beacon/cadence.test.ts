import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cadencesOf, lockedTo } from '../../../src/detect/beacon/cadence.ts';
import { config, gateway } from '../builders.ts';

const MINUTE = 60_000;
const of = (value: Record<string, unknown>) => cadencesOf([gateway({ config: config({ value }) })]);
const named = (value: Record<string, unknown>, name: string) =>
  of(value).flatMap((cadence) => (cadence.name === name ? [cadence.periodMs] : []));

describe('cadences of OpenClaw', () => {
  test('are the default heartbeat, the long poll and the update check where nothing is configured', () => {
    expect(of({}).map(({ periodMs }) => periodMs / MINUTE)).toEqual([0.5, 1440, 30, 60]);
    expect(cadencesOf([])).toEqual([]);
  });

  test('are the heartbeats that are configured, for all agents and for one', () => {
    const value = {
      agents: { defaults: { heartbeat: { every: '15m' } }, list: [{ heartbeat: { every: '2h' } }, { heartbeat: 7 }] },
    };
    expect(named(value, 'heartbeat')).toEqual([15 * MINUTE, 120 * MINUTE]);
  });

  test.each([
    [{ name: 'j', every: 3600 }, 60],
    [{ name: 'j', schedule: { kind: 'every', everyMs: 300_000 } }, 5],
    [{ name: 'j', schedule: { kind: 'cron', expr: '*/10 * * * *' } }, 10],
    [{ name: 'j', schedule: '7 * * * *' }, 60],
    [{ name: 'j', cron: '0 */6 * * *' }, 360],
    [{ name: 'j', cron: '0 3 * * *' }, 1440],
  ])('know the job %o', (job, minutes) => {
    expect(named({ cron: [job] }, 'cron j')).toEqual([minutes * MINUTE]);
    expect(named({ cron: { jobs: [job] } }, 'cron j')).toEqual([minutes * MINUTE]);
  });

  test.each(['0 9 * * 1-5', '*/0 * * * *', 'x', '', '1,2 * * * *'])('have no period for %j', (cron) => {
    expect(named({ cron: [{ name: 'j', cron }] }, 'cron j')).toEqual([]);
  });

  test('are followed within the tolerance only', () => {
    expect(lockedTo(31 * MINUTE, of({}), 0.05)?.name).toBe('heartbeat');
    expect(lockedTo(33 * MINUTE, of({}), 0.05)).toBeUndefined();
  });

  test('come out of any configuration as positive periods, and not too many', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (agents, cron) => {
        const cadences = of({ agents, cron });
        expect(cadences.length).toBeLessThan(500);
        for (const { periodMs } of cadences) expect(periodMs).toBeGreaterThan(0);
      }),
    );
  });
});
