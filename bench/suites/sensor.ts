import { loadavg, release } from 'node:os';
import { measureCrashes } from '../sensor/crashes.ts';
import { hostsFile, measureLatency } from '../sensor/latency.ts';
import { measureMisses } from '../sensor/miss.ts';
import { createPlace, type Place, placeMissing } from '../sensor/place.ts';
import { measureRates } from '../sensor/rates.ts';
import { writeReport } from '../sensor/report.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';

/** It makes its own namespaces, and the kernel's events carry pids of the first pid namespace only. */
export const place = 'own';

const PARTS: { name: string; file: string; measure: (place: Place, options: BenchOptions) => Promise<SuiteResult> }[] =
  [
    { name: 'misses', file: 'sensor-miss.md', measure: measureMisses },
    { name: 'rates', file: 'sensor.md', measure: measureRates },
    { name: 'latency', file: 'sensor.md', measure: measureLatency },
    { name: 'crashes', file: 'sensor.md', measure: measureCrashes },
  ];

/**
 * The bars of the sensor, each in a place of its own. `BENCH_SENSOR_PARTS`: some of misses, rates, latency, crashes. Whole
 * runs are written to `bench/results`.
 */
export async function run(options: BenchOptions): Promise<SuiteResult[]> {
  const missing = placeMissing();
  if (missing !== undefined) {
    return [{ title: 'The sensor', columns: ['what'], rows: [], bars: [], notes: [`left out: ${missing}`] }];
  }
  const wanted = process.env.BENCH_SENSOR_PARTS?.split(',');
  const results: { file: string; result: SuiteResult }[] = [];
  for (const { name, file, measure } of PARTS) {
    if (wanted !== undefined && !wanted.includes(name)) continue;
    const startedLoad = loadavg()[0]!;
    const place = await createPlace(hostsFile());
    try {
      const result = await measure(place, { ...options, log: (line) => options.log(`${name}: ${line}`) });
      result.notes.push(
        `${new Date().toISOString().slice(0, 16)}Z, kernel ${release()}, Node ${process.version}; load of the machine before ${startedLoad.toFixed(2)}, after ${loadavg()[0]!.toFixed(2)}`,
      );
      results.push({ file, result });
    } finally {
      await place.end();
    }
  }
  if (!options.quick) {
    for (const [file, parts] of Map.groupBy(results, (part) => part.file)) {
      writeReport(
        file,
        parts.map(({ result }) => result),
      );
    }
  }
  return results.map(({ result }) => result);
}
