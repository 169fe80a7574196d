import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createConnectionKeys } from '../../src/enrich/connection-keys.ts';
import { connectionKey, type Observation } from '../../src/types/socket.ts';
import { connected } from './builders.ts';

/** Few of everything, so that numbers are dealt out again and again. */
const ANY_SOCKET = fc
  .record({
    inode: fc.constantFrom(undefined, 0, 1, 2, 3),
    netns: fc.constantFrom('7', '8'),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    local: fc.tuple(fc.constantFrom('192.0.2.1', '192.0.2.2'), fc.constantFrom(1, 2)),
    remote: fc.tuple(fc.constantFrom('8.8.4.1', '8.8.4.2'), fc.constantFrom(443, 80)),
  })
  .map(({ inode, netns, protocol, local, remote }): Observation => {
    const { inode: _, ...socket } = connected(local, remote, { netns, protocol });
    return inode === undefined ? socket : { ...socket, inode };
  });

describe('createConnectionKeys', () => {
  test('whatever the sockets of the looks before were, a key is that of the socket at hand', () => {
    fc.assert(
      fc.property(fc.array(fc.array(ANY_SOCKET, { maxLength: 8 }), { maxLength: 6 }), (looks) => {
        const keys = createConnectionKeys();
        for (const sockets of looks) {
          keys.begin();
          expect(sockets.map((socket) => keys.of(socket))).toEqual(sockets.map(connectionKey));
          keys.end();
        }
      }),
    );
  });
});
