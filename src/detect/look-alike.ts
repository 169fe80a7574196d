import { domainToUnicode } from 'node:url';
import { BAITS, BRANDS, DISTINCT_LABELS, HONEST_NEIGHBOURS, OFFICIAL_DOMAINS } from './brand-names.ts';
import { registrableDomain } from './registrable.ts';

/**
 * How a name resembles one that people trust. `looks`: the eye takes it for the other; `distance`: a letter or two
 * differ; `elsewhere`: the same word under another suffix; `mixed`: scripts that no language mixes; `bait`: the name in
 * one word with what a lure promises.
 */
export type LookAlikeKind = 'looks' | 'distance' | 'elsewhere' | 'mixed' | 'bait';

export interface LookAlike {
  kind: LookAlikeKind;
  /** Registrable domain of the name. */
  domain: string;
  /** The label as a person sees it; raw, print through `safeText`. */
  label: string;
  /** What it resembles; absent for `mixed`. */
  original?: string;
}

export type LookAlikeOf = (name: string) => LookAlike | undefined;

/** A label of the user's own configuration is guarded against one changed letter; families of domains differ by two. */
export function createLookAlikes(configuredDomains: Iterable<string> = []): LookAlikeOf {
  const official = new Set([...OFFICIAL_DOMAINS, ...configuredDomains]);
  const bySkeleton = new Map<string, string>();
  const plain = new Set<string>();
  for (const domain of official) {
    const label = labelOf(domain);
    plain.add(label);
    // Of short ones every second word is a look-alike.
    if (label.length >= 5) bySkeleton.set(skeleton(label), label);
  }
  const guarded = new Map<string, number>();
  for (const domain of configuredDomains) if (labelOf(domain).length >= 7) guarded.set(labelOf(domain), 1);
  for (const label of DISTINCT_LABELS) guarded.set(label, label.length >= 10 ? 2 : 1);
  return (name) => {
    const domain = registrableDomain(name);
    if (official.has(domain) || !domain.includes('.')) return undefined;
    const ascii = labelOf(domain);
    const label = ascii.startsWith('xn--') ? labelOf(domainToUnicode(domain)) : ascii;
    const found = (kind: LookAlikeKind, original?: string): LookAlike => ({
      kind,
      domain,
      label,
      ...(original === undefined ? {} : { original }),
    });
    if (BRANDS.includes(label)) return found('elsewhere', label);
    const same = bySkeleton.get(skeleton(label));
    if (same !== undefined && same !== label) return found('looks', same);
    if (mixesScripts(label)) return found('mixed');
    if (plain.has(label) || HONEST_NEIGHBOURS.has(label)) return undefined;
    const near = nearest(label, guarded);
    if (near !== undefined) return found('distance', near);
    const brand = baited(name);
    return brand === undefined ? undefined : found('bait', brand);
  };
}

function labelOf(domain: string): string {
  return domain.slice(0, domain.indexOf('.'));
}

function nearest(label: string, guarded: ReadonlyMap<string, number>): string | undefined {
  if (label.length < 6) return undefined;
  const letters = lettersOf(label);
  for (const [original, limit] of guarded) {
    // An edit changes two letters at most: of a hundred words hardly one has to be compared letter by letter.
    if (bitsOf(letters ^ lettersOf(original)) > 2 * limit) continue;
    // A plural or an "s" for "'s" is how honest sites about a thing are called.
    if (original !== label && label !== `${original}s` && distance(label, original, limit) <= limit) return original;
  }
  return undefined;
}

/** The letters of a word as bits, whatever their order and number; those that share a bit make it a rougher measure. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let index = 0; index < word.length; index++) letters |= 1 << (word.charCodeAt(index) & 31);
  return letters;
}

function bitsOf(value: number): number {
  let count = 0;
  for (let left = value; left !== 0; left &= left - 1) count++;
  return count;
}

/** The brand in a name that also holds a bait, in any label but the suffix. */
function baited(name: string): string | undefined {
  const words = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  return BRANDS.find((brand) => {
    const at = words.indexOf(brand);
    return at >= 0 && BAITS.test(`${words.slice(0, at)}.${words.slice(at + brand.length)}`);
  });
}

/**
 * Edits between two words: insert, delete, replace, swap of two neighbours, no part edited twice. Anything above
 * `limit` comes back as `limit + 1`. Labels have at most 63 characters, so the table is small.
 */
export function distance(a: string, b: string, limit: number): number {
  const [from, to] = [[...a], [...b]];
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let least = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1));
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) least = Math.min(least, beforeLast[column - 2]! + 1);
      current.push(least);
    }
    if (Math.min(...current) > limit) return limit + 1;
    [beforeLast, last] = [last, current];
  }
  return Math.min(last[to.length]!, limit + 1);
}

/** Letters that the eye takes for a Latin one, by that letter. Own selection of what fonts draw alike. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  a: 'аαɑа',
  b: 'ЬƄь',
  c: 'сϲⅽ',
  d: 'ԁⅾɗ',
  e: 'еҽє',
  f: 'ẝſ',
  g: 'ɡց',
  h: 'һհ',
  i: 'іıιɩ',
  j: 'јϳ',
  k: 'κк',
  l: '1ӏ|ⅼІⵏ',
  m: 'ⅿм',
  n: 'ոп',
  o: '0оοօσ',
  p: 'рρϱ',
  q: 'ԛգ',
  r: 'гᴦ',
  s: 'ѕꜱ',
  t: 'тτ',
  u: 'υսʋ',
  v: 'νѵⅴ',
  w: 'ԝѡաω',
  x: 'хχⅹ',
  y: 'уүγ',
  z: 'ᴢ',
};

const LATIN_BY_LOOKS: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKS_LIKE).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
);

/** What is left when letters that look alike are one letter, and marks, hyphens and clothes of letters are gone. */
export function skeleton(label: string): string {
  const bare = label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}|-/gu, '');
  const latin = [...bare].map((character) => LATIN_BY_LOOKS.get(character) ?? character).join('');
  return latin.replaceAll('rn', 'm').replaceAll('vv', 'w');
}

const SCRIPTS = [/\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u];

/** Latin beside a script with letters of the same look; no language writes so. Chinese, Japanese, Korean mix honestly. */
function mixesScripts(label: string): boolean {
  const found = SCRIPTS.filter((script) => script.test(label)).length;
  return found > 1 || (found === 1 && /\p{Script=Latin}/u.test(label));
}

/** Both words with what differs in brackets, letters beyond ASCII as code points: `clawhu[d]`, `[U+0430]nthropic`. */
export function marked(label: string, original: string): string {
  const [word, other] = [[...label], [...original]];
  let start = 0;
  while (start < word.length && start < other.length && word[start] === other[start]) start++;
  let end = 0;
  while (end < word.length - start && end < other.length - start && word.at(-1 - end) === other.at(-1 - end)) end++;
  const middle = word
    .slice(start, word.length - end)
    .map(codePoint)
    .join('');
  return `${word.slice(0, start).join('')}[${middle}]${end === 0 ? '' : word.slice(-end).join('')}`;
}

function codePoint(character: string): string {
  return /^[\x21-\x7e]$/.test(character)
    ? character
    : `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
