import { afterAll, beforeAll, expect, test } from 'vitest';
import { recorded, startAgent } from './agent.ts';
import { clawwatch, databasePath, rulesOf, scan } from './clawwatch.ts';
import { lab } from './gate.ts';
import { createMachine, type Machine } from './machine.ts';
import { createNetwork, type Network } from './namespaces.ts';
import { type RunningGateway, startGateway } from './openclaw.ts';

lab('the agent beside a real gateway', () => {
  let network: Network;
  let machine: Machine;
  let db: string;
  let gateway: RunningGateway;

  beforeAll(async () => {
    network = createNetwork(['lan', 'tailnet']);
    machine = await createMachine(network, { container: false });
    db = databasePath(machine);
    gateway = await startGateway(machine, { home: 'watched', gateway: { bind: 'loopback' } });
  });

  afterAll(async () => {
    await gateway?.stop();
    machine?.close();
    network?.close();
  });

  test('an exposure that begins while it runs becomes a finding with its own first time', async () => {
    const agent = await startAgent(machine, gateway.home, db);
    try {
      expect((await recorded(machine, db)).filter((finding) => finding.ruleId === 'EXP-01')).toEqual([]);
      await gateway.stop();
      const restartedAt = Date.now();
      gateway = await startGateway(machine, { home: 'watched', gateway: { bind: 'lan' } });
      const told = await agent.event(({ event, ruleId }) => event === 'finding' && ruleId === 'EXP-01');
      const [finding] = (await recorded(machine, db)).filter((one) => one.ruleId === 'EXP-01');
      expect(finding).toMatchObject({ status: 'open', id: told.id });
      expect(finding!.firstAt).toBeGreaterThan(restartedAt);
      expect(finding!.firstAt).toBeLessThanOrEqual(told.at);
    } finally {
      expect(await agent.end('SIGTERM')).toMatchObject({ code: 0, signal: null });
    }
  });

  test('kill -9 at any point loses no finding, and the next start needs no repair', async () => {
    const before = (await recorded(machine, db)).find((finding) => finding.ruleId === 'EXP-01')!;
    for (let round = 0; round < 5; round++) {
      const agent = await startAgent(machine, gateway.home, db, '250ms');
      // Somewhere within a few looks, and in another place of the look each time.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
      expect(await agent.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
      const after = (await recorded(machine, db)).find((finding) => finding.ruleId === 'EXP-01');
      expect(after).toMatchObject({ fingerprint: before.fingerprint, firstAt: before.firstAt });
      expect(after!.count).toBeGreaterThanOrEqual(before.count);
    }
    const report = await scan(machine, { db, env: { HOME: gateway.home } });
    expect(rulesOf(report)).toContain('EXP-01');
  });

  test('a second agent on the same database is refused, and the first goes on', async () => {
    const agent = await startAgent(machine, gateway.home, db);
    try {
      const second = await clawwatch(machine, ['agent', 'run', '--db', db], { env: { HOME: gateway.home } });
      expect(second.code).toBe(2);
      expect(second.stderr).toContain(String(agent.child.pid));
      expect(agent.child.exitCode).toBeNull();
    } finally {
      expect(await agent.end('SIGTERM')).toMatchObject({ code: 0 });
    }
  });

  test('the finding ends when the gateway comes back on loopback', async () => {
    const agent = await startAgent(machine, gateway.home, db);
    try {
      await agent.event(({ event, ruleId }) => event === 'finding' && ruleId === 'EXP-01');
      await gateway.stop();
      gateway = await startGateway(machine, { home: 'watched', gateway: { bind: 'loopback' } });
      await agent.event(({ event, ruleId }) => event === 'ended' && ruleId === 'EXP-01');
      const finding = (await recorded(machine, db)).find((one) => one.ruleId === 'EXP-01');
      expect(finding).toMatchObject({ status: 'resolved', resolvedAt: expect.any(Number) });
    } finally {
      expect(await agent.end('SIGTERM')).toMatchObject({ code: 0 });
    }
  });
});
