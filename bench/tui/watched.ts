import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type IPty, spawn } from '@lydell/node-pty';

/** USER_HZ, which is 100 on every architecture that Node runs on. */
const TICK_MS = 10;
const PATIENCE_MS = 60_000;

/** A program in a terminal, with what it costs. */
export interface Watched {
  pid: number;
  /** Resolves with the wall time from the start (or the last call) until `wanted` was written, ms. */
  until(wanted: RegExp): Promise<number>;
  /** Presses a key and waits for the first answer, ms. */
  press(key: string): Promise<number>;
  /** CPU of the program and of the children it waited for, ms. */
  cpuMs(): number;
  residentMb(): number;
  bytes(): number;
  end(): Promise<void>;
}

export function watchProgram(
  file: string,
  argv: string[],
  env: Record<string, string>,
  columns = 120,
  rows = 40,
): Watched {
  let written = '';
  let bytes = 0;
  let startedAt = performance.now();
  let heard: (() => void) | undefined;
  const pty: IPty = spawn(file, argv, {
    cols: columns,
    rows,
    name: 'xterm-256color',
    env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  pty.onData((data) => {
    written = (written + data).slice(-200_000);
    bytes += data.length;
    heard?.();
  });
  const stat = () => {
    const text = readFileSync(`/proc/${pty.pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  };
  const answer = () =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer:\n${written.slice(-2000)}`)), PATIENCE_MS);
      heard = () => {
        clearTimeout(timer);
        heard = undefined;
        resolve();
      };
    });
  return {
    pid: pty.pid,
    async until(wanted) {
      const deadline = performance.now() + PATIENCE_MS;
      while (!wanted.test(written)) {
        if (performance.now() > deadline) throw new Error(`never shown: ${wanted}\n${written.slice(-2000)}`);
        await answer();
      }
      const took = performance.now() - startedAt;
      startedAt = performance.now();
      return took;
    },
    async press(key) {
      // A frame of its own may be under way; what comes after the quiet is the key's.
      await delay(40);
      const pressedAt = performance.now();
      const answered = answer();
      pty.write(key);
      await answered;
      return performance.now() - pressedAt;
    },
    cpuMs() {
      const fields = stat();
      return (fields[11]! + fields[12]! + fields[13]! + fields[14]!) * TICK_MS;
    },
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pty.pid}/status`, 'utf8'))?.[1]) / 1024,
    bytes: () => bytes,
    async end() {
      pty.kill('SIGTERM');
      await Promise.race([ended, delay(5_000)]);
      pty.kill('SIGKILL');
    },
  };
}
