import type { HostCategory } from '../types/indicators.ts';

/** One indicator as a pack writes it; snake case, since that is what published feeds use. */
export interface PackEntry {
  /** May be defanged: `hxxps://evil[.]example/x`. */
  value: string;
  type: 'ip' | 'ip:port' | 'domain' | 'url' | 'cidr';
  tier: 'A' | 'B';
  /** ISO 8601 date or time. */
  first_seen: string;
  /** A later sighting, from which the age counts. */
  last_seen?: string;
  source_url: string;
  note?: string;
}

/** A pack as read: everything of it is text from outside until `hygiene.ts` has checked it. */
export interface RawPack {
  /** Its own name, else a word for it. */
  name: string;
  /** Its own name; absent where it gives none, or none that can be used. */
  ownName?: string;
  /** Unix ms; absent where the pack does not say. */
  datedAt?: number;
  /** Under which terms it may be used: an SPDX identifier, or words. */
  licence?: string;
  /** Where the pack is published. */
  source?: string;
  /** Entries in any state. */
  entries: readonly unknown[];
  /** Further host names and addresses of a category. */
  categories: ReadonlyMap<HostCategory, readonly string[]>;
}

/** What can be seen on the network; hashes and file names are not. */
export const INDICATOR_TYPES: readonly PackEntry['type'][] = ['ip', 'ip:port', 'cidr', 'domain', 'url'];

export const PACK_LIMITS = {
  /** A subscription larger than this is none of ours: the largest list in question has 8 MB. */
  bytes: 16 * 1024 * 1024,
  /** Some 200 bytes each in memory. */
  entries: 100_000,
  categoryNames: 100_000,
} as const;

/** A pack that cannot be used, in one sentence for the reader. */
export class PackError extends Error {
  override readonly name = 'PackError';
}

/** Kinds of hosts that a pack may add to. What excuses is none of them: whoever can write a pack could silence rules. */
export const PACK_CATEGORIES: ReadonlySet<string> = new Set<HostCategory>([
  'webhook',
  'automation',
  'paste',
  'filedrop',
  'tunnel',
  'tunnel-control',
  'dyndns',
  'platform',
  'doh',
  'mining',
  'chat',
  'tor',
]);

/**
 * @throws PackError for bytes that are no text in UTF-8.
 */
export function packText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PackError('it is not text in UTF-8');
  }
}

/**
 * Reads the text of a pack: `{ "format": "clawwatch-intel-1", "name", "dated", "licence", "source",
 * "indicators": […], "categories": {…} }`, or the bare list of indicators.
 *
 * What excuses (`popular`, `installer`, `brand`) cannot come from a pack: whoever can write one could silence rules.
 *
 * @throws PackError when it is no pack, too large, or has too many entries.
 */
export function parsePack(text: string): RawPack {
  if (text.length > PACK_LIMITS.bytes) throw new PackError('it is larger than 16 MiB');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PackError(text.trimStart().startsWith('<') ? 'it is a web page and not JSON' : 'it is not JSON');
  }
  if (Array.isArray(value)) return packOf({ indicators: value });
  if (typeof value !== 'object' || value === null) throw new PackError('it is neither an object nor a list');
  const pack = value as Record<string, unknown>;
  if (pack.format !== undefined && pack.format !== 'clawwatch-intel-1') {
    throw new PackError('it has another format than clawwatch-intel-1');
  }
  return packOf(pack);
}

function packOf(pack: Record<string, unknown>): RawPack {
  const entries = pack.indicators ?? [];
  if (!Array.isArray(entries)) throw new PackError('its indicators are not a list');
  if (entries.length > PACK_LIMITS.entries) throw new PackError('it has more than 100,000 indicators');
  const ownName = isPackName(pack.name) ? pack.name : undefined;
  const datedAt = dateOf(pack.dated);
  const licence = words(pack.licence, 100);
  const source = words(pack.source, 500);
  return {
    name: ownName ?? 'custom',
    ...(ownName === undefined ? {} : { ownName }),
    ...(datedAt === undefined ? {} : { datedAt }),
    ...(licence === undefined ? {} : { licence }),
    ...(source === undefined ? {} : { source }),
    entries,
    categories: categoriesOf(pack.categories),
  };
}

/** True for what a pack, and so its file, may be called. */
export function isPackName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,39}$/.test(value);
}

function words(value: unknown, maxLength: number): string | undefined {
  const text = typeof value === 'string' ? value.trim().slice(0, maxLength) : '';
  return text === '' ? undefined : text;
}

function categoriesOf(value: unknown): Map<HostCategory, string[]> {
  const found = new Map<HostCategory, string[]>();
  if (value === undefined) return found;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PackError('its categories are not an object');
  }
  let names = 0;
  for (const [category, list] of Object.entries(value)) {
    if (!PACK_CATEGORIES.has(category)) throw new PackError('it has a category that ClawWatch does not know');
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string' && name.length <= 256)) {
      throw new PackError('one of its categories is not a list of names');
    }
    names += list.length;
    if (names > PACK_LIMITS.categoryNames) throw new PackError('its categories have more than 100,000 names');
    found.set(category as HostCategory, list);
  }
  return found;
}

/** Unix ms of an ISO 8601 date, for nothing else: `Date.parse` alone would take "1" for the year 2001. */
export function dateOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}(?:$|[T ])/.test(value) || value.length > 40) return undefined;
  const at = Date.parse(value.replace(' ', 'T'));
  return Number.isFinite(at) ? at : undefined;
}
