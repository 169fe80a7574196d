import { contactOf } from '../types/contact.ts';
import type { DnsQuestion } from '../types/dns.ts';
import type { EgressVerdict } from '../types/egress.ts';
import type { Confidence } from '../types/gateway.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { ContactWindow } from '../types/ledger.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Connection, Owner, Role, Snapshot } from '../types/snapshot.ts';
import { type AgentFamily, agentFamilyOf } from './agent-family.ts';
import { argumentTargets } from './argument-hosts.ts';
import { type FarEnd, farEndsOf } from './far-ends.ts';
import { listedEndsOf } from './listed-ends.ts';
import { registrableDomain } from './registrable.ts';

/** How much is known of a contact: bytes went out or tried to, a name was asked for, a program was told to go there. */
export type ContactBasis = 'connection' | 'question' | 'argument';

/** What one member of a family has to do with one far end, from everything that a look and the last day tell. */
export interface HostContact {
  /** As in `Contact`. */
  subject: string;
  destination: string;
  role: Role;
  gatewayId?: string;
  name?: string;
  /** Only the process's own word stands behind the name. */
  claimed: boolean;
  /** The call of the agent names the host. */
  declared: boolean;
  basis: ContactBasis;
  confidence: Confidence;
  /** `address:port`, newest first, at most 16. */
  endpoints: string[];
  addresses: string[];
  ports: Set<number>;
  bytesOut: number;
  /** Unix ms. */
  lastAt: number;
  /** Of its connections: `approved` or `suppressed` only when all of them are. */
  verdict?: EgressVerdict | undefined;
  owner?: Owner;
  socketKeys: string[];
  pids: number[];
}

export interface HostContactQuery {
  /** How long a contact that ended is remembered, ms. */
  rememberMs: number;
  /** Span of `bytesOut`, ms. */
  bytesMs: number;
  /** Only ends that some list names are of interest: then the thousands that none does are passed over unasked. */
  ofLists?: boolean;
  /** Names and addresses of interest; everything else is left out at once, since names come by the thousand. */
  isWanted(end: { name?: string; address?: string; port?: number }): boolean;
}

const MAX_CONTACTS = 1024;
const MAX_PER_CONTACT = 16;

/** Contacts of the families with ends of interest: of this look, of the ledger, of questions and of arguments. */
export function hostContacts(snapshot: Snapshot, context: RuleContext, query: HostContactQuery): HostContact[] {
  const found = new Map<string, HostContact>();
  const at = (subject: string, destination: string, make: () => HostContact): HostContact | undefined => {
    const key = `${subject.length} ${subject}${destination}`;
    const known = found.get(key);
    if (known !== undefined || found.size >= MAX_CONTACTS) return known;
    const made = make();
    found.set(key, made);
    return made;
  };
  const { ends, windows } = query.ofLists
    ? listedEndsOf(snapshot, context.ledger, context.indicators)
    : { ends: farEndsOf(snapshot), windows: context.ledger?.contacts() ?? [] };
  for (const end of ends) if (query.isWanted(end)) addFarEnd(end, snapshot.at, at);
  addLedger(windows, context.now, query, at);
  const family = agentFamilyOf(snapshot);
  addArguments(snapshot, query, at, family);
  addQuestions(questionsSince(snapshot, context, query.rememberMs), query, at, family);
  return [...found.values()];
}

type Place = (subject: string, destination: string, make: () => HostContact) => HostContact | undefined;

/** Questions of this look and of the ledger, each once. */
export function questionsSince(snapshot: Snapshot, { ledger, now }: RuleContext, ms: number): DnsQuestion[] {
  return [...new Set([...(snapshot.questions ?? []), ...(ledger?.questions(now - ms) ?? [])])];
}

function empty(subject: string, destination: string, role: Role): HostContact {
  return {
    subject,
    destination,
    role,
    claimed: false,
    declared: false,
    basis: 'argument',
    confidence: 'likely',
    endpoints: [],
    addresses: [],
    ports: new Set(),
    bytesOut: 0,
    lastAt: 0,
    socketKeys: [],
    pids: [],
  };
}

function addFarEnd({ name, connections }: FarEnd, now: number, at: Place): void {
  for (const connection of connections) {
    const { destination, owner } = connection;
    const contact = contactOf(connection);
    if (contact === undefined || owner === undefined) continue;
    const place = at(contact.subject, contact.destination, () =>
      empty(contact.subject, contact.destination, owner.role),
    );
    if (place === undefined) continue;
    if (name !== undefined) {
      place.name = name;
      place.claimed = destination?.claimed === true;
    }
    place.declared ||= destination?.source === 'tool-call';
    place.confidence = weaker(owner.confidence, destination?.confidence ?? 'likely');
    noteConnection(place, connection, owner, now);
  }
}

function noteConnection(place: HostContact, connection: Connection, owner: Owner, now: number): void {
  const { address, port } = connection.remote!;
  place.basis = 'connection';
  place.owner = owner;
  place.lastAt = now;
  place.bytesOut += connection.bytesOut ?? 0;
  place.verdict = combined(place.verdict, connection.verdict);
  place.ports.add(port);
  if (connection.gatewayId !== undefined) place.gatewayId = connection.gatewayId;
  note(place.endpoints, formatEndpoint(address, port));
  note(place.addresses, address);
  note(place.pids, owner.process.pid);
  if (place.socketKeys.length < 50) place.socketKeys.push(connection.key);
}

