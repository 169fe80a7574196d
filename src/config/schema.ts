import * as v from 'valibot';
import { SEVERITIES } from '../types/finding.ts';

/** How an option is described and written as text; `docs/config.md` and every message are made from it. */
export interface OptionNotes {
  /** One or two sentences for `docs/config.md`. */
  note: string;
  /** The values that are taken, in words. */
  range: string;
  /** How text from a flag or an environment variable becomes a value. `none`: only the file can set it. */
  text: 'duration' | 'number' | 'word' | 'paths' | 'none';
  flag?: string;
  /** Default in words, where it depends on the environment. */
  defaultNote?: string;
}

type Wording = Omit<OptionNotes, 'range' | 'text'>;

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export const COLLECTORS = ['auto', 'netlink', 'procfs', 'netstat', 'lsof'] as const;

/**
 * Every option of ClawWatch. Few on purpose: what can be found out is not asked for. An option has a default with
 * which a person who never opens the file is well served.
 */
export const ConfigSchema = v.object({
  intervalMs: v.optional(
    wholeNumber(250, 3_600_000, 'duration', {
      note: 'Time from the start of one look to the start of the next, in ms. Shorter sees shorter connections and costs more.',
      flag: '--interval',
    }),
    2000,
  ),
  database: v.optional(
    path({
      note: 'The SQLite file of the record. Its directory is made with mode 0700. The same rule holds for root.',
      flag: '--db',
      defaultNote: '$XDG_STATE_HOME/clawwatch/clawwatch.db, else ~/.local/state/clawwatch/clawwatch.db',
    }),
  ),
  collector: v.optional(
    oneOf(COLLECTORS, {
      note: 'How sockets are read. `auto` takes netlink on Linux, or /proc where netlink does not work; lsof on macOS and netstat elsewhere.',
      flag: '--collector',
    }),
    'auto',
  ),
  failOn: v.optional(
    oneOf(SEVERITIES, {
      note: '`clawwatch scan` ends with exit code 1 when a finding has this severity or a higher one.',
      flag: '--fail-on',
    }),
    'low',
  ),
  retentionDays: v.optional(
    wholeNumber(1, 3650, 'number', {
      note: 'Closed connections, resolved findings and looks older than this are deleted.',
    }),
    30,
  ),
  retentionMegabytes: v.optional(
    wholeNumber(10, 100_000, 'number', {
      note: 'The oldest rows are deleted until the database, its -wal file included, is smaller than this.',
    }),
    200,
  ),
  learnDays: v.optional(
    wholeNumber(1, 90, 'number', {
      note: 'Days of learning after the first look or `clawwatch learn restart`. A contact seen on two different days of them is learned, which silences EGR-04 (first contact) and no other rule.',
    }),
    7,
  ),
  logLevel: v.optional(
    oneOf(LOG_LEVELS, { note: 'The least important kind of log line that is written.', flag: '--verbose' }),
    'warn',
  ),
  logFile: v.optional(
    path({ note: 'Log lines (JSON) go to this file, mode 0600, instead of stderr.', defaultNote: 'stderr' }),
  ),
  homes: v.optional(
    describe(v.array(v.pipe(v.string(), v.startsWith('/'), v.maxLength(4096))), {
      note: 'Home directories in which OpenClaw state is looked for.',
      range: 'absolute paths',
      text: 'paths',
      defaultNote: 'own home directory; for root every home directory of a person',
    }),
  ),
  rules: v.optional(
    describe(v.record(v.string(), v.record(v.string(), v.unknown())), {
      note: 'Tuned numbers of single rules by rule id, for example { "EXP-10": { … } }; docs/rules.md names them all.',
      range: 'rule ids with their options',
      text: 'none',
    }),
    {},
  ),
});

type Options = v.InferOutput<typeof ConfigSchema>;

/** The options as they are in force, plus what only the environment can say. Durations in ms. */
export interface Config extends Omit<Options, 'database'> {
  /** Absolute path of the SQLite file. */
  database: string;
  /** `CLAWWATCH_LAB_PUBLIC`: blocks that count as the internet. For laboratories; every start line says so loudly. */
  labPublic: string[];
}

export type OptionKey = keyof Options;
export const OPTION_KEYS = Object.keys(ConfigSchema.entries) as OptionKey[];

/** The environment variable of an option: `intervalMs` is `CLAWWATCH_INTERVAL_MS`. */
export function environmentName(key: string): string {
  return `CLAWWATCH_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** What the schema says about an option. */
export function optionNotes(key: OptionKey): OptionNotes {
  return v.getMetadata(ConfigSchema.entries[key].wrapped) as unknown as OptionNotes;
}

function describe<const Schema extends v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>>(
  schema: Schema,
  notes: OptionNotes,
) {
  return v.pipe(schema, v.metadata({ ...notes }));
}

function wholeNumber(least: number, most: number, text: 'duration' | 'number', wording: Wording) {
  const range = `whole number from ${least} to ${most}`;
  return describe(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)), { ...wording, range, text });
}

function oneOf<const Words extends readonly string[]>(words: Words, wording: Wording) {
  return describe(v.picklist(words), { ...wording, range: words.join(', '), text: 'word' });
}

function path(wording: Wording) {
  const absolute = v.pipe(v.string(), v.startsWith('/'), v.maxLength(4096));
  return describe(absolute, { ...wording, range: 'an absolute path', text: 'word' });
}
