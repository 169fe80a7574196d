import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { createLedger } from '../../../src/detect/ledger/ledger.ts';
import { egr18 } from '../../../src/detect/rules/egr-18.ts';
import type { Indicators } from '../../../src/types/indicators.ts';
import { gateway, history, NOW, owner, process, snapshot } from '../builders.ts';
import { createLife, type Flow, flow } from '../ledger/life.ts';

const S = 1000;
const indicators: Indicators = {
  match: () => [],
  categoriesOf: ({ name }) => (name === 'dns.google' ? ['doh', 'popular'] : []),
  datedAt: NOW,
};

/** What is said after the ledger has been kept for a while. */
function tell(...flows: Flow[]) {
  const life = createLife([egr18], { indicators });
  for (let second = -200; second < 0; second += 10) life.look(NOW + second * S, []);
  return life.look(
    NOW,
    flows.map((each) => flow(NOW, each)),
  );
}

describe('EGR-18 tells', () => {
  test('a skill that asks over HTTPS, as medium', () => {
    const [finding] = tell({ skill: 'geo', host: 'dns.google', address: '203.0.113.45' });
    expect(finding).toMatchObject({
      severity: 'medium',
      subject: 'skill geo',
      title: 'Skill "geo" asks dns.google for names by DNS over HTTPS, past the resolver of this host',
    });
    expect(JSON.stringify(finding!.evidence)).toContain('feed.py');
  });

  test.each([
    ['skill', 53, 'medium'],
    ['detached', 853, 'medium'],
    ['mcp', 53, 'medium'],
    ['exec', 53, 'low'],
    ['gateway', 853, 'low'],
  ] as const)('a %s at port %i as %s', (role, port, severity) => {
    expect(tell({ role, port, address: '203.0.113.53', more: { protocol: 'udp' } })).toMatchObject([{ severity }]);
  });

  test('a command that names the server as info', () => {
    const dig = process(3000, { comm: 'dig', argv: ['dig', '@203.0.113.53', 'example.test'] });
    const more = { owner: owner('exec', dig) };
    expect(tell({ role: 'exec', port: 53, address: '203.0.113.53', more })).toMatchObject([{ severity: 'info' }]);
  });

  test('it for an hour after it was over', () => {
    const life = createLife([egr18], { indicators });
    life.look(NOW, [flow(NOW, { skill: 'geo', host: 'dns.google' })]);
    expect(life.look(NOW + 3000 * S, [])).toHaveLength(1);
    expect(life.look(NOW + 3700 * S, [])).toEqual([]);
  });

  test('another port at once, while the network is new only as info', () => {
    const life = createLife([egr18], { indicators });
    life.look(NOW, []);
    const both = [flow(NOW, { host: 'dns.google' }), flow(NOW, { port: 53, address: '203.0.113.53' })];
    expect(life.look(NOW + S, both).map(({ severity }) => severity)).toEqual(['medium', 'info']);
  });

  test('what the same skill contacted afterwards without a name, the strongest pair', () => {
    const [finding] = tell(
      { skill: 'geo', host: 'dns.google' },
      { skill: 'geo', address: '198.51.100.80' },
      { skill: 'b' },
    );
    expect(finding!.evidence).toContainEqual({ label: 'then contacted without a name', value: '198.51.100.80:443' });
  });

  test('that without names it cannot know DNS over HTTPS', () => {
    const ledger = createLedger();
    const look = snapshot({ gateways: [gateway()], connections: [flow(NOW, { address: '203.0.113.45' })] });
    ledger.look(look, history());
    const said = createDetect({ rules: [egr18] })(look, history(), { now: NOW, singleLook: false, ledger });
    expect(said).toMatchObject([{ verdict: 'unknown', severity: 'info', ruleId: 'EGR-18' }]);
  });
});

describe('EGR-18 is silent for', () => {
  test.each(['expected', 'approved', 'learned', 'suppressed'] as const)('%s name servers', (verdict) => {
    expect(tell({ port: 53, verdict, address: '192.168.50.1', more: { protocol: 'udp' } })).toEqual([]);
  });

  test('the browser, a stub on loopback and strangers', () => {
    expect(tell({ role: 'browser', host: 'dns.google' })).toEqual([]);
    expect(tell({ port: 53, address: '127.0.0.53', more: { direction: 'internal', remoteClass: 'loopback' } })).toEqual(
      [],
    );
    expect(tell({ role: 'other', port: 53 })).toEqual([]);
  });

  test('other hosts at port 443', () => {
    expect(tell({ host: 'api.feed.test' }, {})).toEqual([]);
  });
});
