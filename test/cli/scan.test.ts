import { describe, expect, test } from 'vitest';
import { NO_HISTORY } from '../../src/agent/recorder.ts';
import { UserError } from '../../src/types/error.ts';
import { fingerprint } from '../../src/types/finding.ts';
import {
  aBlindSpot,
  aFinding,
  aGateway,
  anExposedSnapshot,
  aSnapshot,
  aStore,
  asRecord,
  clawwatch,
  NOW,
  type World,
} from './world.ts';

const lowFinding = aFinding({
  ruleId: 'POS-04',
  severity: 'low',
  title: 'mDNS announces full details on the LAN',
  fixes: [{ text: 'Turn it off.', command: 'openclaw config set discovery.mdns.mode off' }],
  fingerprint: fingerprint('POS-04', 'default'),
});
const exposed: World = { snapshot: anExposedSnapshot(), findings: [aFinding(), lowFinding] };
const blind: World = {
  snapshot: aSnapshot({
    gateways: [aGateway({ reach: 'unknown', bindVerdict: 'unknown', reachableAt: [], gatewayListeners: [] })],
    listeners: [],
    blindSpots: [
      aBlindSpot({
        essential: true,
        what: 'sockets of this host',
        why: '/proc/net/tcp cannot be read',
        fix: 'mount /proc',
      }),
    ],
  }),
};
const sqlite = (code: string) => Object.assign(new Error(`sqlite says ${code}`), { code });

// The drawings are files: `npx vitest run --project unit test/cli -u` writes them anew, and their diff is reviewed.
describe('screens of scan', () => {
  for (const columns of [60, 80, 160]) {
    test(`an exposed gateway at ${columns} columns`, async () => {
      const { out } = await clawwatch(['scan'], { ...exposed, io: { columns } });
      await expect(out).toMatchFileSnapshot(`screens/scan-exposed-${columns}.txt`);
    });
  }

  test('a clean machine is one block', async () => {
    const { out, code } = await clawwatch(['scan']);
    await expect(out).toMatchFileSnapshot('screens/scan-clean.txt');
    expect(code).toBe(0);
  });

  test('a blind look', async () => {
    const { out, code } = await clawwatch(['scan'], blind);
    await expect(out).toMatchFileSnapshot('screens/scan-blind.txt');
    expect(code).toBe(3);
  });

  test('a machine without a gateway says what was looked at', async () => {
    const { out, code } = await clawwatch(['scan'], { snapshot: aSnapshot({ gateways: [], listeners: [] }) });
    await expect(out).toMatchFileSnapshot('screens/scan-no-gateway.txt');
    expect(code).toBe(0);
  });

  test('--all adds every listening socket of the machine', async () => {
    const { out, started } = await clawwatch(['scan', '--all'], exposed);
    await expect(out).toMatchFileSnapshot('screens/scan-all.txt');
    expect(started).toEqual([{ record: true, hostOwners: 'all' }]);
  });

  test('ASCII terminals get ASCII', async () => {
    const { out } = await clawwatch(['scan', '--ascii'], exposed);
    expect(out).toMatch(/^[\n\x20-\x7e]*$/);
    const locale = await clawwatch(['scan'], { ...exposed, io: { env: { LANG: 'C' } } });
    expect(locale.out).toBe(out);
  });
});

const failedRule = aFinding({ verdict: 'unknown', severity: 'medium', title: 'Rule EXP-01 failed' });
delete failedRule.gatewayId;

test('a rule that threw leaves no gateway and no host OK', async () => {
  const { out } = await clawwatch(['scan'], { findings: [failedRule] });
  expect(out).toMatch(/^UNKNOWN +gateway "default"/m);
  expect(out).not.toMatch(/^OK|Nothing found/m);
  const json = await clawwatch(['scan', '--json'], { findings: [failedRule], snapshot: aSnapshot({ gateways: [] }) });
  expect(JSON.parse(json.out)).toMatchObject({ verdict: 'UNKNOWN', exitCode: 3 });
});

test('rules that saw only a part are one line, and a doubt about a gateway stands with it', async () => {
  const small = { verdict: 'unknown', severity: 'info' } as const;
  const { gatewayId: _, ...inPart } = aFinding({ ...small, ruleId: 'EGR-03', fingerprint: fingerprint('EGR-03') });
  const telemetry = { ...inPart, ruleId: 'POS-08', evidence: [{ label: 'EGR-17', value: 'DNS tunnelling' }] };
  const filter = aFinding({ ...small, ruleId: 'POS-02', title: 'whether a packet filter holds strangers off' });
  const { out, code } = await clawwatch(['scan'], { findings: [inPart, telemetry, filter] });
  expect(code).toBe(0);
  const words = out.replaceAll(/\s+/g, ' ');
  expect(words).toContain(
    '2 rules could judge only in part or not at all, EGR-03, EGR-17 (sudo clawwatch sensor install',
  );
  expect(words).toContain('UNKNOWN POS-02 whether a packet filter');
  expect(words).not.toContain('UNKNOWN this host');
});

