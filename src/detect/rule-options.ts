import { UserError } from '../types/error.ts';
import type { Rule } from '../types/rule.ts';

/** Options of every rule by its id: the rule's defaults with the given values over them. */
export type RuleOptions = ReadonlyMap<string, object>;

/**
 * Lays given options over the rules' defaults.
 *
 * @throws UserError for a rule or an option that does not exist (naming the nearest), or a value of the wrong type: a
 * misspelt option would otherwise leave a person believing in a setting that never was.
 */
export function mergeRuleOptions(rules: readonly Rule[], given: Readonly<Record<string, object>> = {}): RuleOptions {
  for (const id of Object.keys(given)) {
    const ids = rules.map((rule) => rule.id);
    if (!ids.includes(id)) throw unknownName('rule', id, ids);
  }
  return new Map(
    rules.map((rule) => [
      rule.id,
      { ...rule.defaults, ...checked(rule, Object.hasOwn(given, rule.id) ? given[rule.id]! : {}) },
    ]),
  );
}

function checked(rule: Rule, given: object): object {
  const defaults = new Map<string, unknown>(Object.entries(rule.defaults));
  for (const [name, value] of Object.entries(given)) {
    if (!defaults.has(name)) throw unknownName(`option of ${rule.id}`, name, [...defaults.keys()]);
    const wanted = defaults.get(name);
    const isUsable =
      typeof value === typeof wanted && (typeof value !== 'number' || (Number.isFinite(value) && value >= 0));
    if (!isUsable) {
      throw new UserError(`${rule.id}: "${name}" cannot be ${JSON.stringify(value) ?? String(value)}.`, {
        hint: `Give a ${typeof wanted}${typeof wanted === 'number' ? ' of 0 or more' : ''}; the default is ${JSON.stringify(wanted)}. ${rule.optionNotes[name] ?? ''}`.trim(),
      });
    }
  }
  return given;
}

function unknownName(kind: string, name: string, known: readonly string[]): UserError {
  const nearest = nearestOf(name, known);
  const hint =
    known.length === 0
      ? 'It has no options.'
      : nearest === undefined
        ? `There are: ${known.join(', ')}.`
        : `Did you mean "${nearest}"?`;
  return new UserError(`There is no ${kind} called "${name}".`, { hint });
}

/** The known name that takes the fewest edits, unless it is so far that naming it would be a guess. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(best.candidate.length / 2))
    ? best.candidate
    : undefined;
}

/** Levenshtein distance over one row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
