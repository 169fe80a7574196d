import JSON5 from 'json5';

/** Deepest nesting that is taken for a configuration; OpenClaw's own schema ends far above. */
const MAX_DEPTH = 64;

export type Parsed = { ok: true; value: unknown } | { ok: false; why: string };

/**
 * JSON5 text to a value whose objects have no prototype trap: `__proto__`, `constructor` and `prototype` keys are left
 * out, as OpenClaw does. The reason of a failure names the place and never the text, which may be any file of the host.
 */
export function parseJson5(text: string): Parsed {
  // Checked on the text: a megabyte of "[" would be parsed first and then overflow everything that walks the result.
  if (nestsDeeperThan(text, MAX_DEPTH)) return { ok: false, why: `nested deeper than ${MAX_DEPTH}` };
  try {
    return { ok: true, value: withoutTraps(JSON.parse(text)) };
  } catch {
    // Not plain JSON: comments, single quotes, trailing commas.
  }
  try {
    return { ok: true, value: withoutTraps(JSON5.parse(text)) };
  } catch (error) {
    const { lineNumber, columnNumber } = error as { lineNumber?: number; columnNumber?: number };
    return {
      ok: false,
      why: lineNumber === undefined ? 'not JSON5' : `not JSON5 at line ${lineNumber}, column ${columnNumber}`,
    };
  }
}

/** Counts brackets outside strings; comments may add to the count, which a real configuration never reaches anyway. */
function nestsDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== '') {
      if (character === '\\') at++;
      else if (character === quote || character === '\n') quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '{' || character === '[') {
      if (++depth > limit) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}

const TRAPS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function withoutTraps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTraps);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !TRAPS.has(key))
      .map(([key, child]) => [key, withoutTraps(child)]),
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
