import { parseAllDocuments } from 'yaml';
import { SEVERITIES, type Severity } from '../../types/finding.ts';
import type { TelemetryLevel } from '../../types/snapshot.ts';

/** One thing that happens on the machine of a case. `t` is in seconds from the start of the case. */
export interface CaseStep {
  t: number;
  do: string;
  key?: boolean;
  [word: string]: unknown;
}

/** A rule that a malicious case must raise. */
export interface Expectation {
  rule: string;
  sev: Severity;
  /** Seconds from the key step. */
  within: number;
}

/** A case as written: what is there, what happens, and what must be said of it. */
export interface ReplayCase {
  id: string;
  title: string;
  kind: 'malicious' | 'benign';
  mode: 'live' | 'replay' | 'both';
  /** Lowest telemetry at which the expectation must hold. */
  needs: TelemetryLevel;
  /** Profile of the machine. */
  pre: string;
  delta: Record<string, unknown>;
  run: CaseStep[];
  expect: Expectation[];
  allow: string[];
  mustNot: string[];
  tolerate: { rule: string; sev: Severity }[];
  /** Names that the case or its file declares, with their addresses. */
  names: Record<string, string>;
  /** Published signs of malice that the case or its file declares: address, address:port or domain, each with its tier. */
  indicators: Record<string, string>;
  /** What is wrong with it. A case with problems is not run, and it never passes. */
  problems: string[];
}

/** A larger file is no file of cases. */
const MAX_BYTES = 8 * 1_048_576;
const MAX_STEPS = 10_000;
const LEVELS: readonly TelemetryLevel[] = ['T0', 'T1', 'T2', 'T3'];

type Fields = Record<string, unknown>;

/** Reads the cases of a text: Markdown with fenced YAML blocks, or plain YAML of one or several documents or a list. */
export function readCases(text: string): ReplayCase[] {
  if (text.length > MAX_BYTES) return [broken('?', `the file is larger than ${MAX_BYTES} bytes`)];
  const shared: Fields = { names: namesInProse(text) };
  const cases: ReplayCase[] = [];
  for (const block of yamlBlocks(text)) {
    for (const entry of documentsOf(block)) {
      if (typeof entry === 'string') cases.push(broken('?', entry));
      else if (isCase(entry)) cases.push(caseOf(entry, shared));
      else declare(shared, entry);
    }
  }
  return cases;
}

const FENCE = /^[ \t]*```ya?ml[^\n]*\n(.*?)^[ \t]*```/gms;

function yamlBlocks(text: string): string[] {
  const fenced = [...text.matchAll(FENCE)].map((match) => match[1]!);
  return fenced.length > 0 ? fenced : [text];
}

/** Objects of a block; a string says why there is none. */
function documentsOf(block: string): (Fields | string)[] {
  return [...parseAllDocuments(block)].flatMap((document): (Fields | string)[] => {
    const error = document.errors[0];
    if (error !== undefined) return [`${idIn(block)}: ${error.message.split('\n')[0]}`];
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (problem) {
      return [`${idIn(block)}: ${(problem as Error).message}`];
    }
    const cases = isFields(value) && Array.isArray(value.cases) ? value.cases : undefined;
    const shared = cases === undefined ? [] : [{ ...(value as Fields), cases: undefined }];
    const entries: unknown[] = cases ?? (Array.isArray(value) ? value : [value]);
    return [...shared, ...entries.filter(isFields)];
  });
}

function idIn(block: string): string {
  return /^\s*-?\s*id:\s*(\S+)/m.exec(block)?.[1] ?? 'a block';
}

// The style guide or a list of thresholds is YAML too; what has steps or an id with a kind is meant as a case.
function isCase(entry: Fields): boolean {
  return entry.id !== undefined && (entry.run !== undefined || entry.kind !== undefined || entry.expect !== undefined);
}

function declare(shared: Fields, entry: Fields): void {
  for (const word of ['names', 'indicators'] as const) {
    const found = entry[word] ?? (isFields(entry.lab) ? entry.lab[word] : undefined);
    if (isFields(found)) shared[word] = { ...(shared[word] as Fields | undefined), ...found };
  }
}

/** `api.example.test 203.0.113.20` and `cdn.example.test .71` in the words of a section about the lab. */
function namesInProse(text: string): Fields {
  const section = /^#{2,4}[^\n]*\bnames\b[^\n]*\n(.*?)(?=^#{1,4} )/ims.exec(text)?.[1] ?? '';
  const names: Fields = {};
  for (const match of section.matchAll(/\b((?:[a-z0-9-]+\.)+[a-z]{2,})\s+((?:\d{1,3}\.){3}\d{1,3})\b/gi)) {
    names[match[1]!.toLowerCase()] = match[2]!;
  }
  return names;
}

