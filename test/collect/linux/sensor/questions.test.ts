import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createQuestions } from '../../../../src/collect/linux/sensor/questions.ts';
import { soundEvents } from '../../../../src/collect/linux/sensor/shape.ts';
import type { QuestionEvent } from '../../../../src/types/sensor.ts';
import { numRuns } from '../fuzz.ts';
import { at, connect, useStories } from './story.ts';

const SERVER = '192.0.2.53';
const question = (seconds: number, port: number, more: Partial<QuestionEvent> = {}): QuestionEvent => ({
  kind: 'question',
  at: at(seconds),
  name: 'a1.data.example',
  type: 'TXT',
  rcode: 'NXDOMAIN',
  server: SERVER,
  local: { address: '192.0.2.1', port },
  netns: '1',
  ...more,
});
const sent = (seconds: number, pid: number | undefined, port: number, address = SERVER) =>
  connect(seconds, pid, { protocol: 'udp', remote: { address, port: 53 }, local: { address: '192.0.2.1', port } });

describe('questions to name servers', () => {
  test('are told with the process that has the port, or without one', () => {
    const questions = createQuestions();
    questions.note(sent(1, 300, 40_000));
    questions.note(sent(1, undefined, 40_001));
    questions.note(connect(1, 301, { remote: { address: SERVER, port: 53 }, count: 2, localPorts: [40_002, 40_003] }));
    questions.note(sent(1, 302, 40_004, '192.0.2.54'));
    for (const port of [40_000, 40_001, 40_003, 40_004]) questions.take(question(1.5, port));
    const { questions: told, left } = questions.drain();
    expect(left).toBe(0);
    expect(told.map(({ pid }) => pid)).toEqual([300, undefined, 301, undefined]);
    expect(told[0]).toEqual({
      at: at(1.5),
      name: 'a1.data.example',
      type: 'TXT',
      rcode: 'NXDOMAIN',
      server: SERVER,
      netns: '1',
      pid: 300,
    });
    expect(questions.drain()).toEqual({ questions: [], left: 0 });
  });

  test('belong to who had the port then, and to nobody when that is too long ago', () => {
    const questions = createQuestions();
    questions.note(sent(1, 300, 40_000));
    questions.note(sent(9, 301, 40_000));
    questions.take(question(9, 40_000));
    expect(questions.drain().questions).toMatchObject([{ pid: 301 }]);
    questions.take(question(60, 40_000));
    expect(questions.drain().questions[0]).not.toHaveProperty('pid');
  });

  test('without end are kept up to a number, and the rest is counted', () => {
    const questions = createQuestions();
    for (let index = 0; index < 20_000; index++) {
      questions.note(sent(1, 300, index % 60_000));
      questions.take(question(1, index));
    }
    const { questions: told, left } = questions.drain();
    expect([told.length, left]).toEqual([5_000, 15_000]);
  });
});

const story = useStories();

describe('a look', () => {
  test('holds what was asked since the one before, oldest first, with the asker', async () => {
    const it = story();
    await it.look(0);
    it.tell(sent(1, 300, 40_000), question(1.4, 40_001), question(1.2, 40_000));
    const { sensor } = await it.look(2);
    expect(sensor?.questions?.map((each) => [each.at, each.pid])).toEqual([
      [at(1.2), 300],
      [at(1.4), undefined],
    ]);
    expect((await it.look(4)).sensor?.questions).toEqual([]);
  });

  test('says how many were too many', async () => {
    const it = story();
    await it.look(0);
    for (let index = 0; index < 5_010; index++) it.tell(question(1, index));
    const look = await it.look(2);
    expect(look.losses).toMatchObject([{ source: 'names', count: 10 }]);
    expect(look.spots['sensor.lost']).toBe('10 events of the kernel');
  });
});

describe('what a sensor tells of a question', () => {
  test.each([
    ['a line break in the name', { name: 'a\nb.example' }],
    ['an escape in the name', { name: '\u001b[2Ja.example' }],
    ['a name of another script', { name: 'b\u00fccher.example' }],
    ['no name', { name: '' }],
    ['a name too long', { name: 'a'.repeat(254) }],
    ['a type too long', { type: 'T'.repeat(17) }],
    ['an rcode that is no text', { rcode: 3 as never }],
    ['no own end', { local: undefined as never }],
  ])('is not taken with %s', (_, more) => {
    expect(soundEvents([question(1, 1)]).malformed).toBe(0);
    expect(soundEvents([{ ...question(1, 1), ...more }])).toEqual({ events: [], malformed: 1 });
  });

  test('whatever it is, is printable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const { events } = soundEvents([question(1, 1, { name })]);
        for (const event of events) expect((event as QuestionEvent).name).toMatch(/^[!-~]{1,253}$/);
      }),
      { numRuns },
    );
  });
});
