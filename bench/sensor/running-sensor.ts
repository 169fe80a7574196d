import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createSensorClient, type SensorClient } from '../../src/collect/linux/sensor/client.ts';
import type { ConnectEvent, LossEvent, SensorEvent } from '../../src/types/sensor.ts';
import { CHECKOUT, endChild, type Place } from './place.ts';

/** A `clawwatch sensor run` in the place. */
export interface RunningSensor {
  pid: number;
  /** Ms from its start to its first word that it watches. */
  startMs: number;
  end(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** @param readers uids beside root. */
export async function startSensor(place: Place, readers: readonly number[] = []): Promise<RunningSensor> {
  const startedAt = performance.now();
  const options = readers.flatMap((uid) => ['--reader', String(uid)]);
  const child = place.spawn([place.node, `${CHECKOUT}/bin/clawwatch.cjs`, 'sensor', 'run', ...options]);
  await untilSaid(child, 'watching ');
  return {
    pid: child.pid!,
    startMs: performance.now() - startedAt,
    end: () => endChild(child),
    async kill() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

async function untilSaid(child: ChildProcess, word: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes(word)) resolve();
    });
    child.once('close', () => reject(new Error(`the sensor ended: ${said}`)));
  });
}

/** A reader of the sensor that keeps what tells of connections. */
export interface SensorReader {
  connects: ConnectEvent[];
  losses: LossEvent[];
  client: SensorClient;
  close(): void;
}

/** @param fits which connections are kept: the kernel's events are those of the whole machine. */
export async function readSensor(place: Place, fits: (event: ConnectEvent) => boolean): Promise<SensorReader> {
  const connects: ConnectEvent[] = [];
  const losses: LossEvent[] = [];
  const take = (events: readonly SensorEvent[]) => {
    for (const event of events) {
      if (event.kind === 'connect' && fits(event)) connects.push(event);
      else if (event.kind === 'loss') losses.push(event);
    }
  };
  const client = createSensorClient({
    uid: 0,
    folder: `${place.run}/clawwatch`,
    onEvents: take,
    onGap: ({ fromAt, toAt, why }) => losses.push({ kind: 'loss', source: 'kernel-events', fromAt, toAt, why }),
  });
  await client.settled(3_000);
  const state = client.state();
  if (!state.heard) throw new Error(`the sensor is not heard: ${state.why}`);
  return { connects, losses, client, close: () => client.close() };
}
