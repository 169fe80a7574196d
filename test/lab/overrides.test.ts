import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectTruth, gatewayOf, rulesOf, scan } from './clawwatch.ts';
import { spell, trueListeners } from './connect.ts';
import { lab } from './gate.ts';
import { createMachine, type Machine } from './machine.ts';
import { createNetwork, type Network } from './namespaces.ts';
import { type RunningGateway, readConfig, startGateway, untilLogged } from './openclaw.ts';

/** What OpenClaw's own tools say. They read the configuration, so they are wrong in each story of this file. */
async function officialAnswer(gateway: RunningGateway): Promise<{ bindMode: string; note: string; critical: number }> {
  const [status, audit] = await Promise.all([
    gateway.openclaw(['gateway', 'status', '--json']),
    gateway.openclaw(['security', 'audit', '--json']),
  ]);
  const { bindMode, probeNote } = (JSON.parse(status.stdout) as { gateway: { bindMode: string; probeNote: string } })
    .gateway;
  const { summary } = JSON.parse(audit.stdout) as { summary: { critical: number } };
  return { bindMode, note: probeNote, critical: summary.critical };
}

async function setBind(gateway: RunningGateway, bind: string): Promise<void> {
  const from = gateway.log().length;
  const set = await gateway.openclaw(['config', 'set', 'gateway.bind', bind]);
  expect(set.code, set.stderr).toBe(0);
  // In a foreground gateway the change leads to a restart inside the same process.
  await untilLogged(gateway, /http server listening/, from);
}

lab('a gateway whose socket is not what its configuration says', () => {
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

  test('--bind lan over a loopback configuration: the official tools say loopback, ClawWatch says LAN', async () => {
    const gateway = await startGateway(machine, { gateway: { bind: 'loopback' }, args: ['--bind', 'lan'] });
    try {
      expect((await trueListeners(machine)).map(spell)).toEqual(['tcp 0.0.0.0 18789']);
      expect(await officialAnswer(gateway)).toEqual({
        bindMode: 'loopback',
        note: expect.stringContaining('Loopback-only gateway'),
        critical: 0,
      });
      const report = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, report);
      const seen = gatewayOf(report, gateway);
      expect(seen).toMatchObject({
        reach: 'lan',
        bindVerdict: 'wider than declared',
        declared: { configMode: 'loopback' },
      });
      expect(seen.differences.join(' ')).toMatch(/status|official|report/i);
      expect(rulesOf(report, gateway)).toContain('EXP-01');
      expect(report.exitCode).toBe(1);
    } finally {
      await gateway.stop();
    }
  });

  test('loopback written while a lan gateway runs does not take, and ClawWatch says why', async () => {
    const gateway = await startGateway(machine, { gateway: { bind: 'lan' } });
    try {
      await setBind(gateway, 'loopback');
      expect(readConfig(gateway).gateway).toMatchObject({ bind: 'loopback' });
      expect((await trueListeners(machine)).map(spell)).toEqual(['tcp 0.0.0.0 18789']);
      expect(await officialAnswer(gateway)).toMatchObject({ bindMode: 'loopback', critical: 0 });
      const report = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, report);
      expect(gatewayOf(report, gateway)).toMatchObject({
        pid: gateway.pid,
        reach: 'lan',
        bindVerdict: 'wider than declared',
        declared: { mode: 'loopback', configMode: 'loopback' },
      });
      expect(gatewayOf(report, gateway).differences.join(' ')).toMatch(
        /changed after start: .* the running process keeps the one it started with/,
      );
      expect(rulesOf(report, gateway)).toContain('EXP-01');
    } finally {
      await gateway.stop();
    }
  });

  test('lan written while a loopback gateway runs: still loopback, and ClawWatch warns of the next start', async () => {
    const gateway = await startGateway(machine, { gateway: { bind: 'loopback' } });
    try {
      await setBind(gateway, 'lan');
      expect((await trueListeners(machine)).map(spell)).toEqual(['tcp ::1 18789', 'tcp 127.0.0.1 18789']);
      expect(await officialAnswer(gateway)).toMatchObject({ bindMode: 'lan' });
      const report = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, report);
      expect(gatewayOf(report, gateway)).toMatchObject({
        reach: 'loopback',
        bindVerdict: 'narrower than declared',
        declared: { mode: 'lan' },
      });
      expect(gatewayOf(report, gateway).differences.join(' ')).toMatch(/start/i);
      expect(rulesOf(report, gateway)).not.toContain('EXP-01');
    } finally {
      await gateway.stop();
    }
  });
});
