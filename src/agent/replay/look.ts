import { createBriefs } from '../../collect/linux/sensor/brief.ts';
import { claimedNames } from '../../collect/names/claimed-names.ts';
import { askableNames } from '../../collect/names/forward-resolution.ts';
import { createFamilyMemory } from '../../collect/openclaw/family.ts';
import type { ClosedSocket, Collected } from '../../types/collector.ts';
import type { DnsQuestion } from '../../types/dns.ts';
import type { ExpectedHost, NameFact } from '../../types/egress.ts';
import type { GatewayFact } from '../../types/gateway.ts';
import type { HostFacts } from '../../types/host-facts.ts';
import type { FamilyMember, ProcessFact } from '../../types/process.ts';
import type { ConnectEvent } from '../../types/sensor.ts';
import type { ConnectionCoverage, TelemetryLevel, TelemetryLoss } from '../../types/snapshot.ts';
import { isListening, type Observation } from '../../types/socket.ts';
import { HOST_NETNS } from './lab.ts';
import { type SimProcess, STATE_DIR } from './processes.ts';
import { REMNANT_MS, remnantOf, rowOf, type SimSocket } from './sockets.ts';
import type { World } from './world.ts';

/** What a collector of this telemetry would have brought. */
export interface SimLook {
  collected: Collected;
  questions: DnsQuestion[];
  hostFacts: HostFacts;
  /** In place of what is counted, where the case says so. */
  coverage: ConnectionCoverage | undefined;
}

export interface Looker {
  /** @param at Unix ms, never before the look before. */
  look(at: number): SimLook;
}

export interface LookerOptions {
  level: TelemetryLevel;
  expectedOf: (gateway: GatewayFact) => readonly ExpectedHost[];
  /** See `WithNamesOptions.ruled`. */
  ruled: () => readonly string[];
}

/**
 * Sees the machine of a case as the collector does at a level of telemetry: at T0 what is there when it looks, at T1 also
 * what came and went in between, at T2 names and questions as well.
 */
