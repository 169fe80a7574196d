import { beforeEach, describe, expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import { egr04 } from '../../src/detect/rules/egr-04.ts';
import { openStore, openStoreReader } from '../../src/store/store.ts';
import { type Finding, fingerprint } from '../../src/types/finding.ts';
import type { Connection } from '../../src/types/snapshot.ts';
import type { FindingRecord } from '../../src/types/store.ts';
import { connection, finding, owner, START, snapshot, useDirectories } from '../store/machine.ts';
import { clawwatch } from './world.ts';

const places = useDirectories();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let path: string;
let now: number;

beforeEach(() => {
  path = places.file();
  now = START;
});

const world = () => ({
  io: {
    now: () => now,
    openReader: async () => openStoreReader({ path }),
    openStore: async () => openStore({ path }),
    columns: 160,
  },
});

/** Runs a command on the real record; `ok` when it ended well. */
async function run(...argv: string[]) {
  return clawwatch(argv, world());
}

async function runJson(...argv: string[]): Promise<Record<string, unknown>> {
  const { out, err, code } = await run(...argv, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Record<string, unknown>;
}

function contact(port: number, more: Partial<Connection> = {}): Connection {
  return connection(port, {
    owner: { ...owner(700), role: 'skill', skill: 'metrics', gatewayId: 'default' },
    gatewayId: 'default',
    remoteClass: 'public',
    destination: { name: 'api.skillmetrics.test', domain: 'skillmetrics.test', source: 'dns', confidence: 'certain' },
    verdict: 'unknown',
    ...more,
  });
}

/** A look of the agent at this machine, judged for first contacts, with more findings beside. */
function look(connections: Connection[], more: Finding[] = []): FindingRecord[] {
  const store = openStore({ path, learnDays: 1 });
  try {
    const seen = { ...snapshot(0, { connections, telemetry: 'T2' }), at: now };
    const found = createDetect({ rules: [egr04] })(seen, store.history(), { now, singleLook: false });
    return store.recordCycle(seen, [...found, ...more], 'agent').findings;
  } finally {
    store.close();
  }
}

/** Status of each finding on record, by rule. */
function statuses(): string[] {
  const reader = openStoreReader({ path });
  try {
    return reader.findings().map(({ ruleId, severity, status }) => `${ruleId} ${severity} ${status}`);
  } finally {
    reader.close();
  }
}

/** A record past its learning day, in which a skill talks to a host that nobody knows. */
function learnedWorld(): void {
  look([]);
  now += 2 * DAY;
  look([contact(1)]);
}

const SCOPE = ['--skill', 'metrics', '--reason', 'it is the point of the skill'];

describe('allow', () => {
  test('settles the finding, at once on record and with the next look', async () => {
    learnedWorld();
    expect(statuses()).toEqual(['EGR-04 low open']);
    const answer = await runJson('allow', '*.skillmetrics.test', ...SCOPE, '--for', '24h');
    expect(answer).toMatchObject({
      command: 'allow',
      contacts: 1,
      rule: {
        id: 1,
        state: 'in force',
        scope: { kind: 'skill', name: 'metrics' },
        expiresAt: now + DAY,
        origin: 'user',
      },
    });
    look([]);
    expect(statuses()).toEqual(['EGR-04 low resolved']);
  });

  test('says when nothing on record matches, which is how a misspelt pattern looks', async () => {
    learnedWorld();
    const { out } = await run('allow', 'api.skilmetrics.test', ...SCOPE);
    expect(out).toContain('nothing on record matches it yet');
  });

  test('for another skill or role changes nothing', async () => {
    learnedWorld();
    await run('allow', 'api.skillmetrics.test', '--skill', 'weather', '--reason', 'x');
    await run('allow', 'api.skillmetrics.test', '--role', 'exec', '--reason', 'x');
    look([]);
    expect(statuses()).toEqual(['EGR-04 low open']);
  });

  test.each([
    ['no scope', ['a.test', '--reason', 'x'], 'no scope'],
    ['two scopes', ['a.test', '--everywhere', '--skill', 'x', '--reason', 'x'], 'more than one scope'],
    ['no reason', ['a.test', '--everywhere'], 'no reason'],
    ['an empty reason', ['a.test', '--everywhere', '--reason', ' '], 'reason is empty'],
    ['a reason with escape codes', ['a.test', '--everywhere', '--reason', 'fine\u001b[2J'], 'control'],
    ['a reason that reads backwards', ['a.test', '--everywhere', '--reason', 'fi\u202ene'], 'control'],
    ['a pattern with control characters', ['a.test\u0007', '--everywhere', '--reason', 'x'], 'control'],
    ['every host', ['*', '--everywhere', '--reason', 'x'], 'every host'],
    ['every host on a port', ['*:443', '--everywhere', '--reason', 'x'], 'every host'],
    ['a whole top level', ['*.com', '--everywhere', '--reason', 'x'], 'whole top-level'],
    ['a public suffix', ['*.co.uk', '--skill', 'x', '--reason', 'x'], 'too wide'],
    ['a suffix that hands out parts', ['*.github.io', '--skill', 'x', '--reason', 'x'], 'too wide'],
    ['a label below a suffix', ['a*.co.uk', '--everywhere', '--reason', 'x'], 'too wide'],
    ['the whole internet', ['0.0.0.0/0', '--everywhere', '--reason', 'x'], 'every address'],
    ['half of IPv6', ['8000::/1', '--everywhere', '--reason', 'x'], 'too wide'],
    ['no pattern at all', ['http://a.test/x', '--everywhere', '--reason', 'x'], 'cannot be used'],
    ['a rule id', ['EXP-01', '--everywhere', '--reason', 'x'], 'only a host'],
    ['an unknown role', ['a.test', '--role', 'root', '--reason', 'x'], 'no role'],
    ['a time that is none', ['a.test', '--everywhere', '--for', 'soon', '--reason', 'x'], '--for'],
    ['no time', ['a.test', '--everywhere', '--for', '0s', '--reason', 'x'], '--for'],
  ])('refuses %s with a hint, and writes nothing', async (_, argv, message) => {
    const { code, err } = await run('allow', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('hint');
    expect(err).not.toMatch(/[\u0007\u001b\u202e]/);
  });

  test.each(['10.0.0.0/8', 'api.example.com', '*.example.com:8443', '[2001:db8::7]:443', 'wss-*.slack.com'])(
    'takes %s',
    async (pattern) => {
      expect((await run('allow', pattern, '--everywhere', '--for', 'never', '--reason', 'ours')).code).toBe(0);
    },
  );
});

describe('acknowledge', () => {
  test('a finding is no longer shown as open, stays on record with its reason, and a second time says so', async () => {
    const [one] = look([], [finding('gateway default')]);
    const { out } = await run('acknowledge', one!.id, '--reason', 'the test machine');
    expect(out).toContain('1 finding acknowledged');
    now += 2000;
    look([], [finding('gateway default')]);
    expect(statuses()).toEqual(['EXP-01 high acknowledged']);
    expect((await run('acknowledge', one!.id)).out).toContain(`${one!.id} was acknowledged already`);
    expect((await run('explain', one!.id)).out).toContain('the test machine');
  });

  test('a mistyped id changes nothing', async () => {
    const [one] = look([], [finding('gateway default')]);
    const { code, err } = await run('acknowledge', one!.id, 'F-ZZZZZZ');
    expect(code).toBe(2);
    expect(err).toContain('there is no finding F-ZZZZZZ');
    expect(statuses()).toEqual(['EXP-01 high open']);
  });
});

describe('suppress', () => {
  const exposed = () =>
    finding('gateway default', { ruleId: 'EXP-02', severity: 'critical', fingerprint: fingerprint('EXP-02', 'x') });

  test('a finding is muted at once, stays on record, is counted, and reopens after its time', async () => {
    const [one] = look([], [finding('gateway default')]);
    const answer = await runJson('suppress', one!.id, '--for', '1h', '--reason', 'a test bench');
    expect(answer).toMatchObject({ findings: [one!.id], rule: { pattern: one!.id, scope: { kind: 'everywhere' } } });
    expect(statuses()).toEqual(['EXP-01 high suppressed']);
    expect((await run('findings')).out).toContain('0 findings');
    expect((await run('findings', '--status', 'suppressed')).out).toContain(one!.id);
    now += 2000;
    look([], [finding('gateway default')]);
    expect(statuses()).toEqual(['EXP-01 high suppressed']);
    now += HOUR;
    look([], [finding('gateway default')]);
    expect(statuses()).toEqual(['EXP-01 high open']);
    const { out } = await run('explain', one!.id);
    expect(out).toMatch(/suppressed.*rule 1: a test bench/);
    expect(out).toMatch(/reopened.*expired/);
  });

  test('a rule is muted in its scope only', async () => {
    const skills = ['weather', 'metrics'].map((name) =>
      finding(`skill ${name}`, { ruleId: 'EXP-09', fingerprint: fingerprint('EXP-09', name) }),
    );
    look([], skills);
    await run('suppress', 'exp-09', '--skill', 'weather', '--reason', 'a dev server');
    expect(statuses().sort()).toEqual(['EXP-09 high open', 'EXP-09 high suppressed']);
  });

  test('a new finding of a muted rule is muted from its first look on', async () => {
    look([]);
    await run('suppress', 'EXP-01', '--everywhere', '--for', '24h', '--reason', 'moving house');
    const [record] = look([], [finding('gateway default')]);
    expect(record).toMatchObject({ status: 'suppressed' });
  });

  test('hosts are muted for first contacts, whose findings are kept as suppressed', async () => {
    learnedWorld();
    await run('suppress', 'api.skillmetrics.test', ...SCOPE, '--for', '24h');
    expect(statuses()).toEqual(['EGR-04 low suppressed']);
    look([contact(1, { verdict: 'suppressed' })]);
    expect(statuses()).toEqual(['EGR-04 low suppressed']);
    now += 2 * DAY;
    look([contact(2)]);
    expect(statuses()).toEqual(['EGR-04 low open']);
  });

  test('removing the rule reopens what it muted', async () => {
    const [one] = look([], [finding('gateway default')]);
    await run('suppress', one!.id, '--reason', 'x', '--for', 'never');
    await run('policy', 'remove', '1');
    expect(statuses()).toEqual(['EXP-01 high open']);
  });

  test('what was muted by hand is not reopened by rules', async () => {
    const [one] = look([], [finding('gateway default')]);
    const store = openStore({ path });
    store.setFindingStatus(one!.fingerprint, 'suppressed', 'by hand', now);
    store.close();
    await run('suppress', 'EXP-09', '--everywhere', '--reason', 'x');
    await run('policy', 'remove', '1');
    look([], [finding('gateway default')]);
    expect(statuses()).toEqual(['EXP-01 high suppressed']);
  });

  test.each(['EGR-01', 'EGR-02', 'EXP-02'])(
    '%s cannot be muted everywhere for ever, but for a time or a skill',
    async (id) => {
      look([]);
      const never = await run('suppress', id, '--everywhere', '--for', 'never', '--reason', 'x');
      expect(never.code).toBe(2);
      expect(never.err).toContain('everywhere and for ever');
      expect((await run('suppress', id, '--everywhere', '--for', '24h', '--reason', 'x')).code).toBe(0);
      expect((await run('suppress', id, '--skill', 'x', '--for', 'never', '--reason', 'x')).code).toBe(0);
    },
  );

  test('a critical EXP-02 cannot be muted for ever by its id, nor become critical in silence', async () => {
    const [critical] = look([], [exposed()]);
    const refused = await run('suppress', critical!.id, '--for', 'never', '--reason', 'x');
    expect(refused.code).toBe(2);
    look([], [{ ...exposed(), severity: 'high' }]);
    expect((await run('suppress', critical!.id, '--for', 'never', '--reason', 'x')).code).toBe(0);
    expect(statuses()).toEqual(['EXP-02 high suppressed']);
    look([], [exposed()]);
    expect(statuses()).toEqual(['EXP-02 critical open']);
  });

  test.each([
    ['a rule that does not exist', ['EXP-99', '--everywhere'], 'no rule EXP-99'],
    ['a finding that does not exist', ['F-ZZZZZZ'], 'no finding'],
    ['a rule without a scope', ['EXP-01'], 'no scope'],
    ['all hosts', ['*', '--everywhere'], 'every host'],
  ])('refuses %s', async (_, argv, message) => {
    look([]);
    const { code, err } = await run('suppress', ...argv, '--reason', 'x');
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('policy', () => {
  test('list shows what is in force, and with --all what is over and why', async () => {
    learnedWorld();
    await run('allow', 'a.example.com', '--everywhere', '--for', 'never', '--reason', 'ours');
    await run('allow', 'b.example.com', '--role', 'exec', '--for', '1h', '--reason', 'a trial');
    await run('allow', 'c.example.com', '--role', 'exec', '--reason', 'x');
    await run('policy', 'remove', '3', '--reason', 'a mistake');
    now += 2 * HOUR;
    const list = await run('policy', 'list');
    expect(list.out).toContain('1 rule; 2 removed or expired');
    expect(list.out).toContain('a.example.com');
    expect(list.out).not.toContain('b.example.com');
    const { rules } = await runJson('policy', 'list', '--all');
    expect(rules).toMatchObject([
      { id: 1, state: 'in force' },
      { id: 2, state: 'expired' },
      { id: 3, state: 'removed', removedReason: 'a mistake' },
    ]);
  });

  test.each(['7', 'x', '-1'])('removing %s, which is none, is refused', async (id) => {
    look([]);
    expect((await run('policy', 'remove', '--', id)).code).toBe(2);
  });

  test('test says what a rule would have silenced, by severity, and changes nothing', async () => {
    look([]);
    now += 2 * DAY;
    const odd = {
      remote: { address: '198.51.100.7', port: 8443 },
      destination: { name: 'up.other.test', domain: 'other.test', source: 'dns' as const },
    };
    look([contact(1), contact(2, odd), contact(3, { owner: { ...owner(9), role: 'exec' } })]);
    const before = statuses();
    const answer = await runJson('policy', 'test', '*.skillmetrics.test', '--skill', 'metrics');
    expect(answer).toMatchObject({
      bySeverity: { low: 1 },
      connections: 1,
      contacts: [{ subject: 'skill metrics', destination: 'skillmetrics.test' }],
      partly: [],
    });
    expect(await runJson('policy', 'test', '198.51.100.0/24', '--everywhere')).toMatchObject({
      bySeverity: { medium: 1, low: 1, info: 1 },
    });
    expect((await run('policy', 'test', 'up.other.test', '--everywhere')).out).toContain('1 finding (1 medium)');
    expect(statuses()).toEqual(before);
    expect(await runJson('policy', 'list', '--all')).toMatchObject({ rules: [] });
  });

  test('test tells a contact that is covered in part only, which would still be told', async () => {
    look([]);
    now += 2 * DAY;
    look([
      contact(1),
      contact(2, { destination: { name: 'eu.skillmetrics.test', domain: 'skillmetrics.test', source: 'dns' } }),
    ]);
    expect(await runJson('policy', 'test', 'api.skillmetrics.test', '--everywhere')).toMatchObject({
      bySeverity: {},
      contacts: [],
      partly: [{ destination: 'skillmetrics.test' }],
      connections: 1,
    });
  });

  test('test of a rule id counts its findings', async () => {
    look([], [finding('gateway default')]);
    expect(await runJson('policy', 'test', 'EXP-01', '--action', 'suppress', '--everywhere')).toMatchObject({
      bySeverity: { high: 1 },
    });
  });
});

describe('learn', () => {
  /** Two days of a contact within a week of learning. */
  function learn(more: Finding[] = []): void {
    for (const day of [0, 1]) {
      now = START + day * DAY;
      const store = openStore({ path });
      store.recordCycle(
        { ...snapshot(0, { connections: [contact(1, { bytesOut: 2048, bytesIn: 100 })] }), at: now },
        more,
        'agent',
      );
      store.close();
    }
  }

  test('review lists what was learned, with how often and how much', async () => {
    learn();
    expect(await runJson('learn', 'review')).toMatchObject({
      sinceAt: START,
      untilAt: START + 7 * DAY,
      contacts: [
        {
          id: 1,
          state: 'learned',
          subject: 'skill metrics',
          destination: 'skillmetrics.test',
          days: 2,
          connections: 1,
          bytesOut: 2048,
          firstAt: START,
        },
      ],
    });
    const { out } = await run('learn', 'review');
    expect(out).toMatch(/1 +skill metrics +skillmetrics.test +learned +2 +1 +2 KiB/);
    expect((await run('learn', 'status')).out).toContain('1 learned');
  });

  test('accepting makes a rule of it, marked as learned', async () => {
    learn();
    const answer = await runJson('learn', 'review', '--accept', 'all', '--reason', 'looked at it');
    expect(answer.accepted).toMatchObject([
      {
        id: 1,
        origin: 'learned',
        action: 'allow',
        pattern: '*.skillmetrics.test',
        scope: { kind: 'skill', name: 'metrics' },
        reason: 'looked at it',
      },
    ]);
    expect(await runJson('learn', 'review')).toMatchObject({ contacts: [{ state: 'accepted' }] });
  });

  test('refusing means that it is not learned', async () => {
    learn();
    await run('learn', 'review', '--reject', '1');
    expect(await runJson('learn', 'review')).toMatchObject({ contacts: [{ state: 'refused' }] });
  });

  test('a contact with a medium finding is neither learned nor accepted in passing', async () => {
    learn([finding('x', { severity: 'medium', socketKeys: [contact(1).key] })]);
    expect(await runJson('learn', 'review', '--accept', 'all')).toMatchObject({ accepted: [] });
    const { code, err } = await run('learn', 'review', '--accept', '1');
    expect(code).toBe(2);
    expect(err).toContain('clawwatch allow');
  });

  test('restart begins anew and keeps accepted rules', async () => {
    learn();
    await run('learn', 'review', '--accept', '1');
    expect(await runJson('learn', 'restart')).toMatchObject({ sinceAt: now });
    expect(await runJson('policy', 'list')).toMatchObject({ rules: [{ origin: 'learned' }] });
    expect((await run('learn', 'status')).out).toContain('learning since');
  });

  test.each(['9', 'x'])('accepting %s, which is none, is refused', async (id) => {
    learn();
    expect((await run('learn', 'review', '--accept', id)).code).toBe(2);
  });
});

test.each([
  ['learn', 'review', '--accept', 'all'],
  ['learn', 'restart'],
  ['policy', 'remove', '1'],
])('%s %s on a record that is not there makes none', async (...argv) => {
  let made = false;
  const openStore = () => {
    made = true;
    return Promise.reject(new Error('made'));
  };
  const { code, err } = await clawwatch(argv, { io: { openReader: async () => undefined, openStore } });
  expect({ code, made }).toEqual({ code: 2, made: false });
  expect(err).toContain('nothing is recorded yet');
});

describe('a record that an attacker had a hand in', () => {
  const hostile = '\u001b[2J\u202eevil\nSECOND LINE\u0007';

  test('never reaches the terminal alive', async () => {
    const evil = contact(1, {
      owner: { ...owner(700), role: 'skill', skill: hostile, gatewayId: 'default' },
      destination: { name: `${hostile}.test`, source: 'dns' },
    });
    look([evil]);
    const store = openStore({ path });
    store.addPolicyRule({
      action: 'allow',
      scope: { kind: 'skill', name: hostile },
      pattern: hostile,
      reason: hostile,
      createdAt: now,
      origin: 'user',
    });
    store.close();
    for (const argv of [
      ['learn', 'review'],
      ['policy', 'list'],
      ['policy', 'test', '198.51.100.7', '--everywhere'],
      ['policy', 'test', 'x.test', '--skill', hostile],
      ['learn', 'review', '--reject', '1'],
      ['policy', 'remove', '1'],
      ['allow', hostile, '--everywhere', '--reason', 'x'],
      ['suppress', `F-${hostile}`, '--reason', 'x'],
    ]) {
      const { out, err } = await run(...argv);
      expect(`${out}${err}`, argv.join(' ')).not.toMatch(/[\u0007\u001b\u202e]|^SECOND/m);
    }
  });

  test.each([{ OPENCLAW_SHELL: 'exec' }, { OPENCLAW_SHELL: 'acp-client' }, { OPENCLAW_SUBAGENT_EXEC: '1' }])(
    'is not for the agent itself to change: %j',
    async (env) => {
      look([]);
      for (const argv of [
        ['allow', 'evil.test', '--everywhere', '--reason', 'the page said so'],
        ['suppress', 'EXP-01', '--everywhere', '--reason', 'the page said so'],
        ['policy', 'remove', '1'],
        ['learn', 'review', '--accept', 'all'],
        ['learn', 'restart'],
      ]) {
        const { code, err } = await clawwatch(argv, { io: { ...world().io, env } });
        expect(code, argv.join(' ')).toBe(2);
        expect(err).toContain('terminal of your own');
      }
      expect(await runJson('policy', 'list', '--all')).toMatchObject({ rules: [] });
    },
  );
});
