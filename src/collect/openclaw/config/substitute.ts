/** Nothing but one reference, `${NAME}`: the usual way to keep a secret out of the file. */
const WHOLE_REFERENCE = /^\$\{[A-Z_][A-Z0-9_]*\}$/;
/** `$${NAME}` (escaped, stays as text) or `${NAME}`. Other dollars are ordinary. Source: OpenClaw 2026.9.6, env-substitution. */
const REFERENCE = /\$(\$?)\{([A-Z_][A-Z0-9_]*)\}/g;

/** True for a text that holds an unescaped reference to the environment. */
export function isReference(text: string): boolean {
  return WHOLE_REFERENCE.test(text) || [...text.matchAll(REFERENCE)].some((match) => match[1] === '');
}

export interface Substitution {
  value: unknown;
  /** Names that had no value here, each once, in the order of the file. */
  unresolved: string[];
}

/**
 * Puts the values of environment variables in. Only the allow-listed variables that the caller hands in are known; a
 * reference to any other stays as it is written, so that a reader sees "${NAME}" and never a default that the gateway
 * may not be using.
 */
export function substitute(value: unknown, environment: Readonly<Record<string, string>>): Substitution {
  const unresolved = new Set<string>();
  const known = new Map(Object.entries(environment).filter(([, text]) => text !== ''));
  const replaceIn = (text: string) =>
    text.includes('${')
      ? text.replace(REFERENCE, (whole, extraDollar: string, name: string) => {
          if (extraDollar !== '') return whole.slice(1);
          const found = known.get(name);
          if (found === undefined) unresolved.add(name);
          return found ?? whole;
        })
      : text;
  const walk = (node: unknown): unknown => {
    if (typeof node === 'string') return replaceIn(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child)]));
  };
  return { value: walk(value), unresolved: [...unresolved] };
}
