import ipaddr from 'ipaddr.js';
import type { Severity } from '../types/finding.ts';
import type { AuthFact, Confidence, Gateway } from '../types/gateway.ts';
import type { Listener, Reach, ReachableAddress, ReachOrUnknown, Snapshot } from '../types/snapshot.ts';
import { isBelowCriticalFloor } from './version-floors.ts';

/** Narrowest first, as `Reach` orders them. */
export const REACHES: readonly Reach[] = ['loopback', 'container', 'tailnet', 'lan', 'public'];

/** True when `reach` is known and at least as wide as `floor`. An unknown reach is never "at least" anything. */
export function reachesAtLeast(reach: ReachOrUnknown, floor: Reach): boolean {
  return reach !== 'unknown' && REACHES.indexOf(reach) >= REACHES.indexOf(floor);
}

/** The widest of several; `loopback` for none. */
export function widestReach(reaches: readonly Reach[]): Reach {
  return reaches.reduce(
    (widest, reach) => (REACHES.indexOf(reach) > REACHES.indexOf(widest) ? reach : widest),
    'loopback',
  );
}

/** Lock on the door as it counts for exposure. */
export type AuthGrade = AuthFact['strength'];

/** A version whose authentication can be walked around has none, whatever its configuration says. */
export function authGrade(gateway: Gateway): AuthGrade {
  return hasVersionBypass(gateway) ? 'none' : gateway.auth.strength;
}

/** The running version is below the critical floor; an unknown version proves nothing. */
export function hasVersionBypass(gateway: Gateway): boolean {
  const version = gateway.version.running ?? gateway.version.installed;
  return version !== undefined && isBelowCriticalFloor(version);
}

/**
 * Reach against authentication. `weak` (a short secret) stands between none and unknown: it can be guessed, but not at
 * the first try. Loopback and a container's own network are not exposure and have no severity here.
 */
const EXPOSURE: Readonly<Record<'tailnet' | 'lan' | 'public', Record<AuthGrade, Severity>>> = {
  tailnet: { sound: 'info', unknown: 'low', weak: 'medium', none: 'high' },
  lan: { sound: 'medium', unknown: 'medium', weak: 'high', none: 'critical' },
  public: { sound: 'high', unknown: 'high', weak: 'high', none: 'critical' },
};

export function exposureSeverity(reach: ReachOrUnknown, auth: AuthGrade): Severity | undefined {
  return reach === 'tailnet' || reach === 'lan' || reach === 'public' ? EXPOSURE[reach][auth] : undefined;
}

/** Listeners of the gateway port itself, and all others that the gateway's family holds. */
export function gatewayListeners(snapshot: Snapshot, gateway: Gateway): Listener[] {
  return withKeys(snapshot, gateway.gatewayListeners);
}

function withKeys(snapshot: Snapshot, keys: readonly string[]): Listener[] {
  const wanted = new Set(keys);
  return snapshot.listeners.filter((listener) => wanted.has(listener.key));
}

/**
 * The gateway listens inside a container and nothing is seen to publish its port. A wildcard is normal there; what can be
 * reached is decided by what is published, and where that cannot be seen the look is blind (POS-08) and not clean.
 */
export function isHeldByContainer(snapshot: Snapshot, gateway: Gateway): boolean {
  const own = gatewayListeners(snapshot, gateway);
  const isPublished = gateway.reachableAt.some(
    ({ reach, confidence }) => reachesAtLeast(reach, 'tailnet') && confidence !== 'possible',
  );
  return !isPublished && own.length > 0 && own.every((listener) => listener.place === 'container');
}

/** `LAN 192.168.50.0/24 (eth0)`, `the internet at 203.0.113.10 (eth0)`: who can come, for a title. */
export function describeReach(reach: Reach, addresses: readonly ReachableAddress[]): string {
  const places = [...new Set(addresses.filter((address) => address.reach === reach).map(describePlace))];
  const more = places.length > 2 ? ` and ${places.length - 2} more` : '';
  const where = places.slice(0, 2).join(', ') + more;
  switch (reach) {
    case 'public':
      return `the internet${where && ` at ${where}`}`;
    case 'lan':
      return `the LAN${where && ` ${where}`}`;
    case 'tailnet':
      return `the tailnet${where && ` at ${where}`}`;
    case 'container':
      return 'its container network';
    case 'loopback':
      return 'this host only';
  }
}

function describePlace(address: ReachableAddress): string {
  const where = address.reach === 'lan' ? networkOf(address) : address.address;
  return address.interface === undefined ? where : `${where} (${address.interface})`;
}

/** `192.168.50.0/24` of `192.168.50.10` with prefix 24; the address itself when the prefix is unknown or nonsense. */
function networkOf({ address, prefix }: ReachableAddress): string {
  if (prefix === undefined || !ipaddr.isValidCIDR(`${address}/${prefix}`)) return address;
  const kind = address.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
  return `${kind.networkAddressFromCIDR(`${address}/${prefix}`)}/${prefix}`;
}

const CONFIDENCES: readonly Confidence[] = ['possible', 'likely', 'certain'];

/** No surer than that it is a gateway, and no surer than the surest address of that reach. */
export function exposureConfidence(gateway: Gateway, reach: Reach): Confidence {
  const grades = gateway.reachableAt
    .filter((at) => at.reach === reach)
    .map(({ confidence }) => CONFIDENCES.indexOf(confidence));
  const address = grades.length === 0 ? CONFIDENCES.length - 1 : Math.max(...grades);
  return CONFIDENCES[Math.min(address, CONFIDENCES.indexOf(gateway.confidence))]!;
}
