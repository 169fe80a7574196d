import type { ProcessTable } from '../../types/collector.ts';
import type { ProcessFact } from '../../types/process.ts';

/** Kernel name of the title, which has room for 15 bytes. */
const TITLE = 'openclaw-gateway';
const TITLE_COMM = TITLE.slice(0, 15);

/** Programs that run OpenClaw. */
const RUNTIME = /(?:^|\/)(?:node|nodejs|bun|deno)[\w.-]*(?: \(deleted\))?$/;

/** The entry of the package in arguments that were not overwritten. */
const ENTRY_SCRIPT =
  /(?:^|\/)(?:openclaw|clawdbot|moltbot)(?:\.mjs)?$|\/(?:openclaw|clawdbot|moltbot)\/dist\/(?:entry|index)\.m?js$/;

/** Options with a value before or after `gateway`. Source: OpenClaw 2026.9.6, `gateway-run-argv.mjs`. */
const VALUE_FLAGS: ReadonlySet<string> = new Set(
  '--profile --container --port --bind --token --token-file --auth --password --password-file --tailscale --ws-log --raw-stream-path'.split(
    ' ',
  ),
);

/** True unless the program is known and is no JavaScript runtime. */
export function canBeRuntime(process: Pick<ProcessFact, 'exe'>): boolean {
  return process.exe === undefined || RUNTIME.test(process.exe);
}

/**
 * True when the process calls itself `openclaw-gateway`. Anybody can, and `openclaw gateway status` does for a moment,
 * so this counts only together with a listening socket or better.
 */
export function isTitledGateway(process: Pick<ProcessFact, 'comm' | 'argv' | 'exe'>): boolean {
  const title = process.argv[0]?.trimEnd() ?? '';
  return (process.comm === TITLE_COMM || process.comm === TITLE || title === TITLE) && canBeRuntime(process);
}

/** Arguments of `openclaw gateway [run]`, where the process has not overwritten them yet. */
export function gatewayArguments(process: Pick<ProcessFact, 'argv' | 'exe'>): string[] | undefined {
  const { argv } = process;
  const script = argv.slice(0, 4).findIndex((word) => ENTRY_SCRIPT.test(word));
  if (script < 0 || !canBeRuntime(process)) return undefined;
  const positionals: string[] = [];
  for (let at = script + 1; at < argv.length && positionals.length < 3; at++) {
    const word = argv[at]!;
    if (VALUE_FLAGS.has(word)) at++;
    else if (!word.startsWith('-') && word !== '') positionals.push(word);
  }
  const isRun = positionals[0] === 'gateway' && (positionals.length === 1 || positionals[1] === 'run');
  return isRun ? argv : undefined;
}

/**
 * True when the environment is that of a managed gateway service. Children inherit it, so it counts for the first
 * JavaScript runtime that has it and for no process below, and never for a command of the agent.
 */
export function isServiceProcess(process: ProcessFact, table: ProcessTable): boolean {
  if (!hasServiceMarkers(process) || !canBeRuntime(process) || isAgentCommand(process)) return false;
  return !ancestorsOf(process, table).some((ancestor) => hasServiceMarkers(ancestor) && canBeRuntime(ancestor));
}

function hasServiceMarkers(process: Pick<ProcessFact, 'markers'>): boolean {
  const { OPENCLAW_SERVICE_MARKER: marker, OPENCLAW_SERVICE_KIND: kind } = process.markers;
  return marker?.trim() === 'openclaw' && (!kind?.trim() || kind.trim() === 'gateway');
}

/** True for a process that the agent started: whatever it calls itself, it is no gateway without a lock. */
export function isAgentCommand(process: Pick<ProcessFact, 'markers'>): boolean {
  return process.markers.OPENCLAW_SHELL !== undefined || process.markers.OPENCLAW_CLI === '1';
}

const MAX_CHAIN = 64;

/** Parents from the nearest up, as far as the table goes. */
export function ancestorsOf(process: ProcessFact, table: ProcessTable): ProcessFact[] {
  const chain: ProcessFact[] = [];
  let at = table.processes.get(process.ppid);
  while (at !== undefined && chain.length < MAX_CHAIN && at.pid !== process.pid && !chain.includes(at)) {
    chain.push(at);
    at = table.processes.get(at.ppid);
  }
  return chain;
}
