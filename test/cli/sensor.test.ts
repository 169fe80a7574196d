import { describe, expect, test } from 'vitest';
import type { SensorState } from '../../src/agent/ask-sensor.ts';
import type { ServiceHost } from '../../src/agent/sensor-service.ts';
import { UserError } from '../../src/types/error.ts';
import type { SensorStatus } from '../../src/types/sensor.ts';
import { clawwatch, NOW } from './world.ts';

/** What must not happen in a test: a step that is carried out. */
function aHost(more: Partial<ServiceHost> = {}): ServiceHost {
  return {
    uid: 0,
    hasSystemd: true,
    hasUnit: true,
    passwd: 'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\nbob:x:1001:1001::/:/bin/sh\n',
    node: '/usr/bin/node',
    starter: '/usr/lib/node_modules/clawwatch/bin/clawwatch.cjs',
    refuseWritable: () => {},
    find: (name) => `/usr/sbin/${name}`,
    ...more,
  };
}

function onHost(argv: string[], host = aHost(), env: NodeJS.ProcessEnv = {}) {
  return clawwatch(['sensor', ...argv], { io: { env, uid: host.uid, serviceHost: async () => host } });
}

const status = (more: Partial<SensorStatus> = {}): SensorState => ({
  heard: true,
  status: {
    version: 1,
    pid: 731,
    startedAt: NOW - 7_200_000,
    sources: ['tcp', 'processes', 'datagrams', 'names'],
    missing: [],
    counts: { connects: 1_204, listens: 3, names: 411, lost: 0 },
    ...more,
  },
});
const asked = (state: SensorState, ...options: string[]) =>
  clawwatch(['sensor', 'status', ...options], { io: { askSensor: async () => state } });

describe('sensor install', () => {
  test('says what it would do, with the unit', async () => {
    const { out, code, err } = await onHost(['install', '--dry-run', '--reader', 'ann', '--reader', '1001']);
    expect([code, err]).toEqual([0, '']);
    await expect(out).toMatchFileSnapshot('screens/sensor-install.txt');
  });

  test('lets whoever calls sudo read, unless somebody is named', async () => {
    const env = { SUDO_UID: '1000' };
    expect((await onHost(['install', '--dry-run'], aHost(), env)).out).toContain('sensor run --reader 1000\n');
    expect((await onHost(['install', '--dry-run', '--reader', 'bob'], aHost(), env)).out).toContain(
      'sensor run --reader 1001\n',
    );
    for (const SUDO_UID of ['0', 'ann', '1000 --reader 1001', '-1', '']) {
      const { out } = await onHost(['install', '--dry-run'], aHost(), { SUDO_UID });
      expect(out).toMatch(/sensor run\n/);
    }
  });

  test('is data too', async () => {
    const { out } = await onHost(['install', '--dry-run', '--json', '--reader', 'ann']);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      command: 'sensor install',
      systemd: true,
      done: false,
      steps: [
        expect.stringContaining('useradd'),
        expect.any(String),
        expect.any(String),
        expect.any(String),
        expect.any(String),
      ],
      unit: expect.stringContaining('--reader 1000'),
    });
  });

  test('without systemd prints what to run, and does nothing', async () => {
    const { out, code } = await onHost(['install', '--reader', 'ann'], aHost({ hasSystemd: false }));
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot('screens/sensor-install-no-systemd.txt');
    const json = await onHost(['install', '--json'], aHost({ hasSystemd: false }));
    expect(JSON.parse(json.out)).toMatchObject({ systemd: false, done: false, unit: '' });
  });

  test.each<[string, string[], Partial<ServiceHost>, RegExp]>([
    ['somebody who is not root', [], { uid: 1000 }, /root’s to change[\s\S]*sudo clawwatch sensor install/],
    ['a reader who is nobody', ['--reader', 'eve'], {}, /there is no user eve/],
    ['a system without its programs', [], { find: () => undefined }, /there is no systemctl/],
    ['a path that no unit can have', [], { node: '/opt/"node"/node' }, /systemd starts no program/],
  ])('of %s is an error of use', async (_, options, host, problem) => {
    const { code, err, out } = await onHost(['install', '--dry-run', ...options], aHost(host));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(problem);
  });

  test('of a program that others can write is refused before anything is said', async () => {
    const refuseWritable = () => {
      throw new UserError('root would run what others can change: /x\u001b[2J belongs to uid 5', { hint: 'as root' });
    };
    const { code, err, out } = await onHost(['install'], aHost({ refuseWritable }));
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('others can change: /x\\x1b[2J belongs to uid 5');
  });

  test('says where a path has letters that a terminal obeys', async () => {
    const starter = '/opt/\u202e\u001b[31m/clawwatch.cjs';
    const { out } = await onHost(['install', '--dry-run'], aHost({ starter }));
    expect(out).not.toMatch(/[\u001b\u202e]/);
  });

  test('obeys no configuration and no variable of somebody else', async () => {
    const env = { CLAWWATCH_DB: '/tmp/evil.db', CLAWWATCH_INTERVAL: 'nonsense' };
    const { code, err } = await onHost(['install', '--dry-run', '--config', '/tmp/evil.json5'], aHost(), env);
    expect([code, err]).toEqual([0, '']);
  });
});

