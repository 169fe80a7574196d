import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchOptions, SuiteResult } from '../suite.ts';
import { startFamily } from './family.ts';
import type { Place } from './place.ts';
import { startAgent } from './running-agent.ts';
import { startSensor } from './running-sensor.ts';

const INSTANCES = '/sys/kernel/tracing/instances';
/** What the kernel keeps for an instance that was freed, and much less than any that is in use. */
const FREED_KB = 100;
const JANITOR_MS = 2_500;

/** What a sensor left behind at the moment of its end, and after its janitor had the time to clean up. */
export interface Remains {
  tracingOn: number;
  keptKb: number;
  instances: number;
}

/** Kills a sensor and looks at what the kernel still holds for it. */
export async function crash(sensor: { pid: number; kill(): Promise<void> }): Promise<Remains> {
  const own = () => readdirSync(INSTANCES).filter((name) => name.startsWith(`clawwatch-${sensor.pid}-`));
  const before = own();
  if (before.length === 0) throw new Error(`the sensor ${sensor.pid} has no instance`);
  await sensor.kill();
  const tracingOn = before.filter((name) => setting(name, 'tracing_on') === '1').length;
  const keptKb = Math.max(...before.map((name) => Number(setting(name, 'buffer_total_size_kb'))));
  const end = Date.now() + JANITOR_MS;
  while (own().length > 0 && Date.now() < end) await delay(50);
  return { tracingOn, keptKb: keptKb < FREED_KB ? 0 : keptKb, instances: own().length };
}

/** `0` for an instance that is gone already. */
function setting(instance: string, file: string): string {
  const path = `${INSTANCES}/${instance}/${file}`;
  try {
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : '0';
  } catch {
    return '0';
  }
}

/** Crashes in a row, with an agent that has to put each of them on record. */
export async function measureCrashes(place: Place, options: BenchOptions): Promise<SuiteResult> {
  const rounds = options.quick ? 3 : 10;
  let sensor = await startSensor(place, [5001]);
  const family = await startFamily(place);
  const agent = await startAgent(place, 'crashes', '1s');
  const remains: Remains[] = [];
  const startMs: number[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      options.log(`crash ${round} of ${rounds}`);
      remains.push(await crash(sensor));
      sensor = await startSensor(place, [5001]);
      startMs.push(sensor.startMs);
      // The agent tries to hear it again every second, and then looks.
      await delay(2_500);
    }
    const periods = agent.ask((record) =>
      record.blindPeriods(0).filter(({ cause }) => cause.includes('the sensor went away')),
    );
    const gapMs = periods.map(({ fromAt, toAt }) => toAt - fromAt);
    const sum = (key: keyof Remains) => remains.reduce((total, each) => total + each[key], 0);
    return {
      title: `${rounds} crashes (kill -9) of the sensor, each with a restart`,
      columns: ['what', 'figure'],
      rows: [
        ['instances left', sum('instances')],
        ['instances with tracing on after the crash', sum('tracingOn')],
        ['KB of buffers kept after a crash, all together', sum('keptKb')],
        ['blind periods in the record', periods.length],
        ['longest of them, ms', Math.max(0, ...gapMs)],
        ['longest start, ms', Math.max(...startMs)],
      ],
      bars: [
        { name: 'instances left', value: sum('instances'), limit: 0, unit: '' },
        { name: 'instances with tracing on', value: sum('tracingOn'), limit: 0, unit: '' },
        { name: 'memory kept', value: sum('keptKb'), limit: 0, unit: ' KB' },
        { name: 'gaps not on record', value: Math.abs(rounds - periods.length), limit: 0, unit: '' },
      ],
      notes: ['a blind period ends when the agent hears the sensor again, which it tries every second'],
    };
  } finally {
    await agent.end();
    await family.end();
    await sensor.end();
  }
}
