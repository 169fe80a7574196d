import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectTruth, gatewayOf, rulesOf, scan } from './clawwatch.ts';
import { trueListeners } from './connect.ts';
import { lab } from './gate.ts';
import { NODE } from './install.ts';
import { createMachine, type Machine, spawnIn } from './machine.ts';
import { ADDRESS, createNetwork, type Network } from './namespaces.ts';
import { fakeModel, MODEL_PORT, type RunningGateway, startGateway } from './openclaw.ts';

/** One turn of the agent, scripted: the real gateway asks the fake model, which answers with this tool call. */
async function agentTurn(gateway: RunningGateway, call: { name: string; args: object }): Promise<void> {
  const message = `please DO:${JSON.stringify(call)}`;
  const done = await gateway.openclaw(['agent', '--agent', 'main', '--message', message, '--json'], 120_000);
  expect(done.code, done.stderr).toBe(0);
}

/** Bounded: five seconds at most. Bash opens the connection itself. */
const UNTIL_7777 = 'for i in $(seq 100); do (: </dev/tcp/127.0.0.1/7777) 2>/dev/null && break; sleep 0.05; done';

lab('a server with a public address', () => {
  let network: Network;
  let machine: Machine;

  beforeAll(async () => {
    network = createNetwork(['lan', 'internet']);
    machine = await createMachine(network, { container: false });
    const script = join(import.meta.dirname, 'fake-model.ts');
    const model = spawnIn(network.inet, [NODE, script, ADDRESS.inetPeer4, String(MODEL_PORT)]);
    await once(model.stdout!, 'data');
  });

  afterAll(() => {
    machine?.close();
    network?.close();
  });

  test('lan means the internet there, over IPv4 and not over IPv6; a portal of the agent is found as well', async () => {
    const gateway = await startGateway(machine, { gateway: { bind: 'lan' }, config: fakeModel(ADDRESS.inetPeer4) });
    try {
      const before = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, before);
      expect(gatewayOf(before, gateway)).toMatchObject({ reach: 'public', bindVerdict: 'as declared' });
      expect(rulesOf(before, gateway)).toContain('EXP-02');
      expect(before.listeners.filter((socket) => socket.service === 'portal')).toEqual([]);

      await agentTurn(gateway, { name: 'portal', args: { action: 'open', port: 3000 } });
      const opened = (await trueListeners(machine)).filter((socket) => socket.port !== 18789);
      expect(opened).toMatchObject([{ protocol: 'tcp', address: '0.0.0.0' }]);
      const portalPort = opened[0]!.port;

      const after = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, after, [18789, portalPort]);
      const portal = after.listeners.find((socket) => socket.local.port === portalPort);
      expect(portal).toMatchObject({
        service: 'portal',
        reach: 'public',
        owner: { pid: gateway.pid, role: 'gateway' },
      });
      expect(gatewayOf(after, gateway).otherListeners).toContain(portal!.key);
    } finally {
      await gateway.stop();
    }
  });

  test('a listener of an exec child is attributed to the agent, even once it has left the tree', async () => {
    const gateway = await startGateway(machine, {
      gateway: { bind: 'loopback' },
      config: fakeModel(ADDRESS.inetPeer4),
    });
    try {
      const serve = `node -e "require('net').createServer().listen(7777, '0.0.0.0')"`;
      await agentTurn(gateway, {
        name: 'exec',
        args: { command: `setsid nohup ${serve} >/dev/null 2>&1 & ${UNTIL_7777}` },
      });
      expect((await trueListeners(machine)).map((socket) => socket.port)).toContain(7777);
      const report = await scan(machine, { env: { HOME: gateway.home } });
      await expectTruth(network, machine, report, [18789, 7777]);
      const shell = report.listeners.find((socket) => socket.local.port === 7777);
      expect(shell?.gatewayId).toBe(gatewayOf(report, gateway).id);
      expect(shell?.owner).toMatchObject({ role: 'detached' });
      // The model of the lab is spoken to without encryption, at an address that stands for the internet.
      expect(rulesOf(report, gateway)).toEqual(['EXP-09', 'POS-07']);
      expect(report.exitCode).toBe(1);
    } finally {
      await gateway.stop();
    }
  });
});