describe('sensor uninstall', () => {
  test('says what it would do', async () => {
    const passwd = `${aHost().passwd}clawwatch-sensor:x:998:998::/:/usr/sbin/nologin\n`;
    const { out, code } = await onHost(['uninstall', '--dry-run'], aHost({ passwd }));
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot('screens/sensor-uninstall.txt');
  });

  test('is for root', async () => {
    const { code, err } = await onHost(['uninstall'], aHost({ uid: 1000 }));
    expect(code).toBe(2);
    expect(err).toContain('sudo clawwatch sensor uninstall');
  });
});

describe('sensor status', () => {
  test('heard and whole', async () => {
    const { out, code } = await asked(status());
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot('screens/sensor-status.txt');
  });

  test('heard, with losses, hidden names and a part that is missing', async () => {
    const { out, code } = await asked(
      status({
        sources: ['tcp', 'processes'],
        missing: [{ source: 'names', why: 'packets need a right\u001b[2J', fix: 'run it as root' }],
        nameBlindness: { dot: 1, doh: 20, ech: 3, malformed: 0 },
        counts: { connects: 1, listens: 1, names: 0, lost: 17 },
      }),
    );
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot('screens/sensor-status-partly.txt');
  });

  test('not heard is UNKNOWN', async () => {
    const state: SensorState = {
      heard: false,
      why: 'the sensor is not running',
      fix: 'sudo systemctl start x',
      lost: false,
    };
    const { out, code } = await asked(state);
    expect(code).toBe(3);
    await expect(out).toMatchFileSnapshot('screens/sensor-status-unheard.txt');
    const json = await asked(state, '--json');
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toMatchObject({
      command: 'sensor status',
      verdict: 'UNKNOWN',
      exitCode: 3,
      heard: false,
      why: 'the sensor is not running',
    });
  });

  test('is data too', async () => {
    const { out } = await asked(status(), '--json');
    expect(JSON.parse(out)).toMatchObject({ verdict: 'OK', exitCode: 0, heard: true, status: { pid: 731 } });
  });

  test('asks at the folder that is wished', async () => {
    const folders: (string | undefined)[] = [];
    const io = {
      askSensor: async (folder?: string) => {
        folders.push(folder);
        return status();
      },
    };
    await clawwatch(['sensor', 'status', '--socket-folder', '/run/other'], { io });
    await clawwatch(['sensor', 'status'], { io });
    expect(folders).toEqual(['/run/other', undefined]);
  });
});

test('sensor alone tells what there is, and a command that is none is an error of use', async () => {
  for (const name of ['run', 'install', 'uninstall', 'status']) {
    const { out, code } = await clawwatch(['sensor', name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`clawwatch sensor ${name}`);
  }
  expect((await clawwatch(['sensor', 'instal'])).code).toBe(2);
});
