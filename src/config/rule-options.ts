import { safeText } from '../types/text.ts';
import { nearestWord } from './nearest.ts';

/** What has to be known of a rule to check its options. */
export interface TunableRule {
  id: string;
  defaults: object;
}

/**
 * The configured options that rules can take, and a warning for each one that they cannot: unknown rule, unknown option,
 * value of another kind than the default. A rejected option keeps its default; the rule still judges.
 */
export function checkRuleOptions(
  configured: Readonly<Record<string, Record<string, unknown>>>,
  rules: readonly TunableRule[],
): { options: Record<string, Record<string, unknown>>; warnings: string[] } {
  const options: Record<string, Record<string, unknown>> = {};
  const warnings: string[] = [];
  for (const [id, values] of Object.entries(configured)) {
    const rule = rules.find((candidate) => candidate.id === id);
    if (!rule) {
      warnings.push(
        `rules: there is no rule ${safeText(id, 40)}${did(
          nearestWord(
            id,
            rules.map((one) => one.id),
          ),
        )}`,
      );
      continue;
    }
    const defaults = rule.defaults as Record<string, unknown>;
    for (const [name, value] of Object.entries(values)) {
      const where = `rules: ${id}: ${safeText(name, 40)}`;
      if (!Object.hasOwn(defaults, name)) {
        warnings.push(`${where} is unknown${did(nearestWord(name, Object.keys(defaults)))}`);
      } else if (kind(value) !== kind(defaults[name])) {
        const given = safeText(JSON.stringify(value) ?? 'nothing', 40);
        warnings.push(`${where} is ${given}, not a ${kind(defaults[name])}; using ${JSON.stringify(defaults[name])}`);
      } else {
        options[id] = { ...options[id], [name]: value };
      }
    }
  }
  return { options, warnings };
}

function did(meant: string | undefined): string {
  return meant ? `; did you mean ${meant}?` : '';
}

function kind(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number')
    return Number.isFinite(value) && value >= 0 ? 'number of 0 or more' : 'negative number';
  return value === null ? 'null' : typeof value;
}
