import type { EgressVerdict, ExpectedHost, PolicyRule, PolicyScope } from '../../types/egress.ts';
import { formatEndpoint } from '../../types/ip.ts';
import type { Connection, Role } from '../../types/snapshot.ts';
import { isOnlyClaimed } from './destination.ts';
import { type FarEnd, type HostPattern, matchesHostPattern, parseHostPattern } from './host-pattern.ts';

/** What is judged: an outbound connection with its owner and the name of its far end. */
export type JudgedConnection = Pick<
  Connection,
  'remote' | 'remoteClass' | 'direction' | 'owner' | 'destination' | 'protocol'
>;

/** Against what a connection is judged. */
export interface EgressContext {
  /** Of the gateway whose family the connection belongs to. */
  expected: readonly ExpectedHost[];
  policy: readonly PolicyRule[];
  /** Whether this was seen during learning; asked with the values of `policySubject` and `destinationKey`. */
  learned: (subject: PolicyScope, destination: string) => boolean;
  /** Unix ms. */
  now: number;
}

export interface EgressJudgement {
  verdict: EgressVerdict;
  /** One clause; raw, it may hold a user's reason or a key of the configuration. */
  verdictReason: string;
}

// Ids of rules and findings share the field with host patterns; none of them is meant as a host.
const REFERENCE = /^(?:[A-Z]{3}-\d{2}|F-[0-9A-Z]{6,12})$/;
const MAX_TOLD_NAMES = 2;

/** Judges one connection; for many of one look, `createEgressJudge` reads the patterns once. */
export function judgeEgress(connection: JudgedConnection, context: EgressContext): EgressJudgement {
  return createEgressJudge(context)(connection);
}

/** Which of the expected hosts an end is. */
export type FindExpectations = (end: FarEnd) => ExpectedHost[];

/**
 * The verdict of each connection, strongest ground first: suppressed, approved, expected, learned, unknown. Pure.
 *
 * A name that only the process itself claims counts for nothing here: neither permission nor expectation rests on it.
 *
 * @param expectationsFor of `context.expected`, for who has read its patterns already.
 */
export function createEgressJudge(
  context: EgressContext,
  expectationsFor: FindExpectations = compileExpectations(context.expected),
): (connection: JudgedConnection) => EgressJudgement {
  const rules = compilePolicy(context.policy, context.now);
  return (connection) => {
    const end = provenEnd(connection);
    const role = connection.owner?.role;
    const rule = (action: PolicyRule['action']) =>
      rules.find((each) => each.rule.action === action && isInScope(each.rule.scope, connection) && each.covers(end));
    const suppressed = rule('suppress');
    if (suppressed !== undefined) return byRule('suppressed', suppressed.rule);
    const allowed = rule('allow');
    if (allowed !== undefined) return byRule('approved', allowed.rule);
    if (isThisHost(connection)) return { verdict: 'expected', verdictReason: 'this host' };
    const expectation = expectationsFor(end).find(({ roles }) => isExpectedOf(roles, connection));
    if (expectation !== undefined) {
      const unseen = role === undefined ? '; its owner was not seen' : '';
      return {
        verdict: 'expected',
        verdictReason: `${expectation.reason}${ambiguity(connection)}${unseen}`,
      };
    }
    const subject = policySubject(connection);
    const key = destinationKey(connection);
    if (subject !== undefined && key !== undefined && context.learned(subject, key)) {
      return { verdict: 'learned', verdictReason: `seen during learning${ambiguity(connection)}` };
    }
    return { verdict: 'unknown', verdictReason: unknownReason(connection, role) };
  };
}

/** Whose habit a connection is: the skill's where one is known, else the role's. `undefined` without an owner. */
export function policySubject({ owner }: Pick<JudgedConnection, 'owner'>): PolicyScope | undefined {
  if (owner === undefined) return undefined;
  return owner.skill === undefined ? { kind: 'role', name: owner.role } : { kind: 'skill', name: owner.skill };
}

/** What is remembered of a far end: registrable domain, else the name, else `address:port`. */
export function destinationKey(connection: Pick<JudgedConnection, 'remote' | 'destination'>): string | undefined {
  const { remote, destination } = connection;
  if (destination?.name !== undefined && !isOnlyClaimed(destination)) return destination.domain ?? destination.name;
  return remote && formatEndpoint(remote.address, remote.port);
}

function provenEnd({ remote, destination }: JudgedConnection): FarEnd {
  const name = destination === undefined || isOnlyClaimed(destination) ? undefined : destination.name;
  return { name, address: remote?.address, port: remote?.port };
}

