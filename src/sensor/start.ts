import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { peerCredentials } from '../native/peer-credentials.ts';
import { UserError } from '../types/error.ts';
import type { SensorStatus } from '../types/sensor.ts';
import { leaveJanitor } from './janitor.ts';
import { type NameCapture, openNameCapture } from './names/open-name-capture.ts';
import { type OwnProgram, ownProgram } from './own-program.ts';
import { findUnsafePath } from './program-path.ts';
import { dropRights, requireRoot, sensorIdentity } from './rights.ts';
import { createSensor, type EventSource } from './sensor.ts';
import { openSensorServer } from './server.ts';
import { openKernelEvents } from './tracefs/kernel-events.ts';

export interface SensorOptions {
  /** Users who may read, besides root. */
  readers: readonly number[];
  /** User to become: name or number. */
  user?: string;
  folder: string;
  names: boolean;
  datagrams: boolean;
  now: () => number;
  stop: AbortSignal;
  /** Lines for the person or the journal. */
  say: (line: string) => void;
}

/** More namespaces than this are not watched for names: each costs a socket and a read in each turn. */
const MAX_NAMESPACES = 8;

/**
 * The small process with rights: opens kernel events, packets and its sockets as root, becomes a user without any right,
 * and serves what it sees until it is stopped. It reads no configuration and nothing that an ordinary user can write.
 *
 * @throws UserError when it may not or must not start.
 */
export async function startSensor(options: SensorOptions): Promise<void> {
  requireRoot();
  refuseWritableProgram(ownProgram());
  const identity = sensorIdentity(options.user, readFileSync('/etc/passwd', 'utf8'));
  const sources: EventSource[] = [];
  try {
    sources.push(openKernelEvents({ now: options.now, datagrams: options.datagrams ? 'auto' : 'off' }));
    leaveJanitor();
    if (options.names) sources.push(...openNames(options));
    const sensor = createSensor({
      sources,
      now: options.now,
      pid: process.pid,
      stop: options.stop,
      onError: (error) => options.say(`a source failed: ${(error as Error).message}`),
    });
    const server = await openSensorServer({ ...options, peerUid, status: sensor.status, past: sensor.past });
    dropRights(identity);
    const { sources: open, missing } = sensor.status();
    options.say(`watching ${open.join(', ')} as uid ${identity.uid}, readers: ${[0, ...options.readers].join(', ')}`);
    for (const { source, why, fix } of missing) options.say(`not watching ${source}: ${why}${fix ? `; ${fix}` : ''}`);
    await sensor.run(server);
  } finally {
    for (const source of sources) source.close();
  }
}

/**
 * Uid of a reader by the kernel's word. Without koffi nobody says, and the rights of the socket have to do: they let only
 * its owner connect.
 */
function peerUid(socket: Socket): number | undefined {
  const { fd = -1 } = (socket as { _handle?: { fd?: number } })._handle ?? {};
  const peer = peerCredentials(fd);
  return 'why' in peer ? undefined : peer.uid;
}

/** @throws UserError when somebody who is not root could change what root is about to run. */
export function refuseWritableProgram(program: OwnProgram): void {
  const unsafe = findUnsafePath(program);
  if (unsafe === undefined) return;
  throw new UserError(`root would run what others can change: ${unsafe.path} ${unsafe.why}`, {
    hint: 'install ClawWatch as root where only root can write: sudo npm install --global clawwatch --ignore-scripts',
  });
}

/** Names in our own network namespace, and in those that exist at this moment: later we have no right to enter one. */
function openNames({ now }: SensorOptions): EventSource[] {
  const others = otherNamespaces();
  const left = others.length - MAX_NAMESPACES;
  const notes: Missing[] = [];
  if (others.length > 0) {
    notes.push({
      source: 'names in containers started later',
      why: 'the sensor has no right to enter a namespace after its start',
      fix: 'restart the sensor after the containers',
    });
  }
  if (left > 0) {
    notes.push({ source: `names in ${left} network namespaces`, why: `more than ${MAX_NAMESPACES} are not watched` });
  }
  return [
    inNamespace(openNameCapture({ now }), numberOf(readlinkSync('/proc/self/ns/net')), notes),
    ...others
      .slice(0, MAX_NAMESPACES)
      .map(({ name, path }) => inNamespace(openNameCapture({ now, netnsPath: path }), numberOf(name), [])),
  ];
}

type Missing = SensorStatus['missing'][number];

/** A capture whose names say where they were seen. */
function inNamespace(capture: NameCapture, netns: string, notes: readonly Missing[]): EventSource {
  return {
    drain: () => capture.drain().map((event) => (event.kind === 'loss' ? event : { ...event, netns })),
    get sources() {
      return capture.sources;
    },
    get missing() {
      return [...capture.missing, ...notes];
    },
    blindness: () => capture.blindness(),
    close: () => capture.close(),
  };
}

/** `net:[4026531840]` */
function numberOf(link: string): string {
  return link.slice('net:['.length, -1);
}

/** One path for each network namespace of another process than ours. */
function otherNamespaces(): { name: string; path: string }[] {
  const own = readlinkSync('/proc/self/ns/net');
  const found = new Map<string, string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const path = `/proc/${pid}/ns/net`;
      const name = readlinkSync(path);
      if (name !== own && !found.has(name)) found.set(name, path);
    } catch {
      // Ended in the meantime.
    }
  }
  return [...found].map(([name, path]) => ({ name, path }));
}
