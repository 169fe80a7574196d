import { describe, expect, test } from 'vitest';
import type { SelfTest, SelfTestSource } from '../../src/agent/self-test.ts';
import { selfTestChecks, sensorChecks } from '../../src/cli/doctor-sensor.ts';
import type { SensorStatus } from '../../src/types/sensor.ts';
import { clawwatch, NOW } from './world.ts';

const polling: SelfTestSource = {
  source: 'polling',
  connections: { seen: 2, owned: 1 },
  datagrams: { seen: 1, owned: 1 },
};
const sensor: SelfTestSource = {
  source: 'sensor',
  connections: { seen: 20, owned: 20 },
  datagrams: { seen: 10, owned: 10 },
};

function tested(...sources: SelfTestSource[]): SelfTest {
  return { made: { connections: 20, datagrams: 10 }, heldMs: 3, intervalMs: 2_000, sources, names: 'not tested' };
}

function heard(status: Partial<SensorStatus> = {}): Parameters<typeof sensorChecks>[0] {
  const whole: SensorStatus = {
    version: 1,
    pid: 77,
    startedAt: NOW - 120_000,
    sources: ['tcp', 'names'],
    missing: [],
    counts: { connects: 5, listens: 1, names: 2, lost: 0 },
    ...status,
  };
  return { heard: true, status: whole } as Parameters<typeof sensorChecks>[0];
}

describe('the sensor', () => {
  test('heard and whole: what it watches and told', () => {
    const [check, ...more] = sensorChecks(heard(), NOW);
    expect(check).toMatchObject({ name: 'sensor', state: 'OK' });
    expect(check!.text).toContain('pid 77');
    expect(check!.text).toContain('watches tcp, names; told of 5 connections, 1 listener, 2 names; 0 events lost');
    expect(more).toEqual([]);
  });

  test('losses, hidden names and what it does not watch are told', () => {
    const checks = sensorChecks(
      heard({
        counts: { connects: 5, listens: 1, names: 2, lost: 9 },
        nameBlindness: { dot: 3, doh: 4, ech: 5, malformed: 6 } as NonNullable<SensorStatus['nameBlindness']>,
        missing: [{ source: 'datagrams', why: 'the kernel has no such point', fix: 'a newer kernel' }],
      }),
      NOW,
    );
    expect(checks.map(({ state }) => state)).toEqual(['NOTE', 'NOTE']);
    expect(checks[0]!.text).toContain('9 events lost; names hidden: 3 by DNS over TLS');
    expect(checks[1]).toMatchObject({
      text: 'not watched: datagrams: the kernel has no such point',
      fix: 'a newer kernel',
    });
  });
});

describe('the self-test', () => {
  test('a sensor that saw everything is OK; what polling missed is no fault', () => {
    const checks = selfTestChecks(tested(sensor, polling));
    expect(checks.map(({ name, state }) => [name, state])).toEqual([
      ['selftest sensor', 'OK'],
      ['selftest polling', 'OK'],
    ]);
    expect(checks[1]!.text).toContain(
      'it saw 2 (1 with owner) and 1 (1 with owner), looking every 2000 ms; names were',
    );
  });

  test.each([
    ['one connection', { connections: { seen: 19, owned: 19 } }],
    ['one owner', { connections: { seen: 20, owned: 19 } }],
    ['one datagram', { datagrams: { seen: 9, owned: 9 } }],
  ])('a sensor that missed %s is UNKNOWN', (_what, part) => {
    expect(selfTestChecks(tested({ ...sensor, ...part }))[0]).toMatchObject({
      state: 'UNKNOWN',
      fix: 'clawwatch sensor status says what it does not watch',
    });
  });

  test('no sensor: not tested, and why', () => {
    expect(selfTestChecks(tested({ source: 'sensor', why: 'nobody answers' }))).toEqual([
      { name: 'selftest sensor', state: 'NOTE', text: 'not tested: nobody answers' },
    ]);
  });

  test('doctor runs it when asked, and only then', async () => {
    const io = { columns: 300, selfTest: async () => tested(sensor, polling) };
    const with_ = await clawwatch(['doctor', '--selftest', '--json'], { io });
    expect(JSON.parse(with_.out).selfTest).toEqual(tested(sensor, polling));
    const without = await clawwatch(['doctor', '--json'], { io });
    expect(JSON.parse(without.out)).not.toHaveProperty('selfTest');
    expect(without.out).not.toContain('selftest');
  });

  test('one that cannot be made is an error of doctor with the reason', async () => {
    const { out, code } = await clawwatch(['doctor', '--selftest'], { io: { columns: 300 } });
    expect(out).toMatch(/ERROR +selftest.*no test in this world/);
    expect(code).toBe(4);
  });
});
