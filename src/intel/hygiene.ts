import { canonicalHostName } from '../types/host-name.ts';
import type { Indicator } from '../types/indicators.ts';
import { type AddressContext, canonicalAddress, classifyAddress, formatEndpoint } from '../types/ip.ts';
import { type Block, parseBlock } from './address-set.ts';
import { cleanCategories } from './category-hygiene.ts';
import { DISPUTED } from './data/bundled-pack.ts';
import { registrableDomain } from './domain.ts';
import { dateOf, INDICATOR_TYPES, type PackEntry, type RawPack } from './pack.ts';
import { refang } from './refang.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { createSharedPlaces, MIN_BITS, type SharedPlaces } from './shared-places.ts';
import { parseBadUrl } from './url.ts';

export interface HygieneContext extends Pick<AddressContext, 'labPublic'> {
  /** Unix ms. */
  now: number;
  /** Registrable domains that are used by so many that none is bad as a whole. */
  popular: ReadonlySet<string>;
  /** True for a service that is listed with a category: who contacts it is judged, and it is not bad as a whole. */
  isService(name: string): boolean;
}

/** An indicator that passed, with the time from which its age counts. */
export interface CheckedIndicator extends Indicator {
  /** Unix ms; the latest sighting. */
  seenAt: number;
}

export interface CleanPack {
  name: string;
  datedAt?: number;
  /** As the pack says it; raw. */
  licence?: string;
  /** As the pack says it; raw. */
  source?: string;
  indicators: CheckedIndicator[];
  /** Entries and category names that are not used, by reason. */
  refused: Refusals;
  categories: RawPack['categories'];
}

/** A feed of which more than this part is refused is broken or poisoned: nothing of it is used. */
export const MAX_REFUSED_SHARE = 0.2;
const DAY_MS = 86_400_000;

/** Checks every entry of a pack. The caller refuses the whole when `isPoisoned` says so. */
export function cleanPack(pack: RawPack, context: HygieneContext): CleanPack {
  const refusals = createRefusals();
  const found = new Map<string, CheckedIndicator>();
  const check = createCheck(context);
  for (const entry of pack.entries) {
    const checked = check(entry);
    if (typeof checked === 'string') refusals.add(checked, (entry as { value?: unknown } | null)?.value);
    else {
      const key = `${checked.type} ${checked.value}`;
      const known = found.get(key);
      found.set(key, known === undefined ? checked : mergeSightings(known, checked));
    }
  }
  const { name, datedAt, licence, source } = pack;
  return {
    name,
    ...(datedAt === undefined ? {} : { datedAt }),
    ...(licence === undefined ? {} : { licence }),
    ...(source === undefined ? {} : { source }),
    indicators: [...found.values()],
    refused: refusals.all,
    categories: cleanCategories(pack.categories, context, refusals),
  };
}

/** Told twice: the better source with the later of both sightings, whichever comes first in the pack. */
function mergeSightings(one: CheckedIndicator, other: CheckedIndicator): CheckedIndicator {
  const order = (a: CheckedIndicator) => `${a.tier} ${a.sourceUrl} ${a.note ?? ''}`;
  const better = order(one) <= order(other) ? one : other;
  return {
    ...better,
    firstSeenAt: Math.min(one.firstSeenAt, other.firstSeenAt),
    seenAt: Math.max(one.seenAt, other.seenAt),
  };
}

export function refusedCount({ refused }: Pick<CleanPack, 'refused'>): number {
  return [...refused.values()].reduce((sum, { count }) => sum + count, 0);
}

export function isPoisoned(pack: RawPack, clean: CleanPack): boolean {
  return refusedCount(clean) > entryCount(pack) * MAX_REFUSED_SHARE;
}

/** Indicators and category names together. */
export function entryCount({ entries, categories }: Pick<RawPack, 'entries' | 'categories'>): number {
  return [...categories.values()].reduce((sum, names) => sum + names.length, entries.length);
}

/** A check of single entries: the indicator, or the reason why it is none. Entries are text from outside. */
export function createCheck(context: HygieneContext): (entry: unknown) => CheckedIndicator | string {
  const disputed = new Set(DISPUTED.trim().split(/\s+/).map(refang));
  const inner: InnerContext = { ...context, shared: createSharedPlaces(), disputed };
  return (entry) => {
    const facts = provenance(entry, context.now);
    if (typeof facts === 'string') return facts;
    const value = canonicalValue(facts.type, refang(facts.value), inner);
    return value.ok ? { ...facts, value: value.value } : value.why;
  };
}

interface InnerContext extends HygieneContext {
  shared: SharedPlaces;
  disputed: ReadonlySet<string>;
}

