import { execFileSync } from 'node:child_process';
import { chmodSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isContainer } from '../../../src/collect/openclaw/container.ts';
import { createFileView } from '../../../src/collect/openclaw/file-view.ts';
import { parsePasswdHomes } from '../../../src/collect/openclaw/homes.ts';
import { createPackageVersions, packageCandidates } from '../../../src/collect/openclaw/package-version.ts';
import { type FakeMachine, fakeMachine } from './fake-machine.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = fakeMachine();
});
afterEach(() => machine.remove());
const view = () => createFileView(machine.root);

describe("reading in other people's directories", () => {
  test('reads regular files through links inside the view', () => {
    machine.write('/data/a', 'text');
    machine.link('/x/link', '/data/a');
    machine.link('/y', '../../../../../../data');
    expect(view().read('/x/link', 10)).toMatchObject({ ok: true, text: 'text' });
    expect(view().read('/y/a', 10)).toMatchObject({ ok: true, text: 'text' });
    expect(view().list('/y', 10)).toEqual(['a']);
  });

  test('never opens a FIFO, a device, a directory or a circle of links', () => {
    machine.mkdir('/dir');
    execFileSync('mkfifo', [join(machine.root, 'fifo')]);
    machine.link('/loop', '/loop');
    for (const path of ['/dir', '/fifo', '/loop'])
      expect(view().read(path, 10)).toMatchObject({ ok: false, reason: 'refused' });
    expect(createFileView().read('/dev/zero', 10)).toMatchObject({ ok: false, reason: 'refused' });
    expect(view().list('/fifo', 10)).toBe('refused');
  });

  test('tells missing from too large, and survives names that are no names', () => {
    machine.write('/big', 'x'.repeat(11));
    expect(view().read('/big', 10)).toMatchObject({ ok: false, reason: 'refused' });
    expect(view().read('/none', 10)).toMatchObject({ ok: false, reason: 'missing' });
    expect(view().read('/big/below', 10)).toMatchObject({ ok: false, reason: 'missing' });
    expect(view().read('/a\0b', 10)).toMatchObject({ ok: false, reason: 'missing' });
    expect(view().stat('/a\0b')).toBe('missing');
  });

  test('a directory of any size gives the names that were asked for and no more', () => {
    for (let i = 0; i < 20; i++) machine.write(`/many/${i}`, '');
    expect(view().list('/many', 5)).toHaveLength(5);
  });

  test('the stamp changes with the content', () => {
    machine.write('/a', '1');
    const before = view().stat('/a');
    machine.write('/a', '22');
    expect(view().stat('/a')).not.toEqual(before);
  });
});

describe('homes', () => {
  test('are taken from whole lines, system directories left out', () => {
    const text =
      'root:x:0:0:r:/root:/bin/bash\nbin:x:2:2::/bin:/x\nbroken\nnobody:x:1:1::/nonexistent:/x\nclaw:x:5:5::/srv/claw:/x\nclaw2:x:6:5::/srv/claw:/x\n\u001b[2J::::::';
    expect(parsePasswdHomes(text)).toEqual(['/root', '/srv/claw']);
  });
});

describe('container, as OpenClaw decides it', () => {
  test.each(['/.dockerenv', '/run/.containerenv', '/var/run/.containerenv'])('%s decides', (path) => {
    expect(isContainer(view(), {}, true)).toBe(false);
    machine.write(path, '');
    expect(isContainer(view(), {}, true)).toBe(true);
  });

  test.each([
    ['0::/docker/ab', true],
    ['0::/kubepods/x', true],
    ['0::/lxc/x', true],
    ['0::/user.slice', false],
    ['1:name=systemd:/system.slice/docker.service', false],
  ])('the control group %s of pid 1 gives %s', (cgroup, expected) => {
    machine.write('/proc/1/cgroup', `${cgroup}\n`);
    expect(isContainer(view(), {}, true)).toBe(expected);
    expect(isContainer(view(), {}, false)).toBeUndefined();
  });

  test('a Fly machine needs both variables', () => {
    expect(isContainer(view(), { FLY_APP_NAME: 'a' }, true)).toBe(false);
    expect(isContainer(view(), { FLY_APP_NAME: 'a', FLY_MACHINE_ID: 'm' }, true)).toBe(true);
  });
});

describe('version', () => {
  const PACKAGE = '/opt/oc/node_modules/openclaw';
  const worker = (root: string, startTicks: number) => ({
    argv: ['node', `${root}/dist/process/spawn-broker/worker.js`],
    startTicks,
    ppid: 100,
  });

  test('the arguments of the gateway come first, then its earliest worker; a later child with a false path does not count', () => {
    const gateway = { pid: 100, startTicks: 1_000 };
    const children = [
      worker('/tmp/evil', 90_000),
      worker(PACKAGE, 1_100),
      { argv: ['bash'], startTicks: 1_050, ppid: 100 },
    ];
    expect(packageCandidates({ startArguments: [], gateway, children })).toEqual([PACKAGE]);
    const startArguments = ['/usr/bin/node', '/usr/lib/node_modules/openclaw/openclaw.mjs', 'gateway'];
    expect(packageCandidates({ startArguments, gateway, children })[0]).toBe('/usr/lib/node_modules/openclaw');
    expect(packageCandidates({ startArguments: ['/x/node_modules/.bin/openclaw'], children: [] })).toEqual([
      '/x/node_modules/openclaw',
    ]);
  });

  test('an update under a running gateway leaves the running version as it was read before', () => {
    const versions = createPackageVersions();
    machine.write(`${PACKAGE}/package.json`, { name: 'openclaw', version: '2026.9.5' });
    const gateway = { pid: 100, startTicks: 1_000, startedAt: Date.now() + 60_000 };
    const request = { view: view(), startArguments: [], gateway, children: [worker(PACKAGE, 1_100)] };
    expect(versions.read(request)).toEqual({ installed: '2026.9.5', running: '2026.9.5', packagePath: PACKAGE });
    machine.write(`${PACKAGE}/package.json`, { name: 'openclaw', version: '2026.9.60' });
    const updated = { ...request, gateway: { ...gateway, startedAt: Date.now() - 60_000 } };
    expect(versions.read(updated)).toEqual({ installed: '2026.9.60', running: '2026.9.5', packagePath: PACKAGE });
  });

  test('a package that came after the process, whatever its files say about their age, is not what runs', () => {
    machine.write(`${PACKAGE}/package.json`, { name: 'openclaw', version: '2026.9.6' });
    utimesSync(join(machine.root, PACKAGE, 'package.json'), 1, 1);
    const gateway = { pid: 100, startTicks: 1_000, startedAt: Date.now() - 60_000 };
    const fact = createPackageVersions().read({
      view: view(),
      startArguments: [],
      gateway,
      children: [worker(PACKAGE, 1_100)],
    });
    expect(fact).toEqual({ installed: '2026.9.6', packagePath: PACKAGE });
  });

  test('another package, or a version that is none, is no version', () => {
    for (const content of [{ name: 'evil', version: '9999.1.1' }, { name: 'openclaw', version: '1\u001b[2J' }, '{']) {
      machine.write(`${PACKAGE}/package.json`, content);
      expect(
        createPackageVersions().read({ view: view(), startArguments: [], children: [worker(PACKAGE, 1)] }),
      ).toEqual({});
      chmodSync(join(machine.root, PACKAGE, 'package.json'), 0o644);
    }
  });
});
