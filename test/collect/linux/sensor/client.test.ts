import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSensorClient, type SensorClientOptions } from '../../../../src/collect/linux/sensor/client.ts';
import { soundEvents } from '../../../../src/collect/linux/sensor/shape.ts';
import type { SensorEvent } from '../../../../src/types/sensor.ts';
import { encodeFrame, type SensorMessage, sensorSocketPath } from '../../../../src/types/sensor-wire.ts';
import { aStatus, exit, SELF, until, useLinks } from '../../../sensor/link.ts';
import { numRuns } from '../fuzz.ts';

const links = useLinks();

function listen(folder: string, more: Partial<SensorClientOptions> = {}) {
  const events: SensorEvent[] = [];
  const gaps: { fromAt: number; toAt: number; why: string }[] = [];
  const client = createSensorClient({
    uid: SELF,
    trustedUid: SELF,
    folder,
    retryMs: 20,
    onEvents: (told) => void events.push(...told),
    onGap: (gap) => void gaps.push(gap),
    ...more,
  });
  links.after(() => client.close());
  return { client, events, gaps };
}

/** Something at the place of the sensor that says what the test likes, to everybody who comes. */
async function impostor(folder: string, said: Buffer | (() => Buffer)): Promise<{ visits(): number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.on('error', () => {});
    socket.write(typeof said === 'function' ? said() : said);
  });
  await new Promise<void>((resolve) => server.listen(sensorSocketPath(folder, SELF), resolve));
  links.after(() => server.close());
  return { visits: () => visits };
}

const frame = (message: unknown) => encodeFrame(message as SensorMessage);

describe('a sensor that is there', () => {
  test('is heard: its status, the past, and what happens', async () => {
    const server = await links.serve({ past: () => [exit(1)] });
    const { client, events, gaps } = listen(server.folder);
    await client.settled(2_000);
    expect(client.state()).toEqual({ heard: true, status: aStatus() });
    server.publish([exit(2)]);
    await until(() => events.length === 2);
    expect([events, gaps]).toEqual([[exit(1), exit(2)], []]);
  });

  test('and one that ended leave a gap between them, as long as nobody was heard', async () => {
    let at = 5_000;
    const first = await links.serve();
    const { client, events, gaps } = listen(first.folder, { now: () => at });
    await until(() => client.state().heard);
    first.close();
    await until(() => !client.state().heard);
    expect(client.state()).toMatchObject({ lost: true, why: expect.stringMatching(/ended|not running|no sensor/) });
    expect(gaps).toEqual([]);
    at = 9_000;
    const second = await links.serve({ folder: first.folder });
    await until(() => client.state().heard);
    expect(gaps).toEqual([{ fromAt: 5_000, toAt: 9_000, why: 'the sensor went away' }]);
    second.publish([exit(3)]);
    await until(() => events.length === 1);
  });

  test('of another version is not heard, and its events are not believed', async () => {
    const server = await links.serve({ status: () => aStatus({ version: 99 }), past: () => [exit(1)] });
    const { client, events } = listen(server.folder);
    await client.settled(2_000);
    server.publish([exit(2)]);
    await delay(50);
    expect(client.state()).toMatchObject({
      heard: false,
      lost: false,
      why: 'the sensor speaks version 99, and we 1',
      fix: expect.stringContaining('install'),
    });
    expect(events).toEqual([]);
  });

  test('of another version after one of ours is a gap that goes on', async () => {
    const first = await links.serve();
    const { client } = listen(first.folder);
    await until(() => client.state().heard);
    first.close();
    await until(() => !client.state().heard);
    await links.serve({ folder: first.folder, status: () => aStatus({ version: 2 }) });
    await until(() => JSON.stringify(client.state()).includes('version 2'));
    expect(client.state()).toMatchObject({ heard: false, lost: true });
  });

  test('says nothing more to a reader who closed', async () => {
    const server = await links.serve();
    const { client, events } = listen(server.folder);
    await until(() => client.state().heard);
    client.close();
    server.publish([exit(1)]);
    await until(() => server.readers() === 0);
    await delay(60);
    expect([events, server.readers()]).toEqual([[], 0]);
  });
});

