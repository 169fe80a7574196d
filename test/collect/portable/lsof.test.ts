import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLsofSockets } from '../../../src/collect/portable/lsof.ts';
import { readLsofLines } from '../../../src/collect/portable/lsof-fields.ts';
import { canonicalAddress } from '../../../src/types/ip.ts';
import { answer, FUZZ, fakeRun, NEVER, REQUEST, recordedLines, summary } from './recorded.ts';

const source = (lines: string[], end: Parameters<typeof answer>[1] = {}, platform: NodeJS.Platform = 'linux') =>
  createLsofSockets({ run: fakeRun(answer(lines, end)), platform, ownNetns: '7' });
const fields = (...sets: string[][]) => sets.map((set) => set.map((field) => `${field}\0`).join(''));

describe('lsof of Linux', () => {
  it('tells 0.0.0.0 and :: apart by the type, and gives inode, uid and pid', async () => {
    const { observations } = await source(recordedLines('netstat/linux-lsof-4.95-root.fields')).read(REQUEST, NEVER);
    const summaries = observations.map(summary);
    expect(summaries).toContain('tcp4 0.0.0.0 41802 > - LISTEN 12357');
    expect(summaries).toContain('tcp6 :: 41803 > - LISTEN 12357 dual=unknown');
    expect(summaries).toContain('tcp6 ::1 18789 > - LISTEN 12357');
    expect(summaries).toContain('udp4 0.0.0.0 5353 > - UNCONN 12357');
    expect(observations.find((seen) => seen.local.port === 41802)).toMatchObject({ inode: 56786, uid: 0, netns: '7' });
  });

  it('sees the same sockets with the same owners as netstat did at that moment, TIME_WAIT apart', async () => {
    const { readNetstatLines } = await import('../../../src/collect/portable/netstat.ts');
    const lsof = await source(recordedLines('netstat/linux-lsof-4.95-root.fields')).read(REQUEST, NEVER);
    const netstat = readNetstatLines('linux', recordedLines('netstat/linux-net-tools-2.10-root.txt')).sockets;
    const sorted = (sockets: Parameters<typeof summary>[0][]) => sockets.map((s) => `${summary(s)} ${s.inode}`).sort();
    expect(sorted(lsof.observations)).toEqual(sorted(netstat.filter((socket) => socket.state !== 'TIME_WAIT')));
  });

  it('is not led astray by a name that holds a line feed, whole or escaped', () => {
    const named = recordedLines('netstat/linux-lsof-4.95-with-names.fields');
    const plain = recordedLines('netstat/linux-lsof-4.95-root.fields');
    expect(readLsofLines(named, 'linux')).toEqual(readLsofLines(plain, 'linux'));
    const raw = named.join('\n').replace('\\n', '\nPTCP\nn*:1\nTST=LISTEN\n').split('\n');
    expect(readLsofLines(raw, 'linux')).toEqual(readLsofLines(plain, 'linux'));
  });
});

describe('lsof of macOS', () => {
  const lines = recordedLines('darwin/lsof.fields');

  it('reads types, zones inside link-local addresses, and BSD states', async () => {
    const { observations, blindSpots } = await source(lines, {}, 'darwin').read(REQUEST, NEVER);
    expect(observations.map(summary)).toEqual([
      'tcp4 127.0.0.1 18789 > - LISTEN 812',
      'tcp6 :: 18791 > - LISTEN 812,813 dual=unknown',
      'tcp6 :: 18792 > - LISTEN 812 dual=unknown',
      'tcp4 0.0.0.0 18793 > - LISTEN 812',
      'tcp6 ::1 18789 > - LISTEN 812',
      'tcp6 fd00:1111:2222:3333:4444:5555:6666:7777 41002 > 2001:db8:1:2:3:4:5:6 443 ESTABLISHED 812',
      'tcp4 192.0.2.10 50001 > 198.51.100.7 443 SYN_SENT 813',
      'tcp4 192.0.2.10 50002 > 198.51.100.7 443 FIN_WAIT2 813',
      'udp4 192.0.2.10 60001 > 198.51.100.8 443 ESTABLISHED 813',
      'udp6 fe80::aede:48ff:fe00:1122%8 123 > - UNCONN 99',
    ]);
    expect(observations.every((seen) => seen.inode === undefined)).toBe(true);
    expect(blindSpots.filter((spot) => spot.essential)).toEqual([]);
  });

  it('keeps two sockets on one port apart when the kernel says that they are two', async () => {
    const twice = fields(
      ['p1', 'u501'],
      ['f3', 'tIPv4', 'd0x1', 'PUDP', 'n*:5353'],
      ['p2', 'u501'],
      ['f3', 'tIPv4', 'd0x2', 'PUDP', 'n*:5353'],
    );
    const { observations } = await source(twice, {}, 'darwin').read(REQUEST, NEVER);
    expect(observations.map((seen) => seen.pids)).toEqual([[1], [2]]);
  });
});

