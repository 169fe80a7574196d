import { describe, expect, test } from 'vitest';
import { expectedHosts } from '../../../src/enrich/egress/expected-hosts.ts';
import {
  createEgressJudge,
  destinationKey,
  type EgressContext,
  type JudgedConnection,
  judgeEgress,
  policySubject,
} from '../../../src/enrich/egress/verdict.ts';
import type { Destination, ExpectedHost, PolicyRule } from '../../../src/types/egress.ts';
import type { Owner, Role } from '../../../src/types/snapshot.ts';
import { config, GATEWAY_PROCESS, gatewayFact, NOW } from '../builders.ts';

function owner(role: Role, skill?: string): Owner {
  return {
    process: GATEWAY_PROCESS,
    role,
    confidence: 'certain',
    lineage: [],
    ...(role !== 'other' && { gatewayId: 'default' }),
    ...(skill !== undefined && { skill }),
  };
}

function connection(destination: Destination | undefined, who: Owner | undefined, port = 443): JudgedConnection {
  return {
    protocol: 'tcp',
    direction: 'outbound',
    remoteClass: 'public',
    remote: { address: '203.0.113.20', port },
    ...(destination && { destination }),
    ...(who && { owner: who }),
  };
}

const named = (name: string, extra: Destination = {}): Destination => ({
  name,
  source: 'dns',
  confidence: 'likely',
  domain: name.split('.').slice(-2).join('.'),
  ...extra,
});

function rule(extra: Partial<PolicyRule> = {}): PolicyRule {
  return {
    id: 1,
    action: 'allow',
    scope: { kind: 'everywhere' },
    pattern: 'skillmetrics.test',
    reason: 'agreed',
    createdAt: NOW - 1_000,
    origin: 'user',
    ...extra,
  };
}

const TELEGRAM: ExpectedHost = {
  pattern: 'api.telegram.org',
  port: 443,
  roles: ['gateway'],
  category: 'channel',
  reason: 'channels.telegram is enabled in openclaw.json',
};

function context(extra: Partial<EgressContext> = {}): EgressContext {
  return { expected: [TELEGRAM], policy: [], learned: () => false, now: NOW, ...extra };
}

const SKILL = owner('skill', 'file-helper');
const METRICS = connection(named('skillmetrics.test'), SKILL);

describe('the order of grounds', () => {
  const all: EgressContext = context({
    expected: [{ ...TELEGRAM, pattern: 'skillmetrics.test', roles: ['any'] }],
    policy: [rule(), rule({ id: 2, action: 'suppress' })],
    learned: () => true,
  });

  test('is suppressed, approved, expected, learned, unknown', () => {
    expect(judgeEgress(METRICS, all).verdict).toBe('suppressed');
    expect(judgeEgress(METRICS, { ...all, policy: [rule()] }).verdict).toBe('approved');
    expect(judgeEgress(METRICS, { ...all, policy: [] }).verdict).toBe('expected');
    expect(judgeEgress(METRICS, { ...all, policy: [], expected: [] }).verdict).toBe('learned');
    expect(judgeEgress(METRICS, context()).verdict).toBe('unknown');
  });

  test('comes with the reason', () => {
    expect(judgeEgress(METRICS, all).verdictReason).toBe('suppress rule 2: agreed');
    expect(judgeEgress(METRICS, context({ policy: [rule({ origin: 'learned' })] })).verdictReason).toBe(
      'accepted from learning: agreed',
    );
    expect(judgeEgress(connection(named('api.telegram.org'), owner('gateway')), context())).toEqual({
      verdict: 'expected',
      verdictReason: 'channels.telegram is enabled in openclaw.json',
    });
  });
});

describe('rules of the user', () => {
  test.each<[string, Partial<PolicyRule>, boolean]>([
    ['everywhere', {}, true],
    ['of this skill', { scope: { kind: 'skill', name: 'file-helper' } }, true],
    ['of another skill', { scope: { kind: 'skill', name: 'other' } }, false],
    ['of a skill without a name', { scope: { kind: 'skill' } }, false],
    ['of this role', { scope: { kind: 'role', name: 'skill' } }, true],
    ['of another role', { scope: { kind: 'role', name: 'exec' } }, false],
    ['that expires later', { expiresAt: NOW + 1 }, true],
    ['that expired now', { expiresAt: NOW }, false],
    ['that was removed', { removedAt: NOW - 1 }, false],
    ['for the address', { pattern: '203.0.113.20' }, true],
    ['for the block', { pattern: '203.0.113.0/24' }, true],
    ['for the port', { pattern: 'skillmetrics.test:443' }, true],
    ['for another port', { pattern: 'skillmetrics.test:8443' }, false],
    ['for names below it', { pattern: '*.skillmetrics.test' }, false],
    ['for a name that ends alike', { pattern: 'metrics.test' }, false],
    ['that cannot be read', { pattern: '*' }, false],
    ['for a rule', { pattern: 'EGR-04' }, false],
  ])('a rule %s: %o gives %s', (_title, extra, counts) => {
    expect(judgeEgress(METRICS, context({ policy: [rule(extra)] })).verdict).toBe(counts ? 'approved' : 'unknown');
  });
});

