import { canonicalAddress } from '../../types/ip.ts';

/** An IPv6 address of an interface. */
export interface Ipv6Address {
  address: string;
  prefix: number;
  interface: string;
  /** False when another machine has the address too: duplicate address detection took it out of use. */
  usable: boolean;
}

const IFA_F_DADFAILED = 0x08;

/**
 * `/proc/net/if_inet6`: address, interface index, prefix length, scope, flags (all hexadecimal), interface name. The
 * kernel lists addresses only while their interface is up.
 */
export function parseIfInet6(text: string): { addresses: Ipv6Address[]; malformed: number } {
  const addresses: Ipv6Address[] = [];
  let malformed = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const fields = /^([0-9a-f]{32}) [0-9a-f]{2,8} ([0-9a-f]{2}) [0-9a-f]{2} ([0-9a-f]{2,8}) +(\S{1,64})$/.exec(line);
    const address = canonicalAddress(fields?.[1]?.match(/.{4}/g)?.join(':') ?? '');
    const prefix = Number.parseInt(fields?.[2] ?? '', 16);
    if (fields === null || address === undefined || prefix > 128) {
      malformed += 1;
      continue;
    }
    const flags = Number.parseInt(fields[3]!, 16);
    addresses.push({ address, prefix, interface: fields[4]!, usable: (flags & IFA_F_DADFAILED) === 0 });
  }
  return { addresses, malformed };
}
