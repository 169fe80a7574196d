import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIfInet6 } from '../../../src/collect/linux/ipv6-addresses.ts';
import { numRuns } from './fuzz.ts';

describe('parseIfInet6', () => {
  test('reads recorded addresses with interface and prefix', () => {
    const { addresses, malformed } = parseIfInet6(readFileSync('test/fixtures/linux/mixed/net/if_inet6', 'latin1'));
    expect(malformed).toBe(0);
    expect(addresses).toContainEqual({ address: '::1', prefix: 128, interface: 'lo', usable: true });
    expect(addresses).toContainEqual({ address: '2001:db8:50::2', prefix: 64, interface: 'eth0', usable: true });
  });

  test('an address that another machine has too is not usable', () => {
    const { addresses } = parseIfInet6('fd000000000000000000000000000002 04 40 00 88     eth0\n');
    expect(addresses).toEqual([{ address: 'fd00::2', prefix: 64, interface: 'eth0', usable: false }]);
  });

  test('a line that is not as the kernel writes it is counted', () => {
    expect(parseIfInet6('fd00 04 40 00 82 eth0\n')).toEqual({ addresses: [], malformed: 1 });
    expect(parseIfInet6(`${'0'.repeat(32)} 04 ff 00 82 eth0\n`)).toEqual({ addresses: [], malformed: 1 });
  });

  test('survives any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { addresses, malformed } = parseIfInet6(text);
        expect(addresses.length + malformed).toBe(text.split('\n').filter((line) => line.trim() !== '').length);
      }),
      { numRuns },
    );
  });
});