describe('a sensor that is not there', () => {
  test('is a reason and a fix, at once', async () => {
    const { client } = listen(links.folder());
    await client.settled(5_000);
    expect(client.state()).toMatchObject({ heard: false, lost: false, why: 'no sensor is installed for this user' });
  });

  test('is one that does not run when its socket is left', async () => {
    const folder = links.folder();
    const server = await links.serve({ folder });
    server.close();
    // A killed sensor cannot remove its socket; a file that nobody listens at is refused in the same way.
    writeFileSync(sensorSocketPath(folder, SELF), '');
    const { client } = listen(folder);
    await until(() => JSON.stringify(client.state()).includes('not running'));
    expect(client.state()).toMatchObject({ heard: false, fix: 'sudo systemctl start clawwatch-sensor' });
  });

  test.skipIf(SELF === 0)('is one that does not serve us when we may not connect', async () => {
    const server = await links.serve();
    chmodSync(sensorSocketPath(server.folder, SELF), 0);
    const { client } = listen(server.folder);
    await until(() => JSON.stringify(client.state()).includes('does not serve'));
  });

  test('a path that no socket can have is a reason too', async () => {
    const long = join(links.folder(), 'x'.repeat(120));
    mkdirSync(long);
    writeFileSync(sensorSocketPath(long, SELF), '');
    const { client } = listen(long, { retryMs: 10 });
    await client.settled(2_000);
    await delay(50);
    expect(client.state()).toMatchObject({ heard: false });
  });

  test('that listens and says nothing holds nobody up for long', async () => {
    const folder = links.folder();
    await impostor(folder, Buffer.alloc(0));
    const { client } = listen(folder);
    const before = performance.now();
    await client.settled(50);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(client.state().heard).toBe(false);
  });
});

describe('a place where anybody could pose as the sensor', () => {
  test.each([0o777, 0o720, 0o702, 0o1777])('a folder of mode %o is not believed', async (mode) => {
    const server = await links.serve();
    chmodSync(server.folder, mode);
    const { client, events } = listen(server.folder);
    await client.settled(2_000);
    server.publish([exit(1)]);
    expect(client.state()).toMatchObject({
      heard: false,
      why: expect.stringContaining('can be written by others'),
      fix: expect.stringContaining('chmod go-w'),
    });
    expect([events, server.readers()]).toEqual([[], 0]);
  });

  test('neither is one whose parent others can write', async () => {
    const parent = links.folder();
    await links.serve({ folder: join(parent, 'run') });
    chmodSync(parent, 0o777);
    const { client } = listen(join(parent, 'run'));
    await client.settled(2_000);
    expect(client.state()).toMatchObject({ heard: false, why: expect.stringContaining(`${parent} can be written`) });
  });

  test.skipIf(SELF === 0)("nor somebody else's", async () => {
    const server = await links.serve();
    const { client } = listen(server.folder, { trustedUid: 0 });
    await client.settled(2_000);
    expect(client.state()).toMatchObject({ heard: false, fix: expect.stringContaining('chown root') });
  });
});

describe('what is no sensor', () => {
  test.each([
    ['text', Buffer.from('SSH-2.0-x\r\n')],
    ['a frame of another kind', frame({ hello: 1 })],
    ['a status of another shape', frame({ status: { ...aStatus(), missing: 'nothing' } })],
    ['a status without counts', frame({ status: { ...aStatus(), counts: undefined } })],
  ])('%s is not understood, and it is tried again', async (_, said) => {
    const folder = links.folder();
    const sensor = await impostor(folder, said);
    const { client } = listen(folder);
    await until(() => sensor.visits() >= 3);
    expect(client.state()).toMatchObject({ heard: false, why: expect.stringContaining('was not understood') });
  });

  test('events of another shape are counted and left out', async () => {
    const folder = links.folder();
    const odd = [{ kind: 'connect' }, null, 7, { kind: 'fork', at: '1', pid: {}, ppid: [], comm: 1 }, exit(3)];
    await impostor(folder, Buffer.concat([frame({ status: aStatus() }), frame({ events: odd })]));
    const { events } = listen(folder, { now: () => 77 });
    await until(() => events.length > 0);
    const why = 'the sensor told what is no event';
    expect(events).toEqual([exit(3), { kind: 'loss', source: 'queue', fromAt: 77, toAt: 77, count: 4, why }]);
  });

  test('a reader whose own work throws is not ended by it', async () => {
    const folder = links.folder();
    const sensor = await impostor(folder, Buffer.concat([frame({ status: aStatus() }), frame({ events: [exit(1)] })]));
    const { client } = listen(folder, {
      onEvents: () => {
        throw new Error('a bug');
      },
    });
    await until(() => sensor.visits() >= 2);
    expect(client.state()).toMatchObject({ heard: false, lost: true });
  });
});

