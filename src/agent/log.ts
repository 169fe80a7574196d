import { closeSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LOG_LEVELS } from '../config/schema.ts';

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Log lines for machines. Fields may hold text from outside: lines leave here in plain ASCII. */
export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  close(): void;
}

/**
 * A log in JSON lines by pino, to a file (mode 0600, appended) or to `write`. Neither pino nor the file is touched before
 * the first line that is to be written: most runs log nothing, and loading pino would cost them 20 ms.
 */
export function createLog(options: { level: LogLevel; file?: string; write: (line: string) => void }): Log {
  type Pino = Record<LogLevel, (fields: object, message: string) => void>;
  const rank = ['silent', 'error', 'warn', 'info', 'debug'].indexOf(options.level);
  let pino: Pino | undefined;
  let file: number | undefined;

  function destination(line: string): void {
    // JSON keeps its meaning with \u escapes, and no control or bidi character of a skill reaches a terminal.
    const inert = line.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    if (!options.file) {
      options.write(inert);
      return;
    }
    try {
      file ??= openSync(options.file, 'a', 0o600);
      writeSync(file, inert);
    } catch (error) {
      options.write(`clawwatch: cannot write the log: ${(error as Error).message}\n${inert}`);
    }
  }

  function write(level: Exclude<LogLevel, 'silent'>, fields: object, message: string): void {
    if (['silent', 'error', 'warn', 'info', 'debug'].indexOf(level) > rank) return;
    pino ??= createRequire(import.meta.url)('pino')(
      { level: options.level, base: undefined, timestamp: () => `,"time":"${new Date().toISOString()}"` },
      { write: destination },
    ) as Pino;
    pino[level](fields, message);
  }

  return {
    error: (fields, message) => write('error', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    info: (fields, message) => write('info', fields, message),
    debug: (fields, message) => write('debug', fields, message),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
