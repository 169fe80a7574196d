import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quietPipe } from '../../src/cli/io.ts';
import { UserError } from '../../src/types/error.ts';
import {
  aBlindSpot,
  aConnection,
  aCycle,
  aFinding,
  aListener,
  anExposedSnapshot,
  anOwner,
  aSnapshot,
  aStore,
  asRecord,
  clawwatch,
  NOW,
  type World,
} from './world.ts';

const seen = { firstAt: NOW - 60_000, lastAt: NOW };
const connection = aConnection({
  owner: anOwner(
    { pid: 2291, comm: 'node', argv: ['node', 'w.js'] },
    {
      role: 'skill',
      skill: 'weather-pro',
      lineage: [
        { pid: 2291, comm: 'node' },
        { pid: 2290, comm: 'bash' },
        { pid: 812, comm: 'openclaw-gatewa' },
      ],
    },
  ),
});
const finding = asRecord(aFinding({ socketKeys: [aListener().key, connection.key] }));
const store = aStore({
  lastCycle: () => aCycle(),
  listeners: () => [{ listener: aListener(), ...seen }],
  connections: () => [{ connection, ...seen }],
  findings: () => [finding],
  finding: (id) => (id === finding.id ? finding : undefined),
});
const recorded: World = { store, snapshot: anExposedSnapshot() };

describe('listeners and connections', () => {
  test.each(['listeners', 'connections'])(
    '%s come from the record while an agent keeps it fresh, and say so',
    async (command) => {
      const { out, started } = await clawwatch([command], recorded);
      expect(out).toContain('recorded by the agent 2 s ago');
      expect(started).toEqual([]);
      const json = await clawwatch([command, '--json'], recorded);
      expect(JSON.parse(json.out)).toMatchObject({
        schemaVersion: 1,
        command,
        source: 'record',
        at: NOW - 2000,
        verdict: 'OK',
      });
    },
  );

  const notFresh: [string, World, string[]][] = [
    ['--live', recorded, ['--live']],
    ['the last look is old', { ...recorded, store: aStore({ lastCycle: () => aCycle({ at: NOW - 60_000 }) }) }, []],
    [
      'the last look lies in the future',
      { ...recorded, store: aStore({ lastCycle: () => aCycle({ at: NOW + 60_000 }) }) },
      [],
    ],
    ['only scans were recorded', { ...recorded, store: aStore({ lastCycle: () => aCycle({ origin: 'scan' }) }) }, []],
    ['there is no record', { ...recorded, hasRecord: false }, []],
  ];
  test.each(notFresh)('a fresh look is taken and said when: %s', async (_name, world, argv) => {
    const { out, started } = await clawwatch(['listeners', ...argv], world);
    expect(out).toContain('fresh look at 2026-11-20 14:02:31, not recorded');
    expect(started).toEqual([{ record: false, hostOwners: 'listeners-and-touched' }]);
  });

  test('a record that is out of order is said, and a look answers', async () => {
    const broken = () => {
      throw new UserError('the record is damaged', { hint: 'move it', exitCode: 4 });
    };
    const { out, err, code } = await clawwatch(['listeners'], { ...recorded, store: broken });
    expect(err).toContain('the record is damaged');
    expect(out).toContain('fresh look');
    expect(code).toBe(0);
  });

  test('essential blindness of the recorded look is UNKNOWN and exit 3', async () => {
    const blindSpots = [aBlindSpot({ essential: true })];
    const world = { store: aStore({ ...store, lastCycle: () => aCycle({ blindSpots }) }) };
    const { code, out } = await clawwatch(['connections', '--json'], world);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'UNKNOWN' });
  });

  test.each([
    ['listeners', { socketsMissing: true }],
    ['connections', { socketsMissing: true }],
    ['skills', { id: 'openclaw.skills.container' }],
  ])(
    '%s that may lack some of what was asked for are UNKNOWN, though the exposure verdict is not',
    async (name, gap) => {
      const world = { snapshot: aSnapshot({ blindSpots: [aBlindSpot(gap)] }), hasRecord: false };
      const { code, out } = await clawwatch([name], world);
      expect(code).toBe(3);
      expect(out.replaceAll(/\s+/g, ' ')).toContain('there may be more, see what was not seen');
      expect(JSON.parse((await clawwatch([name, '--json'], world)).out)).toMatchObject({
        verdict: 'UNKNOWN',
        exitCode: 3,
      });
      expect((await clawwatch(['scan'], world)).code).toBe(0);
    },
  );

  test('connections show OpenClaw alone and count the rest; --all shows the machine', async () => {
    const other = aConnection({ key: 'other', remote: { address: '203.0.113.99', port: 25 } });
    delete other.gatewayId;
    const world = { snapshot: aSnapshot({ connections: [connection, other] }), hasRecord: false };
    const some = await clawwatch(['connections'], world);
    expect(some.out).not.toContain('203.0.113.99');
    expect(some.out).toContain('1 not of OpenClaw');
    expect((await clawwatch(['connections', '--all'], world)).out).toContain('203.0.113.99');
  });

  for (const columns of [60, 80, 160]) {
    test(`tables at ${columns} columns`, async () => {
      const listeners = await clawwatch(['listeners', '--live'], { ...recorded, io: { columns } });
      const connections = await clawwatch(['connections'], { ...recorded, io: { columns } });
      await expect(`${listeners.out}\n${connections.out}`).toMatchFileSnapshot(`screens/sockets-${columns}.txt`);
    });
  }
});

