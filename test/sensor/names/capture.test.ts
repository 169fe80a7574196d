import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openNameCapture } from '../../../src/sensor/names/open-name-capture.ts';
import { filterExpression, tcpdumpArguments } from '../../../src/sensor/names/tcpdump-arguments.ts';
import { startTcpdump, type TcpdumpCapture } from '../../../src/sensor/names/tcpdump-capture.ts';
import type { NameEvent } from '../../../src/types/sensor.ts';
import { a, CLIENT, dns, reversed, udp } from './packets.ts';
import { capture } from './pcap.ts';

const folder = mkdtempSync(join(tmpdir(), 'clawwatch-names-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ANSWERED = capture(
  [
    { type: 4, device: 1, data: udp(CLIENT, dns({ name: 'a.example' })) },
    {
      type: 0,
      device: 1,
      data: udp(reversed(CLIENT), dns({ name: 'a.example', answers: [a('a.example', '203.0.113.7')] })),
    },
  ],
  276,
  true,
  1e6,
);

let count = 0;
/** A program in the tool's place that writes a capture and then does as the script says. */
function tool(output: Uint8Array, then: string): string {
  const path = join(folder, `tool${++count}`);
  writeFileSync(`${path}.pcap`, output);
  writeFileSync(path, `#!/bin/sh\necho "$$" >> '${path}.pids'\ncat '${path}.pcap'\n${then}\n`);
  chmodSync(path, 0o755);
  return path;
}

const started = (path: string, options: object = {}) =>
  startTcpdump({ now: Date.now, path, ...options }) as TcpdumpCapture;

async function until(true_: () => boolean): Promise<void> {
  for (let round = 0; round < 400 && !true_(); round++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(true_()).toBe(true);
}

describe('tcpdump in the place of a packet socket', () => {
  test('gives names, says what it is, and ends with the capture', async () => {
    const names = openNameCapture({ withoutSocket: true, tcpdumpPath: tool(ANSWERED, 'exec sleep 30') });
    try {
      const events: ReturnType<typeof names.drain> = [];
      await until(() => events.push(...names.drain()) > 1);
      expect(events.filter(({ kind }) => kind === 'name')).toMatchObject([
        {
          name: 'a.example',
          address: '203.0.113.7',
          source: 'dns',
          at: 1_700_000_001_250,
        } satisfies Partial<NameEvent>,
      ]);
      expect(events.filter(({ kind }) => kind === 'loss')).toMatchObject([{ source: 'names' }]);
      expect([names.sources, names.missing]).toEqual([['names'], []]);
    } finally {
      names.close();
    }
    expect(names.sources).toEqual([]);
    expect(names.drain()).toEqual([]);
  });

  test('is started again after a pause when it ends, and the gap is told', async () => {
    const run = started(tool(ANSWERED, 'echo "tcpdump: any: down" >&2; exit 3'), { backOffMs: [30, 100] });
    try {
      const gaps: { why: string }[] = [];
      await until(() => gaps.push(...run.gaps()) > 2);
      expect(gaps[1]!.why).toBe('tcpdump ended with 3: any: down');
      let packets = 0;
      run.receive(() => packets++);
      expect(packets).toBeGreaterThan(2);
    } finally {
      run.close();
    }
  });

  test('that never begins, or writes something else, is ended and named', async () => {
    const silent = started(tool(Buffer.alloc(0), 'exec sleep 30'), { startMs: 50 });
    await until(() => silent.problem() === 'tcpdump did not start in time');
    silent.close();
    const wrong = started(tool(Buffer.from('hello, this is another program altogether'), 'exec sleep 30'));
    await until(() => wrong.problem() === 'the output is no capture');
    wrong.close();
  });

  test('counts what the kernel dropped, by the sum that the tool tells', async () => {
    const lines = 'echo "3 packets dropped by kernel" >&2; echo "5 packets dropped by kernel" >&2; exec sleep 30';
    const run = started(tool(ANSWERED, lines));
    let dropped = 0;
    await until(() => {
      dropped += run.dropped();
      return dropped === 5;
    });
    run.close();
  });

  test('holds a bounded number of packets that nobody fetches', async () => {
    const question = { type: 4, device: 1, data: udp(CLIENT, dns({ name: 'a.example' })) };
    const many = capture(Array<typeof question>(9000).fill(question), 276, true, 1e6);
    const run = started(tool(many, 'exec sleep 30'));
    let dropped = 0;
    await until(() => {
      dropped += run.dropped();
      return dropped === 9000 - 8192;
    });
    run.close();
  });

  test('is missing with a way to get it, and may not be what a PATH says', () => {
    const names = openNameCapture({ withoutSocket: true, tcpdumpPath: '/nonexistent/tcpdump' });
    expect(names.sources).toEqual([]);
    expect(names.missing).toEqual([
      {
        source: 'names',
        why: expect.stringContaining('tcpdump is not installed'),
        fix: expect.stringContaining('koffi'),
      },
    ]);
    expect(names.drain()).toEqual([]);
    expect(names.blindness()).toEqual({ dot: 0, doh: 0, ech: 0, malformed: 0 });
    names.close();
  });

  test('is asked for packets as they come, from all interfaces, without look-ups', () => {
    expect(tcpdumpArguments().slice(0, -1)).toEqual('-U -w - -s 16544 -B 8192 -i any -n'.split(' '));
    for (const open of ['(', ')']) expect(filterExpression()).toContain(open);
    expect(filterExpression().split('(').length).toBe(filterExpression().split(')').length);
  });
});
