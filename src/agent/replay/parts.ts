import { createDetect } from '../../detect/detect.ts';
import { createLedger } from '../../detect/ledger/ledger.ts';
import type { Indicators } from '../../types/indicators.ts';
import type { Rule } from '../../types/rule.ts';
import { CASE_START, type ReplayParts } from './run-case.ts';

/** What of the engine is to be other than in the product. */
export interface PartsOptions {
  rules?: readonly Rule[];
  options?: Readonly<Record<string, object>>;
}

/** The product has no lists yet, so what a case publishes reaches no rule, and the cases that rest on it fail. */
const NO_INDICATORS: Indicators = { match: () => [], categoriesOf: () => [], datedAt: CASE_START };

/** The engine of the product. */
export function replayParts({ rules, options }: PartsOptions = {}): ReplayParts {
  return {
    createDetect: () => createDetect({ ...(rules && { rules }), ...(options && { options }) }),
    createLedger: () => createLedger(),
    indicatorsFor: () => NO_INDICATORS,
  };
}
