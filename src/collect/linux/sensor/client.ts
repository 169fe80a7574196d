import { lstatSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { SensorEvent, SensorStatus } from '../../../types/sensor.ts';
import { createFrameDecoder, SENSOR_FOLDER, SENSOR_PROTOCOL, sensorSocketPath } from '../../../types/sensor-wire.ts';
import { soundEvents, soundStatus } from './shape.ts';

/** Whether a sensor is heard at this moment. */
export type SensorState =
  | { heard: true; status: SensorStatus }
  | {
      heard: false;
      why: string;
      fix?: string;
      /** True when one was heard before: then this is a gap. */
      lost: boolean;
    };

/** Reads what the sensor tells, as long as there is one; its absence is a state and never an error. */
export interface SensorClient {
  state(): SensorState;
  /** Resolves when the first attempt has ended well or badly, at the latest after `waitMs`. */
  settled(waitMs: number): Promise<void>;
  close(): void;
}

export interface SensorClientOptions {
  uid: number;
  /** Called for each batch as it arrives. */
  onEvents: (events: SensorEvent[]) => void;
  /** Nobody told anything between these two moments, Unix ms; called once it is over. */
  onGap: (gap: { fromAt: number; toAt: number; why: string }) => void;
  now?: () => number;
  folder?: string;
  retryMs?: number;
  /** Owner whom the folder must have; another one in tests only. */
  trustedUid?: number;
}

const RETRY_MS = 1_000;
const INSTALL = 'sudo clawwatch sensor install';

/**
 * Connects, and connects again after a loss. Neither socket nor timer keeps the process alive.
 *
 * What an attacker does: put a socket of his own where ours should be and tell of a quiet machine. So the folder must be
 * root's and nobody else's to write.
 */
export function createSensorClient(options: SensorClientOptions): SensorClient {
  const { now = Date.now, folder = SENSOR_FOLDER, retryMs = RETRY_MS } = options;
  const path = sensorSocketPath(folder, options.uid);
  let state: SensorState = { heard: false, why: 'not asked yet', lost: false };
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lostAt: number | undefined;
  let ended = false;
  const waiting = new Set<() => void>();

  function settle(next: SensorState): void {
    state = next;
    for (const wake of waiting) wake();
  }

  function hear(said: { version?: unknown }): void {
    if (said.version !== SENSOR_PROTOCOL) {
      if (state.heard) lostAt = now();
      const version = String(said.version).slice(0, 20);
      settle({
        heard: false,
        // After an update of the sensor alone the gap goes on.
        lost: lostAt !== undefined,
        why: `the sensor speaks version ${version}, and we ${SENSOR_PROTOCOL}`,
        fix: INSTALL,
      });
      return;
    }
    const status = soundStatus(said);
    if (lostAt !== undefined) options.onGap({ fromAt: lostAt, toAt: now(), why: 'the sensor went away' });
    lostAt = undefined;
    settle({ heard: true, status });
  }

  function tell(told: readonly unknown[]): void {
    const { events, malformed } = soundEvents(told);
    const at = now();
    const why = 'the sensor told what is no event';
    if (malformed > 0) events.push({ kind: 'loss', source: 'queue', fromAt: at, toAt: at, count: malformed, why });
    options.onEvents(events);
  }

  function connect(): void {
    const distrust = distrustOf(folder, path, options.trustedUid ?? 0);
    if (distrust !== undefined) {
      leave(distrust);
      return;
    }
    const decoder = createFrameDecoder();
    const link = createConnection(path);
    socket = link;
    link.unref();
    link.on('data', (piece) => {
      try {
        for (const message of decoder.push(piece)) {
          if ('status' in message) hear(message.status);
          else if (state.heard) tell(message.events);
        }
      } catch (error) {
        leave({ why: `the sensor was not understood (${(error as Error).message.slice(0, 80)})` });
        link.destroy();
      }
    });
    link.on('error', (error: NodeJS.ErrnoException) => leave(refusal(error)));
    link.on('close', () => leave({ why: 'the sensor ended' }));
  }

  /** From here on nobody is heard, until the next attempt. */
  function leave({ why, fix }: { why: string; fix?: string }): void {
    socket?.destroy();
    socket = undefined;
    if (state.heard) lostAt = now();
    const lost = lostAt !== undefined;
    if (state.heard || !timer) settle({ heard: false, why, lost, ...(fix === undefined ? {} : { fix }) });
    if (ended || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      connect();
    }, retryMs);
    timer.unref();
  }

  connect();
  return {
    state: () => state,
    async settled(waitMs) {
      if (state.heard || state.why !== 'not asked yet') return;
      await new Promise<void>((resolve) => {
        const limit = setTimeout(done, waitMs);
        function done(): void {
          clearTimeout(limit);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    },
    close() {
      ended = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}

/** Why this socket is not to be believed, or is not there. */
function distrustOf(folder: string, path: string, trustedUid: number): { why: string; fix?: string } | undefined {
  try {
    for (const place of [folder, dirname(folder)]) {
      const { uid, mode } = lstatSync(place);
      const isSticky = (mode & 0o1000) !== 0 && place !== folder;
      if ((uid !== trustedUid && uid !== 0) || ((mode & 0o022) !== 0 && !isSticky)) {
        return {
          why: `${place} can be written by others, so anybody could pose as the sensor`,
          fix: uid === trustedUid || uid === 0 ? `chmod go-w ${place}` : `chown root ${place}`,
        };
      }
    }
    lstatSync(path);
    return undefined;
  } catch (error) {
    return refusal(error as NodeJS.ErrnoException);
  }
}

function refusal({ code, message }: NodeJS.ErrnoException): { why: string; fix?: string } {
  if (code === 'ENOENT') return { why: 'no sensor is installed for this user', fix: INSTALL };
  if (code === 'ECONNREFUSED')
    return { why: 'the sensor is not running', fix: 'sudo systemctl start clawwatch-sensor' };
  if (code === 'EACCES') return { why: 'the sensor does not serve this user', fix: INSTALL };
  return { why: `the sensor cannot be reached (${code ?? message.slice(0, 80)})` };
}
