import { setAt } from '../../../src/agent/replay/gateway-files.ts';
import { type LabNames, labConfig } from '../../../src/agent/replay/lab.ts';
import { STATE_DIR } from '../../../src/agent/replay/processes.ts';
import { StepProblem } from '../../../src/agent/replay/world.ts';
import type { HostProcess, LiveHost } from './host.ts';
import type { CaseNetwork } from './network.ts';
import type { StandIn } from './stand-ins.ts';

/** A listening socket of the host that a case opened. */
export interface LiveListener {
  owner: HostProcess;
  address: string;
  port: number;
}

/** The machine of a live case while it runs. */
export interface LiveWorld {
  network: CaseNetwork;
  /** Addresses of the host. */
  own: ReadonlySet<string>;
  host: LiveHost;
  outside: StandIn;
  names: LabNames;
  /** Processes and the openers of connections by the names that the case gives them. */
  aliases: Map<string, HostProcess>;
  sockets: Map<string, HostProcess>;
  listeners: LiveListener[];
  /** Ports at which everybody outside listens. */
  outsidePorts: Set<string>;
  /** Names that the name server has been told. */
  told: Set<string>;
  config: Record<string, unknown>;
  /** The shell of the command that the agent started last. */
  lastShell: HostProcess | undefined;
}

/** Text of openclaw.json with what a case changes in it. */
export function configWith(delta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const config = labConfig();
  for (const [key, value] of Object.entries(delta)) setAt(config, key.split('.'), value);
  return config;
}

export function writeConfig(world: LiveWorld, patch: Readonly<Record<string, unknown>>): void {
  for (const [path, value] of Object.entries(patch)) setAt(world.config, path.split('.'), value);
  world.host.writeOwned(`${STATE_DIR}/openclaw.json`, JSON.stringify(world.config, null, 2));
}

/** A process by its name in the case. @throws StepProblem when there is none. */
export function processNamed(world: LiveWorld, word: string): HostProcess {
  const known = world.aliases.get(word);
  if (known !== undefined) return known;
  if (word === 'gw') return world.host.gateway;
  if (word === 'broker') return world.host.broker;
  if (word === 'exec' && world.lastShell !== undefined) return world.lastShell;
  throw new StepProblem(`there is no process "${word.slice(0, 60)}", or it has no live form`);
}

/** Tells the lab's name server of a name, once. Without an address it exists and has none. */
export async function tellName(world: LiveWorld, name: string, addresses: readonly string[]): Promise<void> {
  if (world.told.has(name)) return;
  world.told.add(name);
  await world.outside.order('names', { names: { [name]: addresses } });
}

/** Everybody outside listens at this port. */
export async function listenOutside(world: LiveWorld, protocol: 'tcp' | 'udp', port: number): Promise<void> {
  const key = `${protocol} ${port}`;
  if (world.outsidePorts.has(key)) return;
  world.outsidePorts.add(key);
  if (protocol === 'udp') {
    await world.outside.order('udp_bind', { address: '0.0.0.0', port, answers: true });
    return;
  }
  for (const address of ['0.0.0.0', '::']) await world.outside.order('listen', { address, port });
}

/** The listener of the host that takes a connection to this end. */
export function listenerAt(world: LiveWorld, address: string, port: number): LiveListener | undefined {
  const at = world.listeners.filter((each) => each.port === port);
  const six = address.includes(':');
  return (
    at.find((each) => each.address === address) ??
    at.find((each) => each.address === '::') ??
    at.find((each) => each.address === '0.0.0.0' && !six)
  );
}
