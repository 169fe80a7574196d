import { canonicalAddress } from '../../types/ip.ts';

// An address costs a few microseconds to spell, and a busy host has a few hundred of them. An attacker who cycles through a
// whole prefix only makes every address cost what it would without the cache.
const MAX_CACHED = 8_192;

/** Spells addresses out of bytes of a page. */
export interface AddressReader {
  v4(page: DataView, offset: number): string;
  /** Canonical, so an IPv4-mapped address comes out as IPv4. */
  v6(page: DataView, offset: number): string;
}

/** Holds at most 8,192 addresses of each family. */
export function createAddressReader(): AddressReader {
  const short = new Map<number, string>();
  const long = new Map<string, string>();
  return {
    v4(page, offset) {
      const key = page.getUint32(offset);
      let text = short.get(key);
      if (text === undefined) {
        text = `${key >>> 24}.${(key >>> 16) & 255}.${(key >>> 8) & 255}.${key & 255}`;
        if (short.size >= MAX_CACHED) short.clear();
        short.set(key, text);
      }
      return text;
    },
    v6(page, offset) {
      const key = sixteenBytes(page, offset);
      let text = long.get(key);
      if (text === undefined) {
        const spelled = Array.from({ length: 8 }, (_, i) => key.charCodeAt(i).toString(16)).join(':');
        text = canonicalAddress(spelled) ?? spelled;
        if (long.size >= MAX_CACHED) long.clear();
        long.set(key, text);
      }
      return text;
    },
  };
}

/** The bytes themselves as a key: eight UTF-16 units, which is several times cheaper than spelling them. */
function sixteenBytes(page: DataView, at: number): string {
  return String.fromCharCode(
    page.getUint16(at),
    page.getUint16(at + 2),
    page.getUint16(at + 4),
    page.getUint16(at + 6),
    page.getUint16(at + 8),
    page.getUint16(at + 10),
    page.getUint16(at + 12),
    page.getUint16(at + 14),
  );
}
