import { setTimeout as delay } from 'node:timers/promises';
import { ALL_RULES } from '../../src/detect/rules/index.ts';
import type { BenchOptions, SuiteResult } from '../suite.ts';
import { type Family, SKILL_COUNT, startFamily } from './family.ts';
import { firstLine, type Place } from './place.ts';
import { type AgentLine, startAgent } from './running-agent.ts';
import { startSensor } from './running-sensor.ts';
import { PYTHON } from './traffic.ts';

/** Looks beyond the regular ones are dealt out, by design: samples closer than this would measure the dealing. */
const SPACE_MS = 400;
const FIRST_HOST = 11;
const FIRST_PORT = 20_001;

interface Sample {
  what: 'connect' | 'listen';
  name: string;
  first: number;
  limitMs: number;
  /** Whether this line tells of the sample. */
  tells: (line: AgentLine, key: string) => boolean;
}

/** A published collector is what must be told at once; without the rule for these, whoever is contacted for the first time. */
const HAS_INDICATORS = ALL_RULES.some(({ id }) => id === 'EGR-05');

const SAMPLES: Sample[] = [
  {
    what: 'connect',
    name: HAS_INDICATORS ? 'connect to a host of a pack of indicators' : 'connect to an unknown host',
    first: FIRST_HOST,
    limitMs: 250,
    tells: HAS_INDICATORS
      ? ({ ruleId, title = '' }, key) => ruleId === 'EGR-05' && title.includes(` ${hostOf(key)},`)
      : ({ ruleId, title = '' }, key) => ruleId === 'EGR-04' && title.includes(` ${domainOf(key)},`),
  },
  {
    what: 'listen',
    name: 'LISTEN beyond loopback',
    first: FIRST_PORT,
    limitMs: 150,
    tells: ({ ruleId, title = '' }, key) => ruleId === 'EXP-09' && title.includes(`:${key}`),
  },
];

/** Each address of the place's internet has a name under a domain of its own. */
export function hostsFile(): string {
  const lines = Array.from({ length: 250 }, (_, index) => `203.0.113.${index + 1} ${hostOf(`203.0.113.${index + 1}`)}`);
  return ['127.0.0.1 localhost', ...lines, ''].join('\n');
}

function hostOf(address: string): string {
  return `node.${domainOf(address)}`;
}

function domainOf(address: string): string {
  return `site-${address.split('.')[3]}.example`;
}

/** Time from what a family process does to the finding, which is told once it is committed. */
export async function measureLatency(place: Place, options: BenchOptions): Promise<SuiteResult> {
  const sink = place.spawn([...PYTHON, 'sink', '443', '400'], { farEnd: true });
  await firstLine(sink);
  const sensor = await startSensor(place, [5001]);
  const family = await startFamily(place);
  const count = options.quick ? 20 : 200;
  const collectors = Array.from({ length: count }, (_, index) => domainOf(`203.0.113.${FIRST_HOST + index}`));
  const agent = await startAgent(place, 'latency', '2s', HAS_INDICATORS ? collectors : []);
  try {
    const rows: SuiteResult['rows'] = [];
    const bars: SuiteResult['bars'] = [];
    for (const sample of SAMPLES) {
      options.log(`${count} times ${sample.name}`);
      const done = await samplesOf(family, sample, count);
      await delay(3_000);
      const told = agent.lines.filter(({ event }) => event === 'finding');
      const took = done
        .flatMap(({ at, key }) => {
          const line = told.find((each) => sample.tells(each, key));
          return line === undefined ? [] : [line.at - at];
        })
        .sort((a, b) => a - b);
      const at = (share: number) =>
        took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? Number.POSITIVE_INFINITY;
      rows.push([sample.name, count, took.length, at(0.5), at(0.95), at(1)]);
      bars.push({ name: `${sample.name}, 95th percentile`, value: at(0.95), limit: sample.limitMs, unit: ' ms' });
      bars.push({ name: `${sample.name}, without a finding`, value: count - took.length, limit: 0, unit: '' });
    }
    return {
      title: 'From what a family process does to the finding in the record',
      columns: ['what', 'samples', 'findings', 'p50 ms', 'p95 ms', 'max ms'],
      rows,
      bars,
      notes: [
        `samples are ${SPACE_MS} ms apart on average; regular looks every 2 s; connections last 5 ms, listeners 250 ms`,
        `the finding is ${HAS_INDICATORS ? 'a match with a pack of indicators (EGR-05)' : 'a first contact (EGR-04)'} or a new listener (EXP-09); its line is written after the commit`,
      ],
    };
  } finally {
    await agent.end();
    await family.end();
    await sensor.end();
    sink.kill('SIGKILL');
  }
}

/** One skill after the other, each with its share. */
async function samplesOf(family: Family, { what, first }: Sample, count: number): Promise<Done[]> {
  const done: Done[] = [];
  const share = Math.ceil(count / SKILL_COUNT);
  for (let skill = 0; skill < SKILL_COUNT; skill += 1) {
    const from = skill * share;
    const wanted = Math.min(share, count - from);
    await new Promise<void>((resolve) => {
      let told = 0;
      const take = (line: unknown) => {
        done.push(line as Done);
        if (++told === wanted) resolve();
      };
      family.run(['samples', what, wanted, SPACE_MS, first + from], take, skill);
    });
  }
  return done;
}

/** What was done: when, Unix ms, and to which address or port. */
interface Done {
  at: number;
  key: string;
}
