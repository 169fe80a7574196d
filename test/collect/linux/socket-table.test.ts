import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAddressDecoder } from '../../../src/collect/linux/hex-address.ts';
import { createTableParser } from '../../../src/collect/linux/socket-table.ts';
import type { Protocol } from '../../../src/types/socket.ts';
import { numRuns } from './fuzz.ts';

type File = 'tcp' | 'tcp6' | 'udp' | 'udp6';

function parse(bytes: Buffer, file: File = 'tcp') {
  const parser = createTableParser(
    {
      source: 'test',
      seenAt: 1,
      netns: '7',
      protocol: file.slice(0, 3) as Protocol,
      family: file.endsWith('6') ? 6 : 4,
    },
    createAddressDecoder('LE'),
  );
  parser.end(bytes.length - parser.push(bytes, bytes.length));
  return parser;
}

const recorded = (file: File) => readFileSync(`test/fixtures/linux/mixed/net/${file}`);
const FILES: File[] = ['tcp', 'tcp6', 'udp', 'udp6'];

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (changes: { state?: string; timer?: string; uid?: string; inode?: string; timeout?: string } = {}) =>
  `   0: 0100007F:4965 0100007F:1F90 ${changes.state ?? '01'} 00000000:00000000 ${changes.timer ?? '00:00000000'} 00000000  ${
    changes.uid ?? '1000'
  }        ${changes.timeout ?? '0'} ${changes.inode ?? '4711'} 1 0000000000000000 100 0 0 10 0\n`;
const parseLine = (text: string) => parse(Buffer.from(HEADER + text));

