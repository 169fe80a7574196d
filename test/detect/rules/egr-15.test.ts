import { describe, expect, test } from 'vitest';
import { egr15 } from '../../../src/detect/rules/egr-15.ts';
import type { Finding } from '../../../src/types/finding.ts';
import type { HostCategory, Indicators } from '../../../src/types/indicators.ts';
import { mulberry32 } from '../beacon/random.ts';
import { config, gateway, judge, NOW, snapshot } from '../builders.ts';
import { createLife, type Flow, flow, type LifeOptions } from '../ledger/life.ts';

const S = 1000;

interface Story extends Flow {
  everyS: number;
  jitter?: number;
  seed?: number;
  times: number;
}

/** A series of flows, each in a look of its own; gives what every look said. */
function live(story: Story, options: LifeOptions = {}): { at: number; findings: Finding[] }[] {
  const life = createLife([egr15], options);
  const random = mulberry32(story.seed ?? 1);
  life.look(NOW, []);
  let at = NOW;
  return Array.from({ length: story.times }, () => {
    const told = { at, findings: life.look(at + S, [flow(at, { out: 1400, in: 5300, ...story })]) };
    at += story.everyS * S * (1 + (story.jitter ?? 0) * (2 * random() - 1));
    return told;
  });
}

const last = (story: Story, options: LifeOptions = {}) => live(story, options).at(-1)!.findings;
const gateways = (value: Record<string, unknown> = {}) => ({
  base: { gateways: [gateway({ config: config({ value }) })] },
});
const lists = (category: HostCategory): Indicators => ({
  match: () => [],
  categoriesOf: () => [category],
  datedAt: NOW,
});

describe('EGR-15 tells', () => {
  test('a four-hour check-in of a skill to a new domain by its eleventh event', () => {
    const told = live({
      skill: 'swarm-join',
      host: 'agent-hub.test',
      everyS: 14_400,
      jitter: 0.02,
      seed: 11,
      times: 11,
    });
    expect(told.at(-1)!.findings).toMatchObject([
      {
        severity: 'medium',
        subject: 'skill swarm-join',
        title: expect.stringMatching(/^Skill "swarm-join" contacts agent-hub\.test like clockwork, every 4(\.\d)? h$/),
      },
    ]);
    expect(
      told
        .at(-1)!
        .findings[0]!.evidence.map(({ value }) => value)
        .join(),
    ).toContain('feed.py');
  });

  test('a jittered minute to an address without a name within the hour, as high', () => {
    const told = live({ everyS: 60, jitter: 0.3, seed: 7, times: 60, out: 2500 });
    const high = told.find(({ findings }) => findings[0]?.severity === 'high');
    expect(high!.at - NOW).toBeLessThan(3600 * S);
    expect(high!.findings[0]!.evidence).toContainEqual({
      label: 'agrees',
      value: 'no name server was asked for this address',
    });
  });

  test('the gateway that fetches an unknown page at each heartbeat, and says so', () => {
    const told = live(
      { role: 'gateway', host: 'notes-sync.test', everyS: 1800, jitter: 0.002, seed: 3, times: 24, out: 1100 },
      gateways(),
    );
    const [finding] = told.at(-1)!.findings;
    expect(finding).toMatchObject({ severity: 'medium', subject: 'gateway' });
    expect(finding!.evidence).toContainEqual({ label: 'locked to', value: 'heartbeat, every 30 min' });
  });

  test('pulses on one connection that stays open', () => {
    const life = createLife([egr15]);
    let told: Finding[] = [];
    for (let second = 0; second <= 3600; second += 2) {
      const out = 500 + Math.floor(second / 60) * 80;
      told = life.look(NOW + second * S, [flow(NOW, { host: 'c2.test', brief: false, localPort: 1000, out, in: 10 })]);
    }
    expect(told).toMatchObject([{ severity: 'medium', socketKeys: [expect.stringContaining(' 1000 ')] }]);
  });

  test('without counters of bytes as well', () => {
    const life = createLife([egr15]);
    let told: Finding[] = [];
    for (let i = 0; i < 60; i++) told = life.look(NOW + i * 60 * S, [flow(NOW + i * 60 * S, { host: 'c2.test' })]);
    expect(told).toMatchObject([{ severity: 'medium' }]);
  });

  test('one finding for a destination, whatever pid and port', () => {
    const told = live({ host: 'c2.test', everyS: 60, times: 80 }).flatMap(({ findings }) => findings);
    expect(new Set(told.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  test('in own networks at most low', () => {
    const home = { address: '192.168.50.30', more: { remoteClass: 'private' as const } };
    expect(last({ everyS: 60, times: 60, ...home })).toMatchObject([{ severity: 'low' }]);
  });

  test('that it sees only part of it below kernel events', () => {
    const look = snapshot({ gateways: [gateway()] });
    expect(judge(egr15, look)).toMatchObject([{ verdict: 'unknown', severity: 'info' }]);
  });

  test('nothing but its own words for hostile names, and a command that is safe to copy', () => {
    const skill = `x'; rm -rf ~ #\u001b[2J`;
    const [finding] = last({ skill, host: "a'$(id).test", everyS: 60, times: 60 });
    for (const { command } of finding!.fixes) {
      expect(command).not.toContain('\u001b');
      expect(command).not.toContain('$(id).test --');
    }
    expect(finding!.fixes.some(({ command }) => command?.includes('skills.entries'))).toBe(false);
  });
});

describe('EGR-15 is silent for', () => {
  test.each(['expected', 'approved', 'learned', 'suppressed'] as const)(
    '%s destinations, however regular',
    (verdict) => {
      expect(last({ role: 'gateway', host: 'api.telegram.org', verdict, everyS: 30.2, times: 300 })).toEqual([]);
    },
  );

  test('the browser of the agent', () => {
    expect(last({ role: 'browser', host: 'news.test', everyS: 60, times: 120 })).toEqual([]);
  });

  test('human moments, to a new host too', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = mulberry32(seed);
      const life = createLife([egr15]);
      let at = NOW;
      let told: Finding[] = [];
      for (let i = 0; i < 60; i++) {
        at += Math.round(-Math.log(1 - random()) * 60_000);
        told = life.look(at + S, [flow(at, { host: 'docs.test', out: 300 + Math.floor(random() * 4000), in: 9000 })]);
      }
      expect(told.filter(({ severity }) => severity !== 'low')).toEqual([]);
    }
  });

  test('a popular host in a rhythm of the configuration', () => {
    const cron = { cron: [{ name: 'weather', every: 3600 }] };
    const story = { skill: 'weather', host: 'api.open-meteo.com', everyS: 3600, jitter: 0.001, times: 72 };
    expect(last(story, { ...gateways(cron), indicators: lists('popular') })).toEqual([]);
    expect(last({ ...story, everyS: 3000 }, { ...gateways(cron), indicators: lists('popular') })).toHaveLength(1);
  });

  test('a rhythm that ended: three periods of silence', () => {
    const life = createLife([egr15]);
    for (let i = 0; i < 60; i++) life.look(NOW + i * 60 * S, [flow(NOW + i * 60 * S, { host: 'c2.test' })]);
    expect(life.look(NOW + 3600 * S + 1700 * S)).toHaveLength(1);
    expect(life.look(NOW + 3600 * S + 3700 * S)).toEqual([]);
  });
});

test('a host for dead drops makes it high', () => {
  const told = last({ host: 'x.pastes.test', everyS: 60, times: 60 }, { indicators: lists('paste') });
  expect(told).toMatchObject([{ severity: 'high' }]);
});
