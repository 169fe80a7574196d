import { SEVERITIES, type Severity } from '../types/finding.ts';

/** Fields that a filter may name. */
export const FIELDS = ['port', 'host', 'skill', 'role', 'pid', 'verdict', 'severity'] as const;
export type Field = (typeof FIELDS)[number];

/** What a row offers to filters. `text` is everything that is on its line, in lower case. */
export interface Searchable {
  text: string;
  fields: Partial<Record<Field, string | number | readonly (string | number)[]>>;
}

export type Predicate = (row: Searchable) => boolean;
export type ParsedFilter = { ok: true; test: Predicate; isEmpty: boolean } | { ok: false; problem: string };

const LONGEST = 200;
const LONGEST_REGEX = 80;
/** A regular expression sees this much of a line, so that its worst case stays small. */
const SEEN_BY_REGEX = 256;
/** Repetitions without a tight limit; time grows with the length of the line to the power of their number plus one. */
const MOST_REPETITIONS = 2;

/**
 * A filter from what was typed: `host:example.com port:443 -verdict:expected weather /beacon.*com/`. All terms must hold; `-`
 * in front turns one around. `severity:high` is high or worse; everything else but numbers is part of the value.
 */
export function parseFilter(typed: string): ParsedFilter {
  const text = typed.trim();
  if (text.length > LONGEST) return { ok: false, problem: `a filter has at most ${LONGEST} characters` };
  const tests: Predicate[] = [];
  for (const term of text.match(/-?\/(?:\\.|[^\\/])*\/|\S+/g) ?? []) {
    const turned = term.length > 1 && term.startsWith('-');
    const parsed = parseTerm(turned ? term.slice(1) : term);
    if (typeof parsed === 'string') return { ok: false, problem: parsed };
    tests.push(turned ? (row) => !parsed(row) : parsed);
  }
  return { ok: true, isEmpty: tests.length === 0, test: (row) => tests.every((test) => test(row)) };
}

function parseTerm(term: string): Predicate | string {
  if (term.startsWith('/'))
    return term.endsWith('/') && term.length > 1 ? regexTerm(term.slice(1, -1)) : 'end the regular expression with /';
  const colon = /^([a-z]+):(.*)$/.exec(term);
  const field = colon && FIELDS.find((name) => name === colon[1]);
  if (!field) {
    const words = term.toLowerCase();
    return (row) => row.text.includes(words);
  }
  const value = colon[2]!.toLowerCase();
  if (value === '') return `${field}: needs a value`;
  if (field === 'port' || field === 'pid') return numberTerm(field, value);
  if (field === 'severity') return severityTerm(value);
  return (row) => valuesOf(row, field).some((own) => String(own).toLowerCase().includes(value));
}

function numberTerm(field: 'port' | 'pid', value: string): Predicate | string {
  const range = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(value);
  if (!range) return `${field}: takes a number, or two with - between them`;
  const from = Number(range[1]);
  const to = range[2] === undefined ? from : Number(range[2]);
  return (row) => valuesOf(row, field).some((own) => Number(own) >= from && Number(own) <= to);
}

function severityTerm(value: string): Predicate | string {
  const least = SEVERITIES.indexOf(value as Severity);
  if (least < 0) return `severity: takes one of ${SEVERITIES.join(', ')}`;
  return (row) => valuesOf(row, 'severity').some((own) => SEVERITIES.indexOf(own as Severity) >= least);
}

function valuesOf(row: Searchable, field: Field): readonly (string | number)[] {
  const value = row.fields[field];
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [value];
}

function regexTerm(source: string): Predicate | string {
  const problem = regexProblem(source);
  if (problem !== undefined) return problem;
  try {
    const regex = new RegExp(source, 'i');
    return (row) => regex.test(row.text.slice(0, SEEN_BY_REGEX));
  } catch {
    return 'this is no regular expression';
  }
}

/**
 * Why a regular expression is refused. JavaScript's engine tries all ways to match, so one with nested repetitions takes
 * years on a line that a skill has chosen for it. Without these the time is bounded by a small power of the length.
 */
export function regexProblem(source: string): string | undefined {
  if (source === '') return 'the regular expression is empty';
  if (source.length > LONGEST_REGEX) return `a regular expression has at most ${LONGEST_REGEX} characters`;
  const bare = source.replace(/\\./g, (pair) => (/[1-9k]/.test(pair[1]!) ? '\u0000' : 'x')).replace(/\[[^\]]*\]/g, 'x');
  if (bare.includes('\u0000')) return 'a regular expression may not refer back to a group';
  if (/\(\?/.test(bare)) return 'a regular expression may not hold (?';
  if (/\)(?:[*+?]|\{)/.test(bare)) return 'a group may not be repeated';
  const repetitions = bare.match(/[*+]|\{\d*,?\d*\}/g) ?? [];
  if (repetitions.length > MOST_REPETITIONS)
    return `a regular expression has at most ${MOST_REPETITIONS} repetitions (* + {})`;
  if (repetitions.some((one) => /\d{3}/.test(one))) return 'a repetition of at most 99';
  return undefined;
}
