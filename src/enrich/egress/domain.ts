import { createRequire } from 'node:module';

/** Registrable domain of a canonical host name; `undefined` for a public suffix itself and for single labels. */
export type DomainOf = (name: string) => string | undefined;

// Names kept between looks, some 100 bytes each; a generator of random names must not grow us.
const REMEMBERED_NAMES = 10_000;

/**
 * Registrable domains by the Public Suffix List with its private part: `x.trycloudflare.com` and `y.trycloudflare.com`
 * are different parties. The list is loaded at the first question, since it costs as much as a small scan.
 */
export function createDomainOf(): DomainOf {
  let getDomain: typeof import('tldts').getDomain | undefined;
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (known.has(name)) return known.get(name);
    // Synchronous, because enrichment is.
    getDomain ??= (createRequire(import.meta.url)('tldts') as typeof import('tldts')).getDomain;
    const domain = getDomain(name, { allowPrivateDomains: true, extractHostname: false }) ?? undefined;
    if (known.size >= REMEMBERED_NAMES) known.clear();
    known.set(name, domain);
    return domain;
  };
}