describe('the shape of events', () => {
  test('of any JSON is judged without an exception, and what passes has its types', () => {
    const kind = fc.constantFrom('fork', 'exec', 'exit', 'connect', 'listen', 'name', 'loss', '__proto__', 'x');
    const field = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.integer(),
      fc.string(),
      fc.constant({ address: 'x', port: 1 }),
    );
    const keys = fc.constantFrom(
      'at',
      'pid',
      'ppid',
      'comm',
      'filename',
      'protocol',
      'family',
      'remote',
      'local',
      'count',
    );
    const event = fc
      .tuple(kind, fc.dictionary(keys, field))
      .map(([word, fields]) => ({ ...fields, kind: word }) as unknown);
    fc.assert(
      fc.property(fc.array(fc.oneof(event, fc.jsonValue()), { maxLength: 6 }), (events) => {
        const sound = soundEvents(JSON.parse(JSON.stringify(events)));
        expect(sound.events.length + sound.malformed).toBeLessThanOrEqual(events.length);
        for (const one of sound.events) {
          if ('at' in one) expect(one.at).toBeGreaterThanOrEqual(0);
          if (one.kind === 'connect') expect(typeof one.remote.address).toBe('string');
          if (one.kind === 'fork') expect(Number.isInteger(one.pid) && typeof one.comm === 'string').toBe(true);
        }
      }),
      { numRuns },
    );
  });

  test.each<[string, unknown]>([
    ['a pid of 0', { kind: 'exit', at: 1, pid: 0 }],
    ['a pid with a fraction', { kind: 'exit', at: 1, pid: 1.5 }],
    ['a moment before all moments', { kind: 'exit', at: -1, pid: 1 }],
    ['a moment after all moments', { kind: 'exit', at: 1e300, pid: 1 }],
    ['a path beyond the longest', { kind: 'exec', at: 1, pid: 1, filename: 'x'.repeat(4_097) }],
    ['a port beyond the last', connect({ remote: { address: '192.0.2.1', port: 65_536 } })],
    ['no far end', connect({ remote: undefined })],
    ['a protocol of its own', connect({ protocol: 'sctp' })],
    ['a count of nothing', connect({ count: 0 })],
    ['ports without end', connect({ localPorts: new Array(2_000).fill(1) })],
    ['a count that is a word', { kind: 'loss', source: 'queue', fromAt: 1, toAt: 2, count: 'all', why: 'x' }],
  ])('%s is none', (_, event) => {
    expect(soundEvents([event])).toEqual({ events: [], malformed: 1 });
  });

  test('what is sound stays, and kinds of later versions are left out without a word', () => {
    const events = [
      connect({}),
      connect({ pid: undefined, protocol: 'icmp', outcome: 'failed', count: 3, localPorts: [1, 2, 3] }),
      { kind: 'fork', at: 1.25, pid: 2, ppid: 0, comm: '\u001b[2J' },
      { kind: 'listen', at: 1, family: 6, local: { address: '::', port: 0 } },
      {
        kind: 'name',
        at: 1,
        address: '192.0.2.1',
        name: 'a.test',
        source: 'sni',
        remotePort: 443,
        netns: '4026531840',
      },
      { kind: 'loss', source: 'names', fromAt: 1, toAt: 2, why: 'x' },
    ].map((event) => JSON.parse(JSON.stringify(event)));
    expect(soundEvents([...events, { kind: 'bind', at: 1 }])).toEqual({ events, malformed: 0 });
  });

  test('is judged quickly: 5,000 events cost a few milliseconds', () => {
    const events = Array.from({ length: 5_000 }, (_, pid) => connect({ pid: pid + 1 }));
    soundEvents(events);
    const before = process.cpuUsage();
    for (let round = 0; round < 10; round++) expect(soundEvents(events).malformed).toBe(0);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1_000 / 10;
    if (process.env.CLAWWATCH_FIGURES) console.log(`5,000 events checked in ${ms.toFixed(2)} ms of CPU`);
    expect(ms).toBeLessThan(50);
  });
});

function connect(more: object): object {
  return {
    kind: 'connect',
    at: 1,
    pid: 9,
    protocol: 'tcp',
    family: 4,
    remote: { address: '192.0.2.1', port: 443 },
    local: { address: '192.0.2.9', port: 40_000 },
    outcome: 'established',
    ...more,
  };
}
