import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countPolled, countTold, selfTest } from '../../src/agent/self-test.ts';
import type { SensorEvent } from '../../src/types/sensor.ts';
import type { Observation } from '../../src/types/socket.ts';

const ends = { tcp: 4001, udp: 4002 };
const PID = 500;

test('only connections to our own ends count, and only those of the child are owned', () => {
  const told = (protocol: 'tcp' | 'udp', port: number, pid: number, more: object = {}) =>
    ({ kind: 'connect', protocol, pid, remote: { address: '127.0.0.1', port }, ...more }) as unknown as SensorEvent;
  const events = [
    told('tcp', 4001, PID),
    told('tcp', 4001, 9),
    told('tcp', 4002, PID),
    told('tcp', 4001, PID, { remote: { address: '192.0.2.1', port: 4001 } }),
    told('udp', 4002, PID, { count: 3 }),
  ];
  expect(countTold(events, ends, PID)).toEqual({
    source: 'sensor',
    connections: { seen: 2, owned: 1 },
    datagrams: { seen: 3, owned: 3 },
  });
});

test('a connection that polling saw twice is one', () => {
  const polled = (port: number, pids?: number[]) =>
    ({
      protocol: 'tcp',
      local: { address: '127.0.0.1', port },
      remote: { address: '127.0.0.1', port: 4001 },
      pids,
    }) as unknown as Observation;
  expect(countPolled([polled(1), polled(1, [PID]), polled(2), polled(3, [9])], ends, PID)).toEqual({
    source: 'polling',
    connections: { seen: 3, owned: 1 },
    datagrams: { seen: 0, owned: 0 },
  });
});

test.runIf(process.platform === 'linux')(
  'the real one: made on loopback, polled, and no sensor in its folder',
  async () => {
    const result = await selfTest({
      platform: 'linux',
      collector: 'procfs',
      intervalMs: 100,
      now: Date.now,
      uid: process.getuid?.(),
      sensorFolder: join(tmpdir(), 'no-sensor-is-here'),
    });
    expect(result).toMatchObject({ made: { connections: 20, datagrams: 10 }, names: 'not tested' });
    const [sensor, polling] = result.sources;
    expect(sensor).toEqual({ source: 'sensor', why: expect.any(String) });
    expect(polling!.connections!.seen).toBeLessThanOrEqual(20);
    expect(polling!.connections!.owned).toBeLessThanOrEqual(polling!.connections!.seen);
  },
);
