import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LoadRequest, loadConfig } from '../../src/config/load.ts';
import { UserError } from '../../src/types/error.ts';

let home: string;
const uid = process.getuid?.();

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'clawwatch-config-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function load(request: Partial<LoadRequest> = {}) {
  return loadConfig({ flags: {}, env: {}, cwd: '/here', home, uid, ...request });
}

function write(text: string, mode = 0o600): string {
  const directory = join(home, '.config', 'clawwatch');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'config.json5');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('where a value comes from', () => {
  test('without anything the defaults are in force', () => {
    const { config, warnings, path } = load();
    expect(config).toEqual({
      intervalMs: 2000,
      database: join(home, '.local/state/clawwatch/clawwatch.db'),
      collector: 'auto',
      failOn: 'low',
      retentionDays: 30,
      retentionMegabytes: 200,
      learnDays: 7,
      logLevel: 'warn',
      rules: {},
      labPublic: [],
    });
    expect(warnings).toEqual([]);
    expect(path).toBeUndefined();
  });

  test('flag before environment before file before default, each option for itself', () => {
    const path = write("{ intervalMs: 3000, failOn: 'high', retentionDays: 7, /* JSON5 */ }");
    const loaded = load({
      flags: { intervalMs: '5s' },
      env: { CLAWWATCH_INTERVAL_MS: '4000', CLAWWATCH_FAIL_ON: 'critical' },
    });
    expect(loaded.config).toMatchObject({
      intervalMs: 5000,
      failOn: 'critical',
      retentionDays: 7,
      retentionMegabytes: 200,
    });
    expect(loaded.path).toBe(path);
  });

  test('XDG directories are respected when absolute, and ignored when not', () => {
    expect(load({ env: { XDG_STATE_HOME: '/var/state' } }).config.database).toBe('/var/state/clawwatch/clawwatch.db');
    expect(load({ env: { XDG_STATE_HOME: 'state' } }).config.database).toBe(
      join(home, '.local/state/clawwatch/clawwatch.db'),
    );
  });

  test('paths of flags and variables are relative to the working directory', () => {
    expect(load({ flags: { database: 'x.db' } }).config.database).toBe('/here/x.db');
    expect(load({ env: { CLAWWATCH_DATABASE: '../y.db' } }).config.database).toBe('/y.db');
  });

  test('homes are a list', () => {
    expect(load({ env: { CLAWWATCH_HOMES: '/home/ann:/root' } }).config.homes).toEqual(['/home/ann', '/root']);
  });
});

describe('a bad value', () => {
  test.each([
    ['intervalMs', '249'],
    ['intervalMs', '"2s"'],
    ['intervalMs', '1e12'],
    ['intervalMs', 'NaN'],
    ['retentionDays', '0'],
    ['retentionDays', '1.5'],
    ['failOn', '"severe"'],
    ['collector', '["lsof"]'],
    ['database', '"relative.db"'],
    ['homes', '"/home/ann"'],
    ['rules', '{ "EXP-01": 3 }'],
    ['intervalMs', 'null'],
  ])('of the file warns with key and range and the default holds: %s: %s', (key, value) => {
    write(`{ ${key}: ${value} }`);
    const { config, warnings } = load();
    expect(config).toEqual({ ...load({ home: '/nowhere' }).config, database: config.database });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(new RegExp(`: ${key} is .+, not .+; using .+`));
  });

  test('of a whole table says what is used instead in words', () => {
    write('{ rules: { "EXP-01": 3 } }');
    expect(load().warnings[0]).toMatch(/using \{\}$/);
  });

  test('of the environment falls back to the file and names what is used', () => {
    write('{ intervalMs: 3000 }');
    const { config, warnings } = load({ env: { CLAWWATCH_INTERVAL_MS: 'fast' } });
    expect(config.intervalMs).toBe(3000);
    expect(warnings).toEqual(['CLAWWATCH_INTERVAL_MS is "fast", not whole number from 250 to 3600000; using 3000']);
  });

  test.each([
    ['intervalMs', '2'],
    ['intervalMs', '2000'],
    ['intervalMs', '100ms'],
    ['intervalMs', 'fast'],
    ['failOn', 'severe'],
    ['collector', 'guess'],
  ] as const)('of a flag is a usage error: %s %s', (key, text) => {
    expect(() => load({ flags: { [key]: text } })).toThrow(expect.objectContaining({ name: 'UserError', exitCode: 2 }));
  });
});

