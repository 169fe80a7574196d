import { type AddressClass, type AddressContext, classifyAddress } from '../types/ip.ts';
import type { InterfaceAddress } from '../types/snapshot.ts';

/** What the interfaces of one look say about addresses. */
export interface AddressView {
  /** For addresses of others: Tailscale is on this host, so 100.64/10 most likely means the tailnet. */
  context: AddressContext;
  /** Class of a remote address. */
  classify(address: string): AddressClass;
  /**
   * Class of an address of our own. Stricter than `classify`: 100.64/10 is tailnet only on a Tailscale interface,
   * because a carrier's network beside a tailnet is full of strangers.
   */
  classifyLocal(netns: string, address: string): AddressClass;
  /** Interface addresses of a namespace; `undefined` when they could not be read. */
  of(netns: string): readonly InterfaceAddress[] | undefined;
  /** The interface address in that namespace, up ones first. */
  find(netns: string, address: string): InterfaceAddress | undefined;
}

// Linux and Windows name it after the product, macOS uses the next free tunnel.
const TAILSCALE_NAME = /^(tailscale|ts|utun)/i;

// Addresses kept between looks; each costs some 200 bytes. A scan from everywhere must not grow us.
const REMEMBERED_ADDRESSES = 20_000;

/** Class of an address with or without Tailscale around. Kept between looks: the class of an address never changes. */
export type Classifier = (address: string, tailnet: boolean) => AddressClass;

/** @param labPublic CIDR blocks that laboratories count as public. */
export function createClassifier(labPublic: readonly string[]): Classifier {
  const known = { plain: new Map<string, AddressClass>(), tailnet: new Map<string, AddressClass>() };
  return (address, tailnet) => {
    const classes = tailnet ? known.tailnet : known.plain;
    const cached = classes.get(address);
    if (cached !== undefined) return cached;
    if (classes.size >= REMEMBERED_ADDRESSES) classes.clear();
    const addressClass = classifyAddress(address, { labPublic, tailnet });
    classes.set(address, addressClass);
    return addressClass;
  };
}

/** @param labPublic the blocks that `classify` was made with, for others who judge by the context. */
export function createAddressView(
  interfaces: readonly InterfaceAddress[],
  labPublic: readonly string[],
  classify: Classifier = createClassifier(labPublic),
): AddressView {
  const tailnet = interfaces.some(isTailscale);
  const byNetns = Map.groupBy(interfaces, (entry) => entry.netns);
  const byAddress = new Map<string, InterfaceAddress>();
  const own = new Set<string>();
  for (const entry of interfaces) {
    own.add(entry.address);
    const key = `${entry.netns} ${entry.address}`;
    if (!byAddress.get(key)?.up) byAddress.set(key, entry);
  }
  const find = (netns: string, address: string) =>
    own.has(address) ? byAddress.get(`${netns} ${address}`) : undefined;
  return {
    context: { labPublic, tailnet },
    of: (netns) => byNetns.get(netns),
    find,
    classify: (address) => classify(address, tailnet),
    classifyLocal(netns, address) {
      const entry = find(netns, address);
      return classify(address, entry !== undefined && isTailscale(entry));
    },
  };
}

/** True for an address that Tailscale gave to one of its own interfaces. A name alone proves nothing. */
export function isTailscale(entry: InterfaceAddress): boolean {
  if (!entry.up || entry.interface === undefined || !TAILSCALE_NAME.test(entry.interface)) return false;
  return classifyAddress(entry.address, { tailnet: true }) === 'tailnet';
}
