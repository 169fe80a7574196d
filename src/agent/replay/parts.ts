import { createDetect } from '../../detect/detect.ts';
import { createLedger } from '../../detect/ledger/ledger.ts';
import { ALL_RULES } from '../../detect/rules/index.ts';
import { loadIntel } from '../../intel/intel.ts';
import { canonicalAddress } from '../../types/ip.ts';
import type { Rule } from '../../types/rule.ts';
import { LAB_INDICATORS, LAB_PUBLIC } from './lab.ts';
import { CASE_START, type ReplayParts } from './run-case.ts';

/** What of the engine is to be other than in the product. */
export interface PartsOptions {
  rules?: readonly Rule[];
  options?: Readonly<Record<string, object>>;
}

/** The engine of the product, with the lists of the lab beside its own. */
export function replayParts({ rules = ALL_RULES, options }: PartsOptions = {}): ReplayParts {
  return {
    createDetect: (open) => createDetect({ rules: [...rules, open], ...(options && { options }) }),
    createLedger: () => createLedger(),
    indicatorsFor: (declared) =>
      loadIntel({
        packTexts: [labPack(declared, CASE_START)],
        labPublic: LAB_PUBLIC,
        now: () => CASE_START,
      }).indicators,
  };
}

/**
 * A pack of what the lab and a case publish: `A` and `B` are tiers, every other word is a category of hosts.
 *
 * @param now Unix ms; the pack is a day old then.
 */
export function labPack(declared: Readonly<Record<string, string>>, now: number): string {
  const entries = Object.entries({ ...LAB_INDICATORS, ...declared });
  const dated = new Date(now - 86_400_000).toISOString();
  const categories: Record<string, string[]> = { mining: ['pool.minexmr-like.test'] };
  for (const [name, word] of entries) {
    if (word !== 'A' && word !== 'B') categories[word] = [...(categories[word] ?? []), name];
  }
  return JSON.stringify({
    format: 'clawwatch-intel-1',
    name: 'lab',
    dated,
    indicators: entries
      .filter(([, word]) => word === 'A' || word === 'B')
      .map(([value, tier]) => ({
        value,
        type: typeOf(value),
        tier,
        first_seen: dated,
        source_url: 'https://lab.invalid/',
      })),
    categories,
  });
}

function typeOf(value: string): 'ip' | 'ip:port' | 'domain' | 'url' | 'cidr' {
  if (/^https?:/.test(value)) return 'url';
  if (value.includes('/')) return 'cidr';
  if (canonicalAddress(value) !== undefined) return 'ip';
  return value.includes(':') ? 'ip:port' : 'domain';
}
