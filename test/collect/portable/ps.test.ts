import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunCommand } from '../../../src/collect/portable/command.ts';
import { createPsProcesses, readPsLines } from '../../../src/collect/portable/ps.ts';
import { answer, FUZZ, NEVER, recordedLines } from './recorded.ts';

const NUMBERS = recordedLines('darwin/ps-numbers.txt');
const NAMES = recordedLines('darwin/ps-names.txt');
const ARGUMENTS = recordedLines('darwin/ps-arguments.txt');

/** Answers each of the three tables by its last column. */
const tables = (numbers: string[], names: string[], args: string[], end = {}): RunCommand => {
  return async (_command, asked) => {
    const columns = asked.at(-1)!;
    return answer(columns.includes('ucomm') ? names : columns.includes('args') ? args : numbers, end);
  };
};
const read = (run: RunCommand) => createPsProcesses({ run, ownNetns: 'own' }).read(NEVER);

describe('processes by ps', () => {
  it('reads numbers, start in UTC, kernel name and arguments', async () => {
    const { processes } = await read(tables(NUMBERS, NAMES, ARGUMENTS));
    expect([...processes.keys()]).toEqual([1, 312, 400, 812, 813]);
    expect(processes.get(813)).toEqual({
      pid: 813,
      startTicks: 0,
      startedAt: Date.UTC(2026, 10, 6, 9, 13, 0),
      ppid: 812,
      pgid: 812,
      uid: 501,
      comm: 'Some Helper (Re',
      argv: ['/bin/sh', '-c', 'eval', "'curl'"],
      markers: {},
      markersUnread: true,
    });
  });

  it('reads the user nobody, which macOS prints as a negative number', async () => {
    expect((await read(tables(NUMBERS, NAMES, ARGUMENTS))).processes.get(400)?.uid).toBe(4_294_967_294);
  });

  it('believes in no process that is only in a table with free text', async () => {
    const forged = [...ARGUMENTS, '  999 Fri Nov 20 09:12:44 2026     openclaw-gateway'];
    const { processes } = await read(tables(NUMBERS, NAMES, forged));
    expect(processes.has(999)).toBe(false);
    expect(processes.get(1)).toMatchObject({ ppid: 0, argv: ['/sbin/launchd'] });
  });

  it('gives no text to a process that another one imitates, and says so', async () => {
    const imitated = [...ARGUMENTS, '  812 Fri Nov 20 09:12:44 2026     /usr/bin/true'];
    const { processes, blindSpots } = await read(tables(NUMBERS, NAMES, imitated));
    expect(processes.get(812)).toMatchObject({ comm: 'node', argv: [] });
    expect(blindSpots.find((spot) => spot.id === 'ps.forged')).toMatchObject({
      essential: true,
      what: expect.stringContaining('812'),
    });
  });

  it('gives no text of a reused pid to its predecessor', () => {
    const reused = ['  812 Fri Nov 20 09:30:00 2026     other'];
    expect(readPsLines(NUMBERS, reused, reused).processes.get(812)).toMatchObject({ comm: '', argv: [] });
  });

  it.each([
    ['missing', { problem: 'missing', exitCode: null }, 'ps.missing'],
    ['silent', {}, 'ps.empty'],
  ] as const)('is essentially blind when ps is %s', async (_, end, id) => {
    const { processes, blindSpots } = await read(tables([], [], [], end));
    expect(processes.size).toBe(0);
    expect(blindSpots.filter((spot) => spot.id === id)).toMatchObject([{ essential: true }]);
  });

  it('counts lines that it cannot understand', async () => {
    const { blindSpots } = await read(tables([...NUMBERS, 'PID PPID'], NAMES, ARGUMENTS));
    expect(blindSpots.find((spot) => spot.id === 'ps.unreadable')).toMatchObject({ essential: true });
  });

  it('says every time what ps can never tell', async () => {
    const ids = (await read(tables(NUMBERS, NAMES, ARGUMENTS))).blindSpots.map((spot) => spot.id);
    expect(ids).toEqual(['ps.start', 'ps.environ', 'ps.argument-bounds', 'ps.paths']);
  });

  it('never throws, and lets no text add or move a process', () => {
    const line = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NUMBERS, ...ARGUMENTS));
    const clean = readPsLines(NUMBERS, [], []).processes;
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (names, args) => {
        const { processes } = readPsLines(NUMBERS, names, args);
        expect([...processes.keys()]).toEqual([...clean.keys()]);
        for (const [pid, process] of processes) expect(process.ppid).toBe(clean.get(pid)?.ppid);
      }),
      FUZZ,
    );
  });
});

describe.skipIf(process.platform === 'win32')('ps of this system', () => {
  it('finds a child of ours with its parent, start and hostile arguments', async () => {
    const forged = `x\n    1     0     1     0 Thu Nov 19 08:00:01 2026 \x1b[31minit`;
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)', forged]);
    try {
      await once(child.stdout, 'data');
      const { processes, blindSpots } = await createPsProcesses().read(NEVER);
      expect(blindSpots.filter((spot) => spot.essential)).toEqual([]);
      expect(processes.get(child.pid!)).toMatchObject({ ppid: process.pid, uid: process.getuid?.() });
      expect(Math.abs((processes.get(child.pid!)?.startedAt ?? 0) - Date.now())).toBeLessThan(3_600_000);
      expect(processes.get(1)?.argv.join(' ')).not.toContain('init\x1b');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
