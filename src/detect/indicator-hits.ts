import { contactOf } from '../types/contact.ts';
import type { IndicatorMatch, Indicators } from '../types/indicators.ts';
import { type AddressClass, formatEndpoint } from '../types/ip.ts';
import type { ContactWindow } from '../types/ledger.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Connection, Owner, Role, Snapshot } from '../types/snapshot.ts';
import { agentFamilyOf } from './agent-family.ts';
import { argumentTargets } from './argument-hosts.ts';
import { farEndsOf } from './far-ends.ts';
import { type ContactBasis, questionsSince } from './host-contacts.ts';
import { registrableDomain } from './registrable.ts';
import { ownerSubject } from './subjects.ts';

/** Something that somebody on this host had to do with a published indicator. */
export interface IndicatorHit {
  subject: string;
  role: Role;
  gatewayId?: string;
  /** The bad end, for the reader and for identity: the indicator's name or URL, else the address. */
  end: string;
  /** As in `contactOf`. */
  destination: string;
  matches: IndicatorMatch[];
  basis: ContactBasis;
  /** The name leads to an address that is not on the internet: somebody has already taken it over or blocked it. */
  sinkholed: boolean;
  /** Only another name of the same address matches. */
  byOtherName: boolean;
  endpoint?: string;
  failed: boolean;
  owner?: Owner;
  socketKey?: string;
  /** Unix ms. */
  at: number;
}

const MAX_HITS = 512;
const THIS_HOST = 'this host';
/** Where a name of the internet cannot lead by itself. */
const NOWHERE: ReadonlySet<AddressClass | undefined> = new Set<AddressClass>([
  'unspecified',
  'loopback',
  'private',
  'link-local',
  'special',
]);

/**
 * Hits of the whole host: connections in any state, what the families did lately, questions to name servers, and
 * programs that are told to go there. Visitors that came to us are left out: whoever scans the internet visits everybody.
 */
export function indicatorHits(snapshot: Snapshot, context: RuleContext, rememberMs: number): IndicatorHit[] {
  const { indicators } = context;
  if (indicators === undefined) return [];
  const { match } = indicators;
  return [
    ...fromConnections(snapshot, match),
    ...fromLedger(context, match, rememberMs),
    ...fromQuestions(snapshot, context, match, rememberMs),
    ...fromArguments(snapshot, match),
  ].slice(0, MAX_HITS);
}

type Match = Indicators['match'];

function* fromConnections(snapshot: Snapshot, match: Match): Generator<IndicatorHit> {
  for (const { name, address, port, otherNames, connections } of farEndsOf(snapshot)) {
    const own = match({ address, port, ...(name === undefined ? {} : { name }) });
    const matches = own.length > 0 ? own : otherNames.flatMap((each) => match({ name: each }));
    if (matches.length === 0) continue;
    for (const connection of connections) yield hitOf(connection, matches, own.length === 0, snapshot.at);
  }
}

function hitOf(connection: Connection, matches: IndicatorMatch[], byOtherName: boolean, at: number): IndicatorHit {
  const { destination, owner, remoteClass, outcome, state, key } = connection;
  const { address, port } = connection.remote!;
  const endpoint = formatEndpoint(address, port);
  const name = destination?.name;
  const { subject, destination: far } = contactOf(connection) ?? {
    subject: owner === undefined ? THIS_HOST : ownerSubject(owner),
    destination: name === undefined ? endpoint : registrableDomain(name),
  };
  return {
    ...whose(owner),
    subject,
    end: endOf(matches, address),
    destination: far,
    matches,
    basis: 'connection',
    sinkholed: NOWHERE.has(remoteClass) && matches.every(({ indicator }) => isName(indicator.type)),
    byOtherName,
    endpoint,
    failed: outcome === 'failed' || state === 'SYN_SENT',
    socketKey: key,
    at,
  };
}

