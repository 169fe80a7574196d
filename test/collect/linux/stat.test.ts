import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStat } from '../../../src/collect/linux/stat.ts';
import { statLine } from './fake-proc.ts';
import { numRuns } from './fuzz.ts';

describe('parseStat', () => {
  test('reads our own line', () => {
    const stat = parseStat(readFileSync('/proc/self/stat'));
    expect(stat).toMatchObject({ pid: process.pid, ppid: process.ppid, kernelThread: false });
    expect(stat!.startTicks).toBeGreaterThan(0);
    expect(stat!.threads).toBeGreaterThan(1);
  });

  test.each(['npm view opencl', 'a) R 1 1 1 0 -1', ')', '(', '', 'x\ny', '7 (sshd) S 1', '\u001b[2J'])(
    'a process named %j changes none of its numbers',
    (comm) => {
      const stat = parseStat(Buffer.from(statLine({ pid: 42, comm, ppid: 7, startTicks: 98765 })));
      expect(stat).toMatchObject({ pid: 42, comm, ppid: 7, pgid: 42, sid: 42, startTicks: 98765, state: 'S' });
    },
  );

  test('any name at all leaves pid, parent and start time alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 15 }), fc.nat(4_194_304), fc.nat(2 ** 40), (comm, ppid, startTicks) => {
        const text = statLine({ pid: 9, comm: '\0', ppid, startTicks });
        const at = text.indexOf('\0');
        const bytes = Buffer.concat([Buffer.from(text.slice(0, at)), comm, Buffer.from(text.slice(at + 1))]);
        expect(parseStat(bytes)).toMatchObject({ pid: 9, ppid, startTicks });
      }),
      { numRuns },
    );
  });

  test('kernel threads and zombies are told apart', () => {
    expect(parseStat(Buffer.from(statLine({ pid: 2, flags: 0x208040 })))?.kernelThread).toBe(true);
    expect(parseStat(Buffer.from(statLine({ pid: 3, state: 'Z' })))?.state).toBe('Z');
  });

  test('a line cut before the field after the start time is refused: the number may be cut too', () => {
    const text = statLine({ pid: 42, startTicks: 98765 });
    const cut = text.indexOf('98765') + 5;
    for (let length = 0; length <= cut; length += 1) expect(parseStat(Buffer.from(text), length)).toBeUndefined();
    expect(parseStat(Buffer.from(text), cut + 1)?.startTicks).toBe(98765);
  });

  test('survives any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string().map((text) => Buffer.from(`1 (${text}) S ${text}`)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        parseStat(Buffer.from(input));
      }),
      { numRuns },
    );
  });
});
