/** `node far-end.ts`: accepts everything on port 443 of every address that its namespace routes to itself. */
import { createServer } from 'node:net';

// The far end outlives nobody: its input ends with the bench.
process.stdin.on('end', () => process.exit(0)).resume();
createServer((socket) => socket.on('error', () => {}).resume()).listen({ port: 443, backlog: 4096 }, () =>
  process.stdout.write('ready\n'),
);
