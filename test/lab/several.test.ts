import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectTruth, gatewayOf, listenerNames, rulesOf, scan } from './clawwatch.ts';
import { spell, trueListeners } from './connect.ts';
import { lab } from './gate.ts';
import { createMachine, MACHINE_NODE, type Machine } from './machine.ts';
import { ADDRESS, createNetwork, type Network } from './namespaces.ts';
import { lockFiles, startGateway } from './openclaw.ts';

/** A program that is not OpenClaw listens; resolves once it does. */
async function listener(machine: Machine, options: object): Promise<{ pid: number; kill(): Promise<void> }> {
  const script = `require('net').createServer().listen(${JSON.stringify(options)}, () => console.log('on'))`;
  const child = machine.spawn([MACHINE_NODE, '-e', script]);
  await once(child.stdout!, 'data');
  return {
    pid: child.pid!,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

lab('more than one gateway, and what looks like one', () => {
  let network: Network;
  let machine: Machine;

  beforeAll(async () => {
    network = createNetwork(['lan', 'tailnet']);
    machine = await createMachine(network, { container: false });
  });

  afterAll(() => {
    machine?.close();
    network?.close();
  });

  test('two gateways of one user: the default one on loopback, profile "ops" on its derived port and the LAN', async () => {
    const [first, ops] = await Promise.all([
      startGateway(machine, { home: 'pair', gateway: { bind: 'loopback' } }),
      startGateway(machine, { home: 'pair', profile: 'ops', port: 55291, gateway: { bind: 'lan' } }),
    ]);
    try {
      const report = await scan(machine, { env: { HOME: first.home } });
      await expectTruth(network, machine, report, [18789, 55291]);
      expect(gatewayOf(report, first)).toMatchObject({
        pid: first.pid,
        reach: 'loopback',
        declared: { port: 18789 },
      });
      expect(gatewayOf(report, ops)).toMatchObject({
        pid: ops.pid,
        stateDir: ops.stateDir,
        reach: 'lan',
        declared: { mode: 'lan', port: 55291 },
      });
      expect(rulesOf(report, ops)).toContain('EXP-01');
      expect(rulesOf(report, first)).not.toContain('EXP-01');
    } finally {
      await Promise.all([first.stop(), ops.stop()]);
    }
  });

  test('a gateway that was killed leaves its locks behind and is not taken for a running one', async () => {
    const gateway = await startGateway(machine, { gateway: { bind: 'lan' } });
    await gateway.stop('SIGKILL');
    expect(lockFiles(gateway)).toHaveLength(2);
    const report = await scan(machine, { env: { HOME: gateway.home } });
    await expectTruth(network, machine, report);
    const seen = gatewayOf(report, gateway);
    expect(seen.running).toBe(false);
    expect(seen.bindVerdict).toBe('not listening');
    expect(rulesOf(report, gateway)).not.toContain('EXP-01');
  });

  test("a stranger on the LAN address of the gateway's port is called a squatter", async () => {
    const gateway = await startGateway(machine, { gateway: { bind: 'loopback' } });
    const squatter = await listener(machine, { host: ADDRESS.lan4, port: 18789 });
    try {
      expect((await trueListeners(machine)).map(spell)).toContain(`tcp ${ADDRESS.lan4} 18789`);
      const report = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, report);
      expect(gatewayOf(report, gateway)).toMatchObject({ pid: gateway.pid, reach: 'loopback' });
      expect(rulesOf(report, gateway)).toContain('EXP-09');
      expect(rulesOf(report, gateway)).not.toContain('EXP-01');
      const foreign = report.listeners.find((socket) => socket.local.address === ADDRESS.lan4);
      expect(foreign?.owner?.pid).toBe(squatter.pid);
      expect(report.exitCode).toBe(1);
    } finally {
      await squatter.kill();
      await gateway.stop();
    }
  });

  test('listeners of other programs, on both families, answer where ClawWatch says', async () => {
    const programs = [
      await listener(machine, { host: '::', port: 7001 }),
      await listener(machine, { host: '::', port: 7002, ipv6Only: true }),
      await listener(machine, { host: '0.0.0.0', port: 7003 }),
      await listener(machine, { host: ADDRESS.lan6, port: 7004 }),
      await listener(machine, { host: '127.0.0.1', port: 7005 }),
    ];
    try {
      const report = await scan(machine, { env: { HOME: machine.home('others') } });
      await expectTruth(network, machine, report, [7001, 7002, 7003, 7004, 7005]);
      // netstat knows nothing of namespaces: everything it sees is its own.
      const byNetstat = await scan(machine, {
        env: { HOME: machine.home('others') },
        args: ['--collector', 'netstat'],
      });
      expect(listenerNames(byNetstat)).toEqual(listenerNames(report, machine));
      expect(report.gateways.filter((gateway) => gateway.running)).toEqual([]);
      expect(report.findings.filter((finding) => finding.severity !== 'info')).toEqual([]);
    } finally {
      for (const program of programs) await program.kill();
    }
  });
});