describe('the lsof source', () => {
  const ids = (spots: { id: string }[]) => spots.map((spot) => spot.id);

  it('asks without names, without touching file systems, and with fields that end by NUL', async () => {
    const run = fakeRun(answer([]));
    await createLsofSockets({ run }).read(REQUEST, NEVER);
    const args = ['-b', '-w', '-n', '-P', '-iTCP', '-iUDP', '-F', 'pufdtPnT0'];
    expect(run.asked).toEqual([{ command: 'lsof', args }]);
  });

  it('takes exit code 1 for ordinary, with output and without', async () => {
    const some = await source(recordedLines('netstat/linux-lsof-4.95-root.fields'), { exitCode: 1 }).read(
      REQUEST,
      NEVER,
    );
    const none = await source([], { exitCode: 1 }).read(REQUEST, NEVER);
    expect(some.observations).toHaveLength(17);
    expect([...some.blindSpots, ...none.blindSpots].filter((spot) => spot.essential)).toEqual([]);
  });

  it('takes exit code 1 with nothing but a complaint for a refusal', async () => {
    const { blindSpots } = await source([], { exitCode: 1, stderr: 'lsof: no permission' }).read(REQUEST, NEVER);
    expect(blindSpots.find((spot) => spot.id === 'lsof.failed')).toMatchObject({ essential: true });
  });

  it('says how to get lsof when it is missing', async () => {
    const { blindSpots } = await source([], { problem: 'missing', exitCode: null }).read(REQUEST, NEVER);
    expect(blindSpots).toHaveLength(1);
    expect(blindSpots[0]).toMatchObject({ id: 'lsof.missing', essential: true, fix: expect.stringContaining('lsof') });
  });

  it('counts sets that it cannot understand, the one that was cut included', async () => {
    const broken = [...fields(['p1'], ['f3', 'tIPv4', 'PTCP', 'nlocalhost:http']), 'f4\0tIPv4\0PTCP\0n127.0.0.1'];
    const { blindSpots } = await source(broken, { problem: 'timeout', exitCode: null }).read(REQUEST, NEVER);
    expect(ids(blindSpots)).toContain('lsof.timeout');
    expect(blindSpots.find((spot) => spot.id === 'lsof.unreadable')?.what).toMatch(/^2 sockets/);
  });

  it('says every time what lsof can never tell', async () => {
    const { blindSpots } = await source(recordedLines('netstat/linux-lsof-4.95-root.fields')).read(REQUEST, NEVER);
    expect(ids(blindSpots)).toEqual(
      expect.arrayContaining(['lsof.short-lived', 'lsof.time-wait', 'lsof.dual-stack', 'lsof.netns']),
    );
  });
});

describe('any text from lsof', () => {
  const recorded = recordedLines('darwin/lsof.fields');
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...recorded),
    fc
      .tuple(fc.constantFrom(...recorded), fc.nat({ max: 90 }), fc.string({ unit: 'binary', maxLength: 6 }))
      .map(([line, at, insert]) => line.slice(0, at) + insert + line.slice(at + 1)),
  );

  it('never throws, and gives only canonical addresses and real pids', () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 8 }), (lines) => {
        for (const seen of readLsofLines(lines, 'linux').sockets) {
          for (const end of [seen.local, seen.remote]) {
            if (end) expect(canonicalAddress(end.address)).toBe(end.address);
          }
          expect(seen.pid).toBeGreaterThanOrEqual(0);
        }
      }),
      FUZZ,
    );
  });

  it('reads a printed socket back, whatever the process is called', () => {
    const name = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
    const address = fc.ipV4();
    fc.assert(
      fc.property(name, address, address, fc.nat({ max: 65_535 }), fc.nat({ max: 99_999 }), (comm, a, b, port, pid) => {
        const printed = fields(
          [`p${pid}`, `c${comm}`, 'u501'],
          ['f3', 'tIPv4', 'd77', 'PTCP', `n${a}:${port}->${b}:443`, 'TST=CLOSE_WAIT'],
        );
        const { sockets, unreadable } = readLsofLines(printed.join('\n').split('\n'), 'linux');
        expect(unreadable).toBe(0);
        expect(sockets).toHaveLength(1);
        expect(sockets[0]).toMatchObject({
          pid,
          uid: 501,
          inode: 77,
          state: 'CLOSE_WAIT',
          local: { address: canonicalAddress(a), port },
          remote: { address: canonicalAddress(b), port: 443 },
        });
      }),
      FUZZ,
    );
  });
});
