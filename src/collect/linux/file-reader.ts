import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Reads files of `/proc` into one buffer that is used again and again: a look opens hundreds of them, and a fresh string
 * for each would cost more than the kernel's own work.
 */
export interface FileReader {
  /** Bytes of the last `read`; valid until the next one. Replaced when a larger file made it grow. */
  readonly buffer: Buffer;
  /** Error code of the last `read` that returned -1, for example `EACCES`. */
  readonly code: string;
  /** True when the last file was longer than `limit` and only its beginning was read. */
  readonly truncated: boolean;
  /** Reads up to `limit` bytes and returns how many, or -1. Never throws. */
  read(path: string, limit?: number): number;
  /** Overwrites what the last `read` left behind, for files that can hold secrets. */
  wipe(): void;
}

const FIRST_SIZE = 16 * 1024;
const DEFAULT_LIMIT = 4 * 1024 * 1024;

export function createFileReader(): FileReader {
  let buffer: Buffer = Buffer.alloc(FIRST_SIZE);
  let code = '';
  let used = 0;
  let truncated = false;

  function fill(fd: number, limit: number): number {
    let length = 0;
    for (;;) {
      if (length === buffer.length) {
        const larger = Buffer.alloc(buffer.length * 2);
        buffer.copy(larger);
        buffer.fill(0);
        buffer = larger;
      }
      const room = Math.min(buffer.length, limit) - length;
      const count = readSync(fd, buffer, length, room, null);
      length += count;
      if (count === 0) return length;
      if (length >= limit) {
        truncated = true;
        return length;
      }
    }
  }

  return {
    get buffer() {
      return buffer;
    },
    get code() {
      return code;
    },
    get truncated() {
      return truncated;
    },
    read(path, limit = DEFAULT_LIMIT) {
      truncated = false;
      used = 0;
      let fd = -1;
      try {
        fd = openSync(path, 'r');
        used = fill(fd, limit);
        return used;
      } catch (error) {
        code = errorCode(error);
        return -1;
      } finally {
        if (fd >= 0) closeSync(fd);
      }
    },
    wipe() {
      buffer.fill(0);
    },
  };
}

/** `ENOENT`, `EACCES` and so on of a failed system call; `EUNKNOWN` for anything else. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'EUNKNOWN';
}

/** True when the cause is a missing right, which a person can change, and not a file that vanished. */
export function isDenied(code: string): boolean {
  return code === 'EACCES' || code === 'EPERM';
}