describe('exit code of scan', () => {
  const table: [string, string[], World, number][] = [
    ['nothing found', [], {}, 0],
    ['a finding', [], exposed, 1],
    ['a finding at --fail-on', ['--fail-on', 'high'], exposed, 1],
    ['findings below --fail-on', ['--fail-on', 'critical'], exposed, 0],
    ['an info finding', [], { findings: [aFinding({ severity: 'info' })] }, 0],
    ['an info finding with --fail-on info', ['--fail-on', 'info'], { findings: [aFinding({ severity: 'info' })] }, 1],
    ['blind without findings', [], blind, 3],
    ['blind with a finding', [], { ...blind, findings: [aFinding()] }, 1],
    ['blind with a finding below --fail-on', ['--fail-on', 'critical'], { ...blind, findings: [aFinding()] }, 3],
    ['a rule that could not judge', [], { findings: [aFinding({ verdict: 'unknown' })] }, 3],
    [
      'a rule that could not judge something small',
      [],
      { findings: [aFinding({ verdict: 'unknown', severity: 'info' })] },
      0,
    ],
    ['a rule that threw, which is a doubt of no gateway', [], { findings: [failedRule] }, 3],
    ['the same without a gateway', [], { findings: [failedRule], snapshot: aSnapshot({ gateways: [] }) }, 3],
    ['a look that threw', [], { failure: new Error('no /proc') }, 4],
    ['a look that the user can repair', [], { failure: new UserError('no lsof', { hint: 'install it' }) }, 2],
    ['an unknown severity', ['--fail-on', 'huge'], {}, 2],
    ['an unknown option', ['--nope'], {}, 2],
    ['too many arguments', ['more'], {}, 2],
  ];
  test.each(table)('%s', async (_name, argv, world, code) => {
    expect((await clawwatch(['scan', ...argv], world)).code).toBe(code);
  });

  test('an unreadable configuration of the gateway is never clean', async () => {
    const gateway = aGateway();
    gateway.config.status = 'unreadable';
    const { code, out } = await clawwatch(['scan'], { snapshot: aSnapshot({ gateways: [gateway] }) });
    expect(code).toBe(3);
    expect(out).toContain('UNKNOWN');
    expect(out).not.toContain('Nothing found');
  });

  test('muted findings do not fail a scan, and are counted', async () => {
    const store = aStore({
      recordCycle: (_snapshot, findings) => ({
        cycleId: 1,
        findings: findings.map((one) => asRecord(one, 1, { status: 'suppressed' })),
      }),
    });
    const { code, out } = await clawwatch(['scan'], { ...exposed, store });
    expect(code).toBe(0);
    expect(out).toContain('2 suppressed.');
  });
});

describe('a look that cannot be trusted never says "Nothing found"', () => {
  test('the collector threw', async () => {
    const { out, err } = await clawwatch(['scan'], { failure: new Error('no /proc') });
    expect(out).toContain('ERROR');
    expect(out).toContain('no /proc');
    expect(out).not.toContain('Nothing found');
    expect(err).toContain('scan.test.ts');
  });

  test.each(['SQLITE_FULL', 'SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR_WRITE', 'SQLITE_READONLY_DBMOVED'])(
    'the database fails with %s: the verdict is given, the record is an ERROR',
    async (code) => {
      const store = aStore({
        recordCycle: () => {
          throw sqlite(code);
        },
      });
      const clean = await clawwatch(['scan'], { store });
      expect(clean.out).toContain('ERROR');
      expect(clean.out).toContain('not recorded');
      expect(clean.out).not.toContain('Nothing found');
      expect(clean.code).toBe(4);
      const found = await clawwatch(['scan', '--json'], { ...exposed, store });
      expect(found.code).toBe(1);
      expect(JSON.parse(found.out)).toMatchObject({
        verdict: 'EXPOSED',
        recorded: false,
        recordProblem: { hint: expect.any(String) },
      });
    },
  );

  test('the database cannot be opened', async () => {
    const store = () => {
      throw new UserError('the record is damaged', { hint: 'move it away', exitCode: 4 });
    };
    const { out, code } = await clawwatch(['scan', '--json'], { store });
    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'ERROR', recordProblem: { message: 'the record is damaged' } });
  });

  test('a bug in the store keeps its stack', async () => {
    const store = aStore({
      recordCycle: () => {
        throw new TypeError('undefined is not a row');
      },
    });
    const { err, code } = await clawwatch(['scan'], { store });
    expect(code).toBe(4);
    expect(err).toMatch(/TypeError: undefined is not a row\n +at /);
  });
});

