import type { BlindSpot } from '../../types/blind-spot.ts';
import type { AgentActivity, ExpectedHost, NameFact } from '../../types/egress.ts';
import type { ProcessFact } from '../../types/process.ts';
import { claimedNames, type RemoteEnd } from './claimed-names.ts';
import { askableNames, createForwardResolution, type ForwardResolutionOptions } from './forward-resolution.ts';
import { createNameFiles, type NameFileOptions, type NameFileReading } from './hosts-files.ts';

/** Id of the blind spot that the next look may not have: names are still being asked for, and an address has none. */
export const NAMES_PENDING = 'names.pending';

/** What names are wanted for. */
export interface NamesRequest {
  /** Far ends of the family's outbound connections. */
  remotes: readonly RemoteEnd[];
  processes: ReadonlyMap<number, ProcessFact>;
  gateways: readonly { id: string; pid?: number | undefined; netns?: string | undefined }[];
  ownNetns: string;
  expected: readonly ExpectedHost[];
  /** Names that the user's own rules spell out. */
  ruled?: readonly string[];
  activities: readonly AgentActivity[];
  /** Names that other sources saw: DNS answers and server names, where there is a sensor. */
  seen?: readonly NameFact[];
  /** Unix ms. */
  now: number;
}

export interface NamesReading {
  names: NameFact[];
  /** Name servers of our own resolv.conf and of the gateways' namespaces. */
  resolvers: string[];
  blindSpots: BlindSpot[];
}

export interface NamesSource {
  collect(request: NamesRequest, signal: AbortSignal): Promise<NamesReading>;
  /**
   * Resolves when no name is being asked for; a single look may wait for it and collect once more. Nothing here keeps the
   * process alive, so wait for it beside a timer that does.
   */
  settled(): Promise<void>;
  /** Ends running questions; a process that is to end at once calls it. */
  close(): void;
}

export interface NamesOptions extends NameFileOptions, ForwardResolutionOptions {
  /** Ask for the addresses of hosts that the configuration names; default true. */
  resolveExpected?: boolean;
}

/**
 * Names for the addresses that the family is connected to: from hosts files, from the arguments of processes and tool
 * calls, and from forward resolution of expected hosts.
 *
 * Only names of `expected` and `ruled` are ever asked for, by A and AAAA and never by PTR. A name out of an argument is
 * compared with answers that are there already; to ask for it would tell an attacker's name server that somebody watches. Questions
 * run in the background: a look uses what is known and waits for nothing.
 */
export function createNames(options: NamesOptions = {}): NamesSource {
  const { resolveExpected = true } = options;
  const files = createNameFiles(options);
  const askableOf = createAskable();
  const resolution = createForwardResolution(options);

  async function collect(request: NamesRequest, signal: AbortSignal): Promise<NamesReading> {
    signal.throwIfAborted();
    const gatewayPids = request.gateways.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    const reading = files.read(
      gatewayPids,
      request.remotes.map(({ pid }) => pid),
    );
    const { names: askable, leftOut } = askableOf(request.expected, request.ruled);
    const found = provenNames(request, reading);
    const resolvers = [
      ...new Set([reading.own, ...gatewayFiles(reading, gatewayPids)].flatMap((each) => each.resolvers)),
    ];
    const seen = (request.seen ?? []).map((fact) => judgeSeen(fact, resolvers));
    const proven = [...seen.filter((fact) => fact.claimed !== true), ...found];
    const remotes = unexplainedRemotes(request, proven);
    const unexplained = new Set<string>();
    for (const { address } of remotes) unexplained.add(address);
    if (resolveExpected) resolution.refresh(askable, unexplained);
    const claimed = claimNames(request, proven, new Set(askable), remotes);
    return {
      names: [...seen, ...found, ...claimed],
      resolvers,
      blindSpots: [
        ...reading.blindSpots,
        ...(resolveExpected
          ? resolutionBlindSpots(resolution.status(), unexplained.size, leftOut)
          : resolutionOff(unexplained.size)),
        ...(resolveExpected ? elsewhere(request, reading) : []),
      ],
    };
  }

  /** Facts of hosts files and of answers, for the addresses at hand. */
  function provenNames(request: NamesRequest, reading: NameFileReading): NameFact[] {
    const facts = new Map<string, NameFact>();
    const add = (fact: NameFact) => facts.set(`${fact.address} ${fact.name} ${fact.source} ${fact.pid ?? ''}`, fact);
    for (const { pid, address } of request.remotes) {
      const { hosts, foreign } = reading.byPid.get(pid) ?? reading.own;
      for (const name of hosts.get(address) ?? []) {
        add({ address, name, source: 'hosts', seenAt: request.now, ...(foreign && { pid }) });
      }
      for (const [name, seenAt] of resolution.namesOf(address)) add({ address, name, source: 'expected', seenAt });
    }
    return [...facts.values()];
  }

  return { collect, settled: () => resolution.settled(), close: () => resolution.close() };
}

