import { describe, expect, it } from 'vitest';
import { connectionKey, isListening, listenerKey, type Observation, type SocketState } from '../../src/types/socket.ts';

const socket: Observation = {
  source: 'test',
  seenAt: 1,
  netns: '4026531840',
  protocol: 'tcp',
  family: 4,
  state: 'LISTEN',
  local: { address: '127.0.0.1', port: 18789 },
};

describe('a listening socket', () => {
  it.each([
    ['LISTEN', true],
    ['UNCONN', true],
    ['ESTABLISHED', false],
    ['SYN_RECV', false],
    ['TIME_WAIT', false],
    ['UNKNOWN', false],
  ] as [SocketState, boolean][])('in state %s: %s', (state, expected) => {
    expect(isListening({ state })).toBe(expected);
  });
});

describe('keys', () => {
  it('stay the same when process, inode and time change', () => {
    const later = { ...socket, seenAt: 2, inode: 99, pids: [7], uid: 1000 };
    expect(listenerKey(later)).toBe(listenerKey(socket));
  });

  it.each([
    ['namespace', { netns: '1' }],
    ['protocol', { protocol: 'udp' as const }],
    ['address', { local: { address: '0.0.0.0', port: 18789 } }],
    ['port', { local: { address: '127.0.0.1', port: 18790 } }],
  ])('differ with the %s', (_what, change) => {
    expect(listenerKey({ ...socket, ...change })).not.toBe(listenerKey(socket));
  });

  it('of a connection hold both ends, and survive a missing remote end', () => {
    const remote = { address: '192.0.2.1', port: 443 };
    expect(connectionKey({ ...socket, remote })).not.toBe(
      connectionKey({ ...socket, remote: { ...remote, port: 444 } }),
    );
    expect(connectionKey(socket)).toContain('-');
  });
});
