/**
 * `node gateway.ts <port>`: plays a gateway. It listens, and starts what each line of its input names (the arguments as
 * JSON); what these children print goes to its output.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const server = createServer().listen(Number(process.argv[2]), '127.0.0.1');
await once(server, 'listening');
process.stdout.write('"listening"\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [program, ...argv] = JSON.parse(line) as string[];
  spawn(program!, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
}
process.exit(0);
