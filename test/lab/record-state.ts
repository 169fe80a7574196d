/**
 * Records what a real gateway writes into its SQLite files during an agent's turns, as fixtures for the unit tests:
 * `node test/lab/record-state.ts` (root, about a minute) rewrites `test/fixtures/openclaw-state/recorded/`. The fixture
 * is text: the schema as SQLite prints it and the rows of the tables that ClawWatch reads. The databases themselves
 * are megabytes, and most of it is nobody's business.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Library from 'better-sqlite3';
import { NODE } from './install.ts';
import { createMachine, MACHINE_NODE, type Machine, spawnIn } from './machine.ts';
import { ADDRESS, createNetwork, type Network } from './namespaces.ts';
import { fakeModel, MODEL_PORT, type RunningGateway, startGateway } from './openclaw.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'openclaw-state', 'recorded');
const HOME_IN_FIXTURES = '/home/claw';
const UID = 1000;

const STATE_TABLES = ['skill_usage', 'audit_events', 'agent_databases'];
const AGENT_TABLES = ['transcript_events'];

const SKILL = `---
name: weather-lab
version: 1.4.2
description: Tells the weather of the laboratory
---
Run scripts/run.sh CITY.
`;

/** A stdio MCP server with one tool, as short as the protocol allows. */
const MCP_SERVER = `
const lines = require('readline').createInterface({ input: process.stdin });
const say = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') say(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'lab', version: '1' } });
  else if (method === 'tools/list') say(id, { tools: [{ name: 'ping', description: 'pings', inputSchema: { type: 'object', properties: {} } }] });
  else if (method === 'tools/call') say(id, { content: [{ type: 'text', text: 'pong' }] });
  else if (id !== undefined) say(id, {});
});`;

function writeIn(path: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}

async function turn(gateway: RunningGateway, ...calls: object[]): Promise<void> {
  const script = `please DO:${JSON.stringify(calls)}`;
  const done = await gateway.openclaw(['agent', '--agent', 'main', '--message', script, '--json'], 120_000);
  if (done.code !== 0) throw new Error(`agent turn failed: ${done.stderr}`);
}

async function story(machine: Machine): Promise<RunningGateway> {
  const home = machine.home('state', UID);
  const skill = join(home, '.openclaw', 'workspace', 'skills', 'weather-lab');
  const server = join(home, 'mcp-server.cjs');
  writeIn(join(skill, 'SKILL.md'), SKILL, 0o644);
  writeIn(join(skill, 'scripts', 'run.sh'), '#!/bin/sh\necho sunny in "$1"\n', 0o755);
  writeIn(server, MCP_SERVER, 0o644);
  await machine.run(['chown', '-R', `${UID}:${UID}`, home]);
  const gateway = await startGateway(machine, {
    home: 'state',
    uid: UID,
    gateway: { bind: 'loopback' },
    config: {
      ...fakeModel(ADDRESS.inetPeer4),
      mcp: { servers: { lab: { command: MACHINE_NODE, args: [server] } } },
    },
  });
  await turn(gateway, { name: 'read', args: { path: join(skill, 'SKILL.md') } });
  await turn(gateway, { name: 'exec', args: { command: `${skill}/scripts/run.sh 'New York'` } });
  await turn(gateway, { name: 'exec', args: { command: 'echo "don\'t"; sleep 1' } });
  await turn(gateway, { name: 'web_fetch', args: { url: 'http://pages.example.test/a?key=1' } });
  await turn(gateway, { name: 'lab__ping', args: {} });
  await turn(gateway, { name: 'exec', args: { command: 'exit 3' } }, { name: 'exec', args: { command: 'true' } });
  return gateway;
}

function dump(path: string, tables: readonly string[], home: string): { schema: string; rows: string } {
  const database = new Library(path, { readonly: true });
  try {
    const schema = database
      .prepare(
        'SELECT sql FROM sqlite_master WHERE tbl_name IN (SELECT value FROM json_each(?)) AND sql NOT NULL ORDER BY tbl_name, type DESC, name',
      )
      .pluck()
      .all(JSON.stringify(tables)) as string[];
    const rows = Object.fromEntries(tables.map((table) => [table, database.prepare(`SELECT * FROM ${table}`).all()]));
    const version = database.pragma('user_version', { simple: true });
    const text = (value: string) => value.replaceAll(home, HOME_IN_FIXTURES);
    return {
      schema: text(`-- user_version ${version}\n${schema.map((sql) => `${sql};\n`).join('')}`),
      rows: text(`${JSON.stringify(rows, null, 1)}\n`),
    };
  } finally {
    database.close();
  }
}

async function main(network: Network): Promise<void> {
  const machine = await createMachine(network, { container: false });
  const model = spawnIn(network.inet, [
    NODE,
    join(import.meta.dirname, 'fake-model.ts'),
    ADDRESS.inetPeer4,
    String(MODEL_PORT),
  ]);
  await new Promise((resolve) => model.stdout!.once('data', resolve));
  const gateway = await story(machine);
  rmSync(FIXTURES, { recursive: true, force: true });
  const agents = join(gateway.stateDir, 'agents');
  const files: [string, string, readonly string[]][] = [
    ['state', join(gateway.stateDir, 'state', 'openclaw.sqlite'), STATE_TABLES],
    ...readdirSync(agents).map((agent): [string, string, readonly string[]] => [
      `agent-${agent}`,
      join(agents, agent, 'agent', 'openclaw-agent.sqlite'),
      AGENT_TABLES,
    ]),
  ];
  for (const [name, path, tables] of files) {
    const { schema, rows } = dump(path, tables, gateway.home);
    writeIn(join(FIXTURES, `${name}.schema.sql`), schema, 0o644);
    writeIn(join(FIXTURES, `${name}.rows.json`), rows, 0o644);
  }
  await gateway.stop();
}

const network = createNetwork(['internet']);
try {
  await main(network);
} finally {
  network.close();
}
process.exit(0);
