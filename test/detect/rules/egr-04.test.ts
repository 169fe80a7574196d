import { describe, expect, test } from 'vitest';
import { egr04 } from '../../../src/detect/rules/egr-04.ts';
import { ALL_RULES } from '../../../src/detect/rules/index.ts';
import type { ContactRecord } from '../../../src/types/contact.ts';
import { contactFingerprint } from '../../../src/types/contact.ts';
import type { EgressVerdict } from '../../../src/types/egress.ts';
import type { History, Rule } from '../../../src/types/rule.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { connection, exposed, history, judge, NOW, only, owner, process, snapshot, wordsIn } from '../builders.ts';

const LEARNED_LONG_AGO = { learningSince: () => NOW - 30 * 86_400_000, learningUntil: () => NOW - 23 * 86_400_000 };
const past = (more: Parameters<typeof history>[0] = {}) => history({ ...LEARNED_LONG_AGO, ...more });

let port = 40_000;

/** An outbound connection of this role to this host, on port 443, judged unknown. */
function contact(
  role: Role,
  host: string | undefined,
  more: Partial<Connection> & { skill?: string } = {},
): Connection {
  const { skill, ...rest } = more;
  const fact = process(3000 + port, { comm: 'python3', exe: '/usr/bin/python3', argv: ['python3', 'report.py'] });
  return connection(['192.168.50.10', port++], ['203.0.113.77', 443], {
    direction: 'outbound',
    owner: owner(role, fact, skill === undefined ? {} : { skill }),
    gatewayId: 'default',
    verdict: 'unknown',
    verdictReason: 'not in the configuration, and no rule allows it',
    ...(host === undefined
      ? {}
      : {
          destination: {
            name: host,
            source: 'dns' as const,
            confidence: 'certain' as const,
            domain: host.split('.').slice(-2).join('.'),
          },
        }),
    ...rest,
  });
}

const look = (...connections: Connection[]) => snapshot({ connections });
const tell = (...connections: Connection[]) => judge(egr04, look(...connections), { history: past() });
const skillContact = (host: string, more: Partial<Connection> = {}) =>
  contact('skill', host, { skill: 'metrics', ...more });

function recorded(more: Partial<ContactRecord> = {}): ContactRecord {
  return {
    id: 1,
    subject: 'skill metrics',
    destination: 'skillmetrics.test',
    role: 'skill',
    skill: 'metrics',
    gatewayId: 'default',
    name: 'api.skillmetrics.test',
    nameSource: 'dns',
    address: '203.0.113.77',
    port: 443,
    firstAt: NOW - 3_600_000,
    lastAt: NOW - 3_000_000,
    days: 1,
    learningDays: 0,
    connections: 3,
    bytesOut: 1000,
    bytesIn: 5000,
    verdict: 'unknown',
    grave: false,
    ...more,
  };
}

