import { describe, expect, test } from 'vitest';
import { contactFingerprint, contactOf, isInForce, isLearned, mutes, subjectOf } from '../../src/types/contact.ts';
import type { PolicyRule } from '../../src/types/egress.ts';

const process = { pid: 1, startTicks: 1, ppid: 0, comm: 'x', argv: [], markers: {} };
const held = (role: 'skill' | 'exec' | 'other', skill?: string) => ({
  process,
  role,
  confidence: 'certain' as const,
  lineage: [],
  ...(skill === undefined ? {} : { skill }),
});
const outbound = { direction: 'outbound' as const, remote: { address: '2001:db8::7', port: 443 } };

describe('a contact', () => {
  test.each([
    ['the registrable domain', { name: 'a.x.test', domain: 'x.test' }, 'x.test'],
    ['the name where no domain is known', { name: 'printer' }, 'printer'],
    ['address and port without a name', {}, '[2001:db8::7]:443'],
  ])('is with %s', (_, destination, expected) => {
    expect(contactOf({ ...outbound, owner: held('exec'), destination })).toEqual({
      subject: 'exec',
      destination: expected,
    });
  });

  test('is that of the skill where one is known, and a skill named like a role is not that role', () => {
    const contact = contactOf({ ...outbound, owner: held('skill', 'exec') });
    expect(contact?.subject).toBe('skill exec');
    expect(subjectOf({ kind: 'skill', name: 'exec' })).toBe('skill exec');
    expect(subjectOf({ kind: 'role', name: 'exec' })).toBe('exec');
    expect(subjectOf({ kind: 'everywhere' })).toBeUndefined();
  });

  test('is nobody else’s', () => {
    expect(contactOf({ ...outbound, owner: held('other') })).toBeUndefined();
    expect(contactOf({ ...outbound, direction: 'inbound', owner: held('exec') })).toBeUndefined();
    expect(contactOf(outbound)).toBeUndefined();
  });

  test('has an identity that no other names can forge', () => {
    const one = contactFingerprint({ subject: 'skill a', destination: 'b.test' });
    expect(contactFingerprint({ subject: 'skill a b', destination: '.test' })).not.toBe(one);
    expect(contactFingerprint({ subject: 'skill a', destination: 'b.test' })).toBe(one);
  });

  test.each([
    [2, false, undefined, true],
    [1, false, undefined, false],
    [9, true, undefined, false],
    [9, false, 5, false],
  ])('seen on %d days (grave %s, refused %s) is learned: %s', (learningDays, grave, rejectedAt, expected) => {
    expect(isLearned({ learningDays, grave, ...(rejectedAt === undefined ? {} : { rejectedAt }) })).toBe(expected);
  });
});

function rule(pattern: string, more: Partial<PolicyRule> = {}): PolicyRule {
  return {
    id: 1,
    action: 'suppress',
    scope: { kind: 'everywhere' },
    pattern,
    reason: 'x',
    createdAt: 0,
    expiresAt: 10,
    origin: 'user',
    ...more,
  };
}

const finding = { id: 'F-7K2M9Q', ruleId: 'EXP-09', severity: 'high' as const, subject: 'skill weather' };

describe('a rule of the user', () => {
  test('counts until it expires or is removed', () => {
    expect([isInForce(rule('x'), 9), isInForce(rule('x'), 10), isInForce(rule('x', { removedAt: 5 }), 6)]).toEqual([
      true,
      false,
      false,
    ]);
    const { expiresAt: _, ...lasting } = rule('x');
    expect(isInForce(lasting, Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  test('mutes by rule id or by finding id, and by nothing that merely looks alike', () => {
    expect(mutes(rule('EXP-09'), finding)).toBe(true);
    expect(mutes(rule('F-7K2M9Q'), finding)).toBe(true);
    for (const pattern of ['EXP-0', 'EXP-01', 'F-7K2M9', 'exp-09.test', '*', '']) {
      expect(mutes(rule(pattern), finding), pattern).toBe(false);
    }
    expect(mutes(rule('EXP-09', { action: 'allow' }), finding)).toBe(false);
  });

  test('mutes in its scope only', () => {
    const scoped = (kind: 'skill' | 'role', name: string) => mutes(rule('EXP-09', { scope: { kind, name } }), finding);
    expect([scoped('skill', 'weather'), scoped('role', 'skill')]).toEqual([true, true]);
    expect([scoped('skill', 'weath'), scoped('role', 'exec'), scoped('role', 'constructor')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test.each([
    ['EGR-01', 'low', false],
    ['EGR-02', 'high', false],
    ['EXP-02', 'critical', false],
    ['EXP-02', 'high', true],
    ['EXP-01', 'critical', true],
  ] as const)('for ever and everywhere mutes %s at %s: %s', (ruleId, severity, expected) => {
    const { expiresAt: _, ...lasting } = rule(ruleId);
    expect(mutes(lasting, { ...finding, ruleId, severity })).toBe(expected);
    expect(mutes(rule(ruleId), { ...finding, ruleId, severity })).toBe(true);
  });
});
