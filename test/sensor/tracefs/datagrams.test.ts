import { describe, expect, test } from 'vitest';
import { createDatagramEvents } from '../../../src/sensor/tracefs/datagrams.ts';
import type { LookupRecord } from '../../../src/sensor/tracefs/records.ts';

const DONE = 1e12;
let clockNs = 0;

function look(more: Partial<LookupRecord> = {}): LookupRecord {
  clockNs += 1_000;
  return {
    kind: 'lookup',
    timeNs: clockNs,
    tid: 7,
    table: 254,
    error: 0,
    protocol: 17,
    family: 4,
    localAddress: '0.0.0.0',
    localPort: 40_000,
    remoteAddress: '203.0.113.53',
    remotePort: 53,
    ...more,
  };
}

function told(records: readonly LookupRecord[]) {
  const datagrams = createDatagramEvents(() => 0);
  for (const record of records) datagrams.take(record, 100);
  return datagrams.drain(DONE).map(({ event }) => event);
}

const event = {
  kind: 'connect',
  at: 0,
  pid: 100,
  protocol: 'udp',
  family: 4,
  remote: { address: '203.0.113.53', port: 53 },
};

describe('createDatagramEvents', () => {
  test('one send is one event', () => {
    expect(told([look()])).toEqual([{ ...event, localPorts: [40_000] }]);
  });

  test('a send that asks table after table is one event', () => {
    const tables = [255, 1000, 254].map((table) => look({ table, error: table === 254 ? 0 : -11 }));
    expect(told(tables)).toEqual([{ ...event, localPorts: [40_000] }]);
    expect(told([...tables, ...tables.map((record) => ({ ...record, timeNs: record.timeNs + 1e5 }))])).toEqual([
      { ...event, localPorts: [40_000], count: 2 },
    ]);
  });

  test('a connect that asks again with its own address is one event, which knows the address', () => {
    expect(told([look(), look({ localAddress: '10.0.0.1' })])).toEqual([
      { ...event, local: { address: '10.0.0.1', port: 40_000 } },
    ]);
  });

  test('repeated sends are one event with their number and ports', () => {
    expect(told([look(), look(), look({ localPort: 40_001 })])).toEqual([
      { ...event, count: 3, localPorts: [40_000, 40_001] },
    ]);
  });

  test('a send without a way is a failed one', () => {
    expect(told([look({ error: -11 })])).toEqual([{ ...event, outcome: 'failed', localPorts: [40_000] }]);
    const v6 = (table: number, localAddress: string) => look({ table, error: -113, localAddress, family: 6 });
    expect(told([v6(255, '::'), v6(254, '::'), v6(255, '::1'), v6(254, '::1')])).toMatchObject([{ outcome: 'failed' }]);
    expect(told([look({ error: -101 }), look({ error: -101 })])).toMatchObject([{ outcome: 'failed', count: 2 }]);
  });

  test('a way that was missed does not hide the next send of the same thread', () => {
    expect(told([look({ error: -11, table: 255 }), look({ remoteAddress: '203.0.113.9' })])).toMatchObject([
      { outcome: 'failed', remote: { address: '203.0.113.53' } },
      { remote: { address: '203.0.113.9' } },
    ]);
  });

  test('what is not UDP is a message of a raw socket', () => {
    expect(told([look({ protocol: 1, localPort: 0, remotePort: 0 })])).toMatchObject([{ protocol: 'icmp' }]);
    expect(told([look({ protocol: 253, remotePort: 0 })])).toMatchObject([{ protocol: 'icmp' }]);
    expect(told([look({ protocol: 136 })])).toMatchObject([{ protocol: 'udp' }]);
  });

  test('a send in the middle of its looks waits for the next drain', () => {
    const datagrams = createDatagramEvents(() => 0);
    const first = look({ table: 255, error: -11 });
    datagrams.take(first, 100);
    expect(datagrams.drain(first.timeNs + 1)).toEqual([]);
    datagrams.take(look({ table: 254 }), 100);
    expect(datagrams.drain(DONE).map((placed) => placed.event)).toEqual([{ ...event, localPorts: [40_000] }]);
  });
});