describe('findings', () => {
  test('are listed with the age of the last look', async () => {
    const { out, code } = await clawwatch(['findings'], recorded);
    await expect(out).toMatchFileSnapshot('screens/findings.txt');
    expect(code).toBe(0);
  });

  test('an empty list says when nobody is recording, so that it is not taken for an all-clear', async () => {
    const { out } = await clawwatch(['findings'], {
      store: aStore({ lastCycle: () => aCycle({ at: NOW - 7_200_000 }) }),
    });
    expect(out).toContain('last look 2 h ago');
    expect(out).toContain('No agent is recording');
  });

  test('status, severity and time reach the store', async () => {
    const asked: unknown[] = [];
    const asking = aStore({
      findings: (filter) => {
        asked.push(filter);
        return [];
      },
    });
    await clawwatch(['findings', '--status', 'open,resolved', '--severity', 'high', '--since', '24h'], {
      store: asking,
    });
    await clawwatch(['findings', '--status', 'all'], { store: asking });
    await clawwatch(['findings'], { store: asking });
    expect(asked).toEqual([
      { status: ['open', 'resolved'], minSeverity: 'high', sinceAt: NOW - 86_400_000 },
      {},
      { status: ['open'] },
    ]);
  });

  test.each([
    ['--status', 'closed'],
    ['--severity', 'huge'],
    ['--since', '7'],
    ['--since', 'yesterday'],
  ])('%s %s is a usage error with a hint', async (flag, word) => {
    const { code, err } = await clawwatch(['findings', flag, word], recorded);
    expect(code).toBe(2);
    expect(err).toMatch(/^clawwatch: .+\n {2}hint: .+\n$/);
  });

  test('without a record the way to one is named', async () => {
    const { code, err } = await clawwatch(['findings'], { hasRecord: false });
    expect(code).toBe(2);
    expect(err).toContain('hint: look once with: clawwatch scan');
  });
});

describe('explain', () => {
  for (const columns of [60, 100]) {
    test(`shows evidence, lineage, fixes and history at ${columns} columns`, async () => {
      const { out, code } = await clawwatch(['explain', finding.id], { ...recorded, io: { columns } });
      await expect(out).toMatchFileSnapshot(`screens/explain-${columns}.txt`);
      expect(code).toBe(0);
    });
  }

  test('commands stay copyable: joined again they are what the rule wrote', async () => {
    const { out } = await clawwatch(['explain', finding.id], { ...recorded, io: { columns: 60 } });
    const joined = out.replaceAll(/ \\\n +/g, ' ');
    for (const fix of finding.fixes) expect(joined).toContain(fix.command);
  });

  test('an unknown id is a usage error', async () => {
    const { code, err } = await clawwatch(['explain', 'F-000000'], recorded);
    expect(code).toBe(2);
    expect(err).toContain('clawwatch findings --status all');
  });

  test('JSON holds the finding and its sockets', async () => {
    const { out } = await clawwatch(['explain', finding.id, '--json'], recorded);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      finding: { id: finding.id, fingerprint: finding.fingerprint },
      listeners: [{ key: aListener().key }],
      connections: [{ owner: { pid: 2291, role: 'skill' } }],
    });
  });
});

