import { expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import { createLedger } from '../../src/detect/ledger/ledger.ts';
import { loadIntel } from '../../src/intel/intel.ts';
import type { Finding } from '../../src/types/finding.ts';
import { gateway, history, listener, NOW, snapshot } from './builders.ts';
import { LEARNED_LONG_AGO } from './ledger/life.ts';
import { DAY, type Happening, normalDay } from './normal-life.ts';

/** Days that are lived through: three in each run, all thirty with `CLAWWATCH_DAYS=30`. */
const DAYS = Number(process.env.CLAWWATCH_DAYS ?? 3);
const LOOK_MS = 2_000;
const QUIET_MS = 60_000;
const indicators = loadIntel({ now: () => NOW }).indicators;

/** Looks as the agent takes them: after two seconds with something in them, and each minute. */
function* looksOf(day: readonly Happening[], start: number): Generator<{ at: number; happened: Happening[] }> {
  let happened: Happening[] = [];
  let at = start;
  for (const each of day) {
    while (each.at > at) {
      if (happened.length > 0 || each.at > at + QUIET_MS) yield { at, happened };
      const isLong = happened.length === 0 && each.at > at + QUIET_MS;
      happened = [];
      at += isLong ? QUIET_MS : Math.max(LOOK_MS, Math.ceil((each.at - at) / LOOK_MS) * LOOK_MS);
    }
    happened.push(each);
  }
  yield { at, happened };
}

function live(seed: number): { findings: Finding[]; looks: number } {
  const detect = createDetect({ indicators, ledger: createLedger() });
  const own = listener('127.0.0.1', 18789, 'loopback', { service: 'gateway' });
  const base = { gateways: [gateway({ gatewayListeners: [own.key] })], listeners: [own] };
  const family = [812, 900, 950, 960, 970].map((pid) => ({
    ...{ pid, startTicks: pid * 10, gatewayId: 'default', basis: 'descendant' as const },
    ...{ ancestors: [], detached: false, firstSeenAt: NOW },
  }));
  const told = new Map<string, Finding>();
  let looks = 0;
  for (const { at, happened } of looksOf(normalDay(seed, NOW), NOW)) {
    const connections = happened.flatMap((each) => each.connections);
    const processes = [...new Map(connections.map(({ owner }) => [owner!.process.pid, owner!.process])).values()];
    const questions = happened.flatMap((each) => each.questions);
    const look = snapshot({ at, telemetry: 'T2', ...base, family, processes, connections, questions });
    for (const finding of detect(look, history(LEARNED_LONG_AGO), { now: at, singleLook: false })) {
      if (finding.severity !== 'info') told.set(`${finding.fingerprint} ${finding.severity}`, finding);
    }
    looks++;
  }
  return { findings: [...told.values()], looks };
}

test.each(Array.from({ length: DAYS }, (_, index) => index + 1))(
  'a day on which nothing is wrong gives at most one low finding, seed %i',
  (seed) => {
    const { findings, looks } = live(seed);
    expect(looks).toBeGreaterThan(3_000);
    expect(findings.filter(({ severity }) => severity !== 'low').map(({ title }) => title)).toEqual([]);
    expect(findings.map(({ title }) => title).length).toBeLessThanOrEqual(1);
  },
  120_000,
);

test('a day has all that is said of it', () => {
  const day = normalDay(1, NOW);
  const hosts = new Set(day.flatMap(({ connections }) => connections.map(({ destination }) => destination?.name)));
  expect(day.at(-1)!.at).toBeLessThan(NOW + DAY);
  expect(day.length).toBeGreaterThan(7_000);
  for (const host of [
    'api.telegram.org',
    'api.anthropic.com',
    'api.open-meteo.com',
    'live.news.test',
    'telemetry.openclaw.ai',
  ])
    expect(hosts).toContain(host);
});
