import { describe, expect, test } from 'vitest';
import { readCases } from '../../../src/agent/replay/case.ts';
import { replayParts } from '../../../src/agent/replay/parts.ts';
import { CASE_START } from '../../../src/agent/replay/run-case.ts';
import { type CaseReport, judgeCase } from '../../../src/agent/replay/verdict.ts';
import { type Finding, fingerprint } from '../../../src/types/finding.ts';
import type { Snapshot } from '../../../src/types/snapshot.ts';

/** A skill that asks one place and then contacts another; a second skill goes elsewhere. */
const CASE = `
id: X01
kind: malicious
needs: T2
pre: P0
run:
  - {t: 0, do: proc, as: other, tree: "skill:geography", argv: [node, /home/u/.openclaw/workspace/skills/geography/a.js]}
  - {t: 0, do: proc, as: sk, tree: "skill:geo", argv: [node, /home/u/.openclaw/workspace/skills/geo/g.js]}
  - {t: 1, do: connect, by: sk, dst: "dns.google:443", hold: 1}
  - {t: 2, do: connect, by: other, dst: "elsewhere.test:443", hold: 1}
  - {t: 4, do: connect, by: sk, dst: "198.51.100.80:443", dns: none, hold: 2, key: true}
  - {t: 60, do: connect, by: sk, dst: "late.test:443", hold: 1}
expect: [{rule: EGR-18, sev: medium, within: 6}]
`;

function told(more: Partial<Finding> = {}): Finding {
  return {
    ruleId: 'EGR-18',
    verdict: 'finding',
    severity: 'medium',
    title: 'Skill "geo" asks dns.google for names',
    subject: 'skill geo',
    why: '',
    evidence: [],
    fixes: [{ text: 'Stop it.' }],
    confidence: 'certain',
    fingerprint: fingerprint(more.ruleId ?? 'EGR-18', more.title ?? '', more.subject ?? ''),
    socketKeys: [],
    ...more,
  };
}

/** Judges the case with an engine that says what it is told to. */
function judged(says: (afterS: number, look: Snapshot) => Finding[], text = CASE): CaseReport {
  const [read] = readCases(text);
  const parts = { ...replayParts(), createDetect: () => (look: Snapshot) => says((look.at - CASE_START) / 1000, look) };
  return judgeCase(read!, parts, () => 0);
}

const from = (second: number, ...findings: Finding[]) => judged((afterS) => (afterS >= second ? findings : []));
const elsewhere = (text: string) => CASE.replaceAll('kind: malicious', text);

