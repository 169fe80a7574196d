import { createRequire } from 'node:module';

let parse: typeof import('tldts').parse | undefined;

/**
 * Whether a host lies below a suffix of which anybody gets a part (`x.trycloudflare.com`, `user.github.io`, dynamic DNS):
 * the private part of the Public Suffix List. Loaded at the first question: it costs as much as a small scan.
 */
export function hasPrivateSuffix(name: string): boolean {
  // Synchronous, because rules are.
  parse ??= (createRequire(import.meta.url)('tldts') as typeof import('tldts')).parse;
  return parse(name, { allowPrivateDomains: true, extractHostname: false }).isPrivate === true;
}
