import ipaddr from 'ipaddr.js';
import { canonicalAddress } from '../types/ip.ts';

/** Addresses and blocks with values; a question costs one look-up for each prefix length in use. */
export interface AddressMap<Value> {
  /** True when `text` was an address or a block. */
  add(text: string, value: Value): boolean;
  /** Values of every block that holds this canonical address, the narrowest first. */
  find(canonical: string): Value[];
}

export interface Block {
  family: 4 | 6;
  bits: number;
  /** Canonical address of the network. */
  network: string;
}

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`; host bits are cut. `undefined` for anything else. */
export function parseBlock(text: string): Block | undefined {
  const [base = '', bitsText, ...rest] = text.split('/');
  const address = canonicalAddress(base);
  if (address === undefined || rest.length > 0) return undefined;
  const family = address.includes(':') ? 6 : 4;
  const full = family === 4 ? 32 : 128;
  if (bitsText === undefined) return { family, bits: full, network: address };
  if (!/^\d{1,3}$/.test(bitsText)) return undefined;
  // `::ffff:192.0.2.0/120` is written in bits of IPv6 and means a block of IPv4.
  const bits = Number(bitsText) - (base.includes(':') && family === 4 ? 96 : 0);
  if (bits < 0 || bits > full) return undefined;
  return { family, bits, network: networkOf(address, family, bits) };
}

/** The network of an address at a prefix length, in canonical spelling. */
export function networkOf(address: string, family: 4 | 6, bits: number): string {
  if (bits === (family === 4 ? 32 : 128)) return address;
  const bytes = ipaddr.parse(address).toByteArray();
  for (let index = 0; index < bytes.length; index++) {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    bytes[index] = bytes[index]! & (0xff << (8 - kept)) & 0xff;
  }
  return ipaddr.fromByteArray(bytes).toString();
}

export function createAddressMap<Value>(): AddressMap<Value> {
  const byLength = { 4: new Map<number, Map<string, Value[]>>(), 6: new Map<number, Map<string, Value[]>>() };
  return {
    add(text, value) {
      const block = parseBlock(text);
      if (block === undefined) return false;
      const lengths = byLength[block.family];
      const blocks = lengths.get(block.bits) ?? new Map<string, Value[]>();
      lengths.set(block.bits, blocks);
      const values = blocks.get(block.network);
      if (values === undefined) blocks.set(block.network, [value]);
      else values.push(value);
      return true;
    },
    find(canonical) {
      const family = canonical.includes(':') ? 6 : 4;
      if (byLength[family].size === 0 || !ipaddr.isValid(canonical)) return [];
      const lengths = [...byLength[family].keys()].sort((a, b) => b - a);
      return lengths.flatMap((bits) => byLength[family].get(bits)!.get(networkOf(canonical, family, bits)) ?? []);
    },
  };
}
