import ipaddr from 'ipaddr.js';
import type { RuleContext } from '../types/rule.ts';
import type { Listener } from '../types/snapshot.ts';

/** What confirmation looks at: recorded keys, or else how long the process has been running. */
interface Candidate {
  keys: readonly string[];
  /** Unix ms. */
  startedAt?: number | undefined;
}

/**
 * True once something has lasted. A service that starts may hold a wide socket for a moment; a second cycle that still
 * sees it, or a process older than `confirmMs`, shows that it stays. A single look has no second cycle and confirms all.
 * A clock that jumped back makes ages negative, which confirms nothing: then the second cycle decides.
 */
export function isConfirmed(candidate: Candidate, context: RuleContext, confirmMs: number): boolean {
  if (context.singleLook) return true;
  if (candidate.keys.some((key) => context.history.firstSeenAt(key) !== undefined)) return true;
  return candidate.startedAt !== undefined && context.now - candidate.startedAt >= confirmMs;
}

/**
 * How long a listener has been there, in ms, never negative. A key outlives its process (the same dev server tomorrow
 * has the same key), so a listener is never taken to be older than the process that holds it.
 */
export function listenerAgeMs(listener: Listener, now: number): number {
  const startedAt = listener.owner?.process.startedAt;
  const at = startedAt === undefined ? listener.since.at : Math.max(listener.since.at, startedAt);
  return Math.max(0, now - at);
}

/** True once a listener is `ms` old; a single look cannot wait and says yes. */
export function hasLasted(listener: Listener, context: RuleContext, ms: number): boolean {
  return context.singleLook || listenerAgeMs(listener, context.now) >= ms;
}

/** `198.51.100.0/24`, `2001:db8:a::/48`: who counts as one party on the internet, where single addresses change daily. */
export function publicPrefix(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const [kind, prefix] = address.includes(':') ? [ipaddr.IPv6, 48] : [ipaddr.IPv4, 24];
  return `${kind.networkAddressFromCIDR(`${address}/${prefix}`)}/${prefix}`;
}
