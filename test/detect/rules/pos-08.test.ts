import { describe, expect, test } from 'vitest';
import { pos08 } from '../../../src/detect/rules/pos-08.ts';
import type { BlindSpot } from '../../../src/types/blind-spot.ts';
import { history, judge, NOW, only, snapshot } from '../builders.ts';

const spot = (more: Partial<BlindSpot> = {}): BlindSpot => ({
  id: 'proc.fd.denied',
  source: 'procfs',
  what: 'owners of 12 sockets of other users',
  why: 'no right to read their file descriptors',
  fix: 'sudo clawwatch scan',
  essential: false,
  ...more,
});

describe('POS-08', () => {
  test.each([
    [true, 'unknown', 'medium'],
    [false, 'finding', 'info'],
  ] as const)('turns a blind spot with essential %s into %s, %s', (essential, verdict, severity) => {
    const finding = only(judge(pos08, snapshot({ blindSpots: [spot({ essential })] })));
    expect(finding).toMatchObject({ verdict, severity, title: 'Not seen: owners of 12 sockets of other users' });
    expect(finding.fixes).toEqual([{ text: 'sudo clawwatch scan' }]);
  });

  test('is silent when everything was seen', () => {
    expect(judge(pos08, snapshot())).toEqual([]);
  });

  test('says one cause once, however often it occurs, and the essential one speaks', () => {
    const many = Array.from({ length: 50 }, (_, i) => spot({ what: `socket ${i}`, essential: i === 30 }));
    const finding = only(judge(pos08, snapshot({ blindSpots: many })));
    expect(finding.title).toBe('Not seen: socket 30 (and 49 more of the same cause)');
    expect(finding.verdict).toBe('unknown');
    expect(finding.evidence.length).toBeLessThan(10);
    expect(finding.fixes).toHaveLength(1);
  });

  test('tells gateways and causes apart', () => {
    const spots = [spot(), spot({ gatewayId: 'default' }), spot({ gatewayId: 'ops' }), spot({ id: 'other' })];
    expect(new Set(judge(pos08, snapshot({ blindSpots: spots })).map(({ fingerprint }) => fingerprint)).size).toBe(4);
  });

  test('keeps its identity when the words change', () => {
    const of = (what: string) => only(judge(pos08, snapshot({ blindSpots: [spot({ what })] }))).fingerprint;
    expect(of('owners of 12 sockets')).toBe(of('owners of 13 sockets'));
  });

  test.each([
    [120_000, 0],
    [121_000, 1],
    [-121_000, 1],
    [-60_000, 0],
  ])('judges a last look %i ms ago with %i findings', (ago, findings) => {
    const found = judge(pos08, snapshot(), { history: history({ lastCycleAt: () => NOW - ago }) });
    expect(found.map(({ severity }) => severity)).toEqual(Array(findings).fill('low'));
  });

  test('does not call the time between two single looks a gap', () => {
    expect(judge(pos08, snapshot(), { singleLook: true, history: history({ lastCycleAt: () => 0 }) })).toEqual([]);
  });
});
