import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createSensorClient } from '../collect/linux/sensor/client.ts';
import { type CollectorWish, createParts } from '../collect/parts.ts';
import type { SensorEvent } from '../types/sensor.ts';
import type { Observation } from '../types/socket.ts';

/** How many of our own, known connections and datagrams somebody saw. */
export interface SelfTestCount {
  seen: number;
  /** Those with the process that made them. */
  owned: number;
}

/** What one source saw of the test. */
export interface SelfTestSource {
  source: 'sensor' | 'polling';
  /** Why it was not asked; then there are no counts. */
  why?: string;
  connections?: SelfTestCount;
  datagrams?: SelfTestCount;
}

export interface SelfTest {
  /** Made by a child of ours to ourselves on loopback. */
  made: { connections: number; datagrams: number };
  /** How long each connection was open, ms. */
  heldMs: number;
  /** Time between two looks of the polling, as an agent would look. */
  intervalMs: number;
  sources: SelfTestSource[];
  /** The test asks no name server, so it says nothing about names. */
  names: 'not tested';
}

export interface SelfTestOptions {
  platform: NodeJS.Platform;
  collector: CollectorWish;
  intervalMs: number;
  now: () => number;
  uid: number | undefined;
  /** Folder of the sensor's sockets, where it is another one. */
  sensorFolder?: string;
}

const CONNECTIONS = 20;
const DATAGRAMS = 10;
const HELD_MS = 3;
/** A person waits for the answer. */
const LONGEST_MS = 4_000;
const SHORTEST_MS = 1_000;
/** The sensor tells of a connection when its outcome is known, at the latest after 300 ms; on a busy machine it is late. */
const AFTER_MS = 3_000;
const ASK_EVERY_MS = 50;
const SENSOR_ANSWER_MS = 1_000;
const LEAVE_AFTER_MS = 15_000;

/**
 * Opens short connections to ourselves, of which all is known, and asks every source what it saw. Nothing leaves loopback,
 * and no name is looked up.
 *
 * @throws Error when the test itself could not be made (no loopback, no child).
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTest> {
  const { receiver, server, ends } = await openEnds();
  const sensor = hearSensor(options);
  try {
    await sensor.ready;
    const spreadMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, options.intervalMs));
    const child = startCallers(ends, spreadMs);
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    const polled = poll(options, ended);
    const code = await ended;
    if (code !== 0) throw new Error(`the test's own connections failed (${code ?? 'killed'})`);
    const observations = await polled;
    await untilWhole(() => sensor.answer(ends, child.pid!));
    return {
      made: { connections: CONNECTIONS, datagrams: DATAGRAMS },
      heldMs: HELD_MS,
      intervalMs: options.intervalMs,
      sources: [sensor.answer(ends, child.pid!), countPolled(observations, ends, child.pid!)],
      names: 'not tested',
    };
  } finally {
    sensor.close();
    server.close();
    receiver.close();
  }
}

/** Resolves when the source has told of everything, or when it will not do so any more. */
async function untilWhole(answer: () => SelfTestSource): Promise<void> {
  for (let waitedMs = 0; waitedMs < AFTER_MS; waitedMs += ASK_EVERY_MS) {
    const { connections, datagrams } = answer();
    if (connections === undefined || datagrams === undefined) return;
    if (connections.seen >= CONNECTIONS && datagrams.seen >= DATAGRAMS) return;
    await delay(ASK_EVERY_MS);
  }
}

/** Ports of ours to which nobody else connects. */
interface Ends {
  tcp: number;
  udp: number;
}

async function openEnds(): Promise<{ receiver: DatagramSocket; server: Server; ends: Ends }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  return { receiver, server, ends: { tcp: (server.address() as AddressInfo).port, udp: receiver.address().port } };
}

