import { join, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { UserError } from '../types/error.ts';
import { classifyAddress } from '../types/ip.ts';
import { safeText } from '../types/text.ts';
import { DURATION_FORM, parseDuration } from './duration.ts';
import { readConfigFile } from './file.ts';
import { nearestWord } from './nearest.ts';
import { type Config, ConfigSchema, environmentName, OPTION_KEYS, type OptionKey, optionNotes } from './schema.ts';

export interface LoadRequest {
  /** Values of flags as typed, by option; a bad one is a usage error. `undefined` entries count as not given. */
  flags: Partial<Record<OptionKey, string | undefined>>;
  /** `--config`. */
  file?: string;
  env: NodeJS.ProcessEnv;
  cwd: string;
  home: string;
  /** Our own user id; `undefined` where there is no such thing. */
  uid: number | undefined;
}

export interface LoadedConfig {
  config: Config;
  /** One sentence each, ready to print. A warning never stops a look. */
  warnings: string[];
  /** The file that was read; absent when there is none. */
  path?: string;
}

// Ours, yet not options: set by the starter, by tests and by OpenClaw hooks.
const OTHER_VARIABLES = ['CONFIG', 'LAB_PUBLIC', 'HANDED_OVER', 'WITHOUT_KOFFI', 'FUZZ_RUNS', 'CALL', 'RUN', 'SESSION'];

/**
 * The options in force: flag > environment > file > default, each option for itself. A bad value in the environment or
 * the file is replaced by the next weaker one with a warning that names key, range and replacement, because a watchdog
 * that does not start sees nothing.
 *
 * @throws UserError for a bad flag, and for a file that is not to be trusted or does not parse.
 */
export function loadConfig(request: LoadRequest): LoadedConfig {
  const warnings: string[] = [];
  const named = request.file ?? nonEmpty(request.env.CLAWWATCH_CONFIG);
  const path = named ? resolve(request.cwd, named) : defaultConfigPath(request);
  const file = readConfigFile(path, request.uid);
  if (file === undefined && named) {
    throw new UserError(`there is no configuration file ${safeText(path)}`, {
      hint: 'leave out --config and CLAWWATCH_CONFIG for the defaults',
    });
  }
  warnUnknown(Object.keys(file ?? {}), OPTION_KEYS, path, warnings);
  warnVariables(request.env, warnings);

  const values: Record<string, unknown> = {};
  for (const key of OPTION_KEYS) values[key] = chooseValue(key, request, file, path, warnings);
  const options = values as unknown as Config;
  options.database ??= defaultDatabasePath(request);
  for (const absent of ['logFile', 'homes'] as const) if (options[absent] === undefined) delete options[absent];
  options.labPublic = labPublic(request.env.CLAWWATCH_LAB_PUBLIC, warnings);
  return { config: options, warnings, ...(file ? { path } : {}) };
}

/** `$XDG_CONFIG_HOME/clawwatch/config.json5`; XDG says that a relative value is to be ignored. */
export function defaultConfigPath({ env, home }: Pick<LoadRequest, 'env' | 'home'>): string {
  return join(xdg(env.XDG_CONFIG_HOME, join(home, '.config')), 'clawwatch', 'config.json5');
}

/** `$XDG_STATE_HOME/clawwatch/clawwatch.db`, for root too: one rule, and a service sets XDG_STATE_HOME or `database`. */
export function defaultDatabasePath({ env, home }: Pick<LoadRequest, 'env' | 'home'>): string {
  return join(xdg(env.XDG_STATE_HOME, join(home, '.local', 'state')), 'clawwatch', 'clawwatch.db');
}

function chooseValue(
  key: OptionKey,
  request: LoadRequest,
  file: Record<string, unknown> | undefined,
  path: string,
  warnings: string[],
): unknown {
  const notes = optionNotes(key);
  const rejected: { where: string; value: unknown }[] = [];
  const flag = request.flags[key];
  if (flag !== undefined) {
    const parsed = v.safeParse(ConfigSchema.entries[key], fromText(key, flag, request.cwd, 'flag'));
    if (parsed.success) return parsed.output;
    const range = notes.text === 'duration' ? `${DURATION_FORM}, ${notes.range} in ms` : notes.range;
    throw new UserError(`${notes.flag ?? key} ${safeText(flag, 80)} is not possible`, { hint: `give ${range}` });
  }
  const variable = environmentName(key);
  const text = notes.text === 'none' ? undefined : nonEmpty(request.env[variable]);
  const candidates: { where: string; value: unknown; given: unknown }[] = [];
  if (text !== undefined) candidates.push({ where: variable, value: fromText(key, text, request.cwd), given: text });
  const inFile = file && Object.hasOwn(file, key) ? file[key] : undefined;
  if (inFile !== undefined) candidates.push({ where: `${path}: ${key}`, value: inFile, given: inFile });
  for (const { where, value, given } of candidates) {
    const parsed = v.safeParse(ConfigSchema.entries[key], value);
    if (parsed.success) {
      warnRejected(rejected, notes.range, parsed.output, warnings);
      return parsed.output;
    }
    rejected.push({ where, value: given });
  }
  const fallback: unknown = v.getDefault(ConfigSchema.entries[key]);
  warnRejected(rejected, notes.range, fallback ?? notes.defaultNote, warnings);
  return fallback;
}

function warnRejected(rejected: { where: string; value: unknown }[], range: string, used: unknown, warnings: string[]) {
  for (const { where, value } of rejected) {
    const given = safeText(JSON.stringify(value) ?? String(value), 60);
    warnings.push(
      `${safeText(where)} is ${given}, not ${range}; using ${safeText(typeof used === 'string' ? used : JSON.stringify(used), 100)}`,
    );
  }
}

function fromText(key: OptionKey, text: string, cwd: string, from: 'flag' | 'variable' = 'variable'): unknown {
  switch (optionNotes(key).text) {
    case 'number':
      return /^\d{1,12}$/.test(text.trim()) ? Number(text) : text;
    case 'duration':
      // The variable's name ends in _MS, so a bare number is in ms there; a flag needs its unit.
      return parseDuration(text) ?? (from === 'variable' && /^\d{1,12}$/.test(text.trim()) ? Number(text) : text);
    case 'paths':
      return text.split(':').filter((path) => path !== '');
    default:
      return key === 'database' || key === 'logFile' ? resolve(cwd, text) : text;
  }
}

function warnUnknown(keys: readonly string[], known: readonly string[], path: string, warnings: string[]): void {
  for (const key of keys) {
    if (known.includes(key)) continue;
    const meant = nearestWord(key, known);
    warnings.push(
      `${safeText(path)}: unknown key ${safeText(key, 60)} is ignored${meant ? `; did you mean ${meant}?` : ''}`,
    );
  }
}

function warnVariables(env: NodeJS.ProcessEnv, warnings: string[]): void {
  const known = [...OPTION_KEYS.map(environmentName), ...OTHER_VARIABLES.map((name) => `CLAWWATCH_${name}`)];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('CLAWWATCH_') || known.includes(name)) continue;
    const meant = nearestWord(name, known);
    if (meant) warnings.push(`unknown variable ${safeText(name, 60)} is ignored; did you mean ${meant}?`);
  }
}

function labPublic(text: string | undefined, warnings: string[]): string[] {
  const blocks = (text ?? '').split(/[\s,]+/).filter((block) => block !== '');
  return blocks.filter((block) => {
    const shown = safeText(block, 60);
    if (!ipaddr.isValidCIDR(block)) {
      warnings.push(`CLAWWATCH_LAB_PUBLIC: ${shown} is not an address block such as 198.51.100.0/24; ignored`);
      return false;
    }
    // Of an own network the hook would make a stranger's, and what is said of own networks would go silent.
    if (classifyAddress(block.split('/')[0]!) === 'special') return true;
    warnings.push(`CLAWWATCH_LAB_PUBLIC: ${shown} is not a block for documentation or tests; ignored`);
    return false;
  });
}

function xdg(value: string | undefined, fallback: string): string {
  return value?.startsWith('/') ? value : fallback;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
