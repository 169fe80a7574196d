import { expect, test } from 'vitest';
import { createLostSources, type SourcesReading } from '../../src/collect/lost-sources.ts';
import type { FamilyMember, ProcessFact } from '../../src/types/process.ts';
import type { SensorStatus } from '../../src/types/sensor.ts';

const ALL: SensorStatus['sources'] = ['tcp', 'processes', 'datagrams', 'names'];

function proc(pid: number, ppid: number, argv: string[]): ProcessFact {
  return { pid, ppid, startTicks: pid, comm: argv[0]!, argv, markers: {} };
}

const GATEWAY = proc(10, 1, ['openclaw-gateway']);
const SENSOR = proc(5, 1, ['node', '/usr/lib/clawwatch/bin/clawwatch.cjs', 'sensor', 'run']);

function look(at: number, sources: SensorStatus['sources'] | undefined, more: ProcessFact[] = []): SourcesReading {
  const family = [GATEWAY, ...more.filter(({ pid }) => pid > 10)];
  const gone = { id: 'sensor.gone', source: 'sensor', what: 'w', why: 'the sensor ended', essential: false };
  return {
    at,
    told:
      sources === undefined ? { blindSpots: [gone] } : { blindSpots: [], sensor: { sources, opens: [], names: [] } },
    table: { processes: new Map([GATEWAY, ...more].map((each) => [each.pid, each])) },
    family: family.map(({ pid, startTicks }) => ({ pid, startTicks }) as FamilyMember),
  };
}

test('what was never told is not lost', () => {
  const lost = createLostSources();
  expect(lost(look(1, undefined))).toEqual([]);
  expect(lost(look(2, ['tcp', 'processes']))).toEqual([]);
  expect(lost(look(3, ['tcp', 'processes']))).toEqual([]);
});

test('a source is lost from the last look that had it until it is back', () => {
  const lost = createLostSources();
  lost(look(1000, ALL));
  lost(look(2000, ALL));
  const names = { source: 'names', sinceAt: 2000, why: 'the sensor does not tell it any more' };
  expect(lost(look(3000, ['tcp', 'processes', 'datagrams']))).toEqual([names]);
  expect(lost(look(4000, ['tcp', 'processes', 'datagrams']))).toEqual([names]);
  expect(lost(look(5000, ALL))).toEqual([]);
});

test('with the sensor everything is lost that it told, and its own end is the cause', () => {
  const lost = createLostSources();
  lost(look(1000, ALL));
  const sources = lost(look(2000, undefined));
  expect(sources.map(({ source, why }) => `${source}: ${why}`).sort()).toEqual([
    'datagrams: the sensor ended',
    'kernel-events: the sensor ended',
    'names: the sensor ended',
  ]);
});

test.each([
  ['by its number', ['kill', '-9', '5']],
  ['by our name', ['pkill', '-f', 'clawwatch']],
  ['as a service', ['sudo', 'systemctl', 'stop', 'clawwatch-sensor']],
])('a process of the family that ends the sensor %s is named, with its parents', (_title, argv) => {
  const lost = createLostSources();
  lost(look(1000, ALL, [SENSOR]));
  const shell = proc(20, 10, ['/bin/bash', '-c', `eval ${argv.join(' ')}`]);
  const found = lost(look(2000, undefined, [shell, proc(21, 20, argv)]));
  expect(found[0]!.by?.map(({ pid }) => pid)).toEqual([21, 20, 10]);
  // It stays who it was when the process is gone.
  expect(lost(look(3000, undefined))[0]!.by?.[0]?.pid).toBe(21);
});

test.each([
  ['ends something else', ['kill', '-9', '55']],
  ['asks for the state of something else', ['systemctl', 'status', 'nginx']],
  ['only speaks of us', ['grep', 'clawwatch', 'notes.txt']],
])('a process of the family that %s is not accused', (_title, argv) => {
  const lost = createLostSources();
  lost(look(1000, ALL, [SENSOR]));
  expect(lost(look(2000, undefined, [proc(21, 10, argv)]))[0]!.by).toBeUndefined();
});
