import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEventFormat, parsePageLayout } from '../../../src/sensor/tracefs/format.ts';
import { createDecoder, EVENTS, type EventName } from '../../../src/sensor/tracefs/records.ts';
import { FORMATS, fixture, LAYOUT, numRuns } from './pages.ts';

const text = (file: string) => fixture(file).toString();

describe('parseEventFormat', () => {
  test('finds number and fields of a recorded file', () => {
    const { id, fields } = FORMATS.tcp;
    expect(id).toBe(2287);
    expect(fields.get('skaddr')).toEqual({ offset: 8, size: 8, isTextLocation: false });
    expect(fields.get('daddr_v6')).toEqual({ offset: 56, size: 16, isTextLocation: false });
    expect(FORMATS.exec.fields.get('filename')).toEqual({ offset: 8, size: 4, isTextLocation: true });
    expect(FORMATS.fork.fields.get('comm')).toEqual({ offset: 12, size: 16, isTextLocation: false });
  });

  test.each([
    ['nothing', ''],
    ['no number', text('tcp.format').replace(/^ID: .*$/m, '')],
    ['no fields', 'name: x\nID: 5\nformat:\n'],
    ['a field behind every buffer', 'ID: 5\n\tfield:int pid;\toffset:90000;\tsize:4;\tsigned:1;\n'],
  ])('%s is no format', (_, input) => {
    expect(parseEventFormat(input)).toBeUndefined();
  });

  test('survives any text', () => {
    const word = fc.constantFrom(
      'ID: 5\n',
      '\tfield:',
      'int pid',
      ';',
      '\toffset:',
      '\tsize:',
      '4',
      '99999',
      '\n',
      '[8]',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join('')),
        ),
        (input) => {
          const format = parseEventFormat(input);
          for (const field of format?.fields.values() ?? [])
            expect(field.offset + field.size).toBeLessThanOrEqual(65536);
        },
      ),
      { numRuns },
    );
  });
});

describe('parsePageLayout', () => {
  test('reads the recorded headers', () => {
    expect(LAYOUT).toEqual({
      timestampOffset: 0,
      commitOffset: 8,
      longSize: 8,
      dataOffset: 16,
      dataSize: 4080,
      padding: 29,
      timeExtend: 30,
      timeStamp: 31,
      maxShortLength: 28,
    });
  });

  test('refuses a kernel that packs its headers another way', () => {
    const [page, event] = [text('header_page'), text('header_event')];
    expect(parsePageLayout(page, event.replace('27 bits', '28 bits'))).toBeUndefined();
    expect(parsePageLayout(page, event.replace('type == 30', 'type is 30'))).toBeUndefined();
    expect(parsePageLayout(page.replace('timestamp', 'stamp'), event)).toBeUndefined();
    expect(parsePageLayout('', '')).toBeUndefined();
  });
});

describe('createDecoder', () => {
  test.each(Object.keys(EVENTS) as EventName[])('says which field an older kernel lacks: %s', (name) => {
    const format = FORMATS[name];
    const lacking = { id: format.id, fields: new Map([...format.fields].filter(([key]) => key.startsWith('common_'))) };
    expect(createDecoder(name, lacking)).toEqual({ why: expect.stringContaining(EVENTS[name]) });
  });

  test('reads on a kernel that does not tell whether a process ended with its thread', () => {
    const fields = new Map([...FORMATS.exit.fields].filter(([key]) => key !== 'group_dead'));
    expect(createDecoder('exit', { id: 1, fields })).toHaveProperty('decode');
  });
});
