import { type Contact, type ContactRecord, contactOf } from '../types/contact.ts';
import type { Destination, NameSource } from '../types/egress.ts';
import { type AddressContext, classifyAddress, formatEndpoint } from '../types/ip.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Connection, Owner, Role, Snapshot } from '../types/snapshot.ts';
import type { Endpoint } from '../types/socket.ts';

/** A contact that nothing expects, from the record and from this look. */
export interface UnknownContact extends Contact {
  role: Role;
  gatewayId?: string;
  name?: string;
  source?: NameSource;
  otherNames: readonly string[];
  /** `address:port` of what is known of it, newest first. */
  endpoints: string[];
  ports: Set<number>;
  isPublic: boolean;
  firstAt: number;
  connections: number;
  bytesOut: number;
  verdictReason?: string;
  /** Who holds a connection now. */
  owner?: Owner;
  /** At most `MAX_KEYS`. */
  socketKeys: string[];
}

/** Sockets named in one finding. All of a contact say the same, and thousands would be written and read in each look. */
const MAX_KEYS = 32;

/**
 * Contacts judged `unknown`: those of this look, and those on record since `sinceAt`, because a short connection must be
 * told also after its end. What this look judges otherwise (the user has allowed it since) is left out, and so is what was
 * learned and is unknown again because another rule found something grave in it: that is told, and nothing is new.
 */
export function unknownContacts(snapshot: Snapshot, { history }: RuleContext, sinceAt: number): UnknownContact[] {
  const found = new Map<string, UnknownContact>();
  const now = unknownByContact(snapshot.connections);
  for (const record of history.unknownContacts(sinceAt)) {
    const key = keyOf(record);
    // What this look has judged otherwise is left out.
    if (now.get(key)?.all.length !== 0) found.set(key, recorded(record, snapshot.addressContext, !now.has(key)));
  }
  for (const [key, unknown] of now) {
    if (unknown.all.length > 0) found.set(key, withConnections(found.get(key), unknown, snapshot.at));
  }
  return [...found.values()]
    .filter(({ subject, destination }) => history.isFamiliar?.(subject, destination) !== true)
    .sort((a, b) => a.firstAt - b.firstAt || (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** @param isAlone no connection of this look says more of it. */
function recorded(record: ContactRecord, context: AddressContext, isAlone: boolean): UnknownContact {
  return {
    subject: record.subject,
    destination: record.destination,
    role: record.role,
    ...(record.gatewayId === undefined ? {} : { gatewayId: record.gatewayId }),
    ...(record.name === undefined ? {} : { name: record.name }),
    ...(record.nameSource === undefined ? {} : { source: record.nameSource }),
    otherNames: [],
    endpoints: [formatEndpoint(record.address, record.port)],
    ports: new Set([record.port]),
    isPublic: isAlone && classifyAddress(record.address, context) === 'public',
    firstAt: record.firstAt,
    connections: record.connections,
    bytesOut: record.bytesOut,
    ...(record.verdictReason === undefined ? {} : { verdictReason: record.verdictReason }),
    socketKeys: [],
  };
}

/** Connections judged `unknown` of one contact, and among them the first of each owner to each place. */
interface UnknownNow {
  all: Connection[];
  first: Connection[];
}

/** Connections judged `unknown` of each contact that is judged in this look; none for one that is not unknown. */
function unknownByContact(connections: readonly Connection[]): Map<string, UnknownNow> {
  const byContact = new Map<string, UnknownNow>();
  // Connections of one owner to one far end share these objects, so most of ten thousand need no words for the contact.
  const byParts = new Map<Owner | undefined, Map<Destination | Endpoint, UnknownNow>>();
  for (const connection of connections) {
    const { owner, destination, verdict } = connection;
    if (verdict === undefined || connection.direction !== 'outbound') continue;
    // Without a name the place is the destination.
    const place = destination?.name === undefined ? connection.remote : destination;
    if (place === undefined) continue;
    let ofOwner = byParts.get(owner);
    let unknown = ofOwner?.get(place);
    if (unknown === undefined) {
      const contact = contactOf(connection);
      if (contact === undefined) continue;
      const key = keyOf(contact);
      unknown = byContact.get(key) ?? { all: [], first: [] };
      byContact.set(key, unknown);
      if (ofOwner === undefined) {
        ofOwner = new Map();
        byParts.set(owner, ofOwner);
      }
      ofOwner.set(place, unknown);
      if (verdict === 'unknown') unknown.first.push(connection);
    }
    if (verdict === 'unknown') unknown.all.push(connection);
  }
  return byContact;
}

function withConnections(
  known: UnknownContact | undefined,
  { all: now, first }: UnknownNow,
  at: number,
): UnknownContact {
  const latest = now.at(-1)!;
  const { destination, verdictReason, gatewayId } = latest;
  const remotes = new Set<Endpoint>();
  let bytesOut = 0;
  for (const { remote, bytesOut: sent } of now) {
    bytesOut += sent ?? 0;
    remotes.add(remote!);
  }
  const endpoints = [...remotes].map(({ address, port }) => formatEndpoint(address, port));
  return {
    ...(known ?? contactOf(latest)!),
    role: latest.owner!.role,
    ...(gatewayId === undefined ? {} : { gatewayId }),
    ...(destination?.name === undefined ? {} : { name: destination.name }),
    ...(destination?.source === undefined ? {} : { source: destination.source }),
    otherNames: destination?.otherNames ?? [],
    endpoints: [...new Set([...endpoints, ...(known?.endpoints ?? [])])],
    ports: new Set([...[...remotes].map(({ port }) => port), ...(known?.ports ?? [])]),
    isPublic: now.some(({ remoteClass }) => remoteClass === 'public'),
    firstAt: known?.firstAt ?? at,
    connections: Math.max(known?.connections ?? 0, now.length),
    // The record holds what these connections had sent moments ago, and older ones too.
    bytesOut: Math.max(known?.bytesOut ?? 0, bytesOut),
    ...(verdictReason === undefined ? {} : { verdictReason }),
    owner: latest.owner!,
    // Those that differ go first: they join the finding to others.
    socketKeys: [...new Set([...first, ...now.slice(0, MAX_KEYS)].map(({ key }) => key))].slice(0, MAX_KEYS),
  };
}

function keyOf({ subject, destination }: Contact): string {
  // With its length, since a skill may put anything into its name.
  return `${subject.length} ${subject}${destination}`;
}
