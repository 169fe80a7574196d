import type { HostCategory, Indicators } from '../types/indicators.ts';
import { createRecent } from './recent.ts';

/** As many as the ledger has contacts; some 100 bytes each. */
const MOST = 20_000;
const NONE: readonly HostCategory[] = [];

const remembered = new WeakMap<Indicators, Indicators>();

/**
 * The same lists with answers kept for what comes up in each look: categories, and ends that no indicator names. What an
 * indicator names is asked each time, since indicators grow old; one that is too old does not come back.
 */
export function rememberedLists(indicators: Indicators): Indicators {
  const known = remembered.get(indicators);
  if (known !== undefined) return known;
  const byName = createRecent<string, readonly HostCategory[]>(MOST);
  const byAddress = createRecent<string, readonly HostCategory[]>(MOST);
  const ofName = (name: string) => {
    let found = byName.get(name);
    if (found === undefined) {
      found = indicators.categoriesOf({ name });
      byName.set(name, found);
    }
    return found;
  };
  const ofAddress = (address: string) => {
    let found = byAddress.get(address);
    if (found === undefined) {
      found = indicators.categoriesOf({ address });
      byAddress.set(address, found);
    }
    return found;
  };
  const unlisted = createRecent<string, true>(MOST);
  const lists: Indicators = {
    datedAt: indicators.datedAt,
    match(end) {
      const key = `${end.address ?? ''} ${end.port ?? ''} ${end.name ?? ''} ${end.url ?? ''}`;
      if (unlisted.get(key)) return [];
      const found = indicators.match(end);
      if (found.length === 0) unlisted.set(key, true);
      return found;
    },
    categoriesOf({ name, address }) {
      const named = name === undefined ? NONE : ofName(name);
      const placed = address === undefined ? NONE : ofAddress(address);
      if (placed.length === 0) return named;
      return named.length === 0 ? placed : [...new Set([...named, ...placed])];
    },
  };
  remembered.set(indicators, lists);
  // Already remembering: handed in again, it is not wrapped a second time.
  remembered.set(lists, lists);
  return lists;
}
