import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder, OWNER } from '../../bench/sensor/family.ts';
import { CHECKOUT, createPlace, type Place } from '../../bench/sensor/place.ts';
import { type RunningSensor, startSensor } from '../../bench/sensor/running-sensor.ts';
import type { SelfTest } from '../../src/agent/self-test.ts';
import type { Check } from '../../src/cli/doctor-check.ts';
import { createSensorClient } from '../../src/collect/linux/sensor/client.ts';
import { createQuestions } from '../../src/collect/linux/sensor/questions.ts';
import { lab } from './gate.ts';

interface Doctor {
  checks: Check[];
  selfTest: SelfTest;
}

const SERVER = '203.0.113.53';
/** Questions of one process on sockets of its own, some of which point at the server first; nobody answers. */
const ASK = `
import socket, sys
def name(text): return b''.join(bytes([len(l)]) + l.encode() for l in text.split('.')) + b'\\0'
for index in range(20):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    question = bytes([0, index, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + name('part%d.data.example' % index) + bytes([0, 16, 0, 1])
    if index % 2:
        s.connect((sys.argv[1], 53))
        s.send(question)
    else:
        s.bind(('0.0.0.0', 0))
        s.sendto(question, (sys.argv[1], 53))
    s.close()
`;

lab('the self-test beside a live sensor', () => {
  let place: Place;
  let sensor: RunningSensor;

  beforeAll(async () => {
    place = await createPlace();
    sensor = await startSensor(place, [OWNER]);
  });

  afterAll(async () => {
    await sensor?.end();
    await place?.end();
  });

  async function doctor(uid?: number): Promise<Doctor> {
    const child = place.spawn(
      [place.node, `${CHECKOUT}/bin/clawwatch.cjs`, 'doctor', '--selftest', '--json'],
      uid === undefined ? {} : { uid, env: { HOME: makeFolder(place, '.') } },
    );
    let stdout = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr!.resume();
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    await once(child, 'close');
    clearTimeout(timer);
    return JSON.parse(stdout) as Doctor;
  }

  test.each([
    ['root', undefined],
    ['the owner of OpenClaw', OWNER],
  ])('of %s: the sensor saw each connection and datagram, with its owner', async (_, uid) => {
    const { checks, selfTest } = await doctor(uid);
    const { connections, datagrams } = selfTest.made;
    expect([connections, datagrams]).toEqual([20, 10]);
    const [told, polled] = ['sensor', 'polling'].map(
      (source) => selfTest.sources.find((each) => each.source === source)!,
    );
    expect(told).toEqual({
      source: 'sensor',
      connections: { seen: connections, owned: connections },
      datagrams: { seen: datagrams, owned: datagrams },
    });
    // Open for 3 ms each: a look every two seconds may see one or none, and never more than there are.
    expect(polled!.connections!.seen).toBeLessThanOrEqual(connections);
    expect(polled!.connections!.owned).toBeLessThanOrEqual(polled!.connections!.seen);
    const check = (name: string) => checks.find((each) => each.name === name);
    expect(check('selftest sensor')).toMatchObject({
      state: 'OK',
      text: expect.stringContaining('it saw 20 (20 with owner) and 10 (10 with owner)'),
    });
    expect(check('selftest polling')).toMatchObject({ state: 'OK' });
  });

  test('says who is not heard, when the sensor is gone', async () => {
    await sensor.end();
    const { checks, selfTest } = await doctor(OWNER);
    expect(selfTest.sources[0]).toMatchObject({
      source: 'sensor',
      why: expect.stringMatching(/not running|no sensor/),
    });
    expect(checks.find(({ name }) => name === 'selftest sensor')).toMatchObject({ state: 'NOTE' });
    sensor = await startSensor(place, [OWNER]);
  });

  test('questions to a name server that does not answer are told with who asked', async () => {
    const questions = createQuestions();
    let count = 0;
    const client = createSensorClient({
      uid: 0,
      folder: `${place.run}/clawwatch`,
      onGap: () => {},
      onEvents: (events) => {
        for (const event of events) {
          if (event.kind === 'connect') questions.note(event);
          else if (event.kind === 'question' && event.name.endsWith('.data.example')) {
            questions.take(event);
            count += 1;
          }
        }
      },
    });
    await client.settled(3_000);
    expect(client.state().heard).toBe(true);
    const child = place.spawn(['/usr/bin/python3', '-ESs', '-c', ASK, SERVER]);
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    for (let turn = 0; turn < 300 && count < 20; turn += 1) await delay(100);
    client.close();
    const { questions: told } = questions.drain();
    expect(told.map(({ name }) => name).sort()).toEqual(
      Array.from({ length: 20 }, (_, index) => `part${index}.data.example`).sort(),
    );
    expect(new Set(told.map(({ type, rcode, server, pid }) => `${type} ${rcode} ${server} ${pid}`))).toEqual(
      new Set([`TXT undefined ${SERVER} ${child.pid}`]),
    );
  });
});
