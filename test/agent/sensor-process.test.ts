import { describe, expect, test } from 'vitest';
import { askSensor } from '../../src/agent/ask-sensor.ts';
import { readerUids, startSensorProcess } from '../../src/agent/sensor-process.ts';
import { SELF, useLinks } from '../sensor/link.ts';

const PASSWD = 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nbad:x:abc:0::/:/bin/sh\nal:x:7:7::/:/bin/sh\n';

describe('readers', () => {
  test('are users by name or number', () => {
    expect(readerUids(['alice', '7', 'al', 'root', '4000000'], PASSWD)).toEqual([1000, 7, 7, 0, 4_000_000]);
    expect(readerUids([], PASSWD)).toEqual([]);
  });

  test.each(['mallory', '', 'bad', 'ali', '-1', '1.5', '99999999999', 'alice\nroot', '\u001b[2J'])(
    '%j is nobody',
    (name) => expect(() => readerUids(['alice', name], PASSWD)).toThrow(/there is no user/),
  );

  test('a name without end is cut in what is said of it', () => {
    try {
      readerUids(['x'.repeat(100_000)], PASSWD);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(200);
    }
  });
});

test.skipIf(SELF === 0 || process.platform !== 'linux')('the sensor does not start without root', async () => {
  const options = { readers: [], names: false, datagrams: false, now: Date.now, say: () => {} };
  await expect(startSensorProcess({ ...options, stop: new AbortController().signal })).rejects.toThrow(
    /starts as root/,
  );
});

describe('asking the sensor once', () => {
  const links = useLinks();

  test('is quick where there is none, and leaves nothing open', async () => {
    const before = performance.now();
    const state = await askSensor({ now: Date.now, folder: links.folder() });
    expect(state).toMatchObject({ heard: false, lost: false });
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test.skipIf(SELF !== 0)('tells its status where there is one', async () => {
    const server = await links.serve();
    expect(await askSensor({ now: Date.now, folder: server.folder })).toMatchObject({
      heard: true,
      status: { pid: 4711 },
    });
  });
});
