import type { Collected } from '../../types/collector.ts';
import { subjectOf } from '../../types/contact.ts';
import type { Destination, ExpectedHost, PolicyRule, PolicyScope } from '../../types/egress.ts';
import type { GatewayFact } from '../../types/gateway.ts';
import type { History } from '../../types/rule.ts';
import type { Connection, Owner, Snapshot } from '../../types/snapshot.ts';
import type { Endpoint } from '../../types/socket.ts';
import { createCoverageMeter } from '../coverage.ts';
import { type Attribution, createAttributions } from './attribution.ts';
import { createDestinations } from './destination.ts';
import { createDomainOf } from './domain.ts';
import { expectedHosts } from './expected-hosts.ts';
import { compileExpectations, createEgressJudge, type EgressJudgement, type FindExpectations } from './verdict.ts';

/** What egress is judged by, besides what was collected. */
export interface EgressContext {
  policy: readonly PolicyRule[];
  history: Partial<Pick<History, 'isLearned'>>;
}

/**
 * Adds to the family's outbound connections where they go, for what, and whether that was to be expected. It does so in the
 * connections of `snapshot` themselves, which are this look's alone: ten thousand copies in each look are not free.
 */
export type EnrichEgress = (snapshot: Snapshot, collected: Collected, context: EgressContext) => Snapshot;

/** Hosts that the configuration of a gateway makes us expect. */
export type ExpectationsOf = (gateway: GatewayFact, resolvers: readonly string[]) => readonly ExpectedHost[];

/** Made once: remembers the look before, for coverage. */
export function createEgress(expectationsOf: ExpectationsOf = createExpectations()): EnrichEgress {
  const domainOf = createDomainOf();
  const measure = createCoverageMeter();
  const readPatterns = createPatterns();
  return (snapshot, collected, { policy, history }) => {
    const { skills, activities = [], resolvers = [] } = collected;
    const destinationOf = createDestinations(collected.names ?? [], domainOf);
    const attributions = createAttributions({
      processes: snapshot.processes,
      gateways: snapshot.gateways,
      activities,
    });
    const judges = new Map(
      snapshot.gateways.map((gateway) => {
        const expected = expectationsOf(gateway, resolvers);
        const learned = (subject: PolicyScope, destination: string) =>
          history.isLearned?.(subjectOf(subject) ?? 'everywhere', destination) ?? false;
        const judge = createEgressJudge({ expected, policy, learned, now: snapshot.at }, readPatterns(expected));
        return [gateway.id, judge] as const;
      }),
    );
    const greeted = new Set((collected.names ?? []).flatMap(({ local, address }) => (local ? [address] : [])));
    const farEndOf = createFarEnds(greeted, (connection, address) =>
      destinationOf({
        address,
        pids: connection.pids,
        netns: connection.netns,
        local: connection.local,
        at: snapshot.at,
      }),
    );
    for (const connection of snapshot.connections) {
      const { direction, remote, owner, gatewayId } = connection;
      if (direction !== 'outbound' || remote === undefined) continue;
      const judge = judges.get(gatewayId ?? '');
      if (judge === undefined) continue;
      const farEnd = farEndOf(connection, remote);
      connection.destination = farEnd.destination;
      if (owner !== undefined) attribute(connection, owner, attributions.of(owner, connection.since.at, farEnd.names));
      // Of one owner to one far end the answer is the same, unless the connection itself tells of a skill.
      const isShared = connection.owner?.skill === owner?.skill;
      const judgement = (isShared ? farEnd.judgement : undefined) ?? judge(connection);
      if (isShared) farEnd.judgement = judgement;
      connection.verdict = judgement.verdict;
      connection.verdictReason = judgement.verdictReason;
    }
    const [first, ...others] = snapshot.gateways.map((gateway) => expectationsOf(gateway, resolvers));
    const coverage = measure(snapshot, collected.ownNetns, collected.activeOpens, collected.sensor);
    return {
      ...snapshot,
      ...(skills && { skills }),
      activities,
      // The same list in each look, where there is one gateway: whoever works something out from it may keep that.
      expectedHosts: others.length === 0 ? (first ?? []) : [first ?? [], ...others].flat(),
      ...(coverage && { coverage }),
    };
  };
}

