import { canonicalHostName } from '../types/host-name.ts';
import type { HostCategory, IndicatorMatch, Indicators } from '../types/indicators.ts';
import { canonicalAddress, formatEndpoint } from '../types/ip.ts';
import { createAddressMap } from './address-set.ts';
import { ageOf } from './ageing.ts';
import { CATEGORY_LISTS, TELEGRAM_NETWORKS } from './data/host-categories.ts';
import { popularDomains } from './data/popular.ts';
import { namesAbove, registrableDomain } from './domain.ts';
import type { CheckedIndicator, CleanPack } from './hygiene.ts';
import { type BadUrl, isBelow, parseBadUrl } from './url.ts';

/** Answers for host names by whole labels: `evil-telegram.org` is not below `telegram.org`. */
export interface CategoryIndex {
  ofName(name: string): readonly HostCategory[];
  /** True when the name itself is listed, and not only one above it. */
  lists(name: string): boolean;
  ofAddress(address: string): readonly HostCategory[];
}

/** Names kept with their answer, some 150 bytes each; a generator of names must not grow us. */
const REMEMBERED_NAMES = 10_000;
const MAX_MATCHES = 8;

export function createCategoryIndex(packs: readonly Pick<CleanPack, 'categories'>[] = []): CategoryIndex {
  const byName = new Map<string, HostCategory[]>();
  const byAddress = createAddressMap<HostCategory>();
  const add = (text: string, category: HostCategory) => {
    if (byAddress.add(text, category)) return;
    const name = canonicalHostName(text.replace(/^\*\./, ''));
    // A whole top-level domain in a pack would put half the internet into a category.
    if (name === undefined || !name.includes('.')) return;
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [category]);
    else if (!known.includes(category)) known.push(category);
  };
  for (const { category, names } of CATEGORY_LISTS) for (const name of names.trim().split(/\s+/)) add(name, category);
  for (const block of TELEGRAM_NETWORKS.trim().split(/\s+/)) add(block, 'chat');
  for (const { categories } of packs) {
    for (const [category, names] of categories) for (const name of names) add(name, category);
  }
  return {
    ofName: (name) => unique(namesAbove(name).flatMap((each) => byName.get(each) ?? [])),
    lists: (name) => byName.has(name),
    ofAddress: (address) => unique(byAddress.find(address)),
  };
}

export interface MatcherSources {
  packs: readonly CleanPack[];
  index: CategoryIndex;
  popular?: ReadonlySet<string>;
  now: () => number;
  /** Unix ms of the newest data. */
  datedAt: number;
}

/** The lists in force. Every answer comes from memory; nothing in them is looked up or contacted. */
export function createMatcher({ packs, index, now, datedAt, ...more }: MatcherSources): Indicators {
  const names = new Map<string, CheckedIndicator[]>();
  const endpoints = new Map<string, CheckedIndicator[]>();
  const urls = new Map<string, { url: BadUrl; indicator: CheckedIndicator }[]>();
  const addresses = createAddressMap<CheckedIndicator>();
  for (const indicator of packs.flatMap((pack) => pack.indicators)) {
    if (indicator.type === 'domain') push(names, indicator.value, indicator);
    else if (indicator.type === 'ip:port') push(endpoints, indicator.value, indicator);
    else if (indicator.type === 'url') {
      const url = parseBadUrl(indicator.value);
      if (url !== undefined) push(urls, url.host, { url, indicator });
    } else addresses.add(indicator.value, indicator);
  }
  let popular = more.popular;
  const isPopular = (name: string) => {
    popular ??= popularDomains();
    const domain = registrableDomain(name);
    return domain !== undefined && popular.has(domain);
  };
  const remembered = new Map<string, readonly HostCategory[]>();
  const ofName = (name: string): readonly HostCategory[] => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const found = index.ofName(name);
    const all: readonly HostCategory[] = isPopular(name) ? [...found, 'popular'] : found;
    if (remembered.size >= REMEMBERED_NAMES) remembered.clear();
    remembered.set(name, all);
    return all;
  };
  const inForce = (found: readonly CheckedIndicator[]): IndicatorMatch[] => {
    const at = now();
    return unique(found).flatMap(({ seenAt, ...indicator }) => {
      const age = ageOf(indicator.type, seenAt, at);
      return age === 'expired' ? [] : [{ indicator, aged: age === 'aged' }];
    });
  };
  return {
    datedAt,
    match({ address, port, name, url }) {
      const host = name === undefined ? undefined : canonicalHostName(name);
      const place = address === undefined ? undefined : canonicalAddress(address);
      const wanted = url === undefined ? undefined : parseBadUrl(url);
      const found = [
        ...(wanted === undefined ? [] : matchUrl(urls.get(wanted.host) ?? [], wanted)),
        ...(host === undefined ? [] : namesAbove(host).flatMap((each) => names.get(each) ?? [])),
        ...(place === undefined || port === undefined ? [] : (endpoints.get(formatEndpoint(place, port)) ?? [])),
        ...(place === undefined ? [] : addresses.find(place)),
      ];
      return found.length === 0 ? [] : inForce(found).slice(0, MAX_MATCHES);
    },
    categoriesOf({ name, address }) {
      const host = name === undefined ? undefined : canonicalHostName(name);
      const place = address === undefined ? undefined : canonicalAddress(address);
      const byName = host === undefined ? [] : ofName(host);
      return place === undefined ? byName : unique([...byName, ...index.ofAddress(place)]);
    },
  };
}

function matchUrl(candidates: readonly { url: BadUrl; indicator: CheckedIndicator }[], wanted: BadUrl) {
  return candidates
    .filter(({ url }) => url.port === wanted.port && isBelow(wanted.path, url.path))
    .map(({ indicator }) => indicator);
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

function unique<Value>(values: readonly Value[]): Value[] {
  return values.length < 2 ? [...values] : [...new Set(values)];
}
