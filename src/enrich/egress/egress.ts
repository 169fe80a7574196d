import type { Collected } from '../../types/collector.ts';
import { subjectOf } from '../../types/contact.ts';
import type { Destination, ExpectedHost, PolicyRule } from '../../types/egress.ts';
import type { GatewayFact } from '../../types/gateway.ts';
import type { History } from '../../types/rule.ts';
import type { Connection, Owner, Snapshot } from '../../types/snapshot.ts';
import type { Endpoint } from '../../types/socket.ts';
import { createCoverageMeter } from '../coverage.ts';
import { type Attribution, createAttributions } from './attribution.ts';
import { createDestinations } from './destination.ts';
import { createDomainOf } from './domain.ts';
import { expectedHosts } from './expected-hosts.ts';
import { createEgressJudge, type EgressJudgement } from './verdict.ts';

/** What egress is judged by, besides what was collected. */
export interface EgressContext {
  policy: readonly PolicyRule[];
  history: Partial<Pick<History, 'isLearned'>>;
}

/** Adds to the family's outbound connections where they go, for what, and whether that was to be expected. */
export type EnrichEgress = (snapshot: Snapshot, collected: Collected, context: EgressContext) => Snapshot;

/** Hosts that the configuration of a gateway makes us expect. */
export type ExpectationsOf = (gateway: GatewayFact, resolvers: readonly string[]) => readonly ExpectedHost[];

/** Made once: remembers the look before, for coverage. */
export function createEgress(expectationsOf: ExpectationsOf = createExpectations()): EnrichEgress {
  const domainOf = createDomainOf();
  const measure = createCoverageMeter();
  return (snapshot, collected, { policy, history }) => {
    const { skills, activities = [], resolvers = [] } = collected;
    const destinationOf = createDestinations(collected.names ?? [], domainOf);
    const attributions = createAttributions({
      processes: snapshot.processes,
      gateways: snapshot.gateways,
      activities,
    });
    const judges = new Map(
      snapshot.gateways.map((gateway) => [
        gateway.id,
        createEgressJudge({
          expected: expectationsOf(gateway, resolvers),
          policy,
          learned: (subject, destination) =>
            history.isLearned?.(subjectOf(subject) ?? 'everywhere', destination) ?? false,
          now: snapshot.at,
        }),
      ]),
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
    const connections = snapshot.connections.map((connection) => {
      const judge = judges.get(connection.gatewayId ?? '');
      const { direction, remote, owner, since } = connection;
      if (direction !== 'outbound' || remote === undefined || judge === undefined) return connection;
      const farEnd = farEndOf(connection, remote);
      const explained: Connection = { ...connection, destination: farEnd.destination };
      if (owner !== undefined) attribute(explained, owner, attributions.of(owner, since.at, farEnd.names));
      const { skill } = explained.owner ?? {};
      // Of one owner to one far end the answer is the same, unless the connection itself tells of a skill.
      let judgement = skill === owner?.skill ? farEnd.judgement : undefined;
      if (judgement === undefined) {
        judgement = judge(explained);
        if (skill === owner?.skill) farEnd.judgement = judgement;
      }
      explained.verdict = judgement.verdict;
      explained.verdictReason = judgement.verdictReason;
      return explained;
    });
    const coverage = measure({ ...snapshot, connections }, collected.ownNetns, collected.activeOpens, collected.sensor);
    return {
      ...snapshot,
      connections,
      ...(skills && { skills }),
      activities,
      expectedHosts: snapshot.gateways.flatMap((gateway) => expectationsOf(gateway, resolvers)),
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

/**
 * Ten thousand connections of a family go to few places. What they share is found by gateway, owner and place; where a
 * socket has several holders, by those too; and where hellos were seen (`greeted`), each connection has its own.
 */
function createFarEnds(
  greeted: ReadonlySet<string>,
  destinationOf: (connection: Connection, address: string) => Destination,
): (connection: Connection, remote: Endpoint) => FarEnd {
  const known = new Map<Owner | undefined, Map<string, FarEnd>>();
  return (connection, { address, port }) => {
    const { owner, protocol, gatewayId, pids } = connection;
    let ofOwner = known.get(owner);
    if (ofOwner === undefined) {
      ofOwner = new Map();
      known.set(owner, ofOwner);
    }
    // The gateway's name last: it is text from outside.
    const key = `${port} ${address} ${protocol} ${pids === undefined ? '' : pids.length === 1 ? pids[0] : pids.join()} ${greeted.has(address) ? connection.local.port : ''} ${connection.netns} ${gatewayId}`;
    let farEnd = ofOwner.get(key);
    if (farEnd === undefined) {
      const destination = destinationOf(connection, address);
      const { name, otherNames = [] } = destination;
      farEnd = { destination, names: name === undefined ? [] : [name, ...otherNames] };
      ofOwner.set(key, farEnd);
    }
    return farEnd;
  };
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
