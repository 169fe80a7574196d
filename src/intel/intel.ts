import type { Indicators } from '../types/indicators.ts';
import { type Age, ageOf } from './ageing.ts';
import { BUNDLED_REVIEW, bundledEntries } from './data/bundled-pack.ts';
import { popularDomains } from './data/popular.ts';
import { readPackFile, readStoredPacks } from './folder.ts';
import { type CleanPack, cleanPack, entryCount, type HygieneContext, isPoisoned, refusedCount } from './hygiene.ts';
import { createCategoryIndex, createMatcher } from './matcher.ts';
import { dateOf, PackError, packText, parsePack, type RawPack } from './pack.ts';
import { refang } from './refang.ts';

export interface IntelOptions {
  /** Where updates are kept; absent: the bundled pack alone. */
  folder?: string;
  /** Further packs by path, for laboratories and trials; read like any other, with the same hygiene. */
  packFiles?: readonly string[];
  /** Further packs in memory, the text of each. */
  packTexts?: readonly string[];
  /** Special-use blocks that count as the internet: `CLAWWATCH_LAB_PUBLIC`. */
  labPublic?: readonly string[];
  now: () => number;
}

/** Everything known about the lists, for `clawwatch intel`. */
export interface Intel {
  indicators: Indicators;
  packs: CleanPack[];
  /** What could not be used and why, one sentence each; raw. */
  problems: string[];
}

const DAY_MS = 86_400_000;

/** Name of the pack in the program; no other may bear it. */
export const BUNDLED_NAME: string = BUNDLED_REVIEW.name;

/** Days after which the data is called stale. */
export const STALE_DAYS = 120;

/**
 * Loads the bundled pack and what was installed. A bad pack costs itself and nothing else.
 *
 * @param former what was in force before: a pack that is there and went bad stays as it was.
 */
export function loadIntel(options: IntelOptions, former?: Pick<Intel, 'packs'>): Intel {
  const stored =
    options.folder === undefined ? { packs: [], unread: [], problems: [] } : readStoredPacks(options.folder);
  const problems = [...stored.problems];
  let context: HygieneContext | undefined;
  const packs = [bundledPack()];
  const keep = (name: string) => packs.push(...(former?.packs.slice(1).filter((pack) => pack.name === name) ?? []));
  const take = (label: string, read: () => string, name?: string) => {
    try {
      context ??= hygieneOf(options, options.now());
      const pack = checkPack(parsePack(read()), context);
      packs.push(name === undefined ? pack : { ...pack, name });
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      problems.push(`pack ${label} is not used: ${error.message}`);
      if (name !== undefined) keep(name);
    }
  };
  for (const { name, text } of stored.packs) take(name, () => text, name);
  for (const name of stored.unread) keep(name);
  for (const path of options.packFiles ?? []) take(path, () => packText(readPackFile(path, false)));
  for (const [index, text] of (options.packTexts ?? []).entries()) take(`in memory ${index + 1}`, () => text);
  const datedAt = Math.max(...packs.map((pack) => pack.datedAt ?? 0));
  const indicators = whenAsked(datedAt, () =>
    createMatcher({ packs, index: createCategoryIndex(packs), now: options.now, datedAt }),
  );
  return { indicators, packs, problems };
}

/** Tables of thousands of names and blocks, made at the first question: on a host that talks to nobody there is none. */
function whenAsked(datedAt: number, create: () => Indicators): Indicators {
  let created: Indicators | undefined;
  const lists = () => {
    created ??= create();
    return created;
  };
  return { datedAt, match: (end) => lists().match(end), categoriesOf: (end) => lists().categoriesOf(end) };
}

/**
 * Checks a pack as a whole.
 *
 * @throws PackError when too much of it is refused: a feed that names public resolvers is broken or poisoned.
 */
export function checkPack(pack: RawPack, context: HygieneContext): CleanPack {
  // It would never look stale, and no honest update would ever be newer.
  if ((pack.datedAt ?? 0) > context.now + DAY_MS) throw new PackError('it is dated in the future');
  const clean = cleanPack(pack, context);
  if (!isPoisoned(pack, clean)) return clean;
  const [reason, { count }] = [...clean.refused].sort((a, b) => b[1].count - a[1].count)[0]!;
  throw new PackError(
    `${refusedCount(clean)} of its ${entryCount(pack)} entries are refused, most often (${count}): ${reason}`,
  );
}

/** What a pack is checked against. */
export function hygieneOf(options: Pick<IntelOptions, 'labPublic'>, now: number): HygieneContext {
  const own = createCategoryIndex();
  return {
    now,
    ...(options.labPublic === undefined ? {} : { labPublic: options.labPublic }),
    popular: popularDomains(),
    isService: (name) => own.lists(name),
  };
}

/**
 * The pack that comes with the program. It is not checked at each start, which would cost a tenth of a second: a test
 * holds it against the same hygiene.
 */
export function bundledPack(): CleanPack {
  return {
    name: BUNDLED_REVIEW.name,
    datedAt: dateOf(BUNDLED_REVIEW.datedAt)!,
    licence: BUNDLED_REVIEW.licence,
    source: 'the public reports that its entries name',
    indicators: bundledEntries().map(({ value, type, tier, first_seen, source_url, note }) => {
      const firstSeenAt = dateOf(first_seen)!;
      const text = refang(value);
      return {
        value: type === 'url' ? text.replace(/^(https?:\/\/[^/]+)/, (host) => withPort(host)) : text,
        type,
        tier,
        firstSeenAt,
        seenAt: firstSeenAt,
        sourceUrl: source_url,
        ...(note === undefined ? {} : { note }),
      };
    }),
    refused: new Map(),
    categories: new Map(),
  };
}

/** As `hygiene.ts` spells URLs. */
function withPort(origin: string): string {
  return /:\d+$/.test(origin) ? origin : `${origin}:${origin.startsWith('https') ? 443 : 80}`;
}

/** Indicators that match and are so old that they count no longer. */
export function expiredMatches(packs: readonly CleanPack[], end: Parameters<Indicators['match']>[0], now: number) {
  const expired = packs.map((pack) => ({
    ...pack,
    indicators: pack.indicators.filter(({ type, seenAt }) => ageOf(type, seenAt, now) === 'expired'),
  }));
  // As old as the world: nothing is expired then.
  const then = createMatcher({
    packs: expired,
    index: createCategoryIndex(),
    now: () => 0,
    datedAt: 0,
    popular: new Set(),
  });
  return then.match(end).map(({ indicator }) => indicator);
}

/** How many indicators of a pack count in full, count less, and count no longer. */
export function agesOf(pack: Pick<CleanPack, 'indicators'>, now: number): Record<Age, number> {
  const ages: Record<Age, number> = { fresh: 0, aged: 0, expired: 0 };
  for (const { type, seenAt } of pack.indicators) ages[ageOf(type, seenAt, now)]++;
  return ages;
}
