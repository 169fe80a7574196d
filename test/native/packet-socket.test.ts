import { closeSync, openSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { inNetworkNamespace } from '../../src/native/packet-namespace.ts';
import { openPacketSocket } from '../../src/native/packet-socket.ts';

describe.runIf(process.platform === 'linux')('a packet socket', () => {
  test('opens where it may, and says why where it may not', () => {
    const socket = openPacketSocket();
    if ('why' in socket) {
      expect(socket.why).toMatch(/koffi|packet socket|layout/);
      return;
    }
    expect(socket.dropped()).toBe(0);
    socket.close();
    socket.close();
    expect(socket.receive(() => {}, 10)).toBe(0);
  });

  test('of a namespace that is not there says so', () => {
    expect(openPacketSocket({ netnsPath: '/nonexistent/ns' })).toMatchObject({
      why: expect.stringMatching(/ENOENT|koffi|layout/),
    });
    // A file that is no namespace.
    expect(openPacketSocket({ netnsPath: '/proc/self/stat' })).toMatchObject({
      why: expect.stringMatching(/cannot be entered|koffi|layout/),
    });
  });
});

describe.runIf(process.platform === 'linux')('work in another network namespace', () => {
  const calls = (answers: number[]) => {
    const entered: number[] = [];
    const setns = (fd: number) => {
      entered.push(fd);
      return answers.shift()!;
    };
    return { entered, setns, errorName: () => 'EPERM' };
  };

  test('comes back, also when the work throws', () => {
    const fd = openSync('/proc/self/ns/net', 'r');
    try {
      const good = calls([0, 0]);
      expect(inNetworkNamespace(good, fd, () => 'done')).toBe('done');
      expect(good.entered).toEqual([fd, expect.any(Number)]);
      const bad = calls([0, 0]);
      const work = () =>
        inNetworkNamespace(bad, fd, () => {
          throw new Error('work');
        });
      expect(work).toThrow('work');
      expect(bad.entered).toHaveLength(2);
    } finally {
      closeSync(fd);
    }
  });

  test('that may not be entered is not done', () => {
    const work = vi.fn();
    expect(inNetworkNamespace(calls([-1]), 99, work)).toEqual({ why: expect.stringContaining('EPERM') });
    expect(work).not.toHaveBeenCalled();
  });

  test('ends the process when there is no way back', () => {
    const abort = vi.spyOn(process, 'abort').mockImplementation(() => {
      throw new Error('aborted');
    });
    try {
      expect(() => inNetworkNamespace(calls([0, -1]), 99, () => 'done')).toThrow('aborted');
    } finally {
      abort.mockRestore();
    }
  });
});