/** Which names may be asked for is worked out anew only when other hosts are expected or ruled: it reads hundreds of patterns. */
function createAskable() {
  let known: readonly ExpectedHost[] = [];
  let knownRules: readonly string[] = [];
  let answer: ReturnType<typeof askableNames> = { names: [], leftOut: 0 };
  return (expected: readonly ExpectedHost[], ruled: readonly string[] = []) => {
    if (!isSameList(known, expected) || !isSameList(knownRules, ruled)) {
      answer = askableNames([...expected, ...ruled.map((pattern) => ({ pattern }))]);
    }
    known = expected;
    knownRules = ruled;
    return answer;
  };
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** Far ends without a name but a claimed one, unless the configuration writes them as an address. */
function unexplainedRemotes({ remotes, expected }: NamesRequest, proven: readonly NameFact[]): Set<RemoteEnd> {
  const byAddress = Map.groupBy(proven, (fact) => fact.address);
  const literal = Map.groupBy(expected, ({ pattern }) => pattern);
  return new Set(
    remotes.filter(({ address, port, pid }) => {
      if (literal.get(address)?.some((host) => host.port === undefined || host.port === port)) return false;
      return !byAddress.get(address)?.some((fact) => fact.pid === undefined || fact.pid === pid);
    }),
  );
}

function claimNames(
  request: NamesRequest,
  proven: readonly NameFact[],
  askable: ReadonlySet<string>,
  unexplained: ReadonlySet<RemoteEnd>,
): NameFact[] {
  const pairs = new Set(proven.map(({ name, address }) => `${name} ${address}`));
  const known = new Set(proven.map(({ name }) => name));
  return claimedNames({
    ...request,
    resolvesTo: (name, address) => pairs.has(`${name} ${address}`),
    isExplained: (remote) => !unexplained.has(remote),
    isKnown: (name) => known.has(name) || askable.has(name),
  });
}

/**
 * What was seen on the wire is no better than who said it. A hello is the word of the program that sends it, and a skill
 * can ask a name server of its own, which answers what it likes: only those that this host is set up to ask count.
 */
function judgeSeen(fact: NameFact, resolvers: readonly string[]): NameFact {
  const isTrusted = fact.source === 'dns' && fact.server !== undefined && resolvers.includes(fact.server);
  return isTrusted ? fact : { ...fact, claimed: true };
}

function gatewayFiles(reading: NameFileReading, pids: readonly number[]) {
  return pids.flatMap((pid) => reading.byPid.get(pid) ?? []);
}

function resolutionBlindSpots(
  { pending, failed }: { pending: number; failed: number },
  unexplained: number,
  leftOut: number,
): BlindSpot[] {
  const spots: BlindSpot[] = [];
  if (pending > 0 && unexplained > 0) {
    spots.push(blindSpot(NAMES_PENDING, namesOf(unexplained), 'expected hosts are still being resolved'));
  }
  if (failed > 0) {
    spots.push({
      ...blindSpot('names.unanswered', `addresses of ${failed} expected host(s)`, 'no name server answered'),
      fix: 'check /etc/resolv.conf and the way to the name server',
    });
  }
  if (leftOut > 0) {
    spots.push(
      blindSpot('names.too-many', `addresses of ${leftOut} expected host(s)`, 'the configuration names too many'),
    );
  }
  return spots;
}

function resolutionOff(unexplained: number): BlindSpot[] {
  if (unexplained === 0) return [];
  return [
    {
      ...blindSpot('names.resolution-off', namesOf(unexplained), 'expected hosts are not resolved'),
      fix: 'switch resolveExpected on',
    },
  ];
}

/** Their name servers may answer otherwise: split horizon, a container's own DNS. */
function elsewhere({ gateways, ownNetns }: NamesRequest, reading: NameFileReading): BlindSpot[] {
  return gateways
    .filter(({ pid, netns }) => {
      const isForeign = pid !== undefined && reading.byPid.get(pid)?.foreign === true;
      return isForeign || (netns !== undefined && netns !== ownNetns);
    })
    .map(({ id }) => ({
      ...blindSpot(
        'names.resolver-elsewhere',
        'addresses of expected hosts as this gateway is told them',
        'it runs in another namespace, and names are asked for in ours',
      ),
      gatewayId: id,
    }));
}

function namesOf(count: number): string {
  return `names of ${count} remote address(es)`;
}

function blindSpot(id: string, what: string, why: string): BlindSpot {
  return { id, source: 'names', what, why, essential: false };
}
