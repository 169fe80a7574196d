import type { Severity } from '../types/finding.ts';
import { canonicalJson, isRecord, secretOf, wordsOf } from './config-value.ts';

/** One difference between two configurations. */
export interface ConfigChange {
  /** Path from the root; joined with dots for people. */
  path: readonly string[];
  before: unknown;
  after: unknown;
}

/**
 * Differences between two network subsets by key path, sorted. Order of keys is nothing; order inside lists of words is
 * nothing either, because every list of words in the subset is a set. Secrets are leaves and differ by their hash.
 */
export function configChanges(before: unknown, after: unknown, path: readonly string[] = []): ConfigChange[] {
  if (sameValue(before, after)) return [];
  const isTree = (value: unknown) => isRecord(value) && secretOf(value) === undefined;
  // A subtree that appears is told leaf by leaf, so that a new account is not hidden in "channels changed".
  const bothTrees = [before, after].every((value) => isTree(value) || value === undefined);
  if (!bothTrees || (isEmpty(before) && isEmpty(after))) return [{ path, before, after }];
  const keys = new Set([...Object.keys(recordOf(before)), ...Object.keys(recordOf(after))]);
  return [...keys].sort().flatMap((key) => configChanges(own(before, key), own(after, key), [...path, key]));
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function own(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isEmpty(value: unknown): boolean {
  return Object.keys(recordOf(value)).length === 0;
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(unordered(a)) === canonicalJson(unordered(b));
}

function unordered(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.every((item) => typeof item !== 'object') ? value.map((item) => canonicalJson(item)).sort() : value;
}

// Keys below which anything may be a secret that the collector did not know as one.
const SECRET_KEY = /token|secret|passw|apikey|api_key|credential|authorization|cookie|^headers$|^env$|^args$|^key$/i;

/** The value of one side in words that hold no secret: secrets are "(secret)", URLs lose user, path and query. */
export function safeValue(path: readonly string[], value: unknown): string {
  if (value === undefined) return '(absent)';
  if (secretOf(value) !== undefined || path.some((key) => SECRET_KEY.test(key))) return '(secret)';
  if (typeof value === 'string') return withoutUrlSecrets(value).slice(0, 200);
  if (Array.isArray(value)) return `[${value.map((item) => safeValue(path, item)).join(', ')}]`.slice(0, 200);
  return isRecord(value) ? `{${Object.keys(value).join(', ')}}`.slice(0, 200) : (JSON.stringify(value) ?? '(none)');
}

/** A webhook URL is a secret as a whole; what a reader needs is where it leads. */
function withoutUrlSecrets(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  const url = URL.parse(text);
  if (url === null) return '(URL that cannot be parsed)';
  return `${url.protocol}//${url.host}${url.pathname.length > 1 || url.search !== '' ? '/…' : ''}`;
}

/** How much a change matters. Whatever leads messages, tools or model requests to somebody new is high. */
export function changeSeverity(change: ConfigChange): Severity {
  if (change.after === undefined) return 'medium';
  if (isNarrowing(change)) return 'low';
  return HIGH.some((matches) => matches(change)) ? 'high' : 'medium';
}

/** The bind goes back to this host: most likely somebody followed our advice. */
function isNarrowing({ path, after }: ConfigChange): boolean {
  const key = path.join('.');
  return (key === 'gateway.bind' && after === 'loopback') || (key === 'gateway.tailscale.mode' && after === 'off');
}

const HIGH: readonly ((change: ConfigChange) => boolean)[] = [
  // A channel or an account that was not there, or was off, or has a new identity.
  ({ path, before }) =>
    path[0] === 'channels' && (path.includes('accounts') || path.length <= 3) && before === undefined,
  ({ path, after }) => path[0] === 'channels' && path.at(-1) === 'enabled' && after === true,
  ({ path }) => path[0] === 'channels' && SECRET_KEY.test(path.at(-1) ?? ''),
  // Where tools come from.
  ({ path }) =>
    path.includes('mcp') &&
    path.includes('servers') &&
    path.some((key) => /^(url|command|args|headers|env)$/.test(key)),
  // Where prompts and answers go.
  ({ path }) => /^(baseUrl|apiRoot|apiBase|endpoint|webhookUrl|publicUrl)$/i.test(path.at(-1) ?? ''),
  ({ path }) => path.some((key) => /^(proxy|proxyUrl|egressProxy)$/.test(key)),
  // Who may speak to the agent.
  ({ path, before, after }) =>
    /allowFrom$/i.test(path.at(-1) ?? '') && wordsOf(after).includes('*') && !wordsOf(before).includes('*'),
  ({ path, after }) => /^(dm|group)Policy$/.test(path.at(-1) ?? '') && after === 'open',
];