describe('EGR-04 tells', () => {
  test('a skill that contacts a host nobody configured, once for all its connections', () => {
    const finding = only(tell(skillContact('api.skillmetrics.test'), skillContact('eu.skillmetrics.test')));
    expect(finding).toMatchObject({
      severity: 'low',
      subject: 'skill metrics',
      title: 'Skill "metrics" talks to skillmetrics.test, which is neither configured nor approved',
      gatewayId: 'default',
      fingerprint: contactFingerprint({ subject: 'skill metrics', destination: 'skillmetrics.test' }),
    });
    expect(finding.socketKeys).toHaveLength(2);
    expect(finding.fixes[0]?.command).toBe(
      "clawwatch allow eu.skillmetrics.test --skill=metrics --for 30d --reason 'what it is for'",
    );
  });

  test('the same contact with the same identity after restarts, on other ports and by other pids', () => {
    const prints = [1, 2, 3].map(() => only(tell(skillContact('api.skillmetrics.test'))).fingerprint);
    expect(new Set(prints).size).toBe(1);
  });

  test('each skill and each role apart', () => {
    const found = tell(
      skillContact('x.test'),
      contact('skill', 'x.test', { skill: 'weather' }),
      contact('exec', 'x.test'),
    );
    expect(found.map(({ subject }) => subject).sort()).toEqual(['exec', 'skill metrics', 'skill weather']);
  });

  test.each<[string, Role, Partial<Connection>, string]>([
    ['a skill', 'skill', {}, 'low'],
    ['a detached process', 'detached', {}, 'low'],
    ['an MCP server', 'mcp', {}, 'low'],
    ['a command', 'exec', {}, 'info'],
    ['a fetch of the gateway', 'gateway', {}, 'info'],
    ['a command on another port', 'exec', { remote: { address: '203.0.113.7', port: 8443 } }, 'medium'],
    ['a skill on another port', 'skill', { remote: { address: '203.0.113.7', port: 8443 } }, 'medium'],
    ['a skill on port 80', 'skill', { remote: { address: '203.0.113.7', port: 80 } }, 'low'],
    ['an upload of a skill', 'skill', { bytesOut: 32_769 }, 'medium'],
    ['an upload of a detached process', 'detached', { bytesOut: 90_000 }, 'medium'],
    ['32 KiB and no more', 'skill', { bytesOut: 32_768 }, 'low'],
  ])('grades %s', (_, role, more, severity) => {
    expect(only(tell(contact(role, 'api.unknown.test', more))).severity).toBe(severity);
  });

  test.each([
    ['a part of a tunnel domain', 'quiet-cat.trycloudflare.com'],
    ['a page that anybody can make', 'someone.github.io'],
    ['international letters', 'xn--pple-43d.test'],
  ])('%s as medium', (_, host) => expect(only(tell(skillContact(host))).severity).toBe('medium'));

  test('a host that the call of the agent names as info, unless there is a further sign', () => {
    const named = { destination: { name: 'x.test', source: 'tool-call' as const, confidence: 'possible' as const } };
    expect(only(tell(skillContact('x.test', named))).severity).toBe('info');
    expect(only(tell(skillContact('x.test', { ...named, bytesOut: 99_999 }))).severity).toBe('medium');
  });

  test('a name that only the process gives, with a fix that does not rest on it', () => {
    const finding = only(
      tell(
        skillContact('x.test', { destination: { name: 'api.telegram.org', source: 'argv', confidence: 'possible' } }),
      ),
    );
    expect(wordsIn(finding)).toContain('nothing else confirms it');
    expect(finding.fixes[0]?.command).toContain('allow 203.0.113.77:443 ');
  });

  test('a contact that ended, from the record, until its days are over', () => {
    const remembers = past({ unknownContacts: (sinceAt) => [recorded()].filter(({ lastAt }) => lastAt >= sinceAt) });
    const finding = only(judge(egr04, look(), { history: remembers }));
    expect(finding).toMatchObject({ severity: 'low', title: expect.stringContaining('skillmetrics.test') });
    expect(finding.fingerprint).toBe(only(tell(skillContact('api.skillmetrics.test'))).fingerprint);
    expect(judge(egr04, look(), { history: remembers, options: { openDays: 0 } })).toEqual([]);
  });

  test('an upload that was made in many connections', () => {
    const remembers = past({ unknownContacts: () => [recorded({ bytesOut: 50_000 })] });
    const now = look(skillContact('api.skillmetrics.test', { bytesOut: 10 }));
    expect(only(judge(egr04, now, { history: remembers }))).toMatchObject({ severity: 'medium' });
  });

  test('addresses without a name in one info line for the skill', () => {
    const at = (address: string) =>
      contact('skill', undefined, { skill: 'metrics', remote: { address, port: 443 }, destination: {} });
    const finding = only(tell(at('203.0.113.1'), at('203.0.113.2'), at('203.0.113.3')));
    expect(finding).toMatchObject({ severity: 'info', title: expect.stringContaining('names are not known') });
    expect(finding.evidence[0]).toEqual({ label: 'addresses', value: '3' });
    expect(finding.fingerprint).toBe(only(tell(at('203.0.113.9'))).fingerprint);
  });

  test('a generator of names without a finding for each', () => {
    const found = tell(
      ...Array.from({ length: 300 }, (_, index) => skillContact(`h.d${String(index).padStart(3, '0')}.test`)),
    );
    expect(found).toHaveLength(51);
    expect(found.filter(({ title }) => title.includes('250 more domains'))).toMatchObject([{ severity: 'medium' }]);
  });
});

