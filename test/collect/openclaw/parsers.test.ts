import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isGatewayRole, judgeLock, parseLock } from '../../../src/collect/openclaw/lock-file.ts';
import { defaultGatewayPort, normalizeProfile, parseGatewayPort } from '../../../src/collect/openclaw/profile-port.ts';
import {
  gatewayServiceOf,
  isCgroupOfUnit,
  parseEnvironmentFile,
  parseServiceUnit,
  splitUnitWords,
} from '../../../src/collect/openclaw/service-unit.ts';
import { ENVIRON_MARKERS, ENVIRON_SECRETS, lengthMarker } from '../../../src/types/process.ts';

const RUNS = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1_000);
const FUZZ = { timeout: 20_000 + RUNS * 5 };
const UNIT = { name: 'openclaw-gateway.service', path: '/u', scope: 'user' } as const;

describe('lock file', () => {
  const recorded = readFileSync('test/fixtures/openclaw/gateway.state.lock', 'utf8');

  test('reads a recorded lock with its padding', () => {
    expect(parseLock(recorded)).toMatchObject({
      status: 'parsed',
      port: 18789,
      stateDir: '/tmp/fam-lab/home/.openclaw',
    });
    expect(parseLock(`${recorded}${'\0'.repeat(9)}\n`)).toEqual(parseLock(recorded));
  });

  test('a lock without a start time is believed of a process that is older than the lock', () => {
    const lock = { path: '/l', status: 'parsed', pid: 7, createdAt: 1_000_000 } as const;
    expect(judgeLock(lock, { startTicks: 5, startedAt: 990_000 }).status).toBe('live');
    expect(judgeLock(lock, { startTicks: 5, startedAt: 2_000_000 }).status).toBe('reused');
    expect(judgeLock(lock, { startTicks: 5 }).status).toBe('reused');
  });

  test("a lock in another user's file is invalid for the process, root's own is not", () => {
    const lock = { path: '/l', status: 'parsed', pid: 7, startTicks: 5 } as const;
    expect(judgeLock({ ...lock, fileUid: 1001 }, { startTicks: 5, uid: 1000 }).status).toBe('invalid');
    expect(judgeLock({ ...lock, fileUid: 1000 }, { startTicks: 5, uid: 1000 }).status).toBe('live');
  });

  test('roles that we do not know are no gateway', () => {
    expect([undefined, 'gateway', 'agent-embedded', 'something-new'].map(isGatewayRole)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('no text makes the parser throw, and only a usable pid makes a lock', FUZZ, () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record({ pid: fc.anything(), startTime: fc.anything(), port: fc.anything(), createdAt: fc.anything() })
        .map((value) => {
          try {
            return JSON.stringify(value) ?? '';
          } catch {
            return '';
          }
        }),
      fc
        .tuple(fc.nat(recorded.length), fc.string())
        .map(([at, junk]) => recorded.slice(0, at) + junk + recorded.slice(at + 1)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const lock = parseLock(text);
        if (lock.status === 'parsed') expect(Number.isInteger(lock.pid) && lock.pid! > 0).toBe(true);
        else expect(lock).toEqual({ status: 'invalid' });
        const judged = judgeLock({ ...lock, path: '/l' }, { startTicks: 0 });
        expect(judged.status === 'live').toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('profile and port', () => {
  test('profiles have the ports that OpenClaw derives', () => {
    expect(defaultGatewayPort()).toBe(18789);
    expect(defaultGatewayPort('default')).toBe(18789);
    expect(defaultGatewayPort('ops')).toBe(55291);
    expect(defaultGatewayPort('dev')).toBe(19001);
  });

  test('names that OpenClaw refuses are the default profile', () => {
    expect(['', ' ', 'Default', '../x', '-x', 'a'.repeat(65)].map(normalizeProfile)).toEqual(Array(6).fill(undefined));
    expect(normalizeProfile(' ops ')).toBe('ops');
  });

  test('a port may follow a host, and nonsense is no port', () => {
    const texts = ['19000', ' 127.0.0.1:19000 ', '[::1]:19000', '0', '65536', '::1', 'x', '', '19000/tcp'];
    expect(texts.map(parseGatewayPort)).toEqual([19000, 19000, 19000, ...Array(6).fill(undefined)]);
  });
});

describe('service unit', () => {
  test('joins continued lines, takes quotes off, and lets a drop-in replace ExecStart', () => {
    const main =
      '[Unit]\nExecStart=/no\n[Service]\n# comment\nExecStart=/usr/bin/node \\\n  "/opt/my oc/openclaw.mjs" gateway\nEnvironment=OPENCLAW_PROFILE=ops "HOME=/x y"\n';
    expect(parseServiceUnit(UNIT, [main])).toMatchObject({
      startArguments: ['/usr/bin/node', '/opt/my oc/openclaw.mjs', 'gateway'],
      markers: { OPENCLAW_PROFILE: 'ops', HOME: '/x y' },
    });
    const dropIn = '[Service]\nExecStart=\nExecStart=-/usr/bin/openclaw gateway --bind lan\n';
    expect(parseServiceUnit(UNIT, [main, dropIn]).startArguments).toEqual([
      '/usr/bin/openclaw',
      'gateway',
      '--bind',
      'lan',
    ]);
  });

  test('tells a profile by the name and knows no node service', () => {
    expect(parseServiceUnit({ ...UNIT, name: 'openclaw-gateway-ops.service' }, []).profile).toBe('ops');
    expect(gatewayServiceOf('/a/openclaw-node.service')).toBeUndefined();
    expect(gatewayServiceOf('/a/clawdbot-gateway.service')).toBe('clawdbot-gateway.service');
    expect(gatewayServiceOf('/a/openclaw-gateway.service/x.service')).toBeUndefined();
  });

  test("a user's unit is his manager's group only", () => {
    const cgroup = '/user.slice/user-1000.slice/user@1000.service/app.slice/openclaw-gateway.service';
    expect(isCgroupOfUnit(cgroup, { ...UNIT, uid: 1000 })).toBe(true);
    expect(isCgroupOfUnit(cgroup, { ...UNIT, uid: 1001 })).toBe(false);
    expect(isCgroupOfUnit(cgroup, { ...UNIT, scope: 'system' })).toBe(false);
    expect(isCgroupOfUnit('/system.slice/openclaw-gateway.service', { ...UNIT, scope: 'system' })).toBe(true);
  });

  test('an environment file gives allow-listed variables, of the token its length, and nothing else', () => {
    const text =
      'export OPENCLAW_GATEWAY_PORT="19000"\nOPENCLAW_GATEWAY_TOKEN=abc\nOTHER=x\n# HOME=/x\nOPENCLAW_PROFILE=ops # mine\n';
    expect(parseEnvironmentFile(text)).toEqual({
      OPENCLAW_GATEWAY_PORT: '19000',
      OPENCLAW_PROFILE: 'ops',
      [lengthMarker('OPENCLAW_GATEWAY_TOKEN')]: '3',
    });
  });

  test('text made to keep a pattern busy is read in one go', () => {
    expect(parseEnvironmentFile(`HOME=a${' '.repeat(262_144)}b`).HOME).toHaveLength(4_096);
    expect(parseLock(`${' '.repeat(65_000)}x`)).toEqual({ status: 'invalid' });
  });

  test('no text makes the parsers throw or keep a variable that is not on the list', FUZZ, () => {
    const lengths = new Set([...ENVIRON_SECRETS].map(lengthMarker));
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('[Service]', 'ExecStart=', '\\', '"', "'"),
      fc
        .tuple(fc.constantFrom('Environment', 'ExecStart', 'EnvironmentFile'), fc.string())
        .map(([key, text]) => `${key}=${text}`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('\n');
        const unit = parseServiceUnit(UNIT, [text, text], '/home/u');
        for (const name of [...Object.keys(unit.markers), ...Object.keys(parseEnvironmentFile(text))]) {
          expect(ENVIRON_MARKERS.has(name) || lengths.has(name)).toBe(true);
        }
        expect(splitUnitWords(text).length).toBeLessThanOrEqual(256);
      }),
      { numRuns: RUNS },
    );
  });
});
