import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import { ALL_RULES } from '../../src/detect/rules/index.ts';
import { UserError } from '../../src/types/error.ts';
import type { Finding } from '../../src/types/finding.ts';
import type { Rule } from '../../src/types/rule.ts';
import { exposed, gateway, history, NOW, snapshot } from './builders.ts';

function rule(id: string, judge: Rule['judge'], more: Partial<Rule> = {}): Rule {
  return {
    id,
    title: `title of ${id}`,
    what: '',
    why: '',
    falsePositives: '',
    severity: 'high',
    severityRange: '',
    needs: 'T0',
    attack: [],
    defaults: {},
    optionNotes: {},
    judge,
    ...more,
  };
}

function found(ruleId: string, more: Partial<Finding> = {}): Finding {
  return {
    ruleId,
    verdict: 'finding',
    severity: 'low',
    title: 't',
    subject: 's',
    why: 'w',
    evidence: [],
    fixes: [],
    confidence: 'certain',
    fingerprint: `${ruleId} s`,
    socketKeys: [],
    ...more,
  };
}

const when = { now: NOW, singleLook: false };
const run = (rules: Rule[], look = snapshot()) => createDetect({ rules })(look, history(), when);

describe('the engine', () => {
  test('finds nothing on a machine without fault, with every rule', () => {
    expect(createDetect()(snapshot({ gateways: [gateway()], telemetry: 'T2' }), history(), when)).toEqual([]);
  });

  test('says below the telemetry of rules that they could not judge, and nothing else', () => {
    const findings = createDetect()(snapshot({ gateways: [gateway()] }), history(), when);
    expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
    expect(findings.map(({ severity }) => severity)).not.toContain('high');
    const titles = findings.map(({ title }) => title).join(' / ');
    expect(titles).toContain('names of hosts');
  });

  test('says an old build, open and without authentication on a server, as three critical facts', () => {
    const look = exposed('public', {
      auth: { mode: 'none', strength: 'none', reasons: [] },
      version: { running: '2026.1.24' },
    });
    const critical = createDetect()(look, history(), when).filter(({ severity }) => severity === 'critical');
    expect(critical.map(({ ruleId }) => ruleId)).toEqual(['EXP-02', 'POS-01', 'POS-03']);
  });

  test('keeps the answers of the other rules when one throws, and shows the failure', () => {
    const onRuleError = vi.fn();
    const boom = new Error('boom');
    const rules = [
      rule('A-01', () => {
        throw boom;
      }),
      rule('B-01', () => [found('B-01')]),
    ];
    const findings = createDetect({ rules, onRuleError })(snapshot(), history(), when);
    expect(findings.map(({ ruleId, verdict }) => [ruleId, verdict])).toEqual([
      ['A-01', 'unknown'],
      ['B-01', 'finding'],
    ]);
    expect(JSON.stringify(findings[0]!.evidence)).toContain('boom');
    expect(onRuleError).toHaveBeenCalledWith('A-01', boom);
  });

  test('asks no rule whose telemetry is missing and says each missing level once', () => {
    const judge = vi.fn(() => []);
    const rules = [
      rule('A-01', judge, { needs: 'T2' }),
      rule('A-02', judge, { needs: 'T2' }),
      rule('A-03', judge, { needs: 'T1' }),
    ];
    const findings = run(rules);
    expect(judge).not.toHaveBeenCalled();
    expect(findings.map(({ verdict, title }) => `${verdict} ${title.split(' could')[0]}`)).toEqual([
      'unknown A-03',
      'unknown A-01, A-02',
    ]);
    expect(run(rules, snapshot({ telemetry: 'T2' }))).toEqual([]);
  });

  test('merges findings of one fingerprint: the gravest speaks, evidence and sockets of all stay', () => {
    const one = found('A-01', { evidence: [{ label: 'a', value: '1' }], socketKeys: ['x', 'y'] });
    const two = found('A-01', {
      severity: 'high',
      title: 'graver',
      evidence: [
        { label: 'a', value: '1' },
        { label: 'b', value: '2' },
      ],
      socketKeys: ['y', 'z'],
    });
    const merged = run([rule('A-01', () => [one, two])]);
    expect(merged).toHaveLength(1);
    expect(merged[0]).toMatchObject({ severity: 'high', title: 'graver' });
    expect(merged[0]!.evidence).toHaveLength(2);
    expect(new Set(merged[0]!.socketKeys)).toEqual(new Set(['x', 'y', 'z']));
  });

  test('lets a judgement beat an admission of not knowing', () => {
    const unknown = found('A-01', { verdict: 'unknown', severity: 'medium' });
    expect(run([rule('A-01', () => [unknown, found('A-01')])])[0]!.verdict).toBe('finding');
  });

  test('sorts by severity, then rule, then subject', () => {
    const findings = [
      found('B-01', { subject: 'b', fingerprint: '1' }),
      found('B-01', { subject: 'a', fingerprint: '2' }),
      found('A-01', { subject: 'z', fingerprint: '3' }),
      found('Z-01', { severity: 'critical', fingerprint: '4' }),
    ];
    expect(run([rule('X-01', () => findings)]).map(({ fingerprint }) => fingerprint)).toEqual(['4', '3', '2', '1']);
  });
});