describe('what is known of outbound connections', () => {
  const outbound = aConnection({
    destination: { name: 'api.open-meteo.test', source: 'dns', confidence: 'certain' },
    verdict: 'unknown',
    verdictReason: 'not in the configuration, and no rule allows it',
    bytesOut: 2048,
    bytesIn: 3_000_000,
  });
  const world: World = {
    store: aStore({
      lastCycle: () => aCycle(),
      connections: () => [{ connection: outbound, ...seen }],
      coverage: () => [
        {
          fromAt: NOW - 3_600_000,
          toAt: NOW - 1_800_000,
          intervalMs: 2,
          opened: 300,
          seen: 280,
          owned: 270,
          named: 200,
        },
        { fromAt: NOW - 1_800_000, toAt: NOW, intervalMs: 2, opened: 112, seen: 100, owned: 100, named: 52 },
      ],
    }),
  };

  test('connections show name with its source, verdict and bytes', async () => {
    const { out } = await clawwatch(['connections'], { ...world, io: { columns: 200 } });
    expect(out).toMatch(/api\.open-meteo\.test \(dns\) +unknown .* 2 KiB +2\.9 MiB/);
    const { out: json } = await clawwatch(['connections', '--json'], world);
    const { key: _, owner: __, ...facts } = outbound;
    expect(JSON.parse(json).connections[0]).toMatchObject({
      destination: facts.destination,
      verdict: 'unknown',
      bytesOut: 2048,
    });
  });

  test('doctor tells how many of the opened connections were identified', async () => {
    const { out } = await clawwatch(['doctor'], { ...world, io: { columns: 200 } });
    expect(out).toContain('since 13:02: 412 connections opened, 380 identified (92 %), owners of 89 %, names for 61 %');
    const { out: json } = await clawwatch(['doctor', '--json'], world);
    expect(JSON.parse(json).coverage).toMatchObject({ opened: 412, seen: 380, owned: 370, named: 252 });
  });

  test('doctor says how to see more where much was missed, and nothing where nothing was measured', async () => {
    const missed = { fromAt: NOW - 60_000, toAt: NOW, intervalMs: 60_000, opened: 10, seen: 1, owned: 0, named: 0 };
    const few = await clawwatch(['doctor'], { store: aStore({ coverage: () => [missed] }) });
    expect(few.out).toMatch(/NOTE +coverage/);
    expect(few.out).toContain('--interval 500ms');
    const none = await clawwatch(['doctor', '--json'], { store: aStore() });
    expect(JSON.parse(none.out).coverage).toBeNull();
  });
});

describe('doctor', () => {
  test('says what can be seen and what not', async () => {
    const { out, code } = await clawwatch(['doctor'], { ...recorded, io: { columns: 100 } });
    await expect(out.replace(/Node [\d.]+/, 'Node 24')).toMatchFileSnapshot('screens/doctor.txt');
    expect(code).toBe(0);
  });

  const table: [string, World, number, string][] = [
    ['essential blindness', { snapshot: aSnapshot({ blindSpots: [aBlindSpot({ essential: true })] }) }, 3, 'UNKNOWN'],
    ['a look that throws', { failure: new Error('no /proc') }, 4, 'no /proc'],
    [
      'a damaged database',
      {
        store: () => {
          throw Object.assign(new Error('bad'), { code: 'SQLITE_CORRUPT' });
        },
      },
      4,
      'it is damaged',
    ],
    ['no database yet', { hasRecord: false }, 0, 'does not exist yet'],
    ['a bad option', { io: { env: { CLAWWATCH_INTERVAL_MS: '7' } } }, 0, 'CLAWWATCH_INTERVAL_MS is "7"'],
    [
      'failed looks of the agent',
      {
        store: aStore({
          blindPeriods: () => [{ fromAt: NOW - 9000, toAt: NOW - 1000, cause: 'the look failed: EMFILE' }],
        }),
      },
      0,
      'EMFILE',
    ],
  ];
  test.each(table)('%s', async (_name, world, code, text) => {
    const ran = await clawwatch(['doctor'], { ...world, io: { columns: 300, ...world.io } });
    expect(ran.out).toContain(text);
    expect(ran.code).toBe(code);
  });
});