function caseOf(entry: Fields, shared: Fields): ReplayCase {
  const problems: string[] = [];
  const word = (name: string, otherwise: string) => (entry[name] === undefined ? otherwise : String(entry[name]));
  const oneOf = <const W extends string>(name: string, words: readonly W[], otherwise: W): W => {
    const given = word(name, otherwise);
    const found = words.find((each) => each === given);
    if (found === undefined) problems.push(`${name}: ${given.slice(0, 40)} is none of ${words.join(', ')}`);
    return found ?? otherwise;
  };
  const run = stepsOf(entry.run, problems);
  const delta: Fields = {
    ...(isFields(entry.pre) && isFields(entry.pre.delta) ? entry.pre.delta : {}),
    ...(isFields(entry.delta) ? entry.delta : {}),
  };
  const kind = oneOf('kind', ['malicious', 'benign'], 'benign');
  const read: ReplayCase = {
    id: word('id', '?').slice(0, 80),
    title: word('title', '').slice(0, 300),
    kind,
    mode: oneOf('mode', ['live', 'replay', 'both'], 'replay'),
    needs: oneOf('needs', LEVELS, 'T0'),
    pre: isFields(entry.pre) ? String(entry.pre.profile ?? 'P0') : word('pre', 'P0').trim(),
    delta: Object.fromEntries(Object.entries(delta).filter(([key]) => !['names', 'indicators', 'lab'].includes(key))),
    run,
    expect: rated(entry.expect, 'expect', problems).map(({ rule, sev, within }) => ({
      rule,
      sev,
      within: numberOf(within) ?? 60,
    })),
    allow: wordsOf(entry.allow),
    mustNot: wordsOf(entry.must_not),
    tolerate: rated(entry.tolerate, 'tolerate', problems),
    names: textMap(declaredIn('names', shared, delta, entry)),
    indicators: textMap(declaredIn('indicators', shared, delta, entry)),
    problems,
  };
  if (kind === 'malicious' && read.expect.length === 0) problems.push('a malicious case that expects nothing');
  return read;
}

function stepsOf(run: unknown, problems: string[]): CaseStep[] {
  if (!Array.isArray(run) || run.length === 0) {
    problems.push('it has no steps (run)');
    return [];
  }
  if (run.length > MAX_STEPS) problems.push(`more than ${MAX_STEPS} steps`);
  return run.slice(0, MAX_STEPS).flatMap((step: unknown) => {
    const t = isFields(step) ? numberOf(step.t ?? 0) : undefined;
    if (!isFields(step) || typeof step.do !== 'string' || t === undefined) {
      problems.push(`a step without do or with a bad t: ${(JSON.stringify(step) ?? 'nothing').slice(0, 120)}`);
      return [];
    }
    const isKey = step.key === true || step.key === 'true';
    return [{ ...step, do: step.do, t, key: isKey }];
  });
}

function rated(list: unknown, where: string, problems: string[]): { rule: string; sev: Severity; within?: unknown }[] {
  if (list === undefined || list === null) return [];
  return (Array.isArray(list) ? list : [list]).flatMap((each: unknown) => {
    const sev = isFields(each) ? SEVERITIES.find((severity) => severity === each.sev) : undefined;
    if (!isFields(each) || typeof each.rule !== 'string' || sev === undefined) {
      problems.push(`${where}: needs a rule and a severity: ${(JSON.stringify(each) ?? '').slice(0, 120)}`);
      return [];
    }
    return [{ rule: each.rule, sev, within: each.within }];
  });
}

function wordsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** Numbers as YAML reads them, and those that somebody put into quotes. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Values by name; of a list of values the first. */
function textMap(fields: Fields): Record<string, string> {
  const first = (value: unknown) => String(Array.isArray(value) ? value[0] : value);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), first(value)]));
}

/** What is declared of the laboratory, wherever it stands: for the file, for the case, or among its differences. */
function declaredIn(word: 'names' | 'indicators', ...places: unknown[]): Fields {
  const found: Fields = {};
  for (const place of places) {
    if (!isFields(place)) continue;
    for (const each of [place[word], isFields(place.lab) ? place.lab[word] : undefined]) {
      if (isFields(each)) Object.assign(found, each);
    }
  }
  return found;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(id: string, problem: string): ReplayCase {
  return {
    id,
    title: '',
    kind: 'malicious',
    mode: 'replay',
    needs: 'T0',
    pre: 'P0',
    delta: {},
    run: [],
    expect: [],
    allow: [],
    mustNot: [],
    tolerate: [],
    names: {},
    indicators: {},
    problems: [problem],
  };
}
