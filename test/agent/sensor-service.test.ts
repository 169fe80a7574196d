import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planInstall, planUninstall, type ServiceHost, serviceHost } from '../../src/agent/sensor-service.ts';
import { sensorUnit } from '../../src/agent/sensor-unit.ts';
import { UserError } from '../../src/types/error.ts';

const PLAIN = { node: '/usr/bin/node', starter: '/usr/lib/node_modules/clawwatch/bin/clawwatch.cjs', readers: [1000] };

function aHost(more: Partial<ServiceHost> = {}): ServiceHost {
  return {
    uid: 0,
    hasSystemd: true,
    hasUnit: true,
    passwd: 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n',
    node: PLAIN.node,
    starter: PLAIN.starter,
    refuseWritable: () => {},
    find: (name) => `/usr/sbin/${name}`,
    ...more,
  };
}

const WITH_USER = 'root:x:0:0:root:/root:/bin/bash\nclawwatch-sensor:x:998:998::/:/usr/sbin/nologin\n';
const texts = ({ steps }: { steps: { text: string }[] }) => steps.map(({ text }) => text);

describe('the unit', () => {
  test('is what was reviewed', async () => {
    await expect(sensorUnit(PLAIN)).toMatchFileSnapshot('golden/clawwatch-sensor.service');
  });

  const commandOf = (paths: Partial<typeof PLAIN>) => /^ExecStart=(.*)$/m.exec(sensorUnit({ ...PLAIN, ...paths }))?.[1];

  test.each<[string, Partial<typeof PLAIN>, string]>([
    ['no reader', { node: '/n', starter: '/s', readers: [] }, '"/n" "/s" sensor run'],
    ['several', { node: '/n', starter: '/s', readers: [1, 20] }, '"/n" "/s" sensor run --reader 1 --reader 20'],
    ['spaces', { node: '/a b/n', starter: '/c  d/s', readers: [] }, '"/a b/n" "/c  d/s" sensor run'],
    ['specifiers', { node: '/%h/n', starter: '/100%/s', readers: [] }, '"/%%h/n" "/100%%/s" sensor run'],
    // A variable is one in arguments only; doubled in the program it would name another file.
    ['variables', { node: '/$a/n', starter: `/$${'{b}'}/s`, readers: [] }, '"/$a/n" "/$${b}/s" sensor run'],
    ['quotes', { node: '/n', starter: `/a"b'c\\d`, readers: [] }, `"/n" "/a\\"b'c\\\\d" sensor run`],
  ])('takes %s in paths as they are', (_, paths, expected) => expect(commandOf(paths)).toBe(expected));

  test.each(['/a"b', "/a'b", '/a\\b', '/a\nExecStartPre=/bin/evil', '/a\u007f'])(
    'refuses the program %j, which systemd would not start',
    (node) => expect(() => sensorUnit({ ...PLAIN, node })).toThrow(UserError),
  );

  test('has no line that a path has put there', () => {
    const lines = sensorUnit(PLAIN).split('\n').length;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (path) => {
        const unit = sensorUnit({ ...PLAIN, starter: `/${path}\n[Service]\r\nUser=evil` });
        expect(unit.split('\n')).toHaveLength(lines);
        expect(unit).not.toMatch(/^User=/m);
      }),
      { numRuns: 100 },
    );
  });

  const analyze = '/usr/bin/systemd-analyze';
  /** What systemd says of a unit; it throws where that would not start. */
  function verified(path: string, unit: string): string {
    writeFileSync(path, unit);
    return execFileSync(analyze, ['verify', '--man=no', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 15_000,
    });
  }

  test.skipIf(!existsSync(analyze))('is one to systemd itself, with paths of any kind', ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'cw unit $x %h '));
    const path = join(folder, 'clawwatch-sensor.service');
    try {
      try {
        verified(path, '[Service]\nExecStart=/bin/true\n');
      } catch {
        skip('systemd verifies no unit in this container');
      }
      const node = join(folder, 'node');
      writeFileSync(node, '#!/bin/sh\n', { mode: 0o755 });
      const starter = join(folder, `it's "that" \\ one`);
      expect(() => verified(path, sensorUnit({ node, starter, readers: [1000] }))).not.toThrow();
      expect(() => verified(path, sensorUnit({ node: `${node}2`, starter, readers: [] }))).toThrow(/not executable/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('installing', () => {
  test('makes a user, writes the unit and starts it, in this order', () => {
    const plan = planInstall(aHost(), [1000]);
    expect(plan.isSystemd).toBe(true);
    expect(texts(plan)).toEqual([
      '/usr/sbin/useradd --system --no-create-home --shell /usr/sbin/nologin clawwatch-sensor',
      'write /etc/systemd/system/clawwatch-sensor.service',
      '/usr/sbin/systemctl daemon-reload',
      '/usr/sbin/systemctl enable clawwatch-sensor.service',
      '/usr/sbin/systemctl restart clawwatch-sensor.service',
    ]);
    expect(plan.unit).toBe(sensorUnit(PLAIN));
  });

  test('makes no user where there is one; a name that only begins like it is another', () => {
    expect(texts(planInstall(aHost({ passwd: WITH_USER }), [1000]))[0]).toMatch(/^write /);
    const other = aHost({ passwd: 'clawwatch-sensor2:x:5:5::/:/bin/sh\nx:x:6:6:clawwatch-sensor:/:/bin/sh\n' });
    expect(texts(planInstall(other, [1000]))[0]).toContain('useradd');
  });

  test('gives a shell that is none where there is no nologin', () => {
    const host = aHost({ find: (name) => (name === 'nologin' ? undefined : `/sbin/${name}`) });
    expect(texts(planInstall(host, []))[0]).toContain('--shell /bin/false');
  });

  test.each(['systemctl', 'useradd'])('without %s says so', (missing) => {
    const host = aHost({ find: (name) => (name === missing ? undefined : `/sbin/${name}`) });
    expect(() => planInstall(host, [])).toThrow(`there is no ${missing} on this system`);
  });

  test('without systemd is a command to copy, and no unit', () => {
    const host = aHost({ hasSystemd: false, find: () => undefined, node: '/opt/my node/bin/node' });
    expect(planInstall(host, [1000, 7])).toEqual({
      isSystemd: false,
      unit: '',
      steps: [
        {
          text: `'/opt/my node/bin/node' ${PLAIN.starter} sensor run --reader 1000 --reader 7`,
          run: expect.any(Function),
        },
      ],
    });
    expect(() => planInstall(host, [1]).steps[0]!.run()).not.toThrow();
  });

  test('is for root, and not of a program that others can write', () => {
    for (const uid of [1000, undefined]) {
      expect(() => planInstall(aHost({ uid }), [])).toThrow(/root’s to change/);
      expect(() => planUninstall(aHost({ uid }))).toThrow(/root’s to change/);
    }
    const refuseWritable = () => {
      throw new UserError('root would run what others can change: /x', { hint: 'y' });
    };
    for (const hasSystemd of [true, false]) {
      expect(() => planInstall(aHost({ refuseWritable, hasSystemd }), [])).toThrow(/others can change/);
    }
    // To remove it is never refused.
    expect(planUninstall(aHost({ refuseWritable })).steps).not.toEqual([]);
  });
});

describe('uninstalling', () => {
  test('stops, removes, and takes the user away', () => {
    expect(texts(planUninstall(aHost({ passwd: WITH_USER })))).toEqual([
      '/usr/sbin/systemctl disable --now clawwatch-sensor.service',
      'rm /etc/systemd/system/clawwatch-sensor.service',
      '/usr/sbin/systemctl daemon-reload',
      '/usr/sbin/userdel clawwatch-sensor',
    ]);
  });

  test('stops nothing that is not there, and removes no user that is none', () => {
    expect(texts(planUninstall(aHost({ hasUnit: false })))).toEqual([
      'rm /etc/systemd/system/clawwatch-sensor.service',
      '/usr/sbin/systemctl daemon-reload',
    ]);
  });

  test('without systemd is left to the person', () => {
    expect(planUninstall(aHost({ hasSystemd: false }))).toMatchObject({ isSystemd: false, unit: '', steps: [{}] });
  });
});

describe('a step', () => {
  const stepOf = (file: string) => planInstall(aHost({ passwd: WITH_USER, find: () => file }), []).steps[1]!;

  test('that fails is told in one line, with its cause', () => {
    expect(() => stepOf('/bin/false').run()).toThrow('/bin/false daemon-reload failed');
    expect(() => stepOf('/nonexistent/systemctl').run()).toThrow(/daemon-reload failed: .*ENOENT/);
    expect(() => stepOf('/bin/true').run()).not.toThrow();
  });

  test('runs with no environment of ours', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cw-step-'));
    try {
      const file = join(folder, 'systemctl');
      writeFileSync(file, '#!/bin/sh\n[ -z "$HOME$LD_PRELOAD$CLAWWATCH_SECRET" ] || exit 1\n', { mode: 0o755 });
      process.env.CLAWWATCH_SECRET = 'x';
      expect(() => stepOf(file).run()).not.toThrow();
    } finally {
      delete process.env.CLAWWATCH_SECRET;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('this very host is described', () => {
  const host = serviceHost(1000);
  expect(host).toMatchObject({ uid: 1000, node: process.execPath, passwd: expect.stringContaining('root:') });
  expect(host.starter).toMatch(/^\/.*\/bin\/clawwatch\.cjs$/);
  expect(host.find('sh')).toMatch(/^\/(usr\/)?s?bin\/sh$/);
  expect(host.find('no-such-program-anywhere')).toBeUndefined();
});