export function createLooker(world: World, { level, expectedOf, ruled }: LookerOptions): Looker {
  let now = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const family = createFamilyMemory({ now: () => now });
  const askableOf = createAskable(expectedOf, ruled);
  const briefs = createBriefs();
  const hasEvents = () => level !== 'T0' && !world.lost.has('kernel-events');

  function processesSeen(): SimProcess[] {
    return [...world.processes.all()].filter(
      ({ bornAt, endedAt }) => bornAt <= now && (endedAt === undefined || (hasEvents() && endedAt > lastAt)),
    );
  }

  function makers(seen: readonly SimProcess[]): Map<number, number> | undefined {
    if (!hasEvents()) return undefined;
    return new Map(seen.filter(({ bornAt }) => bornAt > lastAt).map(({ pid, maker }) => [pid, maker]));
  }

  function look(at: number): SimLook {
    now = at;
    const fact = world.files.factOf(
      world.gateway.endedAt === undefined ? world.gateway : undefined,
      world.profile.inContainer,
    );
    const seen = processesSeen();
    const known = makers(seen);
    const table = {
      processes: new Map<number, ProcessFact>(seen.map((process) => [process.pid, process])),
      ownNetns: HOST_NETNS,
      blindSpots: [],
      ...(known !== undefined && { makers: known }),
    };
    const root = { gatewayId: fact.id, pid: world.gateway.pid, startTicks: world.gateway.startTicks };
    const { family: members, blindSpots } = family.update(table, [
      { ...root, ...(world.gateway.cgroup && { cgroup: world.gateway.cgroup }), stateDir: STATE_DIR, port: 18_789 },
    ]);
    const isMember = new Set(members.map(({ pid }) => pid));
    const rows = tables(world, at);
    const observations = hasEvents() ? withEvents(rows.observations, opened(isMember), at) : rows.observations;
    const hasNames = level === 'T2' && !world.lost.has('names');
    const gateways = [fact];
    const collected: Collected = {
      at,
      durationMs: 20,
      host: 'lab',
      sources: ['replay'],
      ownNetns: HOST_NETNS,
      observations,
      netnsRead: [...new Set(world.profile.interfaces.map(({ netns }) => netns))],
      processes: seen.map((process) => factOf(process, isMember.has(process.pid))),
      gateways,
      family: members,
      interfaces: world.profile.interfaces,
      blindSpots: [...blindSpots, ...world.blindSpots],
      skills: [],
      activities: [],
      names: namesOf({ world, observations, members, gateways, askable: askableOf(fact), hasNames, at }),
      resolvers: [world.profile.resolver],
      activeOpens: [{ netns: HOST_NETNS, count: world.sockets.opens(HOST_NETNS) }],
      ...(hasEvents() && { closedSockets: ends(world, at), sensor: sensorShare(hasNames) }),
      ...(world.losses.length > 0 && { losses: world.losses }),
      ...(world.lost.size > 0 && { telemetryLost: lostOnes(world, isMember, lastAt) }),
    };
    const questions = hasNames ? world.questions : [];
    const coverage = world.coverage;
    world.questions = [];
    world.losses = [];
    world.coverage = undefined;
    world.isChanged = false;
    world.isStirred = false;
    lastAt = at;
    world.processes.sweep(at);
    world.sockets.sweep(at);
    return { collected, questions, hostFacts: hostFactsAt(world, level), coverage };
  }

  /** What the sensor told of connections since the look before. */
  function opened(isMember: ReadonlySet<number>): ConnectEvent[] {
    return [...world.sockets.current(), ...world.sockets.ended()]
      .filter((socket) => socket.isOpener && socket.openedAt > lastAt && isMember.has(socket.pids[0]!))
      .map((socket) => ({
        kind: 'connect',
        at: socket.openedAt,
        pid: socket.pids[0]!,
        protocol: socket.protocol,
        family: socket.family,
        remote: socket.remote!,
        local: socket.local,
        ...(socket.failed ? { outcome: 'failed' } : socket.state === 'SYN_SENT' ? {} : { outcome: 'established' }),
      }));
  }

  function withEvents(rows: Observation[], events: readonly ConnectEvent[], at: number): Observation[] {
    const netnsOf = (pid: number) => world.processes.get(pid)?.netns ?? HOST_NETNS;
    return briefs.join(rows, events, { netnsOf, seenAt: at, isTold: true }).observations;
  }

  /** The sensor counts everybody's connections, as the kernel does. */
  function sensorShare(hasNames: boolean): NonNullable<Collected['sensor']> {
    const isOpened = ({ isOpener, protocol, netns, openedAt }: SimSocket) =>
      isOpener === true && protocol === 'tcp' && netns === HOST_NETNS && openedAt > lastAt;
    const events = [...world.sockets.current(), ...world.sockets.ended()].filter(isOpened).length;
    return {
      sources: hasNames ? ['tcp', 'processes', 'datagrams', 'names'] : ['tcp', 'processes', 'datagrams'],
      opens: [{ netns: HOST_NETNS, opened: events, owned: events }],
      names: [],
    };
  }

  return { look };
}

/** Who ended a source is of interest while he is of the family. Found out once, for he may be gone by the next look. */
function lostOnes(world: World, isMember: ReadonlySet<number>, lastAt: number): TelemetryLoss[] {
  for (const loss of world.lost.values()) {
    if (loss.sinceAt > lastAt && !isMember.has(loss.by?.[0]?.pid ?? 0)) delete loss.by;
  }
  return [...world.lost.values()];
}

/** The kernel's tables: what is open, and the remnants of what this side ended. */
function tables(world: World, at: number): { observations: Observation[] } {
  const observations: Observation[] = [];
  for (const socket of world.sockets.current()) {
    socket.wasSeen = true;
    observations.push(rowOf(socket, at, true));
  }
  for (const socket of world.sockets.ended()) {
    const isRemnant = socket.leavesRemnant && !socket.failed && socket.protocol === 'tcp';
    if (isRemnant && at - socket.closedAt! < REMNANT_MS) observations.push(remnantOf(socket, at));
  }
  return { observations };
}

/** Last counters of connections that ended since the look before. */
function ends(world: World, at: number): ClosedSocket[] {
  const closed: ClosedSocket[] = [];
  for (const socket of world.sockets.ended()) {
    if (socket.endTold || socket.protocol !== 'tcp' || socket.netns !== HOST_NETNS) continue;
    socket.endTold = true;
    const { family, netns, local, bytesOut, bytesIn, cookie } = socket;
    closed.push({
      at,
      family,
      protocol: 'tcp',
      netns,
      local,
      remote: socket.remote!,
      bytesOut,
      bytesIn,
      cookie: String(cookie),
    });
  }
  return closed;
}