describe('EGR-04 is silent for', () => {
  test.each<EgressVerdict>(['expected', 'approved', 'learned', 'suppressed'])('what is %s', (verdict) => {
    expect(tell(skillContact('x.test', { verdict, bytesOut: 9_000_000 }))).toEqual([]);
  });

  test('what was unknown on record and is judged otherwise now', () => {
    const remembers = past({ unknownContacts: () => [recorded()] });
    const allowed = look(skillContact('api.skillmetrics.test', { verdict: 'approved' }));
    expect(judge(egr04, allowed, { history: remembers })).toEqual([]);
  });

  test('the browser, processes of others, what comes in, and what nobody judged', () => {
    const { verdict: _, ...unjudged } = skillContact('x.test');
    expect(
      tell(
        contact('browser', 'x.test'),
        contact('other', 'x.test'),
        skillContact('x.test', { direction: 'inbound' }),
        unjudged,
      ),
    ).toEqual([]);
  });

  test('private addresses without a name', () => {
    const lan = { remote: { address: '192.168.50.20', port: 1883 }, remoteClass: 'private' as const, destination: {} };
    expect(tell(contact('skill', undefined, { skill: 'metrics', ...lan }))).toEqual([]);
  });

  test.each<[string, Role, string, number]>([
    ['a day of long polls to Telegram', 'gateway', 'api.telegram.org', 900_000],
    ['uploads of 1.8 MB to the model', 'gateway', 'api.anthropic.com', 1_800_000],
    ['a heartbeat to the model every 30 minutes', 'gateway', 'api.anthropic.com', 4000],
    ['a websocket of Discord kept for twelve hours', 'gateway', 'gateway.discord.gg', 50_000],
  ])('%s, where it is configured', (_, role, host, bytesOut) => {
    expect(tell(contact(role, host, { verdict: 'expected', bytesOut }))).toEqual([]);
  });
});

test('EGR-04 is silent for what was learned once and is unknown again because something grave was found', () => {
  const look = { ...snapshot(), connections: [skillContact('x.test')] };
  expect(judge(egr04, look, { history: past() })).toHaveLength(1);
  expect(judge(egr04, look, { history: past({ isFamiliar: () => true }) })).toEqual([]);
});

describe('learning', () => {
  test.each<[string, Partial<History>]>([
    ['in the learning period', { learningSince: () => NOW - 1000, learningUntil: () => NOW + 1000 }],
    ['in the first look ever', { learningSince: () => undefined, learningUntil: () => undefined }],
  ])('%s it is recorded as info, whatever the signs', (_, when) => {
    const found = judge(egr04, look(skillContact('cat.trycloudflare.com', { bytesOut: 1_000_000 })), {
      history: history(when),
    });
    expect(only(found)).toMatchObject({ severity: 'info' });
    expect(wordsIn(only(found))).toContain('"learning"');
  });

  test('after it the same contact has the same identity and its own severity', () => {
    const during = only(judge(egr04, look(skillContact('x.test')), { history: history() }));
    const after = only(tell(skillContact('x.test')));
    expect([during.severity, after.severity]).toEqual(['info', 'low']);
    expect(during.fingerprint).toBe(after.fingerprint);
  });
});

describe('beside EGR-04', () => {
  const connections = (verdict: EgressVerdict) => [
    skillContact('x.test', { verdict }),
    contact('exec', 'y.test', { verdict, remote: { address: '203.0.113.9', port: 4444 } }),
    connection(['192.168.50.10', 18_789], ['203.0.113.5', 50_000]),
  ];
  const others = ALL_RULES.filter(({ id }) => id !== 'EGR-04');
  const say = (rules: readonly Rule[], verdict: EgressVerdict, when: Parameters<typeof history>[0]) => {
    port = 41_000;
    const seen = { ...exposed('public'), connections: connections(verdict) };
    return rules.flatMap((rule) => judge(rule, seen, { history: history(when) }));
  };
  const LEARNING = {
    learningSince: () => NOW,
    learningUntil: () => NOW + 1,
    isLearned: () => true,
    destinationDays: () => 9,
  };

  test('the time of learning silences no other rule', () => {
    const bare = say(others, 'unknown', {});
    expect(bare.length).toBeGreaterThan(1);
    for (const when of [LEARNED_LONG_AGO, LEARNING]) expect(say(others, 'unknown', when)).toEqual(bare);
  });

  test('a verdict silences only rules that say so, and none of exposure, posture or published indicators', () => {
    for (const rule of others) {
      const bare = say([rule], 'unknown', {});
      for (const verdict of ['expected', 'approved', 'learned', 'suppressed'] as const) {
        if (JSON.stringify(say([rule], verdict, LEARNING)) === JSON.stringify(bare)) continue;
        expect(rule.falsePositives, rule.id).toMatch(/allow|approved|learned|expected/);
        expect(rule.id).not.toMatch(/^(EXP|POS)|EGR-0[1257]/);
      }
    }
  });
});
