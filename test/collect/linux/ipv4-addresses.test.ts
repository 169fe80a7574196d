import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkOf, parseFibTrie, parseRoutes } from '../../../src/collect/linux/ipv4-addresses.ts';
import { numRuns } from './fuzz.ts';

const recorded = (name: string) => readFileSync(`test/fixtures/linux/mixed/net/${name}`, 'latin1');

describe('parseFibTrie', () => {
  test('finds each address once, and the loopback block', () => {
    expect(parseFibTrie(recorded('fib_trie'))).toEqual({
      addresses: [
        { address: '127.0.0.0', prefix: 8 },
        { address: '127.0.0.1', prefix: 32 },
        { address: '198.51.100.2', prefix: 32 },
      ],
      malformed: 0,
    });
  });

  test('broadcast, network and remote routes are not addresses of ours', () => {
    const text = '     |-- 10.0.0.255\n        /32 link BROADCAST\n     |-- 10.0.0.0\n        /24 link UNICAST\n';
    expect(parseFibTrie(text)).toEqual({ addresses: [], malformed: 0 });
  });

  test('a local entry with a broken address is counted', () => {
    expect(parseFibTrie('  |-- 300.1.1.1\n  /32 host LOCAL\n').malformed).toBe(1);
    expect(parseFibTrie('  /32 host LOCAL\n').malformed).toBe(1);
    expect(parseFibTrie('  |-- 10.0.0.1\n  /99 host LOCAL\n').malformed).toBe(1);
  });

  test('survives any text', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('|-- ', '10.0.0.1', '\n', '/32 host LOCAL', '/'));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        parseFibTrie(pieces.join(''));
      }),
      { numRuns },
    );
  });
});

describe('parseRoutes', () => {
  test('an attached network names the interface and the prefix of an address in it', () => {
    const networks = parseRoutes(recorded('route'), 'LE');
    expect(networkOf('198.51.100.2', networks)).toEqual({ interface: 'eth0', network: 0xc6336400, prefix: 24 });
    expect(networkOf('203.0.113.1', networks)).toBeUndefined();
  });

  test('the longest prefix wins; gateways, rejected and disabled routes do not count', () => {
    const route = (name: string, network: string, flags: string, mask: string) =>
      `${name}\t${network}\t00000000\t${flags}\t0\t0\t0\t${mask}\t0\t0\t0\n`;
    const text = `Iface\n${route('wide', '0000000A', '0001', '000000FF')}${route('narrow', '0000000A', '0001', '00FFFFFF')}${route(
      'gateway',
      '0000000A',
      '0003',
      'FFFFFFFF',
    )}${route('down', '0000000A', '0000', 'FFFFFFFF')}${route('odd', '0000000A', '0001', '00FF00FF')}`;
    const networks = parseRoutes(text, 'LE');
    expect(networks.map(({ interface: name, prefix }) => [name, prefix])).toEqual([
      ['narrow', 24],
      ['wide', 8],
    ]);
    expect(networkOf('10.0.0.9', networks)?.interface).toBe('narrow');
    expect(networkOf('10.9.0.9', networks)?.interface).toBe('wide');
  });

  test('survives any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('\t', '\n', '00000000', '0001', 'eth0'))),
        (pieces) => {
          parseRoutes(`Iface\n${pieces.join('')}`, 'LE');
        },
      ),
      { numRuns },
    );
  });
});
