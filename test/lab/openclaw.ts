import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MACHINE_NODE, type Machine, OPENCLAW, type Output } from './machine.ts';

/** Long enough to be a sound token, and plainly nobody's. */
export const LAB_TOKEN = 'clawwatch-lab-token-0123456789abcdef0123456789abcdef';

/** Port of the scripted model in the "internet" or LAN namespace. */
export const MODEL_PORT = 8000;

export interface GatewaySetup {
  /** Goes into `gateway` of openclaw.json, over the lab's defaults. */
  gateway?: Record<string, unknown>;
  /** Other top-level keys of openclaw.json. */
  config?: Record<string, unknown>;
  /** Arguments before and after `gateway run`. */
  profile?: string;
  args?: string[];
  env?: Record<string, string>;
  uid?: number;
  /** Name of the home folder; the same name again is the same home. */
  home?: string;
  /** Port it will listen on, to wait for. */
  port?: number;
}

export interface RunningGateway {
  pid: number;
  port: number;
  home: string;
  stateDir: string;
  configPath: string;
  uid: number | undefined;
  startMs: number;
  /** Everything it printed so far. */
  log(): string;
  /** Runs `openclaw …` as this gateway's owner, with this gateway's home. */
  openclaw(args: string[], timeoutMs?: number): Promise<Output>;
  /** SIGTERM, or the given signal, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** The gateway ended before it was healthy; `output` says why. */
export class GatewayRefused extends Error {
  readonly exitCode: number | null;
  readonly output: string;

  constructor(exitCode: number | null, output: string) {
    super(`the gateway ended with ${exitCode} before it was healthy:\n${output.slice(-2000)}`);
    this.exitCode = exitCode;
    this.output = output;
  }
}

let homes = 0;

/** OpenClaw gives its own helper process five seconds to appear; a busy machine needs more, and that is not what is tested. */
const TOO_SLOW = /heartbeat did not become ready/;
const TRIES = 3;

/** Starts the real gateway in the foreground and waits until `/healthz` answers. */
export async function startGateway(machine: Machine, setup: GatewaySetup): Promise<RunningGateway> {
  const home = machine.home(setup.home ?? `home${++homes}`, setup.uid);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(machine, setup, home);
    } catch (error) {
      if (attempt === TRIES || !(error instanceof GatewayRefused) || !TOO_SLOW.test(error.output)) throw error;
    }
  }
}

async function startOnce(machine: Machine, setup: GatewaySetup, home: string): Promise<RunningGateway> {
  const { uid, profile } = setup;
  const stateDir = join(home, profile ? `.openclaw-${profile}` : '.openclaw');
  const configPath = join(stateDir, 'openclaw.json');
  writePrivate(configPath, JSON.stringify(configOf(setup, stateDir), null, 1), uid);

  const port = setup.port ?? 18789;
  const base = { env: { HOME: home, ...setup.env }, cwd: home, ...(uid === undefined ? {} : { uid }) };
  const command = [MACHINE_NODE, `${OPENCLAW}/openclaw.mjs`, ...(profile ? ['--profile', profile] : [])];
  const startedAt = Date.now();
  const child = machine.spawn([...command, 'gateway', 'run', ...(setup.args ?? [])], base);
  let log = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));

  const probe = machine.spawn([MACHINE_NODE, '-e', AWAIT_HEALTH, String(port)]);
  const healthy = new Promise<number | null>((resolve) => probe.once('close', (code) => resolve(code)));
  const first = await Promise.race([healthy.then((code) => ({ health: code })), ended.then((exit) => ({ exit }))]);
  if ('exit' in first) {
    probe.kill('SIGKILL');
    throw new GatewayRefused(first.exit, log);
  }
  if (first.health !== 0) {
    await end(child, ended, 'SIGKILL');
    throw new Error(`no answer on port ${port} within ${HEALTH_LIMIT_MS} ms:\n${log.slice(-2000)}`);
  }
  return {
    pid: child.pid!,
    port,
    home,
    stateDir,
    configPath,
    uid,
    startMs: Date.now() - startedAt,
    log: () => log,
    openclaw: (args, timeoutMs = 60_000) => machine.run([...command, ...args], { ...base, timeoutMs }),
    stop: (signal = 'SIGTERM') => end(child, ended, signal),
  };
}

/** Resolves when the gateway has printed this since the offset; rejects after 60 s. */
export async function untilLogged(gateway: RunningGateway, pattern: RegExp, from = 0): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!pattern.test(gateway.log().slice(from))) {
    if (Date.now() > deadline) throw new Error(`not logged: ${pattern}\n${gateway.log().slice(from).slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function lockFiles(gateway: Pick<RunningGateway, 'stateDir'>): string[] {
  const folder = join(gateway.stateDir, 'tmp');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.lock'))
    .map((name) => join(folder, name))
    .sort();
}

export function readConfig(gateway: Pick<RunningGateway, 'configPath'>): { gateway?: Record<string, unknown> } {
  return JSON.parse(readFileSync(gateway.configPath, 'utf8'));
}

/** A model provider that the fake model answers, for agent turns. */
export function fakeModel(address: string): Record<string, unknown> {
  return {
    agents: { defaults: { model: { primary: 'fake/fake-1' } } },
    // Otherwise most tools are hidden behind a search, and the script would have to search first.
    tools: { toolSearch: false },
    models: {
      mode: 'merge',
      providers: {
        fake: {
          baseUrl: `http://${address}:${MODEL_PORT}/v1`,
          apiKey: 'lab-key-of-nobody',
          api: 'openai-completions',
          models: [
            {
              id: 'fake-1',
              name: 'Fake',
              reasoning: false,
              input: ['text'],
              cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
              contextWindow: 120_000,
              maxTokens: 4096,
            },
          ],
        },
      },
    },
  };
}

function configOf(setup: GatewaySetup, stateDir: string): object {
  const more = (setup.config ?? {}) as { agents?: { defaults?: object } };
  return {
    ...more,
    gateway: { mode: 'local', auth: { mode: 'token', token: LAB_TOKEN }, ...setup.gateway },
    agents: { ...more.agents, defaults: { ...more.agents?.defaults, workspace: join(stateDir, 'workspace') } },
  };
}

function writePrivate(path: string, text: string, uid: number | undefined): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  chmodSync(dirname(path), 0o700);
  if (uid === undefined) return;
  chownSync(dirname(path), uid, uid);
  chownSync(path, uid, uid);
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(timer);
}

const HEALTH_LIMIT_MS = 90_000;

const AWAIT_HEALTH = `
const http = require('http');
const deadline = Date.now() + ${HEALTH_LIMIT_MS};
const again = () => (Date.now() > deadline ? process.exit(1) : setTimeout(ask, 50));
function ask() {
  const request = http.get({ host: '127.0.0.1', port: process.argv[1], path: '/healthz', timeout: 2000 }, (answer) => {
    answer.resume();
    answer.statusCode === 200 ? process.exit(0) : again();
  });
  request.on('timeout', () => request.destroy(new Error('slow'))).on('error', again);
}
ask();`;
