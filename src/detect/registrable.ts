import { createRequire } from 'node:module';

let getDomain: typeof import('tldts').getDomain | undefined;

/**
 * Registrable domain of a host name by the Public Suffix List, its private part included: `a.x.duckdns.org` belongs to
 * whoever has `x.duckdns.org`. The name itself where it has none. Loaded at the first question, as `hasPrivateSuffix`.
 */
export function registrableDomain(name: string): string {
  getDomain ??= (createRequire(import.meta.url)('tldts') as typeof import('tldts')).getDomain;
  return getDomain(name, { allowPrivateDomains: true, extractHostname: false, validateHostname: false }) ?? name;
}
