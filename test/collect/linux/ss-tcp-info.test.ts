import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTcpInfo, payloadBytes, type TcpInfo } from '../../../src/collect/linux/ss-tcp-info.ts';
import { numRuns } from './fuzz.ts';

const recorded = (file: string) => readFileSync(`test/fixtures/linux-ss/${file}`, 'utf8').split('\n').slice(0, -1);

/** What the recorded program sent and got, see the README there: opener's port, its bytes out and in. */
const SENT: Record<number, [bytesOut: number, bytesIn: number]> = {
  40001: [1000, 5000],
  40002: [3_000_000, 0],
  40003: [1, 0],
  40004: [0, 0],
  40005: [700, 90],
  40006: [11, 22],
  40007: [195_557, 0],
};

/** Ports and inode of each recorded row, read in another way than the parser does. */
function rows(lines: readonly string[]) {
  return lines.flatMap((line) => {
    const [, , , local = '', remote = ''] = line.split(/\s+/);
    const inode = Number(/ ino:(\d+)/.exec(line)?.[1]);
    const port = (end: string) => Number(end.slice(end.lastIndexOf(':') + 1));
    return Number.isInteger(inode) && inode > 0 ? [{ local: port(local), remote: port(remote), inode }] : [];
  });
}

const line = (tail: string, changes: { state?: string; ino?: string; extra?: string } = {}) =>
  `${changes.state ?? 'ESTAB'} 0 0 192.0.2.1:40000 192.0.2.2:443 ${changes.extra ?? ''}ino:${changes.ino ?? '4711'} sk:1 cgroup:/ <-> ts cubic${tail}    `;
const only = (text: string) => parseTcpInfo([text]).sockets.get(4711);

const bytesOf = (info: TcpInfo, opened: boolean) => payloadBytes(info.state, info, opened);

