import type { ConnectEvent } from '../../src/types/sensor.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';
import { startObservers } from './observers.ts';
import type { Place } from './place.ts';
import { readSensor, startSensor } from './running-sensor.ts';
import { allKinds, type Done, endWord, isTraffic, runTraffic } from './traffic.ts';

/** Pids by far end, as the sensor told them; an event without a pid counts as seen by nobody (-1). */
export function pidsByEnd(connects: readonly ConnectEvent[]): Map<string, Set<number>> {
  const seen = new Map<string, Set<number>>();
  for (const { protocol, remote, pid = -1 } of connects) {
    const end = endWord({ protocol, ...remote });
    seen.set(end, (seen.get(end) ?? new Set()).add(pid));
  }
  return seen;
}

/** How many of these were seen with the right process and, where it is said, no other. */
export function countRight(done: readonly Done[], seen: ReadonlyMap<string, Set<number>>, only: boolean): number {
  return done.filter((one) => {
    const pids = seen.get(endWord(one));
    return pids?.has(one.pid) && (!only || pids.size === 1);
  }).length;
}

/** The miss table: the same connections, watched by everybody at the same time. */
export async function measureMisses(place: Place, options: BenchOptions): Promise<SuiteResult> {
  const [count, seconds] = options.quick ? [40, 12] : [200, 60];
  const sensor = await startSensor(place);
  const reader = await readSensor(place, isTraffic(place));
  try {
    const kinds = await allKinds(place);
    options.log(`${count} connections of each of ${kinds.length} kinds in ${seconds} s`);
    const observers = startObservers(place, seconds + 3);
    const { done, refused } = await runTraffic(place, kinds, { count, seconds });
    const watched = await Promise.all(observers.map(({ seen }) => seen));
    const told = pidsByEnd(reader.connects);
    const rows = kinds
      .filter((kind) => !refused.includes(kind))
      .map((kind) => {
        const mine = done.filter((one) => one.kind === kind);
        return [
          kind,
          mine.length,
          countRight(mine, told, true),
          ...watched.map((seen) => countRight(mine, seen, false)),
        ];
      });
    const missed = done.length - countRight(done, told, true);
    const lost = reader.losses.reduce((sum, loss) => sum + (loss.count ?? 1), 0);
    return {
      title: 'Connections seen with the right process and far end, all observers in one run',
      columns: ['kind', 'made', 'sensor', ...observers.map(({ name }) => name)],
      rows,
      bars: [
        { name: 'connections that the sensor missed or gave to another process', value: missed, limit: 0, unit: '' },
        { name: 'events lost meanwhile', value: lost, limit: 0, unit: '' },
      ],
      notes: [
        'kinds without a duration hold for 5 ms; "server": the far end closes first; connected UDP holds for 50 ms',
        ...(refused.length > 0 ? [`this kernel does not allow ${refused.join(', ')}`] : []),
      ],
    };
  } finally {
    reader.close();
    await sensor.end();
  }
}
