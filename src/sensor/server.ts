import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { UserError } from '../types/error.ts';
import type { SensorEvent, SensorStatus } from '../types/sensor.ts';
import { encodeFrame, MAX_FRAME_BYTES, sensorSocketPath } from '../types/sensor-wire.ts';

/** Uid of who is at the other end, where the system tells; see `native/peer-credentials.ts`. */
export type PeerUid = (socket: Socket) => number | undefined;

export interface SensorServerOptions {
  folder: string;
  /** Users who may read. Root always may. */
  readers: readonly number[];
  now: () => number;
  peerUid: PeerUid;
  /** First message for every reader. */
  status: () => SensorStatus;
  /** What a new reader is told of the past: names. */
  past: () => SensorEvent[];
  /** Whose folder it is and who may always read; somebody else than root in tests only. */
  owner?: number;
}

/** Serves events to several readers. It takes nothing from them: a reader that says anything is sent away. */
export interface SensorServer {
  publish(events: readonly SensorEvent[]): void;
  tellStatus(): void;
  /** Readers that are connected. */
  readers(): number;
  /** Events that were not sent because a reader was too slow, since the start. */
  dropped(): number;
  close(): void;
}

/** What may wait for one slow reader, bytes: some twenty seconds of 5,000 events a second. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
/** Readers at one time, and of one user: an agent, a screen, a self-test, and room. Nobody may take the room of others. */
const MAX_READERS = 16;
const MAX_READERS_OF_ONE = 8;
const EVENTS_PER_FRAME = 2_000;
/** File names are long and an attacker chooses them; what is longer than this goes in two frames. Well below the limit. */
const LONG_FRAME_BYTES = MAX_FRAME_BYTES / 2;

interface Reader {
  socket: Socket;
  uid: number;
  /** Not sent since `since`, Unix ms. */
  dropped: number;
  since: number;
}

/**
 * Makes the folder and a socket for each reader, while we are still root.
 *
 * @throws UserError when the folder is not root's own.
 */
export async function openSensorServer(options: SensorServerOptions): Promise<SensorServer> {
  const { folder, now, owner = 0 } = options;
  prepareFolder(folder, owner);
  const connected = new Set<Reader>();
  const servers: Server[] = [];
  let dropped = 0;

  function welcome(socket: Socket, uid: number): void {
    socket.on('error', () => socket.destroy());
    const peer = options.peerUid(socket);
    const isForeign = peer !== undefined && peer !== uid && peer !== owner;
    const ofThisUser = [...connected].filter((reader) => reader.uid === uid).length;
    if (isForeign || connected.size >= MAX_READERS || ofThisUser >= MAX_READERS_OF_ONE) return void socket.destroy();
    const reader: Reader = { socket, uid, dropped: 0, since: now() };
    connected.add(reader);
    socket.on('close', () => connected.delete(reader));
    socket.on('data', () => socket.destroy());
    socket.on('drain', () => confess(reader));
    socket.write(encodeFrame({ status: options.status() }));
    for (const { frame } of framesOf(options.past())) socket.write(frame);
  }

  /** Tells a reader what it was too slow for, once it keeps up again. */
  function confess(reader: Reader): void {
    if (reader.dropped === 0) return;
    const why = 'this reader was too slow';
    const loss = {
      kind: 'loss',
      source: 'queue',
      fromAt: reader.since,
      toAt: now(),
      count: reader.dropped,
      why,
    } as const;
    reader.dropped = 0;
    reader.socket.write(encodeFrame({ events: [loss] }));
  }

  for (const uid of new Set([owner, ...options.readers])) servers.push(await listenFor(uid, folder, welcome));

  return {
    publish(events) {
      if (events.length === 0 || connected.size === 0) return;
      for (const { frame, count } of framesOf(events)) {
        for (const reader of connected) {
          if (reader.socket.writableLength + frame.length <= MAX_QUEUED_BYTES) {
            // Before what comes after it. One that is never quite done would not be told otherwise.
            confess(reader);
            reader.socket.write(frame);
            continue;
          }
          if (reader.dropped === 0) reader.since = now();
          reader.dropped += count;
          dropped += count;
        }
      }
    },
    tellStatus() {
      if (connected.size === 0) return;
      const frame = encodeFrame({ status: options.status() });
      for (const { socket } of connected) if (socket.writableLength <= MAX_QUEUED_BYTES) socket.write(frame);
    },
    readers: () => connected.size,
    dropped: () => dropped,
    close() {
      for (const server of servers) server.close();
      for (const { socket } of connected) socket.destroy();
    },
  };
}

function* framesOf(events: readonly SensorEvent[]): Generator<{ frame: Buffer; count: number }> {
  for (let at = 0; at < events.length; at += EVENTS_PER_FRAME) yield* split(events.slice(at, at + EVENTS_PER_FRAME));
}

function* split(events: SensorEvent[]): Generator<{ frame: Buffer; count: number }> {
  const frame = encodeFrame({ events });
  if (frame.length <= LONG_FRAME_BYTES || events.length === 1) return yield { frame, count: events.length };
  const half = Math.ceil(events.length / 2);
  yield* split(events.slice(0, half));
  yield* split(events.slice(half));
}

async function listenFor(uid: number, folder: string, welcome: (socket: Socket, uid: number) => void): Promise<Server> {
  const path = sensorSocketPath(folder, uid);
  rmSync(path, { force: true });
  const server = createServer((socket) => welcome(socket, uid));
  server.on('error', () => {});
  // Born without rights for anybody but root, so that nobody slips in before it is given away.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => resolve());
    });
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
  chownSync(path, uid, uid === 0 ? 0 : -1);
  return server;
}

function prepareFolder(folder: string, owner: number): void {
  const before = process.umask(0o022);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } finally {
    process.umask(before);
  }
  const { uid, mode } = lstatSync(folder);
  if (uid === owner && (mode & 0o022) === 0) return;
  throw new UserError(`${folder} can be written by somebody who is not root`, { hint: `remove it: rm -r ${folder}` });
}
