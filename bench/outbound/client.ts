/**
 * `node client.ts <first>`: connections to the addresses 203.0.113.1 to 203.0.113.250 in turn. Lines: `hold <n>` opens
 * until there are n, `renew <n>` closes the n oldest and opens as many; both are answered `ready`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const ADDRESSES = 250;
const AT_ONCE = 100;
const open: Socket[] = [];
let next = Number(process.argv[2]);

async function hold(count: number): Promise<void> {
  while (open.length < count) {
    const fresh = Array.from({ length: Math.min(AT_ONCE, count - open.length) }, () => {
      next += 1;
      return connect(443, `203.0.113.${(next % ADDRESSES) + 1}`);
    });
    await Promise.all(fresh.map((socket) => once(socket, 'connect')));
    for (const socket of fresh) open.push(socket.on('error', () => {}));
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, count] = line.split(' ');
  if (verb === 'renew') {
    for (const socket of open.splice(0, Number(count))) socket.destroy();
    await hold(open.length + Number(count));
  } else await hold(Number(count));
  process.stdout.write('ready\n');
}
process.exit(0);
