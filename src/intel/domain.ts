import { createRequire } from 'node:module';

let parse: typeof import('tldts').parse | undefined;

/**
 * Registrable domain by the Public Suffix List with its private part; `undefined` for a suffix itself. The list is
 * loaded at the first question, since it costs as much as a small scan.
 */
export function registrableDomain(name: string): string | undefined {
  // Synchronous, because the stages are made so.
  parse ??= (createRequire(import.meta.url)('tldts') as typeof import('tldts')).parse;
  return parse(name, { allowPrivateDomains: true, extractHostname: false }).domain ?? undefined;
}

/** The name itself and every name above it, by whole labels, the longest first; at most 32. */
export function namesAbove(name: string): string[] {
  const names = [name];
  for (let dot = name.indexOf('.'); dot >= 0 && names.length < 32; dot = name.indexOf('.', dot + 1)) {
    names.push(name.slice(dot + 1));
  }
  return names;
}
