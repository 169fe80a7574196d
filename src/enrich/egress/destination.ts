import type { Destination, NameFact, NameSource } from '../../types/egress.ts';
import type { Confidence } from '../../types/gateway.ts';
import type { Endpoint } from '../../types/socket.ts';
import type { DomainOf } from './domain.ts';

/** The far end of one connection. */
export interface DestinationQuestion {
  address: string;
  /** Processes that hold the socket. */
  pids?: readonly number[] | undefined;
  netns?: string | undefined;
  /** Its local end, for what only its own hello says. */
  local?: Endpoint | undefined;
  /** When the connection was seen, Unix ms. */
  at: number;
}

export type FindDestination = (question: DestinationQuestion) => Destination;

/** Most trustworthy first. A process's own words (`CLAIMED`) stand only when something else confirms them. */
const ORDER: readonly NameSource[] = ['dns', 'sni', 'hosts', 'tool-call', 'argv', 'expected'];
const CLAIMED: ReadonlySet<NameSource> = new Set(['sni', 'tool-call', 'argv']);

/** A name says nothing about a connection a day later: addresses of clouds move on. */
const MAX_AGE_MS = 24 * 60 * 60_000;
const MAX_OTHER_NAMES = 8;

/**
 * Names for addresses, from the facts of one look. Pure.
 *
 * A name that only the process's own arguments or the agent's call claim is a candidate: it comes behind every other
 * source, because a program would otherwise choose the name under which it is judged. Once another source has the same
 * name for the same address, the claim tells which of several names was meant.
 */
export function createDestinations(names: readonly NameFact[], domainOf: DomainOf): FindDestination {
  const byAddress = Map.groupBy(names, (fact) => fact.address);
  return ({ address, pids = [], netns, local, at }) => {
    const usable = (byAddress.get(address) ?? []).filter(
      (fact) =>
        (fact.pid === undefined || pids.includes(fact.pid)) &&
        (fact.netns === undefined || fact.netns === netns) &&
        (fact.local === undefined || isSameEnd(fact.local, local)) &&
        at - fact.seenAt <= MAX_AGE_MS,
    );
    const best = bestOf(usable);
    if (best === undefined) return {};
    const others = usable.length === 1 ? [] : otherNames(usable, best);
    const domain = domainOf(best.name);
    return {
      name: best.name,
      source: best.source,
      // The name may be learned after the connection was opened.
      ageMs: Math.max(0, at - best.seenAt),
      confidence: confidenceIn(best, usable, others, domainOf),
      ...(domain !== undefined && { domain }),
      ...(isClaim(best) && !isConfirmed(best, usable) && { claimed: true as const }),
      ...(others.length > 0 && { otherNames: others }),
    };
  };
}

/** True when nothing but the process's own words stands behind the name: no permission may rest on it. */
export function isOnlyClaimed(destination: Pick<Destination, 'claimed'>): boolean {
  return destination.claimed === true;
}

function isClaim(fact: NameFact): boolean {
  return fact.claimed === true || CLAIMED.has(fact.source);
}

function isSameEnd(a: Endpoint, b: Endpoint | undefined): boolean {
  return b !== undefined && a.port === b.port && a.address === b.address;
}

function bestOf(facts: readonly NameFact[]): NameFact | undefined {
  if (facts.length < 2) return facts[0];
  // The connection's own hello tells which of the names of an address was meant.
  const own = ownHello(facts);
  if (own !== undefined && isConfirmed(own, facts)) return own;
  const standing = facts.filter((fact) => !isClaim(fact) || isConfirmed(fact, facts));
  return [...(standing.length > 0 ? standing : facts)].sort(compareFacts)[0];
}

function ownHello(facts: readonly NameFact[]): NameFact | undefined {
  return facts.findLast((fact) => fact.source === 'sni' && fact.local !== undefined);
}

function isConfirmed(claim: NameFact, facts: readonly NameFact[]): boolean {
  return facts.some((fact) => !isClaim(fact) && fact.name === claim.name);
}

// Ends with the name, so that two facts of one moment give the same answer whatever their order.
function compareFacts(a: NameFact, b: NameFact): number {
  return (
    ORDER.indexOf(a.source) - ORDER.indexOf(b.source) ||
    Number(a.pid === undefined) - Number(b.pid === undefined) ||
    b.seenAt - a.seenAt ||
    (a.name < b.name ? -1 : 1)
  );
}

/** Names of the same address that are not the one chosen; unconfirmed claims are no names of the address. */
function otherNames(facts: readonly NameFact[], best: NameFact): string[] {
  const names = facts
    .filter((fact) => fact.name !== best.name && (!isClaim(fact) || isConfirmed(fact, facts)))
    .sort(compareFacts)
    .map((fact) => fact.name);
  return [...new Set(names)].slice(0, MAX_OTHER_NAMES);
}

function confidenceIn(
  best: NameFact,
  facts: readonly NameFact[],
  others: readonly string[],
  domainOf: DomainOf,
): Confidence {
  if (isClaim(best) && !isConfirmed(best, facts)) return 'possible';
  const party = domainOf(best.name) ?? best.name;
  const rivals = new Set(others.filter((name) => (domainOf(name) ?? name) !== party));
  const hello = ownHello(facts);
  // Two sources that do not know of each other agree on this very connection.
  if (hello?.name === best.name) return 'certain';
  // What the program says of itself is another host than what was asked for: one of the two is not the truth.
  if (hello !== undefined && (domainOf(hello.name) ?? hello.name) !== party) return 'possible';
  return rivals.size > 0 ? 'possible' : 'likely';
}
