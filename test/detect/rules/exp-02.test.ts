import { describe, expect, test } from 'vitest';
import { exp01 } from '../../../src/detect/rules/exp-01.ts';
import { exp02 } from '../../../src/detect/rules/exp-02.ts';
import { exposed, exposedGateway, gateway, judge, NOW, only, reachable, snapshot } from '../builders.ts';

describe('EXP-02', () => {
  test.each([
    ['sound', '2026.9.6', 'high'],
    ['unknown', '2026.9.6', 'high'],
    ['weak', '2026.9.6', 'high'],
    ['none', '2026.9.6', 'critical'],
    ['sound', '2026.1.24', 'critical'],
    ['sound', 'nonsense', 'high'],
  ] as const)('grades %s authentication in version %s as %s', (strength, running, severity) => {
    const look = exposed('public', { auth: { mode: 'token', strength, reasons: [] }, version: { running } });
    expect(only(judge(exp02, look)).severity).toBe(severity);
  });

  test('names the address, and what to do after the door is shut', () => {
    const finding = only(judge(exp02, exposed('public')));
    expect(finding.title).toBe('Gateway "default" can be reached from the internet at 203.0.113.10 (eth0)');
    expect(finding.fixes.map(({ command }) => command)).toContain('openclaw devices list');
  });

  test.each(['loopback', 'container', 'tailnet', 'lan'] as const)('is silent at reach %s', (reach) => {
    expect(judge(exp02, exposed(reach))).toEqual([]);
  });

  test('speaks of a global IPv6 address behind a private IPv4 one', () => {
    const look = exposed('public', {
      reachableAt: [reachable('lan'), reachable('public', { address: '2001:db8:a::10', prefix: 64 })],
    });
    const finding = only(judge(exp02, look));
    expect(finding.severity).toBe('high');
    expect(finding.why).toContain('IPv6 has no NAT');
    expect(judge(exp01, look)).toEqual([]);
  });

  test('keeps its identity when a temporary IPv6 address changes within its prefix', () => {
    const at = (address: string) =>
      only(judge(exp02, exposed('public', { reachableAt: [reachable('public', { address })] }))).fingerprint;
    expect(at('2001:db8:a::10')).toBe(at('2001:db8:a:0:d4c1:22ff:fe00:1'));
    expect(at('2001:db8:a::10')).not.toBe(at('2001:db8:b::10'));
    expect(at('203.0.113.10')).toBe(at('203.0.113.77'));
  });

  test('waits for confirmation of a gateway that has just started', () => {
    expect(judge(exp02, exposed('public', { startedAt: NOW - 500 }))).toEqual([]);
  });

  test('is silent for a stopped gateway, and in a container of which nothing is published', () => {
    expect(judge(exp02, exposed('public', { running: false }))).toEqual([]);
    const story = exposedGateway('public', { reachableAt: [reachable('public', { confidence: 'possible' })] });
    const look = snapshot({ gateways: [story.gateway], listeners: [{ ...story.listener, place: 'container' }] });
    expect(judge(exp02, look)).toEqual([]);
    expect(judge(exp02, snapshot({ gateways: [gateway()] }))).toEqual([]);
  });
});
