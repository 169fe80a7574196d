import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgent } from './agent.ts';
import { endLearning, exec, firstContacts, installSkill, recordedTo, startAssistant, turn } from './assistant.ts';
import { clawwatch, databasePath } from './clawwatch.ts';
import { lab } from './gate.ts';
import { createInternet, type Internet } from './internet.ts';
import { addressOf } from './internet-names.ts';
import { createMachine, type Machine } from './machine.ts';
import { createNetwork, type Network } from './namespaces.ts';
import type { RunningGateway } from './openclaw.ts';

/** How long a fresh OpenClaw is watched; ten minutes by hand: `CLAWWATCH_LAB_QUIET_SECONDS=600`. */
const QUIET_MS = Number(process.env.CLAWWATCH_LAB_QUIET_SECONDS ?? 60) * 1000;

/** How many of the ten rounds restart the gateway as well; all of them by hand, since each takes a quarter of a minute. */
const GATEWAY_RESTARTS = Number(process.env.CLAWWATCH_LAB_GATEWAY_RESTARTS ?? 3);

lab('a contact that nobody knows', () => {
  let network: Network;
  let machine: Machine;
  let internet: Internet;
  let gateway: RunningGateway;
  let db: string;
  let script: string;

  const contactsTold = (record = db) => firstContacts(machine, record, gateway);

  /** One look after another while something happens, and one more. */
  async function watched(work: () => Promise<unknown>): Promise<void> {
    const agent = await startAgent(machine, gateway.home, db, '1s');
    try {
      await work();
      await delay(1100);
    } finally {
      expect(await agent.end('SIGTERM')).toMatchObject({ code: 0 });
    }
  }

  async function policy(...args: string[]): Promise<PolicyAnswer> {
    const output = await clawwatch(machine, [...args, '--json', '--db', db], { env: { HOME: gateway.home } });
    expect(output.code, output.stderr).toBe(0);
    return JSON.parse(output.stdout) as PolicyAnswer;
  }

  const runSkill = () => turn(gateway, exec(`python3 ${script}`));

  beforeAll(async () => {
    network = createNetwork(['internet']);
    machine = await createMachine(network, { container: false });
    // Without this line the name would be unknown, for nothing here watches DNS or TLS.
    internet = await createInternet(network, machine, {
      hosts: [`${addressOf('skillmetrics.test')} skillmetrics.test`],
    });
    db = databasePath(machine);
    gateway = await startAssistant(machine, internet, { home: 'fresh' });
  });

  afterAll(async () => {
    await gateway?.stop();
    internet?.close();
    machine?.close();
    network?.close();
  });

  test(
    'a fresh OpenClaw with one channel and one provider contacts nobody unknown',
    async () => {
      const since = Date.now();
      await watched(async () => {
        await turn(gateway, exec('true'));
        await delay(Math.max(0, since + QUIET_MS - Date.now()));
      });
      expect(await contactsTold()).toEqual([]);
      expect(recordedTo(machine, db, 'api.telegram.org')).not.toEqual([]);
    },
    QUIET_MS + 120_000,
  );

  test('the first look at one that runs already has none either', async () => {
    const other = databasePath(machine);
    const agent = await startAgent(machine, gateway.home, other, '1s');
    await delay(5000);
    await agent.end('SIGTERM');
    expect(await contactsTold(other)).toEqual([]);
  });

  test('after learning, one added skill that contacts skillmetrics.test is one finding', async () => {
    endLearning(db);
    script = installSkill(gateway, 'metrics');
    await watched(runSkill);
    const contacts = await contactsTold();
    expect(contacts).toHaveLength(1);
    expect(contacts[0]).toMatchObject({
      subject: 'skill metrics',
      status: 'open',
      severity: 'low',
      title: expect.stringContaining('skillmetrics.test'),
    });
    expect(contacts[0]!.evidence).toContainEqual({ label: 'name from', value: 'the hosts file' });
  });

  test('ten restarts of agent and skill, and some of the gateway, make no second one', async () => {
    const [before] = await contactsTold();
    for (let round = 1; round <= 10; round++) {
      if (round <= GATEWAY_RESTARTS) {
        await gateway.stop();
        gateway = await startAssistant(machine, internet, { home: 'fresh' });
      }
      await watched(runSkill);
    }
    const contacts = await contactsTold();
    expect(contacts).toHaveLength(1);
    expect(contacts[0]).toMatchObject({ id: before!.id, fingerprint: before!.fingerprint, firstAt: before!.firstAt });
    const runs = recordedTo(machine, db, 'skillmetrics.test').filter(
      ({ connection }) => connection.verdict === 'unknown',
    );
    // Polling sees what lives four seconds, on a machine that is not too busy.
    expect(runs.length).toBeGreaterThan(8);
  }, 900_000);

  test('the user tries a rule, then allows the host for this skill: it ends, and stays silent', async () => {
    const asked = await policy('policy', 'test', 'skillmetrics.test', '--skill', 'metrics');
    const connections = recordedTo(machine, db, 'skillmetrics.test').filter(
      ({ connection }) => connection.owner !== undefined,
    );
    expect(asked).toMatchObject({ bySeverity: { low: 1 }, connections: connections.length });
    expect(asked.contacts).toEqual([{ subject: 'skill metrics', destination: 'skillmetrics.test' }]);
    expect(await policy('policy', 'test', 'skillmetrics.test', '--skill', 'weather')).toMatchObject({ connections: 0 });
    expect((await contactsTold())[0]).toMatchObject({ status: 'open' });

    const limits = ['--skill', 'metrics', '--for', '24h', '--reason', 'it counts for us'];
    expect(await policy('allow', 'skillmetrics.test', ...limits)).toMatchObject({ contacts: 1 });
    await watched(runSkill);
    const contacts = await contactsTold();
    expect(contacts.map(({ status }) => status)).toEqual(['resolved']);
    expect(recordedTo(machine, db, 'skillmetrics.test')[0]!.connection).toMatchObject({
      verdict: 'approved',
      verdictReason: expect.stringContaining('it counts for us'),
    });
  });

  test('the rule ends: the contact is told again, and a suppressed finding is not', async () => {
    const { rules } = await policy('policy', 'list');
    await policy('policy', 'remove', String(rules![0]!.id));
    await watched(runSkill);
    const [finding] = await contactsTold();
    expect(finding).toMatchObject({ status: 'open' });

    await policy('suppress', finding!.id, '--for', '24h', '--reason', 'seen');
    await watched(runSkill);
    const contacts = await contactsTold();
    expect(contacts.map(({ id, status }) => ({ id, status }))).toEqual([{ id: finding!.id, status: 'suppressed' }]);
  });
});

interface PolicyAnswer {
  connections?: number;
  contacts?: unknown;
  rules?: { id: number }[];
}