interface CompiledRule {
  rule: PolicyRule;
  covers(end: FarEnd): boolean;
}

function compilePolicy(policy: readonly PolicyRule[], now: number): CompiledRule[] {
  return policy.flatMap((rule) => {
    const isOver = rule.removedAt !== undefined || (rule.expiresAt !== undefined && rule.expiresAt <= now);
    if (isOver || REFERENCE.test(rule.pattern)) return [];
    const parsed = parseHostPattern(rule.pattern);
    // A pattern that cannot be read permits nothing.
    return parsed.ok ? [{ rule, covers: (end: FarEnd) => matchesHostPattern(parsed.pattern, end) }] : [];
  });
}

/**
 * Patterns are looked up by what they spell out, so that ten thousand connections do not each try every pattern: an exact
 * name or address whole, the others by their last two labels, which are never wild. Only blocks are tried in turn.
 */
export function compileExpectations(expected: readonly ExpectedHost[]): FindExpectations {
  const byKey = new Map<string, Compiled[]>();
  const blocks: Compiled[] = [];
  for (const host of expected) {
    const parsed = parseHostPattern(host.pattern);
    if (!parsed.ok) continue;
    const pattern: HostPattern = host.port === undefined ? parsed.pattern : { ...parsed.pattern, port: host.port };
    const key = indexKey(pattern);
    const place = key === undefined ? blocks : (byKey.get(key) ?? []);
    place.push({ host, pattern });
    if (key !== undefined) byKey.set(key, place);
  }
  return (end) => {
    const found: ExpectedHost[] = [];
    const collect = (candidates: readonly Compiled[] = []) => {
      for (const { host, pattern } of candidates) if (matchesHostPattern(pattern, end)) found.push(host);
    };
    if (end.name !== undefined) {
      collect(byKey.get(end.name));
      collect(byKey.get(`*${lastTwoLabels(end.name)}`));
    }
    if (end.address !== undefined) collect(byKey.get(end.address));
    collect(blocks);
    return found;
  };
}

function indexKey(pattern: HostPattern): string | undefined {
  switch (pattern.kind) {
    case 'name':
      return pattern.name;
    case 'address':
      return pattern.address;
    case 'labels':
      return `*${pattern.labels.slice(-2).join('.')}`;
    case 'block':
      return undefined;
  }
}

function lastTwoLabels(name: string): string {
  return name.slice(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
}

interface Compiled {
  host: ExpectedHost;
  pattern: HostPattern;
}

function isInScope(scope: PolicyScope, { owner }: JudgedConnection): boolean {
  switch (scope.kind) {
    case 'everywhere':
      return true;
    case 'skill':
      return scope.name !== undefined && owner?.skill === scope.name;
    case 'role':
      return scope.name !== undefined && owner?.role === scope.name;
  }
}

function isExpectedOf(roles: ExpectedHost['roles'], { owner }: JudgedConnection): boolean {
  // Without an owner it is some family member's, and which one cannot be told.
  if (owner === undefined) return true;
  if (owner.role === 'other') return false;
  return roles.includes('any') || roles.includes(owner.role);
}

function isThisHost({ direction, remoteClass }: JudgedConnection): boolean {
  return direction === 'internal' || remoteClass === 'loopback';
}

function byRule(verdict: EgressVerdict, rule: PolicyRule): EgressJudgement {
  const origin = rule.origin === 'learned' ? 'accepted from learning' : `${rule.action} rule ${rule.id}`;
  return { verdict, verdictReason: `${origin}: ${rule.reason}` };
}

/** Says that a name is one of several of its address. */
function ambiguity({ destination }: JudgedConnection): string {
  const others = destination?.confidence === 'possible' ? (destination.otherNames ?? []) : [];
  if (others.length === 0) return '';
  const told = others.slice(0, MAX_TOLD_NAMES).join(', ');
  const more = others.length > MAX_TOLD_NAMES ? ` and ${others.length - MAX_TOLD_NAMES} more` : '';
  return `; ambiguous, the address is shared with ${told}${more}`;
}

function unknownReason(connection: JudgedConnection, role: Role | undefined): string {
  const { destination } = connection;
  const named =
    destination?.name === undefined
      ? 'no name is known for the address'
      : isOnlyClaimed(destination)
        ? 'only the process itself names the host'
        : 'not in the configuration, and no rule allows it';
  const why = `${named}${ambiguity(connection)}`;
  if (role === 'gateway') return `${why}; web_fetch and link previews of the gateway reach such hosts legitimately`;
  if (role === 'browser') return `${why}; a browser visits what it is told to`;
  return role === undefined ? `${why}; its owner was not seen` : why;
}