describe('the rows of ss', () => {
  test.each(['one-line.txt', 'two-lines.txt', 'with-time-wait.txt', 'forged-one-line.txt', 'forged-two-lines.txt'])(
    'of %s give the payload that was really sent, at both ends of every connection',
    (file) => {
      const { sockets, unreadable } = parseTcpInfo(recorded(file));
      expect(unreadable).toBe(0);
      const known = rows(recorded(file));
      expect(sockets.size).toBe(known.length);
      let seen = 0;
      for (const { local, remote, inode } of known) {
        const sent = SENT[local] ?? SENT[remote]?.toReversed();
        if (sent === undefined) continue;
        seen++;
        const bytes = bytesOf(sockets.get(inode)!, local in SENT);
        if (remote === 40007 || local === 40007) {
          // Still under way when it was recorded, and another number in each recording.
          expect(Math.max(bytes.bytesOut, bytes.bytesIn)).toBeGreaterThan(100_000);
          expect(Math.min(bytes.bytesOut, bytes.bytesIn)).toBe(0);
        } else expect([local, bytes.bytesOut, bytes.bytesIn]).toEqual([local, ...sent]);
      }
      expect(seen).toBe(14);
    },
  );

  test('count a segment once that was sent twice, whoever opened the connection', () => {
    const lines = recorded('one-line.txt');
    const { sockets } = parseTcpInfo(lines);
    const ends = rows(lines).filter(({ local, remote }) => local === 40007 || remote === 40007);
    const [opener, acceptor] = ends.sort((a, b) => b.local - a.local).map(({ inode }) => sockets.get(inode)!);
    expect(bytesOf(opener!, true).bytesOut).toBe(195_557);
    expect(bytesOf(opener!, false).bytesOut).toBe(195_557);
    expect(bytesOf(acceptor!, false).bytesIn).toBe(195_557);
  });

  test.each<[string, boolean, number, number]>([
    ['ESTAB', true, 99, 50],
    ['ESTAB', false, 100, 50],
    ['FIN-WAIT-1', true, 99, 50],
    ['FIN-WAIT-2', true, 98, 50],
    ['FIN-WAIT-2', false, 99, 50],
    ['CLOSE-WAIT', true, 99, 49],
    ['LAST-ACK', true, 99, 49],
    ['CLOSING', true, 99, 49],
  ])(
    'in %s, opened here: %s, lose SYN and FIN also where ss does not know what was sent',
    (state, opened, out, back) => {
      const info = only(line(' cwnd:10 bytes_acked:100 bytes_received:50 segs_out:3', { state }));
      expect(bytesOf(info!, opened)).toEqual({ bytesOut: out, bytesIn: back });
    },
  );

  test('are not lost to the TCP-MD5 key of a program, which ss glues to the first of them', () => {
    const { sockets, unreadable } = parseTcpInfo(recorded('forged-md5.txt'));
    expect(unreadable).toBe(0);
    const bytes = [...sockets.values()].map((info) => ({ state: info.state, ...bytesOf(info, true) }));
    expect(bytes).toEqual([
      { state: 'ESTAB', bytesOut: 0, bytesIn: 0 },
      { state: 'ESTAB', bytesOut: 5, bytesIn: 0 },
      { state: 'ESTAB', bytesOut: 0, bytesIn: 5 },
    ]);
  });

  test('without an inode belong to nobody and are no trouble', () => {
    const texts = [
      'TIME-WAIT 0 0 192.0.2.1:1 192.0.2.2:2 timer:(timewait,59sec,0) ino:0 sk:1   ',
      'SYN-RECV  0 0 192.0.2.1:1 192.0.2.2:2 timer:(on,796ms,0)   ',
      line(' cwnd:10 bytes_acked:5', { ino: '0' }),
      '',
      'State Recv-Q Send-Q Local Address:Port Peer Address:Port Process',
    ];
    expect(parseTcpInfo(texts)).toEqual({ sockets: new Map(), unreadable: 0 });
  });

  test('name timer and user before the inode, or neither', () => {
    const extra = 'timer:(keepalive,119min,0) uid:1000 ';
    expect(only(line(' cwnd:10 bytes_acked:5', { extra }))).toEqual({
      state: 'ESTAB',
      bytesAcked: 5,
      bytesReceived: 0,
    });
  });

  test('of an ss that prints the control group behind the arrow are read as well', () => {
    const forged = 'x cwnd:10 bytes_sent:1 bytes_acked:777 bytes_received:888';
    const text = `ESTAB 0 0 192.0.2.1:1 192.0.2.2:2 ino:4711 sk:1 <-> cgroup:/${forged} ts cubic cwnd:10 bytes_sent:9 bytes_acked:10 segs_out:3`;
    expect(only(text)).toEqual({ state: 'ESTAB', bytesAcked: 10, bytesReceived: 0, bytesSentOnce: 9 });
  });

  test.each([
    ['nothing about TCP', line('')],
    ['a counter that is no number', line(' cwnd:10 bytes_acked:many segs_out:1')],
    ['a negative counter', line(' cwnd:10 bytes_received:-1 segs_out:1')],
    ['a counter beyond exact integers', line(' cwnd:10 bytes_received:9999999999999999 segs_out:1')],
    ['an inode that is no number', line(' cwnd:10', { ino: '4x' })],
    ['a word of another language', 'VERBUNDEN 0 0 a b ino:x'],
  ])('with %s are unreadable and no zero', (_, text) => {
    expect(parseTcpInfo([text])).toEqual({ sockets: new Map(), unreadable: 1 });
  });

  test('with an inode that was there already are unreadable: the first stays', () => {
    const { sockets, unreadable } = parseTcpInfo([line(' cwnd:1 bytes_acked:5'), line(' cwnd:1 bytes_acked:6')]);
    expect(sockets.get(4711)?.bytesAcked).toBe(5);
    expect(unreadable).toBe(1);
  });

  test('never throw, and give whole numbers only, whatever the damage', () => {
    const texts = ['one-line.txt', 'two-lines.txt', 'forged-two-lines.txt'].map((file) => recorded(file).join('\n'));
    const damaged = fc
      .tuple(fc.constantFrom(...texts), fc.nat(12_000), fc.nat(12_000), fc.string({ unit: 'binary', maxLength: 30 }))
      .map(([text, from, until, noise]) => text.slice(0, from) + noise + text.slice(until));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), fc.boolean(), (text, opened) => {
        const { sockets, unreadable } = parseTcpInfo(text.split('\n'));
        expect(unreadable).toBeGreaterThanOrEqual(0);
        for (const [inode, info] of sockets) {
          const { bytesOut, bytesIn } = bytesOf(info, opened);
          for (const value of [inode, bytesOut, bytesIn]) expect(Number.isSafeInteger(value)).toBe(true);
          expect(Math.min(inode - 1, bytesOut, bytesIn)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns },
    );
  });

  test('hold nothing that the name of a control group could change', () => {
    const words = fc.constantFrom(
      ' ',
      'ino:7',
      'cwnd:9',
      '<->',
      'bytes_acked:',
      'bytes_sent:5',
      'uid:0',
      '\r',
      'sk:1',
      '9',
    );
    const name = fc
      .array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 12 })
      .map((parts) => parts.join(' '));
    const truth = { state: 'ESTAB', bytesAcked: 10, bytesReceived: 0, bytesSentOnce: 9 };
    fc.assert(
      fc.property(
        name.filter((text) => !text.includes('\n')),
        (group) => {
          const text = `ESTAB 0 0 192.0.2.1:1 192.0.2.2:2 ino:4711 sk:1 cgroup:/${group} <-> ts cwnd:10 bytes_sent:9 bytes_acked:10 segs_out:3`;
          expect(parseTcpInfo([text])).toEqual({ sockets: new Map([[4711, truth]]), unreadable: 0 });
        },
      ),
      { numRuns },
    );
  });
});
