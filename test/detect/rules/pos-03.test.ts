import { describe, expect, test } from 'vitest';
import { pos03 } from '../../../src/detect/rules/pos-03.ts';
import { FLOORS_AS_OF } from '../../../src/detect/version-floors.ts';
import type { VersionFact } from '../../../src/types/gateway.ts';
import { config, gateway, judge, listener, only, owner, process, snapshot } from '../builders.ts';

const look = (version: VersionFact, running = true) => snapshot({ gateways: [gateway({ version, running })] });

describe('POS-03', () => {
  test.each([
    ['2026.1.24', 'critical'],
    ['2026.1.28-3', 'critical'],
    ['2026.1.29', 'high'],
    ['2026.3.11', 'high'],
    ['2026.3.12', 'medium'],
    ['2026.4.9', 'medium'],
    ['2026.4.10', 'low'],
    ['2026.6.5', 'low'],
  ])('grades version %s as %s', (running, severity) => {
    expect(only(judge(pos03, look({ running }))).severity).toBe(severity);
  });

  test.each(['2026.6.6', '2026.9.6', '2027.1.1'])('is silent for version %s', (running) => {
    expect(judge(pos03, look({ running }))).toEqual([]);
  });

  test('grades the floor of browser and sandbox higher where they are in use', () => {
    const cdp = listener('127.0.0.1', 18800, 'loopback', { service: 'cdp', owner: owner('browser', process(9)) });
    const old = gateway({ version: { running: '2026.4.2' } });
    expect(only(judge(pos03, snapshot({ gateways: [old], listeners: [cdp] }))).severity).toBe('high');
    const sandboxed = { ...old, config: config({ value: { agents: { defaults: { sandbox: { mode: 'all' } } } } }) };
    expect(only(judge(pos03, snapshot({ gateways: [sandboxed] }))).severity).toBe('high');
  });

  test('judges the code that runs and says that the update waits for a restart', () => {
    const finding = only(judge(pos03, look({ running: '2026.1.24', installed: '2026.9.6' })));
    expect(finding.severity).toBe('critical');
    expect(finding.evidence).toContainEqual({ label: 'running', value: '2026.1.24' });
    expect(finding.evidence).toContainEqual({ label: 'installed', value: '2026.9.6' });
    expect(finding.fixes[0]!.text).toContain('does not run yet');
    expect(judge(pos03, look({ running: '2026.9.6', installed: '2026.1.24' }))).toEqual([]);
  });

  test('falls back to the installed version with less certainty, and one step down while it does not run', () => {
    expect(only(judge(pos03, look({ installed: '2026.1.24' })))).toMatchObject({
      severity: 'critical',
      confidence: 'likely',
    });
    expect(only(judge(pos03, look({ installed: '2026.1.24' }, false))).severity).toBe('high');
  });

  test.each([undefined, '', 'latest', '2026.x', '1.2.3'])('answers UNKNOWN for version %s, never fine', (running) => {
    expect(only(judge(pos03, look(running === undefined ? {} : { running }))).verdict).toBe('unknown');
  });

  test('says once that the floors are stale, whatever the number of gateways', () => {
    const late = Date.parse(FLOORS_AS_OF) + 121 * 86_400_000;
    const two = snapshot({ gateways: [gateway(), gateway({ id: 'ops' })] });
    expect(only(judge(pos03, two, { now: late }))).toMatchObject({ severity: 'info', subject: 'version floors' });
    expect(judge(pos03, two, { now: late - 86_400_000 })).toEqual([]);
    expect(judge(pos03, snapshot(), { now: late })).toEqual([]);
  });

  test('is no new finding after an update that does not pass the floor', () => {
    const of = (running: string) => only(judge(pos03, look({ running }))).fingerprint;
    expect(of('2026.1.20')).toBe(of('2026.1.24'));
    expect(of('2026.1.24')).not.toBe(of('2026.2.1'));
  });
});
