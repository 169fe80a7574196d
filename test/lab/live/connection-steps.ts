import { endOf, listenEnd } from '../../../src/agent/replay/net-steps.ts';
import type { Plan, StepWords, Translate } from '../../../src/agent/replay/plan.ts';
import { programOf, WORKSPACE } from '../../../src/agent/replay/processes.ts';
import { StepProblem } from '../../../src/agent/replay/world.ts';
import { canonicalAddress, isWildcard } from '../../../src/types/ip.ts';
import type { HostProcess } from './host.ts';
import { type LiveAct, refuse } from './process-steps.ts';
import { type LiveWorld, listenerAt, listenOutside, processNamed, tellName, writeConfig } from './world.ts';

/** Seconds that a connection lasts of which a case does not say it. */
const HOLD_S = 1;
/** A client that waits for the other side's goodbye waits so much longer. */
const PATIENCE_S = 10;
const TYPES: Readonly<Record<string, number>> = { A: 1, NS: 2, CNAME: 5, MX: 15, TXT: 16, AAAA: 28, HTTPS: 65 };

/** Words of cases about sockets, names and the configuration, with real ones. */
export const LIVE_CONNECTION_STEPS: Readonly<Record<string, Translate<LiveAct>>> = {
  connect: open,
  flow: open,
  udp(words, plan) {
    const { host, port } = endOf(words.text('dst'));
    const received = words.number('in', 0);
    plan.at(words.t, async (world) => {
      const by = await processFor(world, words.text('by'));
      const address = await addressOf(world, by, host, words);
      if (received > 0) await listenOutside(world, 'udp', port);
      await by.order('udp', { address, port, out: words.number('out', 100), hold: words.number('hold', HOLD_S) });
    });
  },
  bytes: send,
  exchange: send,
  close(words, plan) {
    plan.at(words.t, async (world) => {
      const name = socketName(words);
      await openerOf(world, name).order('close', { name });
    });
  },
  inbound(words, plan) {
    const { address, port } = listenEnd(words.text('to'));
    const from = words.text('from');
    const source = canonicalAddress(from) === undefined ? endOf(from) : { host: from, port: 0 };
    plan.at(words.t, async (world) => {
      const owner = words.textOr('owner', undefined);
      if (owner !== undefined && listenerAt(world, address, port) === undefined) {
        const wildcard = address.includes(':') ? '::' : '0.0.0.0';
        await listen(world, processNamed(world, owner), { address: wildcard, port }, {});
      }
      const told = { address, port, from: source.host, fromPort: source.port, out: 900 };
      await world.outside.order('connect', { ...told, hold: words.number('hold', HOLD_S) });
    });
  },
  dns(words, plan) {
    plan.at(words.t, async (world) => {
      const name = words.text('name').toLowerCase().replace(/\.$/, '');
      const type = TYPES[words.textOr('type', 'A').toUpperCase()];
      if (type === undefined) throw new StepProblem(`dns: there is no type ${words.text('type').slice(0, 20)}`);
      const ip = words.textOr('ip', undefined);
      const rcode = words.textOr('rcode', 'NOERROR');
      if (rcode === 'NOERROR') await tellName(world, name, ip === undefined ? [] : [ip]);
      else if (rcode !== 'NXDOMAIN') throw new StepProblem(`dns: rcode ${rcode.slice(0, 20)} has no live form`);
      const by = await processFor(world, words.text('by'));
      await by.order('dns', { server: world.network.resolver, name, type });
    });
  },
  listen(words, plan) {
    refuse(words, 'netns', 'as_sock');
    plan.at(words.t, async (world) => {
      const hold = words.step.hold === undefined ? {} : { hold: words.number('hold', 0) };
      const owner = await processFor(world, words.text('by'));
      await listen(world, owner, listenEnd(words.text('addr')), { ...hold, ...dualStack(words) });
    });
  },
  udp_bind(words, plan) {
    plan.at(words.t, async (world) => {
      const { address, port } = listenEnd(words.text('addr'));
      await (await processFor(world, words.text('by'))).order('udp_bind', { address, port });
    });
  },
  unlisten(words, plan) {
    plan.at(words.t, (world) => unlisten(world, words));
  },
  relisten(words, plan) {
    plan.at(words.t, async (world) => {
      await unlisten(world, words);
      const owner = await processFor(world, words.text('by'));
      await listen(world, owner, listenEnd(words.text('addr')), dualStack(words));
    });
  },
  cfg(words, plan) {
    plan.at(words.t, async (world) => writeConfig(world, words.fields('patch') ?? {}));
  },
};

function open(words: StepWords, plan: Plan<LiveAct>): void {
  refuse(words, 'netns');
  const alias = words.textOr('as_sock', undefined);
  const beat = words.fields('pulses');
  const name = alias ?? (beat === undefined ? undefined : `${words.text('by')} at ${words.t}`);
  plan.at(words.t, (world) => connect(world, words, name));
  if (beat === undefined || name === undefined) return;
  const every = Number(beat.every ?? 0);
  if (!(every > 0)) throw new StepProblem(`${words.step.do} at t=${words.t}: pulses need every`);
  for (let t = every; t < words.number('hold', HOLD_S); t += every) {
    plan.at(words.t + t, async (world) => {
      await openerOf(world, name).order('send', { name, out: Number(beat.out ?? 0) });
    });
  }
}

