import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchOptions, SuiteResult } from '../suite.ts';
import { type Family, startFamily } from './family.ts';
import { firstLine, type Place } from './place.ts';
import { type RunningAgent, startAgent } from './running-agent.ts';
import { readSensor, type SensorReader, startSensor } from './running-sensor.ts';
import { PYTHON } from './traffic.ts';

interface Load {
  name: string;
  addresses: string[];
  perSecond: number;
  count: number;
  processes: number;
  /** Whether connections end without TIME_WAIT. */
  aborts: boolean;
  /** Held against the bars of five per cent. */
  isBar: boolean;
}

const PORT = 9_000;
/** The look after the load still belongs to its cost. */
const AFTER_MS = 4_000;
const CPU_LIMIT = 5;
/** Ports towards one address are some 28,000, and TIME_WAIT keeps them for a minute. */
const SPREAD = 8;

function loads(quick: boolean): Load[] {
  const seconds = quick ? 3 : 10;
  const base = { perSecond: 5_000, count: 5_000 * seconds, processes: 1, aborts: true, isBar: true };
  const burst = { ...base, perSecond: 0, count: 30_000, isBar: false };
  return [
    { ...base, name: '5,000/s by one process', addresses: ['203.0.113.1'] },
    { ...base, name: '5,000/s by 100 forked processes', addresses: ['203.0.113.2'], processes: 100 },
    { ...burst, name: '30,000 flat out by one process', addresses: ['203.0.113.3'] },
    { ...burst, name: '30,000 flat out by 4 processes', addresses: ['203.0.113.4'], processes: 4 },
    {
      ...burst,
      name: '120,000 flat out by 4 processes',
      addresses: ['203.0.113.5'],
      processes: 4,
      count: quick ? 60_000 : 120_000,
    },
    {
      ...base,
      name: '5,000/s with a TIME_WAIT each',
      addresses: Array.from({ length: SPREAD }, (_, index) => `203.0.113.${11 + index}`),
      aborts: false,
      isBar: false,
    },
  ];
}

/** CPU of sensor and agent under load, and whether every connection was told or counted as lost. */
export async function measureRates(place: Place, options: BenchOptions): Promise<SuiteResult> {
  const sink = place.spawn([...PYTHON, 'sink', String(PORT), '240'], { farEnd: true });
  await firstLine(sink);
  const sensor = await startSensor(place, [5001]);
  const family = await startFamily(place);
  const agent = await startAgent(place, 'rates', '2s');
  const reader = await readSensor(place, ({ remote }) => remote.port === PORT);
  try {
    const idleMs = options.quick ? 4_000 : 20_000;
    const idle = await cpuOf([sensor.pid, agent.pid], () => delay(idleMs));
    const rows: SuiteResult['rows'] = [
      ['idle', '-', percent(idle[0]!, idleMs), percent(idle[1]!, idleMs), '-', '-', '-', '-', rowsOf(agent)],
    ];
    const bars: SuiteResult['bars'] = [];
    for (const load of loads(options.quick)) {
      options.log(load.name);
      const one = await underLoad(load, { pids: [sensor.pid, agent.pid], family, agent, reader });
      const { attempted, told, lost, tookMs, sensorCpu, agentCpu, recorded } = one;
      const rate = Math.round((attempted / tookMs) * 1000);
      rows.push([load.name, rate, sensorCpu, agentCpu, attempted, told, lost, recorded, rowsOf(agent)]);
      const unaccounted = Math.max(0, attempted - told - lost);
      bars.push({ name: `${load.name}: neither told nor counted as lost`, value: unaccounted, limit: 0, unit: '' });
      if (attempted <= 50_000) bars.push({ name: `${load.name}: lost`, value: lost, limit: 0, unit: '' });
      if (!load.isBar) continue;
      bars.push({ name: `${load.name}: sensor`, value: sensorCpu, limit: CPU_LIMIT, unit: ' % of a core' });
      bars.push({ name: `${load.name}: agent with storage`, value: agentCpu, limit: CPU_LIMIT, unit: ' % of a core' });
    }
    return {
      title: 'CPU of sensor and agent under load',
      columns: ['load', 'connects/s', 'sensor %', 'agent %', 'made', 'told', 'lost', 'in the record', 'rows'],
      rows,
      bars,
      notes: [
        'per cent of one core over the time of the load, the looks of the 4 s after it included',
        'two readers at the sensor: the agent (every 2 s and when something is urgent, as an ordinary user) and the bench',
      ],
    };
  } finally {
    reader.close();
    await agent.end();
    await family.end();
    await sensor.end();
    sink.kill('SIGKILL');
  }
}

interface Watched {
  /** Sensor, agent. */
  pids: [number, number];
  family: Family;
  agent: RunningAgent;
  reader: SensorReader;
}

async function underLoad(load: Load, { pids, family, agent, reader }: Watched) {
  reader.connects.length = 0;
  reader.losses.length = 0;
  const startedAt = Date.now();
  let done = { attempted: 0, tookMs: 1, pids: [] as number[] };
  const cpu = await cpuOf(pids, async () => {
    const { addresses, perSecond, count, processes, aborts } = load;
    done = await new Promise<typeof done>((resolve) => {
      const argv = ['load', addresses.join(','), PORT, perSecond, count, processes, aborts ? 'abort' : 'close'];
      family.run(argv, (line) => resolve(line as typeof done));
    });
    await delay(AFTER_MS);
  });
  const mine = reader.connects.filter(
    ({ pid, remote }) => done.pids.includes(pid!) && load.addresses.includes(remote.address),
  );
  const recorded = agent.ask((record) =>
    record
      .connections({ sinceAt: startedAt, limit: 1_000_000 })
      .filter(({ connection: { remote } }) => remote !== undefined && load.addresses.includes(remote.address))
      .reduce((sum, { connection }) => sum + (connection.attempts ?? 1), 0),
  );
  return {
    ...done,
    told: mine.reduce((sum, { count = 1 }) => sum + count, 0),
    lost: reader.losses.reduce((sum, { count = 0 }) => sum + count, 0),
    sensorCpu: percent(cpu[0]!, done.tookMs),
    agentCpu: percent(cpu[1]!, done.tookMs),
    recorded,
  };
}

function rowsOf(agent: RunningAgent): number {
  return agent.ask((record) => Object.values(record.size().rows).reduce((sum, rows) => sum + rows, 0));
}

function percent(cpuMs: number, wallMs: number): number {
  return (cpuMs / wallMs) * 100;
}

/** CPU ms that each of these processes used, all of their threads, while this went on. Exact to 10 ms. */
export async function cpuOf(pids: readonly number[], work: () => Promise<unknown>): Promise<number[]> {
  const before = pids.map(cpuMs);
  await work();
  return pids.map((pid, index) => cpuMs(pid) - before[index]!);
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