describe('createTableParser', () => {
  test.each(FILES)('reads the recorded %s table as ss read it at that moment', (file) => {
    const { observations, malformed } = parse(recorded(file), file);
    expect(malformed).toBe(0);
    const seen = observations.map((socket) => {
      const end = ({ address, port }: { address: string; port: number }) => `${address} ${port}`;
      return `${socket.state} ${end(socket.local)} ${socket.remote ? end(socket.remote) : '-'} ${socket.inode ?? 0}`;
    });
    expect(seen.sort()).toEqual(ssRows(file).sort());
  });

  test('a listener has no remote end, a connection has one', () => {
    const { observations } = parse(recorded('tcp'));
    expect(observations.find(({ local }) => local.port === 8080)).toEqual({
      source: 'test',
      seenAt: 1,
      netns: '7',
      protocol: 'tcp',
      family: 4,
      state: 'LISTEN',
      local: { address: '198.51.100.2', port: 8080 },
      inode: 1289212,
      uid: 0,
    });
    expect(observations.find(({ state }) => state === 'SYN_SENT')?.remote).toEqual({
      address: '198.51.100.9',
      port: 443,
    });
  });

  test('an IPv4-mapped connection has IPv4 addresses and family 6', () => {
    const mapped = parse(recorded('tcp6'), 'tcp6').observations.filter(({ local }) => local.address === '127.0.0.1');
    expect(mapped.map(({ family }) => family)).toEqual([6, 6, 6]);
  });

  test('TIME_WAIT tells how long ago it was closed, and neither owner nor inode', () => {
    const [socket] = parse(recorded('tcp')).observations.filter(({ state }) => state === 'TIME_WAIT');
    expect(socket).toMatchObject({ closedAgoMs: 60_000 - 0x173c * 10 });
    expect(socket).not.toHaveProperty('uid');
    expect(socket).not.toHaveProperty('inode');
  });

  test('a timer that lies further ahead than TIME_WAIT lasts does not make a negative age', () => {
    const text = line({ state: '06', timer: '03:00001999', inode: '0' });
    expect(parseLine(text).observations[0]?.closedAgoMs).toBe(0);
    expect(parseLine(line({ timer: '02:0000000123456789' })).observations).toHaveLength(1);
  });

  test('a half-open connection keeps the uid of its listener although it has no inode', () => {
    expect(parseLine(line({ state: '03', inode: '0', uid: '33' })).observations[0]).toMatchObject({ uid: 33 });
    expect(parseLine(line({ state: '04', inode: '0' })).observations[0]).not.toHaveProperty('uid');
  });

  test('a state that no kernel has is UNKNOWN and not a guess', () => {
    expect(parseLine(line({ state: '7F' })).observations[0]?.state).toBe('UNKNOWN');
  });

  test.each([
    ['a cut inode', line().slice(0, line().indexOf('4711') + 2)],
    ['an inode with letters behind it', line({ inode: '4711x' })],
    ['an inode too long to be exact', line({ inode: '1234567890123456' })],
    ['a negative inode', line({ inode: '-1' })],
    ['no uid', line({ uid: '' }).replace('        0 4711 1', '')],
    ['letters in the queues', line().replace('00000000:00000000', '0000000g:00000000')],
    ['an address of the wrong length', line().replace('0100007F:4965', '0100007F00:4965')],
    ['no text at all', '\n'],
    [
      'the IPv6 layout',
      `   0: ${'0'.repeat(32)}:0016 ${'0'.repeat(32)}:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1\n`,
    ],
  ])('a line with %s is counted and makes no socket', (_, text) => {
    const { observations, malformed } = parseLine(text);
    expect({ sockets: observations.length, malformed }).toEqual({ sockets: 0, malformed: 1 });
  });

  test('a signed timeout is part of a well-formed line', () => {
    expect(parseLine(line({ timeout: '-1' })).observations).toHaveLength(1);
  });

  test('a table without its header or without anything is not taken for an empty one', () => {
    expect(parse(Buffer.alloc(0)).malformed).toBe(1);
    expect(parse(Buffer.from(line()))).toMatchObject({ malformed: 1, observations: { length: 1 } });
    expect(parse(Buffer.from(HEADER)).malformed).toBe(0);
  });

  test('survives any bytes, and counts every line that it does not understand', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.constant(Buffer.from(line())),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom(...FILES), (pieces, file) => {
        const body = Buffer.concat(pieces);
        const { observations, malformed } = parse(Buffer.concat([Buffer.from(HEADER), body]), file);
        const lines = body.toString('latin1').split('\n');
        const count = lines.length - (lines.at(-1) === '' ? 1 : 0);
        expect(observations.length + malformed).toBe(count);
      }),
      { numRuns },
    );
  });

  test.each(FILES)('a %s table cut anywhere shows only sockets that were in it, and says that it is cut', (file) => {
    const whole = recorded(file);
    const all = parse(whole, file).observations;
    for (let length = 0; length < whole.length; length += 1) {
      const { observations, malformed } = parse(whole.subarray(0, length), file);
      expect(observations).toEqual(all.slice(0, observations.length));
      if (malformed === 0) expect(whole[length - 1]).toBe(0x0a);
    }
  });

  test('one changed byte never makes two sockets of one or lets one vanish uncounted', () => {
    const whole = recorded('tcp6');
    const count = parse(whole, 'tcp6').observations.length;
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        fc.pre(byte !== 0x0a && whole[at] !== 0x0a);
        const changed = Buffer.from(whole);
        changed[at] = byte;
        const { observations, malformed } = parse(changed, 'tcp6');
        expect(observations.length + malformed).toBeGreaterThanOrEqual(count);
        expect(observations.length).toBeLessThanOrEqual(count);
      }),
      { numRuns },
    );
  });
});

const SS_STATES: Record<string, string> = { ESTAB: 'ESTABLISHED', 'TIME-WAIT': 'TIME_WAIT', 'SYN-SENT': 'SYN_SENT' };

/** `ss -tunapeH` as `STATE local remote inode`; the same four tables, told apart as /proc does. */
function ssRows(file: File): string[] {
  return readFileSync('test/fixtures/linux/mixed/ss.txt', 'utf8')
    .trimEnd()
    .split('\n')
    .filter((row) => {
      const isV6 = /\[|\*:\d/.test(row.split(/\s+/)[4]!);
      return row.startsWith(file.slice(0, 3)) && isV6 === file.endsWith('6');
    })
    .map((row) => {
      const [, state, , , local, remote] = row.split(/\s+/);
      const end = (text: string) =>
        text
          .replace(/^\*:/, ':::')
          .replace(/[[\]]/g, '')
          .replace('::ffff:', '')
          .replace(/:(\d+)$/, ' $1');
      const peer = remote!.endsWith('*') ? '-' : end(remote!);
      return `${SS_STATES[state!] ?? state} ${end(local!)} ${peer} ${/ino:(\d+)/.exec(row)![1]}`;
    });
}
