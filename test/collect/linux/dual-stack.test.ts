import { describe, expect, test } from 'vitest';
import { markDualStack } from '../../../src/collect/linux/dual-stack.ts';
import type { Observation } from '../../../src/types/socket.ts';

const socket = (address: string, port: number, changes: Partial<Observation> = {}): Observation => ({
  source: 'test',
  seenAt: 1,
  netns: '7',
  protocol: 'tcp',
  family: address.includes(':') ? 6 : 4,
  state: 'LISTEN',
  local: { address, port },
  ...changes,
});

describe('markDualStack', () => {
  test('nothing else at the port: unknown', () => {
    const listener = socket('::', 80);
    markDualStack([listener, socket('0.0.0.0', 81), socket('127.0.0.1', 80)]);
    expect(listener.dualStack).toBe('unknown');
  });

  test('a 0.0.0.0 listener at the same port and protocol: no', () => {
    const listener = socket('::', 5353, { protocol: 'udp', state: 'UNCONN' });
    markDualStack([socket('0.0.0.0', 5353), listener]);
    expect(listener.dualStack).toBe('unknown');
    markDualStack([socket('0.0.0.0', 5353, { protocol: 'udp', state: 'UNCONN' }), listener]);
    expect(listener.dualStack).toBe('no');
  });

  test('an accepted IPv4-mapped connection: yes, even beside a 0.0.0.0 listener', () => {
    const listener = socket('::', 80);
    const mapped = socket('192.0.2.1', 80, {
      family: 6,
      state: 'ESTABLISHED',
      remote: { address: '192.0.2.9', port: 5000 },
    });
    markDualStack([listener, mapped, socket('0.0.0.0', 80)]);
    expect(listener.dualStack).toBe('yes');
  });

  test('a plain IPv4 connection at the port belongs to another listener', () => {
    const listener = socket('::', 80);
    markDualStack([listener, socket('192.0.2.1', 80, { state: 'ESTABLISHED' })]);
    expect(listener.dualStack).toBe('unknown');
  });

  test('only wildcard IPv6 listeners carry the mark', () => {
    const others = [socket('0.0.0.0', 80), socket('::1', 80), socket('::', 80, { state: 'ESTABLISHED' })];
    markDualStack([...others, socket('::', 80)]);
    for (const other of others) expect(other).not.toHaveProperty('dualStack');
  });
});
