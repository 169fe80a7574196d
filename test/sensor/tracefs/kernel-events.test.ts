import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventClock } from '../../../src/sensor/tracefs/clock.ts';
import { openKernelEvents } from '../../../src/sensor/tracefs/kernel-events.ts';
import { routerWhy } from '../../../src/sensor/tracefs/router.ts';
import { EXIT, UserError } from '../../../src/types/error.ts';
import { createFakeProc, type FakeProc } from './fake-proc.ts';

let proc: FakeProc;
beforeEach(() => {
  proc = createFakeProc();
});
afterEach(() => proc.close());

describe('openKernelEvents', () => {
  test('says in one line what a machine without tracefs lacks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clawwatch-tracing-'));
    const open = () => openKernelEvents({ tracingRoot: join(folder, 'none'), procRoot: proc.root });
    expect(open).toThrow(UserError);
    try {
      open();
    } catch (error) {
      expect(error).toMatchObject({ exitCode: EXIT.environment, hint: expect.stringContaining('root') });
      expect((error as Error).message).not.toContain('\n');
    }
    rmSync(folder, { recursive: true });
  });
});

describe('routerWhy', () => {
  test('a host that forwards nothing is no router', () => {
    expect(routerWhy(proc.root)).toBeUndefined();
    proc.set('sys/net/ipv4/ip_forward', '0\n');
    proc.set('sys/net/ipv6/conf/all/forwarding', '0\n');
    expect(routerWhy(proc.root)).toBeUndefined();
  });

  test('one that forwards either family is', () => {
    proc.set('sys/net/ipv6/conf/eth0/forwarding', '1\n');
    expect(routerWhy(proc.root)).toContain('IPv6');
    proc.set('sys/net/ipv4/ip_forward', '1\n');
    expect(routerWhy(proc.root)).toContain('IPv4');
  });
});

describe('createEventClock', () => {
  test('takes over a step of the wall clock between batches, and no jitter', () => {
    let wallMs = 5_000;
    let monotonic = 10_000_000n;
    const clock = createEventClock(
      () => wallMs,
      () => monotonic,
    );
    expect(clock.unixMs(1_999_999)).toBe(5_001);
    monotonic += 1_000_000_000n;
    wallMs += 1_001;
    clock.refresh();
    expect(clock.unixMs(clock.elapsedNs())).toBe(6_000);
    wallMs += 3_600_000;
    expect(clock.unixMs(clock.elapsedNs())).toBe(6_000);
    clock.refresh();
    expect(clock.unixMs(clock.elapsedNs())).toBe(3_606_001);
  });
});