const TYPES: ReadonlySet<unknown> = new Set(INDICATOR_TYPES);

function provenance(entry: unknown, now: number): CheckedIndicator | string {
  if (typeof entry !== 'object' || entry === null) return 'no object';
  const { value, type, tier, first_seen, last_seen, source_url, note } = entry as Record<string, unknown>;
  if (typeof value !== 'string' || value === '' || value.length > 2048) return 'without value';
  if (!TYPES.has(type)) return 'a type that is not seen on the network';
  if (tier !== 'A' && tier !== 'B') return 'without tier';
  const firstSeenAt = dateOf(first_seen);
  if (firstSeenAt === undefined) return 'without first_seen';
  if (firstSeenAt > now + DAY_MS) return 'first seen in the future';
  if (typeof source_url !== 'string' || source_url.length > 500 || !/^https?:\/\/[^\s/]+/.test(source_url)) {
    return 'without source_url';
  }
  // A sighting in the future would keep it fresh for ever.
  const lastSeenAt = Math.min(dateOf(last_seen) ?? firstSeenAt, now);
  return {
    value,
    type: type as PackEntry['type'],
    tier,
    firstSeenAt,
    seenAt: Math.max(firstSeenAt, lastSeenAt),
    sourceUrl: source_url,
    ...(typeof note === 'string' && note !== '' ? { note: note.slice(0, 200) } : {}),
  };
}

type Value = { ok: true; value: string } | { ok: false; why: string };
const good = (value: string): Value => ({ ok: true, value });
const bad = (why: string): Value => ({ ok: false, why });

function canonicalValue(type: PackEntry['type'], text: string, context: InnerContext): Value {
  if (context.disputed.has(text)) return bad('known to be made up or somebody else’s');
  switch (type) {
    case 'ip': {
      const address = canonicalAddress(text);
      if (address === undefined) return bad('no address');
      return addressProblem(address, context, true) ?? good(address);
    }
    case 'ip:port': {
      const [, host = '', port = ''] = /^\[?([0-9a-fA-F.:]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
      const address = canonicalAddress(host);
      if (address === undefined || !isPort(Number(port))) return bad('no address with port');
      return addressProblem(address, context, false) ?? good(formatEndpoint(address, Number(port)));
    }
    case 'cidr':
      return blockValue(text, context);
    case 'domain':
      return domainValue(text, context);
    case 'url':
      return urlValue(text, context);
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function addressProblem(address: string, context: InnerContext, whole: boolean): Value | undefined {
  const family = address.includes(':') ? 6 : 4;
  return blockProblem({ family, bits: family === 4 ? 32 : 128, network: address }, context, whole);
}

function blockProblem(block: Block, { labPublic, shared }: InnerContext, whole: boolean): Value | undefined {
  if (classifyAddress(block.network, labPublic === undefined ? {} : { labPublic }) !== 'public') {
    return bad('not an address of the internet');
  }
  if (shared.isResolver(block)) return bad('a name server that everybody asks');
  return whole && shared.isRented(block) ? bad('an address that many share') : undefined;
}

function blockValue(text: string, context: InnerContext): Value {
  const block = parseBlock(text);
  if (block === undefined || !text.includes('/')) return bad('no address block');
  if (block.bits < MIN_BITS[block.family]) return bad('a block that is too wide');
  return blockProblem(block, context, true) ?? good(`${block.network}/${block.bits}`);
}

function domainValue(text: string, { popular, isService, disputed }: InnerContext): Value {
  const name = canonicalHostName(text.replace(/^\*\./, ''));
  if (name === undefined || !name.includes('.')) return bad('no domain');
  if (disputed.has(name)) return bad('known to be made up or somebody else’s');
  const registrable = registrableDomain(name);
  if (registrable === undefined) return bad('a suffix that belongs to many');
  if (popular.has(registrable)) return bad('a domain that very many use');
  return isService(name) ? bad('a service that many use') : good(name);
}

function urlValue(text: string, context: InnerContext): Value {
  const url = parseBadUrl(text);
  if (url === undefined) return bad('no URL');
  if (context.disputed.has(url.host)) return bad('known to be made up or somebody else’s');
  const address = canonicalAddress(url.host);
  const problem = address === undefined ? undefined : addressProblem(address, context, false);
  if (problem !== undefined) return problem;
  // Without a path a URL is a host, and is held to what is asked of hosts.
  if (url.path === '/' && address === undefined) {
    const host = domainValue(url.host, context);
    if (!host.ok) return host;
  }
  return good(`${text.startsWith('https') ? 'https' : 'http'}://${formatHost(url.host)}:${url.port}${url.path}`);
}

function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
