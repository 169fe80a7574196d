import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { pos08 } from '../../../src/detect/rules/pos-08.ts';
import type { BlindSpot } from '../../../src/types/blind-spot.ts';
import type { Finding } from '../../../src/types/finding.ts';
import type { Rule } from '../../../src/types/rule.ts';
import type { TelemetryLoss } from '../../../src/types/snapshot.ts';
import { history, judge, NOW, only, process, snapshot } from '../builders.ts';

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

const SKILL_SCRIPT = '/home/u/.openclaw/workspace/skills/tidy/scripts/t.sh';

function loss(more: Partial<TelemetryLoss> = {}): TelemetryLoss {
  return { source: 'names', sinceAt: NOW - 2_000, why: 'the capture process was killed', ...more };
}

describe('POS-08 of a source that is gone', () => {
  test('is info while nothing else is going on', () => {
    const finding = only(judge(pos08, snapshot({ telemetryLost: [loss()] })));
    expect(finding).toMatchObject({ severity: 'info', verdict: 'finding', subject: 'telemetry names' });
    expect(finding.title).toBe('Names of hosts are not seen any more: the capture process was killed');
    expect(finding.fixes[0]!.command).toContain('clawwatch-sensor');
  });

  test('is high where a process of the family ended it, and names the skill', () => {
    const by = [process(70, { argv: ['pkill', 'clawwatch'] }), process(69, { argv: ['bash', SKILL_SCRIPT] })];
    const finding = only(judge(pos08, snapshot({ telemetryLost: [loss({ by })] })));
    expect(finding).toMatchObject({ severity: 'high', subject: 'skill tidy', confidence: 'likely' });
    expect(finding.title).toContain('Skill "tidy" made ClawWatch blind');
    const command = only(judge(pos08, snapshot({ telemetryLost: [loss({ by: [by[0]!] })] })));
    expect(command).toMatchObject({ severity: 'high', fingerprint: finding.fingerprint });
  });

  test('tells a lost sensor as what went with it, and not a second time as a blind spot', () => {
    const spots = [spot({ id: 'sensor.gone' })];
    expect(judge(pos08, snapshot({ telemetryLost: [loss()], blindSpots: spots }))).toHaveLength(1);
    expect(only(judge(pos08, snapshot({ blindSpots: spots }))).title).toMatch(/^Not seen/);
  });
});

/** A rule that tells one finding while it is told to. */
function other(severity: Finding['severity'], isTold: () => boolean): Rule {
  const told = only(judge(pos08, snapshot({ blindSpots: [spot()] })));
  const finding: Finding = { ...told, ruleId: 'EGR-05', severity, fingerprint: 'f-other', title: 'other' };
  return { ...pos08, id: 'EGR-05', defaults: {}, optionNotes: {}, judge: () => (isTold() ? [finding] : []) };
}

describe('POS-08 while something is open', () => {
  function lookThrough(severity: Finding['severity'], openFromMs: number, untilMs = Number.POSITIVE_INFINITY) {
    let at = 0;
    const detect = createDetect({ rules: [pos08, other(severity, () => at >= openFromMs && at < untilMs)] });
    const severities: string[] = [];
    for (at = 0; at <= 8_000; at += 2_000) {
      const lost = at >= 4_000 ? { telemetryLost: [loss({ sinceAt: NOW + 2_000 })] } : {};
      const last = { lastCycleAt: () => NOW + at - 2_000 };
      const look = snapshot({ at: NOW + at, ...lost });
      const found = detect(look, history(last), { now: NOW + at, singleLook: false });
      const blind = found.find(({ ruleId }) => ruleId === 'POS-08');
      severities.push(blind?.severity ?? '-');
    }
    return severities.join(' ');
  }

  test.each([
    ['a medium one that was open before', 'medium', 0, '- - high high high'],
    ['a low one', 'low', 0, '- - info info info'],
    ['a grave one that came only afterwards', 'high', 6_000, '- - info info info'],
  ] as const)('%s', (_title, severity, from, expected) => {
    expect(lookThrough(severity, from)).toBe(expected);
  });

  test('stays high when that one ends for want of eyes', () => {
    expect(lookThrough('high', 0, 6_000)).toBe('- - high high high');
  });
});

describe('POS-08 of missed connections', () => {
  const lately = (opened: number, seen: number, spanMs = 600_000) => ({
    coverage: { intervalMs: 2_000, opened: 0, seen: 0, owned: 0, named: 0, lately: { spanMs, opened, seen } },
  });

  test.each([
    ['most of them, with a sensor', 'T1', lately(120, 40), ['medium']],
    ['most of them, by polling', 'T0', lately(120, 40), ['info']],
    ['a fifth', 'T1', lately(100, 80), []],
    ['too few to say', 'T1', lately(40, 0), []],
    ['too short a time', 'T1', lately(120, 40, 300_000), []],
    ['nothing opened', 'T1', lately(0, 0), []],
  ] as const)('%s', (_title, telemetry, more, severities) => {
    const found = judge(pos08, snapshot({ telemetry, ...more }));
    expect(found.map(({ severity }) => severity)).toEqual(severities);
    for (const { title } of found) expect(title).toContain('At least 60 % of the connections');
  });

  test('counts as a hole when the sensor was lost', () => {
    const found = judge(pos08, snapshot({ telemetryLost: [loss()], ...lately(120, 40) }));
    expect(found.map(({ severity }) => severity).sort()).toEqual(['info', 'medium']);
  });
});
