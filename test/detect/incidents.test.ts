import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import { FLOOD } from '../../src/detect/flood.ts';
import { GRACES } from '../../src/detect/grace.ts';
import type { Finding, FindingHints, Severity } from '../../src/types/finding.ts';
import { compareSeverity, fingerprint } from '../../src/types/finding.ts';
import type { Ledger } from '../../src/types/ledger.ts';
import type { Rule } from '../../src/types/rule.ts';
import type { Connection } from '../../src/types/snapshot.ts';
import { connection, gateway, history, NOW, owner, process, snapshot } from './builders.ts';

const numRuns = Number(globalThis.process.env.CLAWWATCH_FUZZ_RUNS ?? 200);
const MINUTE = 60_000;

function said(ruleId: string, severity: Severity, more: Partial<Finding> = {}): Finding {
  const subject = more.subject ?? 'skill weather';
  return {
    ruleId,
    verdict: 'finding',
    severity,
    title: `${ruleId} about ${subject}`,
    subject,
    why: 'w',
    evidence: [],
    fixes: [],
    confidence: 'certain',
    fingerprint: fingerprint(ruleId, subject, more.title ?? ''),
    socketKeys: [],
    ...more,
  };
}

/** An engine whose rules say what the story hands in, look by look. */
function engine(isFresh = false) {
  let now: Finding[] = [];
  const speaker: Rule = {
    ...{ id: 'X-01', title: '', what: '', why: '', falsePositives: '', severity: 'high', severityRange: '' },
    ...{ needs: 'T0', attack: [], defaults: {}, optionNotes: {} },
    judge: () => now,
  };
  const detect = createDetect({ rules: [speaker] });
  if (!isFresh) detect(snapshot({ at: NOW - 1 }), history(), { now: NOW - 1, singleLook: false });
  return (
    findings: Finding[],
    at = 0,
    {
      connections = [],
      ledger,
      singleLook = false,
    }: { connections?: Connection[]; ledger?: Ledger; singleLook?: boolean } = {},
  ) => {
    now = findings;
    return detect(
      snapshot({ at: NOW + at, connections, processes: PROCESSES, gateways: [gateway({ pid: GATEWAY.pid! })] }),
      history(),
      {
        now: NOW + at,
        singleLook,
        ...(ledger && { ledger }),
      },
    );
  };
}

const GATEWAY = process(812, { argv: ['openclaw-gateway'] });
const BROKER = process(900, { argv: ['node', '/opt/openclaw/dist/process/spawn-broker/worker.js'], ppid: 812 });
const SHELL = process(1001, { comm: 'bash', ppid: 900 });
const CURL = process(1002, { comm: 'curl', ppid: 1001 });
const OTHER_CURL = process(1102, { comm: 'curl', ppid: 900 });
const PROCESSES = [GATEWAY, BROKER, SHELL, CURL, OTHER_CURL];

const to = (address: string, fact = CURL, lineage = [1002, 1001, 900, 812]) =>
  connection(['192.168.50.10', 40_000 + fact.pid], [address, 443], {
    direction: 'outbound',
    owner: owner('exec', fact, { lineage: lineage.map((pid) => ({ pid, comm: 'x' })) }),
  });

const severities = (findings: Finding[]) => Object.fromEntries(findings.map((each) => [each.ruleId, each.severity]));

