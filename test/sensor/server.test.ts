import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NameEvent, SensorEvent } from '../../src/types/sensor.ts';
import { encodeFrame, MAX_FRAME_BYTES, sensorSocketPath } from '../../src/types/sensor-wire.ts';
import { aStatus, exit, SELF, until, useLinks } from './link.ts';

const links = useLinks();
const isRoot = SELF === 0;
const name = (address: string): NameEvent => ({ kind: 'name', at: 1, address, name: 'a.test', source: 'dns' });

describe('readers', () => {
  test('hear the status, then the past, then everything, each of them', async () => {
    const server = await links.serve({ past: () => [name('192.0.2.1')] });
    const readers = [await links.read(server), await links.read(server), await links.read(server)];
    expect(server.readers()).toBe(3);
    server.publish([exit(1), exit(2)]);
    await until(() => readers.every((reader) => reader.events().length === 3));
    for (const { messages } of readers) {
      expect(messages).toEqual([
        { status: aStatus() },
        { events: [name('192.0.2.1')] },
        { events: [exit(1), exit(2)] },
      ]);
    }
  });

  test('hear a status that changed', async () => {
    let lost = 0;
    const server = await links.serve({ status: () => aStatus({ counts: { ...aStatus().counts, lost } }) });
    const reader = await links.read(server);
    lost = 7;
    server.tellStatus();
    await until(() => reader.messages.length === 2);
    expect(reader.messages[1]).toMatchObject({ status: { counts: { lost: 7 } } });
  });

  test('that say anything are sent away, and the others stay', async () => {
    const server = await links.serve();
    const [talker, quiet] = [await links.read(server), await links.read(server)];
    talker.socket.write('{"stop":true}');
    await until(() => talker.isClosed() && server.readers() === 1);
    server.publish([exit(1)]);
    await until(() => quiet.events().length === 1);
  });

  test('who leave are forgotten', async () => {
    const server = await links.serve();
    const reader = await links.read(server);
    reader.socket.destroy();
    await until(() => server.readers() === 0);
    server.publish([exit(1)]);
    server.tellStatus();
    expect(server.dropped()).toBe(0);
  });

  test('of one user do not take the room of others, and at some number there is no room', async () => {
    const server = await links.serve();
    const readers = [];
    for (let count = 0; count < 12; count++) readers.push(await links.read(server));
    expect(readers.map(({ messages }) => messages.length)).toEqual([...new Array(8).fill(1), ...new Array(4).fill(0)]);
    expect(server.readers()).toBe(8);
    readers[0]!.socket.destroy();
    await until(() => server.readers() === 7);
    expect((await links.read(server)).messages).toHaveLength(1);
  });

  test('whom the kernel calls somebody else are not served; root and the owner of the socket are', async () => {
    let peer: number | undefined = SELF + 1;
    const server = await links.serve({ peerUid: () => peer });
    expect((await links.read(server)).messages).toEqual([]);
    for (peer of [SELF, undefined]) expect((await links.read(server)).messages).toHaveLength(1);
  });

  test('hear the end', async () => {
    const server = await links.serve();
    const reader = await links.read(server);
    server.close();
    await until(() => reader.isClosed());
    expect(reader.messages).toHaveLength(1);
  });
});

describe('a slow reader', () => {
  /** About 4 MB. */
  const big = Array.from({ length: 1_000 }, (_, pid): SensorEvent => {
    return { kind: 'exec', at: 1, pid, filename: 'x'.repeat(4_000) };
  });

  test('is told exactly what it missed, before what came after it, and costs the others nothing', async () => {
    let at = 1_000;
    const server = await links.serve({ now: () => at });
    const [slow, fast] = [await links.read(server), await links.read(server)];
    slow.socket.pause();
    const rounds = 12;
    for (let round = 1; round <= rounds; round++) {
      at = 1_000 + round;
      server.publish(big);
      await until(() => fast.events().length === round * big.length);
    }
    expect(fast.events().filter(({ kind }) => kind === 'loss')).toEqual([]);
    const dropped = server.dropped();
    expect(dropped).toBeGreaterThan(0);
    expect(dropped % big.length).toBe(0);
    at = 2_000;
    slow.socket.resume();
    await until(() => slow.events().length >= rounds * big.length - dropped + 1);
    server.publish([exit(99)]);
    await until(() => slow.events().at(-1)?.kind === 'exit');
    const events = slow.events();
    const losses = events.filter((event) => event.kind === 'loss');
    expect(losses).toEqual([
      {
        kind: 'loss',
        source: 'queue',
        fromAt: 1_000 + rounds - dropped / big.length + 1,
        toAt: 2_000,
        count: dropped,
        why: 'this reader was too slow',
      },
    ]);
    expect(events.length).toBe(rounds * big.length - dropped + 2);
    expect(server.dropped()).toBe(dropped);
  });

  test('holds a limited queue', async () => {
    const server = await links.serve();
    const slow = await links.read(server);
    slow.socket.pause();
    for (let round = 0; round < 30; round++) server.publish(big);
    // 120 MB were told; 16 MB may wait, and some 200 KB lie in the kernel.
    expect(server.dropped()).toBeGreaterThanOrEqual(26 * big.length);
    expect(server.dropped()).toBeLessThan(30 * big.length);
  });
});

