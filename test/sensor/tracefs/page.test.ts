import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { walkPage } from '../../../src/sensor/tracefs/page.ts';
import type { KernelRecord } from '../../../src/sensor/tracefs/records.ts';
import {
  DECODERS,
  eventBytes,
  execBytes,
  LAYOUT,
  long,
  numRuns,
  PAGE_SIZE,
  pageBytes,
  recordedPages,
  short,
  viewOf,
  word,
} from './pages.ts';

function walk(page: Buffer, baseNs = 0n, size = page.length) {
  const view = viewOf(page);
  const records: KernelRecord[] = [];
  const end = walkPage(LAYOUT, view, size, baseNs, (at, length, timeNs) => {
    const record = DECODERS.get(view.getUint16(at, true))?.(view, at, length, timeNs);
    if (record === false) return false;
    if (record) records.push(record);
    return true;
  });
  return { records, end };
}

const exit = (tid: number) => eventBytes('exit', { common_pid: tid, pid: tid, group_dead: 1 });

describe('recorded pages', () => {
  const [page] = recordedPages('mixed.pages');
  const { records, end } = walk(page!, page!.readBigUInt64LE(0));

  test('hold what the program did', () => {
    expect(end).toEqual({ lastNs: expect.any(Number) });
    expect(records.filter((record) => record.kind === 'exec').map((record) => record.filename)).toEqual([
      '/bin/sh',
      '/usr/bin/nsenter',
      '/usr/bin/python3',
      '/usr/bin/true',
    ]);
    const calls = records.filter((record) => record.kind === 'tcp' && record.to === 2);
    expect(
      calls.map((call) => call.kind === 'tcp' && `${call.family} ${call.remoteAddress} ${call.remotePort}`),
    ).toEqual([
      '4 127.0.0.1 7001',
      '6 ::1 7001',
      '6 127.0.0.1 7001',
      '4 127.0.0.1 7002',
      '4 127.0.0.3 7001',
      '4 127.0.0.4 7001',
    ]);
    const times = records.map((record) => record.timeNs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('say exactly how many events were overwritten', () => {
    const lost = recordedPages('lost.pages').map((one) => walk(one, one.readBigUInt64LE(0)));
    expect(lost[0]!.end.missed).toBe(1334);
    expect(lost.slice(1).every(({ end: other }) => other.missed === undefined)).toBe(true);
    expect(lost[0]!.records).toHaveLength(37);
  });
});

describe('walkPage', () => {
  test('adds up time deltas, extensions and absolute times', () => {
    const absolute = 0x0123_4567_89ab_cdefn;
    const high = 0xa800_0000_0000_0000n;
    const stamp = [word((Number(absolute & 0x7ff_ffffn) << 5) | 31), word(Number((absolute >> 27n) & 0xffff_ffffn))];
    const page = pageBytes(high + 1000n, [
      short(5, exit(1)),
      word((3 << 5) | 30),
      word(2),
      short(7, exit(2)),
      ...stamp,
      short(9, exit(3)),
    ]);
    const base = high + 500n;
    const { records } = walk(page, base);
    expect(records.map((record) => record.timeNs)).toEqual([
      505,
      505 + 2 * 2 ** 27 + 3 + 7,
      Number(absolute - 500n) + 9,
    ]);
  });

  test('steps over discarded events and stops at the empty rest', () => {
    const discarded = [word((4 << 5) | 29), word(12), word(0xffff_ffff), word(0xffff_ffff)];
    const page = pageBytes(0n, [short(1, exit(1)), ...discarded, short(1, exit(2)), word(29), long(1, exit(3))]);
    expect(walk(page).records.map((record) => record.kind === 'exit' && [record.tid, record.timeNs])).toEqual([
      [1, 1],
      [2, 6],
    ]);
  });

  test('reads a file name with line breaks and a forged line as one name', () => {
    const name = 'a\nbash-1 [000] 1.0: inet_sock_set_state: x\u0007';
    const { records } = walk(pageBytes(0n, [long(0, execBytes({ pid: 7, old_pid: 7 }, Buffer.from(name)))]));
    expect(records).toEqual([{ kind: 'exec', timeNs: 0, pid: 7, oldTid: 7, filename: name }]);
  });

  test('tells that events were lost although the page had no room for the number', () => {
    expect(walk(pageBytes(0n, [short(1, exit(1))], 'unknown')).end.missed).toBe('unknown');
    expect(walk(pageBytes(0n, [short(1, exit(1))], 12_345)).end.missed).toBe(12_345);
  });

  test.each([
    ['a page that was cut in its header', pageBytes(0n, []), 8],
    ['more data than a page holds', pageBytes(0n, [short(1, exit(1)), word(0)]).fill(0xff, 8, 10), PAGE_SIZE],
    ['data behind what was read', pageBytes(0n, [short(1, exit(1))]), 40],
    ['an event that ends behind the data', pageBytes(0n, [word((1 << 5) | 20), word(0)]), PAGE_SIZE],
    ['a long event without length', pageBytes(0n, [word(1 << 5), word(0), word(0)]), PAGE_SIZE],
    ['padding that ends behind the data', pageBytes(0n, [word((1 << 5) | 29), word(400)]), PAGE_SIZE],
    ['an event shorter than its format', pageBytes(0n, [short(1, exit(1).subarray(0, 12))]), PAGE_SIZE],
    [
      'a file name that points out of its event',
      pageBytes(0n, [long(0, eventBytes('exec', { pid: 1, filename: 0x0fff_0010 }))]),
      PAGE_SIZE,
    ],
  ])('does not believe %s', (_, page, size) => {
    expect(walk(page, 0n, size).end.malformed).toEqual(expect.any(String));
  });

  test('survives any bytes, and reads only inside the page', () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: PAGE_SIZE, size: 'max' });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: PAGE_SIZE }), fc.boolean(), (content, committed, isPlausible) => {
        const page = Buffer.alloc(PAGE_SIZE);
        page.set(content);
        if (isPlausible) page.writeBigUInt64LE(BigInt(committed), LAYOUT.commitOffset);
        walkPage(LAYOUT, viewOf(page), content.length, 0n, (at, length) => {
          expect(at >= LAYOUT.dataOffset && at + length <= content.length).toBe(true);
          return true;
        });
        walk(page);
      }),
      { numRuns },
    );
  });
});
