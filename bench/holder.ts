/**
 * Holds sockets on loopback until its input ends. Reads lines `<connections>`: opens connections to its own listener
 * until it has that many, each of them two sockets, and answers `ready`.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const accepted = new Set<Socket>();
const opened: Socket[] = [];
const server = createServer((socket) => accepted.add(socket.on('error', () => {})));
server.listen(0, '127.0.0.1', 4096);
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

for await (const line of createInterface({ input: process.stdin })) {
  while (opened.length < Number(line)) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    opened.push(socket);
  }
  while (accepted.size < opened.length) await once(server, 'connection');
  process.stdout.write('ready\n');
}
process.exit(0);
