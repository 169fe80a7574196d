import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAddressDecoder, readHex } from '../../../src/collect/linux/hex-address.ts';
import { canonicalAddress } from '../../../src/types/ip.ts';
import { numRuns } from './fuzz.ts';

/** As the kernel prints an address: 32-bit words in host order. */
function print(address: readonly number[], byteOrder: 'LE' | 'BE'): Buffer {
  const words: string[] = [];
  for (let at = 0; at < address.length; at += 4) {
    const word = address.slice(at, at + 4);
    words.push(
      Buffer.from(byteOrder === 'LE' ? word.reverse() : word)
        .toString('hex')
        .toUpperCase(),
    );
  }
  return Buffer.from(words.join(''), 'latin1');
}

const byteOrder = fc.constantFrom('LE' as const, 'BE' as const);
/** Many zeros, so that runs of them in every place are common. */
const group = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  fc.integer({ min: 0, max: 0xffff }),
  fc.constant(0xffff),
);

describe('createAddressDecoder', () => {
  test('gives every IPv6 address the spelling of canonicalAddress, IPv4-mapped ones included', () => {
    const decoders = { LE: createAddressDecoder('LE'), BE: createAddressDecoder('BE') };
    const groups = fc.oneof(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.tuple(group, group).map(([a, b]) => [0, 0, 0, 0, 0, 0xffff, a, b]),
    );
    fc.assert(
      fc.property(groups, byteOrder, (parts, order) => {
        const bytes = parts.flatMap((part) => [part >> 8, part & 255]);
        const expected = canonicalAddress(parts.map((part) => part.toString(16)).join(':'));
        expect(decoders[order].v6(print(bytes, order), 0)).toBe(expected);
        // The second time it comes from memory.
        expect(decoders[order].v6(print(bytes, order), 0)).toBe(expected);
      }),
      { numRuns },
    );
  });

  test('gives every IPv4 address the spelling of canonicalAddress', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), byteOrder, (bytes, order) => {
        const decoder = createAddressDecoder(order);
        expect(decoder.v4(print([...bytes], order), 0)).toBe(canonicalAddress([...bytes].join('.')));
      }),
      { numRuns },
    );
  });

  test('refuses digits that are not hexadecimal, and an address that stops early', () => {
    const decoder = createAddressDecoder('LE');
    expect(decoder.v4(Buffer.from('0100007G'), 0)).toBeUndefined();
    expect(decoder.v4(Buffer.from('0100007'), 0)).toBeUndefined();
    expect(decoder.v6(Buffer.from(`${'0'.repeat(31)} `), 0)).toBeUndefined();
    expect(decoder.v6(Buffer.from('0'.repeat(24)), 0)).toBeUndefined();
  });
});

describe('readHex', () => {
  test('reads 8 digits as an unsigned number', () => {
    expect(readHex(Buffer.from('fFfFfFfF'), 0, 8)).toBe(0xffffffff);
  });
});
