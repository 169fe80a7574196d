import { describe, expect, test } from 'vitest';
import { exp08 } from '../../../src/detect/rules/exp-08.ts';
import type { Gateway } from '../../../src/types/gateway.ts';
import type { Connection } from '../../../src/types/snapshot.ts';
import { connection, exposedGateway, history, judge, NOW, only, snapshot } from '../builders.ts';

const from = (address: string, more: Partial<Connection> = {}) =>
  connection(['192.168.50.10', 18789], [address, 50_000], more);

function look(connections: Connection[], more: Partial<Gateway> = {}) {
  const story = exposedGateway('public', more);
  return snapshot({ gateways: [story.gateway], listeners: [story.listener], connections });
}

describe('EXP-08', () => {
  test.each([
    ['100.88.1.2', 'sound', 'info'],
    ['192.168.50.77', 'sound', 'medium'],
    ['198.51.100.200', 'sound', 'high'],
    ['2001:db8:e::200', 'sound', 'high'],
    ['198.51.100.200', 'none', 'critical'],
    ['192.168.50.77', 'none', 'medium'],
  ] as const)('grades a peer at %s with %s authentication as %s', (address, strength, severity) => {
    const found = only(judge(exp08, look([from(address)], { auth: { mode: 'token', strength, reasons: [] } })));
    expect(found.severity).toBe(severity);
    expect(found.title).toContain(address);
  });

  test('is critical from the internet for a version whose authentication can be passed by', () => {
    expect(only(judge(exp08, look([from('198.51.100.200')], { version: { running: '2026.1.20' } }))).severity).toBe(
      'critical',
    );
  });

  test('is silent for loopback, for our own address, for what we opened and for other ports', () => {
    const silent = [
      connection(['127.0.0.1', 18789], ['127.0.0.1', 50_000]),
      from('192.168.50.10'),
      from('198.51.100.200', { direction: 'outbound' }),
      connection(['192.168.50.10', 22], ['198.51.100.200', 50_000]),
    ];
    expect(judge(exp08, look(silent))).toEqual([]);
  });

  test('sees connections that just closed or are half open', () => {
    expect(judge(exp08, look([from('198.51.100.200', { state: 'TIME_WAIT' })]))).toHaveLength(1);
    expect(judge(exp08, look([from('198.51.100.200', { state: 'SYN_RECV' })]))).toHaveLength(1);
  });

  test('counts one party once: an address on the LAN, a /24 or /48 on the internet', () => {
    const peers = [
      '198.51.100.200',
      '198.51.100.201',
      '2001:db8:e::1',
      '2001:db8:e:1::2',
      '192.168.50.77',
      '192.168.50.78',
    ];
    expect(judge(exp08, look(peers.map((address) => from(address))))).toHaveLength(4);
  });

  test('tells many public networks within the hour as one probe', () => {
    const past = ['203.0.113.1', '2001:db8:1::1', '2001:db8:2::1', '2001:db8:3::1'];
    const asked: number[] = [];
    const remembered = history({
      inboundPeers: (_, sinceAt) => {
        asked.push(sinceAt);
        return past.map((address) => ({ address, firstAt: NOW - 60_000, lastAt: NOW - 50_000 }));
      },
    });
    const found = only(judge(exp08, look([from('198.51.100.200')]), { history: remembered }));
    expect(found.title).toContain('is being probed from the internet: 5 networks');
    expect(found.severity).toBe('high');
    expect(asked).toEqual([NOW - 3_600_000]);
  });

  test('does not count LAN peers of the past as strangers', () => {
    const remembered = history({
      inboundPeers: () =>
        ['192.168.50.1', '192.168.50.2', '10.0.0.1', '10.1.0.1', '10.2.0.1'].map((address) => ({
          address,
          firstAt: NOW,
          lastAt: NOW,
        })),
    });
    expect(judge(exp08, look([]), { history: remembered })).toEqual([]);
  });

  test('leaves the bridge address in front of a container to the publisher', () => {
    const story = exposedGateway('container');
    const inside = { ...story.listener, place: 'container' as const };
    const bridge = connection(['172.18.0.2', 18789], ['172.18.0.1', 50_000]);
    expect(judge(exp08, snapshot({ gateways: [story.gateway], listeners: [inside], connections: [bridge] }))).toEqual(
      [],
    );
  });
});
