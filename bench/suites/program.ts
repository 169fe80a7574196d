import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../measure.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';

const STARTER = resolve('bin/clawwatch.cjs');
/** A person or cron waits for the whole process, the hand-over from an old Node included. */
const SCAN_LIMIT_MS = 400;
const AGENT_CPU_LIMIT = 1;
const AGENT_RSS_LIMIT_MB = 90;
/** USER_HZ, which is 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** What a user feels: how long `scan` takes from the shell, and what the agent costs an idle machine. */
export async function run(options: BenchOptions): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'clawwatch-bench-'));
  try {
    const nodes = ['/usr/bin/node', '/usr/local/bin/node'].filter((path) => existsSync(path));
    const starts = [process.execPath, ...nodes].map((node) => ({ node, ...timeScan(node, folder, options) }));
    const agent = await watchAgent(folder, options);
    const slowest = Math.max(...starts.map(({ wallMs }) => wallMs));
    return {
      title: 'The whole program',
      columns: ['what', 'wall ms', 'CPU', 'peak MB'],
      rows: [
        ...starts.map(({ version, wallMs }) => [`clawwatch scan, started by Node ${version}`, wallMs, '-', '-']),
        ['clawwatch agent run at 2 s', '-', `${agent.cpuPercent.toFixed(2)} % of a core`, agent.peakMb],
      ],
      bars: [
        { name: 'scan, whole process, median', value: slowest, limit: SCAN_LIMIT_MS, unit: ' ms' },
        { name: 'agent, CPU', value: agent.cpuPercent, limit: AGENT_CPU_LIMIT, unit: ' % of a core' },
        { name: 'agent, peak resident memory', value: agent.peakMb, limit: AGENT_RSS_LIMIT_MB, unit: ' MB' },
      ],
      notes: [
        'the first scan and the first agent of a fresh checkout also strip types, once; the package has none to strip',
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timeScan(node: string, folder: string, { quick }: BenchOptions): { version: string; wallMs: number } {
  const env = { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, 'scan') };
  const scan = () => {
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(node, [STARTER, 'scan'], { env, encoding: 'utf8' });
    if (status === null || status > 3) throw new Error(`scan ended with ${status}: ${stderr}`);
    return performance.now() - startedAt;
  };
  scan();
  const version = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  return { version, wallMs: median(Array.from({ length: quick ? 7 : 15 }, scan)) };
}

async function watchAgent(
  folder: string,
  { quick, log }: BenchOptions,
): Promise<{ cpuPercent: number; peakMb: number }> {
  const seconds = quick ? 20 : 60;
  await warmUp(folder);
  log(`watching the agent for ${seconds} s`);
  const env = { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, 'agent') };
  const agent = spawn(process.execPath, [STARTER, 'agent', 'run'], { env, stdio: 'ignore' });
  try {
    // Start-up is not what an idle machine pays for weeks.
    await delay(5_000);
    const before = cpuTicks(agent.pid!);
    await delay(seconds * 1_000);
    const cpuMs = (cpuTicks(agent.pid!) - before) * TICK_MS;
    const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]);
    return { cpuPercent: cpuMs / (seconds * 10), peakMb: peakKb / 1024 };
  } finally {
    agent.kill('SIGTERM');
    if (agent.exitCode === null) await new Promise((done) => agent.once('exit', done));
  }
}

/** The first run of a fresh checkout loads what strips types, some 15 MB, and never again. */
async function warmUp(folder: string): Promise<void> {
  const env = { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, 'warm') };
  const agent = spawn(process.execPath, [STARTER, 'agent', 'run'], { env, stdio: 'ignore' });
  const ended = new Promise((done) => agent.once('exit', done));
  await delay(5_000);
  agent.kill('SIGTERM');
  await ended;
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
