import { readSync } from 'node:fs';
import type { Instance } from './instance.ts';
import type { Stream, Timeline } from './timeline.ts';

/** Empties the buffers of one instance. */
export interface Reader {
  /** Reads what is there and answers up to which moment it is complete: ns since the base, or infinity. */
  read(): number;
}

/** Bytes that one call reads of one instance at most, so that a flood cannot keep it from ever coming back. */
const MAX_BYTES = 16 * 1024 * 1024;

/** `streams` belong to the readers in their order. */
export function createReader(readers: Instance['readers'], streams: readonly Stream[], timeline: Timeline): Reader {
  const layout = streams[0]?.layout;
  if (layout === undefined) return { read: () => Number.POSITIVE_INFINITY };
  const page = Buffer.alloc(layout.dataOffset + layout.dataSize);
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const pagesPerCpu = Math.max(16, Math.floor(MAX_BYTES / page.byteLength / Math.max(1, readers.length)));
  /** Told once for each CPU: a reader that fails will do so at every call. */
  const broken = new Set<number>();

  function readOne(fd: number, cpu: number, stream: Stream): boolean {
    for (let pages = 0; pages < pagesPerCpu; pages++) {
      let size = 0;
      try {
        size = readSync(fd, page, 0, page.byteLength, null);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EAGAIN' || code === 'EINTR') return true;
        if (!broken.has(cpu))
          timeline.addLoss(stream.source, `the trace buffer of CPU ${cpu} cannot be read (${code})`);
        broken.add(cpu);
        return true;
      }
      if (size === 0) return true;
      timeline.addPage(stream, view, size);
    }
    return false;
  }

  return {
    read() {
      let untilNs = Number.POSITIVE_INFINITY;
      // An empty buffer is an exception in Node, and what makes it dear is the trace of the stack.
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      try {
        readers.forEach(({ fd, cpu }, i) => {
          const stream = streams[i]!;
          if (!readOne(fd, cpu, stream)) untilNs = Math.min(untilNs, stream.lastNs);
        });
      } finally {
        Error.stackTraceLimit = stackTraceLimit;
      }
      return untilNs;
    },
  };
}
