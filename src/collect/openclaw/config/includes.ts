import { posix } from 'node:path';
import type { FileView, NotRead } from '../file-view.ts';
import { isRecord, parseJson5 } from './parse-json5.ts';

/** OpenClaw's own limits: depth 10, 2 MiB a file; the number of files is ours, or ten levels of lists would multiply. */
const MAX_DEPTH = 10;
const MAX_INCLUDE_BYTES = 2_097_152;
const MAX_FILES = 64;

export interface IncludeResult {
  value: unknown;
  /** Included files that were asked for, read or not, absolute. */
  files: string[];
  /** Set when the merged object is not what OpenClaw would see. */
  failure?: { reason: NotRead | 'invalid'; problem: string };
}

export interface IncludeOptions {
  view: FileView;
  /** Main file, absolute. */
  path: string;
  /** Directories from which files may be included, besides the main file's own. */
  roots: readonly string[];
  readerUid?: number;
}

class IncludeFailure extends Error {
  readonly reason: NotRead | 'invalid';
  constructor(reason: NotRead | 'invalid', message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Resolves `$include` as OpenClaw 2026.9.6 does: a file or a list of files, relative to the including file, confined to
 * the configuration's directory and OPENCLAW_INCLUDE_ROOTS; later files and then the keys beside `$include` win, lists
 * are joined. OpenClaw refuses to start on any failure, so a failed include makes the whole configuration unusable here
 * too: whatever it held, "bind" for one, would otherwise look like a default.
 */
export function resolveIncludes(value: unknown, options: IncludeOptions): IncludeResult {
  const files: string[] = [];
  const boundaries = [posix.dirname(options.path), ...options.roots].map((root) => posix.normalize(root));

  function load(name: unknown, from: string, chain: readonly string[]): unknown {
    if (typeof name !== 'string' || name.includes('\0'))
      throw new IncludeFailure('invalid', '$include is not a file name');
    const path = posix.normalize(posix.isAbsolute(name) ? name : posix.join(posix.dirname(from), name));
    if (!boundaries.some((root) => path.startsWith(root.endsWith('/') ? root : `${root}/`))) {
      throw new IncludeFailure('invalid', `$include leaves the configuration directory: ${path}`);
    }
    if (chain.includes(path)) throw new IncludeFailure('invalid', `$include goes in a circle: ${path}`);
    if (chain.length > MAX_DEPTH)
      throw new IncludeFailure('invalid', `$include nested deeper than ${MAX_DEPTH}: ${path}`);
    if (files.push(path) > MAX_FILES) throw new IncludeFailure('invalid', `more than ${MAX_FILES} included files`);
    const reading = options.view.read(path, MAX_INCLUDE_BYTES, options.readerUid);
    if (!reading.ok) throw new IncludeFailure(reading.reason, `$include ${path}: ${reading.why}`);
    const parsed = parseJson5(reading.text);
    if (!parsed.ok) throw new IncludeFailure('invalid', `$include ${path}: ${parsed.why}`);
    return process(parsed.value, path, [...chain, path]);
  }

  function process(node: unknown, from: string, chain: readonly string[]): unknown {
    if (Array.isArray(node)) return node.map((item) => process(item, from, chain));
    if (!isRecord(node)) return node;
    const rest = Object.fromEntries(
      Object.entries(node)
        .filter(([key]) => key !== '$include')
        .map(([key, child]) => [key, process(child, from, chain)]),
    );
    if (!Object.hasOwn(node, '$include')) return rest;
    const named = node.$include;
    const included = Array.isArray(named)
      ? named.map((name) => load(name, from, chain)).reduce(merge, {})
      : load(named, from, chain);
    if (Object.keys(rest).length === 0) return included;
    if (!isRecord(included)) throw new IncludeFailure('invalid', '$include beside other keys must be an object');
    return merge(included, rest);
  }

  try {
    return { value: process(value, options.path, [posix.normalize(options.path)]), files };
  } catch (error) {
    if (!(error instanceof IncludeFailure)) throw error;
    return { value: {}, files, failure: { reason: error.reason, problem: error.message } };
  }
}

/** Objects are merged, lists joined, everything else is replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return [...base, ...over];
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = Object.hasOwn(base, key) ? merge(base[key], value) : value;
  }
  return merged;
}
