import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leaveJanitor } from '../../src/sensor/janitor.ts';
import { until } from './link.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cw tracing '$(x)' "));
  mkdirSync(join(root, 'instances'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const CHILD = `
  import { mkdirSync } from 'node:fs';
  import { join } from 'node:path';
  const [root, module] = process.argv.slice(1);
  const { leaveJanitor } = await import(module);
  for (const name of ['connects', 'datagrams']) mkdirSync(join(root, 'instances', 'clawwatch-' + process.pid + '-' + name));
  leaveJanitor(root);
  process.stdout.write('ready');
  setInterval(() => {}, 1000);
`;

/** A process that leaves somebody behind and waits for its end. */
async function sensorLike() {
  const module = resolve('src/sensor/janitor.ts');
  const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', CHILD, root, module]);
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, ended };
}

const instance = (name: string) => join(root, 'instances', name);

test.each<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])('after a %s our instances are gone and no others', async (signal) => {
  mkdirSync(instance('clawwatch-1-connects'));
  mkdirSync(instance('somebody'));
  const { child, ended } = await sensorLike();
  const own = ['connects', 'datagrams'].map((name) => instance(`clawwatch-${child.pid}-${name}`));
  expect(own.every((path) => existsSync(path))).toBe(true);
  child.kill(signal);
  await ended;
  await until(() => own.every((path) => !existsSync(path)));
  expect([existsSync(instance('clawwatch-1-connects')), existsSync(instance('somebody'))]).toEqual([true, true]);
});

test('an instance that is still in use is tried again', async () => {
  const { child, ended } = await sensorLike();
  const own = instance(`clawwatch-${child.pid}-connects`);
  writeFileSync(join(own, 'busy'), '');
  child.kill('SIGKILL');
  await ended;
  await until(() => !existsSync(instance(`clawwatch-${child.pid}-datagrams`)));
  expect(existsSync(own)).toBe(true);
  rmSync(join(own, 'busy'));
  await until(() => !existsSync(own));
});

test('nobody is left behind where there is nothing to remove', () => {
  const before = process.getActiveResourcesInfo().length;
  leaveJanitor(root);
  expect(process.getActiveResourcesInfo().length).toBe(before);
});
