import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createActivityReader } from '../../../../src/collect/openclaw/activity/reader.ts';
import { createForeignDatabases, type ForeignDatabases } from '../../../../src/collect/openclaw/sqlite.ts';
import {
  database,
  folder,
  gateway,
  NEVER,
  NO_PROCESSES,
  RECORDED_AT,
  recordedRows,
  recordedSchema,
  recordedState,
  type Written,
} from './state-folder.ts';

const SESSION = '3c72bdcd-6bd1-4eef-84e0-6b3ee1b8e900';
const sha = (id: string) => `sha256:${createHash('sha256').update(id).digest('hex')}`;

function readerAt(at: { now: number }, databases?: ForeignDatabases) {
  const reader = createActivityReader({ now: () => at.now, ...(databases ? { databases } : {}) });
  return (fact: ReturnType<typeof gateway>) => reader.read([fact], NO_PROCESSES, NEVER);
}

let sequence = 1_000;
function audit(state: Written, action: 'started' | 'finished', id: string, tool: string, at: number): void {
  sequence++;
  const row = recordedRows('state').audit_events![1]!;
  const fresh = { sequence, event_id: `e${sequence}`, source_id: `s${sequence}`, occurred_at: at };
  const what = { action: `tool.action.${action}`, tool_call_id: sha(id), tool_name: tool };
  state.insert('audit_events', { ...row, ...fresh, ...what });
}

let seq = 1_000;
function transcript(agent: Written, message: object, at: number, packed = false): void {
  const json = JSON.stringify({ type: 'message', id: `m${++seq}`, message });
  const row = { session_id: SESSION, seq, created_at: at, event_utf8_bytes: Buffer.byteLength(json) };
  // The real table demands its navigation beside packed text; the tests' table of packed rows is a plain one.
  agent.insert('transcript_events', {
    ...row,
    ...(packed ? { event_zstd: zstdCompressSync(json) } : { event_json: json }),
  });
}

const call = (id: string, name: string, args: object) => ({
  role: 'assistant',
  content: [
    { type: 'text', text: 'the secret is swordfish' },
    { type: 'toolCall', id, name, arguments: args },
  ],
});

describe('activity of a real gateway', () => {
  test('every recorded call has its arguments from the transcript and its times from both tables', () => {
    const stateDir = folder();
    recordedState(stateDir);
    const { activities, blindSpots } = readerAt({ now: RECORDED_AT })(gateway(stateDir));
    expect(blindSpots).toEqual([]);
    const calls = activities.filter((activity) => activity.kind === 'tool-call');
    expect(calls.map(({ tool, toolCallId }) => [tool, toolCallId])).toEqual([
      ['read', 'call_1_0'],
      ['exec', 'call_3_0'],
      ['exec', 'call_5_0'],
      ['web_fetch', 'call_7_0'],
      ['lab__ping', 'call_9_0'],
      ['exec', 'call_11_0'],
      ['exec', 'call_11_1'],
    ]);
    expect(calls[2]).toEqual({
      kind: 'tool-call',
      gatewayId: 'default',
      startedAt: 1_795_180_666_466,
      endedAt: 1_795_180_667_530,
      tool: 'exec',
      toolCallId: 'call_5_0',
      sessionId: SESSION,
      command: 'echo "don\'t"; sleep 1',
    });
    expect(calls[3]).toMatchObject({ hosts: ['pages.example.test'] });
  });

  test('the read of a SKILL.md is one activity, with the session that only the transcript knows', () => {
    const stateDir = folder();
    recordedState(stateDir);
    const { activities } = readerAt({ now: RECORDED_AT })(gateway(stateDir));
    expect(activities.filter((activity) => activity.kind === 'skill-read')).toEqual([
      {
        kind: 'skill-read',
        gatewayId: 'default',
        startedAt: 1_795_180_659_479,
        toolCallId: 'call_1_0',
        sessionId: SESSION,
        skill: 'weather-lab',
      },
    ]);
  });

  test('without the transcript the audit table still tells which tool ran when, and the table of uses which skill', () => {
    const stateDir = folder();
    recordedState(stateDir);
    rmSync(join(stateDir, 'agents'), { recursive: true });
    const { activities } = readerAt({ now: RECORDED_AT })(gateway(stateDir));
    expect(activities).toHaveLength(8);
    expect(activities[0]).toMatchObject({ kind: 'tool-call', tool: 'read', toolCallId: sha('call_1_0') });
    expect(activities.find(({ kind }) => kind === 'skill-read')).toEqual({
      kind: 'skill-read',
      gatewayId: 'default',
      startedAt: 1_795_180_659_529,
      skill: 'weather-lab',
    });
  });

  test('what is older than a quarter of an hour is not told', () => {
    const stateDir = folder();
    recordedState(stateDir);
    expect(readerAt({ now: RECORDED_AT + 16 * 60_000 })(gateway(stateDir))).toEqual({ activities: [], blindSpots: [] });
  });
});

