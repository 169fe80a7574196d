import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedHosts } from '../../src/enrich/egress/expected-hosts.ts';
import type { Destination, EgressVerdict } from '../../src/types/egress.ts';
import type { GatewayFact } from '../../src/types/gateway.ts';
import type { Connection, Owner } from '../../src/types/snapshot.ts';
import { type Agent, startAgent } from './agent.ts';
import { exec, installSkill, recordedTo, startAssistant, turn } from './assistant.ts';
import { clawwatch, databasePath } from './clawwatch.ts';
import { lab } from './gate.ts';
import { createInternet, type Internet } from './internet.ts';
import { addressOf, MODEL_NAME, SINK_ADDRESS } from './internet-names.ts';
import { SINK_PORTS } from './internet-server.ts';
import { createMachine, MACHINE_NODE, type Machine } from './machine.ts';
import { createNetwork, type Network } from './namespaces.ts';
import { type RunningGateway, readConfig } from './openclaw.ts';

/** Names that nothing expects; each is asked for by the process that wants to go there, once for A and once for AAAA. */
const UNKNOWN_NAMES = ['cdn-sync.test', 'skillmetrics.test', 'agent-hub.test', 'pages.test', 'api.open-meteo.com'];

/** A connected UDP socket and a TCP connection, both to a bare address, for eight seconds. */
const TO_SINKS = `
const udp = require('dgram').createSocket('udp4');
udp.connect(${SINK_PORTS.udp}, '${SINK_ADDRESS}', () => udp.send('lab'));
require('net').connect(${SINK_PORTS.tcp}, '${SINK_ADDRESS}').write('x'.repeat(50000));
setTimeout(() => process.exit(), 8000);`.replaceAll('\n', ' ');