describe('frames', () => {
  test('stay below the limit, whatever file names an attacker chooses', async () => {
    const server = await links.serve();
    const reader = await links.read(server);
    // A control character is six in JSON: 500 such names are 12 MB.
    const hostile = Array.from({ length: 500 }, (_, pid): SensorEvent => {
      return { kind: 'exec', at: 1, pid, filename: '\u0001'.repeat(4_095) };
    });
    expect(encodeFrame({ events: hostile }).length).toBeGreaterThan(MAX_FRAME_BYTES);
    server.publish(hostile);
    await until(() => reader.events().length === hostile.length);
    expect(reader.events()).toEqual(hostile);
    expect(reader.messages.length).toBeGreaterThan(2);
  });

  test('hold two thousand events at the most', async () => {
    const server = await links.serve();
    const reader = await links.read(server);
    server.publish(Array.from({ length: 4_500 }, (_, pid) => exit(pid)));
    await until(() => reader.events().length === 4_500);
    expect(reader.messages.slice(1).map((message) => ('events' in message ? message.events.length : 0))).toEqual([
      2_000, 2_000, 500,
    ]);
    expect(reader.events().map((event) => ('pid' in event ? event.pid : -1))).toEqual(
      Array.from({ length: 4_500 }, (_, pid) => pid),
    );
  });
});

describe('the folder and its sockets', () => {
  test('are for their users alone', async () => {
    const folder = join(links.folder(), 'run');
    const before = process.umask();
    await links.serve({ folder });
    expect(process.umask()).toBe(before);
    expect(statSync(folder).mode & 0o7777).toBe(0o755);
    const socket = statSync(sensorSocketPath(folder, SELF));
    expect(socket.isSocket()).toBe(true);
    expect([socket.mode & 0o7777, socket.uid]).toEqual([0o600, SELF]);
  });

  test('are made anew over what a killed sensor left behind', async () => {
    const folder = links.folder();
    writeFileSync(sensorSocketPath(folder, SELF), 'left');
    const server = await links.serve({ folder });
    expect((await links.read(server)).messages).toHaveLength(1);
  });

  test.each([0o777, 0o775, 0o1777])('a folder of mode %o is refused', async (mode) => {
    const folder = links.folder();
    chmodSync(folder, mode);
    await expect(links.serve({ folder })).rejects.toThrow(/can be written by somebody/);
  });

  test("somebody else's folder is refused", async () => {
    await expect(links.serve({ owner: SELF + 1 })).rejects.toThrow(/can be written by somebody/);
  });

  test('a link in its place is refused', async () => {
    const folder = links.folder();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await expect(links.serve({ folder: join(folder, 'link') })).rejects.toThrow(/can be written by somebody/);
  });

  test.skipIf(!isRoot)('each reader has a socket of its own', async () => {
    const server = await links.serve({ readers: [61_001, 61_002] });
    for (const uid of [61_001, 61_002]) {
      const socket = statSync(sensorSocketPath(server.folder, uid));
      expect([socket.uid, socket.mode & 0o7777]).toEqual([uid, 0o600]);
    }
    const readers = [await links.read(server), await links.read(server, 61_001), await links.read(server, 61_002)];
    server.publish([exit(5)]);
    await until(() => readers.every((reader) => reader.events().length === 1));
  });

  test.skipIf(!isRoot)('one user who fills his room leaves the others theirs', async () => {
    const server = await links.serve({ readers: [61_001] });
    for (let count = 0; count < 20; count++) createAndForget(sensorSocketPath(server.folder, 61_001));
    await until(() => server.readers() === 8);
    expect((await links.read(server)).messages).toHaveLength(1);
  });
});

function createAndForget(path: string): void {
  const socket = createConnection(path);
  socket.on('error', () => {});
  links.after(() => socket.destroy());
}