describe('the program', () => {
  test('a laboratory is shouted about by every command', async () => {
    for (const argv of [['scan'], ['listeners'], ['connections'], ['findings'], ['explain', finding.id], ['doctor']]) {
      const { err } = await clawwatch(argv, { ...recorded, io: { env: { CLAWWATCH_LAB_PUBLIC: '198.51.100.0/24' } } });
      expect(err).toContain('LABORATORY');
    }
  });

  test('a laboratory is shouted about on stderr by scan and by the agent, with the blocks, also beside JSON', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clawwatch-lab-'));
    const agent = ['agent', 'run', '--max-cycles', '1', '--interval', '1s', '--db', join(folder, 'c.db')];
    try {
      for (const argv of [['scan'], agent, ['scan', '--json'], [...agent, '--json']]) {
        const { out, err } = await clawwatch(argv, { io: { env: { CLAWWATCH_LAB_PUBLIC: '198.51.100.0/24' } } });
        expect(err).toContain('LABORATORY: CLAWWATCH_LAB_PUBLIC makes 198.51.100.0/24 count as the internet');
        expect(out).not.toContain('LABORATORY');
        expect((await clawwatch(argv)).err).not.toContain('LABORATORY');
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('help and version end with 0; no command, unknown command and unknown option as they should', async () => {
    expect((await clawwatch(['--help'])).code).toBe(0);
    expect((await clawwatch(['help', 'scan'])).code).toBe(0);
    expect(await clawwatch(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect((await clawwatch([])).code).toBe(0);
    expect((await clawwatch(['scna'])).code).toBe(2);
    expect((await clawwatch(['agent'])).code).toBe(2);
    expect((await clawwatch(['explain'])).code).toBe(2);
    expect((await clawwatch(['--collector', 'guess', 'scan'])).code).toBe(2);
  });

  test('the help of every command has examples, and the main help the exit codes', async () => {
    for (const words of [
      ['scan'],
      ['agent', 'run'],
      ['listeners'],
      ['connections'],
      ['findings'],
      ['explain'],
      ['doctor'],
      ['skills'],
      ['allow'],
      ['suppress'],
      ['policy'],
      ['policy', 'list'],
      ['policy', 'remove'],
      ['policy', 'test'],
      ['learn'],
      ['learn', 'status'],
      ['learn', 'review'],
      ['learn', 'restart'],
      ['intel'],
      ['intel', 'update'],
      ['intel', 'list'],
      ['intel', 'check'],
      ['intel', 'rollback'],
      ['intel', 'remove'],
      ['agent'],
    ]) {
      const { out } = await clawwatch([...words, '--help']);
      expect(out).toContain('Examples:\n  ');
      expect(out).toMatch(/Global Options:\n(.*\n)* +--json /);
    }
    expect((await clawwatch(['--help'])).out).toMatch(
      /Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}4 .*\n {2}78 /,
    );
  });

  test('errors are JSON too where JSON was asked for', async () => {
    const { out, code } = await clawwatch(['explain', 'F-NONE', '--json'], recorded);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      verdict: 'ERROR',
      exitCode: 2,
      error: { hint: expect.any(String) },
    });
  });

  test.each([
    ['an unknown option', ['scan', '--bogus', '--json'], "unknown option '--bogus'"],
    ['an unknown command', ['--json', 'bogus'], "unknown command 'bogus'"],
    ['a missing argument', ['explain', '--json'], "missing required argument 'id'"],
    ['a group without its command', ['policy', '--json'], 'no command given'],
  ])('%s is JSON too where JSON was asked for', async (_name, argv, message) => {
    const { out, code } = await clawwatch(argv);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, verdict: 'ERROR', exitCode: 2, error: { message } });
  });

  test('an answer that could not be written ends with 4, not with the code of the answer', async () => {
    const lostOutput = async () => new Error('ENOSPC: no space left on device');
    const { code, err } = await clawwatch(['scan'], { io: { lostOutput } });
    expect(code).toBe(4);
    expect(err).toContain('could not be written: ENOSPC');
    expect((await clawwatch(['scan'], { io: { lostOutput: async () => undefined } })).code).toBe(0);
  });

  test('a reader that went away loses nothing, a full disk behind stdout does', () => {
    for (const [errno, isLost] of [
      ['EPIPE', false],
      ['ENOSPC', true],
    ] as const) {
      const written: string[] = [];
      const stream = new EventEmitter();
      const pipe = quietPipe(
        Object.assign(stream, { write: (text: string) => written.push(text) > 0 }) as unknown as NodeJS.WriteStream,
      );
      pipe.write('a');
      stream.emit('error', Object.assign(new Error(errno), { code: errno }));
      pipe.write('b');
      expect(written).toEqual(['a']);
      expect(pipe.lost() !== undefined).toBe(isLost);
    }
  });

  test('global options work before and after the command', async () => {
    for (const argv of [
      ['--json', 'scan'],
      ['scan', '--json'],
    ])
      expect(JSON.parse((await clawwatch(argv)).out)).toHaveProperty('verdict');
  });
});
