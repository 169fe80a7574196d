import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { createCollector } from '../src/collect/collector.ts';
import { createProcfsProcesses, createProcfsSockets, createSocketOwners } from '../src/collect/linux/index.ts';
import { createEnrich } from '../src/enrich/enrich.ts';

/** A way to learn which sockets there are and who holds them. */
export interface Method {
  name: string;
  /** Runs within one measurement, more for what the kernel's coarse accounting of children would blur. */
  times: number;
  /** One look; resolves with the number of sockets seen. */
  look: () => Promise<number>;
}

const run = promisify(execFile);
const signal = new AbortController().signal;
const OUTPUT = { maxBuffer: 256 * 1024 * 1024 };

function createCycle(family: ReadonlySet<number>): () => Promise<number> {
  const processes = createProcfsProcesses();
  const sockets = createProcfsSockets();
  const owners = createSocketOwners();
  processes.watch(family);
  return async () => {
    const table = await processes.read(signal);
    const { observations } = await sockets.read({ netns: [], now: Date.now() }, signal);
    owners.assign({ observations, table, family, host: 'listeners-and-touched', touchedPorts: new Set([18789]) });
    return observations.length;
  };
}

/** The second and later cycles of an agent. */
export function warmCycle(family: ReadonlySet<number>): Method {
  return { name: 'ClawWatch, warm cycle', times: 10, look: createCycle(family) };
}

/** The first cycle, as in `scan`: nothing is known, and every owner has to be found. */
export function coldCycle(family: ReadonlySet<number>): Method {
  return { name: 'ClawWatch, first cycle', times: 2, look: () => createCycle(family)() };
}

/** The two stages whole: with gateways looked for, family, configuration, addresses, reach and roles. No peer does that. */
export function collectAndEnrich(): Method {
  const collector = createCollector({ collector: 'auto', hostOwners: 'listeners-and-touched', now: Date.now, env: {} });
  const enrich = createEnrich();
  const history = { firstSeenAt: () => undefined, lastCycleAt: () => undefined };
  const look = async () => {
    const { listeners, connections } = enrich(await collector.collect(signal), history);
    return listeners.length + connections.length;
  };
  return { name: 'ClawWatch, collect and enrich', times: 10, look };
}

/** Sockets alone, without processes and owners. */
export function socketsOnly(): Method {
  const sockets = createProcfsSockets();
  const look = async () => (await sockets.read({ netns: [], now: Date.now() }, signal)).observations.length;
  return { name: 'ClawWatch, sockets only', times: 10, look };
}

export const SS: Method = {
  name: 'ss -tunapH',
  times: 5,
  look: async () => parseSs((await run('ss', ['-tunapH'], OUTPUT)).stdout).length,
};

export const LSOF: Method = {
  name: 'lsof -nP -i',
  times: 3,
  look: async () => parseLsof((await run('lsof', ['-nP', '-i'], OUTPUT)).stdout).length,
};

/** The sources for systems without `/proc`; `undefined` when this checkout has none. */
export async function portable(): Promise<Method | undefined> {
  const file = `${import.meta.dirname}/../src/collect/portable/index.ts`;
  if (!existsSync(file)) return undefined;
  const { createNetstatSockets } = (await import(file)) as typeof import('../src/collect/portable/index.ts');
  const source = createNetstatSockets({ platform: 'linux' });
  const look = async () => (await source.read({ netns: [], now: Date.now() }, signal)).observations.length;
  return { name: 'portable, netstat', times: 5, look };
}

/** As a script would do it: fields by blanks, pids by pattern. Names with blanks or brackets in them fool it. */
function parseSs(output: string): object[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [protocol, state, , , local, remote, ...users] = line.split(/\s+/);
      return {
        protocol,
        state,
        local,
        remote,
        pids: [...users.join(' ').matchAll(/pid=(\d+)/g)].map((hit) => Number(hit[1])),
      };
    });
}

function parseLsof(output: string): object[] {
  return output
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [command, pid, user, , family, , , protocol, name, state] = line.split(/\s+/);
      const [local, remote] = (name ?? '').split('->');
      return { command, pid: Number(pid), user, family, protocol, local, remote, state };
    });
}
