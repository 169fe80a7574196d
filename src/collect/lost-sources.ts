import type { ProcessTable } from '../types/collector.ts';
import type { FamilyMember, ProcessFact } from '../types/process.ts';
import type { SensorStatus } from '../types/sensor.ts';
import type { TelemetryLoss } from '../types/snapshot.ts';
import type { WitnessReading } from '../types/witness.ts';

type Source = TelemetryLoss['source'];

const SOURCES: Readonly<Record<SensorStatus['sources'][number], Source>> = {
  tcp: 'kernel-events',
  processes: 'kernel-events',
  datagrams: 'datagrams',
  names: 'names',
};

/** What one look knows of its sources. */
export interface SourcesReading {
  /** Unix ms. */
  at: number;
  told: Pick<WitnessReading, 'sensor' | 'blindSpots'> | undefined;
  table: Pick<ProcessTable, 'processes'>;
  family: readonly FamilyMember[];
}

/** Remembers what was told in this run, and says at each look which of it is told no more, since when and why. */
export function createLostSources(): (reading: SourcesReading) => TelemetryLoss[] {
  const lastAt = new Map<Source, number>();
  const lost = new Map<Source, TelemetryLoss>();
  let before: SourcesReading['table'] | undefined;
  return (reading) => {
    const { at, told, table } = reading;
    const present = new Set((told?.sensor?.sources ?? []).map((source) => SOURCES[source]));
    // Of two sources that make up one, the one that is left is not enough.
    const isWhole = ['tcp', 'processes'].every((each) => told?.sensor?.sources.includes(each as 'tcp'));
    if (!isWhole) present.delete('kernel-events');
    for (const source of present) {
      lastAt.set(source, at);
      lost.delete(source);
    }
    for (const [source, sinceAt] of lastAt) {
      if (present.has(source) || lost.has(source)) continue;
      const by = whoStopped(reading, before);
      lost.set(source, { source, sinceAt, why: whyGone(told), ...(by !== undefined && { by }) });
    }
    before = table;
    return [...lost.values()];
  };
}

function whyGone(told: SourcesReading['told']): string {
  const spot = told?.blindSpots.find(({ id }) => id === 'sensor.gone' || id === 'sensor.part');
  return spot?.why ?? 'the sensor does not tell it any more';
}

const STOPPERS = /(?:^|[\s/'";&|])(?:kill|pkill|killall|systemctl|service|launchctl)\s/;
const MAX_TEXT = 4096;
const MAX_PARENTS = 24;

/**
 * A process of the family that was told to end us: by our name, or by the number of the sensor. Whoever does it another
 * way is not found, so that nobody was found proves nothing.
 */
function whoStopped({ table, family }: SourcesReading, before: SourcesReading['table'] | undefined) {
  const sensors = [...(before?.processes.values() ?? [])].filter(isSensor).map(({ pid }) => pid);
  const named = new RegExp(['clawwatch', ...sensors.map((pid) => String.raw`\b${pid}\b`)].join('|'));
  const found = family.flatMap(({ pid }) => {
    const process = table.processes.get(pid);
    const words = process?.argv.join(' ').slice(0, MAX_TEXT) ?? '';
    return process !== undefined && STOPPERS.test(words) && named.test(words) ? [process] : [];
  });
  // The shell that was told the command has the same words, and its child is nearer to the deed.
  const last = found.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid).at(-1);
  return last === undefined ? undefined : withParents(last, table.processes);
}

function isSensor({ argv }: ProcessFact): boolean {
  return argv.length < 32 && argv.includes('sensor') && argv.some((word) => word.includes('clawwatch'));
}

/** The process and its parents, nearest first. */
export function withParents(process: ProcessFact, processes: ReadonlyMap<number, ProcessFact>): ProcessFact[] {
  const line: ProcessFact[] = [];
  for (let step: ProcessFact | undefined = process; step !== undefined && line.length < MAX_PARENTS; ) {
    line.push(step);
    step = step.ppid === step.pid ? undefined : processes.get(step.ppid);
  }
  return line;
}