/** A permission counts only when it covers every connection. */
function combined(a: EgressVerdict | undefined, b: EgressVerdict | undefined): EgressVerdict | undefined {
  if (a === undefined || a === b) return b;
  return GRAVITY.indexOf(a) < GRAVITY.indexOf(b ?? 'unknown') ? a : (b ?? 'unknown');
}

const GRAVITY: readonly EgressVerdict[] = ['unknown', 'learned', 'expected', 'approved', 'suppressed'];

function addLedger(windows: Iterable<ContactWindow>, now: number, query: HostContactQuery, at: Place): void {
  const bytes = new Map<HostContact, number>();
  for (const window of windows) {
    if (now - window.lastAt > query.rememberMs || window.role === 'other') continue;
    const { name, port, addresses } = window;
    const address = addresses.at(-1);
    const end = {
      ...(name === undefined ? {} : { name }),
      ...(address === undefined ? {} : { address }),
      port,
    };
    if (!query.isWanted(end)) continue;
    const place = at(window.subject, window.destination, () => empty(window.subject, window.destination, window.role));
    if (place === undefined) continue;
    bytes.set(place, (bytes.get(place) ?? 0) + window.bytesSince(now - query.bytesMs).bytesOut);
    // What this look judges is newer than what was judged then.
    if (place.basis !== 'connection') place.verdict = combined(place.verdict, window.verdict);
    if (name !== undefined) place.name ??= name;
    if (window.gatewayId !== undefined) place.gatewayId ??= window.gatewayId;
    place.lastAt = Math.max(place.lastAt, window.lastAt);
    place.ports.add(port);
    for (const each of addresses.toReversed()) {
      note(place.endpoints, formatEndpoint(each, port));
      note(place.addresses, each);
    }
    for (const pid of window.pids.toReversed()) note(place.pids, pid);
  }
  for (const [place, sum] of bytes) {
    place.basis = 'connection';
    // The ledger may count a connection that this look shows, too.
    place.bytesOut = Math.max(place.bytesOut, sum);
  }
}

function addArguments(snapshot: Snapshot, { isWanted }: HostContactQuery, at: Place, family: AgentFamily): void {
  for (const { process } of family.members) {
    for (const { host, isAddress, port } of argumentTargets(process)) {
      const end = { ...(isAddress ? { address: host } : { name: host }), ...(port === undefined ? {} : { port }) };
      if (!isWanted(end)) continue;
      const place = unproven(at, family.ownerOf(process), host, isAddress);
      if (place === undefined || place.basis === 'connection') continue;
      place.claimed = true;
      place.lastAt = snapshot.at;
      if (port !== undefined) place.ports.add(port);
      // Its connections without a name are most likely the ones that the arguments speak of.
      for (const connection of family.connectionsOf(process.pid)) {
        if (connection.direction !== 'outbound' || connection.remote === undefined) continue;
        if (connection.destination?.name === undefined && connection.owner !== undefined) {
          noteConnection(place, connection, connection.owner, snapshot.at);
        }
      }
      place.confidence = 'possible';
    }
  }
}

function addQuestions(
  questions: readonly DnsQuestion[],
  { isWanted }: HostContactQuery,
  at: Place,
  family: AgentFamily,
): void {
  for (const { name, pid, at: askedAt } of questions) {
    const process = pid !== undefined && isWanted({ name }) ? family.process(pid) : undefined;
    // The pid may have been another process then.
    if (process === undefined || (process.startedAt ?? 0) > askedAt + 2000) continue;
    const owner = family.ownerOf(process);
    const place = owner.role === 'other' ? undefined : unproven(at, owner, name, false);
    if (place === undefined) continue;
    if (place.basis === 'argument') {
      place.basis = 'question';
      place.claimed = false;
    }
    place.lastAt = Math.max(place.lastAt, askedAt);
  }
}

function unproven(at: Place, owner: Owner, host: string, isAddress: boolean): HostContact | undefined {
  const subject = owner.skill === undefined ? owner.role : `skill ${owner.skill}`;
  const destination = isAddress ? host : registrableDomain(host);
  const place = at(subject, destination, () => ({
    ...empty(subject, destination, owner.role),
    ...(isAddress ? { addresses: [host] } : { name: host }),
  }));
  if (place === undefined) return undefined;
  place.owner ??= owner;
  if (owner.gatewayId !== undefined) place.gatewayId ??= owner.gatewayId;
  note(place.pids, owner.process.pid);
  return place;
}

function note<Value>(list: Value[], value: Value): void {
  if (list.length < MAX_PER_CONTACT && !list.includes(value)) list.push(value);
}

const CERTAINTY: readonly Confidence[] = ['possible', 'likely', 'certain'];

export function weaker(a: Confidence, b: Confidence): Confidence {
  return CERTAINTY.indexOf(a) < CERTAINTY.indexOf(b) ? a : b;
}
