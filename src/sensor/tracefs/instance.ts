import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { oneLine, unusable } from './mount.ts';

/** One ring buffer of our own in tracefs, apart from those of every other tool. */
export interface Instance {
  folder: string;
  readers: CpuReader[];
  /** Switches an event on, with a filter; answers with the reason when it cannot be. */
  enable(event: string, filter?: string): { why: string } | undefined;
  /** Text of a file of the instance; `undefined` when it cannot be read. */
  read(file: string): string | undefined;
  /** Closes the readers, gives the memory back and removes the instance. Safe to call twice. */
  close(): void;
}

/** One CPU's part of the buffer. */
export interface CpuReader {
  cpu: number;
  /** `trace_pipe_raw`, non-blocking. */
  fd: number;
  /** Events lost since the start, by the kernel's counter; `undefined` when it cannot be read. */
  lost: () => number | undefined;
}

/** Name of an instance: the process in it is how a later start knows whether its owner is gone. */
const NAME = /^clawwatch-(\d{1,10})-(tcp|datagrams)$/;

/**
 * Removes instances whose process is gone: `kill -9` leaves them behind, switched off but in the list. One of a live
 * process is never touched, even when that number belongs to somebody else by now.
 */
export function sweepInstances(tracingRoot: string, procRoot: string): void {
  const live = new Set(readdirSync(procRoot));
  const folder = join(tracingRoot, 'instances');
  for (const name of readdirSync(folder)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || live.has(pid)) continue;
    try {
      rmdirSync(join(folder, name));
    } catch {
      // Somebody still reads it; it is switched off, and the next start tries again.
    }
  }
}

/**
 * Makes an instance for this process. Throws a `UserError` when it cannot be made; then nothing is left behind.
 *
 * The buffer overwrites its oldest events when it is full. The other mode, which drops the newest, counts its drops only in
 * a file; overwriting counts them in the pages themselves, exactly and at the place where they are missing, and still does
 * after all rights were given up. An attacker gains nothing by either: a flood is told as a loss, with its number.
 */
export function openInstance(tracingRoot: string, what: 'tcp' | 'datagrams', bufferKbPerCpu: number): Instance {
  const folder = join(tracingRoot, 'instances', `clawwatch-${process.pid}-${what}`);
  const readers: Instance['readers'] = [];
  const others: number[] = [];
  let isClosed = false;

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    // Among the others is `free_buffer`: the kernel switches tracing off and frees the memory when it is let go
    // (`disable_on_free`), and does so at a kill -9 as well. Being open already, it works without any rights.
    for (const fd of [...readers.map((reader) => reader.fd), ...others]) closeSync(fd);
    readers.length = 0;
    try {
      rmdirSync(folder);
    } catch {
      // Rights were dropped. The next start sweeps it.
    }
  }

  makeFolder(folder);
  try {
    // First of all, since the folder came with the default of 1.4 MB for each CPU.
    write(join(folder, 'buffer_size_kb'), String(bufferKbPerCpu));
    write(join(folder, 'trace_clock'), 'mono');
    write(join(folder, 'options/overwrite'), '1');
    write(join(folder, 'options/disable_on_free'), '1');
    others.push(openSync(join(folder, 'free_buffer'), constants.O_WRONLY));
    for (const name of readdirSync(join(folder, 'per_cpu'))) {
      const cpu = /^cpu(\d{1,5})$/.exec(name)?.[1];
      if (cpu === undefined) continue;
      const stats = openSync(join(folder, 'per_cpu', name, 'stats'), constants.O_RDONLY);
      others.push(stats);
      const fd = openSync(join(folder, 'per_cpu', name, 'trace_pipe_raw'), constants.O_RDONLY | constants.O_NONBLOCK);
      readers.push({ cpu: Number(cpu), fd, lost: () => lostOf(stats) });
    }
    write(join(folder, 'tracing_on'), '1');
  } catch (error) {
    close();
    throw unusable(`the trace instance cannot be set up: ${oneLine(error)}`, error);
  }
  return {
    folder,
    readers,
    enable(event, filter) {
      try {
        // A filter that the kernel refuses must not end in an event without filter.
        if (filter !== undefined) write(join(folder, 'events', event, 'filter'), filter);
        write(join(folder, 'events', event, 'enable'), '1');
        return undefined;
      } catch (error) {
        return { why: `${event}: ${oneLine(error)}` };
      }
    },
    read(file) {
      try {
        return readFileSync(join(folder, file), 'utf8');
      } catch {
        return undefined;
      }
    },
    close,
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw unusable(`no trace instance can be made: ${oneLine(error)}`, error);
    }
  }
  // Ours by its number, so its owner is gone, unless this process has it open: then the kernel says that it is busy.
  try {
    rmdirSync(folder);
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    throw unusable(`the trace instance of this process is in use: ${oneLine(error)}`, error);
  }
}

/** Sum of the three ways to lose an event, from an open `stats` file, which is written anew at each read from its start. */
function lostOf(stats: number): number | undefined {
  const text = Buffer.alloc(1024);
  try {
    const size = readSync(stats, text, 0, text.length, 0);
    const counts = [
      ...text.toString('latin1', 0, size).matchAll(/^(?:overrun|commit overrun|dropped events): (\d{1,15})$/gm),
    ];
    return counts.length === 0 ? undefined : counts.reduce((sum, match) => sum + Number(match[1]), 0);
  } catch {
    return undefined;
  }
}

/** One write, since a settings file of tracefs takes each write for a whole value. */
function write(path: string, value: string): void {
  const fd = openSync(path, constants.O_WRONLY);
  try {
    writeSync(fd, value);
  } finally {
    closeSync(fd);
  }
}
