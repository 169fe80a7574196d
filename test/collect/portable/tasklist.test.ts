import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTasklistProcesses, readTasklistLines } from '../../../src/collect/portable/tasklist.ts';
import { answer, FUZZ, fakeRun, NEVER, recordedLines } from './recorded.ts';

const LINES = recordedLines('windows/tasklist.csv');

describe('processes by tasklist', () => {
  it('reads names with commas and quotes, and any spelling of the memory column', () => {
    const { processes, unreadable } = readTasklistLines(LINES);
    expect([...processes.values()].map((process) => [process.pid, process.comm])).toEqual([
      [0, 'System Idle Process'],
      [4, 'System'],
      [988, 'svchost.exe'],
      [4567, 'node.exe'],
      [5001, 'a, "b".exe'],
    ]);
    expect(unreadable).toBe(0);
  });

  it('claims nothing that tasklist does not print', () => {
    expect(readTasklistLines(LINES).processes.get(4567)).toEqual({
      pid: 4567,
      startTicks: 0,
      ppid: 0,
      comm: 'node.exe',
      argv: [],
      markers: {},
      markersUnread: true,
    });
  });

  it('says every time what it cannot tell', async () => {
    const run = fakeRun(answer(LINES));
    const { blindSpots, ownNetns } = await createTasklistProcesses({ run }).read(NEVER);
    expect(ownNetns).toBe('own');
    expect(run.asked[0]?.args).toEqual(['/fo', 'csv', '/nh']);
    expect(blindSpots.map((spot) => spot.id)).toEqual([
      'tasklist.lineage',
      'tasklist.start',
      'tasklist.command-line',
      'tasklist.environ',
    ]);
  });

  it.each([
    ['is missing', answer([], { problem: 'missing', exitCode: null }), 'tasklist.missing'],
    ['prints nothing', answer([]), 'tasklist.empty'],
    [
      'prints a sentence',
      answer(['INFO: No tasks are running which match the specified criteria.']),
      'tasklist.unreadable',
    ],
  ])('is essentially blind when tasklist %s', async (_, output, id) => {
    const { blindSpots } = await createTasklistProcesses({ run: fakeRun(output) }).read(NEVER);
    expect(blindSpots.find((spot) => spot.id === id)).toMatchObject({ essential: true });
  });

  it('never throws, and reads a quoted name back', () => {
    const name = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ' '));
    fc.assert(
      fc.property(name, fc.nat(), fc.array(fc.string({ unit: 'binary' })), (comm, pid, noise) => {
        readTasklistLines(noise);
        const line = `"${comm.replaceAll('"', '""')}","${pid}","Console","1","1,024 K"\r`;
        expect(readTasklistLines([line]).processes.get(pid)?.comm).toBe(comm);
      }),
      FUZZ,
    );
  });
});