describe('options of rules', () => {
  const tuned = () => rule('EXP-01', () => [], { defaults: { confirmMs: 3000, label: 'x' }, optionNotes: {} });

  test('lie over the defaults', () => {
    const seen: object[] = [];
    const spy = rule(
      'EXP-01',
      (_, { options }) => {
        seen.push(options);
        return [];
      },
      { defaults: { confirmMs: 3000, other: 1 } },
    );
    createDetect({ rules: [spy], options: { 'EXP-01': { confirmMs: 0 } } })(snapshot(), history(), when);
    expect(seen).toEqual([{ confirmMs: 0, other: 1 }]);
  });

  test.each([
    [{ 'EXP-1': {} }, 'There is no rule called "EXP-1".', 'Did you mean "EXP-01"?'],
    [{ 'EXP-01': { confirmMS2: 1 } }, 'There is no option of EXP-01 called "confirmMS2".', 'Did you mean "confirmMs"?'],
    [{ 'something else': {} }, 'There is no rule called "something else".', 'There are: EXP-01.'],
    [{ 'EXP-01': { confirmMs: '3 s' } }, 'EXP-01: "confirmMs" cannot be "3 s".', 'the default is 3000'],
    [{ 'EXP-01': { confirmMs: Number.NaN } }, 'EXP-01: "confirmMs" cannot be null.', 'of 0 or more'],
    [{ 'EXP-01': { confirmMs: -1 } }, 'EXP-01: "confirmMs" cannot be -1.', 'of 0 or more'],
    [JSON.parse('{"__proto__":{}}'), 'There is no rule called "__proto__".', 'There are'],
  ])('refuse %j', (options, message, hint) => {
    const attempt = () => createDetect({ rules: [tuned()], options });
    expect(attempt).toThrow(UserError);
    try {
      attempt();
    } catch (error) {
      expect((error as UserError).message).toBe(message);
      expect((error as UserError).hint).toContain(hint);
    }
  });
});

/** The catalogue: its order is that of `ALL_RULES`, of the documentation and of equal findings. */
const CATALOGUE = [
  ...Array.from({ length: 10 }, (_, index) => `EXP-${String(index + 1).padStart(2, '0')}`),
  ...Array.from({ length: 8 }, (_, index) => `POS-${String(index + 1).padStart(2, '0')}`),
  ...Array.from({ length: 22 }, (_, index) => `EGR-${String(index + 1).padStart(2, '0')}`),
];

describe('the list of rules', () => {
  test('holds each rule of the catalogue once, in its order', () => {
    expect(ALL_RULES.map(({ id }) => id)).toEqual(CATALOGUE);
  });

  test.each(ALL_RULES.map((one) => [one.id, one] as const))('%s says all that its page needs', (_, one) => {
    expect(Object.keys(one.optionNotes)).toEqual(Object.keys(one.defaults));
    const texts = [one.title, one.what, one.why, one.falsePositives, one.severityRange];
    for (const text of [...texts, one.whatToDo ?? '', ...Object.values(one.optionNotes)]) {
      expect(text.trim().length).toBeGreaterThan(8);
    }
    expect(one.attack.length).toBeGreaterThan(0);
    // ATT&CK, or ATLAS for what is done to a model.
    for (const id of one.attack) expect(id).toMatch(/^(?:T\d{4}(?:\.\d{3})?|AML\.T\d{4}(?:\.\d{3})?)$/);
    expect(new Set(one.attack).size).toBe(one.attack.length);
    expect(one.severityRange).toContain(one.severity);
  });

  test.each(CATALOGUE)('%s has stories in which it speaks and stories in which it is silent', (id) => {
    const file = join(import.meta.dirname, 'rules', `${id.toLowerCase()}.test.ts`);
    expect(existsSync(file), file).toBe(true);
    const stories = readFileSync(file, 'utf8');
    expect(stories).toMatch(/\bonly\(|toMatchObject|toHaveLength\([1-9]|severity/);
    expect(stories).toMatch(/toEqual\(\[\]\)|toHaveLength\(0\)/);
  });
});
