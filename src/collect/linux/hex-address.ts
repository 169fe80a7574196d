/** Values of hexadecimal digits by character code; -1 for every other byte. */
const DIGIT = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value += 1) {
  DIGIT[value.toString(16).charCodeAt(0)] = value;
  DIGIT[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** The number of `digits` hexadecimal digits at `at`, or -1 when a byte there is not one. At most 12 digits. */
export function readHex(bytes: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = index < bytes.length ? DIGIT[bytes[index]!]! : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/**
 * Decodes the addresses of `/proc/net/{tcp,tcp6,udp,udp6}`: 32-bit words in the byte order of the machine, printed as
 * hexadecimal. Results are canonical (see `canonicalAddress`), and remembered, because few addresses fill a table.
 */
export interface AddressDecoder {
  /** From 8 digits; `undefined` when they are not all hexadecimal. */
  v4(bytes: Buffer, at: number): string | undefined;
  /** From 32 digits; an IPv4-mapped address comes back as IPv4. */
  v6(bytes: Buffer, at: number): string | undefined;
}

// A table of a busy server names tens of thousands of peers; beyond this the memory would be an attacker's to fill.
const REMEMBERED = 65_536;

export function createAddressDecoder(byteOrder: 'LE' | 'BE'): AddressDecoder {
  const known4 = new Map<number, string>();
  const known6 = new Map<string, string>();

  function word(bytes: Buffer, at: number): number {
    const value = readHex(bytes, at, 8);
    return value < 0 || byteOrder === 'BE' ? value : swap(value);
  }

  function text4(value: number): string {
    const known = known4.get(value);
    if (known !== undefined) return known;
    if (known4.size >= REMEMBERED) known4.clear();
    const text = `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
    known4.set(value, text);
    return text;
  }

  return {
    v4(bytes, at) {
      const value = word(bytes, at);
      return value < 0 ? undefined : text4(value);
    },
    v6(bytes, at) {
      const key = bytes.toString('latin1', at, at + 32);
      const known = known6.get(key);
      if (known !== undefined) return known;
      const words = [word(bytes, at), word(bytes, at + 8), word(bytes, at + 16), word(bytes, at + 24)];
      if (words.some((value) => value < 0)) return undefined;
      const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
      const text = mapped ? text4(words[3]!) : formatV6(words);
      if (known6.size >= REMEMBERED) known6.clear();
      known6.set(key, text);
      return text;
    },
  };
}

function swap(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** RFC 5952: lower case, no leading zeros, the leftmost longest run of two or more zero groups as `::`. */
export function formatV6(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  let best = 0;
  let bestLength = 1;
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === 0) end += 1;
    if (end - start > bestLength) {
      best = start;
      bestLength = end - start;
    }
    start = Math.max(start, end);
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestLength < 2) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}
