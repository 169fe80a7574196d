import { describe, expect, test } from 'vitest';
import { createTcpEvents, MAX_LOCAL_PORTS, OUTCOME_WAIT_NS } from '../../../src/sensor/tracefs/connects.ts';
import type { TcpRecord } from '../../../src/sensor/tracefs/records.ts';
import type { ConnectEvent } from '../../../src/types/sensor.ts';

const [ESTABLISHED, SYN_SENT, SYN_RECV, CLOSE, LISTEN] = [1, 2, 3, 7, 10];
const unixMs = (timeNs: number) => Math.floor(timeNs / 1e6);
const create = () => createTcpEvents(unixMs);

function record(socket: number, from: number, to: number, more: Partial<TcpRecord> = {}): TcpRecord {
  return {
    kind: 'tcp',
    timeNs: 0,
    tid: 1,
    socket,
    from,
    to,
    family: 4,
    localAddress: '10.0.0.1',
    localPort: to === SYN_SENT ? 0 : 40_000 + socket,
    remoteAddress: '203.0.113.7',
    remotePort: 443,
    ...more,
  };
}

const events = (tcp: ReturnType<typeof create>, nowNs = 0) => tcp.drain(nowNs).map(({ event }) => event);

describe('createTcpEvents', () => {
  test('joins a connect with its answer, whoever ran when the answer came', () => {
    const tcp = create();
    tcp.take(record(1, CLOSE, SYN_SENT, { timeNs: 5e6 }), 100);
    tcp.take(record(2, CLOSE, SYN_SENT, { timeNs: 6e6 }), 100);
    tcp.take(record(1, SYN_SENT, ESTABLISHED), 999);
    tcp.take(record(2, SYN_SENT, CLOSE), undefined);
    const common = {
      kind: 'connect',
      pid: 100,
      protocol: 'tcp',
      family: 4,
      remote: { address: '203.0.113.7', port: 443 },
    };
    expect(events(tcp)).toEqual([
      { ...common, at: 5, local: { address: '10.0.0.1', port: 40_001 }, outcome: 'established' },
      { ...common, at: 6, local: { address: '10.0.0.1', port: 40_002 }, outcome: 'failed' },
    ]);
    expect(events(tcp)).toEqual([]);
  });

  test('waits for an answer, and not for ever', () => {
    const tcp = create();
    tcp.take(record(1, CLOSE, SYN_SENT, { timeNs: 1e6 }), 100);
    expect(events(tcp, OUTCOME_WAIT_NS)).toEqual([]);
    const [late] = events(tcp, OUTCOME_WAIT_NS + 2e6);
    expect(late).toMatchObject({ kind: 'connect', at: 1, pid: 100 });
    expect(late).not.toHaveProperty('outcome');
    expect(late).not.toHaveProperty('local');
    tcp.take(record(1, SYN_SENT, ESTABLISHED), 100);
    expect(events(tcp, 1e12)).toEqual([]);
  });

  test('tells a connect before the end of its process', () => {
    const tcp = create();
    tcp.take(record(1, CLOSE, SYN_SENT), 100);
    tcp.take(record(2, CLOSE, SYN_SENT), 200);
    tcp.ended(200);
    expect(events(tcp)).toMatchObject([{ pid: 200 }]);
  });

  test('goes on waiting when both ends call each other, and keeps a port that was chosen beforehand', () => {
    const tcp = create();
    tcp.take(record(1, CLOSE, SYN_SENT, { localPort: 5_000 }), 100);
    tcp.take(record(1, SYN_SENT, SYN_RECV, { localPort: 5_000 }), undefined);
    expect(events(tcp)).toEqual([]);
    tcp.ended(100);
    expect(events(tcp)).toMatchObject([{ local: { address: '10.0.0.1', port: 5_000 } }]);
  });

  test('a socket that connects again is a second connect', () => {
    const tcp = create();
    tcp.take(record(1, CLOSE, SYN_SENT), 100);
    tcp.take(record(1, CLOSE, SYN_SENT), 100);
    tcp.take(record(1, SYN_SENT, ESTABLISHED), 100);
    expect(events(tcp)).toHaveLength(2);
  });

  test('tells listeners, and ignores answers without a question', () => {
    const tcp = create();
    tcp.take(record(1, CLOSE, LISTEN, { localAddress: '::', localPort: 18_789, family: 6 }), 100);
    tcp.take(record(9, SYN_SENT, ESTABLISHED), 100);
    tcp.take(record(9, LISTEN, CLOSE), 100);
    expect(events(tcp)).toEqual([
      { kind: 'listen', at: 0, pid: 100, family: 6, local: { address: '::', port: 18_789 } },
    ]);
  });

  function burst(connects: number) {
    const tcp = create();
    for (let socket = 0; socket < connects; socket++) {
      const pid = socket % 2 === 0 ? 100 : 200;
      tcp.take(record(socket, CLOSE, SYN_SENT, { timeNs: socket * 1e6 }), pid);
      tcp.take(record(socket, SYN_SENT, ESTABLISHED), pid);
    }
    return events(tcp);
  }

  test('one connect is told as it is, two of a process to one end together', () => {
    expect(burst(2)).toMatchObject([{ pid: 100, local: { port: 40_000 } }, { pid: 200 }]);
    expect(burst(2).some((event) => 'count' in event)).toBe(false);
    expect(burst(4)).toMatchObject([
      { pid: 100, at: 0, count: 2, localPorts: [40_000, 40_002] },
      { pid: 200, at: 1, count: 2, localPorts: [40_001, 40_003] },
    ]);
  });

  test('many of them are one event for so many, with their number and all of their ports', () => {
    const told = burst(1_000);
    expect(told.map((event) => ({ ...event, localPorts: 0 }))).toMatchObject([
      { at: 0, pid: 100, count: 256, outcome: 'established' },
      { at: 512, pid: 100, count: 244 },
      { at: 1, pid: 200, count: 256, outcome: 'established' },
      { at: 513, pid: 200, count: 244 },
    ]);
    const ports = told.flatMap((event) => ('localPorts' in event ? event.localPorts : []));
    expect(new Set(ports).size).toBe(1_000);
    expect(burst(2 * MAX_LOCAL_PORTS + 2).map(({ at }) => at)).toEqual([0, 512, 1, 513]);
  });

  test('of more processes and ends at once, each is apart', () => {
    const tcp = create();
    for (let socket = 0; socket < 600; socket++) {
      const more = { remoteAddress: `203.0.113.${socket % 2}`, remotePort: 80 + (socket % 3) };
      tcp.take(record(socket, CLOSE, SYN_SENT, more), 100 + (socket % 5));
    }
    const told = events(tcp, 1e12) as ConnectEvent[];
    expect(told).toHaveLength(30);
    expect(told.every(({ count }) => count === 20)).toBe(true);
  });

  test('a scan of dead hosts does not grow without bound', () => {
    const tcp = create();
    for (let socket = 0; socket < 40_000; socket++) {
      tcp.take(record(socket, CLOSE, SYN_SENT, { remoteAddress: `10.0.${socket >> 8}.${socket & 255}` }), 100);
    }
    expect(events(tcp)).toHaveLength(40_000 - 32_768);
    expect(events(tcp, 1e12)).toHaveLength(32_768);
  });
});
