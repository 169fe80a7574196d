import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createProcfsActiveOpens, parseActiveOpens } from '../../../src/collect/linux/snmp.ts';
import { numRuns } from './fuzz.ts';

const recorded = readFileSync('test/fixtures/proc-net-snmp/linux.txt', 'utf8');
const withCount = (count: string | number) => `Tcp: RtoMin ActiveOpens PassiveOpens\nTcp: 200 ${count} 7\n`;

describe('the counter of opened connections', () => {
  test('is read from a recorded file', () => {
    const values = recorded.split('\n').filter((line) => line.startsWith('Tcp:'))[1]!;
    // Fifth value on every kernel since 2.2; the parser goes by name.
    expect(parseActiveOpens(recorded)).toBe(Number(values.split(' ')[5]));
    expect(parseActiveOpens(recorded)).toBeGreaterThan(0);
  });

  test('is found by its name, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['RtoMin', 'MaxConn', 'ActiveOpens', 'InSegs'], { minLength: 4 }),
        fc.nat(),
        (names, count) => {
          const values = names.map((name) => (name === 'ActiveOpens' ? count : 5));
          return (
            parseActiveOpens(`Ip: ActiveOpens\nIp: 9\nTcp: ${names.join(' ')}\nTcp: ${values.join(' ')}\n`) === count
          );
        },
      ),
      { numRuns: Math.min(numRuns, 1000) },
    );
  });

  test.each([
    ['nothing', ''],
    ['names without values', 'Tcp: RtoMin ActiveOpens\n'],
    ['fewer values than names', 'Tcp: RtoMin ActiveOpens\nTcp: 200\n'],
    ['no such name', 'Tcp: RtoMin\nTcp: 200\n'],
    ['the name twice', 'Tcp: ActiveOpens ActiveOpens\nTcp: 1 2\n'],
    ['a negative value', withCount(-1)],
    ['a word', withCount('many')],
    ['a value beyond exact integers', withCount('9999999999999999')],
    ['another group', 'Udp: ActiveOpens\nUdp: 5\n'],
  ])('is unknown for %s', (_, text) => expect(parseActiveOpens(text)).toBeUndefined());

  test('never throws, and is a whole number or unknown, for any text and any damage', () => {
    const damaged = fc
      .tuple(fc.nat(recorded.length), fc.string({ unit: 'binary', maxLength: 20 }))
      .map(([at, noise]) => recorded.slice(0, at) + noise + recorded.slice(at + noise.length));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), (text) => {
        const count = parseActiveOpens(text);
        return count === undefined || (Number.isSafeInteger(count) && count >= 0);
      }),
      { numRuns },
    );
  });
});

describe('reading namespaces', () => {
  const made: string[] = [];
  afterEach(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  function fakeProc(files: Record<number, string>): string {
    const root = mkdtempSync(join(tmpdir(), 'clawwatch-snmp-'));
    made.push(root);
    for (const [pid, text] of Object.entries(files)) {
      mkdirSync(join(root, pid, 'net'), { recursive: true });
      writeFileSync(join(root, pid, 'net', 'snmp'), text);
    }
    return root;
  }

  test('each is read once, through whichever of its processes can be read', () => {
    const procRoot = fakeProc({ 11: withCount(3), 12: withCount(4), 20: withCount(9) });
    const { activeOpens, blindSpots } = createProcfsActiveOpens({ procRoot }).read([
      { netns: 'a', pid: 10 },
      { netns: 'a', pid: 11 },
      { netns: 'a', pid: 12 },
      { netns: 'b', pid: 20 },
    ]);
    expect(activeOpens).toEqual([
      { netns: 'a', count: 3 },
      { netns: 'b', count: 9 },
    ]);
    expect(blindSpots).toEqual([]);
  });

  test('one that cannot be read is a blind spot and no zero', () => {
    const procRoot = fakeProc({ 11: 'Tcp: rubbish\n' });
    const { activeOpens, blindSpots } = createProcfsActiveOpens({ procRoot }).read([
      { netns: 'a', pid: 11 },
      { netns: 'b', pid: 99 },
    ]);
    expect(activeOpens).toEqual([]);
    expect(blindSpots).toMatchObject([
      { id: 'proc.snmp.unread', essential: false, what: expect.stringContaining('2') },
    ]);
  });
});
