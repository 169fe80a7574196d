import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { measure, median } from '../measure.ts';
import { SS } from '../methods.ts';
import type { StageCosts } from '../outbound/stage-costs.ts';
import { startOutboundLoad } from '../outbound-load.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';

const CONNECTIONS = 10_000;
const CPU_LIMIT_MS = 150;
/** What ten thousand connections need, mostly room that the engine gives itself before it collects. */
const PEAK_LIMIT_MB = 448;
/** Looks go on for weeks: after the first thirty nothing may be added. */
const GROWTH_LIMIT = 1.1;
/** Young processes are read in each look, and the first looks also compile. */
const SETTLE_MS = 11_000;
const WARM_UP = 30;
const STAGES = ['collect', 'enrich', 'detect', 'store'];

/** The agent's whole look at a family with ten thousand outbound connections, beside `ss`. */
export async function run(options: BenchOptions): Promise<SuiteResult> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    const notes = ['left out: an internet of its own needs Linux and root'];
    return { title: 'Outbound connections', columns: ['look'], rows: [], bars: [], notes };
  }
  options.log(`opening ${CONNECTIONS} connections`);
  const load = await startOutboundLoad(CONNECTIONS);
  const agent = startAgent(load.home, load.labPublic);
  try {
    const first = await agent.look();
    await delay(SETTLE_MS);
    let warm = first;
    for (let warmUp = 0; warmUp < WARM_UP; warmUp += 1) warm = await agent.look();
    const steady: StageCosts[] = [];
    const ss: number[] = [];
    for (let round = 1; round <= (options.quick ? 5 : 15); round += 1) {
      options.log(`round ${round}`);
      for (let repeat = 0; repeat < 3; repeat += 1) steady.push(await agent.look());
      ss.push((await measure(SS.look, SS.times)).cpuMs);
    }
    const renewed: StageCosts[] = [];
    for (let round = 0; round < 5; round += 1) {
      await load.renew(CONNECTIONS / 100);
      renewed.push(await agent.look());
    }
    return result(first, warm, steady, renewed, ss);
  } finally {
    await agent.end();
    await load.end();
  }
}

function result(
  first: StageCosts,
  warm: StageCosts,
  steady: StageCosts[],
  renewed: StageCosts[],
  ss: number[],
): SuiteResult {
  const cpu = median(steady.map(({ cpuMs }) => cpuMs));
  const { outbound, verdicts, findings, recorded, peakMb } = steady.at(-1)!;
  if (outbound < CONNECTIONS || !recorded) throw new Error(`only ${outbound} connections, recorded: ${recorded}`);
  const row = (name: string, looks: StageCosts[]) => [
    name,
    median(looks.map(({ cpuMs }) => cpuMs)),
    ...STAGES.map((stage) => median(looks.map(({ stages }) => stages[stage] ?? 0))),
    median(looks.map(({ wallMs }) => wallMs)),
  ];
  const ssMs = median(ss);
  return {
    title: `The agent's whole look at ${outbound} outbound connections of a family, median of ${steady.length}`,
    columns: ['look', 'CPU ms', ...STAGES, 'wall ms'],
    rows: [
      row('first', [first]),
      row('nothing new', steady),
      row('1 % of the connections new', renewed),
      ['ss -tunapH', ssMs, ...STAGES.map(() => '-'), '-'],
    ],
    bars: [
      { name: 'CPU of a look', value: cpu, limit: CPU_LIMIT_MS, unit: ' ms' },
      { name: 'peak resident memory', value: peakMb, limit: PEAK_LIMIT_MB, unit: ' MB' },
      {
        name: 'peak after all looks / after the first thirty',
        value: peakMb / warm.peakMb,
        limit: GROWTH_LIMIT,
        unit: '',
      },
    ],
    notes: [
      `ours / ss: ${(cpu / ssMs).toFixed(2)}; ss names processes, and nothing of names, skills, verdicts, findings and record`,
      `verdicts: ${Object.entries(verdicts)
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(', ')}; ${findings} findings`,
    ],
  };
}

interface Agent {
  look(): Promise<StageCosts>;
  end(): Promise<void>;
}

/** `BENCH_AGENT_FLAGS`: flags of Node, such as `--cpu-prof`. */
function startAgent(home: string, labPublic: string): Agent {
  const script = `${import.meta.dirname}/../outbound/agent.ts`;
  const flags = (process.env.BENCH_AGENT_FLAGS ?? '').split(' ').filter(Boolean);
  const child: ChildProcess = spawn(
    process.execPath,
    [...flags, script, home, join(home, 'state', 'clawwatch.db'), labPublic],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  child.stdout!.setEncoding('utf8');
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the agent ended with ${code}`)));
  gone.catch(() => {});
  return {
    async look() {
      child.stdin!.write('look\n');
      const [line] = (await Promise.race([once(child.stdout!, 'data'), gone])) as [string];
      return JSON.parse(line) as StageCosts;
    },
    async end() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin!.end();
      await ended;
    },
  };
}