describe('an unknown name', () => {
  test('in the file is warned about with the nearest known one', () => {
    write('{ intervallMs: 3000, zebra: 1 }');
    const { warnings } = load();
    expect(warnings[0]).toContain('unknown key intervallMs is ignored; did you mean intervalMs?');
    expect(warnings[1]).toMatch(/unknown key zebra is ignored$/);
  });

  test('in the environment is warned about where one is near', () => {
    const { warnings } = load({
      env: { CLAWWATCH_INTERVAL: '2000', CLAWWATCH_INTERVALL_MS: '1', CLAWWATCH_SESSION: 'x' },
    });
    expect(warnings).toEqual([
      'unknown variable CLAWWATCH_INTERVAL is ignored; did you mean CLAWWATCH_INTERVAL_MS?',
      'unknown variable CLAWWATCH_INTERVALL_MS is ignored; did you mean CLAWWATCH_INTERVAL_MS?',
    ]);
  });

  test('of the prototype is no option', () => {
    write('{ "__proto__": { intervalMs: 9000 }, constructor: 1 }');
    expect(load().config.intervalMs).toBe(2000);
  });
});

describe('a file that is not to be trusted is refused with a hint', () => {
  const refused = (request: Partial<LoadRequest> = {}) => {
    try {
      load(request);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return `${(error as UserError).message} / ${(error as UserError).hint}`;
    }
    return 'accepted';
  };

  test('writable by others', () => {
    write('{}', 0o606);
    expect(refused()).toMatch(/can be written by others \/ chmod go-w /);
  });

  test("somebody else's", () => {
    write('{}');
    expect(refused({ uid: 4711 })).toMatch(uid === 0 ? 'accepted' : /belongs to user/);
    expect(refused({ uid: 0 })).toMatch(uid === 0 ? 'accepted' : /belongs to user/);
  });

  test('a directory', () => {
    mkdirSync(join(home, '.config', 'clawwatch', 'config.json5'), { recursive: true });
    expect(refused()).toContain('not a regular file');
  });

  test('a link to a device that never ends', () => {
    mkdirSync(join(home, '.config', 'clawwatch'), { recursive: true });
    symlinkSync('/dev/zero', join(home, '.config', 'clawwatch', 'config.json5'));
    expect(refused()).toContain('not a regular file');
  });

  test('too large', () => {
    write(`{ a: '${'x'.repeat(1024 * 1024)}' }`);
    expect(refused()).toContain('larger than 1 MiB');
  });

  test.each(['{', '[]', 'null', '7', '"text"', ''])('not an object in JSON5: %s', (text) => {
    write(text);
    expect(refused()).toMatch(/is not JSON5|does not hold an object/);
  });

  test('named and not there', () => {
    expect(refused({ file: 'no.json5' })).toContain('/here/no.json5');
    expect(refused({ env: { CLAWWATCH_CONFIG: 'no.json5' } })).toContain('/here/no.json5');
  });
});

describe('CLAWWATCH_LAB_PUBLIC', () => {
  test('is the only way to widen the internet, and takes blocks alone', () => {
    write("{ labPublic: ['10.0.0.0/8'] }");
    expect(load().config.labPublic).toEqual([]);
    const { config, warnings } = load({
      home: '/nowhere',
      env: { CLAWWATCH_LAB_PUBLIC: '198.51.100.0/24, nonsense 2001:db8::/32' },
    });
    expect(config.labPublic).toEqual(['198.51.100.0/24', '2001:db8::/32']);
    expect(warnings).toHaveLength(1);
  });

  test.each(['10.0.0.0/8', '127.0.0.0/8', '100.64.0.0/10', '0.0.0.0/0', '8.8.8.0/24', 'fd00::/8', 'fe80::/10'])(
    '%s is nobody’s laboratory',
    (block) => {
      const { config, warnings } = load({ home: '/nowhere', env: { CLAWWATCH_LAB_PUBLIC: block } });
      expect(config.labPublic).toEqual([]);
      expect(warnings).toEqual([`CLAWWATCH_LAB_PUBLIC: ${block} is not a block for documentation or tests; ignored`]);
    },
  );
});

test('no file content makes a throw that is not a UserError, nor a value out of range', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc
          .dictionary(fc.constantFrom('intervalMs', 'rules', 'homes', 'x'), fc.jsonValue())
          .map((value) => JSON.stringify(value)),
      ),
      (text) => {
        write(text);
        try {
          const { config } = load();
          expect(config.intervalMs).toBeGreaterThanOrEqual(250);
          expect(config.retentionMegabytes).toBeGreaterThanOrEqual(10);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
        }
      },
    ),
    { numRuns: Math.min(Number(process.env.CLAWWATCH_FUZZ_RUNS) || 300, 100_000) },
  );
});
