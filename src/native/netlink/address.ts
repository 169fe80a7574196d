import { canonicalAddress } from '../../types/ip.ts';

/** Reads addresses as the kernel holds them, in network order, into their canonical spelling. */
export interface AddressReader {
  v4(view: DataView, at: number): string;
  /** An IPv4-mapped address comes back as IPv4. */
  v6(view: DataView, at: number): string;
}

// Few addresses fill a table, and a far end may choose as many as it likes: beyond this the memory is emptied.
const REMEMBERED = 65_536;

export function createAddressReader(): AddressReader {
  const known4 = new Map<number, string>();
  const known6 = new Map<string, string>();

  function text4(value: number): string {
    const known = known4.get(value);
    if (known !== undefined) return known;
    if (known4.size >= REMEMBERED) known4.clear();
    const text = `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
    known4.set(value, text);
    return text;
  }

  return {
    v4: (view, at) => text4(view.getUint32(at)),
    v6(view, at) {
      const high = view.getUint32(at);
      const upper = view.getUint32(at + 4);
      const lower = view.getUint32(at + 8);
      const low = view.getUint32(at + 12);
      if (high === 0 && upper === 0) {
        if (lower === 0xffff) return text4(low);
        if (lower === 0 && low < 2) return low === 0 ? '::' : '::1';
      }
      const key = `${high} ${upper} ${lower} ${low}`;
      const known = known6.get(key);
      if (known !== undefined) return known;
      if (known6.size >= REMEMBERED) known6.clear();
      const groups = [high, upper, lower, low].map(
        (word) => `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`,
      );
      const text = canonicalAddress(groups.join(':')) ?? groups.join(':');
      known6.set(key, text);
      return text;
    },
  };
}
