import { posix } from 'node:path';
import type { ConfigFact } from '../../../types/gateway.ts';
import { safeText } from '../../../types/text.ts';
import type { FileView, NotRead } from '../file-view.ts';
import { resolveIncludes } from './includes.ts';
import { findUnknownKeys } from './known-keys.ts';
import { networkHash, networkSubset } from './network-subset.ts';
import { isRecord, parseJson5 } from './parse-json5.ts';
import { withoutSecrets } from './secrets.ts';
import { substitute } from './substitute.ts';

/** Real configurations have some kilobytes. */
const MAX_CONFIG_BYTES = 1_048_576;

/** File names in a state directory, the present one first. */
const CONFIG_NAMES = ['openclaw.json', 'clawdbot.json'];
/** Names that old guides use and OpenClaw never opens. */
const IGNORED_NAMES = ['config.yaml', 'config.yml'];

export interface ConfigRequest {
  view: FileView;
  stateDir: string;
  /** Path that the gateway itself named (lock file) or was given (OPENCLAW_CONFIG_PATH); wins over the state directory. */
  path?: string;
  /** The user whose gateway reads it. */
  uid?: number;
  /** Home for `~` in OPENCLAW_INCLUDE_ROOTS. */
  home?: string;
  /** Allow-listed environment of the gateway. */
  environment: Readonly<Record<string, string>>;
}

export interface ConfigReader {
  /** The configuration of one gateway; parsed again only when one of its files changed. Never throws. */
  read(request: ConfigRequest): ConfigFact;
}

export interface ConfigReaderOptions {
  /** Key of the secret hashes. */
  hashKey: string;
  /** True when the key is the same in the next run; only then may secret hashes take part in the drift hash. */
  hashKeyLasts?: boolean;
}

/** Configurations kept parsed; beyond it all are forgotten at once. */
const MAX_KEPT = 256;

export function createConfigReader(options: ConfigReaderOptions): ConfigReader {
  const kept = new Map<string, { seen: Map<string, string>; fact: ConfigFact }>();
  return {
    read(request) {
      const path = locateConfig(request);
      const key = JSON.stringify([request.view.root, path, request.uid, request.stateDir, request.environment]);
      const entry = kept.get(key);
      if (entry && [...entry.seen].every(([file, stamp]) => stampKey(request.view, file) === stamp)) return entry.fact;
      const seen = new Map<string, string>();
      const fact = readConfig({ ...request, path, view: recordingView(request.view, seen) }, options);
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, { seen, fact });
      return fact;
    },
  };
}

/**
 * Notes the state in which each file was read. It is the state of the opened file and not a later look at its name, so
 * that a change between the two is seen as a change in the next cycle.
 */
function recordingView(view: FileView, seen: Map<string, string>): FileView {
  return {
    ...view,
    stat(path) {
      const stamp = view.stat(path);
      seen.set(path, typeof stamp === 'string' ? stamp : stamp.key);
      return stamp;
    },
    read(path, maxBytes, readerUid) {
      const reading = view.read(path, maxBytes, readerUid);
      seen.set(path, reading.ok ? reading.stamp.key : stampKey(view, path));
      return reading;
    },
  };
}

function stampKey(view: FileView, path: string): string {
  const stamp = view.stat(path);
  return typeof stamp === 'string' ? stamp : stamp.key;
}

/** The path that the gateway names, else the first that exists in its state directory, else where it would be. */
function locateConfig(request: ConfigRequest): string {
  if (request.path !== undefined) return request.path;
  const candidates = CONFIG_NAMES.map((name) => posix.join(request.stateDir, name));
  return candidates.find((path) => request.view.stat(path) !== 'missing') ?? candidates[0]!;
}

const STATUS: Record<NotRead | 'invalid', ConfigFact['status']> = {
  missing: 'invalid', // an included file that is missing: OpenClaw refuses to start
  invalid: 'invalid',
  refused: 'unreadable',
  denied: 'unreadable',
};

function readConfig(request: ConfigRequest & { path: string }, options: ConfigReaderOptions): ConfigFact {
  const { path, view } = request;
  const ignored = IGNORED_NAMES.filter((name) => typeof view.stat(posix.join(request.stateDir, name)) === 'object').map(
    (name) => ({ key: name, hint: 'OpenClaw ignores this file entirely; it reads openclaw.json' }),
  );
  const empty = { path, files: [], value: {}, unknownKeys: ignored, problems: [], networkSubset: {} };

  const reading = view.read(path, MAX_CONFIG_BYTES, request.uid);
  if (!reading.ok) {
    if (reading.reason === 'missing') return { ...empty, status: 'missing' };
    return { ...empty, status: 'unreadable', problems: [`${path}: ${reading.why}`] };
  }
  const found = { ...empty, files: [path], modifiedAt: reading.stamp.modifiedAt };
  const parsed = parseJson5(reading.text);
  if (!parsed.ok) return { ...found, status: 'invalid', problems: [`${path}: ${parsed.why}`] };

  const included = resolveIncludes(parsed.value, {
    view,
    path,
    roots: includeRoots(request),
    ...(request.uid === undefined ? {} : { readerUid: request.uid }),
  });
  found.files.push(...included.files);
  if (included.failure) {
    return { ...found, status: STATUS[included.failure.reason], problems: [inert(included.failure.problem)] };
  }
  if (!isRecord(included.value)) return { ...found, status: 'invalid', problems: [`${path}: not an object`] };
  return { ...found, ...understand(included.value, request, options, ignored, reading.validUtf8) };
}

/** Everything after the files are one object. */
function understand(
  merged: Record<string, unknown>,
  request: ConfigRequest & { path: string },
  options: ConfigReaderOptions,
  ignored: ConfigFact['unknownKeys'],
  validUtf8: boolean,
): Pick<ConfigFact, 'status' | 'value' | 'unknownKeys' | 'problems' | 'networkSubset' | 'networkHash'> {
  const substituted = substitute(merged, request.environment);
  const value = withoutSecrets(substituted.value as Record<string, unknown>, options.hashKey);
  const subset = networkSubset(value, options.hashKeyLasts === true);
  const problems = substituted.unresolved
    .slice(0, 16)
    .map((name) => `\${${name}} has no value that we can see; what depends on it is unknown`);
  if (!validUtf8) problems.push(`${request.path}: holds bytes that are not UTF-8`);
  return {
    status: 'read',
    value,
    unknownKeys: [...findUnknownKeys(merged), ...ignored].map(({ key, hint }) => ({ key: inert(key), hint })),
    problems,
    networkSubset: subset,
    networkHash: networkHash(subset),
  };
}

/** Keys and file names come from the file. */
function inert(text: string): string {
  return safeText(text, 300);
}

function includeRoots(request: ConfigRequest): string[] {
  const home = request.home;
  return (request.environment.OPENCLAW_INCLUDE_ROOTS ?? '')
    .split(':')
    .map((root) => root.trim())
    .map((root) => (home !== undefined && /^~(?:\/|$)/.test(root) ? home + root.slice(1) : root))
    .filter((root) => root.startsWith('/') && root.length > 1);
}
