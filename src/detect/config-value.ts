import type { SecretFact } from '../types/gateway.ts';

/** The value at a dotted path of a parsed configuration, own properties only; `undefined` when it is not there. */
export function valueAt(root: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((node, key) => {
    if (!isRecord(node) || !Object.hasOwn(node, key)) return undefined;
    return node[key];
  }, root);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Entries of a record; none for anything else. */
export function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

/** Words of a list of strings; a lone string counts as a list of one, everything else as empty. */
export function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** The secret that stands at a path, as the collector described it. */
export function secretAt(root: unknown, path: string): SecretFact | undefined {
  return secretOf(valueAt(root, path));
}

/** The description inside `{ "$secret": … }`. */
export function secretOf(value: unknown): SecretFact | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, '$secret')) return undefined;
  const fact = value.$secret;
  return isRecord(fact) && typeof fact.given === 'string' ? (fact as unknown as SecretFact) : undefined;
}

/** JSON with sorted keys, so that equal configurations have equal text. Input came from a parser: it has no cycles. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
}