/** A process of its own: what it does must be told as its and not as ours. Its only input are its arguments. */
const CALLERS = `
const { connect } = require('node:net');
const [tcp, udp, connections, datagrams, heldMs, spreadMs] = process.argv.slice(1).map(Number);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const socket = require('node:dgram').createSocket('udp4');
const call = () => new Promise((done, fail) => {
  const one = connect(tcp, '127.0.0.1', () => setTimeout(() => one.destroy(), heldMs));
  one.on('error', fail).on('close', done);
});
(async () => {
  for (let index = 0; index < connections; index += 1) {
    await call();
    if (index < datagrams) await new Promise((done, fail) => socket.send('x', udp, '127.0.0.1', (error) => (error ? fail(error) : done())));
    await pause(spreadMs / connections);
  }
  socket.close();
})().catch(() => process.exit(1));`;

function startCallers({ tcp, udp }: Ends, spreadMs: number): ChildProcess {
  const numbers = [tcp, udp, CONNECTIONS, DATAGRAMS, HELD_MS, spreadMs].map(String);
  return spawn(process.execPath, ['-e', CALLERS, ...numbers], {
    stdio: 'ignore',
    env: {},
    timeout: LEAVE_AFTER_MS,
    killSignal: 'SIGKILL',
  });
}

/** The events of the sensor, if one is heard. */
function hearSensor({ platform, now, uid, sensorFolder }: SelfTestOptions) {
  if (platform !== 'linux') {
    const why = 'the sensor exists on Linux only';
    return { ready: Promise.resolve(), answer: (): SelfTestSource => ({ source: 'sensor', why }), close() {} };
  }
  const events: SensorEvent[] = [];
  const client = createSensorClient({
    uid: uid ?? -1,
    now,
    onEvents: (batch) => {
      // Of a whole machine, but for a few seconds only.
      for (const event of batch) if (event.kind === 'connect' && events.length < MAX_EVENTS) events.push(event);
    },
    onGap: () => {},
    ...(sensorFolder !== undefined && { folder: sensorFolder }),
  });
  return {
    ready: client.settled(SENSOR_ANSWER_MS),
    answer(ends: Ends, pid: number): SelfTestSource {
      const state = client.state();
      return state.heard ? countTold(events, ends, pid) : { source: 'sensor', why: state.why };
    },
    close: () => client.close(),
  };
}

const MAX_EVENTS = 200_000;

/** What the sensor told of the test. */
export function countTold(events: readonly SensorEvent[], ends: Ends, pid: number): SelfTestSource {
  const count = (protocol: 'tcp' | 'udp'): SelfTestCount => {
    const total = { seen: 0, owned: 0 };
    for (const event of events) {
      if (event.kind !== 'connect' || event.protocol !== protocol || event.remote.port !== ends[protocol]) continue;
      if (event.remote.address !== '127.0.0.1') continue;
      total.seen += event.count ?? 1;
      if (event.pid === pid) total.owned += event.count ?? 1;
    }
    return total;
  };
  return { source: 'sensor', connections: count('tcp'), datagrams: count('udp') };
}

/** Looks as an agent looks, from the start of the test until its callers have ended. */
async function poll(options: SelfTestOptions, ended: Promise<unknown>): Promise<Observation[]> {
  const { processes, sockets, owners } = createParts(options);
  const found: Observation[] = [];
  const signal = AbortSignal.timeout(LEAVE_AFTER_MS);
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  do {
    const table = await processes.read(signal);
    const { observations } = await sockets.read({ netns: [], now: options.now() }, signal);
    owners?.assign({ observations, table, family: new Set(), host: 'all', touchedPorts: new Set() });
    found.push(...observations.filter(({ remote }) => remote?.address === '127.0.0.1'));
    await Promise.race([ended, delay(options.intervalMs, undefined, { ref: false })]);
  } while (!isOver);
  return found;
}

/** What polling saw of the test: each local port of the callers is a connection. */
export function countPolled(observations: readonly Observation[], ends: Ends, pid: number): SelfTestSource {
  const count = (protocol: 'tcp' | 'udp'): SelfTestCount => {
    const mine = observations.filter((one) => one.protocol === protocol && one.remote?.port === ends[protocol]);
    const ports = (some: readonly Observation[]) => new Set(some.map(({ local }) => local.port)).size;
    return { seen: ports(mine), owned: ports(mine.filter(({ pids }) => pids?.includes(pid))) };
  };
  return { source: 'polling', connections: count('tcp'), datagrams: count('udp') };
}
