import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BindMode, DeclaredBy, Gateway } from '../../src/types/gateway.ts';
import { expectTruth, gatewayOf, rulesOf, scan } from './clawwatch.ts';
import { spell, trueListeners } from './connect.ts';
import { lab } from './gate.ts';
import { createMachine, type Machine } from './machine.ts';
import { ADDRESS, createNetwork, type Network } from './namespaces.ts';
import { GatewayRefused, type GatewaySetup, startGateway } from './openclaw.ts';

interface Mode {
  title: string;
  setup: GatewaySetup;
  container?: boolean;
  /** Addresses of the gateway port in `ss`. */
  listens: string[];
  declared: BindMode;
  by: DeclaredBy;
  reach: Gateway['reach'];
  bindVerdict: Gateway['bindVerdict'];
  rules: string[];
  exitCode: number;
}

const quiet = { rules: [], exitCode: 0 };
const exposed = { rules: ['EXP-01'], exitCode: 1 };

const MODES: Mode[] = [
  {
    title: 'loopback',
    setup: { gateway: { bind: 'loopback' } },
    listens: ['127.0.0.1', '::1'],
    declared: 'loopback',
    by: 'config',
    reach: 'loopback',
    bindVerdict: 'as declared',
    ...quiet,
  },
  {
    title: 'nothing written, on an ordinary host',
    setup: {},
    listens: ['127.0.0.1', '::1'],
    declared: 'loopback',
    by: 'default',
    reach: 'loopback',
    bindVerdict: 'as declared',
    ...quiet,
  },
  {
    title: 'auto, on an ordinary host',
    setup: { gateway: { bind: 'auto' } },
    listens: ['127.0.0.1', '::1'],
    declared: 'auto',
    by: 'config',
    reach: 'loopback',
    bindVerdict: 'as declared',
    ...quiet,
  },
  {
    title: 'lan',
    setup: { gateway: { bind: 'lan' } },
    listens: ['0.0.0.0'],
    declared: 'lan',
    by: 'config',
    reach: 'lan',
    bindVerdict: 'as declared',
    ...exposed,
  },
  {
    title: 'tailnet',
    setup: { gateway: { bind: 'tailnet' } },
    listens: ['100.101.102.103', '127.0.0.1'],
    declared: 'tailnet',
    by: 'config',
    reach: 'tailnet',
    bindVerdict: 'as declared',
    rules: ['EXP-01'],
    exitCode: 0,
  },
  {
    title: 'custom, the LAN address',
    setup: { gateway: { bind: 'custom', customBindHost: ADDRESS.lan4 } },
    listens: ['127.0.0.1', ADDRESS.lan4],
    declared: 'custom',
    by: 'config',
    reach: 'lan',
    bindVerdict: 'as declared',
    ...exposed,
  },
  {
    title: 'auto, where a container marker lies',
    setup: { gateway: { bind: 'auto' } },
    container: true,
    listens: ['0.0.0.0'],
    declared: 'auto',
    by: 'config',
    reach: 'lan',
    bindVerdict: 'as declared',
    ...exposed,
  },
  {
    title: 'nothing written, where a container marker lies',
    setup: {},
    container: true,
    listens: ['0.0.0.0'],
    declared: 'auto',
    by: 'container default',
    reach: 'lan',
    bindVerdict: 'as declared',
    ...exposed,
  },
];

lab('a gateway in each bind mode', () => {
  let network: Network;
  let bare: Machine;
  let container: Machine;

  beforeAll(async () => {
    network = createNetwork(['lan', 'tailnet']);
    bare = await createMachine(network, { container: false });
    container = await createMachine(network, { container: true });
  });

  afterAll(() => {
    bare?.close();
    container?.close();
    network?.close();
  });

  test.each(MODES)('$title: reach $reach', async (mode) => {
    const machine = mode.container ? container : bare;
    const gateway = await startGateway(machine, mode.setup);
    try {
      expect((await trueListeners(machine)).map(spell)).toEqual(
        mode.listens.map((address) => `tcp ${address} 18789`).sort((a, b) => a.localeCompare(b)),
      );
      const before = Date.now();
      const report = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, report);

      expect(report.blindSpots.filter((spot) => spot.essential)).toEqual([]);

      const seen = gatewayOf(report, gateway);
      expect(seen).toMatchObject({
        running: true,
        pid: gateway.pid,
        stateDir: gateway.stateDir,
        confidence: 'certain',
        reach: mode.reach,
        bindVerdict: mode.bindVerdict,
        declared: { mode: mode.declared, modeBy: mode.by, port: 18789 },
        auth: { mode: 'token', strength: 'sound' },
        version: { running: '2026.9.6' },
      });
      expect(seen.since!.at).toBeLessThanOrEqual(before);
      expect(seen.since!.at).toBeGreaterThan(before - gateway.startMs - 60_000);
      expect({ rules: rulesOf(report, gateway), exitCode: report.exitCode }).toEqual({
        rules: mode.rules,
        exitCode: mode.exitCode,
      });
    } finally {
      await gateway.stop();
    }
  });

  test('a gateway that refuses to start leaves no gateway and no finding about one', async () => {
    const refused = await startGateway(bare, { gateway: { bind: 'lan', auth: { mode: 'none' } } }).catch((e) => e);
    expect(refused).toBeInstanceOf(GatewayRefused);
    expect((refused as GatewayRefused).exitCode).toBe(78);
    expect(await trueListeners(bare)).toEqual([]);
    const report = await scan(bare, { env: { HOME: bare.home('nobody') } });
    expect(report.gateways.filter((gateway) => gateway.running)).toEqual([]);
    expect(rulesOf(report)).not.toContain('EXP-01');
  });
});

lab('a host without a tailnet', () => {
  let network: Network;
  let machine: Machine;

  beforeAll(async () => {
    network = createNetwork(['lan']);
    machine = await createMachine(network, { container: false });
  });

  afterAll(() => {
    machine?.close();
    network?.close();
  });

  test('tailnet falls back to loopback silently, and ClawWatch says so', async () => {
    const gateway = await startGateway(machine, { gateway: { bind: 'tailnet' } });
    try {
      expect((await trueListeners(machine)).map(spell)).toEqual(['tcp ::1 18789', 'tcp 127.0.0.1 18789']);
      const report = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, report);
      expect(gatewayOf(report, gateway)).toMatchObject({
        reach: 'loopback',
        // That is what the mode means on this host, so it is as declared; the sentence says why it is not the tailnet.
        bindVerdict: 'as declared',
        declared: { mode: 'tailnet', addresses: ['127.0.0.1', '::1'] },
      });
      expect(gatewayOf(report, gateway).differences.join(' ')).toMatch(/tailnet|tailscale/i);
      expect(report.exitCode).toBe(0);
    } finally {
      await gateway.stop();
    }
  });

  test('custom with an address that the host does not have: OpenClaw refuses', async () => {
    const refused = await startGateway(machine, {
      gateway: { bind: 'custom', customBindHost: '192.168.50.99' },
    }).catch((e) => e);
    expect(refused).toBeInstanceOf(GatewayRefused);
    expect((refused as GatewayRefused).exitCode).toBe(1);
  });
});
