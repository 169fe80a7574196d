/**
 * `node agent.ts <home> <database> <lab public>`: an agent's looks, one for each line of its input, each answered with a
 * line of JSON: costs in ms by stage. A process of its own, so that its memory is an agent's and nobody else's.
 */
import { createInterface } from 'node:readline';
import { runCycle, type Stages } from '../../src/agent/cycle.ts';
import { createStages } from '../../src/agent/start.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { StageCosts } from './stage-costs.ts';

const [home, database, labPublic] = process.argv.slice(2) as [string, string, string];
const env = { PATH: process.env.PATH, HOME: home, CLAWWATCH_LAB_PUBLIC: labPublic };
const { config } = loadConfig({ flags: { database }, env, cwd: home, home, uid: process.getuid?.() });
const { stages } = createStages(
  { ...config, homes: [home] },
  { env, now: Date.now, record: true, hostOwners: 'listeners-and-touched' },
);
const signal = new AbortController().signal;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The same stages with a note of what each costs. */
function metered(costs: Record<string, number>): Stages {
  function timed<Args extends unknown[], Result>(stage: string, work: (...args: Args) => Result) {
    return (...args: Args): Result => {
      const before = cpuMs();
      const note = () => {
        costs[stage] = (costs[stage] ?? 0) + cpuMs() - before;
      };
      const result = work(...args);
      if (result instanceof Promise) return result.finally(note) as Result;
      note();
      return result;
    };
  }
  const { collector, recorder } = stages;
  return {
    collector: { id: collector.id, collect: timed('collect', (stop) => collector.collect(stop)) },
    enrich: timed('enrich', stages.enrich),
    detect: timed('detect', stages.detect),
    recorder: { ...recorder, record: timed('store', recorder.record) },
  };
}

for await (const _line of createInterface({ input: process.stdin })) {
  const costs: Record<string, number> = {};
  const startedAt = performance.now();
  const before = cpuMs();
  const { snapshot, findings, recorded } = await runCycle(metered(costs), 'agent', signal);
  const verdicts = new Map<string, number>();
  for (const { verdict } of snapshot.connections) {
    verdicts.set(verdict ?? 'none', (verdicts.get(verdict ?? 'none') ?? 0) + 1);
  }
  const answer: StageCosts = {
    cpuMs: cpuMs() - before,
    wallMs: performance.now() - startedAt,
    stages: costs,
    outbound: snapshot.connections.filter(({ direction, owner }) => direction === 'outbound' && owner?.gatewayId)
      .length,
    verdicts: Object.fromEntries(verdicts),
    findings: findings.length,
    recorded,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
stages.recorder.close();
process.exit(0);