describe('expectations', () => {
  test.each<[Role, string]>([
    ['gateway', 'expected'],
    ['helper', 'unknown'],
    ['exec', 'unknown'],
    ['skill', 'unknown'],
    ['other', 'unknown'],
  ])('hold for the role they name: %s gives %s', (role, verdict) => {
    expect(judgeEgress(connection(named('api.telegram.org'), owner(role)), context()).verdict).toBe(verdict);
  });

  test('for anybody hold for the family alone', () => {
    const proxy = context({ expected: [{ ...TELEGRAM, roles: ['any'] }] });
    expect(judgeEgress(connection(named('api.telegram.org'), SKILL), proxy).verdict).toBe('expected');
    expect(judgeEgress(connection(named('api.telegram.org'), owner('other')), proxy).verdict).toBe('unknown');
  });

  test.each([['evil-telegram.org'], ['api.telegram.org.evil.test'], ['telegram.org'], ['xapi.telegram.org']])(
    'do not cover %s',
    (name) => {
      expect(judgeEgress(connection(named(name), owner('gateway')), context()).verdict).toBe('unknown');
    },
  );

  test('do not cover another port', () => {
    expect(judgeEgress(connection(named('api.telegram.org'), owner('gateway'), 8443), context()).verdict).toBe(
      'unknown',
    );
  });

  test('of an unseen owner are told as such', () => {
    expect(judgeEgress(connection(named('api.telegram.org'), undefined), context())).toMatchObject({
      verdict: 'expected',
      verdictReason: expect.stringContaining('owner was not seen'),
    });
  });

  test('on a shared address are told as ambiguous', () => {
    const shared = named('api.telegram.org', { confidence: 'possible', otherNames: ['a.test', 'b.test', 'c.test'] });
    expect(judgeEgress(connection(shared, owner('gateway')), context()).verdictReason).toContain(
      'ambiguous, the address is shared with a.test, b.test and 1 more',
    );
  });

  test('of a whole configuration judge a skill that talks to Telegram', () => {
    const fact = gatewayFact({ config: config({ channels: { telegram: { enabled: true } } }) });
    const judge = createEgressJudge(context({ expected: expectedHosts(fact) }));
    expect(judge(connection(named('api.telegram.org'), owner('gateway'))).verdict).toBe('expected');
    expect(judge(connection(named('api.telegram.org'), SKILL)).verdict).toBe('unknown');
    expect(judge(connection(named('github.com'), owner('exec'))).verdict).toBe('expected');
    expect(judge(connection(named('github.com'), SKILL)).verdict).toBe('unknown');
  });
});

describe('a name that only the process claims', () => {
  const claimed = (name: string) =>
    connection(named(name, { source: 'argv', confidence: 'possible', claimed: true }), owner('gateway'));

  test('earns no verdict', () => {
    const policy = [rule({ pattern: 'skillmetrics.test' }), rule({ id: 2, action: 'suppress', pattern: 'muted.test' })];
    expect(judgeEgress(claimed('skillmetrics.test'), context({ policy })).verdict).toBe('unknown');
    expect(judgeEgress(claimed('muted.test'), context({ policy })).verdict).toBe('unknown');
    expect(judgeEgress(claimed('api.telegram.org'), context())).toMatchObject({
      verdict: 'unknown',
      verdictReason: expect.stringContaining('only the process itself names the host'),
    });
  });

  test('is remembered by its address', () => {
    expect(destinationKey(claimed('skillmetrics.test'))).toBe('203.0.113.20:443');
  });
});

describe('learning', () => {
  test('asks for the skill or role and the registrable domain', () => {
    const asked: unknown[] = [];
    const learned: EgressContext['learned'] = (subject, destination) => asked.push([subject, destination]) < 0;
    judgeEgress(connection(named('api.skillmetrics.test'), SKILL), context({ learned }));
    judgeEgress(connection(named('api.skillmetrics.test'), owner('exec')), context({ learned }));
    judgeEgress(connection(undefined, owner('exec')), context({ learned }));
    judgeEgress(connection(undefined, undefined), context({ learned }));
    expect(asked).toEqual([
      [{ kind: 'skill', name: 'file-helper' }, 'skillmetrics.test'],
      [{ kind: 'role', name: 'exec' }, 'skillmetrics.test'],
      [{ kind: 'role', name: 'exec' }, '203.0.113.20:443'],
    ]);
    expect(policySubject({})).toBeUndefined();
  });
});

describe('what stays on this host', () => {
  test('is expected of everybody', () => {
    const loopback = { ...connection(undefined, SKILL), remoteClass: 'loopback' as const };
    expect(judgeEgress(loopback, context())).toEqual({ verdict: 'expected', verdictReason: 'this host' });
    const internal = { ...connection(undefined, SKILL), direction: 'internal' as const };
    expect(judgeEgress(internal, context())).toEqual({ verdict: 'expected', verdictReason: 'this host' });
  });
});

describe('the reason of an unknown end', () => {
  test.each<[Role | undefined, string]>([
    ['gateway', 'web_fetch'],
    ['browser', 'a browser visits what it is told to'],
    ['skill', 'not in the configuration, and no rule allows it'],
    [undefined, 'its owner was not seen'],
  ])('of %s says %s', (role, words) => {
    const who = role === undefined ? undefined : owner(role);
    expect(judgeEgress(connection(named('skillmetrics.test'), who), context()).verdictReason).toContain(words);
  });

  test('says when there is no name', () => {
    expect(judgeEgress(connection(undefined, SKILL), context()).verdictReason).toContain('no name is known');
  });
});