function* fromLedger({ ledger, now }: RuleContext, match: Match, rememberMs: number): Generator<IndicatorHit> {
  for (const window of ledger?.contacts() ?? []) {
    if (now - window.lastAt > rememberMs || isUnlisted(window, match)) continue;
    const { name, port, addresses, subject, destination, role, gatewayId, remoteClass } = window;
    for (const address of addresses) {
      const matches = match({ address, port, ...(name === undefined ? {} : { name }) });
      if (matches.length === 0) continue;
      yield {
        subject,
        role,
        ...(gatewayId === undefined ? {} : { gatewayId }),
        end: endOf(matches, address),
        destination,
        matches,
        basis: 'connection',
        sinkholed: NOWHERE.has(remoteClass) && matches.every(({ indicator }) => isName(indicator.type)),
        byOtherName: false,
        endpoint: formatEndpoint(address, port),
        failed: false,
        at: window.lastAt,
      };
    }
  }
}

interface Asked {
  match: Match;
  name: string | undefined;
  lastAt: number;
  addresses: number;
  isUnlisted: boolean;
}

const asked = new WeakMap<ContactWindow, Asked>();

/** Whether no indicator names the contact; asked anew when something happened there, and not in each look of a day. */
function isUnlisted(window: ContactWindow, match: Match): boolean {
  const { name, port, lastAt, addresses } = window;
  const known = asked.get(window);
  if (known?.match === match && known.name === name && known.lastAt === lastAt && known.addresses === addresses.length)
    return known.isUnlisted;
  const answer = addresses.every(
    (address) => match({ address, port, ...(name === undefined ? {} : { name }) }).length === 0,
  );
  asked.set(window, { match, name, lastAt, addresses: addresses.length, isUnlisted: answer });
  return answer;
}

function* fromQuestions(
  snapshot: Snapshot,
  context: RuleContext,
  match: Match,
  rememberMs: number,
): Generator<IndicatorHit> {
  const family = agentFamilyOf(snapshot);
  for (const { name, pid, at } of questionsSince(snapshot, context, rememberMs)) {
    const matches = match({ name });
    if (matches.length === 0) continue;
    const process = pid === undefined ? undefined : family.process(pid);
    // The pid may have been another process then.
    const isSame = process !== undefined && (process.startedAt ?? 0) <= at + 2000;
    const owner = isSame ? family.ownerOf(process) : undefined;
    yield {
      ...whose(owner),
      subject: subjectOfOwner(owner),
      end: endOf(matches, name),
      destination: registrableDomain(name),
      matches,
      basis: 'question',
      sinkholed: false,
      byOtherName: false,
      failed: false,
      at,
    };
  }
}

function* fromArguments(snapshot: Snapshot, match: Match): Generator<IndicatorHit> {
  for (const process of snapshot.processes) {
    for (const { host, isAddress, port, url } of argumentTargets(process)) {
      const end = isAddress ? { address: host } : { name: host };
      const matches = match({
        ...end,
        ...(port === undefined ? {} : { port }),
        ...(url === undefined ? {} : { url }),
      });
      if (matches.length === 0) continue;
      const owner = agentFamilyOf(snapshot).ownerOf(process);
      yield {
        ...whose(owner),
        subject: subjectOfOwner(owner),
        end: endOf(matches, host),
        destination: isAddress ? formatEndpoint(host, port ?? 80) : registrableDomain(host),
        matches,
        basis: 'argument',
        sinkholed: false,
        byOtherName: false,
        failed: false,
        at: snapshot.at,
      };
    }
  }
}

function whose(owner: Owner | undefined): Pick<IndicatorHit, 'role' | 'gatewayId' | 'owner'> {
  if (owner === undefined) return { role: 'other' };
  return { role: owner.role, owner, ...(owner.gatewayId === undefined ? {} : { gatewayId: owner.gatewayId }) };
}

/** As `contactOf` names members of a family, and others by their program. */
function subjectOfOwner(owner: Owner | undefined): string {
  if (owner === undefined) return THIS_HOST;
  if (owner.role === 'other') return ownerSubject(owner);
  return owner.skill === undefined ? owner.role : `skill ${owner.skill}`;
}

function isName(type: IndicatorMatch['indicator']['type']): boolean {
  return type === 'domain' || type === 'url';
}

/** A name stays when its address changes; of addresses the whole address, so that two ports are one fact. */
function endOf(matches: readonly IndicatorMatch[], otherwise: string): string {
  return matches.find(({ indicator }) => isName(indicator.type))?.indicator.value ?? otherwise;
}
