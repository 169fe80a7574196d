import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadLibc } from '../../src/native/libc.ts';
import { peerCredentials } from '../../src/native/peer-credentials.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Both ends of a connection: ours and the one that was accepted. */
async function pair(address: { path: string } | { host: string; port: number }): Promise<[Socket, Socket]> {
  const server: Server = createServer().listen(address);
  cleanups.push(() => server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  const where = server.address();
  const client = typeof where === 'string' ? connect(where) : connect(where!.port, '127.0.0.1');
  await once(client, 'connect');
  const other = await accepted;
  cleanups.push(() => other.destroy());
  cleanups.push(() => client.destroy());
  return [client, other];
}

const fdOf = (socket: Socket) => (socket as unknown as { _handle: { fd: number } })._handle.fd;

describe.runIf(!('why' in loadLibc()))('peerCredentials', () => {
  test('says who connected to a Unix socket, and who listens', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clawwatch-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const [client, accepted] = await pair({ path: join(folder, 'socket') });
    const ourselves = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
    expect(peerCredentials(fdOf(accepted))).toEqual(ourselves);
    expect(peerCredentials(fdOf(client))).toEqual(ourselves);
  });

  test('knows nobody behind a TCP socket', async () => {
    const [, accepted] = await pair({ host: '127.0.0.1', port: 0 });
    expect(peerCredentials(fdOf(accepted))).toEqual({ why: 'nobody is at the other end' });
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 31, 999_999])('says why there is no answer for descriptor %s', (fd) => {
    expect(peerCredentials(fd)).toEqual({ why: expect.stringMatching(/no descriptor|EBADF/) });
  });
});