describe('an incident', () => {
  test('joins two kinds of evidence about one skill, under one id, and raises the gravest by one step', () => {
    const findings = engine()([said('EGR-05', 'high'), said('EGR-16', 'medium'), said('EGR-04', 'low')]);
    expect(severities(findings)).toEqual({ 'EGR-05': 'critical', 'EGR-16': 'medium', 'EGR-04': 'low' });
    const [lead, second, low] = findings;
    expect(lead!.incidentId).toMatch(/^I-[0-9A-Z]{6}$/);
    expect(second!.incidentId).toBe(lead!.incidentId);
    expect(low!.incidentId).toBeUndefined();
    expect(lead!.family).toBe('reputation');
    expect(lead!.evidence.at(-1)!.value).toBe(
      'from high: independent kinds of evidence agree: EGR-05 (reputation), EGR-16 (volume)',
    );
  });

  test('stays at critical', () => {
    expect(severities(engine()([said('EGR-01', 'critical'), said('EGR-02', 'high')]))).toEqual({
      'EGR-01': 'critical',
      'EGR-02': 'high',
    });
  });

  test.each<[string, string, Severity]>([
    ['one kind twice', 'EGR-05 EGR-06', 'medium'],
    ['an address without a name, which is new by definition', 'EGR-03 EGR-04', 'medium'],
    ['regular timing of something new', 'EGR-15 EGR-04', 'medium'],
    ['regular timing of an odd port', 'EGR-15 EGR-14', 'high'],
    ['a download that is run, from something new', 'EGR-04 EGR-09', 'high'],
    ['a chat account and a scan', 'EGR-07 EGR-13', 'high'],
  ])('of %s (%s) is %s', (_, rules, gravest) => {
    const findings = engine()(rules.split(' ').map((id) => said(id, 'medium')));
    expect(findings[0]!.severity).toBe(gravest);
    expect(new Set(findings.map(({ incidentId }) => incidentId)).size).toBe(1);
  });

  test('does not join different skills, nor what was not judged', () => {
    const look = engine();
    for (const findings of [
      look([said('EGR-05', 'medium'), said('EGR-16', 'medium', { subject: 'skill notes' })]),
      engine()([said('EGR-05', 'medium'), said('EGR-16', 'medium', { verdict: 'unknown' })]),
    ]) {
      expect(findings.map(({ severity, incidentId }) => [severity, incidentId])).toEqual([
        ['medium', undefined],
        ['medium', undefined],
      ]);
    }
  });

  test('joins by destination and by the line of processes, and not through the broker of all commands', () => {
    const byHint: FindingHints = { destination: 'drop.test' };
    const one = said('EGR-05', 'medium', { subject: 'exec', hints: byHint });
    const two = said('EGR-16', 'medium', { subject: 'skill b', hints: byHint });
    expect(engine()([one, two])[0]!.severity).toBe('high');
    expect(engine()([one])[0]).not.toHaveProperty('hints');

    const socket = to('198.51.100.66');
    const onWire = said('EGR-01', 'medium', { subject: 'exec', socketKeys: [socket.key] });
    const inShell = said('EGR-09', 'medium', { subject: 'agent command bash', hints: { pids: [1001] } });
    expect(engine()([onWire, inShell], 0, { connections: [socket] })[0]!.severity).toBe('high');

    const stranger = to('198.51.100.67', OTHER_CURL, [1102, 900, 812]);
    const elsewhere = said('EGR-14', 'medium', { subject: 'exec', socketKeys: [stranger.key] });
    const apart = engine()([onWire, elsewhere], 0, { connections: [socket, stranger] });
    expect(apart.map(({ incidentId }) => incidentId)).toEqual([undefined, undefined]);
  });

  test('joins within ten minutes of what happened, also when the first is not told any more, and not later', () => {
    const look = engine();
    look([said('EGR-05', 'medium')]);
    look([], MINUTE);
    expect(look([said('EGR-16', 'medium')], 9 * MINUTE)[0]!.severity).toBe('high');

    const late = engine();
    late([said('EGR-04', 'medium')]);
    // Told for days, while nothing happens: it is remembered, and not news.
    for (let at = 1; at <= 11; at++) late([said('EGR-04', 'medium')], at * MINUTE);
    const after = late([said('EGR-04', 'medium'), said('EGR-16', 'medium')], 12 * MINUTE);
    expect(severities(after)).toEqual({ 'EGR-04': 'medium', 'EGR-16': 'medium' });
  });

  test('takes a first contact of an earlier day, told again after a restart, for no news', () => {
    const findings = engine(true)([said('EGR-04', 'medium'), said('EGR-16', 'medium')]);
    expect(findings.map(({ severity }) => severity)).toEqual(['medium', 'medium']);
  });

  test('counts the gravest also when it is over, and then raises what is told', () => {
    const look = engine();
    look([said('EGR-05', 'high')]);
    look([], MINUTE);
    expect(look([said('EGR-16', 'medium')], 2 * MINUTE)[0]!.severity).toBe('critical');
  });

  test('stays raised and keeps its id while it is told, and the same story has the same id after a restart', () => {
    const look = engine();
    const before = look([said('EGR-05', 'medium'), said('EGR-16', 'medium')]);
    for (let at = 1; at < 30; at++) {
      const alone = look([said('EGR-05', 'medium')], at * MINUTE);
      expect(alone[0]).toMatchObject({ severity: 'high', incidentId: before[0]!.incidentId });
    }
    const again = engine()([said('EGR-05', 'medium'), said('EGR-16', 'medium')]);
    expect(again[0]!.incidentId).toBe(before[0]!.incidentId);
  });

  test('appends a third fact without a second raise', () => {
    const look = engine();
    look([said('EGR-05', 'medium'), said('EGR-16', 'medium')]);
    const third = look([said('EGR-05', 'medium'), said('EGR-16', 'medium'), said('EGR-09', 'medium')], MINUTE);
    expect(severities(third)).toEqual({ 'EGR-05': 'high', 'EGR-09': 'medium', 'EGR-16': 'medium' });
    expect(new Set(third.map(({ incidentId }) => incidentId)).size).toBe(1);
  });

  test('gives one step, also when what was raised is over and the rest goes on', () => {
    const look = engine();
    look([said('EGR-05', 'medium'), said('EGR-16', 'medium')]);
    expect(look([said('EGR-16', 'medium')], MINUTE)[0]!.severity).toBe('medium');
  });

  test('is not raised by what a machine is: exposure beside a changed channel stays what it was', () => {
    const about = { subject: 'gateway default', gatewayId: 'default' };
    const findings = engine()([said('EXP-02', 'high', about), said('POS-06', 'high', about)]);
    expect(findings.map(({ severity }) => severity)).toEqual(['high', 'high']);
    expect(findings[0]!.incidentId).toBeDefined();
  });

  test('of a gateway holds its exposure as facts, which raise nothing', () => {
    const about = { subject: 'gateway default', gatewayId: 'default' };
    const findings = engine()([
      said('EXP-02', 'high', about),
      said('POS-03', 'high', about),
      said('POS-04', 'medium', about),
      said('EXP-02', 'high', { subject: 'gateway ops', gatewayId: 'ops' }),
      said('EGR-05', 'medium'),
    ]);
    expect(findings.map(({ severity }) => severity)).toEqual(['high', 'high', 'high', 'medium', 'medium']);
    const ids = findings.filter(({ gatewayId }) => gatewayId === 'default').map(({ incidentId }) => incidentId);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toBeDefined();
    expect(findings.filter(({ gatewayId }) => gatewayId !== 'default').map(({ incidentId }) => incidentId)).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('of a single look rests on that look alone', () => {
    const look = engine();
    look([said('EGR-05', 'medium')], 0, { singleLook: true });
    expect(look([said('EGR-16', 'medium')], 1, { singleLook: true })[0]!.severity).toBe('medium');
    expect(look([said('EGR-05', 'medium'), said('EGR-16', 'medium')], 2, { singleLook: true })[0]!.severity).toBe(
      'high',
    );
  });
});

describe('weak authentication', () => {
  const about = { subject: 'gateway default', gatewayId: 'default' };

  test('is critical where a tunnel leads strangers to the gateway, and only then', () => {
    const alone = engine()([said('POS-01', 'medium', about)]);
    expect(alone[0]!.severity).toBe('medium');
    const tunnelled = engine()([said('POS-01', 'medium', about), said('EXP-05', 'high', about)]);
    expect(severities(tunnelled)).toEqual({ 'POS-01': 'critical', 'EXP-05': 'high' });
    const elsewhere = { ...about, gatewayId: 'ops', subject: 'gateway ops' };
    expect(severities(engine()([said('POS-01', 'medium', about), said('EXP-05', 'high', elsewhere)]))).toMatchObject({
      'POS-01': 'medium',
    });
    expect(severities(engine()([said('POS-01', 'medium', about), said('EXP-05', 'info', about)]))).toMatchObject({
      'POS-01': 'medium',
    });
  });
});

describe('grace', () => {
  const since = (ms: number) => ({ since: () => NOW - ms }) as Ledger;
  const resting = (restsOn: FindingHints['restsOn']) => [said('EGR-03', 'medium', { hints: { restsOn: restsOn! } })];

  test.each(GRACES.map(({ ground, ms }) => [ground, ms] as const))('for %s lasts %i ms', (ground, ms) => {
    const young = engine()(resting([ground]), 0, { ledger: since(ms - 1) })[0]!;
    expect(young.severity).toBe('info');
    expect(young.evidence.at(-1)!.value).toContain('medium from');
    expect(engine()(resting([ground]), 0, { ledger: since(ms) })[0]!.severity).toBe('medium');
  });

  test('of an absent name begins anew when names come back', () => {
    const back = (ms: number) => ({ since: () => 0, namesSince: () => NOW - ms }) as Ledger;
    expect(engine()(resting(['absent name']), 0, { ledger: back(60_000) })[0]!.severity).toBe('info');
    expect(engine()(resting(['absent name']), 0, { ledger: back(31 * 60_000) })[0]!.severity).toBe('medium');
    expect(engine()(resting(['settled network']), 0, { ledger: back(60_000) })[0]!.severity).toBe('medium');
  });

  test('is for what rests on it, with a reason for each, and not for a single look', () => {
    expect(engine()([said('EGR-03', 'medium')], 0, { ledger: since(0) })[0]!.severity).toBe('medium');
    expect(engine()(resting(['absent name']))[0]!.severity).toBe('medium');
    const single = { ledger: since(0), singleLook: true };
    expect(engine()(resting(['absent name']), 0, single)[0]!.severity).toBe('medium');
    for (const { reason } of GRACES) expect(reason.length).toBeGreaterThan(40);
  });
});

describe('what comes and goes', () => {
  test('is told without a break from its second return on, and says so, until it was away for ten minutes', () => {
    const look = engine();
    const flapping = said('EGR-14', 'medium');
    const told = [0, 1, 2, 3, 4, 5].map((at) => look(at % 2 === 0 ? [flapping] : [], at * MINUTE).length);
    expect(told).toEqual([1, 0, 1, 0, 1, 1]);
    expect(look([], 6 * MINUTE)[0]!.evidence.at(-1)!.label).toBe('not seen now');
    expect(look([], 13 * MINUTE)).toHaveLength(1);
    expect(look([], 14 * MINUTE)).toEqual([]);
  });

  test('is not held after one end: a person who mended it sees it gone', () => {
    const look = engine();
    look([said('EXP-01', 'medium')]);
    look([said('EXP-01', 'medium')], MINUTE);
    expect(look([], 2 * MINUTE)).toEqual([]);
  });
});

describe('a flood', () => {
  const names = (count: number, subject: (i: number) => string) =>
    Array.from({ length: count }, (_, i) =>
      said('EGR-14', i === count - 1 ? 'high' : 'low', { subject: subject(i), title: `t${i}` }),
    );

  test('about one subject becomes the first ones and one sum, with the gravest among the first', () => {
    const findings = engine()(names(5000, () => 'skill x'));
    expect(findings).toHaveLength(FLOOD.perSubject + 1);
    expect(findings[0]).toMatchObject({ severity: 'high', title: 't4999' });
    expect(findings.map(({ title }) => title)).toContain('EGR-14 has 4936 more findings about skill x');
  });

  test('of ever new subjects is bounded as well', () => {
    expect(engine()(names(5000, (i) => `agent command ${i}`))).toHaveLength(FLOOD.perRule + 1);
  });

  test('tells the same ones in the next look', () => {
    const look = engine();
    const before = look(names(100, () => 'skill x')).map(({ fingerprint }) => fingerprint);
    const more = [...names(100, () => 'skill x'), said('EGR-14', 'low', { subject: 'skill x', title: 'a' })];
    const after = look(more, MINUTE).map(({ fingerprint }) => fingerprint);
    expect(after.sort()).toEqual(before.sort());
  });
});

test('a story of anything, look by look, never fails, never sinks and raises nothing below medium', () => {
  const rules = ['EGR-01', 'EGR-04', 'EGR-09', 'EGR-15', 'EGR-16', 'EXP-02', 'POS-08', '__proto__', ''];
  const anyFinding = fc
    .tuple(
      fc.constantFrom(...rules),
      fc.constantFrom<Severity>('info', 'low', 'medium', 'high', 'critical'),
      fc.oneof(fc.constantFrom('skill x', 'gateway default', '__proto__'), fc.string()),
      fc.option(fc.record({ destination: fc.string(), pids: fc.array(fc.integer(), { maxLength: 3 }) })),
    )
    .map(([ruleId, severity, subject, hints]) =>
      said(ruleId, severity, { subject, title: severity, ...(hints === null ? {} : { hints }) }),
    );
  const looks = fc.array(
    fc.tuple(fc.array(anyFinding, { maxLength: 6 }), fc.integer({ min: -MINUTE, max: 20 * MINUTE })),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(looks, (story) => {
      const look = engine();
      let at = 0;
      for (const [findings, step] of story) {
        at += step;
        for (const told of look(findings, at)) {
          const raw = findings.filter(({ fingerprint }) => fingerprint === told.fingerprint);
          for (const { severity, verdict } of raw) {
            expect(compareSeverity(told.severity, severity)).toBeGreaterThanOrEqual(0);
            if (verdict === 'unknown' || severity === 'info' || severity === 'low') {
              expect(told.severity).toBe(severity);
            }
          }
        }
      }
    }),
    { numRuns },
  );
}, 60_000);