lab('what a real agent contacts', () => {
  let network: Network;
  let machine: Machine;
  let internet: Internet;
  let gateway: RunningGateway;
  let agent: Agent;
  let db: string;
  let unrelated: Connection[] = [];

  beforeAll(async () => {
    network = createNetwork(['internet']);
    machine = await createMachine(network, { container: false });
    internet = await createInternet(network, machine, {
      hosts: [`${addressOf('api.open-meteo.com')} api.open-meteo.com`],
    });
    db = databasePath(machine);
    gateway = await startAssistant(machine, internet, { home: 'watched', mcp: true, env: { SHELL: '/bin/bash' } });
    const script = installSkill(gateway, 'metrics');
    agent = await startAgent(machine, gateway.home, db, '1s');

    await turn(gateway, exec('curl -s https://cdn-sync.test/hold=8'));
    await turn(gateway, exec(`python3 ${script}`));
    await turn(
      gateway,
      exec("setsid nohup sh -c 'sleep 2; curl -s https://agent-hub.test/hold=8' >/dev/null 2>&1 & echo ok"),
    );
    await turn(gateway, exec(`${MACHINE_NODE} -e "${TO_SINKS}"`));
    await turn(gateway, { name: 'lab__forecast', args: {} });
    await turn(gateway, { name: 'web_fetch', args: { url: 'https://pages.test/hold=8' } });

    const familyUntil = Date.now();
    const strangers = ['skillmetrics.test/hold=8', 'api.telegram.org/bot0:nobody/getUpdates?timeout=8'].map((place) =>
      machine.run(['curl', '-s', `https://${place}`]),
    );
    expect((await Promise.all(strangers)).map(({ code }) => code)).toEqual([0, 0]);
    unrelated = ['skillmetrics.test', 'api.telegram.org'].flatMap((name) =>
      recordedTo(machine, db, name)
        // The gateway itself polls Telegram anew meanwhile.
        .filter(({ firstAt, connection }) => firstAt > familyUntil && connection.owner?.role !== 'gateway')
        .map(({ connection }) => connection),
    );
    await agent.end('SIGTERM');
  });

  afterAll(async () => {
    await gateway?.stop();
    internet?.close();
    machine?.close();
    network?.close();
  });

  const familyTo = (name: string) =>
    recordedTo(machine, db, name)
      .map(({ connection }) => connection)
      .filter(({ gatewayId }) => gatewayId !== undefined);

  interface Story {
    title: string;
    host: string;
    owner: Partial<Owner>;
    destination: Destination;
    verdict: EgressVerdict;
    reason: RegExp;
    tool?: Connection['toolCall'];
  }

  // Nothing here watches DNS or TLS, so a name is known from the hosts file, from the configuration, or as a claim.
  const claimed = { ageMs: 0, confidence: 'possible', claimed: true } as const;
  const STORIES: Story[] = [
    {
      title: 'curl in exec: a command without a skill; its host is only what the call says',
      host: 'cdn-sync.test',
      owner: { role: 'exec', confidence: 'certain' },
      destination: { name: 'cdn-sync.test', domain: 'cdn-sync.test', source: 'tool-call', ...claimed },
      verdict: 'unknown',
      reason: /only the process itself names the host/,
      tool: { tool: 'exec', id: expect.any(String), confidence: 'certain' },
    },
    {
      title: 'a script of a skill: the skill by its path; a host in its text is not known',
      host: 'skillmetrics.test',
      owner: { role: 'skill', skill: 'metrics', confidence: 'certain' },
      destination: {},
      verdict: 'unknown',
      reason: /no name is known/,
      tool: { tool: 'exec', id: expect.any(String), confidence: 'certain' },
    },
    {
      title: 'a daemonised child that connects later: detached, and of no call that is certain',
      host: 'agent-hub.test',
      owner: { role: 'detached', confidence: 'likely' },
      destination: { name: 'agent-hub.test', domain: 'agent-hub.test', source: 'argv', ...claimed },
      verdict: 'unknown',
      reason: /only the process itself names the host/,
    },
    {
      title: 'a stdio MCP server: its own role, and the host by the hosts file',
      host: 'api.open-meteo.com',
      owner: { role: 'mcp', confidence: 'certain' },
      destination: {
        name: 'api.open-meteo.com',
        domain: 'open-meteo.com',
        source: 'hosts',
        ageMs: 0,
        confidence: 'likely',
      },
      verdict: 'unknown',
      reason: /not in the configuration/,
      tool: { tool: 'lab__forecast', id: expect.any(String), confidence: 'likely' },
    },
    {
      title: 'web_fetch: the gateway itself, for this call',
      host: 'pages.test',
      owner: { role: 'gateway', confidence: 'certain' },
      destination: { name: 'pages.test', domain: 'pages.test', source: 'tool-call', ...claimed },
      verdict: 'unknown',
      reason: /web_fetch/,
      tool: { tool: 'web_fetch', id: expect.any(String), confidence: 'likely' },
    },
    {
      title: 'the long poll of Telegram: expected, since the channel is configured',
      host: 'api.telegram.org',
      owner: { role: 'gateway', confidence: 'certain' },
      destination: expectedName('api.telegram.org', 'telegram.org'),
      verdict: 'expected',
      reason: /^channels\.telegram is enabled/,
    },
    {
      title: 'the model: expected by the base URL of its provider',
      host: MODEL_NAME,
      owner: { role: 'gateway', confidence: 'certain' },
      destination: expectedName(MODEL_NAME, MODEL_NAME),
      verdict: 'expected',
      reason: /^models\.providers\.fake\.baseUrl/,
    },
  ];

  test.each(STORIES)('$title', ({ host, owner, destination, verdict, reason, tool }) => {
    // A connection that closed while the names of expected hosts were still being asked for has none.
    const connections = familyTo(host).filter((each) => verdict !== 'expected' || each.destination?.name !== undefined);
    expect(connections).not.toEqual([]);
    for (const connection of connections) {
      expect(connection).toMatchObject({ direction: 'outbound', remote: { port: 443 }, owner, verdict });
      expect(connection.owner!.skill).toBe(owner.skill);
      expect(connection.destination).toEqual(destination);
      expect(connection.verdictReason).toMatch(reason);
      expect(connection.toolCall).toEqual(tool);
    }
  });

  test('a bare address over TCP and UDP: a command, and no name that it could have', () => {
    const connections = familyTo(SINK_ADDRESS);
    const ends = connections.map(({ protocol, remote }) => `${protocol} ${remote!.port}`);
    expect(ends.sort()).toEqual([`tcp ${SINK_PORTS.tcp}`, `udp ${SINK_PORTS.udp}`]);
    for (const connection of connections) {
      expect(connection).toMatchObject({ direction: 'outbound', owner: { role: 'exec' }, destination: {} });
      expect(connection.destination).toEqual({});
      expect(connection).toMatchObject({ verdict: 'unknown', toolCall: { tool: 'exec' } });
    }
  });

  test('bytes are counted where a connection lasts', () => {
    const polls = familyTo('api.telegram.org').map(({ bytesOut = 0, bytesIn = 0 }) => Math.min(bytesOut, bytesIn));
    expect(Math.max(...polls)).toBeGreaterThan(100);
  });

  test('a process of the user to the same hosts is nobody of OpenClaw', () => {
    expect(unrelated.map(({ remote }) => remote!.address).sort()).toEqual(
      ['api.telegram.org', 'skillmetrics.test'].map(addressOf),
    );
    for (const connection of unrelated) {
      expect(connection.gatewayId).toBeUndefined();
      expect(connection.owner?.role ?? 'other').toBe('other');
      expect(connection.destination).toBeUndefined();
      expect(connection.verdict).toBeUndefined();
    }
  });

  test('ClawWatch never asks for an unknown name, nor for the name of an address', () => {
    const questions = internet.questions();
    expect(questions.filter(({ type }) => type === 'PTR')).toEqual([]);
    const askedFor = (name: string) => questions.filter((question) => question.name === name).map(({ type }) => type);
    // As many questions as processes went there; the hosts file answers the other name.
    const counts = UNKNOWN_NAMES.map((name) => [name, askedFor(name).toSorted()]);
    expect(counts).toEqual([
      ['cdn-sync.test', ['A', 'AAAA']],
      ['skillmetrics.test', ['A', 'A', 'AAAA', 'AAAA']],
      ['agent-hub.test', ['A', 'AAAA']],
      ['pages.test', ['A', 'AAAA']],
      ['api.open-meteo.com', []],
    ]);
  });

  test('what ClawWatch asks for by itself is in the configuration or in the list of hosts of OpenClaw', async () => {
    const since = Date.now();
    const held = machine.run(['curl', '-s', `https://skillmetrics.test/hold=8`]);
    await clawwatch(machine, ['scan', '--json', '--db', db], { env: { HOME: gateway.home } });
    await held;
    const asked = new Set(internet.questions(since).map(({ name }) => name));
    expect(asked).toContain('api.telegram.org');
    const fact = { config: { value: readConfig(gateway) } } as unknown as GatewayFact;
    const expected = new Set(expectedHosts(fact).map(({ pattern }) => pattern));
    expect([...asked].filter((name) => !expected.has(name))).toEqual(['skillmetrics.test']);
  });
});

function expectedName(name: string, domain: string): Destination {
  return { name, domain, source: 'expected', ageMs: expect.any(Number), confidence: 'likely' };
}
