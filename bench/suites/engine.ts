import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDetect } from '../../src/detect/detect.ts';
import { createLedger } from '../../src/detect/ledger/ledger.ts';
import { ALL_RULES } from '../../src/detect/rules/index.ts';
import { loadIntel } from '../../src/intel/intel.ts';
import { createFamily, START } from '../engine/flood.ts';
import { median } from '../measure.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';

const EVENTS_PER_SECOND = 5_000;
const LOOK_MS = 2_000;
const PER_LOOK = (EVENTS_PER_SECOND * LOOK_MS) / 1_000;
const PAIRS = [1_000, 10_000, 100_000];
/** Half of a core, in CPU ms for each second of the machine. */
const CPU_LIMIT_MS = 500;
/** An event may cost so much more where pairs are a hundred times as many. */
const GROWTH_LIMIT = 1.5;
/** What the windows may hold, whatever comes in: the ledger's limits and what rules remember of them. */
const HELD_LIMIT_MB = 160;
/** Between the middle and the end of a flood nothing may be added. */
const LEAK_LIMIT = 1.1;
const OPEN = 10_000;
const OPEN_LIMIT_MS = 20;

interface Flood {
  pairs: number;
  /** CPU ms of a look, for each second between looks. */
  cpuPerSecond: number;
  /** CPU µs of an event, its share of the rules included. */
  perEventUs: number;
  heldMb: number;
  leak: number;
  findings: number;
}

/**
 * What the rules cost: a flood of short connections through the ledger and all rules at the pace of the agent, on a
 * virtual clock, for ever more pairs of skill and destination; and a look at many open ones of which none has changed.
 */
export async function run({ quick, log }: BenchOptions): Promise<SuiteResult> {
  const floods = PAIRS.map((pairs) => {
    log(`${EVENTS_PER_SECOND} events a second to ${pairs} pairs`);
    return flood(pairs, quick ? 12 : 40);
  });
  log(`${OPEN} open connections`);
  const open = watchOpen(quick ? 30 : 100);
  const [few, , many] = floods as [Flood, Flood, Flood];
  const growth = many.perEventUs / few.perEventUs;
  return {
    title: `The rule engine: ledger and ${ALL_RULES.length} rules, a look each ${LOOK_MS / 1000} s`,
    columns: ['what', 'CPU ms / s', 'µs / event', 'held MB', 'findings'],
    rows: [
      ...floods.map(({ pairs, cpuPerSecond, perEventUs, heldMb, findings }) => [
        ...[`${EVENTS_PER_SECOND} events/s, ${pairs} pairs`, cpuPerSecond, perEventUs, heldMb, findings],
      ]),
      [`${OPEN} open connections, nothing new`, open.cpuMs / (LOOK_MS / 1_000), '-', '-', open.findings],
    ],
    bars: [
      ...floods.map(({ pairs, cpuPerSecond }) => ({
        name: `CPU at ${EVENTS_PER_SECOND} events/s, ${pairs} pairs`,
        value: cpuPerSecond,
        limit: CPU_LIMIT_MS,
        unit: ' ms/s',
      })),
      { name: `an event at ${many.pairs} pairs / at ${few.pairs}`, value: growth, limit: GROWTH_LIMIT, unit: '' },
      { name: 'memory held at the end', value: many.heldMb, limit: HELD_LIMIT_MB, unit: ' MB' },
      ...floods.map(({ pairs, leak }) => ({
        name: `memory at the end / in the middle, ${pairs} pairs`,
        value: leak,
        limit: LEAK_LIMIT,
        unit: '',
      })),
      { name: `a look at ${OPEN} open connections`, value: open.cpuMs, limit: OPEN_LIMIT_MS, unit: ' ms' },
    ],
    notes: [`the first look at the open connections: ${open.firstMs.toFixed(1)} ms`],
  };
}

/** A flood long enough that every pair was met, in the middle and at the end. */
function flood(pairs: number, looks: number): Flood {
  const family = createFamily(pairs);
  const before = heldMb();
  const ledger = createLedger();
  const detect = createDetect({ ledger, indicators: loadIntel({ now: () => START }).indicators });
  let at = START;
  let findings = 0;
  const look = (): number => {
    at += LOOK_MS;
    const snapshot = family.snapshot(at, family.brief(at, PER_LOOK));
    const startedAt = cpuMs();
    findings = detect(snapshot, family.history, { now: at, singleLook: false }).length;
    return cpuMs() - startedAt;
  };
  for (let warmUp = 0; warmUp < 2 * Math.ceil(pairs / PER_LOOK) + 10; warmUp++) look();
  const middleMb = heldMb() - before;
  const costs = Array.from({ length: looks }, look);
  const endMb = heldMb() - before;
  // The mean and not the median: work that is done in every tenth look is paid for, too.
  const meanMs = costs.reduce((sum, cost) => sum + cost, 0) / looks;
  return {
    pairs,
    cpuPerSecond: meanMs / (LOOK_MS / 1_000),
    perEventUs: (meanMs * 1_000) / PER_LOOK,
    heldMb: endMb,
    leak: endMb / middleMb,
    findings,
  };
}

function watchOpen(looks: number): { cpuMs: number; firstMs: number; findings: number } {
  const family = createFamily(OPEN / 10);
  const connections = family.open(START, OPEN);
  const ledger = createLedger();
  const detect = createDetect({ ledger, indicators: loadIntel({ now: () => START }).indicators });
  let at = START;
  let findings = 0;
  const look = (): number => {
    at += LOOK_MS;
    const snapshot = family.snapshot(at, connections);
    const startedAt = cpuMs();
    findings = detect(snapshot, family.history, { now: at, singleLook: false }).length;
    return cpuMs() - startedAt;
  };
  const firstMs = look();
  for (let warmUp = 0; warmUp < 30; warmUp++) look();
  return { cpuMs: median(Array.from({ length: looks }, look)), firstMs, findings };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

let collect: (() => void) | undefined;

/** Heap in use once everything is collected that nobody holds. */
function heldMb(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  return process.memoryUsage().heapUsed / 1_048_576;
}
