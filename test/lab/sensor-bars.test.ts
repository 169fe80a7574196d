import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crash } from '../../bench/sensor/crashes.ts';
import { makeFolder, OWNER } from '../../bench/sensor/family.ts';
import { pidsByEnd } from '../../bench/sensor/miss.ts';
import { CHECKOUT, createPlace, type Place } from '../../bench/sensor/place.ts';
import { type RunningSensor, readSensor, type SensorReader, startSensor } from '../../bench/sensor/running-sensor.ts';
import { type Done, endWord, isTraffic, runTraffic } from '../../bench/sensor/traffic.ts';
import { lab } from './gate.ts';

const KINDS = ['client 5 ms', 'server 5 ms', 'UDP one-shot', 'fork', 'double fork', 'exec', 'other namespace'];
const COUNT = 100;
const SECONDS = 3;

lab('the bars of the sensor', () => {
  let place: Place;

  beforeAll(async () => {
    place = await createPlace();
  });

  afterAll(() => place?.end());

  /** A command of the place, to its end. */
  async function clawwatch(
    argv: string[],
    uid?: number,
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const said = { stdout: '', stderr: '' };
    const child = place.spawn([place.node, `${CHECKOUT}/bin/clawwatch.cjs`, ...argv], {
      ...(uid !== undefined && { uid, env: { HOME: makeFolder(place, '.') } }),
    });
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    return { code, ...said };
  }

  describe('everything is seen', () => {
    let sensor: RunningSensor;
    let reader: SensorReader;
    let done: Done[];

    beforeAll(async () => {
      sensor = await startSensor(place);
      reader = await readSensor(place, isTraffic(place));
      ({ done } = await runTraffic(place, KINDS, { count: COUNT, seconds: SECONDS }));
      // On a busy machine the last of them arrive late; lost ones are told as lost, whatever we wait.
      for (let turn = 0; turn < 150 && done.some((one) => !pidsByEnd(reader.connects).has(endWord(one))); turn += 1) {
        await delay(100);
      }
    });

    afterAll(async () => {
      reader?.close();
      await sensor?.end();
    });

    test.each(KINDS)('%s: each connection with its process and its far end, and with nobody else', (kind) => {
      const told = pidsByEnd(reader.connects);
      const mine = done.filter((one) => one.kind === kind);
      expect(mine).toHaveLength(COUNT);
      const wrong = mine.filter((one) => [...(told.get(endWord(one)) ?? [])].join() !== String(one.pid));
      expect(wrong).toEqual([]);
    });

    test('nothing was lost, and nothing was made up', () => {
      expect(reader.losses).toEqual([]);
      const made = new Set(done.map(endWord));
      expect([...pidsByEnd(reader.connects).keys()].filter((end) => !made.has(end))).toEqual([]);
    });
  });

  test('three crashes leave no instance, no tracing and no memory behind', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const remains = await crash(await startSensor(place));
      expect(remains, `crash ${round}`).toEqual({ tracingOn: 0, keptKb: 0, instances: 0 });
    }
  });

  test('an ordinary user is refused the sensor, in one sentence', async () => {
    const { code, stderr } = await clawwatch(['sensor', 'run'], OWNER);
    expect(code).toBe(2);
    expect(stderr).toContain('starts as root');
    expect(stderr).not.toContain('    at ');
  });

  test('without a sensor the agent of an ordinary user polls, and doctor says what that misses', async () => {
    const database = join(makeFolder(place, 'fallback'), 'clawwatch.db');
    const agent = await clawwatch(
      ['agent', 'run', '--json', '--max-cycles', '2', '--interval', '500ms', '--db', database],
      OWNER,
    );
    expect(agent.code, agent.stderr).toBe(0);
    expect(agent.stdout).toContain('"event":"stopped"');
    expect(JSON.parse(agent.stdout.trim().split('\n').at(-1)!)).toMatchObject({ cycles: 2, failed: 0 });
    const doctor = await clawwatch(['doctor', '--json', '--db', database], OWNER);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; state: string; fix?: string }[] };
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'sensor', state: 'NOTE', fix: 'sudo clawwatch sensor install' }),
    );
  });
});
