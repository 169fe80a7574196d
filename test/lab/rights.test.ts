import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clawwatch, databasePath, expectTruth, gatewayOf, reportOf, rulesOf, scan } from './clawwatch.ts';
import { lab } from './gate.ts';
import { NODE } from './install.ts';
import { collect, createMachine, type Machine } from './machine.ts';
import { createNetwork, LAB_PUBLIC, type Network } from './namespaces.ts';
import { type RunningGateway, startGateway } from './openclaw.ts';

const OWNER = 12_345;
const STRANGER = 12_346;

lab('the same exposed gateway, seen with different rights', () => {
  let network: Network;
  let machine: Machine;
  let gateway: RunningGateway;

  beforeAll(async () => {
    network = createNetwork(['lan', 'tailnet']);
    machine = await createMachine(network, { container: false });
    gateway = await startGateway(machine, { uid: OWNER, home: 'owner', gateway: { bind: 'lan' } });
  });

  afterAll(async () => {
    await gateway?.stop();
    machine?.close();
    network?.close();
  });

  test('its owner, without any privilege, gets the full verdict', async () => {
    const report = await scan(machine, { uid: OWNER, env: { HOME: gateway.home } });
    await expectTruth(network, machine, report);
    expect(gatewayOf(report, gateway)).toMatchObject({
      running: true,
      pid: gateway.pid,
      reach: 'lan',
      bindVerdict: 'as declared',
      declared: { mode: 'lan', modeBy: 'config' },
      auth: { strength: 'sound' },
    });
    expect(report.blindSpots.filter((spot) => spot.essential)).toEqual([]);
    expect(rulesOf(report, gateway)).toContain('EXP-01');
    expect(report).toMatchObject({ verdict: 'EXPOSED', exitCode: 1 });
  });

  test('a user who owns nothing of it never reads "OK": the port is open and its owner unknown', async () => {
    const report = await scan(machine, { uid: STRANGER, env: { HOME: machine.home('stranger', STRANGER) } });
    await expectTruth(network, machine, report);
    expect(report.verdict).not.toBe('OK');
    expect([1, 3]).toContain(report.exitCode);
    expect(report.blindSpots.length).toBeGreaterThan(0);
    for (const spot of report.blindSpots) expect(spot.fix ?? spot.why).not.toBe('');
    const listener = report.listeners.find((socket) => socket.local.port === 18789);
    expect(listener).toMatchObject({ reach: 'lan', uid: OWNER });
  });

  test('root gets the same verdict as the owner, with a home folder of its own', async () => {
    const report = await scan(machine, { env: { HOME: machine.home('root-home') } });
    await expectTruth(network, machine, report);
    const seen = report.gateways.find((candidate) => candidate.pid === gateway.pid);
    expect(seen).toMatchObject({ running: true, reach: 'lan', bindVerdict: 'as declared', stateDir: gateway.stateDir });
    expect(
      report.findings.filter((finding) => finding.gatewayId === seen!.id).map((finding) => finding.ruleId),
    ).toContain('EXP-01');
  });

  test('from outside, in another network namespace, the gateway is seen with its own addresses', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clawwatch-lab-outside-'));
    try {
      const starter = join(import.meta.dirname, '..', '..', 'bin', 'clawwatch.cjs');
      const child = spawn(NODE, [starter, 'scan', '--all', '--json', '--db', join(folder, 'clawwatch.db')], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH, HOME: folder, CLAWWATCH_LAB_PUBLIC: LAB_PUBLIC },
      });
      const report = reportOf(await collect(child, 60_000));
      const seen = report.gateways.find((candidate) => candidate.pid === gateway.pid);
      expect(seen).toMatchObject({ running: true, declared: { mode: 'lan', port: 18789 } });
      const listener = report.listeners.find((socket) => socket.netns === machine.netns && socket.local.port === 18789);
      expect(listener).toMatchObject({ local: { address: '0.0.0.0' }, owner: { pid: gateway.pid, role: 'gateway' } });
      expect(listener!.place).not.toBe('host');
      expect(seen!.gatewayListeners).toContain(listener!.key);
      expect(report.exitCode).not.toBe(0);
      await expectTruth(network, machine, report);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('the screen names the gateway, its reach and the fix, and no colour where none is wanted', async () => {
    const db = databasePath(machine, OWNER);
    const output = await clawwatch(machine, ['scan', '--db', db], {
      uid: OWNER,
      env: { HOME: gateway.home, NO_COLOR: '1' },
    });
    expect(output.code).toBe(1);
    expect(output.stdout).toMatch(/EXPOSED .*pid \d+[\s\S]*0\.0\.0\.0:18789 +reachable from LAN 192\.168\.50\.0\/24/);
    expect(output.stdout).toMatch(/openclaw config set gateway\.bind loopback/);
    expect(output.stdout).not.toContain('\u001b[');
  });
});
