import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { connectFrom } from './connect.ts';
import { lab } from './gate.ts';
import { NODE } from './install.ts';
import { createMachine } from './machine.ts';
import { ADDRESS, assertClosed, createNetwork, type Network, sweep } from './namespaces.ts';

const ours = () => readdirSync('/run/netns').filter((name) => name.startsWith(`cw-${process.pid}-`));

lab('the lab itself', () => {
  let network: Network | undefined;

  afterEach(() => network?.close());

  test('no namespace has a way out, and a route that is not of the lab is refused', () => {
    network = createNetwork(['lan', 'tailnet', 'internet']);
    for (const name of ours()) assertClosed(name);
    execFileSync('ip', ['-n', network.host, 'route', 'add', 'default', 'via', ADDRESS.lanPeer4]);
    expect(() => assertClosed(network!.host)).toThrow(/routes that are not the lab's: default/);
  });

  test('a connect to an address outside the lab is not even tried', async () => {
    network = createNetwork(['lan']);
    await expect(connectFrom(network.lan, ['198.51.100.1'], 80)).rejects.toThrow('not an address of the lab');
  });

  test('closing kills what runs inside and leaves no namespace', async () => {
    network = createNetwork(['lan']);
    const machine = await createMachine(network, { container: false });
    const sleeper = machine.spawn(['sleep', '600']);
    const ended = once(sleeper, 'close');
    network.close();
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(ours()).toEqual([]);
    machine.close();
    expect(existsSync(machine.folder)).toBe(false);
  });

  test('namespaces of a run that was killed are swept, those of a live run are kept', async () => {
    const script = `const n = await import('${import.meta.dirname}/namespaces.ts');
      n.createNetwork(['lan']); console.log('built'); setInterval(() => {}, 1000);`;
    const other = spawn(NODE, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    const theirs = () => readdirSync('/run/netns').filter((name) => name.startsWith(`cw-${other.pid}-`));
    sweep();
    expect(theirs()).toHaveLength(4);
    other.kill('SIGKILL');
    await once(other, 'close');
    sweep();
    expect(theirs()).toEqual([]);
  });

  test('a machine shows a container marker exactly when asked, and nothing of the real homes', async () => {
    network = createNetwork(['lan']);
    for (const container of [true, false]) {
      const machine = await createMachine(network, { container });
      const look = await machine.run(['sh', '-c', 'ls -A /root /home; ls -a / | grep -c dockerenv']);
      expect(look.stdout.trim()).toBe(`/home:\n\n/root:\n${container ? 1 : 0}`);
      machine.close();
    }
  });
});
