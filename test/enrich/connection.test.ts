import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/types/snapshot.ts';
import type { Observation } from '../../src/types/socket.ts';
import { connected, GATEWAY_PROCESS, LAN, LO, listening, look, member, only, process, TAILSCALE } from './builders.ts';

const SHELL = process(840, { ppid: 812, argv: ['/bin/bash', '--noprofile', '--norc', '-c', 'x'] });

function judge(socket: Observation, listeners: Observation[] = [listening('0.0.0.0')]): Connection {
  return only(
    look({
      processes: [GATEWAY_PROCESS, SHELL],
      family: [member(GATEWAY_PROCESS, 'root'), member(SHELL, 'descendant', [GATEWAY_PROCESS])],
      interfaces: [...LO, LAN, TAILSCALE],
      observations: [...listeners, socket],
    }).connections,
  );
}

describe('the direction of a connection', () => {
  const peer: [string, number] = ['192.168.50.77', 50000];
  it.each<[string, Observation, Connection['direction']]>([
    ['to the gateway from the LAN', connected(['192.168.50.10', 18789], peer), 'inbound'],
    ['to the gateway, still opening', connected(['192.168.50.10', 18789], peer, { state: 'SYN_RECV' }), 'inbound'],
    ['to the gateway, closed', connected(['192.168.50.10', 18789], peer, { state: 'TIME_WAIT' }), 'inbound'],
    [
      'half open on a port without a listener',
      connected(['192.168.50.10', 4444], peer, { state: 'NEW_SYN_RECV' }),
      'inbound',
    ],
    ['from an ephemeral port', connected(['192.168.50.10', 50000], ['8.8.8.8', 443]), 'outbound'],
    ['still opening outward', connected(['192.168.50.10', 50000], ['8.8.8.8', 443], { state: 'SYN_SENT' }), 'outbound'],
    ['within loopback, client side', connected(['127.0.0.1', 50000], ['127.0.0.1', 18789]), 'internal'],
    ['within loopback, server side', connected(['127.0.0.1', 18789], ['127.0.0.1', 50000]), 'internal'],
    ['over our own LAN address', connected(['192.168.50.10', 18789], ['192.168.50.10', 50000]), 'internal'],
    ['to nowhere', connected(['192.168.50.10', 50000], ['0.0.0.0', 0]), 'unknown'],
    ['to the gateway over UDP', connected(['192.168.50.10', 18789], peer, { protocol: 'udp' }), 'outbound'],
  ])('%s', (_title, socket, direction) => {
    expect(judge(socket).direction).toBe(direction);
  });

  it('is inbound on the gateway port even after its listener has gone', () => {
    expect(judge(connected(['192.168.50.10', 18789], ['192.168.50.77', 1]), []).direction).toBe('inbound');
  });

  it('depends on the family and address that a listener takes', () => {
    const inbound = (socket: Observation, local: string) =>
      judge(connected([local, 4444], local.includes(':') ? ['2606:4700::1', 1] : ['192.168.50.77', 1]), [socket])
        .direction;
    expect(inbound(listening('0.0.0.0', 4444, { pids: [] }), '192.168.50.10')).toBe('inbound');
    expect(inbound(listening('0.0.0.0', 4444, { pids: [] }), 'fd77::10')).toBe('outbound');
    expect(inbound(listening('::', 4444, { pids: [] }), '192.168.50.10')).toBe('inbound');
    expect(inbound(listening('::', 4444, { pids: [], dualStack: 'no' }), '192.168.50.10')).toBe('outbound');
    expect(inbound(listening('127.0.0.1', 4444, { pids: [] }), '192.168.50.10')).toBe('outbound');
    expect(inbound(listening('0.0.0.0', 4444, { pids: [], netns: '1' }), '192.168.50.10')).toBe('outbound');
  });
});

describe('a connection', () => {
  it('belongs to the gateway by its family or by the local port, and not by the remote port', () => {
    expect(judge(connected(['192.168.50.10', 5], ['8.8.8.8', 443], { pids: [840] }))).toMatchObject({
      gatewayId: 'default',
      owner: { role: 'exec' },
    });
    expect(judge(connected(['192.168.50.10', 18789], ['192.168.50.77', 5])).gatewayId).toBe('default');
    expect(judge(connected(['127.0.0.1', 5], ['127.0.0.1', 18789], { pids: [] })).gatewayId).toBeUndefined();
  });

  it.each([
    ['8.8.8.8', 'public'],
    ['192.168.50.77', 'private'],
    ['100.70.0.1', 'tailnet'],
    ['169.254.169.254', 'metadata'],
    ['0.0.0.0', 'unspecified'],
  ])('to %s goes to a %s address', (address, expected) => {
    expect(judge(connected(['192.168.50.10', 5], [address, 443])).remoteClass).toBe(expected);
  });

  it('without a known remote end has no class', () => {
    const { remote: _remote, ...socket } = connected(['192.168.50.10', 5], ['8.8.8.8', 443]);
    const judged = judge({ ...socket, state: 'CLOSE' });
    expect(judged).toMatchObject({ direction: 'unknown' });
    expect(judged.remoteClass).toBeUndefined();
  });
});