/** The far end of connections of one owner, and what is said of it; worked out once in a look. */
interface FarEnd {
  destination: Destination;
  names: readonly string[];
  judgement?: EgressJudgement;
}

/** Of one owner: by what all decides, and by the object that names the place, with the last connection that had it. */
interface FarEndsOfOwner {
  byParts: Map<string, FarEnd>;
  byPlace: Map<Endpoint, { connection: Connection; farEnd: FarEnd }>;
}

/**
 * Ten thousand connections of a family go to few places. What they share is found by gateway, owner and place; where a
 * socket has several holders, by those too; and where hellos were seen (`greeted`), each connection has its own.
 */
function createFarEnds(
  greeted: ReadonlySet<string>,
  destinationOf: (connection: Connection, address: string) => Destination,
): (connection: Connection, remote: Endpoint) => FarEnd {
  const known = new Map<Owner | undefined, FarEndsOfOwner>();

  function find({ byParts }: FarEndsOfOwner, connection: Connection, { address, port }: Endpoint): FarEnd {
    const { protocol, gatewayId, pids, netns } = connection;
    const holders = pids === undefined ? '' : pids.length === 1 ? pids[0] : pids.join();
    const own = greeted.has(address) ? connection.local.port : '';
    // The gateway's name last: it is text from outside.
    const key = `${port} ${address} ${protocol} ${holders} ${own} ${netns} ${gatewayId}`;
    let farEnd = byParts.get(key);
    if (farEnd === undefined) {
      const destination = destinationOf(connection, address);
      const { name, otherNames = [] } = destination;
      farEnd = { destination, names: name === undefined ? [] : [name, ...otherNames] };
      byParts.set(key, farEnd);
    }
    return farEnd;
  }

  return (connection, remote) => {
    let ofOwner = known.get(connection.owner);
    if (ofOwner === undefined) {
      ofOwner = { byParts: new Map(), byPlace: new Map() };
      known.set(connection.owner, ofOwner);
    }
    const last = ofOwner.byPlace.get(remote);
    if (last !== undefined && hasSameParts(last.connection, connection)) return last.farEnd;
    const farEnd = find(ofOwner, connection, remote);
    if (!greeted.has(remote.address)) ofOwner.byPlace.set(remote, { connection, farEnd });
    return farEnd;
  };
}

/** Everything of `byParts` but the place; may say no where it is the same. */
function hasSameParts(a: Connection, b: Connection): boolean {
  return a.protocol === b.protocol && a.netns === b.netns && a.gatewayId === b.gatewayId && a.pids === b.pids;
}

function attribute(connection: Connection, owner: Owner, { skill, toolCall }: Attribution): void {
  // The path of a program is better evidence than what was read before it started, and is there already.
  if (skill !== undefined && owner.skill === undefined) {
    connection.owner = { ...owner, skill: skill.name, confidence: skill.confidence };
  }
  if (toolCall === undefined) return;
  const { tool, id, confidence } = toolCall;
  connection.toolCall = id === undefined ? { tool, confidence } : { tool, id, confidence };
}

/** Patterns are read once for each list of hosts: it stays the same object while configuration and name servers do. */
function createPatterns(): (expected: readonly ExpectedHost[]) => FindExpectations {
  const read = new WeakMap<readonly ExpectedHost[], FindExpectations>();
  return (expected) => {
    const known = read.get(expected) ?? compileExpectations(expected);
    read.set(expected, known);
    return known;
  };
}

/** Gateways and sets of name servers come and go; what is forgotten is worked out again. */
const MAX_KNOWN = 64;

/** Expected hosts of a gateway, worked out anew only when its configuration or the name servers are other ones. */
export function createExpectations(): ExpectationsOf {
  const known = new Map<string, { config: unknown; hosts: ExpectedHost[] }>();
  return (gateway, resolvers) => {
    const { value: config } = gateway.config;
    const key = [gateway.id, ...resolvers].join(' ');
    const before = known.get(key);
    if (before?.config === config) return before.hosts;
    const hosts = expectedHosts(gateway, { resolvers });
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, { config, hosts });
    return hosts;
  };
}
