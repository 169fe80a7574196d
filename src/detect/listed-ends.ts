import type { Indicators } from '../types/indicators.ts';
import type { ContactWindow, Ledger } from '../types/ledger.ts';
import { type FarEnd, farEndsOf } from './far-ends.ts';
import { perLook } from './per-look.ts';

/** Far ends of a look and contacts of the ledger that some list names, so that rules about lists ask of these alone. */
export interface ListedEnds {
  ends: readonly FarEnd[];
  windows: readonly ContactWindow[];
}

/** Names that a rule knows by itself: gists (EGR-06), onion and I2P services (EGR-20). */
const KNOWN_BY_RULES = /^gist\.github(?:usercontent)?\.com$|\.(?:onion|i2p)$/;

type End = Pick<FarEnd, 'name'> & { address?: string };

export const listedEndsOf = perLook((snapshot, ledger?: Ledger, indicators?: Indicators): ListedEnds => {
  const windows: ContactWindow[] = [];
  for (const window of ledger?.contacts() ?? []) if (isWindowListed(window, indicators)) windows.push(window);
  return { ends: farEndsOf(snapshot).filter((end) => isListed(end, indicators)), windows };
});

function isListed({ name, address }: End, indicators: Indicators | undefined): boolean {
  if (name !== undefined && KNOWN_BY_RULES.test(name)) return true;
  if (indicators === undefined) return false;
  const end = { ...(name !== undefined && { name }), ...(address !== undefined && { address }) };
  const categories = indicators.categoriesOf(end);
  return categories.length > 1 || (categories.length === 1 && categories[0] !== 'popular');
}

interface Asked extends End {
  indicators: Indicators | undefined;
  isListed: boolean;
}

/** A contact is asked about once and again when its name or address changes, and not in each look of a week. */
const asked = new WeakMap<ContactWindow, Asked>();

function isWindowListed(window: ContactWindow, indicators: Indicators | undefined): boolean {
  const { name } = window;
  const address = window.addresses.at(-1);
  const known = asked.get(window);
  if (known !== undefined && known.name === name && known.address === address && known.indicators === indicators) {
    return known.isListed;
  }
  const end = { ...(name !== undefined && { name }), ...(address !== undefined && { address }) };
  const answer = isListed(end, indicators);
  asked.set(window, { ...end, indicators, isListed: answer });
  return answer;
}
