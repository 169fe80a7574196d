import { createRequire } from 'node:module';

let parse: typeof import('tldts').parse | undefined;

/**
 * Registrable domain by the Public Suffix List with its private part; `undefined` for a suffix itself. The list is
 * loaded at the first question, since it costs as much as a small scan.
 */
export function registrableDomain(name: string): string | undefined {
  return list()(name, { allowPrivateDomains: true, extractHostname: false }).domain ?? undefined;
}

/** True for a suffix of a registry (`com`, `co.uk`), not for one that a company runs (`vercel.app`). */
export function isPublicSuffix(name: string): boolean {
  return list()(name, { allowPrivateDomains: false, extractHostname: false }).domain === null;
}

function list(): NonNullable<typeof parse> {
  // Synchronous, because the stages are made so.
  parse ??= (createRequire(import.meta.url)('tldts') as typeof import('tldts')).parse;
  return parse;
}

/** The name itself and every name above it, by whole labels, the longest first; at most 32. */
export function namesAbove(name: string): string[] {
  const names = [name];
  for (let dot = name.indexOf('.'); dot >= 0 && names.length < 32; dot = name.indexOf('.', dot + 1)) {
    names.push(name.slice(dot + 1));
  }
  return names;
}
