/** A server of the sensor and readers of it, over real sockets in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { openSensorServer, type SensorServer, type SensorServerOptions } from '../../src/sensor/server.ts';
import type { SensorEvent, SensorStatus } from '../../src/types/sensor.ts';
import {
  createFrameDecoder,
  SENSOR_PROTOCOL,
  type SensorMessage,
  sensorSocketPath,
} from '../../src/types/sensor-wire.ts';

/** We are whoever runs the tests; the folder is ours in the place of root's. */
export const SELF = process.getuid?.() ?? 0;

export function aStatus(more: Partial<SensorStatus> = {}): SensorStatus {
  return {
    version: SENSOR_PROTOCOL,
    pid: 4711,
    startedAt: 1_000,
    sources: ['tcp', 'processes'],
    missing: [],
    counts: { connects: 0, listens: 0, names: 0, lost: 0 },
    ...more,
  };
}

export interface Reader {
  socket: Socket;
  messages: SensorMessage[];
  events(): SensorEvent[];
  isClosed(): boolean;
}

/** Resolves once `done` says so; fails after five seconds with the words of the test that waited. */
export async function until(done: () => boolean): Promise<void> {
  for (let round = 0; !done(); round++) {
    if (round > 500) throw new Error(`never came true: ${done}`);
    await delay(10);
  }
}

/** Folders, servers and readers that are gone after the test. */
export function useLinks() {
  const folders: string[] = [];
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), 'cw-'));
    folders.push(made);
    return made;
  }

  async function serve(more: Partial<SensorServerOptions> = {}): Promise<SensorServer & { folder: string }> {
    const options: SensorServerOptions = {
      folder: folder(),
      readers: [],
      owner: SELF,
      now: Date.now,
      peerUid: () => undefined,
      status: () => aStatus(),
      past: () => [],
      ...more,
    };
    const server = await openSensorServer(options);
    ends.push(() => server.close());
    return Object.assign(server, { folder: options.folder });
  }

  /** Reads raw frames, as far as it is let. */
  async function read(server: { folder: string; readers(): number }, uid = SELF): Promise<Reader> {
    const socket = createConnection(sensorSocketPath(server.folder, uid));
    const decoder = createFrameDecoder();
    const messages: SensorMessage[] = [];
    let closed = false;
    socket.on('data', (piece: Buffer) => void messages.push(...decoder.push(piece)));
    socket.on('error', () => {});
    socket.on('close', () => {
      closed = true;
    });
    ends.push(() => socket.destroy());
    await until(() => messages.length > 0 || closed);
    return {
      socket,
      messages,
      events: () => messages.flatMap((message) => ('events' in message ? message.events : [])),
      isClosed: () => closed,
    };
  }

  return { folder, serve, read, after: (end: () => void) => void ends.push(end) };
}

export const exit = (pid: number): SensorEvent => ({ kind: 'exit', at: 1, pid });
