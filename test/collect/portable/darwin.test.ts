import { describe, expect, it } from 'vitest';
import { createDarwinSockets, mergeSockets } from '../../../src/collect/portable/darwin.ts';
import type { Observation } from '../../../src/types/socket.ts';
import { answer, fakeRun, NEVER, REQUEST, recordedLines, summary } from './recorded.ts';

const missing = answer([], { problem: 'missing', exitCode: null });
const read = (lsof = answer(recordedLines('darwin/lsof.fields')), version = '26') =>
  createDarwinSockets({
    runLsof: fakeRun(lsof),
    runNetstat: fakeRun(answer(recordedLines(`darwin/netstat-${version}.txt`))),
  }).read(REQUEST, NEVER);

const listener = (pids: number[], more: Partial<Observation> = {}): Observation => ({
  source: 'x',
  seenAt: 0,
  netns: 'own',
  protocol: 'tcp',
  family: 4,
  state: 'LISTEN',
  local: { address: '127.0.0.1', port: 18_789 },
  pids,
  ...more,
});

describe('sockets of macOS', () => {
  it.each(['14', '15', '26'])(
    'takes owners from lsof and adds what only netstat of version %s saw',
    async (version) => {
      const { observations } = await read(undefined, version);
      const bySource = Object.groupBy(observations, (seen) => seen.source);
      expect(bySource.lsof).toHaveLength(10);
      expect(bySource.netstat?.map(summary)).toEqual([
        'tcp6 fe80::1%lo0 1024 > fe80::2%lo0 1025 ESTABLISHED 640',
        'tcp4 192.0.2.10 50003 > 198.51.100.7 443 TIME_WAIT nobody',
        'udp4 0.0.0.0 5353 > - UNCONN 312',
        'udp6 :: 41641 > - UNCONN 400 dual=yes',
      ]);
    },
  );

  it('learns from netstat which listeners on :: take IPv4, and keeps every holder that lsof knew', async () => {
    const summaries = (await read()).observations.map(summary);
    expect(summaries).toContain('tcp6 :: 18791 > - LISTEN 812,813 dual=yes');
    expect(summaries).toContain('tcp6 :: 18792 > - LISTEN 812 dual=no');
  });

  it('drops the gaps that the other tool fills, and keeps those that neither can', async () => {
    const ids = (await read()).blindSpots.map((spot) => spot.id);
    expect(ids).not.toContain('lsof.time-wait');
    expect(ids).not.toContain('lsof.dual-stack');
    expect(ids.filter((id) => id.endsWith('.short-lived'))).toHaveLength(1);
    expect(ids).toContain('netstat.time-wait-owner');
  });

  it('is not essentially blind without lsof, but says so', async () => {
    const { observations, blindSpots } = await read(missing);
    expect(observations).toHaveLength(14);
    expect(blindSpots.find((spot) => spot.id === 'lsof.missing')).toMatchObject({ essential: false });
  });

  it('is essentially blind when neither works', async () => {
    const source = createDarwinSockets({ runLsof: fakeRun(missing), runNetstat: fakeRun(missing) });
    const { blindSpots } = await source.read(REQUEST, NEVER);
    expect(blindSpots.map((spot) => [spot.id, spot.essential])).toEqual([
      ['lsof.missing', true],
      ['netstat.missing', true],
    ]);
  });
});

describe('merging two views of one host', () => {
  it('keeps a second socket on the same port that lsof could not see', () => {
    const mine = listener([812]);
    const merged = mergeSockets([mine], [listener([812]), listener([4000])]);
    expect(merged.map((seen) => seen.pids)).toEqual([[812], [4000]]);
  });

  it('takes one socket for one although the tools name different holders', () => {
    expect(mergeSockets([listener([812, 813])], [listener([700])])).toEqual([listener([812, 813])]);
  });

  it('keeps the families of a port apart', () => {
    const merged = mergeSockets([listener([1])], [listener([2], { family: 6 })]);
    expect(merged).toHaveLength(2);
  });
});
