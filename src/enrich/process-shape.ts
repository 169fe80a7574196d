import { posix } from 'node:path';
import type { GatewayFact } from '../types/gateway.ts';
import type { ProcessFact } from '../types/process.ts';
import { isRecord, valueAt } from './config-value.ts';

// What the processes that OpenClaw 2026.9 starts look like. Every skill can look the same, so a shape counts only in a
// position that a skill cannot take: directly below the gateway or one of its own helpers (see role.ts).

const WORKER =
  /\/dist\/(?:process\/[\w./-]+|infra\/[\w.-]+\.worker|worker\/[\w.-]+|mac-node-worker|[\w./-]*runtime-process-[\w.-]+)\.m?js$/;
const RELAY = /\/service-child-(?:relay|group-anchor)\.m?js$/;
const SHELL = /^(?:ba|z|da|k)?sh$/;
// Programs that OpenClaw or its official plugins run themselves, from the list of its own helpers.
const OWN_TOOLS: ReadonlySet<string> = new Set([
  'npm',
  'git',
  'ssh',
  'signal-cli',
  'imsg',
  'gog',
  'llama-server',
  'whisper-cli',
  'whisper-server',
  'ffmpeg',
  'tailscale',
  'cloudflared',
  'ngrok',
]);

/** The first argument that is a path to a script: `node x.js`, `python -u x.py`. */
function script(process: ProcessFact): string {
  return (process.argv.slice(1).find((argument) => !argument.startsWith('-')) ?? '').replaceAll('\\', '/');
}

/** The spawn broker, SQLite readers, terminal workers and other Node workers of the gateway. */
export function isWorker(process: ProcessFact): boolean {
  return WORKER.test(script(process)) || process.argv[0]?.trim() === 'openclaw-node-worker';
}

/** The two processes between the gateway and each stdio MCP server. */
export function isRelay(process: ProcessFact): boolean {
  return RELAY.test(script(process));
}

/** The shell of the exec tool: `bash --noprofile --norc -c …`, or whatever carries the marker of that tool. */
export function isExecShell(process: ProcessFact): boolean {
  const [program = '', ...options] = process.argv;
  const bare = options.slice(0, 3);
  return SHELL.test(posix.basename(program)) && bare[0] === '--noprofile' && bare[1] === '--norc' && bare[2] === '-c';
}

/** A shell that ended before its arguments could be read. */
export function isUnreadShell(process: ProcessFact): boolean {
  return process.argv.length === 0 && process.markersUnread === true && SHELL.test(posix.basename(process.exe ?? ''));
}

export function isOwnTool(process: ProcessFact): boolean {
  return OWN_TOOLS.has(posix.basename(process.exe ?? process.argv[0] ?? ''));
}

/** The port of a managed browser's control channel, where the process says so. */
export function remoteDebuggingPort(process: ProcessFact): number | undefined {
  const option = process.argv.find((argument) => argument.startsWith('--remote-debugging-port='));
  const port = option === undefined ? Number.NaN : Number(option.slice(option.indexOf('=') + 1));
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}

/** A browser of this gateway: its profile lies in the state directory, or its control port in the gateway's range. */
export function isManagedBrowser(process: ProcessFact, stateDir: string | undefined, gatewayPort: number): boolean {
  const profile = process.argv.find((argument) => argument.startsWith('--user-data-dir='))?.slice(16);
  if (stateDir !== undefined && profile !== undefined && posix.normalize(profile).startsWith(`${stateDir}/`)) {
    return true;
  }
  const port = remoteDebuggingPort(process);
  return port !== undefined && port >= gatewayPort + 11 && port <= gatewayPort + 110;
}

/** True when the command line is one that `mcp.servers` configures, alone or behind its interpreter. */
export function isConfiguredMcpServer(process: ProcessFact, fact: GatewayFact): boolean {
  const servers = valueAt(fact.config.value, 'mcp', 'servers');
  if (!isRecord(servers)) return false;
  return Object.values(servers).some((server) => {
    const command = valueAt(server, 'command');
    const args = valueAt(server, 'args') ?? [];
    return typeof command === 'string' && command !== '' && Array.isArray(args) && runs(process.argv, command, args);
  });
}

function runs(argv: readonly string[], command: string, args: readonly unknown[]): boolean {
  const rest = argv.length - args.length;
  // At most an interpreter and one option of it come before a script: `/usr/bin/env node server.js` is three words.
  if (rest < 1 || rest > 3) return false;
  const head = argv[rest - 1]!;
  const isCommand = head === command || posix.basename(head) === posix.basename(command);
  // A secret among the arguments was replaced by its facts and can be anything.
  return isCommand && args.every((arg, index) => typeof arg !== 'string' || arg === argv[rest + index]);
}
