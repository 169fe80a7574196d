import { canonicalHostName } from '../types/host-name.ts';
import type { HostCategory } from '../types/indicators.ts';
import { classifyAddress } from '../types/ip.ts';
import { parseBlock } from './address-set.ts';
import { isPublicSuffix, namesAbove, registrableDomain } from './domain.ts';
import type { HygieneContext } from './hygiene.ts';
import type { RawPack } from './pack.ts';
import { refang } from './refang.ts';
import type { RefusalCount } from './refusals.ts';
import { MIN_BITS } from './shared-places.ts';

/**
 * The names and addresses of a pack's categories that may count. A category raises what a contact means, so a pack that
 * called the whole internet Tor, or a provider of models a mining pool, would drown everything else.
 */
export function cleanCategories(
  categories: RawPack['categories'],
  context: Pick<HygieneContext, 'labPublic' | 'popular' | 'isService'>,
  refusals: RefusalCount,
): Map<HostCategory, string[]> {
  const clean = new Map<HostCategory, string[]>();
  for (const [category, texts] of categories) {
    const names = texts.flatMap((text) => {
      const checked = checkCategoryName(text, context);
      if ('name' in checked) return [checked.name];
      refusals.add(checked.why, text);
      return [];
    });
    clean.set(category, names);
  }
  return clean;
}

function checkCategoryName(
  written: string,
  { labPublic, popular, isService }: Pick<HygieneContext, 'labPublic' | 'popular' | 'isService'>,
): { name: string } | { why: string } {
  const text = refang(written);
  const block = parseBlock(text);
  if (block !== undefined) {
    if (block.bits < MIN_BITS[block.family]) return { why: 'a block that is too wide' };
    const isPublic = classifyAddress(block.network, labPublic === undefined ? {} : { labPublic }) === 'public';
    return isPublic ? { name: text } : { why: 'not an address of the internet' };
  }
  const name = canonicalHostName(text.replace(/^\*\./, ''));
  if (name === undefined || !name.includes('.')) return { why: 'no domain' };
  // Ours lists it already, or something above it: the pack only says more about a service that has a category.
  if (namesAbove(name).some(isService)) return { name };
  // Parts of a private suffix (`duckdns.org`) are what categories are made of; `co.uk` is half a country.
  if (isPublicSuffix(name)) return { why: 'a suffix that belongs to many' };
  const registrable = registrableDomain(name);
  if (registrable !== undefined && popular.has(registrable)) return { why: 'a domain that very many use' };
  return { name };
}
