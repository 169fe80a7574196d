import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Load, startLoad } from '../load.ts';
import { type Cost, measure, median } from '../measure.ts';
import { coldCycle, collectAndEnrich, LSOF, type Method, portable, SS, warmCycle } from '../methods.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';

const PROCESSES = 500;
const SOCKETS = 1000;
/** The process source reads processes younger than 10 s in each cycle; the bar is about a machine at rest. */
const SETTLE_MS = 11_000;

interface Row {
  method: Method;
  sockets: number;
  costs: Cost[];
  peakMb: number;
}

/** One collect-and-attribute cycle beside `ss`, `lsof` and the portable source, and its growth. */
export async function run(options: BenchOptions): Promise<SuiteResult> {
  const notes: string[] = [];
  const load = await startLoad(PROCESSES);
  try {
    await load.grow(SOCKETS);
    options.log(`${load.countProcesses()} processes, waiting until they are ${SETTLE_MS / 1000} s old`);
    await load.settle(SETTLE_MS);
    const family = new Set(load.family);
    const rows = await compare(await presentMethods(family, notes), options, family, notes);
    const growth = await measureGrowth(load, family, options);
    return {
      title: `One look at ${SOCKETS} sockets and ${load.countProcesses()} processes, median of ${rounds(options)} interleaved rounds`,
      columns: ['method', 'sockets', 'CPU ms', 'wall ms', 'peak MB'],
      rows: [...rows.map(toCells), ...growth.map(({ sockets, cost }) => growthCells(sockets, cost))],
      bars: bars(rows, growth),
      notes,
    };
  } finally {
    await load.end();
  }
}

function rounds({ quick }: BenchOptions): number {
  return quick ? 5 : 9;
}

async function presentMethods(family: ReadonlySet<number>, notes: string[]): Promise<Method[]> {
  const present: Method[] = [];
  for (const method of [warmCycle(family), collectAndEnrich(), coldCycle(family), SS, LSOF, await portable()]) {
    if (method === undefined) continue;
    try {
      await method.look();
      await method.look();
      present.push(method);
    } catch (error) {
      notes.push(`${method.name} left out: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  return present;
}

async function compare(
  methods: readonly Method[],
  options: BenchOptions,
  family: ReadonlySet<number>,
  notes: string[],
): Promise<Row[]> {
  const rows: Row[] = methods.map((method) => ({ method, sockets: 0, costs: [], peakMb: 0 }));
  for (let round = 1; round <= rounds(options); round += 1) {
    options.log(`round ${round}`);
    for (const row of rows) row.costs.push(await measure(row.method.look, row.method.times));
  }
  for (const row of rows) {
    row.sockets = await row.method.look();
    row.peakMb = await peakMb(row.method, family);
  }
  notes.push('peak MB is that of a Node process that does only this; a spawned tool comes on top of it');
  return rows;
}

async function peakMb(method: Method, family: ReadonlySet<number>): Promise<number> {
  const script = `${import.meta.dirname}/../peak.ts`;
  const { stdout } = await promisify(execFile)(process.execPath, [script, method.name, [...family].join(',')]);
  return Number(stdout);
}

interface Growth {
  sockets: number;
  cost: Cost;
}

async function measureGrowth(load: Load, family: ReadonlySet<number>, { quick, log }: BenchOptions): Promise<Growth[]> {
  const growth: Growth[] = [];
  for (const size of quick ? [SOCKETS, 10_000] : [SOCKETS, 10_000, 50_000]) {
    await load.grow(size);
    const method = warmCycle(family);
    const sockets = await method.look();
    for (let warmUp = 0; warmUp < 5; warmUp += 1) await method.look();
    const costs: Cost[] = [];
    for (let round = 0; round < 5; round += 1) costs.push(await measure(method.look, 3));
    log(`${sockets} sockets measured`);
    growth.push({ sockets, cost: middle(costs) });
  }
  return growth;
}

function middle(costs: readonly Cost[]): Cost {
  return { cpuMs: median(costs.map(({ cpuMs }) => cpuMs)), wallMs: median(costs.map(({ wallMs }) => wallMs)) };
}

function toCells({ method, sockets, costs, peakMb }: Row): (string | number)[] {
  const { cpuMs, wallMs } = middle(costs);
  return [method.name, sockets, cpuMs, wallMs, Math.round(peakMb)];
}

function growthCells(sockets: number, { cpuMs, wallMs }: Cost): (string | number)[] {
  return [`growth, warm cycle`, sockets, cpuMs, wallMs, '-'];
}

function bars(rows: readonly Row[], growth: readonly Growth[]): SuiteResult['bars'] {
  const cpu = (name: string) => {
    const row = rows.find(({ method }) => method.name.startsWith(name));
    return row === undefined ? undefined : middle(row.costs).cpuMs;
  };
  const ours = cpu('ClawWatch, warm')!;
  const [ss, lsof] = [cpu('ss'), cpu('lsof')];
  const first = growth[0]!;
  const last = growth.at(-1)!;
  const exponent = Math.log(last.cost.cpuMs / first.cost.cpuMs) / Math.log(last.sockets / first.sockets);
  return [
    ...(ss === undefined ? [] : [{ name: 'CPU ours / ss', value: ours / ss, limit: 0.25, unit: '' }]),
    ...(lsof === undefined ? [] : [{ name: 'CPU ours / lsof', value: ours / lsof, limit: 0.1, unit: '' }]),
    { name: `growth exponent ${first.sockets} to ${last.sockets} sockets`, value: exponent, limit: 1, unit: '' },
  ];
}
