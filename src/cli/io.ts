import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { SensorState } from '../agent/ask-sensor.ts';
import type { Stages } from '../agent/cycle.ts';
import type { SelfTest } from '../agent/self-test.ts';
import type { ServiceHost } from '../agent/sensor-service.ts';
import type { StartOptions } from '../agent/start.ts';
import type { Config } from '../config/schema.ts';
import type { Screen } from '../tui/screen.ts';
import type { LiveReader } from '../types/live.ts';
import type { Store, StoreReader } from '../types/store.ts';

/** Where text goes. A write after the reader has gone away is nobody's error. */
export interface TextSink {
  write(text: string): unknown;
}

/** The outside world as one argument, so that a test runs the whole program on fakes. */
export interface Io {
  stdout: TextSink;
  stderr: TextSink;
  env: NodeJS.ProcessEnv;
  cwd: string;
  home: string;
  /** Our user id; `undefined` on systems without. */
  uid: number | undefined;
  pid: number;
  platform: NodeJS.Platform;
  nodeVersion: string;
  /** Unix ms. */
  now(): number;
  /** True when stdout is a terminal. */
  isTTY: boolean;
  /** Width of the terminal; absent when stdout is none. */
  columns?: number | undefined;
  /** Aborts when the process is asked to end (SIGTERM, SIGINT); `dispose` gives the signals back. */
  untilStopped(): { signal: AbortSignal; dispose(): void };
  createStages(config: Config, options: StartOptions): Promise<{ stages: Stages; warnings: string[] }>;
  /** The sensor's word, or why there is none; `folder` of its sockets where it is another one. */
  askSensor(folder?: string): Promise<SensorState>;
  /** What a system service is installed on. */
  serviceHost(): Promise<ServiceHost>;
  /** Short connections of our own, and who saw them. */
  selfTest(config: Config): Promise<SelfTest>;
  /** Why the answer could not be written (a full disk behind `> file`); asked for once, after the last write. */
  lostOutput?(): Promise<Error | undefined>;
  /** The record, read-only, or `undefined` when there is none yet. */
  openReader(path: string): Promise<StoreReader | undefined>;
  /** The same for a screen that stays open. */
  openLiveReader(path: string): Promise<LiveReader | undefined>;
  /** Takes the terminal; `TERM` as the environment has it. */
  openScreen(terminal: string): Promise<Screen>;
  /** True when there is a keyboard: stdin is a terminal. */
  hasKeyboard: boolean;
  /** The record for writing, made where there is none. */
  openStore(config: Config): Promise<Store>;
}

/** The real outside world. Stages and SQLite are loaded when a command asks for them: most of the start time is theirs. */
export function processIo(): Io {
  const stdout = quietPipe(process.stdout);
  return {
    stdout,
    stderr: quietPipe(process.stderr),
    // A file's error is told by an event after the write.
    lostOutput: () => new Promise((resolve) => setImmediate(() => resolve(stdout.lost()))),
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    uid: process.getuid?.(),
    pid: process.pid,
    platform: process.platform,
    nodeVersion: process.versions.node,
    now: () => Date.now(),
    isTTY: process.stdout.isTTY === true,
    columns: process.stdout.columns,
    untilStopped,
    createStages: async (config, options) => (await import('../agent/start.ts')).createStages(config, options),
    askSensor: async (folder) =>
      (await import('../agent/ask-sensor.ts')).askSensor({ now: Date.now, ...(folder !== undefined && { folder }) }),
    serviceHost: async () => (await import('../agent/sensor-service.ts')).serviceHost(process.getuid?.()),
    selfTest: async ({ collector, intervalMs }) =>
      (await import('../agent/self-test.ts')).selfTest({
        platform: process.platform,
        collector,
        intervalMs,
        now: Date.now,
        uid: process.getuid?.(),
      }),
    async openReader(path) {
      if (!existsSync(path)) return undefined;
      return (await import('../store/store.ts')).openStoreReader({ path });
    },
    async openLiveReader(path) {
      if (!existsSync(path)) return undefined;
      return (await import('../store/live.ts')).openLiveReader({ path });
    },
    openScreen: async (terminal) => (await import('../tui/screen.ts')).openScreen(terminal),
    hasKeyboard: process.stdin.isTTY === true,
    openStore: async ({ database, learnDays }) =>
      (await import('../store/store.ts')).openStore({ path: database, learnDays }),
  };
}

/**
 * A stream whose trouble ends nothing. `clawwatch findings | head` ends in EPIPE: what is left to say is dropped and the
 * exit code stays what it is. Any other trouble (a full disk) is remembered for the exit code.
 */
export function quietPipe(stream: Pick<NodeJS.WriteStream, 'on' | 'write'>): TextSink & { lost(): Error | undefined } {
  let gone = false;
  let lost: Error | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    gone = true;
    if (error.code !== 'EPIPE') lost ??= error;
  });
  return { write: (text) => gone || stream.write(text), lost: () => lost };
}

function untilStopped(): { signal: AbortSignal; dispose(): void } {
  const stop = new AbortController();
  // Once each: a second Ctrl-C ends a process that hangs, as people expect.
  const onSignal = () => stop.abort();
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  return {
    signal: stop.signal,
    dispose: () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal),
  };
}
