import { Resolver } from 'node:dns/promises';

/** An address that a name has, and for how long the answer holds. */
export interface LookupAnswer {
  address: string;
  ttlSeconds: number;
}

/** Asks for the addresses of one name. An empty list: there are none. Rejects when nobody answered. */
export type Lookup = (name: string, signal: AbortSignal) => Promise<LookupAnswer[]>;

// Answers that settle the question; anything else is a failure to ask.
const NO_SUCH = new Set(['ENODATA', 'ENOTFOUND']);

/**
 * Asks the name servers of `/etc/resolv.conf` for A and AAAA, as a program on this host would, in our own network
 * namespace. Search domains are not applied. Never asks for PTR: there is no way to.
 *
 * `timeoutMs` is for one name, both families and all servers together. `servers` stand in for those of the system.
 */
export function createDnsLookup({
  timeoutMs = 2_000,
  servers,
}: {
  timeoutMs?: number;
  servers?: string[];
} = {}): Lookup {
  return async (name, signal) => {
    // One for each name: `cancel` ends all questions of a resolver, and a new one reads resolv.conf anew.
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    if (servers !== undefined) resolver.setServers(servers);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const cancel = () => resolver.cancel();
    limit.addEventListener('abort', cancel, { once: true });
    try {
      limit.throwIfAborted();
      const asked = await Promise.allSettled([
        resolver.resolve4(name, { ttl: true }),
        resolver.resolve6(name, { ttl: true }),
      ]);
      const failure = asked.find((part) => part.status === 'rejected' && !NO_SUCH.has(codeOf(part.reason)));
      const records = asked.flatMap((part) => (part.status === 'fulfilled' ? part.value : []));
      if (records.length === 0 && failure?.status === 'rejected') throw failure.reason;
      return records.map(({ address, ttl }) => ({ address, ttlSeconds: ttl }));
    } finally {
      limit.removeEventListener('abort', cancel);
    }
  };
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
