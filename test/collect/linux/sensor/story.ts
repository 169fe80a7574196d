/** A host told as a list of events, between looks at its processes and sockets. */
import { afterEach } from 'vitest';
import type { SensorClientOptions, SensorState } from '../../../../src/collect/linux/sensor/client.ts';
import { createWitness } from '../../../../src/collect/linux/sensor/witness.ts';
import { createFamilyMemory } from '../../../../src/collect/openclaw/family.ts';
import type { ProcessFact } from '../../../../src/types/process.ts';
import type { ConnectEvent, ProcessEvent, SensorEvent } from '../../../../src/types/sensor.ts';
import type { Observation } from '../../../../src/types/socket.ts';
import { aStatus } from '../../../sensor/link.ts';
import { createFakeProc } from '../fake-proc.ts';

/** As in the fake `/proc`: boot time, and uptime at the beginning of each story. */
const BOOT = 1_700_000_000_000;
export const START = BOOT + 1_000_000;
export const NETNS = '4026531840';
export const GATEWAY = 100;
export const STRANGER = 200;
const INIT = 1;
const ROOT = { gatewayId: 'default', pid: GATEWAY, startTicks: 500 };

export const at = (seconds: number) => START + seconds * 1_000;
const ticksAt = (moment: number) => Math.floor((moment - BOOT) / 10);

export function living(pid: number, ppid: number, bornAt: number, more: Partial<ProcessFact> = {}): ProcessFact {
  const startTicks = ticksAt(bornAt);
  const startedAt = BOOT + startTicks * 10;
  return { pid, ppid, startTicks, startedAt, comm: 'sh', argv: [], markers: {}, netns: NETNS, uid: 1000, ...more };
}

const ALWAYS = [
  living(INIT, 0, BOOT, { startTicks: 1, comm: 'init' }),
  living(GATEWAY, INIT, BOOT, { startTicks: 500, comm: 'openclaw-gatewa' }),
  living(STRANGER, INIT, BOOT, { startTicks: 600, comm: 'sshd' }),
];

export const fork = (seconds: number, pid: number, ppid: number, comm = 'sh'): ProcessEvent => ({
  kind: 'fork',
  at: at(seconds),
  pid,
  ppid,
  comm,
});
export const exec = (seconds: number, pid: number, filename = '/usr/bin/curl'): ProcessEvent => ({
  kind: 'exec',
  at: at(seconds),
  pid,
  filename,
});
export const exit = (seconds: number, pid: number): ProcessEvent => ({ kind: 'exit', at: at(seconds), pid });
export const FAR = { address: '192.0.2.7', port: 443 };
export function connect(seconds: number, pid: number | undefined, more: Partial<ConnectEvent> = {}): ConnectEvent {
  return {
    kind: 'connect',
    at: at(seconds),
    protocol: 'tcp',
    family: 4,
    remote: FAR,
    outcome: 'established',
    ...(pid !== undefined && { pid }),
    ...more,
  };
}

export function socket(port: number, more: Partial<Observation> = {}): Observation {
  return {
    source: 'netlink',
    seenAt: 0,
    netns: NETNS,
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    local: { address: '192.0.2.1', port },
    remote: FAR,
    ...more,
  };
}

/** Witness and family together, as the collector uses them. */
export function createStory() {
  const proc = createFakeProc();
  const clock = { at: START };
  const urgent = { count: 0 };
  let client: SensorClientOptions | undefined;
  let state: SensorState = { heard: true, status: aStatus() };
  const memory = createFamilyMemory({ now: () => clock.at });
  const witness = createWitness({
    now: () => clock.at,
    procRoot: proc.root,
    uid: 1000,
    onUrgent: () => void urgent.count++,
    connect: (options) => {
      client = options;
      return { state: () => state, settled: async () => {}, close: () => {} };
    },
  });

  return {
    proc,
    clock,
    urgent,
    tell: (...events: SensorEvent[]) => client!.onEvents(events),
    gap: (gap: { fromAt: number; toAt: number; why: string }) => client!.onGap(gap),
    become: (next: SensorState) => {
      state = next;
    },
    /** A look after so many seconds, with these living processes beside those that are always there. */
    async look(seconds: number, processes: ProcessFact[] = [], observations: Observation[] = []) {
      clock.at = at(seconds);
      proc.uptime(Math.floor((clock.at - BOOT) / 1_000));
      const all = [...ALWAYS.filter(({ pid }) => !processes.some((one) => one.pid === pid)), ...processes];
      const table = { processes: new Map(all.map((one) => [one.pid, one])), ownNetns: NETNS, blindSpots: [] };
      const witnessed = await witness.begin(table);
      const { family } = memory.update(witnessed.table, [ROOT]);
      const reading = witnessed.explain(observations, new Set(family.map(({ pid }) => pid)));
      return {
        ...reading,
        table: witnessed.table,
        family: Object.fromEntries(family.map(({ pid, basis, detached }) => [pid, detached ? 'detached' : basis])),
        brief: reading.observations.filter(({ brief }) => brief),
        spots: Object.fromEntries(reading.blindSpots.map(({ id, what }) => [id, what])),
      };
    },
    remove: () => {
      witness.close();
      proc.remove();
    },
  };
}

export type Story = ReturnType<typeof createStory>;

/** Stories whose files are removed after the test. */
export function useStories(): () => Story {
  const made: Story[] = [];
  afterEach(() => {
    for (const story of made.splice(0)) story.remove();
  });
  return () => {
    const story = createStory();
    made.push(story);
    return story;
  };
}
