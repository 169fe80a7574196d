import { describe, expect, test } from 'vitest';
import { exp01 } from '../../../src/detect/rules/exp-01.ts';
import type { AuthFact } from '../../../src/types/gateway.ts';
import {
  exposed,
  exposedGateway,
  gateway,
  history,
  judge,
  listener,
  NOW,
  only,
  reachable,
  snapshot,
  wordsIn,
} from '../builders.ts';

const auth = (strength: AuthFact['strength']): AuthFact => ({ mode: 'token', strength, reasons: [] });

describe('EXP-01', () => {
  test('fires for a wildcard bind on the LAN and says who can come', () => {
    const finding = only(judge(exp01, exposed('lan')));
    expect(finding).toMatchObject({ ruleId: 'EXP-01', verdict: 'finding', severity: 'medium', gatewayId: 'default' });
    expect(finding.title).toBe('Gateway "default" can be reached from the LAN 192.168.50.0/24 (eth0)');
    expect(finding.evidence).toContainEqual({ label: 'listens on', value: 'tcp 0.0.0.0:18789' });
    expect(finding.socketKeys).toHaveLength(1);
  });

  test('is silent on loopback, IPv6 loopback included, and while the gateway is not running', () => {
    expect(judge(exp01, snapshot({ gateways: [gateway()] }))).toEqual([]);
    expect(judge(exp01, exposed('lan', { running: false }))).toEqual([]);
  });

  test.each([
    ['tailnet', 'sound', 'info'],
    ['tailnet', 'unknown', 'low'],
    ['tailnet', 'weak', 'medium'],
    ['tailnet', 'none', 'high'],
    ['lan', 'sound', 'medium'],
    ['lan', 'unknown', 'medium'],
    ['lan', 'weak', 'high'],
    ['lan', 'none', 'critical'],
  ] as const)('grades %s with %s authentication as %s', (reach, strength, severity) => {
    expect(only(judge(exp01, exposed(reach, { auth: auth(strength) }))).severity).toBe(severity);
  });

  test('counts a version with a known bypass as without authentication', () => {
    expect(only(judge(exp01, exposed('lan', { version: { running: '2026.1.24' } }))).severity).toBe('critical');
  });

  test('leaves the internet to EXP-02', () => {
    expect(judge(exp01, exposed('public'))).toEqual([]);
  });

  test('waits for a second look at a gateway that has just started, unless there will be none', () => {
    const young = exposed('lan', { startedAt: NOW - 1000 });
    expect(judge(exp01, young)).toEqual([]);
    expect(judge(exp01, young, { singleLook: true })).toHaveLength(1);
    expect(judge(exp01, young, { history: history({ firstSeenAt: () => NOW - 2000 }) })).toHaveLength(1);
    expect(judge(exp01, exposed('lan', { startedAt: NOW - 3000 }))).toHaveLength(1);
  });

  test('does not confirm by the age of a process whose start lies in the future', () => {
    expect(judge(exp01, exposed('lan', { startedAt: NOW + 60_000 }))).toEqual([]);
  });

  test('keeps its identity over restarts and new pids, and changes it with the reach', () => {
    const before = only(judge(exp01, exposed('lan')));
    const restarted = only(judge(exp01, exposed('lan', { pid: 4711, startTicks: 99 })));
    expect(restarted.fingerprint).toBe(before.fingerprint);
    expect(only(judge(exp01, exposed('tailnet'))).fingerprint).not.toBe(before.fingerprint);
  });

  test('is silent inside a container of which nothing is published', () => {
    const story = exposedGateway('container');
    const look = snapshot({ gateways: [story.gateway], listeners: [{ ...story.listener, place: 'container' }] });
    expect(judge(exp01, look)).toEqual([]);
  });

  test('fires for a container whose port is seen to be published on the LAN', () => {
    const story = exposedGateway('lan', { reachableAt: [reachable('container'), reachable('lan')] });
    const look = snapshot({ gateways: [story.gateway], listeners: [{ ...story.listener, place: 'container' }] });
    expect(judge(exp01, look)).toHaveLength(1);
  });

  test('answers UNKNOWN when the sockets could not be read, and only once when POS-08 says so', () => {
    const blind = snapshot({ gateways: [gateway({ reach: 'unknown', bindVerdict: 'unknown' })] });
    expect(only(judge(exp01, blind))).toMatchObject({ verdict: 'unknown', severity: 'medium' });
    const told = { id: 'x', source: 't', what: 'sockets', why: 'denied', essential: true, gatewayId: 'default' };
    expect(judge(exp01, { ...blind, blindSpots: [told] })).toEqual([]);
  });

  test('does not claim more certainty than the address it rests on', () => {
    const guess = exposed('lan', { reachableAt: [reachable('lan', { confidence: 'possible' })] });
    expect(only(judge(exp01, guess)).confidence).toBe('possible');
  });

  test('gives commands for exactly this profile and names the step that the official fix leaves out', () => {
    const story = exposed('lan', {
      id: 'ops',
      profile: 'ops',
      differences: ['the process was started with --bind lan, and that wins'],
      declared: { ...gateway().declared, modeBy: 'flag' },
    });
    const finding = only(judge(exp01, story));
    const commands = finding.fixes.map(({ command }) => command);
    expect(commands).toContain('openclaw --profile ops config set gateway.bind loopback');
    expect(commands).toContain('clawwatch scan');
    expect(finding.fixes.some(({ text }) => text.includes('inside the process'))).toBe(true);
    expect(finding.fixes.some(({ text }) => text.includes('--bind out of'))).toBe(true);
    expect(finding.evidence).toContainEqual({
      label: 'why the configuration says otherwise',
      value: 'the process was started with --bind lan, and that wins',
    });
  });

  test('quotes a profile name that would run a command', () => {
    const finding = only(judge(exp01, exposed('lan', { id: 'x', profile: "a'; rm -rf ~ #" })));
    expect(finding.fixes[0]!.command).toBe(`openclaw --profile 'a'\\''; rm -rf ~ #' config set gateway.bind loopback`);
  });

  test('does not accuse the gateway of a stranger on its port', () => {
    const look = snapshot({
      gateways: [gateway()],
      listeners: [listener('192.168.50.10', 18789, 'lan', { service: 'none' })],
    });
    expect(judge(exp01, look)).toEqual([]);
  });

  test('holds every address as evidence of one finding', () => {
    const story = exposed('lan', {
      reachableAt: [
        reachable('loopback'),
        reachable('lan'),
        reachable('lan', { address: '10.0.0.5', interface: 'wlan0' }),
      ],
    });
    const words = wordsIn(only(judge(exp01, story)));
    expect(words).toContain('192.168.50.10:18789');
    expect(words).toContain('10.0.0.5:18789 on wlan0');
    expect(words).not.toContain('reachable (loopback)');
  });
});