describe('scan and the record', () => {
  test('--no-record touches no database', async () => {
    const store = () => {
      throw new Error('opened');
    };
    const { code, started } = await clawwatch(['scan', '--no-record'], { store });
    expect(code).toBe(0);
    expect(started).toEqual([{ record: false, hostOwners: 'listeners-and-touched' }]);
  });

  test('old rows are deleted once a day, since where cron looks no agent does it', async () => {
    const asked: unknown[] = [];
    const store = (lastCycleAt: number | undefined) =>
      aStore({
        history: () => ({ ...NO_HISTORY, lastCycleAt: () => lastCycleAt }),
        retain: (...what) => asked.push(what),
      });
    await clawwatch(['scan'], { store: store(undefined) });
    await clawwatch(['scan'], { store: store(NOW - 900_000) });
    await clawwatch(['scan', '--no-record'], { store: store(NOW - 86_400_000) });
    expect(asked).toEqual([]);
    await clawwatch(['scan'], { store: store(NOW - 86_400_000) });
    expect(asked).toEqual([[{ days: 30, megabytes: 200 }, NOW]]);
  });

  test('first sight comes from the record', async () => {
    const { out } = await clawwatch(['scan'], exposed);
    expect(out).toContain('first 13:47');
  });

  test('the last line agrees with the exit code where only what was not seen counts', async () => {
    const spot = aBlindSpot();
    const told = aFinding({ ruleId: 'POS-08', severity: 'info', fingerprint: fingerprint('POS-08', spot.id, '') });
    const world = { snapshot: aSnapshot({ blindSpots: [spot] }), findings: [told] };
    const { code, out } = await clawwatch(['scan', '--fail-on', 'info'], world);
    expect(code).toBe(1);
    expect(out).toMatch(/No findings other than what was not seen\. +exit 1/);
  });

  test('a blind spot that a rule also tells is said once', async () => {
    const spot = aBlindSpot({ what: 'owners of 3 sockets' });
    const told = aFinding({
      ruleId: 'POS-08',
      severity: 'info',
      title: 'Not seen: owners of 3 sockets',
      fingerprint: fingerprint('POS-08', spot.id, ''),
    });
    const { out } = await clawwatch(['scan'], { snapshot: aSnapshot({ blindSpots: [spot] }), findings: [told] });
    expect(out.split('owners of 3 sockets')).toHaveLength(2);
  });
});

test('the JSON of scan has its documented fields', async () => {
  const { out } = await clawwatch(['scan', '--json'], exposed);
  const answer = JSON.parse(out) as Record<string, unknown>;
  expect(Object.keys(answer)).toEqual([
    'schemaVersion',
    'command',
    'version',
    'verdict',
    'exitCode',
    'at',
    'durationMs',
    'host',
    'telemetry',
    'sources',
    'recorded',
    'recordProblem',
    'gateways',
    'findings',
    'outbound',
    'closedWithoutOwner',
    'blindSpots',
    'listeners',
  ]);
  expect(answer).toMatchObject({
    schemaVersion: 1,
    verdict: 'EXPOSED',
    exitCode: 1,
    recordProblem: null,
    outbound: [{ address: '203.0.113.10', port: 443, protocol: 'tcp', connections: 2 }, {}, {}],
    gateways: [{ id: 'default', verdict: 'EXPOSED', reach: 'lan', bindVerdict: 'wider than declared' }],
  });
});

test('colour is off for NO_COLOR, pipes, dumb terminals and --no-color, on for terminals and FORCE_COLOR', async () => {
  const colored = async (io: World['io'], ...argv: string[]) =>
    (await clawwatch(['scan', ...argv], { ...exposed, io: io! })).out.includes('\u001b[');
  expect(await colored({ isTTY: true })).toBe(true);
  expect(await colored({ isTTY: true, env: { NO_COLOR: '1' } })).toBe(false);
  expect(await colored({ isTTY: true, env: { TERM: 'dumb' } })).toBe(false);
  expect(await colored({ isTTY: true }, '--no-color')).toBe(false);
  expect(await colored({ isTTY: false })).toBe(false);
  expect(await colored({ isTTY: false, env: { FORCE_COLOR: '1' } })).toBe(true);
});