async function connect(world: LiveWorld, words: StepWords, name: string | undefined): Promise<void> {
  const { host, port } = endOf(words.text('dst'));
  const by = await processFor(world, words.text('by'));
  const isByServer = words.textOr('closer', 'client') === 'server';
  const isDropped = words.flag('drop_syn');
  const isRefused = words.flag('refuse');
  const address = await addressOf(world, by, host, words);
  const staysOpen = words.step.hold === undefined && words.step.as_sock !== undefined;
  const hold = staysOpen ? undefined : words.number('hold', HOLD_S);
  if (isDropped) world.network.drop(canonicalAddress(address) ?? address);
  else if (!isRefused) {
    const server = await serverFor(world, canonicalAddress(address) ?? address, port);
    const closeAfter = isByServer && hold !== undefined ? { closeAfter: hold } : {};
    await server.order('expect', { port, in: words.number('in', 300), ...closeAfter });
  }
  const said = words.textOr('sni', canonicalAddress(host) === undefined ? host : undefined)?.toLowerCase();
  if (name !== undefined) world.sockets.set(name, by);
  const told = by.order('connect', {
    address,
    port,
    out: words.number('out', 300),
    ...(words.flag('tls') && said !== undefined && { hello: said }),
    ...(hold !== undefined && { hold: isByServer ? hold + PATIENCE_S : hold }),
    ...(name !== undefined && { name }),
    dropped: isDropped,
  });
  // A refusal is what such a step is about.
  await (isRefused ? told.catch(() => {}) : told);
}

/** Asks the name server as a program would, unless the step says that nobody asks. */
async function addressOf(world: LiveWorld, by: HostProcess, host: string, words: StepWords): Promise<string> {
  // As written: an IPv4 address in the spelling of IPv6 makes another socket.
  if (canonicalAddress(host) !== undefined) return host;
  const name = host.toLowerCase();
  const address = world.names.addressOf(name);
  await tellName(world, name, [address]);
  if (words.textOr('dns', '') !== 'none') {
    const type = address.includes(':') ? TYPES.AAAA : TYPES.A;
    await by.order('dns', { server: world.network.resolver, name, type });
  }
  return address;
}

/** Whoever answers at this end: a process of the host, or everybody else. */
async function serverFor(world: LiveWorld, address: string, port: number) {
  const isOwn = address.startsWith('127.') || address === '::1' || world.own.has(address);
  if (!isOwn) {
    await listenOutside(world, 'tcp', port);
    return world.outside;
  }
  const listener = listenerAt(world, address, port);
  if (listener === undefined) throw new StepProblem(`nobody listens at ${address} port ${port}`);
  return listener.owner;
}

interface Waiting {
  v6only?: boolean;
  hold?: number;
}

async function listen(
  world: LiveWorld,
  owner: HostProcess,
  { address, port }: { address: string; port: number },
  how: Waiting,
): Promise<void> {
  // Linux gives a wildcard of IPv6 both families where nobody says otherwise.
  const v6only = how.v6only ?? !isWildcard(address);
  await owner.order('listen', { address, port, ...how, v6only });
  world.listeners.push({ owner, address, port });
}

function dualStack({ step }: StepWords): Pick<Waiting, 'v6only'> {
  return typeof step.v6only === 'boolean' ? { v6only: step.v6only } : {};
}

async function unlisten(world: LiveWorld, words: StepWords): Promise<void> {
  const owner = await processFor(world, words.text('by'));
  const { port } = listenEnd(words.text('addr'));
  await owner.order('unlisten', { port });
  world.listeners = world.listeners.filter((each) => each.owner !== owner || each.port !== port);
}

function send(words: StepWords, plan: Plan<LiveAct>): void {
  const every = words.number('every', 1);
  if (words.number('in', 0) > 0) throw new StepProblem(`${words.step.do}: bytes that come later have no live form`);
  for (let i = 0; i < words.number('n', 1); i++) {
    plan.at(words.t + i * every, async (world) => {
      const name = socketName(words);
      await openerOf(world, name).order('send', { name, out: words.number('out', 0) });
    });
  }
}

function socketName(words: StepWords): string {
  return words.textOr('on', words.textOr('sock', ''));
}

function openerOf(world: LiveWorld, name: string): HostProcess {
  const opener = world.sockets.get(name);
  if (opener === undefined) throw new StepProblem(`there is no connection "${name.slice(0, 40)}" (as_sock)`);
  return opener;
}

/** `skill:NAME` alone means a script of that skill, which the agent starts. */
async function processFor(world: LiveWorld, word: string): Promise<HostProcess> {
  const skill = /^skill:(.+)$/.exec(word)?.[1];
  if (skill === undefined || world.aliases.has(word)) return processNamed(world, word);
  const argv = ['python3', `${WORKSPACE}/skills/${skill}/scripts/main.py`];
  const shell = await world.host.execShell(argv);
  const process = await world.host.spawn(shell, { argv, exe: programOf(argv[0]!, WORKSPACE) });
  world.aliases.set(word, process);
  return process;
}
