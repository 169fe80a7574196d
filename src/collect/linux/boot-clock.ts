import { createFileReader } from './file-reader.ts';

/** Clock ticks of `/proc/PID/stat` are USER_HZ: 100 a second on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** Relates clock ticks since boot to now. */
export interface BootClock {
  /** Clock ticks since boot; immune to a change of the wall clock. */
  uptimeTicks(): number;
  /** Unix ms of a moment in ticks since boot, to the second; `undefined` when the boot time is not to be had. */
  startedAt(startTicks: number): number | undefined;
}

/**
 * @param now Unix ms; counts the time from the first call on where `/proc/uptime` is missing.
 */
export function createBootClock(procRoot: string, now: () => number): BootClock {
  const files = createFileReader();
  let bootAt: number | undefined;
  let bootRead = false;

  return {
    uptimeTicks() {
      const length = files.read(`${procRoot}/uptime`);
      const seconds = length > 0 ? Number.parseFloat(files.buffer.toString('latin1', 0, length)) : Number.NaN;
      if (Number.isFinite(seconds) && seconds >= 0) return Math.floor(seconds * 100);
      return bootAt === undefined ? 0 : Math.max(0, Math.floor((now() - bootAt) / MS_PER_TICK));
    },
    startedAt(startTicks) {
      if (!bootRead) {
        // Once: the kernel computes it anew from the wall clock, and start times must not move when somebody sets that.
        bootRead = true;
        const length = files.read(`${procRoot}/stat`);
        const line = length > 0 ? /^btime (\d{1,12})$/m.exec(files.buffer.toString('latin1', 0, length)) : null;
        bootAt = line ? Number(line[1]) * 1000 : undefined;
      }
      return bootAt === undefined ? undefined : bootAt + startTicks * MS_PER_TICK;
    },
  };
}
