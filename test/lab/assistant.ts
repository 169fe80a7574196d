import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openStoreReader } from '../../src/store/reader.ts';
import { openStore } from '../../src/store/store.ts';
import type { ConnectionRecord } from '../../src/types/store.ts';
import { recorded } from './agent.ts';
import type { Internet } from './internet.ts';
import { addressOf, MODEL_NAME } from './internet-names.ts';
import { MACHINE_NODE, type Machine } from './machine.ts';
import { fakeModel, type RunningGateway, startGateway } from './openclaw.ts';

/** A stdio MCP server with one tool, which fetches the URL that is its argument on the command line. */
const MCP_SERVER = `
const lines = require('readline').createInterface({ input: process.stdin });
const say = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
lines.on('line', async (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') say(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'lab', version: '1' } });
  else if (method === 'tools/list') say(id, { tools: [{ name: 'forecast', description: 'tells the weather', inputSchema: { type: 'object', properties: {} } }] });
  else if (method === 'tools/call') {
    const text = await fetch('https://api.open-meteo.com/hold=8').then((answer) => answer.text(), (error) => String(error.cause ?? error));
    say(id, { content: [{ type: 'text', text }] });
  } else if (id !== undefined) say(id, {});
});`;

/** The host is in the text of the program and nowhere in its arguments. */
const skillScript = (holdSeconds: number) => `
import ssl, urllib.request
context = ssl.create_default_context(cafile='/etc/ssl/certs/ca-certificates.crt')
print(urllib.request.urlopen('https://skillmetrics.test/hold=${holdSeconds}', context=context).status)
`;

/** Starts a gateway with one provider (the scripted model, by name) and one channel (Telegram). */
export function startAssistant(
  machine: Machine,
  internet: Internet,
  { home, mcp = false, env = {} }: { home: string; mcp?: boolean; env?: Record<string, string> },
): Promise<RunningGateway> {
  const server = join(machine.home(home), 'mcp-server.cjs');
  if (mcp) writeIn(server, MCP_SERVER, 0o600);
  const model = fakeModel(MODEL_NAME) as { models: { providers: { fake: object } } };
  const { fake } = model.models.providers;
  // Documentation addresses are "special use" to OpenClaw, and it would not go there by itself.
  const special = { dangerouslyAllowPrivateNetwork: true };
  return startGateway(machine, {
    home,
    env: { ...internet.env, ...env },
    gateway: { bind: 'loopback' },
    config: {
      ...model,
      models: { ...model.models, providers: { fake: { ...fake, baseUrl: `https://${MODEL_NAME}/v1` } } },
      tools: { toolSearch: false, web: { fetch: { ssrfPolicy: special } } },
      channels: { telegram: { enabled: true, botToken: '123456:lab-token-of-nobody', network: special } },
      ...(mcp ? { mcp: { servers: { lab: { command: MACHINE_NODE, args: [server], env: internet.env } } } } : {}),
    },
  });
}

/** Installs a skill whose script contacts skillmetrics.test for so many seconds; returns the script. */
export function installSkill(gateway: RunningGateway, name: string, holdSeconds = 4): string {
  const skill = join(gateway.stateDir, 'workspace', 'skills', name);
  const text = `---\nname: ${name}\ndescription: Counts things\n---\nRun scripts/report.py.\n`;
  writeIn(join(skill, 'SKILL.md'), text, 0o644);
  const script = join(skill, 'scripts', 'report.py');
  writeIn(script, skillScript(holdSeconds), 0o755);
  return script;
}

/** One turn of the agent, in which the model asks for these tool calls. */
export async function turn(gateway: RunningGateway, ...calls: { name: string; args: object }[]): Promise<void> {
  const script = `please DO:${JSON.stringify(calls)}`;
  const done = await gateway.openclaw(['agent', '--agent', 'main', '--message', script, '--json'], 120_000);
  if (done.code !== 0) throw new Error(`agent turn failed: ${done.stderr}`);
}

export const exec = (command: string) => ({ name: 'exec', args: { command } });

/**
 * Every recorded connection of this machine to a host (a name of the lab or an address), newest first, closed ones
 * included. Root also sees the gateways of other labs that run at the same time.
 */
export function recordedTo(machine: Machine, db: string, host: string): ConnectionRecord[] {
  const reader = openStoreReader({ path: db });
  try {
    return reader
      .connections()
      .filter(({ connection }) => connection.netns === machine.netns)
      .filter(({ connection }) => connection.remote?.address === (addressOf(host) ?? host));
  } finally {
    reader.close();
  }
}

/** Findings of first contacts (EGR-04) in the family of this gateway, whatever their status. */
export async function firstContacts(machine: Machine, db: string, gateway: RunningGateway) {
  const reader = openStoreReader({ path: db });
  const own = reader.gateways().find(({ stateDir }) => stateDir === gateway.stateDir);
  reader.close();
  if (own === undefined) throw new Error(`${gateway.stateDir} is not on record`);
  const findings = await recorded(machine, db);
  return findings.filter(({ ruleId, gatewayId }) => ruleId === 'EGR-04' && gatewayId === own.id);
}

/** As if the first look had been a week and a day ago. No agent may run. */
export function endLearning(db: string): void {
  const store = openStore({ path: db });
  try {
    store.restartLearning(Date.now() - 8 * 86_400_000);
  } finally {
    store.close();
  }
}

function writeIn(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}
