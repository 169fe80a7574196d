import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStoreReader } from '../../src/store/reader.ts';
import type { Connection, Owner } from '../../src/types/snapshot.ts';
import { type Agent, startAgent } from './agent.ts';
import { exec, installSkill, recordedTo, startAssistant, turn } from './assistant.ts';
import { clawwatch, databasePath } from './clawwatch.ts';
import { lab } from './gate.ts';
import { createInternet, type Internet } from './internet.ts';
import { SINK_ADDRESS } from './internet-names.ts';
import { SINK_PORTS } from './internet-server.ts';
import { createMachine, type Machine } from './machine.ts';
import { createNetwork, type Network } from './namespaces.ts';
import type { RunningGateway } from './openclaw.ts';
import { type RunningSensor, startSensor } from './sensor.ts';

/** One datagram and the end: there is no socket for any look to see. */
const ONE_DATAGRAM = `python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('${SINK_ADDRESS}', ${SINK_PORTS.udp}))"`;

lab('a sensor beside a real gateway', () => {
  let network: Network;
  let machine: Machine;
  let internet: Internet;
  let gateway: RunningGateway;
  let sensor: RunningSensor;
  let agent: Agent;
  let db: string;

  beforeAll(async () => {
    network = createNetwork(['internet']);
    machine = await createMachine(network, { container: false });
    internet = await createInternet(network, machine);
    db = databasePath(machine);
    sensor = await startSensor(machine);
    gateway = await startAssistant(machine, internet, { home: 'watched', env: { SHELL: '/bin/bash' } });
    const script = installSkill(gateway, 'metrics', 0);
    agent = await startAgent(machine, gateway.home, db, '5s');

    await turn(gateway, exec('curl -s https://cdn-sync.test/'));
    await turn(gateway, exec(`python3 ${script}`));
    await turn(gateway, exec("setsid nohup sh -c '(curl -s https://agent-hub.test/ &)' >/dev/null 2>&1 & echo ok"));
    await turn(gateway, exec(ONE_DATAGRAM));
    await machine.run(['curl', '-s', 'https://notes-sync.test/']);
    await delay(6000);
  });

  afterAll(async () => {
    await agent?.end('SIGTERM');
    await sensor?.end('SIGTERM');
    await gateway?.stop();
    internet?.close();
    machine?.close();
    network?.close();
  });

  const familyTo = (name: string): Connection[] =>
    recordedTo(machine, db, name)
      .map(({ connection }) => connection)
      .filter(({ gatewayId }) => gatewayId !== undefined);

  const STORIES: { title: string; host: string; owner: Partial<Owner> }[] = [
    { title: 'curl in exec', host: 'cdn-sync.test', owner: { role: 'exec' } },
    { title: 'a script of a skill', host: 'skillmetrics.test', owner: { role: 'skill', skill: 'metrics' } },
    { title: 'a child that left the tree at once', host: 'agent-hub.test', owner: { role: 'detached' } },
  ];

  test.each(STORIES)('$title, too short for any look, is on record with owner and name', ({ host, owner }) => {
    const connections = familyTo(host);
    expect(connections.map(({ attempts = 1 }) => attempts)).toEqual([1]);
    expect(connections[0]).toMatchObject({
      direction: 'outbound',
      protocol: 'tcp',
      remote: { port: 443 },
      owner,
      destination: { name: host, confidence: 'certain' },
      verdict: 'unknown',
    });
  });

  test('a single datagram is on record', () => {
    const [datagram, ...more] = familyTo(SINK_ADDRESS).filter(({ protocol }) => protocol === 'udp');
    expect(more).toEqual([]);
    expect(datagram).toMatchObject({ remote: { port: SINK_PORTS.udp }, owner: { role: 'exec' }, verdict: 'unknown' });
  });

  test('a stranger is nobody of OpenClaw', () => {
    expect(familyTo('notes-sync.test')).toEqual([]);
  });

  test('the sensor has no right left, and says so to those who ask', async () => {
    const status = readFileSync(`/proc/${sensorPid()}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+61111\s+61111\s+61111\s+61111$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^Groups:\s*$/m);
    const answer = await clawwatch(machine, ['sensor', 'status', '--json']);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      verdict: 'OK',
      status: { sources: expect.arrayContaining(['tcp', 'processes', 'datagrams', 'names']), counts: { lost: 0 } },
    });
    const stranger = await clawwatch(machine, ['sensor', 'status', '--json'], { uid: 5001 });
    expect(stranger.code).toBe(3);
  });

  test('killed, it leaves nothing on, the agent goes on, and the gap is on record', async () => {
    await sensor.end('SIGKILL');
    await delay(2500);
    expect(readdirSync('/sys/kernel/tracing/instances').filter((name) => name.includes(String(sensorPid())))).toEqual(
      [],
    );
    expect((await clawwatch(machine, ['sensor', 'status'])).code).toBe(3);
    sensor = await startSensor(machine);
    await delay(6500);
    const reader = openStoreReader({ path: db });
    const periods = reader.blindPeriods(0).map(({ cause }) => cause);
    reader.close();
    expect(periods).toContainEqual(expect.stringContaining('the sensor went away'));
  });

  /** The shell between us and the program replaces itself, so this is the program. */
  function sensorPid(): number {
    return sensor.child.pid!;
  }
});