interface NamesWanted {
  world: World;
  observations: readonly Observation[];
  members: readonly FamilyMember[];
  gateways: readonly GatewayFact[];
  /** Names that the collector would ask for. */
  askable: ReadonlySet<string>;
  hasNames: boolean;
  at: number;
}

/** Worked out anew when the configuration is another one. */
function createAskable(
  expectedOf: LookerOptions['expectedOf'],
  ruled: LookerOptions['ruled'],
): (gateway: GatewayFact) => ReadonlySet<string> {
  let config: unknown;
  let names: ReadonlySet<string> = new Set();
  return (gateway) => {
    if (config !== gateway.config.value) {
      const own = ruled().map((pattern) => ({ pattern }));
      names = new Set(askableNames([...expectedOf(gateway), ...own]).names);
    }
    config = gateway.config.value;
    return names;
  };
}

/** Names for the far ends, from the sources that the collector has: hosts file, expected hosts, claims, and the wire. */
function namesOf({ world, observations, members, gateways, askable, hasNames, at }: NamesWanted): NameFact[] {
  const isMember = new Set(members.map(({ pid }) => pid));
  const found: NameFact[] = hasNames ? [...world.answers.values()] : [];
  if (hasNames) for (const [socket, name] of world.hellos) found.push(helloFact(world, socket, name));
  const remotes = observations.flatMap(({ pids = [], remote, ...socket }) => {
    const pid = pids.find((each) => isMember.has(each));
    return pid === undefined || remote === undefined || isListening(socket) ? [] : [{ pid, ...remote }];
  });
  for (const address of new Set(remotes.map((remote) => remote.address))) {
    for (const { name } of (world.hostFacts.hostsFile ?? []).filter((line) => line.address === address)) {
      found.push({ address, name, source: 'hosts', seenAt: at });
    }
    for (const name of world.names.namesOf(address)) {
      if (askable.has(name)) found.push({ address, name, source: 'expected', seenAt: at });
    }
  }
  const proven = found.filter(({ source }) => source !== 'sni');
  const pairs = new Set(proven.map(({ name, address }) => `${name} ${address}`));
  const known = new Set(proven.map(({ name }) => name));
  const named = new Set(proven.map(({ address }) => address));
  const claims = claimedNames({
    remotes,
    processes: new Map([...world.processes.all()].map((process) => [process.pid, process])),
    activities: [],
    gateways,
    now: at,
    resolvesTo: (name, address) => pairs.has(`${name} ${address}`),
    isExplained: ({ address }) => named.has(address),
    isKnown: (name) => known.has(name) || askable.has(name),
  });
  return [...found, ...claims];
}

function helloFact(world: World, socket: SimSocket, name: string): NameFact {
  const { address } = socket.remote!;
  const isAnswered = world.answers.has(`${address} ${name}`);
  return {
    address,
    name,
    source: 'sni',
    seenAt: socket.openedAt,
    local: socket.local,
    netns: socket.netns,
    ...(isAnswered ? {} : { claimed: true as const }),
  };
}

/** A process as the process table has it: descriptors are looked at for the family only. */
function factOf(process: SimProcess, isMember: boolean): ProcessFact {
  const { endedAt: _e, bornAt: _b, maker: _m, isDaemon: _d, isExecShell: _s, stdio, holdsTerminal, ...fact } = process;
  if (!isMember) return { ...fact };
  return { ...fact, stdio, ...(holdsTerminal && { holdsTerminal }) };
}

/** The packet filter and its translations are read with rights only. */
function hostFactsAt({ hostFacts, firewall }: World, level: TelemetryLevel): HostFacts {
  const hasRights = level !== 'T0';
  const { publishes, ...rest } = hostFacts;
  return {
    ...rest,
    ...(publishes !== undefined && {
      publishes: publishes.filter(({ source }) => hasRights || source !== 'nat rule'),
    }),
    ...(hasRights && firewall !== undefined && { firewall }),
  };
}