describe('a malicious case', () => {
  test('passes when the finding comes in time and names who and where', () => {
    expect(from(6, told())).toMatchObject({ outcome: 'pass', isCaught: true, reasons: [], noise: 0 });
  });

  test.each([
    ['the far end of the key step', { title: 'Skill "geo" contacts 198.51.100.80:443' }],
    ['a far end of another step of the same tree', { title: 'Skill "geo" asks dns.google' }],
    ['its address', { title: 'Skill "geo" asks 203.0.113.45' }],
    ['it in the evidence', { title: 'x', evidence: [{ label: 'host', value: 'dns.google' }] }],
  ])('passes with %s', (_title, more) => {
    expect(from(6, told(more)).reasons).toEqual([]);
  });

  test.each<[string, Partial<Finding>, RegExp]>([
    ['the wrong skill', { title: 'Skill "weather" asks dns.google', subject: 'skill weather' }, /the skill \(geo\)/],
    [
      'a skill whose name begins alike',
      { title: 'Skill "geography" asks dns.google', subject: 's' },
      /the skill \(geo\)/,
    ],
    ['no skill but its program', { title: 'node asks dns.google', subject: 'exec' }, /the skill \(geo\)/],
    ['a place that nobody contacted', { title: 'Skill "geo" asks dns.quad9.net' }, /where to/],
    ['the place of another tree', { title: 'Skill "geo" asks elsewhere.test' }, /where to/],
    ['an address that begins alike', { title: 'Skill "geo" contacts 198.51.100.8:443' }, /where to/],
    ['a place that was contacted after its time', { title: 'Skill "geo" asks late.test' }, /where to/],
    ['nothing to do', { fixes: [] }, /what to do/],
    ['too little severity', { severity: 'low' }, /expected at medium within 6 s: low at/],
    ['another rule', { ruleId: 'EGR-05', severity: 'low' }, /nothing came/],
  ])('fails with %s', (_title, more, reason) => {
    const report = from(6, told(more));
    expect(report).toMatchObject({ outcome: 'fail', isCaught: false });
    expect(report.reasons.filter((each) => each.startsWith('T2')).join('; ')).toMatch(reason);
  });

  test('fails when it comes too late, also after a rise', () => {
    expect(from(12, told()).reasons).toContain('T2: EGR-18 expected at medium within 6 s: medium at 8.0 s');
    const rising = judged((afterS) => [told({ severity: afterS < 12 ? 'low' : 'medium' })]);
    expect(rising.outcome).toBe('fail');
  });

  test('fails with noise, with what must not come, and with the same thing under two identities', () => {
    const noise = from(6, told(), told({ ruleId: 'EGR-05', title: 'noise' }));
    expect(noise).toMatchObject({ outcome: 'fail', noise: 1, isCaught: true });
    const allowed = 'expect: [{rule: EGR-18, sev: medium, within: 6}]\nallow: [EGR-05]';
    const calm = CASE.replace(/expect:.*/, allowed);
    expect(judged((s) => (s < 6 ? [] : [told(), told({ ruleId: 'EGR-05' })]), calm).outcome).toBe('pass');
    const forbidden = CASE.replace(/expect:(.*)/, 'expect:$1\nmust_not: [EGR-04]');
    const low = told({ ruleId: 'EGR-04', severity: 'low', title: 'f' });
    expect(judged((s) => (s < 6 ? [] : [told(), low]), forbidden).outcome).toBe('fail');
    expect(judged((s) => (s < 6 ? [] : [told(), low])).outcome).toBe('pass');
    expect(from(6, told(), told({ fingerprint: 'another' })).reasons.join()).toContain('told 2 times');
  });

  test('below what it needs an alert or an admission is enough, and silence is not', () => {
    const level = (look: Snapshot) => look.telemetry;
    const silent = judged((s, look) => (s >= 6 && level(look) === 'T2' ? [told()] : []));
    expect(silent.reasons).toEqual([
      'T0: EGR-18 is silent below the telemetry that it needs, and nothing says UNKNOWN',
    ]);
    const unknown = told({ verdict: 'unknown', title: 'could judge only in part' });
    expect(judged((s, look) => (s < 6 ? [] : [level(look) === 'T2' ? told() : unknown])).outcome).toBe('pass');
    const other = told({ verdict: 'unknown', ruleId: 'EGR-03', title: 'x' });
    expect(judged((s, look) => (s < 6 ? [] : [level(look) === 'T2' ? told() : other])).outcome).toBe('fail');
  });
});

describe('a benign case', () => {
  const calm = (more = '') => `${elsewhere('kind: benign').replace(/expect:.*/, '')}${more}`;

  test.each([
    ['info', '', 'pass', 0],
    ['low', '', 'fail', 1],
    ['low', 'tolerate: [{rule: EGR-18, sev: low}]', 'pass', 0],
    ['medium', 'tolerate: [{rule: EGR-18, sev: low}]', 'fail', 1],
    ['low', 'tolerate: [{rule: EGR-04, sev: low}]', 'fail', 1],
  ] as const)('%s with "%s": %s', (severity, more, outcome, benignAlerts) => {
    const report = judged((s) => (s < 6 ? [] : [told({ severity })]), calm(more));
    expect(report).toMatchObject({ outcome, benignAlerts });
  });

  test('an admission is no alert', () => {
    expect(judged(() => [told({ verdict: 'unknown' })], calm()).outcome).toBe('pass');
  });
});

describe('a case that is wrong', () => {
  test.each([
    ['an unknown word', CASE.replace('do: proc, as: sk', 'do: dance, as: sk'), /does not know what "do: dance" means/],
    ['an unknown profile', CASE.replace('pre: P0', 'pre: P9'), /no profile P9/],
    ['a process that nobody made', CASE.replace('by: other, dst', 'by: nobody, dst'), /no process "nobody"/],
    ['a far end without a port', CASE.replace('elsewhere.test:443', 'elsewhere.test'), /not an address with a port/],
    ['an unknown tree', CASE.replace('"skill:geo"', '"moon:geo"'), /no tree "moon:geo"/],
    ['no steps', CASE.replace(/run:[\s\S]*?expect/, 'expect'), /no steps/],
    ['nothing expected', CASE.replace(/expect:.*/, ''), /expects nothing/],
    ['an unknown severity', CASE.replace('sev: medium', 'sev: grave'), /needs a rule and a severity/],
  ])('%s: fails and says so', (_title, text, reason) => {
    const report = judged(() => [told()], text);
    expect(report.outcome).toBe('fail');
    expect(report.reasons.join('; ')).toMatch(reason);
  });
});
