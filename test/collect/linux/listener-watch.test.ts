import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createListenerWatch } from '../../../src/collect/linux/listener-watch.ts';
import { whyNotNetlink } from '../../../src/collect/linux/netlink-sockets.ts';

const without = process.platform === 'linux' ? whyNotNetlink() : 'this is not Linux';

async function ringsFor(host: string): Promise<number> {
  let rings = 0;
  const watch = createListenerWatch({ onNew: () => rings++, everyMs: 20 });
  const server = createServer();
  try {
    await delay(60);
    const before = rings;
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    await delay(120);
    return rings - before;
  } finally {
    watch.close();
    server.close();
  }
}

test.skipIf(without !== undefined)('a listener beyond loopback asks for one look', async () => {
  // Other programs of the machine may begin to listen meanwhile, so at least one.
  expect(await ringsFor('0.0.0.0')).toBeGreaterThanOrEqual(1);
});

test('where netlink does not work it is silent', async () => {
  let rings = 0;
  const watch = createListenerWatch({ onNew: () => rings++, everyMs: 5, open: () => ({ why: 'not here' }) });
  await delay(30);
  watch.close();
  expect(rings).toBe(0);
});
