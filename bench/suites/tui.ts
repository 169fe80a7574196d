import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startLoad } from '../load.ts';
import { median } from '../measure.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';
import { makeChanges, makeRecord } from '../tui/record.ts';
import { type Watched, watchProgram } from '../tui/watched.ts';

const STARTER = resolve('bin/clawwatch.cjs');
const OPEN = 10_000;
const CHANGES_PER_SECOND = 50;
const FRAMES_PER_SECOND = 4;

const CPU_LIMIT = 5;
const RSS_LIMIT_MB = 150;
const KEY_LIMIT_MS = 50;
const PAINT_LIMIT_MS = 500;

/** What the screen costs while it is left open, beside `watch -n 1 'ss -tunap'` at the same time on as many sockets. */
export async function run(options: BenchOptions): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'clawwatch-bench-'));
  try {
    const steady = await leftOpen(folder, options);
    const paint = await firstPaint(folder, options);
    return {
      title: 'The screen',
      columns: ['what', 'CPU', 'resident MB', 'to the terminal'],
      rows: [
        [
          `clawwatch tui, pane 3, ${OPEN} connections, ${CHANGES_PER_SECOND} changes/s`,
          percent(steady.tui.cpu),
          steady.tui.mb,
          perSecond(steady.tui.bytes),
        ],
        [
          "watch -n 1 'ss -tunap' on as many sockets",
          percent(steady.peer.cpu),
          steady.peer.mb,
          perSecond(steady.peer.bytes),
        ],
        [`first paint, ${paint.rows} rows on record, CPU until then`, `${Math.round(paint.cpuMs)} ms`, '-', '-'],
      ],
      bars: [
        { name: 'screen left open, CPU', value: steady.tui.cpu, limit: CPU_LIMIT, unit: ' % of a core' },
        { name: 'screen left open, resident memory', value: steady.tui.mb, limit: RSS_LIMIT_MB, unit: ' MB' },
        { name: 'key to screen, 95th percentile', value: steady.keyMs, limit: KEY_LIMIT_MS, unit: ' ms' },
        {
          name: `first paint on ${paint.rows} rows, whole process, median`,
          value: paint.wallMs,
          limit: PAINT_LIMIT_MS,
          unit: ' ms',
        },
      ],
      notes: [
        'the record is written by this process, four times a second; its cost is in no figure',
        'figures in ms of wall time hold for a quiet machine only; the CPU until the first paint holds for any',
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const percent = (value: number) => `${value.toFixed(2)} % of a core`;
const perSecond = (bytes: number) => `${Math.round(bytes / 1024)} KiB/s`;

async function leftOpen(folder: string, { quick, log }: BenchOptions) {
  const seconds = quick ? 15 : 60;
  const path = join(folder, 'open.db');
  makeRecord(path, OPEN, 1_000);
  log(`opening ${OPEN} sockets for the peer`);
  const load = await startLoad(0);
  const changes = makeChanges(path, CHANGES_PER_SECOND / FRAMES_PER_SECOND);
  const timer = setInterval(() => changes.step(), 1000 / FRAMES_PER_SECOND);
  const tui = start(folder, path);
  const peer = watchProgram('watch', ['-n', '1', 'ss -tunap'], { PATH: process.env.PATH ?? '' });
  try {
    await load.grow(OPEN);
    await tui.until(/Overview/);
    await tui.press('3');
    // Rows are read and the heap has found its size.
    await delay(8_000);
    log(`watching both for ${seconds} s`);
    const before = [tui, peer].map((each) => ({ cpu: each.cpuMs(), bytes: each.bytes() }));
    await delay(seconds * 1_000);
    const [own, theirs] = [tui, peer].map((each, index) => ({
      cpu: (each.cpuMs() - before[index]!.cpu) / (seconds * 10),
      bytes: (each.bytes() - before[index]!.bytes) / seconds,
      mb: Math.round(each.residentMb()),
    }));
    return { tui: own!, peer: theirs!, keyMs: await keyToScreen(tui, quick ? 60 : 200) };
  } finally {
    clearInterval(timer);
    changes.close();
    await tui.end();
    await peer.end();
    await load.end();
  }
}

async function keyToScreen(tui: Watched, times: number): Promise<number> {
  const took: number[] = [];
  for (let index = 0; index < times; index++) took.push(await tui.press(index % 40 < 20 ? 'j' : 'k'));
  return took.sort((a, b) => a - b)[Math.floor(times * 0.95)]!;
}

async function firstPaint(folder: string, { quick, log }: BenchOptions) {
  const rows = quick ? 200_000 : 1_000_000;
  const path = join(folder, 'large.db');
  log(`writing ${rows} rows`);
  makeRecord(path, OPEN, rows - OPEN);
  const wall: number[] = [];
  const cpu: number[] = [];
  // The first start also strips types, once; the package has none to strip.
  for (let round = 0; round < (quick ? 4 : 8); round++) {
    const tui = start(folder, path);
    const wallMs = await tui.until(/TALKING OUT NOW[\s\S]*host-\d+/);
    if (round > 0) {
      wall.push(wallMs);
      cpu.push(tui.cpuMs());
    }
    await tui.end();
  }
  return { rows, wallMs: median(wall), cpuMs: median(cpu) };
}

function start(folder: string, path: string): Watched {
  return watchProgram(process.execPath, [STARTER, 'tui'], {
    PATH: process.env.PATH ?? '',
    // What one run remembers must not decide where the next one begins.
    HOME: `${folder}/${path.endsWith('open.db') ? 'open' : 'large'}`,
    CLAWWATCH_DATABASE: path,
  });
}
