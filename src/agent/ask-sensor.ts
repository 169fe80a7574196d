import { createSensorClient, type SensorState } from '../collect/linux/sensor/client.ts';

export type { SensorState };

const ANSWER_MS = 1_000;

/** Asks the sensor for its status, once. */
export async function askSensor(options: { now: () => number; folder?: string }): Promise<SensorState> {
  if (process.platform !== 'linux') return { heard: false, why: 'the sensor exists on Linux only', lost: false };
  const client = createSensorClient({
    uid: process.getuid?.() ?? -1,
    onEvents: () => {},
    onGap: () => {},
    ...options,
  });
  try {
    await client.settled(ANSWER_MS);
    return client.state();
  } finally {
    client.close();
  }
}
