import { describe, expect, test } from 'vitest';
import { exp06 } from '../../../src/detect/rules/exp-06.ts';
import type { Gateway } from '../../../src/types/gateway.ts';
import type { ServeRoute } from '../../../src/types/host-facts.ts';
import type { Snapshot } from '../../../src/types/snapshot.ts';
import { config, gateway, judge, listener, only, process, snapshot, wordsIn } from '../builders.ts';

const own = listener('127.0.0.1', 18789, 'loopback', { service: 'gateway' });
const inner = listener('127.0.0.1', 41733, 'loopback', { service: 'gateway-internal' });
const NO_AUTH: Gateway['auth'] = { mode: 'none', strength: 'none', reasons: [] };

const route = (target: string, funnel = true): ServeRoute => ({
  front: 'h.tail.ts.net:443',
  path: '/',
  target,
  funnel,
});

function host(serves: ServeRoute[] | undefined, more: Partial<Gateway> = {}, extra: Partial<Snapshot> = {}): Snapshot {
  return snapshot({
    gateways: [gateway({ gatewayListeners: [own.key], otherListeners: [inner.key], ...more })],
    listeners: [own, inner],
    ...(serves && { hostFacts: { serves } }),
    ...extra,
  });
}
const mode = (value: string) => ({ config: config({ value: { gateway: { tailscale: { mode: value } } } }) });

describe('EXP-06 tells', () => {
  test('a Funnel that somebody else set up to an unnamed listener of the gateway', () => {
    const finding = only(judge(exp06, host([route('http://127.0.0.1:41733')])));
    expect(finding).toMatchObject({ severity: 'high', subject: 'gateway default' });
    expect(wordsIn(finding)).toContain('somebody outside of OpenClaw');
    expect(finding.fixes.map(({ command }) => command)).toContain('tailscale funnel reset');
  });

  test.each([
    '18789',
    'localhost:18789',
    'http://[::1]:18789',
    'https+insecure://127.0.0.1:18789',
    'tcp://192.168.50.10:18789',
  ])('a Funnel to %s as critical without sound authentication', (target) => {
    expect(only(judge(exp06, host([route(target)], { auth: NO_AUTH }))).severity).toBe('critical');
  });

  test('the setting, as long as Tailscale could not be asked', () => {
    expect(only(judge(exp06, host(undefined, mode('funnel')))).confidence).toBe('likely');
    expect(judge(exp06, host([], mode('funnel')))).toEqual([]);
    const asked = only(judge(exp06, host([route('http://127.0.0.1:18789')], mode('funnel'))));
    expect(asked.fingerprint).toBe(only(judge(exp06, host(undefined, mode('funnel')))).fingerprint);
  });

  test('Serve as info, and as low without authentication', () => {
    expect(only(judge(exp06, host([route('18789', false)]))).severity).toBe('info');
    expect(only(judge(exp06, host([route('18789', false)], { auth: NO_AUTH }))).severity).toBe('low');
  });
});

describe('EXP-06 is silent for', () => {
  test.each(['http://127.0.0.1:3000', 'http://192.168.50.77:18789', '/var/www', 'http://[', 'text:hello', ''])(
    'a Funnel to %j',
    (target) => {
      expect(judge(exp06, host([route(target)]))).toEqual([]);
    },
  );

  test('a gateway that does not run, and a host without Tailscale', () => {
    expect(judge(exp06, host([route('18789')], { running: false }))).toEqual([]);
    expect(judge(exp06, host(undefined))).toEqual([]);
  });
});

test('EXP-06 says once that Tailscale could not be asked, where it runs', () => {
  const processes = [process(44, { comm: 'tailscaled' })];
  expect(only(judge(exp06, host(undefined, {}, { processes })))).toMatchObject({
    verdict: 'unknown',
    severity: 'info',
  });
  const spot = { id: 'enrich.tailscale.served', source: 'enrich', what: 'w', why: 'y', essential: false };
  const blindSpots = [{ ...spot, gatewayId: 'default' }];
  expect(judge(exp06, host(undefined, mode('serve'), { processes, blindSpots }))).toEqual([]);
});
