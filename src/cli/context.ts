import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type ExitCode, UserError } from '../types/error.ts';
import { inertJson } from './inert-json.ts';
import type { Io } from './io.ts';
import { createPaint, type Paint } from './paint.ts';

/** Options that every command takes, as commander gives them. */
export interface GlobalOptions {
  json?: boolean;
  db?: string;
  config?: string;
  color?: boolean;
  ascii?: boolean;
  verbose?: boolean;
  collector?: string;
  /** Defaults alone count: what root runs must not obey a file or a variable of somebody else. */
  withoutConfig?: boolean;
}

/** Everything a command works with. */
export interface Context {
  io: Io;
  config: Config;
  /** What was wrong with the configuration, already printed to stderr. */
  warnings: string[];
  configPath?: string;
  json: boolean;
  paint: Paint;
  /** Writes the answer, as text lines or as JSON. */
  answer(answer: { text: () => string[]; json: () => object }): void;
  /** A line on stderr for the person at the terminal. */
  warn(message: string): void;
}

/** A command: does its work, writes its answer, returns the exit code. */
export type Run<Options = object> = (context: Context, options: Options) => Promise<ExitCode>;

export function openContext(io: Io, options: GlobalOptions & { interval?: string; failOn?: string }): Context {
  const paint = createPaint(io, options);
  const warn = (message: string) => void io.stderr.write(`clawwatch: warning: ${paint.text(message, 600)}\n`);
  const loaded = loadConfig({
    flags: {
      database: options.db,
      collector: options.collector,
      intervalMs: options.interval,
      failOn: options.failOn,
      logLevel: options.verbose ? 'debug' : undefined,
    },
    ...(options.config !== undefined && !options.withoutConfig ? { file: options.config } : {}),
    env: options.withoutConfig ? {} : io.env,
    cwd: io.cwd,
    home: options.withoutConfig ? '/nonexistent' : io.home,
    uid: io.uid,
  });
  for (const warning of loaded.warnings) warn(warning);
  const { labPublic } = loaded.config;
  if (labPublic.length > 0) {
    warn(`LABORATORY: CLAWWATCH_LAB_PUBLIC makes ${labPublic.join(', ')} count as the internet; verdicts are not real`);
  }
  const json = options.json === true;
  return {
    io,
    config: loaded.config,
    warnings: loaded.warnings,
    ...(loaded.path ? { configPath: loaded.path } : {}),
    json,
    paint,
    answer: ({ text, json: toJson }) => void io.stdout.write(json ? inertJson(toJson()) : `${text().join('\n')}\n`),
    warn,
  };
}

/** Refuses an argument that is not one of a few words, as a usage error. */
export function oneOf<const Word extends string>(words: readonly Word[], given: string, flag: string): Word {
  const found = words.find((word) => word === given);
  if (found) return found;
  throw new UserError(`${flag} ${given.slice(0, 80)} is not possible`, { hint: `give one of ${words.join(', ')}` });
}
