import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import { createEgress, createExpectations } from '../../src/enrich/egress/egress.ts';
import { createEnrich } from '../../src/enrich/enrich.ts';
import { compareReach } from '../../src/enrich/reach.ts';
import { loadIntel } from '../../src/intel/intel.ts';
import type { Collected } from '../../src/types/collector.ts';
import { compareSeverity, type Finding } from '../../src/types/finding.ts';
import type { ReachOrUnknown } from '../../src/types/snapshot.ts';
import {
  collected,
  connected,
  GATEWAY_PROCESS,
  LAN,
  LO,
  listening,
  member,
  NOW,
  onInterface,
  process,
  TAILSCALE,
} from '../enrich/builders.ts';
import { history } from './builders.ts';

/**
 * `CLAWWATCH_LAB_PUBLIC` may be set by whoever can set a variable of ours, so it must never hide anything: the same
 * machine judged with it is at least as bad as without it.
 */

const RUNS = Math.min(Number(globalThis.process.env.CLAWWATCH_FUZZ_RUNS ?? 200), 20_000);
const LAB = ['198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'];
const WIDE = ['0.0.0.0/0', '::/0'];

const packs = [
  JSON.stringify(
    ['198.51.100.66', '203.0.113.9'].map((value) => ({
      value,
      type: 'ip',
      tier: 'A',
      first_seen: '2026-11-19',
      source_url: 'https://reports.example/1',
    })),
  ),
];

/** Judges one look at a machine under a value of the hook. */
function createJudge(labPublic: string[]) {
  const { indicators } = loadIntel({ packTexts: packs, labPublic, now: () => NOW });
  return (facts: Collected) => {
    const enriched = createEnrich({ labPublic })(facts, history());
    const snapshot = createEgress(createExpectations())(enriched, facts, { policy: [], history: history() });
    return { snapshot, findings: createDetect({ indicators })(snapshot, history(), { now: NOW, singleLook: true }) };
  };
}

const judgeWithout = createJudge([]);

const address = fc.constantFrom(
  ...['0.0.0.0', '::', '127.0.0.1', '::1', '192.168.50.10', '10.2.3.4', '100.101.102.103', '169.254.169.254'],
  ...['198.51.100.66', '198.51.100.7', '203.0.113.9', '2001:db8::9', '198.18.0.1', '8.8.4.4', '2606:4700::10'],
);
const port = fc.constantFrom(22, 80, 443, 853, 3333, 4444, 5432, 6379, 9001, 18789, 39609);

const SKILL = process(4001, {
  comm: 'python3',
  argv: ['python3', '/home/u/.openclaw/workspace/skills/metrics/scripts/run.py'],
  ppid: GATEWAY_PROCESS.pid,
});
const machine = fc
  .record({
    interfaces: fc.subarray([
      LAN,
      TAILSCALE,
      onInterface('eth1', '203.0.113.9/24'),
      onInterface('eth2', '2001:db8::9/64'),
      onInterface('eth3', '10.2.3.4/8'),
    ]),
    listeners: fc.array(fc.tuple(address, port, fc.boolean()), { maxLength: 4 }),
    connections: fc.array(fc.tuple(address, port, fc.constantFrom(GATEWAY_PROCESS.pid, SKILL.pid)), { maxLength: 6 }),
    visitors: fc.array(address, { maxLength: 3 }),
  })
  .map(({ interfaces, listeners, connections, visitors }) =>
    collected({
      interfaces: [...LO, ...interfaces],
      processes: [process(1, { comm: 'systemd', ppid: 0 }), GATEWAY_PROCESS, SKILL],
      family: [member(GATEWAY_PROCESS, 'root'), member(SKILL, 'descendant', [GATEWAY_PROCESS])],
      observations: [
        ...listeners.map(([at, number, ofSkill]) => listening(at, number, ofSkill ? { pids: [SKILL.pid] } : {})),
        ...connections.map(([to, number, pid], index) =>
          connected(['192.168.50.10', 40_000 + index], [to, number], { pids: [pid] }),
        ),
        ...visitors.map((from, index) =>
          connected(['192.168.50.10', 18789], [from, 50_000 + index], { pids: [GATEWAY_PROCESS.pid] }),
        ),
      ],
    }),
  );

const isNarrower = (a: ReachOrUnknown, b: ReachOrUnknown) =>
  a !== 'unknown' && (b === 'unknown' || compareReach(a, b) < 0);

/** The same of the same thing. A gateway on the internet is EXP-02 in the place of EXP-01, and graver. */
function isStillTold(one: Finding, other: Finding): boolean {
  return (
    (one.ruleId === other.ruleId || (one.ruleId === 'EXP-02' && other.ruleId === 'EXP-01')) &&
    one.gatewayId === other.gatewayId &&
    (one.verdict === 'finding' || other.verdict !== 'finding')
  );
}

describe.each([
  ['the blocks of the lab', LAB],
  ['blocks as wide as can be', WIDE],
])('with %s', (_, labPublic) => {
  test('nobody is told a narrower reach, a milder finding or none at all', () => {
    const judgeHooked = createJudge(labPublic);
    let stricter = 0;
    fc.assert(
      fc.property(machine, (facts) => {
        const without = judgeWithout(facts);
        const hooked = judgeHooked(facts);
        const reaches = [without, hooked].map(({ snapshot }) =>
          [...snapshot.gateways, ...snapshot.listeners].map(({ reach }) => reach),
        );
        expect(reaches[1]).toHaveLength(reaches[0]!.length);
        for (const [index, reach] of reaches[0]!.entries()) expect(isNarrower(reaches[1]![index]!, reach)).toBe(false);
        for (const finding of without.findings) {
          const { subject, severity, title } = finding;
          const ofSubject = hooked.findings.filter((other) => other.subject === subject);
          expect(
            ofSubject.some((other) => isStillTold(other, finding)),
            title,
          ).toBe(true);
          // Of findings that agree only the gravest is raised, so it is the subject that must not become milder.
          expect(
            ofSubject.some((other) => compareSeverity(other.severity, severity) >= 0),
            title,
          ).toBe(true);
        }
        if (hooked.findings.length > without.findings.length) stricter++;
      }),
      { numRuns: RUNS },
    );
    expect(stricter).toBeGreaterThan(0);
  }, 120_000);
});