describe('following a gateway', () => {
  test('a call is open until its end is written, and each row is read once', () => {
    const stateDir = folder();
    const { state, agent } = recordedState(stateDir, { empty: true });
    const at = { now: RECORDED_AT };
    const read = readerAt(at);
    transcript(agent, call('call_a', 'exec', { command: 'curl https://one.test/' }), RECORDED_AT - 500);
    audit(state, 'started', 'call_a', 'exec', RECORDED_AT - 480);
    const [open] = read(gateway(stateDir)).activities;
    expect(open).toMatchObject({ toolCallId: 'call_a', startedAt: RECORDED_AT - 500, hosts: ['one.test'] });
    expect(open).not.toHaveProperty('endedAt');
    at.now += 3_000;
    audit(state, 'finished', 'call_a', 'exec', RECORDED_AT + 2_000);
    expect(read(gateway(stateDir)).activities).toEqual([{ ...open, endedAt: RECORDED_AT + 2_000 }]);
  });

  test('call numbers that a provider gives again are different calls', () => {
    const stateDir = folder();
    const { state, agent } = recordedState(stateDir, { empty: true });
    const read = readerAt({ now: RECORDED_AT });
    for (const [start, command] of [
      [RECORDED_AT - 200_000, 'first'],
      [RECORDED_AT - 100_000, 'second'],
    ] as const) {
      transcript(agent, call('call_0', 'exec', { command }), start);
      audit(state, 'started', 'call_0', 'exec', start + 20);
      audit(state, 'finished', 'call_0', 'exec', start + 1_000);
    }
    expect(read(gateway(stateDir)).activities.map(({ command, endedAt }) => [command, endedAt])).toEqual([
      ['first', RECORDED_AT - 199_000],
      ['second', RECORDED_AT - 99_000],
    ]);
  });

  test('calls that a killed gateway left open end where the next one started', () => {
    const stateDir = folder();
    const { agent } = recordedState(stateDir, { empty: true });
    transcript(agent, call('call_a', 'exec', { command: 'x' }), RECORDED_AT - 60_000);
    const fact = gateway(stateDir, { startedAt: RECORDED_AT - 30_000 });
    expect(readerAt({ now: RECORDED_AT })(fact).activities[0]).toMatchObject({ endedAt: RECORDED_AT - 30_000 });
  });

  test('an unchanged state is not opened again', () => {
    const stateDir = folder();
    const written = recordedState(stateDir);
    for (const { path } of Object.values(written)) {
      for (const file of [path, `${path}-wal`]) utimesSync(file, 1_000, 1_000);
    }
    let opened = 0;
    const real = createForeignDatabases({ now: () => RECORDED_AT });
    const counting: ForeignDatabases = {
      stamp: real.stamp,
      read(...given) {
        opened++;
        return real.read(...given);
      },
    };
    const read = readerAt({ now: RECORDED_AT }, counting);
    const first = read(gateway(stateDir));
    expect(opened).toBe(2);
    expect(read(gateway(stateDir))).toEqual(first);
    expect(opened).toBe(2);
  });

  test('a replaced database is read from its beginning', () => {
    const stateDir = folder();
    const { agent } = recordedState(stateDir, { empty: true });
    const read = readerAt({ now: RECORDED_AT });
    for (const id of ['a', 'b', 'c']) transcript(agent, call(id, 'exec', { command: id }), RECORDED_AT - 5_000);
    expect(read(gateway(stateDir)).activities).toHaveLength(3);
    agent.close();
    const fresh = database(join(folder(), 'new.sqlite'), recordedSchema('agent-main'));
    transcript(fresh, call('d', 'exec', { command: 'd' }), RECORDED_AT - 1_000);
    fresh.close();
    renameSync(fresh.path, agent.path);
    expect(read(gateway(stateDir)).activities.map(({ toolCallId }) => toolCallId)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('more rows than one look takes are read by the next ones', () => {
    const stateDir = folder();
    const { agent } = recordedState(stateDir, { empty: true });
    const read = readerAt({ now: RECORDED_AT });
    read(gateway(stateDir));
    agent.handle.exec('BEGIN');
    for (let i = 0; i < 1_200; i++) transcript(agent, call(`c${i}`, 'exec', { command: 'x' }), RECORDED_AT - 5_000);
    agent.handle.exec('COMMIT');
    let found = 0;
    // Bounded by what a look reads at the very least on a busy machine.
    for (let look = 0; look < 300 && found < 1_200; look++) found = read(gateway(stateDir)).activities.length;
    expect(found).toBe(1_200);
  });

  test('packed events are unpacked, and a packed bomb is nothing', () => {
    const stateDir = folder();
    recordedState(stateDir, { empty: true });
    const path = join(stateDir, 'agents/other/agent/openclaw-agent.sqlite');
    const agent = database(
      path,
      'CREATE TABLE transcript_events (session_id, seq, event_json, created_at, event_zstd, event_utf8_bytes)',
    );
    transcript(agent, call('cold', 'exec', { command: 'x' }), RECORDED_AT - 9_000, true);
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 ** 2, ' '));
    agent.insert('transcript_events', { session_id: 's', seq: 1, created_at: RECORDED_AT - 5_000, event_zstd: bomb });
    const { activities, blindSpots } = readerAt({ now: RECORDED_AT })(gateway(stateDir));
    expect(activities.map(({ toolCallId }) => toolCallId)).toEqual(['cold']);
    expect(blindSpots).toEqual([]);
  });

  test('of an event nothing is kept but tool, ids, command and hosts', () => {
    const stateDir = folder();
    const { agent } = recordedState(stateDir, { empty: true });
    const args = {
      command: 'x'.repeat(50_000),
      password: 'swordfish',
      url: 'https://user:swordfish@host.test/?k=swordfish',
    };
    transcript(agent, call('a', 'exec', args), RECORDED_AT - 5_000);
    const { activities } = readerAt({ now: RECORDED_AT })(gateway(stateDir));
    expect(activities[0]!.command).toHaveLength(4_096);
    expect(activities[0]!.hosts).toEqual(['host.test']);
    expect(JSON.stringify(activities)).not.toContain('swordfish');
  });
});

describe('records that cannot be read', () => {
  test('a gateway that does not run is not asked, and an aborted look throws', () => {
    const stateDir = folder();
    recordedState(stateDir);
    expect(readerAt({ now: RECORDED_AT })(gateway(stateDir, { running: false })).activities).toEqual([]);
    const reader = createActivityReader({ now: () => RECORDED_AT });
    expect(() => reader.read([], NO_PROCESSES, AbortSignal.abort())).toThrow();
  });

  test('an older OpenClaw without these databases is a blind spot', () => {
    const { activities, blindSpots } = readerAt({ now: RECORDED_AT })(gateway(folder()));
    expect(activities).toEqual([]);
    expect(blindSpots).toMatchObject([{ id: 'openclaw.activity.missing', essential: false, gatewayId: 'default' }]);
  });

  test('a table that changed its shape is named, and the others are still read', () => {
    const stateDir = folder();
    const { state } = recordedState(stateDir);
    state.handle.exec('ALTER TABLE skill_usage RENAME COLUMN last_used_at_ms TO used');
    const { activities, blindSpots } = readerAt({ now: RECORDED_AT })(gateway(stateDir));
    expect(blindSpots).toMatchObject([
      { id: 'openclaw.activity.different', why: expect.stringContaining('last_used_at_ms') },
    ]);
    expect(activities.filter(({ kind }) => kind === 'tool-call')).toHaveLength(7);
  });

  test('garbage in place of the databases is a blind spot for each kind of record', () => {
    const stateDir = folder();
    for (const path of [
      'state/openclaw.sqlite',
      'agents/a/agent/openclaw-agent.sqlite',
      'agents/b/agent/openclaw-agent.sqlite',
    ]) {
      mkdirSync(join(stateDir, path, '..'), { recursive: true });
      writeFileSync(join(stateDir, path), 'no database at all, only words '.repeat(100));
    }
    const { blindSpots } = readerAt({ now: RECORDED_AT })(gateway(stateDir));
    expect(blindSpots.map(({ id, what }) => [id, what])).toEqual([
      ['openclaw.activity.invalid', 'tool calls and skill use of gateway default'],
      ['openclaw.activity.invalid', 'arguments of tool calls of gateway default'],
    ]);
  });

  test("another user's gateway is a blind spot with its fix", () => {
    const reader = createActivityReader({ now: () => RECORDED_AT, ownUid: 4_711 });
    const { blindSpots } = reader.read([gateway(folder())], NO_PROCESSES, NEVER);
    expect(blindSpots).toMatchObject([
      { id: 'openclaw.activity.other-user', fix: 'run ClawWatch as the user of the gateway' },
    ]);
  });

  test('values of other types than promised are passed over', () => {
    const stateDir = folder();
    const columns = 'sequence, occurred_at, action, session_id, tool_call_id, tool_name';
    const state = database(
      join(stateDir, 'state/openclaw.sqlite'),
      `CREATE TABLE audit_events (${columns}); CREATE TABLE skill_usage (skill_file, last_used_at_ms)`,
    );
    state.handle.exec(`INSERT INTO audit_events VALUES (9e300, 'soon', x'00', 1, NULL, 5), (NULL, NULL, 'tool.action.started', 1, 'x', x'ff');
      INSERT INTO skill_usage VALUES (1, 'x'), (x'00', 9e99), ('a', 9e99)`);
    expect(() => readerAt({ now: RECORDED_AT })(gateway(stateDir))).not.toThrow();
  });
});
