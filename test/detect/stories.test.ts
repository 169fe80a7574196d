import { describe, expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import type { Snapshot } from '../../src/types/snapshot.ts';
import {
  connection,
  exposed,
  exposedGateway,
  gateway,
  history,
  listener,
  NOW,
  owner,
  process,
  reachable,
  snapshot,
} from './builders.ts';

/** What every rule together says at low or graver, as a person would read it. */
function told(look: Snapshot): string[] {
  return createDetect()(look, history(), { now: NOW, singleLook: false })
    .filter(({ severity }) => severity !== 'info')
    .map(({ severity, ruleId }) => `${severity} ${ruleId}`);
}

const own = listener('127.0.0.1', 18789, 'loopback', { service: 'gateway' });
const quiet = gateway({ gatewayListeners: [own.key] });
const beside = (...more: Snapshot['listeners']) => snapshot({ gateways: [quiet], listeners: [own, ...more] });
const chrome = owner('browser', process(900, { comm: 'chrome' }));

describe('all rules together tell', () => {
  test('a LAN bind with a token as one fact', () => {
    expect(told(exposed('lan'))).toEqual(['medium EXP-01']);
  });

  test('a global IPv6 address and the visitor who came over it', () => {
    const socket = listener('::', 18789, 'public', {
      service: 'gateway',
      reachableAt: [reachable('public', { address: '2001:db8:a::10', prefix: 64 }), reachable('lan')],
    });
    const open = gateway({ reach: 'public', reachableAt: socket.reachableAt, gatewayListeners: [socket.key] });
    const visitor = connection(['2001:db8:a::10', 18789], ['2001:db8:e::200', 40_000], { family: 6 });
    expect(told(snapshot({ gateways: [open], listeners: [socket], connections: [visitor] }))).toEqual([
      'high EXP-02',
      'high EXP-08',
    ]);
  });

  test('remote debugging and noVNC of one browser as one fact', () => {
    const cdp = listener('0.0.0.0', 18800, 'public', { owner: chrome, service: 'cdp' });
    const vnc = listener('0.0.0.0', 6080, 'public', { owner: chrome });
    expect(told(beside(cdp, vnc))).toEqual(['critical EXP-03']);
  });

  test('a second process on the port of the gateway without accusing the gateway', () => {
    const skill = owner('skill', process(3001), { skill: 'gateway-helper' });
    expect(told(beside(listener('192.168.50.10', 18789, 'lan', { owner: skill })))).toEqual(['high EXP-09']);
  });
});

describe('all rules together are silent for', () => {
  test('a tailnet bind with a token and a phone on it', () => {
    const story = exposedGateway('tailnet');
    const phone = connection(['100.101.102.103', 18789], ['100.88.1.2', 40_000]);
    expect(told(snapshot({ gateways: [story.gateway], listeners: [story.listener], connections: [phone] }))).toEqual(
      [],
    );
  });

  test('Ollama of the system, the managed browser and a managed ingress, all on loopback', () => {
    const { gatewayId: _, ...ollama } = listener('127.0.0.1', 11434, 'loopback', { owner: owner('other', process(5)) });
    const cdp = listener('127.0.0.1', 18800, 'loopback', { owner: chrome, service: 'cdp' });
    const ingress = listener('127.0.0.1', 39211, 'loopback', { service: 'gateway-internal' });
    expect(told(beside(ollama, cdp, ingress))).toEqual([]);
  });

  test('SSH forwards that end at the gateway', () => {
    const sshd = owner('other', process(40, { comm: 'sshd' }));
    const forwards = [1, 2, 3, 4].map((i) =>
      connection(['127.0.0.1', 50_000 + i], ['127.0.0.1', 18789], { owner: sshd, direction: 'internal' }),
    );
    expect(told({ ...beside(), connections: forwards })).toEqual([]);
  });

  test('a container that publishes on loopback only', () => {
    const story = exposedGateway('container', { reachableAt: [reachable('container'), reachable('loopback')] });
    const docker = listener('127.0.0.1', 18789, 'loopback', {
      service: 'docker-proxy',
      netns: '1',
      owner: owner('other', process(60)),
    });
    const inside = { ...story.listener, place: 'container' as const };
    expect(told(snapshot({ gateways: [story.gateway], listeners: [inside, docker] }))).toEqual([]);
  });

  test('a development server on loopback for forty seconds', () => {
    const vite = owner('exec', process(70, { startedAt: NOW - 40_000 }));
    expect(told(beside(listener('127.0.0.1', 5173, 'loopback', { owner: vite })))).toEqual([]);
  });

  test('minimal mDNS on the wildcard', () => {
    expect(
      told(beside(listener('0.0.0.0', 5353, 'lan', { protocol: 'udp', state: 'UNCONN', service: 'mdns' }))),
    ).toEqual([]);
  });
});
